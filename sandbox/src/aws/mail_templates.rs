//! The mails of Cognito and the functions, in English and Spanish.
//!
//! A mail with a code names the agent, the company, the purpose and the ecosystem. It also states
//! who may learn the code: the agent on the line for a customer's code, no one for an agent's code.

use crate::mail::{Attachment, Document, MailKind, OutgoingMail};
use crate::seed::StaffAccount;

/// File name of a successor's QR code.
const PICTURE: &str = "qr.png";

/// The recipient of a mail, and the agent and ecosystem that it names.
pub(super) struct MailContext<'a> {
    pub(super) to: &'a str,
    pub(super) name: &'a str,
    pub(super) locale: &'a str,
    pub(super) agent: &'a str,
    /// The agent's Discord id. A request to link an account has no verified name.
    pub(super) discord_id: &'a str,
    /// The ecosystem, if the mail is about one.
    pub(super) ecosystem: Option<&'a str>,
}

/// The texts of a mail with a code.
struct CodeTexts {
    subject: &'static str,
    /// The purpose of the code, before it.
    purpose: String,
    /// The rule for its use, after it.
    rule: String,
}

/// Returns `es` for a Spanish locale, otherwise `en`.
fn language(locale: &str) -> &'static str {
    if locale.to_ascii_lowercase().starts_with("es") { "es" } else { "en" }
}

