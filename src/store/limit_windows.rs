//! Rolling windows of limits: pure functions on the times of their uses.

use commands::model::limit::{LimitUsage, LimitUse};
use commands::model::time::Timestamp;

/// Result of counting a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitCheck {
    /// Number of uses in the window, including the new one.
    Within(u32),
    Exceeded {
        retry_at: Timestamp,
    },
}

/// Returns the times of the uses that are still in the window.
pub(super) fn in_window(times: &[i64], limit_use: &LimitUse, now: Timestamp) -> Vec<i64> {
    times.iter().copied().filter(|at| Timestamp(*at) + limit_use.window > now).collect()
}

fn count(window: &[i64]) -> u32 {
    u32::try_from(window.len()).unwrap_or(u32::MAX)
}

/// Checks a window that already contains the new use, as its newest time.
pub(super) fn check_window(window: &[i64], limit_use: &LimitUse, now: Timestamp) -> LimitCheck {
    let allowed = usize::try_from(limit_use.allowed).unwrap_or(usize::MAX);
    if window.len() <= allowed {
        return LimitCheck::Within(count(window));
    }
    // The new use is refused. It fits once all but `allowed - 1` of the earlier uses have left the
    // window.
    let earlier = &window[..window.len() - 1];
    let last_to_leave = earlier.get(earlier.len() - allowed).map_or(now, |at| Timestamp(*at));
    LimitCheck::Exceeded { retry_at: last_to_leave + limit_use.window }
}

/// Returns how far a limit is used, from the times of all uses.
pub(super) fn usage_of(times: &[i64], limit_use: &LimitUse, now: Timestamp) -> LimitUsage {
    let mut window = in_window(times, limit_use, now);
    let count = count(&window);
    window.push(now.0);
    let retry_at = match check_window(&window, limit_use, now) {
        LimitCheck::Within(_) => None,
        LimitCheck::Exceeded { retry_at } => Some(retry_at),
    };
    LimitUsage { count, retry_at }
}

/// Parses the column `times` and sorts it, because the clocks of replicas differ a little.
pub(super) fn parse_times(times: &str) -> Vec<i64> {
    let mut times: Vec<i64> = times.split(',').filter_map(|at| at.parse().ok()).collect();
    times.sort_unstable();
    times
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use commands::model::words::Limit;

    use super::*;

    const NOW: Timestamp = Timestamp(4);

    fn check(window: &[i64], allowed: u32) -> LimitCheck {
        let limit_use = LimitUse {
            limit: Limit::Sends,
            subject: String::new(),
            allowed,
            window: Duration::from_millis(100),
            replaces: None,
        };
        check_window(window, &limit_use, NOW)
    }

    fn exceeded(retry_at: i64) -> LimitCheck {
        LimitCheck::Exceeded { retry_at: Timestamp(retry_at) }
    }

    #[test]
    fn window_over_limit_waits_for_oldest_use() {
        assert_eq!(check(&[1, 2, 3], 3), LimitCheck::Within(3));
        assert_eq!(check(&[1, 2, 3, 4], 3), exceeded(101));
    }

    #[test]
    fn lowered_limit_waits_for_several_uses() {
        assert_eq!(check(&[1, 2, 3, 4], 1), exceeded(103));
    }

    #[test]
    fn limit_of_zero_waits_a_whole_window() {
        assert_eq!(check(&[4], 0), exceeded(104));
    }

    #[test]
    fn times_are_sorted() {
        assert_eq!(parse_times("3,1,2"), [1, 2, 3]);
        assert_eq!(parse_times(""), [0; 0]);
    }
}
