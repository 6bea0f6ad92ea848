//! The day's budget of gateway sessions. Discord allows 1,000 new sessions a day and resets the
//! token of a bot that starts more. A resume costs nothing.

use std::time::Duration;

use anyhow::bail;
use commands::model::time::Timestamp;
use serenity::all::{BotGateway, Http};

use super::api;
use crate::health::{GatewayStats, SessionBudget};

/// Minimum time between two session starts in serenity.
const IDENTIFY_INTERVAL: Duration = Duration::from_secs(5);
/// Time between two requests for the budget while there is no session.
pub(super) const REFRESH_INTERVAL: Duration = Duration::from_secs(15);
/// Number of remaining sessions below which a warning is logged. One replica that keeps
/// reconnecting uses up 100 in eight minutes.
const LOW: u64 = 100;
/// Number of sessions that are never started.
///
/// A session that Discord invalidates at once counts too, and Discord reports that only in its next
/// answer. Three replicas cannot start more than this between two answers.
pub const RESERVE: u64 = 20;

/// Requests the budget from Discord.
pub(super) async fn fetch(http: &Http, now: Timestamp) -> serenity::Result<SessionBudget> {
    http.get_bot_gateway().await.map(|gateway| read(&gateway, now))
}

/// Returns the budget in Discord's answer.
pub(super) fn read(gateway: &BotGateway, now: Timestamp) -> SessionBudget {
    let limit = &gateway.session_start_limit;
    let resets_at = now + Duration::from_millis(limit.reset_after);
    SessionBudget { total: limit.total, remaining: limit.remaining, resets_at }
}

/// Updates the budget in `stats`, and returns true if Discord answered.
///
/// If Discord answers with an error, the budget becomes the worst case: serenity may have started
/// sessions in vain for `trying_for`. If Discord is unreachable, no session was started and the
/// budget stays.
pub(super) async fn refresh(
    http: &Http,
    stats: &GatewayStats,
    trying_for: Option<Duration>,
    now: Timestamp,
) -> bool {
    let error = match fetch(http, now).await {
        Ok(budget) => {
            stats.set_budget(budget);
            return true;
        }
        Err(error) => error,
    };
    tracing::debug!("cannot read the gateway session budget: {:#}", api::describe(&error));
    if !api::is_unreachable(&error)
        && let (Some(known), Some(trying_for)) = (stats.budget(), trying_for)
        && let Some(budget) = worst_case(known, trying_for, now)
    {
        stats.set_budget(budget);
    }
    false
}

/// Returns the budget if every possible session was started in the time `passed` since `known`.
/// `None`: the budget was reset since then.
fn worst_case(known: SessionBudget, passed: Duration, now: Timestamp) -> Option<SessionBudget> {
    let starts = passed.as_millis().div_ceil(IDENTIFY_INTERVAL.as_millis());
    let remaining = known.remaining.saturating_sub(u64::try_from(starts).unwrap_or(u64::MAX));
    (now < known.resets_at).then_some(SessionBudget { remaining, ..known })
}

/// Fails if no further session may be started. Logs a warning if few are left.
pub(super) fn check(budget: SessionBudget, now: Timestamp) -> anyhow::Result<()> {
    let SessionBudget { total, remaining, resets_at } = budget;
    let minutes = resets_at.since(now).as_secs().div_ceil(60);
    if remaining <= RESERVE {
        bail!(
            "only {remaining} of {total} gateway sessions left today, and Discord resets the token \
             of a bot that uses all: start again in {minutes} min, and find out why it reconnects"
        );
    }
    if remaining < LOW {
        tracing::warn!(remaining, total, minutes, "few gateway sessions left today");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserve_outlasts_the_time_between_two_answers() {
        const REPLICAS: u64 = 3;
        let check_interval = crate::gateway::WatchdogTimeouts::DEFAULT.check_interval;
        // An answer is at most one call old, and the next one takes at most one call.
        let between = REFRESH_INTERVAL + check_interval + api::CALL_TIMEOUT;
        let starts = between.as_secs() / IDENTIFY_INTERVAL.as_secs() + 1;
        assert!(RESERVE > REPLICAS * starts, "{starts} by each replica");
    }

    #[test]
    fn worst_case_counts_down_until_the_reset() {
        let known = SessionBudget { total: 1_000, remaining: 30, resets_at: Timestamp(60_000) };
        let left =
            |passed, now| worst_case(known, passed, Timestamp(now)).map(|budget| budget.remaining);
        assert_eq!(left(Duration::ZERO, 0), Some(30));
        assert_eq!(left(Duration::from_millis(1), 0), Some(29));
        assert_eq!(left(IDENTIFY_INTERVAL, 0), Some(29));
        assert_eq!(left(REFRESH_INTERVAL, 0), Some(27));
        assert_eq!(left(Duration::from_hours(1), 59_999), Some(0));
        assert_eq!(left(REFRESH_INTERVAL, 60_000), None);
    }

    #[test]
    fn reserve_is_never_started() {
        let checked = |remaining| {
            let resets_at = Timestamp(90_000);
            check(SessionBudget { total: 1_000, remaining, resets_at }, Timestamp(0))
                .map_err(|error| error.to_string())
        };
        assert_eq!(checked(RESERVE + 1), Ok(()));
        let error = checked(RESERVE).unwrap_err();
        assert!(error.starts_with("only 20 of 1000 ") && error.contains("in 2 min"), "{error}");
    }
}
