//! Earlier sessions of a customer, as an agent sees them: one line before the customer's consent,
//! and a list after both verifications. Other agents and reasons are for leads.

use crate::flows::support::identity::{clear_name, footer};
use crate::model::customer::{Case, CustomerRecord};
use crate::model::past::{Past, UNVERIFIED_ATTEMPTS};
use crate::model::session::{Session, Work};
use crate::model::words::{Locale, SupportKind};
use crate::ports::history::PastSession;
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{MAX_LABEL, Screen, Style, Tone, clip, escape};
use crate::screens::text::{relative, short_day};

/// Sessions that an agent sees.
pub const HISTORY_LINES: u32 = 10;

/// Returns the warnings and the line about earlier sessions. `None` for a new customer.
pub(crate) fn before_consent(past: &Past, locale: Locale) -> Option<String> {
    let mut lines = Vec::new();
    if let Some(at) = past.reported_at {
        lines.push(say!(locale, "past-reported", at = relative(at)));
    }
    if past.unverified >= UNVERIFIED_ATTEMPTS {
        lines.push(say!(locale, "past-attempts", count = past.unverified.saturating_add(1)));
    }
    if past.bounced {
        lines.push(say!(locale, "past-bounced"));
    }
    if let Some(at) = past.last_at {
        let (count, verified, at) = (past.sessions, past.verified, relative(at));
        lines.push(say!(locale, "past-before", count = count, verified = verified, at = at));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Returns the list of the newest earlier sessions. It takes the place of the panel.
pub fn list(
    session: &Session,
    case: &Case,
    record: Option<&CustomerRecord>,
    earlier: &[PastSession],
) -> Screen {
    let locale = session.locale;
    let title = say!(locale, "history-title", customer = clear_name(case, record));
    let lines: Vec<_> = earlier.iter().map(|past| line(session, past)).collect();
    let text = if lines.is_empty() { say!(locale, "history-none") } else { lines.join("\n") };
    let back = session.button(Action::Back, Style::Primary, say!(locale, "button-back"));
    let mut screen = Screen::titled(Tone::Info, title).say(text).buttons(vec![back]);
    if let Work::Support(kind, _) = session.work {
        screen.footer = Some(footer(session, kind));
    }
    screen
}

/// Returns a session in one line: day, support kind, ecosystem, outcome, and whose it was.
fn line(session: &Session, past: &PastSession) -> String {
    let locale = session.locale;
    let PastSession { session: earlier, ecosystem, .. } = past;
    let by_you = earlier.actor.discord_id == session.actor.discord_id;
    let who =
        if by_you { say!(locale, "history-by-you") } else { say!(locale, "history-by-colleague") };
    let kind = match earlier.work {
        Work::Support(SupportKind::Successor, _) => say!(locale, "desk-successor"),
        _ => say!(locale, "desk-technical"),
    };
    let ecosystem = ecosystem.as_deref().map(|name| escape(&clip(name, MAX_LABEL)));
    let ecosystem = ecosystem.unwrap_or_else(|| "–".to_owned());
    let day = short_day(earlier.clocks.opened_at, locale);
    [day, kind, ecosystem, outcome(earlier, locale), who].join(" · ")
}

/// Returns whether both were verified, and why the session closed.
pub(crate) fn outcome(earlier: &Session, locale: Locale) -> String {
    let proven = if earlier.verified_at().is_some() {
        say!(locale, "history-verified")
    } else {
        say!(locale, "history-unverified")
    };
    match earlier.closed() {
        Some((reason, _)) => {
            format!("{proven}, {}", say!(locale, "desk-close-word", why = reason.name()))
        }
        None => proven,
    }
}
