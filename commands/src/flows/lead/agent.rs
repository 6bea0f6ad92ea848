//! The card of one agent: link, account, lockout, open sessions and the buttons of what a lead
//! does.

use crate::flows::lead::parts::mention;
use crate::flows::lead::stats::agent_days_line;
use crate::flows::lead::trail::trail_button;
use crate::model::account::{Account, AgentAccount};
use crate::model::limit::{Lockout, LockoutReason, UNTIL_UNLOCKED};
use crate::model::scope::Scope;
use crate::model::time::Timestamp;
use crate::model::trail_filter::TrailAbout;
use crate::model::words::{Locale, SessionId};
use crate::ports::figures::{AgentDays, AlertFigures};
use crate::say;
use crate::screens::agent_id::{AgentAct, AgentCard};
use crate::screens::desk_id::{DeskId, Place};
use crate::screens::screen::{Button, MAX_LABEL, Screen, Style, Tone, clip, escape};
use crate::screens::text::{date_time, day};

/// Open sessions that the card names. Ours: a line of a phone's screen.
const MAX_IDS: usize = 10;

/// Role of a mentioned user in Discord.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscordRole {
    /// The role of agents or leads.
    Yes,
    No,
    /// The user has left the server.
    Left,
}

impl DiscordRole {
    const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Left => "left",
        }
    }
}

/// Lockouts and limits of an agent, as an unlock ends them.
#[derive(Clone, Debug, Default)]
pub struct Locks {
    /// The longest lockout that has not ended.
    pub lockout: Option<Lockout>,
    /// Reason that the lead gave.
    pub reason: Option<String>,
    /// The recoveries of an hour are used up.
    pub has_used_recoveries: bool,
}

impl Locks {
    /// Returns true if there is something to unlock.
    pub fn can_unlock(&self) -> bool {
        self.lockout.is_some() || self.has_used_recoveries
    }

    /// Returns true if an unlock needs a reason: after wrong codes in a row.
    pub fn needs_reason(&self) -> bool {
        self.lockout.as_ref().is_some_and(|lockout| lockout.until == UNTIL_UNLOCKED)
    }
}

/// Input of the card.
pub struct AgentView<'a> {
    pub card: AgentCard,
    pub account: &'a AgentAccount,
    /// Known only where the lead has mentioned the user.
    pub role: Option<DiscordRole>,
    pub locks: &'a Locks,
    /// Open sessions, with linking and recovery, oldest first.
    pub open: &'a [SessionId],
    /// Sessions of 30 days.
    pub days: AgentDays,
    /// Signals of 30 days about the agent.
    pub signals: &'a [AlertFigures],
    /// The lead looks at the own account.
    pub is_own: bool,
    pub locale: Locale,
}

/// Renders the card.
pub fn render(view: &AgentView<'_>) -> Screen {
    let AgentView { card, account, locks, locale, .. } = *view;
    let tone = if locks.lockout.is_some() { Tone::Warning } else { Tone::Info };
    let mut screen = Screen { tone, ..Screen::default() };
    let agent = mention(card.agent);
    let mut lines = Vec::new();
    if let Some(link) = &account.link {
        let named = account.account.as_ref().and_then(|account| account.name.as_ref());
        screen.title = escape(&clip(named.unwrap_or(&link.name), MAX_LABEL));
        let mut parts = vec![
            agent,
            say!(locale, "desk-agent-since", since = day(link.linked_at, locale)),
            state_word(account.account.as_ref(), locale),
        ];
        let role = |role: DiscordRole| say!(locale, "desk-agent-role", role = role.name());
        parts.extend(view.role.map(role));
        lines.push(parts.join(" · "));
    } else {
        lines.push(say!(locale, "desk-agent-unlinked", agent = agent));
    }
    lines.extend(lockout_line(locks, locale));
    if account.link.is_some() || !view.open.is_empty() {
        lines.push(open_line(view.open, locale));
    }
    if account.link.is_some() {
        lines.push(agent_days_line(view.days, locale));
        lines.push(signals_line(view.signals, locale));
    }
    let back = DeskId::Agents(Place::Back, card.page);
    let back = back.button(Style::Secondary, say!(locale, "button-back"));
    let trail = trail_button(TrailAbout::Agent(card.agent), locale);
    screen.say(lines.join("\n")).buttons(act_buttons(view)).buttons(vec![trail, back])
}

