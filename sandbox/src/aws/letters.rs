//! The mails that Cognito and the functions send, in English and Spanish.
//!
//! A mail with a code says who asks, for which company, for what and in which ecosystem, and to
//! whom the code may be told: a customer's to this agent now, an agent's to nobody.

use crate::cast::StaffAccount;
use crate::mail::{Attachment, Document, Letter, MailKind};

/// The name of a successor's QR in the mail.
const PICTURE: &str = "qr.png";

/// English unless the locale says Spanish.
fn language(locale: &str) -> &'static str {
    if locale.to_ascii_lowercase().starts_with("es") { "es" } else { "en" }
}

/// Cognito's code for a new password. Its template speaks one language.
pub(super) fn password_reset(staff: &StaffAccount, code: &str) -> Letter {
    letter(
        &staff.email,
        MailKind::PasswordReset,
        Document {
            language: "en",
            subject: "Your BackOffice password reset code".to_owned(),
            before: vec![
                format!("Hello {},", staff.name),
                "Your password reset code for the Waizant BackOffice:".to_owned(),
            ],
            code: Some(code.to_owned()),
            picture: None,
            link: None,
            after: vec![
                "It is valid for one hour. If you did not ask for it, tell your administrator."
                    .to_owned(),
            ],
        },
    )
}

/// What a code's mail names.
pub(super) struct Asking<'a> {
    /// The recipient's address.
    pub(super) to: &'a str,
    /// The recipient's name.
    pub(super) name: &'a str,
    /// The recipient's language.
    pub(super) locale: &'a str,
    /// The agent's name.
    pub(super) agent: &'a str,
    /// The agent's Discord id: whoever asks for a link has proved no name yet.
    pub(super) discord: &'a str,
    /// The ecosystem, where there is one.
    pub(super) ecosystem: Option<&'a str>,
}

/// The internal verification of an agent.
pub(super) fn agent_code(asking: &Asking<'_>, code: &str) -> Letter {
    let Asking { name, agent, ecosystem, .. } = asking;
    let language = language(asking.locale);
    let place = match (language, ecosystem) {
        ("es", Some(ecosystem)) => format!(" en el ecosistema «{ecosystem}»"),
        (_, Some(ecosystem)) => format!(" in the ecosystem “{ecosystem}”"),
        (_, None) => String::new(),
    };
    let (subject, purpose, rule) = if language == "es" {
        (
            "Su código de verificación interna",
            format!(
                "{agent} inició una asistencia en Waizant{place}. Este es el código de su verificación interna:"
            ),
            "Vale 10 minutos y una sola vez. Nadie más puede tenerlo: ni un cliente, ni un compañero, ni un administrador. Escríbalo solo en el formulario de Support Desk en Discord.",
        )
    } else {
        (
            "Your internal verification code",
            format!(
                "{agent} started an assistance at Waizant{place}. This is the code of your internal verification:"
            ),
            "It is valid for 10 minutes and works once. Nobody else may have it: no customer, no colleague, no administrator. Type it only into the form of Support Desk in Discord.",
        )
    };
    letter(
        asking.to,
        MailKind::AgentCode,
        with_code(language, subject, name, purpose, code, rule.to_owned()),
    )
}

/// The code that links a Discord account.
pub(super) fn link_code(asking: &Asking<'_>, code: &str) -> Letter {
    let Asking { name, discord, .. } = asking;
    let language = language(asking.locale);
    let (subject, purpose, rule) = if language == "es" {
        (
            "Su código para vincular Discord",
            format!(
                "Una cuenta de Discord (número {discord}) pide vincularse con su cuenta del BackOffice de Waizant. El código es:"
            ),
            "Vale 10 minutos y una sola vez. Nadie más puede tenerlo. Si no lo pidió usted, no lo escriba en ningún sitio y avise a su responsable.",
        )
    } else {
        (
            "Your code to link Discord",
            format!(
                "A Discord account (number {discord}) asks to be linked to your BackOffice account at Waizant. The code is:"
            ),
            "It is valid for 10 minutes and works once. Nobody else may have it. If you did not ask for it, type it nowhere and tell your lead.",
        )
    };
    letter(
        asking.to,
        MailKind::LinkCode,
        with_code(language, subject, name, purpose, code, rule.to_owned()),
    )
}

