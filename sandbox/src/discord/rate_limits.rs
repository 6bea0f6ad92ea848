//! Discord's rate limits, and the block of a bot that makes too many invalid requests.

use std::collections::{HashMap, VecDeque};

use super::fault_plan::Scope;

/// Follow-ups of one interaction (reported; Discord documents no number).
const FOLLOW_UPS: Limit = Limit { calls: 5, window: 2_000, scope: Scope::User };

/// Follow-ups of all interactions in one channel (reported; Discord documents no number).
const CHANNEL: Limit = Limit { calls: 30, window: 60_000, scope: Scope::Shared };

/// All calls of a bot, except those of interactions (Discord documentation, "Rate Limits").
const GLOBAL: Limit = Limit { calls: 50, window: 1_000, scope: Scope::Global };

/// Invalid requests within [`INVALID_WINDOW`] that block a bot: answers with 401, 403 or 429
/// (Discord documentation, "Invalid Request Limit").
pub(super) const INVALID_MAX: usize = 10_000;

/// Time in which invalid requests add up, in milliseconds (same source).
const INVALID_WINDOW: i64 = 10 * 60 * 1_000;

/// Duration of a block, in milliseconds. Discord documents no number.
const BLOCK: i64 = 60 * 60 * 1_000;

/// The calls that a window allows, and its length in milliseconds.
struct Limit {
    calls: u32,
    window: i64,
    scope: Scope,
}

/// A call of the REST API.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    /// Method and path.
    pub(super) route: &'a str,
    /// The token and the channel of a follow-up. The channel is `None` for an unknown token.
    pub(super) follow_up: Option<(&'a str, Option<u64>)>,
    /// True for a callback or a webhook. The global limit does not count it.
    pub(super) of_interaction: bool,
}

impl Call<'_> {
    fn buckets(&self) -> Vec<Bucket> {
        let mut buckets = vec![Bucket::Route(self.route.to_owned())];
        if let Some((token, channel)) = self.follow_up {
            buckets.push(Bucket::FollowUps(token.to_owned()));
            buckets.extend(channel.map(Bucket::Channel));
        }
        if !self.of_interaction {
            buckets.push(Bucket::Global);
        }
        buckets
    }
}

/// The calls that share a window.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Bucket {
    /// Method and path. It has no limit of its own, but fault injection can exhaust it.
    Route(String),
    /// The token of the interaction.
    FollowUps(String),
    Channel(u64),
    Global,
}

impl Bucket {
    fn limit(&self) -> Option<Limit> {
        match self {
            Self::Route(_) => None,
            Self::FollowUps(_) => Some(FOLLOW_UPS),
            Self::Channel(_) => Some(CHANNEL),
            Self::Global => Some(GLOBAL),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Window {
    left: u32,
    /// Milliseconds since the epoch.
    resets_at: i64,
}

/// The window of a follow-up's own bucket, for the headers of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Milliseconds since the epoch.
    pub(super) resets_at: i64,
}

/// A 429: whom it concerns, and how many milliseconds the bot must wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exceeded {
    pub(super) scope: Scope,
    pub(super) wait: i64,
}

/// A call before the time that an earlier 429 named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EarlyCall {
    /// Milliseconds by which it is too early.
    pub(super) by: i64,
    /// True if a call of the same route got the 429, so the bot knows of it. False for another
    /// route during a block: then another process of the bot can be the only one that knows.
    pub(super) same_route: bool,
}

/// The counters of one bot. All times are milliseconds of the sandbox's clock.
#[derive(Debug, Default)]
pub(super) struct RateLimits {
    lifted: bool,
    windows: HashMap<Bucket, Window>,
    /// End of the wait that the newest 429 of each route has named.
    named_waits: HashMap<String, i64>,
    invalid: VecDeque<i64>,
    blocked_until: i64,
}

