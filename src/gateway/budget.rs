//! Sessions that may still be begun with Discord's gateway: it allows 1,000 a day, and takes the token back from a bot that begins
//! more. A resume costs nothing.

use std::time::Duration;

use anyhow::anyhow;
use commands::time::Timestamp;
use serenity::all::Http;

use super::pulse::Budget;
use super::refused;

/// Below this many it is worth a warning: at one session every ten seconds, as serenity tries, they last a quarter of an hour.
pub const LOW: u64 = 100;
/// With no more than this many left none is begun: several replicas may each take one at the same moment.
pub const RESERVE: u64 = 5;
/// How often Discord is asked what is left while there is no connection.
pub(super) const ASK_AGAIN: Duration = Duration::from_mins(1);

/// Asks Discord what is left.
pub(super) async fn ask(http: &Http, now: Timestamp) -> anyhow::Result<Budget> {
    let limit = http.get_bot_gateway().await.map_err(|error| refused(&error))?.session_start_limit;
    let resets_at = now + Duration::from_millis(limit.reset_after);
    Ok(Budget { total: limit.total, remaining: limit.remaining, resets_at })
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
        tracing::warn!(remaining, total, minutes, "few gateway sessions are left until Discord takes the token back");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_five_are_not_begun() {
        let judged = |remaining| {
            let resets_at = Timestamp(90_000);
            judge(Budget { total: 1_000, remaining, resets_at }, Timestamp(0)).map_err(|error| error.to_string())
        };
        assert_eq!(judged(RESERVE + 1), Ok(()));
        assert!(judged(RESERVE).is_err_and(|error| error.starts_with("5 of the 1000") && error.contains("in 2 min")));
    }
}
