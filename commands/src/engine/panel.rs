//! The panel of a session: the panel of its flow with a refusal or a warning, or nothing but
//! Resume.

use crate::flows::support::screens::summary;
use crate::flows::{link, recover, support};
use crate::model::customer::CustomerRecord;
use crate::model::effect::Effect;
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::words::{Locale, Purpose, Target};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{
    Choice, Form, Input, MAX_LABEL, Menu, Row, Screen, Style, Tone, clip,
};
use crate::screens::text::{clock_time, relative};
use crate::screens::widgets::PanelContext;

/// Renders the panel of a session, without the QR image. `page` counts the pages of a menu or list,
/// from 0.
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
    let context = PanelContext { session, record, page, now, progress: None };
    let mut screen = flow_panel(&context);
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

/// Renders the panel while an effect is pending: it says what the bot does, and takes no click.
/// `None` if no effect of a panel is pending.
pub fn render_progress(
    session: &Session,
    record: Option<&CustomerRecord>,
    page: u16,
    now: Timestamp,
) -> Option<Screen> {
    let progress = progress(&session.blocking_effect()?.effect, session.locale)?;
    let context = PanelContext { session, record, page, now, progress: Some(&progress) };
    Some(flow_panel(&context).disabled())
}

fn flow_panel(context: &PanelContext<'_>) -> Screen {
    match &context.session.work {
        Work::Support(kind, state) => support::screens::panel(context, *kind, state),
        Work::Link(state) => link::screens::panel(context, state),
        Work::Recover(state) => recover::screens::panel(context, state),
    }
}

/// Returns what the bot does. `None` for an effect that no press on a panel requests.
fn progress(effect: &Effect, locale: Locale) -> Option<String> {
    Some(match effect {
        Effect::Send { purpose: Purpose::CustomerConsent, .. } => {
            say!(locale, "progress-customer-code")
        }
        Effect::Send { purpose: Purpose::AgentMfa, .. } => say!(locale, "progress-agent-code"),
        Effect::Verify { .. } => say!(locale, "progress-check"),
        Effect::Issue { target: Target::Store, .. } => {
            say!(locale, "progress-link", place = say!(locale, "button-store"))
        }
        Effect::Issue { target: Target::Web, .. } => {
            say!(locale, "progress-link", place = say!(locale, "button-web"))
        }
        Effect::Issue { target: Target::App | Target::Successor, .. } => {
            say!(locale, "progress-qr")
        }
        Effect::MailLink { .. } => say!(locale, "progress-mail"),
        _ => return None,
    })
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
        // Stay is the only primary button, because the panel would end first.
        for row in &mut screen.rows {
            if let Row::Buttons(buttons) = row {
                let primary = buttons.iter_mut().filter(|button| button.style == Style::Primary);
                primary.for_each(|button| button.style = Style::Secondary);
            }
        }
        let stay = session.button(Action::Stay, Style::Primary, say!(locale, "button-stay"));
        screen.rows.insert(0, Row::Buttons(vec![stay]));
    }
}

/// Renders a panel without sensitive data, with Resume only. The text depends on the timer, because
/// Resume does not restart every timer.
fn stripped(session: &Session) -> Screen {
    let locale = session.locale;
    let title = match session.work {
        Work::Support(kind, _) => kind.title(locale),
        Work::Link(_) => say!(locale, "link-road"),
        Work::Recover(_) => say!(locale, "recover-road"),
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
    Screen::titled(Tone::Warning, say!(locale, "try-again-title"))
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
        inputs: vec![Input {
            label: say!(locale, "form-cancel-label"),
            placeholder: say!(locale, "form-cancel-placeholder"),
            paragraph: true,
            value: session.secrets.draft.as_ref().map(|draft| draft.expose_secret().to_owned()),
            max_length: LONGEST_DRAFT,
        }],
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
            enabled: true,
        },
    )
}