fn open_line(open: &[SessionId], locale: Locale) -> String {
    let mut ids: Vec<_> = open.iter().take(MAX_IDS).map(SessionId::short).collect();
    if open.len() > MAX_IDS {
        ids.push("…");
    }
    say!(locale, "desk-agent-open", count = open.len(), ids = format!("`{}`", ids.join("` `")))
}

/// Returns the signals by kind, as their cards name it, with the answers of the leads.
fn signals_line(signals: &[AlertFigures], locale: Locale) -> String {
    let signal = |figures: &AlertFigures| {
        let AlertFigures { kind, opened, handled, false_alarms, waiting } = figures;
        let expired = opened - handled - false_alarms - waiting;
        let answers = [
            ("false", *false_alarms),
            ("handled", *handled),
            ("open", *waiting),
            ("expired", expired),
        ];
        let answers = answers.into_iter().filter(|(_, count)| *count > 0).map(|(answer, count)| {
            say!(locale, "desk-agent-signal-answer", answer = answer, count = count)
        });
        let answers = answers.collect::<Vec<_>>().join(", ");
        let kind = say!(locale, "alert-kind", kind = kind.as_str());
        say!(locale, "desk-agent-signal", kind = kind, count = *opened, answers = answers)
    };
    if signals.is_empty() {
        return say!(locale, "desk-agent-no-signals");
    }
    let signals = signals.iter().map(signal).collect::<Vec<_>>().join(" · ");
    say!(locale, "desk-agent-signals", signals = signals)
}

/// Returns who or what has locked the agent out, and until when.
pub(super) fn lockout_line(locks: &Locks, locale: Locale) -> Option<String> {
    let Lockout { until, reason, .. } = locks.lockout.as_ref()?;
    let at = date_time(*until);
    Some(match (reason, &locks.reason) {
        _ if *until == UNTIL_UNLOCKED => say!(locale, "desk-lockout-row"),
        (LockoutReason::Lead(lead), Some(why)) => {
            let (lead, why) = (mention(*lead), escape(why));
            say!(locale, "desk-lockout-why", at = at, lead = lead, reason = why)
        }
        (LockoutReason::Lead(lead), None) => {
            say!(locale, "desk-lockout-by", at = at, lead = mention(*lead))
        }
        (LockoutReason::Report, _) => say!(locale, "desk-lockout-report", at = at),
        (LockoutReason::WrongCodes, _) => say!(locale, "desk-lockout-codes", at = at),
    })
}

/// Returns the buttons of what the lead may do. A lead does nothing to the own account.
fn act_buttons(view: &AgentView<'_>) -> Vec<Button> {
    let AgentView { card, account, locks, locale, .. } = *view;
    if view.is_own {
        return Vec::new();
    }
    let ask = |act: AgentAct, style| {
        DeskId::AskAgent(act, card).button(style, say!(locale, "desk-act", act = act.name()))
    };
    let mut buttons = Vec::new();
    if account.link.is_some() {
        let open = view.open.len();
        let label = say!(locale, "desk-act-close", count = open);
        let close = DeskId::AskAgent(AgentAct::Close, card).button(Style::Danger, label);
        buttons.push(close.enabled(open > 0));
        buttons.push(ask(AgentAct::LockOutForAnHour, Style::Danger));
        buttons.push(ask(AgentAct::LockOut, Style::Danger));
    }
    if locks.can_unlock() {
        buttons.push(if locks.needs_reason() {
            ask(AgentAct::Unlock, Style::Secondary)
        } else {
            let label = say!(locale, "desk-act", act = AgentAct::Unlock.name());
            DeskId::Unlock(card).button(Style::Secondary, label)
        });
    }
    if account.link.is_some() {
        buttons.push(ask(AgentAct::Unlink, Style::Danger));
    }
    buttons
}

/// Returns what the account allows, or why it cannot be used.
pub(super) fn state_word(account: Option<&Account>, locale: Locale) -> String {
    let state = match account {
        None => "account_gone",
        Some(account) => match (account.link_problem(), account.scope) {
            (Some(problem), _) => problem.name(),
            (None, Some(Scope::Act)) => "agent",
            (None, Some(Scope::Verify)) => "verify_only",
            (None, None) => "lead",
        },
    };
    say!(locale, "desk-agent-state", state = state)
}

/// Returns until when an agent is locked out.
pub(super) fn until_words(until: Timestamp, locale: Locale) -> String {
    if until == UNTIL_UNLOCKED {
        say!(locale, "desk-agent-locked")
    } else {
        say!(locale, "desk-agent-locked-until", at = date_time(until))
    }
}
