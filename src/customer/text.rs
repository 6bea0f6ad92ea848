//! The copy as a text in the customer's language.

use commands::model::words::{CloseReason, Locale};
use commands::say;
use serde_json::Value;

use super::actor::AgentCopy;
use super::copy::{CustomerCopy, EventCopy, RetentionCopy, SessionCopy};
use super::event_text::describe;
use crate::escape::for_terminal;

/// Renders a copy, with a line break at the end.
pub(super) fn render(copy: &CustomerCopy) -> String {
    let locale = copy.locale();
    let count = copy.sessions.len();
    let mut lines = vec![
        say!(locale, "copy-title"),
        String::new(),
        say!(locale, "copy-made", at = minute(&copy.made_at)),
        say!(locale, "copy-since", at = minute(&copy.known_since)),
        say!(locale, "copy-reference", reference = references(&copy.pseudonyms)),
        say!(locale, "copy-sessions", count = count),
        say!(locale, "copy-masked"),
    ];
    lines.extend(
        copy.core_id.as_ref().map(|id| say!(locale, "copy-core-id", id = for_terminal(id))),
    );
    if copy.unverified_rows > 0 {
        lines.push(say!(locale, "copy-unverified", count = copy.unverified_rows));
    }
    lines.push(String::new());
    lines.extend(retention(locale, &copy.retention));
    for (at, session) in copy.sessions.iter().enumerate() {
        lines.push(String::new());
        lines.extend(session_lines(locale, at + 1, session));
    }
    if !copy.other_events.is_empty() {
        lines.push(String::new());
        lines.push(say!(locale, "copy-others"));
        lines.extend(copy.other_events.iter().filter_map(|event| event_line(locale, event, None)));
    }
    let counted = limits(locale, copy);
    if !counted.is_empty() {
        lines.push(String::new());
        lines.push(say!(locale, "copy-limits"));
        lines.extend(counted.into_iter().map(|line| format!("  {line}")));
    }
    lines.join("\n") + "\n"
}

/// Returns what is counted against limits, and lockouts.
fn limits(locale: Locale, copy: &CustomerCopy) -> Vec<String> {
    let counted = copy.limits.iter().filter_map(|limit| {
        let count = limit.times.len();
        let at = minute(limit.times.last()?);
        Some(match limit.kind.as_str() {
            "sends" => say!(locale, "copy-limit-sends", count = count, at = at),
            "wrong_codes" => say!(locale, "copy-limit-wrong-codes", count = count, at = at),
            "wrong_in_a_row" => say!(locale, "copy-limit-wrong-in-a-row", count = count, at = at),
            kind => {
                let kind = for_terminal(kind);
                say!(locale, "copy-limit-other", kind = kind, count = count, at = at)
            }
        })
    });
    let lockouts = copy.lockouts.iter().map(|lockout| match &lockout.until {
        Some(until) => say!(locale, "copy-locked-out-until", at = minute(until)),
        None => say!(locale, "copy-locked-out"),
    });
    counted.chain(lockouts).collect()
}

/// Returns the short forms of pseudonyms.
fn references(pseudonyms: &[String]) -> String {
    let short = |pseudonym: &String| format!("C-{}", pseudonym.get(..6).unwrap_or_default());
    pseudonyms.iter().map(short).collect::<Vec<_>>().join(", ")
}

/// Formats a time of the copy to the minute. A tampered time stays as it is.
fn minute(at: &str) -> String {
    match (at.get(..10), at.get(11..16)) {
        (Some(day), Some(time)) if at.ends_with('Z') => format!("{day} {time} UTC"),
        _ => for_terminal(at),
    }
}

fn day(at: &str) -> String {
    for_terminal(at.get(..10).unwrap_or(at))
}

fn retention(locale: Locale, retention: &RetentionCopy) -> Vec<String> {
    let mut lines = vec![
        match retention.details_days {
            Some(days) => say!(locale, "copy-details-days", days = days),
            None => say!(locale, "copy-details-ever"),
        },
        match retention.session_days {
            Some(days) => say!(locale, "copy-session-days", days = days),
            None => say!(locale, "copy-session-ever"),
        },
    ];
    if retention.older_sessions_removed {
        lines.push(say!(locale, "copy-removed"));
    }
    lines
}

