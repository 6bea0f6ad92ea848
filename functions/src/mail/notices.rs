//! Notices: mails that tell what happened and ask for nothing.

use time::OffsetDateTime;
use time::macros::format_description;

use super::{Draft, MailContext, MailKind};
use crate::contract::{OpenedLink, Target};

/// Builds the notice of a linked account.
pub(crate) fn account_linked(context: &MailContext<'_>) -> Draft {
    let company = context.company;
    let discord_id = &context.actor.discord_id;
    let texts = context.pick(
        (
            "Your account was linked to Discord",
            format!(
                "A Discord account (number {discord_id}) is now linked to your BackOffice account at {company}. If that was not you, tell your lead now."
            ),
        ),
        (
            "Su cuenta se vinculó con Discord",
            format!(
                "Una cuenta de Discord (número {discord_id}) quedó vinculada con su cuenta del BackOffice de {company}. Si no fue usted, avise ahora mismo a su responsable."
            ),
        ),
    );
    notice(context, MailKind::AccountLinked, texts)
}

/// Builds the notice of a removed account link.
pub(crate) fn account_unlinked(context: &MailContext<'_>) -> Draft {
    let company = context.company;
    let texts = context.pick(
        (
            "Your account is no longer linked to Discord",
            format!(
                "A lead removed the link between a Discord account and your BackOffice account at {company}. Your open sessions were closed. To work again, link the account with /account link."
            ),
        ),
        (
            "Su cuenta ya no está vinculada con Discord",
            format!(
                "Un responsable quitó el vínculo entre una cuenta de Discord y su cuenta del BackOffice de {company}. Sus sesiones abiertas se cerraron. Para volver a trabajar, vincule la cuenta con /cuenta vincular."
            ),
        ),
    );
    notice(context, MailKind::AccountUnlinked, texts)
}

/// Builds the notice of a new password.
pub(crate) fn password_changed(context: &MailContext<'_>) -> Draft {
    let company = context.company;
    let texts = context.pick(
        (
            "Your BackOffice password was changed",
            format!(
                "The password of your BackOffice account at {company} was changed and your sessions were closed. If that was not you, tell an administrator now."
            ),
        ),
        (
            "Su contraseña del BackOffice cambió",
            format!(
                "La contraseña de su cuenta del BackOffice de {company} se cambió y sus sesiones se cerraron. Si no fue usted, avise ahora mismo a un administrador."
            ),
        ),
    );
    notice(context, MailKind::PasswordChanged, texts)
}

/// Builds the notice of a support session, for the customer.
pub(crate) fn support_visit(context: &MailContext<'_>, opened: &[OpenedLink]) -> Draft {
    let MailContext { company, ecosystem, .. } = context;
    let agent = &context.actor.name;
    let ecosystem = ecosystem.unwrap_or_default();
    let text = context.pick(
        format!(
            "{agent} of {company} support helped you with the ecosystem “{ecosystem}”. You had confirmed it with a code."
        ),
        format!(
            "{agent}, del soporte de {company}, le ayudó con el ecosistema «{ecosystem}». Usted lo había confirmado con un código."
        ),
    );
    let subject = context.pick("Support in your ecosystem", "Soporte en su ecosistema");
    let mut draft = notice(context, MailKind::SupportVisit, (subject, text));
    let opened: Vec<String> = opened
        .iter()
        .map(|link| format!("{}, {}", target_name(context, link.target), clock_time(link.at)))
        .collect();
    let line = if opened.is_empty() {
        context.pick("The agent opened nothing.", "El agente no abrió nada.").to_owned()
    } else {
        let begin = context.pick("The agent opened: ", "El agente abrió: ");
        format!("{begin}{}.", opened.join("; "))
    };
    // Before the sentence about a report.
    draft.document.after.insert(0, line);
    draft
}

fn target_name(context: &MailContext<'_>, target: Target) -> &'static str {
    match target {
        Target::Store => context.pick("your store", "su tienda"),
        Target::Web => context.pick("your pages on the web", "sus páginas en la web"),
        Target::App => context.pick("your app", "su aplicación"),
        Target::Successor => context.pick("your succession", "su sucesión"),
    }
}

/// Formats a time, such as `2026-06-01 14:05 UTC`.
fn clock_time(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    at.to_offset(time::UtcOffset::UTC).format(format).unwrap_or_default()
}

fn notice(context: &MailContext<'_>, kind: MailKind, texts: (&str, String)) -> Draft {
    let (subject, text) = texts;
    let mut document = context.document(subject.to_owned());
    document.before.push(text);
    if kind != MailKind::AccountUnlinked {
        context.add_report(kind, &mut document);
    }
    Draft::new(context, kind, document)
}
