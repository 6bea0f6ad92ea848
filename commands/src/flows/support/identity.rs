//! The line of a panel that names the customer, and the footer with support kind and session.

use crate::flows::support::choices::{chosen_name, role_name};
use crate::flows::support::verify_only::verified_until;
use crate::model::customer::{Case, CustomerRecord};
use crate::model::session::Session;
use crate::model::words::{Locale, SupportKind};
use crate::say;
use crate::screens::screen::{MAX_LABEL, clip, escape};
use crate::screens::widgets::PanelContext;

/// Returns the footer of a panel and of its details: the road, the session with its ticket number,
/// and the way back to a panel that Discord's client has dropped.
///
/// Discord shows a footer as plain text, without markup, mentions and links. So the number is not
/// escaped: a backslash would be seen.
pub(crate) fn footer(session: &Session, kind: SupportKind) -> String {
    let (locale, id) = (session.locale, session.id.short());
    let name = match &session.ticket {
        Some(ticket) => format!("{id} · {}", ticket.as_str()),
        None => id.to_owned(),
    };
    if session.closed().is_some() {
        say!(locale, "footer-closed", kind = kind.title(locale), session = name)
    } else {
        say!(locale, "footer", kind = kind.title(locale), session = name)
    }
}

/// Returns customer and ecosystem in one line, masked. Used before the customer has agreed.
pub(crate) fn masked_identity(context: &PanelContext<'_>, case: &Case) -> String {
    let name = escape(&case.customer.name);
    let role = role_name(&case.subject, context.session.locale);
    format!("{name} · {} · {role}", chosen_name(case, context.record))
}

/// Returns role and ecosystem, for a reader who must not see the customer.
pub(crate) fn masked_case(case: &Case, locale: Locale) -> String {
    let role = role_name(&case.subject, locale);
    say!(locale, "desk-case", role = role, ecosystem = chosen_name(case, None))
}

/// Returns the customer's name in clear, as the title of a panel shows it. Without the record the
/// masked one is enough. It is no reason to refuse an action.
pub(crate) fn clear_name(case: &Case, record: Option<&CustomerRecord>) -> String {
    let name = record.map_or(&case.customer.name, |record| &record.full_name);
    clip(name, MAX_LABEL)
}

/// Returns customer and ecosystem in one line, in clear. Used after the customer has agreed. A
/// verify-only session adds until when.
pub(crate) fn identity(context: &PanelContext<'_>, case: &Case) -> String {
    let locale = context.session.locale;
    let email = context.record.map_or(&case.customer.email, |record| &record.email);
    let identity = say!(
        locale,
        "acting-identity",
        email = escape(email),
        role = role_name(&case.subject, locale),
        ecosystem = chosen_name(case, context.record)
    );
    match verified_until(context.session) {
        Some(until) => format!("{identity} · {}", say!(locale, "acting-verified", until = until)),
        None => identity,
    }
}
