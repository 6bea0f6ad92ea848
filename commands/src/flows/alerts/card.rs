//! The card of an alert. The leads' channel shows it, and so does a lead's view of it.
//!
//! A card names no customer: no name, address, ecosystem, ticket number or code.

use crate::flows::alerts::{causes, signals, timing};
use crate::flows::lead::parts::mention;
use crate::model::alert::{Alert, AlertKind, AlertLevel, AlertState};
use crate::model::time::Timestamp;
use crate::model::words::Locale;
use crate::say;
use crate::screens::agent_id::{AgentAct, AgentCard};
use crate::screens::alert_press::{AlertAnswer, AlertPress, AlertView};
use crate::screens::desk_id::{DeskId, SessionList};
use crate::screens::screen::{Button, MAX_LABEL, Press, Screen, Style, Tone, clip, escape};
use crate::screens::text::clock_time;

/// Input of a card.
pub struct CardView<'a> {
    pub alert: &'a Alert,
    /// Name of the linked agent, beside the mention, because a client can lack the member.
    pub agent_name: Option<&'a str>,
    /// The alert's session is open.
    pub session_is_open: bool,
    /// Place of the card: the channel, or a lead's own view.
    pub view: AlertView,
    pub now: Timestamp,
    pub locale: Locale,
}

/// Renders a card.
pub fn render(card: &CardView<'_>) -> Screen {
    let CardView { alert, locale, .. } = *card;
    let mut screen = Screen::titled(tone(alert), title(alert, locale));
    if alert.kind == AlertKind::Collected {
        let (count, since) = (alert.count, clock_time(alert.opened_at));
        return screen.say(say!(locale, "alert-collected", count = count, since = since));
    }
    let sentences = if alert.kind.is_signal() {
        signals::sentences(alert, locale)
    } else {
        causes::sentences(alert, card.now, locale)
    };
    screen = screen.say(sentences.join(" "));
    let about = about(card);
    if !about.is_empty() {
        screen = screen.say(about.join(" · "));
    }
    // A request has one card, which its outcome changes.
    if alert.count > 1 && alert.facts.word("request").is_empty() {
        let last = clock_time(alert.last_at);
        screen = screen.say(say!(locale, "alert-count", count = alert.count, last = last));
    }
    if let Some(outcome) = outcome(alert, locale) {
        screen = screen.say(outcome);
    }
    screen.footer = Some(alert.id.to_string());
    screen.buttons(buttons(card))
}

/// Renders the reminder that an alert is still open.
pub fn reminder(alert: &Alert, now: Timestamp, locale: Locale) -> Screen {
    let minutes = now.since(alert.opened_at).as_secs() / 60;
    let text = say!(locale, "alert-reminder", alert = alert.id.to_string(), minutes = minutes);
    Screen::default().say(text)
}

fn tone(alert: &Alert) -> Tone {
    match (alert.state, alert.level) {
        (AlertState::Open, AlertLevel::Urgent) => Tone::Danger,
        (AlertState::Open, AlertLevel::Warning) => Tone::Warning,
        (AlertState::Open, AlertLevel::Notice) => Tone::Info,
        _ => Tone::Success,
    }
}

/// Returns level and kind in words. The sign alone would not be enough.
fn title(alert: &Alert, locale: Locale) -> String {
    let level = say!(locale, "alert-level", level = alert.level.name());
    format!("{} {level} · {}", sign(alert.level), kind_name(alert.kind, locale))
}

pub(super) const fn sign(level: AlertLevel) -> &'static str {
    match level {
        AlertLevel::Urgent => "🔴",
        AlertLevel::Warning => "🟠",
        AlertLevel::Notice => "⚪",
    }
}

pub(super) fn kind_name(kind: AlertKind, locale: Locale) -> String {
    say!(locale, "alert-kind", kind = kind.name())
}

