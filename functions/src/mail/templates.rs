//! Mails with a code, and the mail with a successor's QR code.
//!
//! A mail with a code names the company, the purpose, and who asks: the agent and the ecosystem, or
//! for a link code the number of the Discord account. It also states who may learn the code: the
//! agent on the line for a customer's code, no one for an agent's code.

use secrecy::{ExposeSecret, SecretString};

use super::{Attachment, Draft, MailContext, MailKind};
use crate::contract::Scope;

/// File name of a successor's QR code.
const PICTURE: &str = "qr.png";

/// The texts of a mail with a code.
struct CodeTexts {
    subject: String,
    /// The purpose of the code, before it.
    purpose: String,
    /// The rule for its use, after it.
    rule: String,
}

/// Builds the mail for an agent's internal verification.
pub(crate) fn agent_code(context: &MailContext<'_>, code: &str, channel: Option<&str>) -> Draft {
    let MailContext { company, ecosystem, .. } = context;
    let agent = &context.actor.name;
    let ecosystem = ecosystem.unwrap_or_default();
    let texts = context.pick(
        CodeTexts {
            subject: "Your internal verification code".to_owned(),
            purpose: format!(
                "{agent} started an assistance at {company} in the ecosystem “{ecosystem}”. This is the code of your internal verification:"
            ),
            rule: "It is valid for 10 minutes and works once. Do not share it with a customer, a colleague or an administrator. Type it only into the form of Support Desk in Discord.".to_owned(),
        },
        CodeTexts {
            subject: "Su código de verificación interna".to_owned(),
            purpose: format!(
                "{agent} inició una asistencia en {company} en el ecosistema «{ecosystem}». Este es el código de su verificación interna:"
            ),
            rule: "Vale 10 minutos y una sola vez. No lo comparta con nadie: ni con un cliente, ni con un compañero, ni con un administrador. Escríbalo solo en el formulario de Support Desk en Discord.".to_owned(),
        },
    );
    code_mail(context, MailKind::AgentCode, code, texts, channel)
}

/// Builds the mail with the code that links a Discord account.
///
/// It names the Discord account by its number, because a request to link has no verified name.
pub(crate) fn link_code(context: &MailContext<'_>, code: &str, channel: Option<&str>) -> Draft {
    let company = context.company;
    let discord_id = &context.actor.discord_id;
    let texts = context.pick(
        CodeTexts {
            subject: "Your code to link Discord".to_owned(),
            purpose: format!(
                "A Discord account (number {discord_id}) asks to be linked to your BackOffice account at {company}. The code is:"
            ),
            rule: "It is valid for 10 minutes and works once. Do not share it. If you did not ask for it, do not use it and tell your lead.".to_owned(),
        },
        CodeTexts {
            subject: "Su código para vincular Discord".to_owned(),
            purpose: format!(
                "Una cuenta de Discord (número {discord_id}) pide vincularse con su cuenta del BackOffice de {company}. El código es:"
            ),
            rule: "Vale 10 minutos y una sola vez. No lo comparta con nadie. Si no lo pidió usted, no lo use y avise a su responsable.".to_owned(),
        },
    );
    code_mail(context, MailKind::LinkCode, code, texts, channel)
}

/// Builds the mail with the code by which a customer consents to the assistance. With the scope
/// `verify` it says that the code only confirms who the customer is.
pub(crate) fn customer_code(context: &MailContext<'_>, code: &str, scope: Scope) -> Draft {
    let MailContext { company, ecosystem, .. } = context;
    let agent = &context.actor.name;
    let ecosystem = ecosystem.unwrap_or_default();
    let (asks, agrees) = match scope {
        Scope::Act => context.pick(
            (
                "and asks for your consent to act in it.",
                "it confirms that you agree to be helped.",
            ),
            (
                "y pide su consentimiento para actuar en él.",
                "así confirma que acepta la asistencia.",
            ),
        ),
        Scope::Verify => context.pick(
            (
                "and wants to be sure that it is you. Our support does not sign in as you.",
                "it confirms that it is you.",
            ),
            (
                "y quiere asegurarse de que es usted. Nuestro soporte no inicia sesión en su nombre.",
                "así confirma que es usted.",
            ),
        ),
    };
    let texts = context.pick(
        CodeTexts {
            subject: format!("Your {company} support code"),
            purpose: format!(
                "{agent} of {company} support is helping you with the ecosystem “{ecosystem}” {asks} Your code:"
            ),
            rule: format!(
                "If you are talking with {agent} right now, read this code out: {agrees} \
                 It is valid for 10 minutes and works once. If you are not talking with {company} support, do not share it."
            ),
        },
        CodeTexts {
            subject: format!("Su código de soporte de {company}"),
            purpose: format!(
                "{agent}, del soporte de {company}, le está ayudando con el ecosistema «{ecosystem}» {asks} Su código:"
            ),
            rule: format!(
                "Si ahora mismo está hablando con {agent}, lea este código en voz alta: {agrees} \
                 Vale 10 minutos y una sola vez. Si no está hablando con el soporte de {company}, no lo comparta."
            ),
        },
    );
    code_mail(context, MailKind::CustomerCode, code, texts, None)
}

/// Builds the mail with a successor's access link, as a QR code and as text.
pub(crate) fn successor_qr(context: &MailContext<'_>, url: &SecretString, png: Vec<u8>) -> Draft {
    let MailContext { company, ecosystem, .. } = context;
    let agent = &context.actor.name;
    let ecosystem = ecosystem.unwrap_or_default();
    let (subject, purpose, rule) = context.pick(
        (
            "Your access to the succession",
            format!(
                "{agent} of {company} support sends you the access to your succession in “{ecosystem}”. Scan the code or open the link:"
            ),
            "It works once and for one minute. If it expires, ask the agent for another.",
        ),
        (
            "Su acceso a la sucesión",
            format!(
                "{agent}, del soporte de {company}, le envía el acceso a su sucesión en «{ecosystem}». Escanee el código o abra el enlace:"
            ),
            "Funciona una sola vez y durante un minuto. Si caduca, pida otro al agente.",
        ),
    );
    let mut document = context.document(subject.to_owned());
    document.before.push(purpose);
    document.picture = Some(PICTURE.to_owned());
    document.link = Some(url.expose_secret().to_owned());
    document.after.push(rule.to_owned());
    let mut draft = Draft::new(context, MailKind::SuccessorQr, document);
    draft.attachments.push(Attachment { name: PICTURE, content_type: "image/png", bytes: png });
    draft
}

fn code_mail(
    context: &MailContext<'_>,
    kind: MailKind,
    code: &str,
    texts: CodeTexts,
    channel: Option<&str>,
) -> Draft {
    let mut document = context.document(texts.subject);
    document.before.push(texts.purpose);
    document.code = Some(code.to_owned());
    document.after.push(texts.rule);
    if let Some(channel) = channel {
        let words = context.pick("Back to the channel in Discord:", "Volver al canal de Discord:");
        document.links.push((words.to_owned(), channel.to_owned()));
    }
    context.add_report(kind, &mut document);
    Draft::new(context, kind, document)
}
