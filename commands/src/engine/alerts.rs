//! Alerts for the leads' channel.

use crate::model::session::Session;
use crate::model::words::{Locale, Purpose};
use crate::say;
use crate::screens::screen::{Screen, Tone, escape};

/// Lockout after wrong codes in a row, with its subject.
#[derive(Clone, Copy, Debug)]
pub enum LastingLockout<'a> {
    UntilUnlocked(&'a str),
    /// No lead role is set.
    ForADay(&'a str),
}

/// Returns the alert for the leads about a lockout, in the language of the session.
pub fn locked(session: &Session, purpose: Purpose, lasts: Option<LastingLockout<'_>>) -> Screen {
    let locale = session.locale;
    let text = match purpose {
        Purpose::AgentMfa => say!(locale, "alert-locked-agent"),
        Purpose::CustomerConsent => say!(locale, "alert-locked-customer"),
        Purpose::AgentLink => say!(locale, "alert-locked-link"),
    };
    let screen = alert(session, text);
    match lasts {
        Some(LastingLockout::UntilUnlocked(subject)) => {
            screen.say(say!(locale, "alert-until-unlocked", subject = escape(subject)))
        }
        Some(LastingLockout::ForADay(subject)) => {
            screen.say(say!(locale, "alert-for-a-day", subject = escape(subject)))
        }
        None => screen,
    }
}

/// Returns the alert for the leads about an agent who has reached a limit of look-ups.
pub fn lookups(agent: u64, is_daily: bool, locale: Locale) -> Screen {
    let text = if is_daily {
        say!(locale, "alert-lookups-day")
    } else {
        say!(locale, "alert-lookups-hour")
    };
    Screen::titled(Tone::Warning, say!(locale, "alert-lookups-title"))
        .say(text)
        .field(say!(locale, "alert-agent"), format!("<@{agent}>"))
}

/// Returns the alert for the leads about a recovery that closed after wrong reset codes.
pub fn reset_locked(session: &Session) -> Screen {
    alert(session, say!(session.locale, "alert-locked-reset"))
}

/// Returns the alert for the leads about an agent who has typed this many wrong reset codes.
pub fn wrong_reset_codes(session: &Session, count: u32) -> Screen {
    let locale = session.locale;
    let text = say!(locale, "alert-wrong-reset-codes", count = count);
    alert_titled(session, say!(locale, "alert-wrong-reset-codes-title"), text)
}

/// Returns the alert for the leads about a trail that does not verify.
pub fn trail(findings: usize) -> Screen {
    // No session, so no language of an agent.
    let locale = Locale::default();
    Screen::titled(Tone::Danger, say!(locale, "alert-trail-title")).say(say!(
        locale,
        "alert-trail",
        findings = findings
    ))
}

fn alert(session: &Session, text: String) -> Screen {
    alert_titled(session, say!(session.locale, "alert-locked-title"), text)
}

fn alert_titled(session: &Session, title: String, text: String) -> Screen {
    let locale = session.locale;
    Screen::titled(Tone::Danger, title)
        .say(text)
        .field(say!(locale, "alert-agent"), format!("<@{}>", session.actor.discord_id))
        .field(say!(locale, "alert-session"), session.id.short().to_owned())
}
