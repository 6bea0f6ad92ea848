//! Sessions that may still be begun with Discord's gateway: it allows 1,000 a day, and takes the
//! token back from a bot that begins more. A resume costs nothing.

use std::time::Duration;

use anyhow::anyhow;
use commands::model::time::Timestamp;
use serenity::all::Http;

use super::pulse::Budget;

/// serenity begins no two sessions within this time.
const APART: Duration = Duration::from_secs(5);
/// How often Discord is asked what is left while there is no session.
pub(super) const ASK_AGAIN: Duration = Duration::from_secs(15);
/// Below this many it is worth a warning: one replica without luck uses them up in eight minutes.
pub const LOW: u64 = 100;
/// With no more than this many left none is begun. A session that Discord declares invalid at once
/// counts too, and nobody tells us of it: so these are what three replicas can begin in vain from
/// one answer of Discord's to the next.
pub const RESERVE: u64 = 20;

/// Asks Discord what is left.
pub(super) async fn ask(http: &Http, now: Timestamp) -> serenity::Result<Budget> {
    let limit = http.get_bot_gateway().await?.session_start_limit;
    let resets_at = now + Duration::from_millis(limit.reset_after);
    Ok(Budget { total: limit.total, remaining: limit.remaining, resets_at })
}

/// What is left at the worst when Discord does not tell, and `passed` after it was known: whatever
/// could be begun was. `None` when the day is over.
pub(super) fn at_worst(known: Budget, passed: Duration, now: Timestamp) -> Option<Budget> {
    let begun = passed.as_millis().div_ceil(APART.as_millis());
    let remaining = known.remaining.saturating_sub(u64::try_from(begun).unwrap_or(u64::MAX));
    (now < known.resets_at).then_some(Budget { remaining, ..known })
}

/// Whether another session may be begun; warns when there are few left.
pub(super) fn judge(budget: Budget, now: Timestamp) -> anyhow::Result<()> {
    let Budget { total, remaining, resets_at } = budget;
    let minutes = resets_at.since(now).as_secs().div_ceil(60);
    if remaining <= RESERVE {
        return Err(anyhow!(
            "{remaining} of the {total} gateway sessions that Discord allows in a day are left, and with the last one it takes the token \
             back: start again in {minutes} min, and find out what reconnects so often"
        ));
    }
    if remaining < LOW {
        tracing::warn!(
            remaining,
            total,
            minutes,
            "few gateway sessions are left until Discord takes the token back"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_lasts_from_one_answer_to_the_next() {
        const REPLICAS: u64 = 3;
        let a_look = crate::gateway::Patience::DEFAULT.look;
        // At the longest: the figure of one answer is as old as its call took, and so is the next
        // one.
        let between = ASK_AGAIN + a_look + crate::gateway::api::CALL_TIMEOUT;
        let begun = between.as_secs() / APART.as_secs() + 1;
        assert!(RESERVE > REPLICAS * begun, "{begun} by each replica");
    }

    #[test]
    fn what_is_not_told_is_counted_down_until_the_day_is_over() {
        let known = Budget { total: 1_000, remaining: 30, resets_at: Timestamp(60_000) };
        let left =
            |passed, now| at_worst(known, passed, Timestamp(now)).map(|budget| budget.remaining);
        assert_eq!(left(Duration::ZERO, 0), Some(30));
        assert_eq!(left(Duration::from_millis(1), 0), Some(29));
        assert_eq!(left(APART, 0), Some(29));
        assert_eq!(left(ASK_AGAIN, 0), Some(27));
        assert_eq!(left(Duration::from_hours(1), 59_999), Some(0));
        assert_eq!(left(ASK_AGAIN, 60_000), None);
    }

    #[test]
    fn the_reserve_is_not_begun() {
        let judged = |remaining| {
            let resets_at = Timestamp(90_000);
            judge(Budget { total: 1_000, remaining, resets_at }, Timestamp(0))
                .map_err(|error| error.to_string())
        };
        assert_eq!(judged(RESERVE + 1), Ok(()));
        assert!(
            judged(RESERVE).is_err_and(
                |error| error.starts_with("20 of the 1000") && error.contains("in 2 min")
            )
        );
    }
}
