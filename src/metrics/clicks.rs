//! Clicks, refusals and faults. The desk counts them: see `commands::model::click`.

use commands::model::click::{
    CLICKS, ClickKind, ClickOutcome, FIRST_ANSWER_SECONDS, LIMITED, REFUSALS,
};
use commands::model::fault::{FAULTS, OF_BOT, OF_STORE};
use commands::model::refusal::REFUSAL_WORDS;
use commands::model::words::Limit;

use super::series::{ALONE, by, counters, durations};
use crate::calls::Call;

/// Requests that the recovery page and the report page refused, by reason.
const PAGE_REFUSED: &str = "support_desk_page_refused_total";

/// Reasons of [`PAGE_REFUSED`]: `origin` and `form_token` (not sent by the page), `body` (not a
/// form of a browser), `rate` (too many from one address).
const PAGE_REASONS: [&str; 4] = ["origin", "form_token", "body", "rate"];

/// Requests for links that do not exist, or no longer.
const PAGE_UNKNOWN_LINKS: &str = "support_desk_page_unknown_links_total";

/// Limits that refuse. The other ones only count.
const REFUSING_LIMITS: [Limit; 10] = [
    Limit::Lookups,
    Limit::DailyLookups,
    Limit::Sends,
    Limit::AgentSends,
    Limit::WrongCodes,
    Limit::LinkRequests,
    Limit::LinkMails,
    Limit::RecoverRequests,
    Limit::RecoverConfirms,
    Limit::DeskFiles,
];

/// Bounds of first answers in seconds: the 1 s after which an answer is deferred, the 3 s in which
/// Discord takes one, and 2.5 s, at which an alert fires.
pub(super) const BUCKETS: [(&str, &[f64]); 1] =
    [(FIRST_ANSWER_SECONDS, &[0.3, 1.0, 1.5, 2.5, 3.0, 15.0])];

pub(super) fn register() {
    durations(
        FIRST_ANSWER_SECONDS,
        "Time from a click to the first answer that Discord took",
        by("kind", ClickKind::ALL.map(ClickKind::name)),
    );
    let kinds = ClickKind::ALL.into_iter();
    let clicks = kinds.flat_map(|kind| ClickOutcome::ALL.map(|outcome| (kind, outcome)));
    counters(
        CLICKS,
        "Commands, pressed buttons and submitted forms",
        clicks.map(|(kind, outcome)| [("kind", kind.name()), ("outcome", outcome.name())]),
    );
    counters(REFUSALS, "Clicks that were refused", by("reason", REFUSAL_WORDS));
    counters(LIMITED, "Uses that a limit refused", by("which", REFUSING_LIMITS.map(Limit::name)));
    let calls = Call::ALL.into_iter().map(Call::name).chain([OF_BOT, OF_STORE]);
    counters(FAULTS, "Faults by the call that failed", by("call", calls));
    counters(PAGE_REFUSED, "Requests that the pages refused", by("why", PAGE_REASONS));
    counters(
        PAGE_UNKNOWN_LINKS,
        "Requests for links of the pages that do not exist, or no longer",
        ALONE,
    );
}

/// Counts a request that a page refused. `why` is one of `PAGE_REASONS`.
pub fn count_page_refused(why: &'static str) {
    debug_assert!(PAGE_REASONS.contains(&why), "{why} has no series from the start");
    metrics::counter!(PAGE_REFUSED, "why" => why).increment(1);
}

pub fn count_unknown_link() {
    metrics::counter!(PAGE_UNKNOWN_LINKS).increment(1);
}