/// The code by which a customer agrees to be helped.
pub(super) fn customer_code(asking: &Asking<'_>, code: &str) -> Letter {
    let Asking { name, agent, .. } = asking;
    let ecosystem = asking.ecosystem.unwrap_or_default();
    let language = language(asking.locale);
    let (subject, purpose, rule) = if language == "es" {
        (
            "Su código de soporte de Waizant",
            format!(
                "{agent}, del soporte de Waizant, le está ayudando con el ecosistema «{ecosystem}» y pide su consentimiento para actuar en él. Su código:"
            ),
            format!(
                "Si ahora mismo está hablando con {agent}, lo correcto es leerle este código: así confirma que acepta la asistencia. \
                 Vale 10 minutos y una sola vez. Si no está hablando con el soporte de Waizant, no se lo diga a nadie."
            ),
        )
    } else {
        (
            "Your Waizant support code",
            format!(
                "{agent} of Waizant support is helping you with the ecosystem “{ecosystem}” and asks for your consent to act in it. Your code:"
            ),
            format!(
                "If you are talking with {agent} right now, reading this code out to them is right: it confirms that you agree to be helped. \
                 It is valid for 10 minutes and works once. If you are not talking with Waizant support, tell it to nobody."
            ),
        )
    };
    letter(
        asking.to,
        MailKind::CustomerCode,
        with_code(language, subject, name, purpose, code, rule),
    )
}

/// A successor's way in, as a QR and written out.
pub(super) fn successor_qr(asking: &Asking<'_>, url: &str, png: Vec<u8>) -> Letter {
    let Asking { name, agent, .. } = asking;
    let ecosystem = asking.ecosystem.unwrap_or_default();
    let language = language(asking.locale);
    let (subject, purpose, rule) = if language == "es" {
        (
            "Su acceso a la sucesión",
            format!(
                "{agent}, del soporte de Waizant, le envía el acceso a su sucesión en «{ecosystem}». Escanee el código o abra el enlace:"
            ),
            "Funciona una sola vez y durante un minuto. Si caduca, pida otro al agente.",
        )
    } else {
        (
            "Your access to the succession",
            format!(
                "{agent} of Waizant support sends you the access to your succession in “{ecosystem}”. Scan the code or open the link:"
            ),
            "It works once and for one minute. If it expires, ask the agent for another.",
        )
    };
    let document = Document {
        language,
        subject: subject.to_owned(),
        before: vec![greeting(language, name), purpose],
        code: None,
        picture: Some(PICTURE.to_owned()),
        link: Some(url.to_owned()),
        after: vec![rule.to_owned()],
    };
    let mut letter = letter(asking.to, MailKind::SuccessorQr, document);
    letter.attachments.push(Attachment {
        name: PICTURE.to_owned(),
        content_type: "image/png".to_owned(),
        bytes: png,
    });
    letter
}

/// The notice after a new password.
pub(super) fn password_changed(asking: &Asking<'_>) -> Letter {
    let language = language(asking.locale);
    let (subject, words) = if language == "es" {
        (
            "Su contraseña del BackOffice cambió",
            "La contraseña de su cuenta del BackOffice de Waizant se cambió y sus sesiones se cerraron. Si no fue usted, avise ahora mismo a un administrador.",
        )
    } else {
        (
            "Your BackOffice password was changed",
            "The password of your BackOffice account at Waizant was changed and your sessions were closed. If that was not you, tell an administrator now.",
        )
    };
    notice(asking, MailKind::PasswordChanged, language, subject, words.to_owned())
}

/// The notice after linking.
pub(super) fn account_linked(asking: &Asking<'_>) -> Letter {
    let language = language(asking.locale);
    let discord = asking.discord;
    let (subject, words) = if language == "es" {
        (
            "Su cuenta se vinculó con Discord",
            format!(
                "Una cuenta de Discord (número {discord}) quedó vinculada con su cuenta del BackOffice de Waizant. Si no fue usted, avise ahora mismo a su responsable."
            ),
        )
    } else {
        (
            "Your account was linked to Discord",
            format!(
                "A Discord account (number {discord}) is now linked to your BackOffice account at Waizant. If that was not you, tell your lead now."
            ),
        )
    };
    notice(asking, MailKind::AccountLinked, language, subject, words)
}

fn notice(
    asking: &Asking<'_>,
    kind: MailKind,
    language: &'static str,
    subject: &str,
    words: String,
) -> Letter {
    let before = vec![greeting(language, asking.name), words];
    letter(
        asking.to,
        kind,
        Document {
            language,
            subject: subject.to_owned(),
            before,
            code: None,
            picture: None,
            link: None,
            after: Vec::new(),
        },
    )
}

fn with_code(
    language: &'static str,
    subject: &str,
    name: &str,
    purpose: String,
    code: &str,
    rule: String,
) -> Document {
    Document {
        language,
        subject: subject.to_owned(),
        before: vec![greeting(language, name), purpose],
        code: Some(code.to_owned()),
        picture: None,
        link: None,
        after: vec![rule],
    }
}

fn greeting(language: &str, name: &str) -> String {
    if language == "es" { format!("Hola, {name}:") } else { format!("Hello {name},") }
}

fn letter(to: &str, kind: MailKind, document: Document) -> Letter {
    Letter {
        to: to.to_owned(),
        kind,
        text: document.text(),
        html: document.html(),
        subject: document.subject,
        attachments: Vec::new(),
        request_id: None,
        code: document.code,
    }
}