impl RateLimits {
    /// Counts a call, unless one of its windows is exhausted.
    ///
    /// Returns the window of a follow-up's own bucket, if it has one.
    pub(super) fn count(&mut self, call: Call<'_>, now: i64) -> Result<Option<Usage>, Exceeded> {
        if self.lifted {
            return Ok(None);
        }
        self.windows.retain(|_, window| window.resets_at > now);
        let buckets = call.buckets();
        for bucket in &buckets {
            if let Some(window) = self.windows.get(bucket).filter(|window| window.left == 0) {
                let scope = bucket.limit().map_or(Scope::User, |limit| limit.scope);
                return Err(Exceeded { scope, wait: window.resets_at - now });
            }
        }
        let mut usage = None;
        for bucket in buckets {
            let Some(limit) = bucket.limit() else { continue };
            let is_own = matches!(bucket, Bucket::FollowUps(_));
            let fresh = Window { left: limit.calls, resets_at: now + limit.window };
            let window = self.windows.entry(bucket).or_insert(fresh);
            window.left -= 1;
            if is_own {
                let Window { left: remaining, resets_at } = *window;
                usage = Some(Usage { limit: limit.calls, remaining, resets_at });
            }
        }
        Ok(usage)
    }

    /// Exhausts the window of this scope for `wait` milliseconds, for fault injection.
    pub(super) fn exhaust(&mut self, call: Call<'_>, exceeded: Exceeded, now: i64) {
        let route = || Bucket::Route(call.route.to_owned());
        let bucket = match exceeded.scope {
            Scope::User => route(),
            Scope::Shared => {
                call.follow_up.and_then(|(_, channel)| channel).map_or_else(route, Bucket::Channel)
            }
            Scope::Global => Bucket::Global,
        };
        self.windows.insert(bucket, Window { left: 0, resets_at: now + exceeded.wait });
    }

    /// Remembers that a 429 of this route named a wait.
    pub(super) fn name_wait(&mut self, route: &str, wait: i64, now: i64) {
        self.named_waits.retain(|_, until| *until > now);
        self.named_waits.insert(route.to_owned(), now + wait);
    }

    /// Returns how much too early a call is, if it does not respect an earlier 429.
    pub(super) fn early_call(&self, route: &str, now: i64) -> Option<EarlyCall> {
        let named = self.named_waits.get(route).copied().filter(|until| *until > now);
        let until = named.or_else(|| Some(self.blocked_until).filter(|until| *until > now))?;
        Some(EarlyCall { by: until - now, same_route: named.is_some() })
    }

    /// Counts an invalid request. Blocks the bot if it has made `max` within ten minutes.
    pub(super) fn count_invalid(&mut self, max: usize, now: i64) {
        self.invalid.push_back(now);
        while self.invalid.front().is_some_and(|at| now - at >= INVALID_WINDOW) {
            self.invalid.pop_front();
        }
        if self.invalid.len() >= max {
            self.block(BLOCK, now);
        }
    }

    /// Returns the number of invalid requests within the last ten minutes.
    pub(super) fn invalid_requests(&self, now: i64) -> usize {
        self.invalid.iter().filter(|at| now - **at < INVALID_WINDOW).count()
    }

    /// Blocks every call of the bot for `wait` milliseconds.
    pub(super) fn block(&mut self, wait: i64, now: i64) {
        self.blocked_until = self.blocked_until.max(now + wait);
    }

    /// Returns the milliseconds that a block still lasts.
    pub(super) fn blocked_for(&self, now: i64) -> Option<i64> {
        Some(self.blocked_until - now).filter(|wait| *wait > 0)
    }

    /// Forgets every window, wait and block.
    pub(super) fn forget(&mut self) {
        *self = Self { lifted: self.lifted, ..Self::default() };
    }

    /// Allows any number of calls, for a benchmark.
    pub(super) fn lift(&mut self) {
        self.lifted = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_785_585_600_000;

    fn follow_up(route: &'static str, token: &'static str) -> Call<'static> {
        Call { route, follow_up: Some((token, Some(7))), of_interaction: true }
    }