/// Returns agent, customer and session.
fn about(card: &CardView<'_>) -> Vec<String> {
    let CardView { alert, agent_name, locale, .. } = *card;
    let mut about = Vec::new();
    if let Some(agent) = alert.agent {
        let name = agent_name.map(|name| format!("{} ", escape(&clip(name, MAX_LABEL))));
        let agent = format!("{}{}", name.unwrap_or_default(), mention(agent));
        let word = if alert.kind == AlertKind::LeadActed { "lead" } else { "agent" };
        about.push(say!(locale, "alert-person", role = word, person = agent));
    }
    if let Some(customer) = &alert.customer {
        about.push(say!(locale, "alert-customer", customer = customer.short()));
    }
    if let Some(session) = &alert.session {
        about.push(say!(locale, "alert-session", session = session.short()));
    }
    let reference = alert.facts.word("reference");
    if !reference.is_empty() {
        about.push(say!(locale, "alert-report", reference = reference));
    }
    about
}

/// Returns who answered the alert, when, and after how many minutes.
fn outcome(alert: &Alert, locale: Locale) -> Option<String> {
    let word = alert.state.name();
    match alert.state {
        AlertState::Open => None,
        // The sentence of a request says that it has ended.
        AlertState::Expired if alert.awaits_operator() => None,
        AlertState::Expired => Some(say!(locale, "alert-expired")),
        AlertState::Handled(verdict) | AlertState::FalseAlarm(verdict) => {
            let minutes = verdict.at.since(alert.opened_at).as_secs() / 60;
            let (lead, at) = (mention(verdict.by), clock_time(verdict.at));
            let outcome = say!(
                locale,
                "alert-outcome",
                outcome = word,
                lead = lead,
                at = at,
                minutes = minutes
            );
            Some(outcome)
        }
    }
}

/// Returns at most five buttons. Only one is primary.
fn buttons(card: &CardView<'_>) -> Vec<Button> {
    let CardView { alert, view, now, locale, .. } = *card;
    let id = &alert.id;
    let answer = |answer| AlertPress::Answer(answer, id.clone(), view);
    let mut buttons = Vec::new();
    if alert.state == AlertState::Open {
        if let Some(session) = alert.session.clone().filter(|_| card.session_is_open) {
            let close = DeskId::AskReason(session, SessionList::default()).to_string();
            buttons.push(press(close, Style::Danger, say!(locale, "desk-button-close")));
        }
        buttons.push(
            answer(AlertAnswer::Handled)
                .button(Style::Primary, say!(locale, "alert-button-handled")),
        );
        buttons.push(
            answer(AlertAnswer::FalseAlarm)
                .button(Style::Secondary, say!(locale, "alert-button-false")),
        );
    }
    match view {
        AlertView::Card => {
            let show = AlertPress::Show(id.clone());
            buttons.push(show.button(Style::Secondary, say!(locale, "alert-button-show")));
        }
        AlertView::List(list) => {
            buttons
                .push(AlertPress::Back(list).button(Style::Secondary, say!(locale, "button-back")));
        }
        AlertView::Shown => {}
    }
    if alert.state == AlertState::Open {
        buttons.extend(act(alert, locale));
    } else if timing::can_reopen(alert, now) {
        buttons.push(
            answer(AlertAnswer::Reopen)
                .button(Style::Secondary, say!(locale, "alert-button-reopen")),
        );
    }
    buttons
}

/// Returns the button that acts on the agent.
fn act(alert: &Alert, locale: Locale) -> Option<Button> {
    let card = AgentCard { agent: alert.agent?, page: 0 };
    let act = match alert.kind {
        AlertKind::LeadActed | AlertKind::EligibilityLost | AlertKind::TrailBroken => return None,
        AlertKind::ReportedAgent => AgentAct::Unlink,
        AlertKind::LockedConsecutive if causes::is_of_agent(alert) => AgentAct::Unlock,
        AlertKind::ReportedTwice => AgentAct::Unlock,
        _ => AgentAct::LockOutForAnHour,
    };
    // After a report no reason is needed.
    let id = match alert.kind {
        AlertKind::ReportedTwice => DeskId::Unlock(card).to_string(),
        _ => DeskId::AskAgent(act, card).to_string(),
    };
    let style = if act == AgentAct::Unlock { Style::Secondary } else { Style::Danger };
    Some(press(id, style, say!(locale, "desk-act", act = act.name())))
}

fn press(custom_id: String, style: Style, label: String) -> Button {
    Button { label, press: Press::Custom(custom_id), style, enabled: true }
}
