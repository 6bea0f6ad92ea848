//! The panel of a session: the panel of its flow with a refusal or a warning, or nothing but
//! Resume.

use crate::flows::support::screens::summary;
use crate::flows::{link, recover, support};
use crate::model::customer::CustomerRecord;
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::words::{Locale, Purpose};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{
    Choice, Form, MAX_LABEL, Menu, Row, Screen, Style, Tone, clip, escape,
};
use crate::screens::text::{clock_time, relative};
use crate::screens::widgets::PanelContext;

/// Renders the panel of a session. `page` counts the pages of a menu or list, from 0.
pub fn render(
    session: &Session,
    record: Option<&CustomerRecord>,
    refusal: Option<&Refusal>,
    page: u16,
    now: Timestamp,
) -> Screen {
    if session.clocks.stripped {
        return stripped(session);
    }
    if let Some(refusal @ (Refusal::ReasonTooShort | Refusal::ReasonTooLong)) = refusal {
        return try_again(session, refusal);
    }
    let context = PanelContext { session, record, page, now };
    let mut screen = match &session.work {
        Work::Support(kind, state) => support::screens::panel(&context, *kind, state),
        Work::Link(state) => link::screens::panel(&context, state),
        Work::Recover(state) => recover::screens::panel(&context, state),
    };
    // A closed panel, and a look-up without Start, explain the refusal themselves.
    if let Some(refusal) =
        refusal.filter(|refusal| !matches!(refusal, Refusal::Closed(..) | Refusal::Attended))
    {
        screen.body.insert(0, format!("⚠️ {}", refusal.sentence(session.locale)));
        screen.tone = Tone::Warning;
    }
    if session.closed().is_none() && session.clocks.warns() {
        warn(session, &mut screen);
    }
    screen
}

/// Adds the countdown, and Stay if the session can stay open.
fn warn(session: &Session, screen: &mut Screen) {
    let locale = session.locale;
    let end = relative(session.clocks.end());
    screen.tone = Tone::Warning;
    if session.clocks.ends_absolutely() {
        screen.body.insert(0, say!(locale, "warning-absolute", at = end));
    } else if session.awaits_customer() {
        screen.body.insert(0, say!(locale, "warning-customer", at = end));
    } else {
        screen.body.insert(0, say!(locale, "warning-idle", at = end));
        let stay = session.button(Action::Stay, Style::Success, say!(locale, "button-stay"));
        match screen.rows.last_mut() {
            Some(Row::Buttons(buttons)) if buttons.len() < 5 => buttons.push(stay),
            _ => screen.rows.push(Row::Buttons(vec![stay])),
        }
    }
}

/// Renders a panel without sensitive data, with Resume only. The text depends on the timer, because
/// Resume does not restart every timer.
fn stripped(session: &Session) -> Screen {
    let locale = session.locale;
    let title = match session.work {
        Work::Support(kind, _) => kind.title(locale),
        Work::Link(_) => say!(locale, "link-title"),
        Work::Recover(_) => say!(locale, "recover-title"),
    };
    let (at, left) = (clock_time(session.clocks.end()), relative(session.clocks.end()));
    let text = if session.clocks.ends_absolutely() {
        say!(locale, "stripped-absolute", at = at, left = left)
    } else if session.awaits_customer() {
        say!(locale, "stripped-customer", at = at, left = left)
    } else {
        say!(locale, "stripped-text", at = at, left = left)
    };
    Screen::titled(Tone::Warning, title).say(text).buttons(vec![session.button(
        Action::Resume,
        Style::Primary,
        say!(locale, "button-resume"),
    )])
}

/// Renders a refused cancel reason. Try again opens the form with the typed text.
fn try_again(session: &Session, refusal: &Refusal) -> Screen {
    let locale = session.locale;
    Screen::titled(Tone::Warning, say!(locale, "form-cancel"))
        .say(refusal.sentence(locale))
        .buttons(vec![
            session.button(
                Action::OpenCancelForm,
                Style::Primary,
                say!(locale, "button-try-again"),
            ),
            session.button(Action::Back, Style::Secondary, say!(locale, "button-back")),
        ])
}

/// Returns the text that replaces a panel after it moved to a newer message.
pub fn moved_notice(locale: Locale) -> Screen {
    Screen { body: vec![say!(locale, "moved-text")], ..Screen::default() }
}

/// Returns the form for the cancel reason, with the text of the former attempt.
pub fn cancel_form(session: &Session) -> Form {
    use secrecy::ExposeSecret;
    let locale = session.locale;
    Form {
        custom_id: session.custom_id(Action::Cancel),
        title: say!(locale, "form-cancel"),
        label: say!(locale, "form-cancel-label"),
        placeholder: say!(locale, "form-cancel-placeholder"),
        paragraph: true,
        value: session.secrets.draft.as_ref().map(|draft| draft.expose_secret().to_owned()),
        max_length: LONGEST_DRAFT,
    }
}

/// Maximum length in the form, in characters. It exceeds the limit of a reason, so that the bot can
/// explain the limit and no typed text is lost.
const LONGEST_DRAFT: u16 = 1000;

/// Returns the menu of an agent's open sessions.
pub fn session_menu(sessions: &[std::sync::Arc<Session>], locale: Locale) -> Screen {
    let options = sessions.iter().rev().take(crate::screens::screen::MENU_OPTIONS).map(|session| {
        let (kind, customer, stage) = summary(session, locale);
        let minute = session.clocks.opened_at.seconds().div_euclid(60).rem_euclid(24 * 60);
        let at = format!("{:02}:{:02}", minute / 60, minute % 60);
        // A long name must not push the id out of the label.
        let label =
            |name: &str| say!(locale, "pick-label", customer = name, session = session.id.short());
        let room = MAX_LABEL.saturating_sub(label("").chars().count());
        let description = say!(locale, "pick-description", kind = kind, at = at, stage = stage);
        Choice {
            value: session.id.to_string(),
            label: label(&clip(customer, room)),
            description: clip(&description, MAX_LABEL),
        }
    });
    Screen::titled(Tone::Info, say!(locale, "pick-title")).say(say!(locale, "pick-text")).menu(
        Menu {
            custom_id: crate::screens::custom_id::SESSION_MENU.to_owned(),
            placeholder: say!(locale, "pick-placeholder"),
            options: options.collect(),
        },
    )
}

/// Lockout after wrong codes in a row, with its subject.
#[derive(Clone, Copy, Debug)]
pub enum LastingLockout<'a> {
    UntilUnlocked(&'a str),
    /// No lead role is set.
    ForADay(&'a str),
}

/// Returns the alert for the leads about a lockout, in the language of the session.
pub fn alert_locked(
    session: &Session,
    purpose: Purpose,
    lasts: Option<LastingLockout<'_>>,
) -> Screen {
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
pub fn alert_lookups(agent: u64, is_daily: bool, locale: Locale) -> Screen {
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
pub fn alert_reset_locked(session: &Session) -> Screen {
    alert(session, say!(session.locale, "alert-locked-reset"))
}

/// Returns the alert for the leads about an agent who has typed this many wrong reset codes.
pub fn alert_wrong_reset_codes(session: &Session, count: u32) -> Screen {
    let locale = session.locale;
    let text = say!(locale, "alert-wrong-reset-codes", count = count);
    alert_titled(session, say!(locale, "alert-wrong-reset-codes-title"), text)
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
