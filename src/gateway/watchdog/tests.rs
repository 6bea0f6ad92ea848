//! Tests of the watchdog's decisions, without a gateway.

#![expect(
    clippy::unchecked_time_subtraction,
    reason = "the durations are constants, and an overflow must fail the test"
)]

use super::Observation::Connecting;
use super::WatchdogAction::{Probe, Replace, Wait};
use super::*;

const T: WatchdogTimeouts = WatchdogTimeouts::DEFAULT;
const MS: Duration = Duration::from_millis(1);
const START: Duration = Duration::ZERO;
/// Time that serenity takes to replace a connection: five seconds for the goodbye of a dead
/// one, and up to five between two sessions.
const REPLACEMENT: Duration = Duration::from_secs(10);

fn session(latency: u64, last_event_at: i64) -> Observation {
    let last_event_at = Some(Timestamp(last_event_at));
    Observation::new(true, Some(Duration::from_millis(latency)), last_event_at)
}

fn no_session(latency: u64) -> Observation {
    Observation::new(false, Some(Duration::from_millis(latency)), None)
}

/// Runs the checks and asserts each action, and the time without a session after the last.
#[track_caller]
fn assert_actions(checks: &[(Duration, Observation, WatchdogAction)], away_for: Option<Duration>) {
    let start = Instant::now();
    let mut watchdog = Watchdog::new(T, start);
    assert_eq!(watchdog.away_for(start), None);
    for (at, seen, action) in checks {
        assert_eq!(watchdog.check(*seen, start + *at), *action, "{seen:?} at {at:?}");
    }
    let end = checks.last().map_or(START, |(at, ..)| *at);
    assert_eq!(watchdog.away_for(start + end), away_for);
}

#[test]
fn silence_is_noticed_within_a_minute() {
    let longest = T.silence + T.acknowledgement + 2 * T.check_interval;
    assert!(longest + REPLACEMENT < Duration::from_mins(1));
}

#[test]
fn lost_session_is_noticed_within_a_minute() {
    // The probe after the silence reveals the loss, because Discord acknowledges it at once.
    let longest = T.silence + T.session + 3 * T.check_interval;
    assert!(longest + REPLACEMENT < Duration::from_mins(1));
}

#[test]
fn timeouts_are_longer_than_serenitys() {
    // If both replaced a connection at once, each would close the other's new one. serenity
    // waits 15 s for a greeting and 5 s for a goodbye. It reports the old state until then.
    assert!(T.acknowledgement > Duration::from_secs(5));
    assert!(T.session > Duration::from_secs(20));
}

#[test]
fn silence_is_probed_once_then_replaced() {
    let (probe, dead) = (T.silence, T.silence + T.acknowledgement);
    assert_actions(
        &[
            (START, session(1, 0), Wait),
            (probe - MS, session(1, 0), Wait),
            (probe, session(1, 0), Probe),
            (dead - MS, session(1, 0), Wait),
            (dead, session(1, 0), Replace { silent_for: dead }),
            // The next connection gets its full time.
            (dead + MS, session(1, 0), Wait),
        ],
        None,
    );
}

#[test]
fn any_change_is_a_sign_of_life() {
    let answered = T.silence + T.acknowledgement;
    for other in [session(2, 0), session(1, 7), Connecting] {
        assert_actions(
            &[
                (START, session(1, 0), Wait),
                (T.silence, session(1, 0), Probe),
                (answered, other, Wait),
                (answered + T.silence - MS, other, Wait),
            ],
            (other == Connecting).then_some(T.silence - MS),
        );
    }
}

#[test]
fn connecting_is_never_replaced_but_counts_as_away() {
    let minute = Duration::from_mins(1);
    let mut checks: Vec<_> = (0..10).map(|n| (n * minute, Connecting, Wait)).collect();
    for n in 1..10 {
        assert_actions(&checks[..n], Some(checks[n - 1].0));
    }
    checks.push((10 * minute, session(1, 0), Wait));
    assert_actions(&checks, None);
}

#[test]
fn connection_without_session_is_replaced_despite_heartbeats() {
    assert_actions(
        &[
            (START, no_session(1), Wait),
            (T.session - MS, no_session(2), Wait),
            (T.session, no_session(3), Replace { silent_for: T.session }),
            // The next connection gets its full time, the process does not.
            (T.session + MS, no_session(4), Wait),
        ],
        Some(T.session + MS),
    );
}

#[test]
fn lost_session_gets_the_time_of_a_new_one() {
    let lost = T.silence + MS;
    assert_actions(
        &[
            (START, session(1, 0), Wait),
            (T.silence, session(1, 0), Probe),
            (lost, no_session(2), Wait),
            (lost + T.session - MS, no_session(2), Wait),
            (lost + T.session, no_session(2), Replace { silent_for: T.session }),
        ],
        Some(T.session),
    );
}

#[test]
fn dead_connection_counts_as_away_from_then_on() {
    let dead = T.silence + T.acknowledgement;
    assert_actions(
        &[
            (START, session(1, 0), Wait),
            (T.silence, session(1, 0), Probe),
            (dead, session(1, 0), Replace { silent_for: dead }),
            (dead + T.restart, Connecting, Wait),
        ],
        Some(T.restart),
    );
}