    fn plain(route: &'static str) -> Call<'static> {
        Call { route, follow_up: None, of_interaction: false }
    }

    #[test]
    fn follow_ups_are_five_in_two_seconds() {
        let mut limits = RateLimits::default();
        let call = follow_up("POST /a", "a");
        for remaining in (0..5).rev() {
            let usage = Usage { limit: 5, remaining, resets_at: NOW + 2_000 };
            assert_eq!(limits.count(call, NOW), Ok(Some(usage)));
        }
        let exceeded = Exceeded { scope: Scope::User, wait: 1 };
        assert_eq!(limits.count(call, NOW + 1_999), Err(exceeded));
        limits.count(follow_up("POST /b", "b"), NOW + 1_999).unwrap();
        limits.count(call, NOW + 2_000).unwrap();
    }

    #[test]
    fn channel_takes_thirty_follow_ups_a_minute() {
        let mut limits = RateLimits::default();
        let tokens = ["a", "b", "c", "d", "e", "f"];
        for call in tokens.iter().flat_map(|token| [*token; 5]) {
            limits.count(follow_up("POST /x", call), NOW).unwrap();
        }
        let other = follow_up("POST /x", "g");
        let exceeded = Exceeded { scope: Scope::Shared, wait: 1 };
        assert_eq!(limits.count(other, NOW + 59_999), Err(exceeded));
        let elsewhere = Call { follow_up: Some(("h", Some(8))), ..other };
        limits.count(elsewhere, NOW + 59_999).unwrap();
        limits.count(other, NOW + 60_000).unwrap();
    }

    #[test]
    fn other_calls_are_fifty_a_second() {
        let mut limits = RateLimits::default();
        for _ in 0..50 {
            limits.count(plain("GET /x"), NOW).unwrap();
        }
        let exceeded = Exceeded { scope: Scope::Global, wait: 1 };
        assert_eq!(limits.count(plain("GET /y"), NOW + 999), Err(exceeded));
        limits.count(follow_up("POST /a", "a"), NOW + 999).unwrap();
        limits.count(plain("GET /y"), NOW + 1_000).unwrap();
    }

    #[test]
    fn too_many_invalid_requests_block_for_an_hour() {
        let mut limits = RateLimits::default();
        let later = NOW + INVALID_WINDOW - 1;
        limits.count_invalid(INVALID_MAX, NOW);
        (2..INVALID_MAX).for_each(|_| limits.count_invalid(INVALID_MAX, later));
        assert_eq!(limits.blocked_for(later), None, "one is missing");
        limits.count_invalid(INVALID_MAX, later + 1);
        assert_eq!(limits.blocked_for(later + 1), None, "the first is ten minutes old");
        limits.count_invalid(INVALID_MAX, later + 1);
        assert_eq!(limits.blocked_for(later + 1), Some(BLOCK));
        assert_eq!(limits.invalid_requests(later + 1), INVALID_MAX);
        assert_eq!(limits.blocked_for(later + BLOCK), Some(1));
        assert_eq!(limits.blocked_for(later + 1 + BLOCK), None);
    }

    #[test]
    fn call_before_its_time_is_early() {
        let mut limits = RateLimits::default();
        limits.name_wait("POST /a", 300, NOW);
        let early = EarlyCall { by: 1, same_route: true };
        assert_eq!(limits.early_call("POST /a", NOW + 299), Some(early));
        assert_eq!(limits.early_call("POST /a", NOW + 300), None);
        assert_eq!(limits.early_call("POST /b", NOW), None);
        limits.block(500, NOW);
        let unaware = EarlyCall { by: 500, same_route: false };
        assert_eq!(limits.early_call("POST /b", NOW), Some(unaware));
        limits.forget();
        assert_eq!(limits.early_call("POST /b", NOW), None);
    }

    #[test]
    fn exhausted_window_refuses_calls_of_its_scope() {
        for (scope, refused, allowed) in [
            (Scope::User, follow_up("POST /a", "a"), follow_up("POST /b", "b")),
            (Scope::Shared, follow_up("POST /b", "b"), plain("GET /x")),
            (Scope::Global, plain("GET /x"), follow_up("POST /a", "a")),
        ] {
            let mut limits = RateLimits::default();
            let exceeded = Exceeded { scope, wait: 300 };
            limits.exhaust(follow_up("POST /a", "a"), exceeded, NOW);
            assert_eq!(limits.count(refused, NOW), Err(exceeded));
            limits.count(allowed, NOW).unwrap();
            limits.count(refused, NOW + 300).unwrap();
        }
    }
}