/// Builds Cognito's mail with a reset code. Its template has one language.
pub(super) fn password_reset(staff: &StaffAccount, code: &str) -> OutgoingMail {
    mail(
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

/// Builds the mail for an agent's internal verification.
pub(super) fn agent_code(context: &MailContext<'_>, code: &str) -> OutgoingMail {
    let MailContext { agent, ecosystem, .. } = context;
    let language = language(context.locale);
    let place = match (language, ecosystem) {
        ("es", Some(ecosystem)) => format!(" en el ecosistema «{ecosystem}»"),
        (_, Some(ecosystem)) => format!(" in the ecosystem “{ecosystem}”"),
        (_, None) => String::new(),
    };
    let texts = if language == "es" {
        CodeTexts {
            subject: "Su código de verificación interna",
            purpose: format!(
                "{agent} inició una asistencia en Waizant{place}. Este es el código de su verificación interna:"
            ),
            rule: "Vale 10 minutos y una sola vez. No lo comparta con nadie: ni con un cliente, ni con un compañero, ni con un administrador. Escríbalo solo en el formulario de Support Desk en Discord.".to_owned(),
        }
    } else {
        CodeTexts {
            subject: "Your internal verification code",
            purpose: format!(
                "{agent} started an assistance at Waizant{place}. This is the code of your internal verification:"
            ),
            rule: "It is valid for 10 minutes and works once. Do not share it with a customer, a colleague or an administrator. Type it only into the form of Support Desk in Discord.".to_owned(),
        }
    };
    code_mail(context, MailKind::AgentCode, code, texts)
}

/// Builds the mail with the code that links a Discord account.
pub(super) fn link_code(context: &MailContext<'_>, code: &str) -> OutgoingMail {
    let discord_id = context.discord_id;
    let texts = if language(context.locale) == "es" {
        CodeTexts {
            subject: "Su código para vincular Discord",
            purpose: format!(
                "Una cuenta de Discord (número {discord_id}) pide vincularse con su cuenta del BackOffice de Waizant. El código es:"
            ),
            rule: "Vale 10 minutos y una sola vez. No lo comparta con nadie. Si no lo pidió usted, no lo use y avise a su responsable.".to_owned(),
        }
    } else {
        CodeTexts {
            subject: "Your code to link Discord",
            purpose: format!(
                "A Discord account (number {discord_id}) asks to be linked to your BackOffice account at Waizant. The code is:"
            ),
            rule: "It is valid for 10 minutes and works once. Do not share it. If you did not ask for it, do not use it and tell your lead.".to_owned(),
        }
    };
    code_mail(context, MailKind::LinkCode, code, texts)
}

/// Builds the mail with the code by which a customer consents to the assistance.
pub(super) fn customer_code(context: &MailContext<'_>, code: &str) -> OutgoingMail {
    let agent = context.agent;
    let ecosystem = context.ecosystem.unwrap_or_default();
    let texts = if language(context.locale) == "es" {
        CodeTexts {
            subject: "Su código de soporte de Waizant",
            purpose: format!(
                "{agent}, del soporte de Waizant, le está ayudando con el ecosistema «{ecosystem}» y pide su consentimiento para actuar en él. Su código:"
            ),
            rule: format!(
                "Si ahora mismo está hablando con {agent}, lea este código en voz alta: así confirma que acepta la asistencia. \
                 Vale 10 minutos y una sola vez. Si no está hablando con el soporte de Waizant, no lo comparta."
            ),
        }
    } else {
        CodeTexts {
            subject: "Your Waizant support code",
            purpose: format!(
                "{agent} of Waizant support is helping you with the ecosystem “{ecosystem}” and asks for your consent to act in it. Your code:"
            ),
            rule: format!(
                "If you are talking with {agent} right now, read this code out: it confirms that you agree to be helped. \
                 It is valid for 10 minutes and works once. If you are not talking with Waizant support, do not share it."
            ),
        }
    };
    code_mail(context, MailKind::CustomerCode, code, texts)
}

/// Builds the mail with a successor's access link, as a QR code and as text.
pub(super) fn successor_qr(context: &MailContext<'_>, url: &str, png: Vec<u8>) -> OutgoingMail {
    let MailContext { name, agent, .. } = context;
    let ecosystem = context.ecosystem.unwrap_or_default();
    let language = language(context.locale);
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
    let mut mail = mail(context.to, MailKind::SuccessorQr, document);
    mail.attachments.push(Attachment {
        name: PICTURE.to_owned(),
        content_type: "image/png".to_owned(),
        bytes: png,
    });
    mail
}

/// Builds the notice of a new password.
pub(super) fn password_changed(context: &MailContext<'_>) -> OutgoingMail {
    let (subject, text) = if language(context.locale) == "es" {
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
    notice(context, MailKind::PasswordChanged, subject, text.to_owned())
}

/// Builds the notice of a linked account.
pub(super) fn account_linked(context: &MailContext<'_>) -> OutgoingMail {
    let discord_id = context.discord_id;
    let (subject, text) = if language(context.locale) == "es" {
        (
            "Su cuenta se vinculó con Discord",
            format!(
                "Una cuenta de Discord (número {discord_id}) quedó vinculada con su cuenta del BackOffice de Waizant. Si no fue usted, avise ahora mismo a su responsable."
            ),
        )
    } else {
        (
            "Your account was linked to Discord",
            format!(
                "A Discord account (number {discord_id}) is now linked to your BackOffice account at Waizant. If that was not you, tell your lead now."
            ),
        )
    };
    notice(context, MailKind::AccountLinked, subject, text)
}

fn notice(context: &MailContext<'_>, kind: MailKind, subject: &str, text: String) -> OutgoingMail {
    let language = language(context.locale);
    mail(
        context.to,
        kind,
        Document {
            language,
            subject: subject.to_owned(),
            before: vec![greeting(language, context.name), text],
            code: None,
            picture: None,
            link: None,
            after: Vec::new(),
        },
    )
}

fn code_mail(
    context: &MailContext<'_>,
    kind: MailKind,
    code: &str,
    texts: CodeTexts,
) -> OutgoingMail {
    let language = language(context.locale);
    mail(
        context.to,
        kind,
        Document {
            language,
            subject: texts.subject.to_owned(),
            before: vec![greeting(language, context.name), texts.purpose],
            code: Some(code.to_owned()),
            picture: None,
            link: None,
            after: vec![texts.rule],
        },
    )
}

fn greeting(language: &str, name: &str) -> String {
    if language == "es" { format!("Hola, {name}:") } else { format!("Hello {name},") }
}

fn mail(to: &str, kind: MailKind, document: Document) -> OutgoingMail {
    OutgoingMail {
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
