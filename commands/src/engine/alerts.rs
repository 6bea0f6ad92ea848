//! Alerts for the leads' channel.

use crate::model::report::{Opened, Report};
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::{Locale, Purpose, Target};
use crate::say;
use crate::screens::screen::{Screen, Tone, escape};
use crate::screens::text::clock_time;

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

/// Returns the alert for the leads about a report. It is urgent, unless it is a customer's about a
/// session that was closed before and had opened nothing.
pub fn reported(session: &Session, report: &Report) -> Screen {
    let locale = session.locale;
    let at = clock_time(session.mailed_at(report.mail));
    let opened = session.opened();
    let is_for_customer = report.mail.is_for_customer();
    let is_urgent = !is_for_customer || !report.late || !opened.is_empty();
    let (level, tone) =
        if is_urgent { ("urgent", Tone::Danger) } else { ("warning", Tone::Warning) };
    let whose = if is_for_customer { "customer" } else { report.mail.name() };
    let mut screen =
        Screen::titled(tone, say!(locale, "alert-reported-title", level = level, whose = whose))
            .say(say!(
                locale,
                "alert-reported",
                whose = whose,
                at = at,
                choice = report.choice.name()
            ));
    // A link can be on its way while the session closes.
    let may_have_links = session.links_issued > session.links_denied;
    screen = screen.say(match (report.late, opened.is_empty()) {
        (false, _) if may_have_links => say!(locale, "alert-reported-closed-revokes"),
        (false, _) => say!(locale, "alert-reported-closed"),
        (true, false) => say!(locale, "alert-reported-closed-before"),
        (true, true) => say!(locale, "alert-reported-nothing-opened"),
    });
    if let Some(until) = report.locked_until {
        let until = clock_time(until);
        screen = screen.say(say!(locale, "alert-reported-until", whose = whose, until = until));
    }
    if report.quick {
        screen = screen.say(say!(locale, "alert-reported-quick"));
    }
    screen = of_session(screen, session);
    if let Some(customer) = session.pseudonym.as_ref().filter(|_| !report.erased) {
        screen = screen.field(say!(locale, "alert-customer"), customer.short());
    }
    if !opened.is_empty() {
        let opened: Vec<_> = opened.iter().map(|opened| describe_opened(opened, locale)).collect();
        screen = screen.field(say!(locale, "alert-opened"), opened.join(", "));
    }
    screen.field(say!(locale, "alert-reference"), report.reference.clone())
}

fn describe_opened(opened: &Opened, locale: Locale) -> String {
    let place = match opened.target {
        Target::Store => say!(locale, "button-store"),
        Target::Web => say!(locale, "button-web"),
        Target::App => say!(locale, "button-app"),
        Target::Successor => say!(locale, "successor-title"),
    };
    format!("{place} {}", clock_time(opened.at))
}

/// Returns the alert for the leads about an agent whom several customers have reported.
pub fn reporters(session: &Session, count: u32, until: Timestamp) -> Screen {
    let locale = session.locale;
    let text = say!(locale, "alert-reporters", count = count, until = clock_time(until));
    alert_titled(session, say!(locale, "alert-reporters-title"), text)
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
    of_session(Screen::titled(Tone::Danger, title).say(text), session)
}

/// Adds agent and session.
fn of_session(screen: Screen, session: &Session) -> Screen {
    let locale = session.locale;
    screen
        .field(say!(locale, "alert-agent"), format!("<@{}>", session.actor.discord_id))
        .field(say!(locale, "alert-session"), session.id.short().to_owned())
}