fn session_lines(locale: Locale, nth: usize, session: &SessionCopy) -> Vec<String> {
    let mut lines = vec![say!(
        locale,
        "copy-session",
        nth = nth,
        at = minute(&session.opened_at),
        kind = kind(locale, &session.kind),
        reference = for_terminal(&session.reference),
    )];
    let mut line = |text: String| lines.push(format!("  {text}"));
    line(say!(locale, "copy-agent", agent = agent(locale, &session.agent)));
    if session.details_erased {
        line(say!(locale, "copy-erased-details"));
    }
    if let (Some(name), Some(address)) = (&session.name, &session.address) {
        let (name, address) = (for_terminal(name), for_terminal(address));
        line(say!(locale, "copy-you", name = name, address = address));
    }
    if let Some(ticket) = &session.ticket {
        line(say!(locale, "copy-ticket", ticket = for_terminal(ticket)));
    }
    lines.extend(account_lines(locale, session).into_iter().map(|text| format!("  {text}")));
    let mut line = |text: String| lines.push(format!("  {text}"));
    if let Some(ecosystem) = session.ecosystem_name.as_ref().or(session.ecosystem.as_ref()) {
        line(say!(locale, "copy-ecosystem", ecosystem = for_terminal(ecosystem)));
    }
    if let Some(role) = &session.role {
        line(say!(locale, "copy-role", role = for_terminal(role)));
    }
    if let Some(succession) = &session.succession {
        line(say!(locale, "copy-succession", succession = for_terminal(succession)));
    }
    for event in &session.events {
        if let Some(text) = event_line(locale, event, Some(session)) {
            line(text);
        }
    }
    line(match (&session.closed_at, &session.outcome) {
        (Some(at), Some(why)) => {
            say!(locale, "copy-closed", at = minute(at), why = outcome(locale, why))
        }
        _ => say!(locale, "copy-open"),
    });
    if let Some(reason) = &session.cancel_reason {
        line(say!(locale, "copy-reason", reason = for_terminal(reason)));
    }
    if let Some(at) = &session.details_kept_until {
        line(say!(locale, "copy-details-until", at = day(at)));
    }
    if let Some(at) = &session.kept_until {
        line(say!(locale, "copy-session-until", at = day(at)));
    }
    lines
}

/// Returns what the session read about the customer's account.
fn account_lines(locale: Locale, session: &SessionCopy) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(status) = &session.account_status {
        lines.push(say!(locale, "copy-account", status = for_terminal(status)));
    }
    if let Some(since) = &session.account_since {
        lines.push(say!(locale, "copy-account-since", at = day(since)));
    }
    if let Some(language) = &session.account_language {
        lines.push(say!(locale, "copy-account-language", language = for_terminal(language)));
    }
    if let Some(choices) = session.choices {
        lines.push(say!(locale, "copy-choices", count = choices));
    }
    lines
}

/// Returns time and sentence of an event; `None` for one that tells a customer nothing.
fn event_line(locale: Locale, event: &EventCopy, session: Option<&SessionCopy>) -> Option<String> {
    let text = describe(locale, event, session)?;
    let at = minute(&event.at);
    Some(match &event.by {
        // The agent of a session stands in its own line.
        AgentCopy::Named { discord_id, .. } if session.is_none() => {
            format!("  {at}  {text} ({})", for_terminal(discord_id))
        }
        _ => format!("  {at}  {text}"),
    })
}

fn agent(locale: Locale, agent: &AgentCopy) -> String {
    match agent {
        AgentCopy::Named { name: Some(name), discord_id } => {
            format!("{} (Discord {})", for_terminal(name), for_terminal(discord_id))
        }
        AgentCopy::Named { name: None, discord_id } => for_terminal(discord_id),
        _ => say!(locale, "copy-an-agent"),
    }
}

fn kind(locale: Locale, kind: &str) -> String {
    match kind {
        "technical" => say!(locale, "copy-technical"),
        "successor" => say!(locale, "copy-successor"),
        // A kind of a newer version.
        kind => for_terminal(kind),
    }
}

/// Returns the sentence for the word of a close.
fn outcome(locale: Locale, why: &str) -> String {
    let Ok(reason) = serde_json::from_value(Value::from(why)) else {
        return say!(locale, "copy-closed-other");
    };
    match reason {
        CloseReason::Finished => say!(locale, "copy-closed-finished"),
        CloseReason::Cancelled => say!(locale, "copy-closed-cancelled"),
        CloseReason::Dismissed => say!(locale, "copy-closed-dismissed"),
        CloseReason::Idle => say!(locale, "copy-closed-idle"),
        CloseReason::Absolute => say!(locale, "copy-closed-absolute"),
        CloseReason::AgentLockedOut => say!(locale, "copy-closed-agent-locked-out"),
        CloseReason::CustomerLockedOut => say!(locale, "copy-closed-customer-locked-out"),
        CloseReason::AgentIneligible => say!(locale, "copy-closed-agent-ineligible"),
        CloseReason::CustomerInactive => say!(locale, "copy-closed-customer-inactive"),
        CloseReason::RoleChanged => say!(locale, "copy-closed-role-changed"),
        CloseReason::SuccessionOver => say!(locale, "copy-closed-succession-over"),
        CloseReason::ProofInvalid => say!(locale, "copy-closed-proof-invalid"),
        CloseReason::ByLead => say!(locale, "copy-closed-by-lead"),
        CloseReason::TakenOver => say!(locale, "copy-closed-taken-over"),
        CloseReason::Reported => say!(locale, "copy-closed-reported"),
        CloseReason::EndedByOperator => say!(locale, "copy-closed-ended-by-operator"),
        // These concern agents' accounts, or rows that the bot did not believe.
        _ => say!(locale, "copy-closed-other"),
    }
}
