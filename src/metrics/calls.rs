//! Calls to other services.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::run_upkeep;
use super::series::{ALONE, Labels, by, counters, durations, gauges};
use crate::calls::{Call, Service};

/// Calls by service, call and outcome. A call counts once with its repetitions.
const CALLS: &str = "support_desk_calls_total";

/// Outcomes of a call.
const OUTCOMES: [&str; 3] = ["done", "denied", "fault"];

/// Duration of calls to functions and to Cognito that a person waits for, with their repetitions.
const CALL_SECONDS: &str = "support_desk_call_seconds";

/// Duration of look-ups in Core, by query and outcome.
const CORE_SECONDS: &str = "support_desk_core_seconds";

/// Outcomes of a look-up in Core.
const CORE_OUTCOMES: [&str; 2] = ["done", "fault"];

/// Duration of single tries of Discord's API that were answered, by route and status.
const DISCORD_SECONDS: &str = "support_desk_discord_seconds";

/// Classes of the status of an answer of Discord.
const STATUS_CLASSES: [&str; 3] = ["2xx", "4xx", "5xx"];

/// Status of Discord's "already answered", apart from `4xx`: another replica was faster.
const ALREADY_ANSWERED: &str = "40060";

/// Tries of Discord's API without an answer.
const DISCORD_UNANSWERED: &str = "support_desk_discord_unanswered_total";

/// Messages whose content Discord refused. A minimal panel replaces a refused one.
const REFUSED_MESSAGES: &str = "support_desk_messages_refused_total";

/// 1 while no calls to Discord are made, because it would ban the address or has done so, else 0.
const DISCORD_STOPPED: &str = "support_desk_discord_stopped";

/// Times at which calls to Discord stopped, by reason.
const DISCORD_STOPS: &str = "support_desk_discord_stops_total";

/// Reasons of [`DISCORD_STOPS`]: Cloudflare blocked the address, or too many calls were refused.
const STOP_REASONS: [&str; 2] = ["address_limited", "invalid_requests"];

/// Bounds in seconds: of a call 1.5 s, above which agents notice it, Discord's 3 s, and the 15 s of
/// a whole call.
pub(super) const BUCKETS: [(&str, &[f64]); 3] = [
    (CALL_SECONDS, &[0.3, 1.5, 3.0, 15.0]),
    (CORE_SECONDS, &[0.03, 0.3, 1.5]),
    (DISCORD_SECONDS, &[0.3, 1.5, 3.0]),
];

/// Number of durations after which they are moved into buckets. Reading the metrics does it too,
/// but durations must not pile up if nothing reads them.
const UPKEEP_EVERY: u64 = 1_000;

static RECORDED: AtomicU64 = AtomicU64::new(0);

pub(super) fn register() {
    let outcomes = |call: Call| OUTCOMES.into_iter().filter(move |word| call.can_be(word));
    let calls = Call::ALL.into_iter();
    let calls = calls.flat_map(|call| outcomes(call).map(move |word| call_labels(call, word)));
    counters(CALLS, "Calls to other services, with their repetitions", calls);
    let timed = Call::ALL.into_iter().filter(|call| is_timed(*call));
    durations(
        CALL_SECONDS,
        "Duration of calls that a person waits for, with their repetitions",
        timed.map(|call| [("service", call.service().name()), ("call", call.name())]),
    );
    let queries = Call::ALL.into_iter().filter(|call| call.service() == Service::Core);
    let queries = queries.flat_map(|call| CORE_OUTCOMES.map(|outcome| core_labels(call, outcome)));
    durations(CORE_SECONDS, "Duration of look-ups in Core", queries);
    let routes = Call::ROUTES.into_iter();
    let tries = routes.flat_map(|route| STATUS_CLASSES.map(|status| route_labels(route, status)));
    let answered = route_labels(Call::InteractionAnswer.route(), ALREADY_ANSWERED);
    let tries = tries.chain([answered]);
    durations(DISCORD_SECONDS, "Duration of tries of Discord's API that were answered", tries);
    counters(
        DISCORD_UNANSWERED,
        "Tries of Discord's API without an answer",
        by("route", Call::ROUTES),
    );
    counters(REFUSED_MESSAGES, "Messages whose content Discord refused", ALONE);
    gauges(DISCORD_STOPPED, "1 while no calls to Discord are made, else 0", ALONE, 0.0);
    counters(DISCORD_STOPS, "Stops of all calls to Discord", by("why", STOP_REASONS));
}

/// Returns true if a person waits for the call. Core and Discord have durations of their own.
const fn is_timed(call: Call) -> bool {
    matches!(
        call,
        Call::OtpSend
            | Call::OtpVerify
            | Call::AccessIssue
            | Call::MessageQr
            | Call::AccountRead
            | Call::AccountFind
            | Call::ResetRequest
            | Call::ResetConfirm
    )
}

fn call_labels(call: Call, outcome: &'static str) -> Labels<3> {
    [("service", call.service().name()), ("call", call.name()), ("outcome", outcome)]
}

fn core_labels(call: Call, outcome: &'static str) -> Labels<2> {
    [("query", call.name()), ("outcome", outcome)]
}

fn route_labels(route: &'static str, status: &'static str) -> Labels<2> {
    [("route", route), ("status", status)]
}

/// Records a call to another service.
pub fn record_call(call: Call, outcome: &'static str, took: Duration) {
    debug_assert!(call.can_be(outcome), "{outcome} has no series from the start");
    metrics::counter!(CALLS, &call_labels(call, outcome)).increment(1);
    if is_timed(call) {
        let (service, name) = (call.service().name(), call.name());
        metrics::histogram!(CALL_SECONDS, "service" => service, "call" => name).record(took);
    } else if call.service() == Service::Core {
        metrics::histogram!(CORE_SECONDS, &core_labels(call, outcome)).record(took);
    }
    keep_up();
}

/// Records a try of Discord's API. `status`: of its answer, and true if the answer was "already
/// answered"; `None` without an answer.
pub fn record_try(call: Call, status: Option<(u16, bool)>, took: Duration) {
    let Some((status, is_answered)) = status else {
        metrics::counter!(DISCORD_UNANSWERED, "route" => call.route()).increment(1);
        return;
    };
    let status = match status {
        _ if is_answered => ALREADY_ANSWERED,
        ..300 => "2xx",
        300..500 => "4xx",
        500.. => "5xx",
    };
    metrics::histogram!(DISCORD_SECONDS, &route_labels(call.route(), status)).record(took);
    keep_up();
}

fn keep_up() {
    if RECORDED.fetch_add(1, Ordering::Relaxed) % UPKEEP_EVERY == UPKEEP_EVERY - 1 {
        run_upkeep();
    }
}

/// Returns the outcome of a call that answered: `done`, or `denied` for an error of the answer.
pub fn answer_word<T, N>(answer: &Result<T, N>) -> &'static str {
    if answer.is_ok() { "done" } else { "denied" }
}

pub fn count_refused_message() {
    metrics::counter!(REFUSED_MESSAGES).increment(1);
}

pub fn set_discord_stopped(stopped: bool) {
    metrics::gauge!(DISCORD_STOPPED).set(if stopped { 1.0 } else { 0.0 });
}

/// Counts a stop of all calls to Discord. `why` is one of `STOP_REASONS`.
pub fn count_discord_stop(why: &'static str) {
    debug_assert!(STOP_REASONS.contains(&why), "{why} has no series from the start");
    metrics::counter!(DISCORD_STOPS, "why" => why).increment(1);
}
