//! Sessions, codes, lockouts and pending effects.

use std::time::Duration;

use super::series::{Labels, by, counters, durations, gauges};

/// Open sessions of all replicas, by [`SESSION_KINDS`].
const OPEN: &str = "support_desk_sessions_open";

/// Closed sessions, by kind and reason.
const CLOSED: &str = "support_desk_sessions_closed_total";

/// Time from the command that opened a session to its close, by kind and by whether it was
/// finished.
const SECONDS: &str = "support_desk_session_seconds";

/// Codes by purpose and event.
const CODES: &str = "support_desk_codes_total";

/// Lockouts that began, by reason.
const LOCKOUTS: &str = "support_desk_lockouts_total";

/// Effects without an outcome of all replicas, by [`EFFECT_KINDS`].
const EFFECTS_PENDING: &str = "support_desk_effects_pending";

/// Time for which the oldest session with such an effect has waited for an outcome, in seconds; 0
/// without one.
const EFFECTS_OLDEST: &str = "support_desk_effects_oldest_seconds";

/// Kinds of sessions, as in the column `kind`.
pub const SESSION_KINDS: [&str; 4] = ["technical", "successor", "link", "recover"];

/// Kinds of effects. The last one is an effect of a newer version.
pub const EFFECT_KINDS: [&str; 9] =
    ["send", "verify", "issue", "mail_link", "revoke", "notice", "password", "report", "unknown"];

/// Purposes of a code.
const PURPOSES: [&str; 4] = ["agent_mfa", "customer_consent", "agent_link", "password_reset"];

/// An event of a code, as the metrics count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeEvent {
    Asked,
    Sent,
    NotSent,
    Right,
    Wrong,
    /// A wrong code locked its subject out.
    Locked,
}

impl CodeEvent {
    const ALL: [Self; 6] =
        [Self::Asked, Self::Sent, Self::NotSent, Self::Right, Self::Wrong, Self::Locked];

    const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Sent => "sent",
            Self::NotSent => "not_sent",
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Locked => "locked",
        }
    }
}

/// Reasons of [`LOCKOUTS`].
const LOCKOUT_REASONS: [&str; 3] = ["wrong_codes", "report", "lead"];

/// Reasons for which every kind of session closes.
const COMMON_REASONS: [&str; 10] = [
    "finished",
    "dismissed",
    "idle",
    "absolute",
    "agent_ineligible",
    "unreadable",
    "tampered",
    "ended_by_operator",
    "reported",
    "by_lead",
];

/// Further reasons of sessions with a customer.
const SUPPORT_REASONS: [&str; 8] = [
    "cancelled",
    "agent_locked_out",
    "customer_locked_out",
    "customer_inactive",
    "role_changed",
    "succession_over",
    "proof_invalid",
    "taken_over",
];

/// Further reasons of sessions that link an account.
const LINK_REASONS: [&str; 2] = ["agent_locked_out", "nameless"];

/// Further reasons of sessions that recover a password.
const RECOVER_REASONS: [&str; 2] = ["replaced", "reset_locked_out"];

/// Bounds in seconds: a session that was given up early, and the ten minutes that a code lives.
pub(super) const BUCKETS: [(&str, &[f64]); 1] = [(SECONDS, &[120.0, 600.0])];

pub(super) fn register() {
    gauges(OPEN, "Open sessions of all replicas", by("kind", SESSION_KINDS), 0.0);
    let reasons = |kind| {
        let more: &[&str] = match kind {
            "link" => &LINK_REASONS,
            "recover" => &RECOVER_REASONS,
            _ => &SUPPORT_REASONS,
        };
        COMMON_REASONS.iter().chain(more).map(move |reason| labels(kind, reason))
    };
    counters(CLOSED, "Closed sessions", SESSION_KINDS.into_iter().flat_map(reasons));
    let ends = |kind| ["finished", "other"].map(|reason| labels(kind, reason));
    durations(
        SECONDS,
        "Time from the command that opened a session to its close",
        SESSION_KINDS.into_iter().flat_map(ends),
    );
    let events = |purpose| CodeEvent::ALL.map(|event| code_labels(purpose, event));
    counters(CODES, "Codes by what happened to them", PURPOSES.into_iter().flat_map(events));
    counters(LOCKOUTS, "Lockouts that began", by("reason", LOCKOUT_REASONS));
    gauges(
        EFFECTS_PENDING,
        "Effects without an outcome of all replicas",
        by("kind", EFFECT_KINDS),
        0.0,
    );
    gauges(
        EFFECTS_OLDEST,
        "Time for which the oldest session with such an effect has waited; 0 without one",
        by("kind", EFFECT_KINDS),
        0.0,
    );
}

fn labels(kind: &'static str, reason: &'static str) -> Labels<2> {
    [("kind", kind), ("reason", reason)]
}

fn code_labels(purpose: &'static str, event: CodeEvent) -> Labels<2> {
    [("purpose", purpose), ("event", event.name())]
}

/// Returns the word of a purpose in a trail event. `None`: an unknown one.
pub fn purpose_word(word: &str) -> Option<&'static str> {
    PURPOSES.into_iter().find(|purpose| *purpose == word)
}

/// Counts what happened to a code. `purpose` is one of `PURPOSES`.
pub fn count_code(purpose: &'static str, event: CodeEvent) {
    metrics::counter!(CODES, &code_labels(purpose, event)).increment(1);
}

/// Counts a session that closed, and records its time.
pub fn record_closed(kind: &'static str, reason: &'static str, took: Duration) {
    metrics::counter!(CLOSED, &labels(kind, reason)).increment(1);
    let end = if reason == "finished" { reason } else { "other" };
    metrics::histogram!(SECONDS, &labels(kind, end)).record(took);
}

/// Counts a lockout that began. `reason` is one of `LOCKOUT_REASONS`.
pub fn count_lockout(reason: &'static str) {
    metrics::counter!(LOCKOUTS, "reason" => reason).increment(1);
}

/// Sets the number of open sessions of each of [`SESSION_KINDS`].
pub fn set_sessions_open(counts: [u32; SESSION_KINDS.len()]) {
    for (kind, count) in SESSION_KINDS.into_iter().zip(counts) {
        metrics::gauge!(OPEN, "kind" => kind).set(f64::from(count));
    }
}

/// Sets the number of pending effects of each of [`EFFECT_KINDS`], and the age of the oldest one.
pub fn set_effects(effects: [(u32, Duration); EFFECT_KINDS.len()]) {
    for (kind, (count, oldest)) in EFFECT_KINDS.into_iter().zip(effects) {
        metrics::gauge!(EFFECTS_PENDING, "kind" => kind).set(f64::from(count));
        metrics::gauge!(EFFECTS_OLDEST, "kind" => kind).set(oldest.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use commands::model::words::CloseReason;

    use super::*;

    #[test]
    fn every_reason_for_a_close_has_a_series() {
        // The parser names every reason.
        let words = serde_json::from_str::<CloseReason>("\"none\"").unwrap_err().to_string();
        let words = words.split('`').skip(3).step_by(2);
        let parse = |word: &str| serde_json::from_value::<CloseReason>(word.into()).unwrap();
        let mut all: Vec<_> = words.map(|word| parse(word).name()).collect();
        let lists = [&SUPPORT_REASONS[..], &LINK_REASONS, &RECOVER_REASONS];
        let mut known: Vec<_> = COMMON_REASONS.iter().chain(lists.into_iter().flatten()).collect();
        known.sort_unstable();
        known.dedup();
        all.sort_unstable();
        assert_eq!(known.into_iter().copied().collect::<Vec<_>>(), all);
    }
}
