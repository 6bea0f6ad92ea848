//! Times before which Discord wants no calls of a kind, because a rate limit was reached.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use commands::model::time::Timestamp;

use super::failure::{RateLimit, Scope};
use super::http::Request;
use crate::calls::Call;

/// The limits that hold now.
#[derive(Default)]
pub(super) struct Pauses(Mutex<HashMap<Calls, Pause>>);

/// Calls that share a limit.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Calls {
    All,
    OfKind(Call),
    /// Of a kind, with the token or channel of this path. Contains a token, so it has no `Debug`.
    OfPlace(Call, String),
}

#[derive(Clone, Copy)]
struct Pause {
    since: Timestamp,
    until: Timestamp,
}

impl Pause {
    /// Returns the time left. `None`: the pause is over, or the clock was set back.
    fn left(&self, now: Timestamp) -> Option<Duration> {
        (self.since..self.until).contains(&now).then(|| self.until.since(now))
    }
}

impl Pauses {
    /// Notes a limit that an answer has named.
    pub(super) fn note(&self, request: &Request, limit: RateLimit, now: Timestamp) {
        let calls = match limit.scope {
            Scope::User => Calls::OfPlace(request.call, place(request)),
            Scope::Shared => Calls::OfKind(request.call),
            // Named by a call of an interaction, the limit holds for calls of this kind.
            Scope::Global if !request.call.needs_bot_token() => Calls::OfKind(request.call),
            Scope::Global | Scope::Address => Calls::All,
        };
        let pause = Pause { since: now, until: now + limit.wait };
        let mut pauses = self.pauses();
        pauses.retain(|_, pause| pause.left(now).is_some());
        pauses
            .entry(calls)
            .and_modify(|known| known.until = known.until.max(pause.until))
            .or_insert(pause);
    }

    /// Returns the time until the call may be made. `None`: it may be made now.
    pub(super) fn left(&self, request: &Request, now: Timestamp) -> Option<Duration> {
        let pauses = self.pauses();
        if pauses.is_empty() {
            return None;
        }
        let place = Calls::OfPlace(request.call, place(request));
        let kind = Calls::OfKind(request.call);
        // Discord's global limit does not count the calls of interactions (Discord documentation,
        // "Global Rate Limit").
        let all = request.call.needs_bot_token().then_some(Calls::All);
        let calls = [kind, place].into_iter().chain(all);
        calls.filter_map(|calls| pauses.get(&calls)?.left(now)).max()
    }

    fn pauses(&self) -> MutexGuard<'_, HashMap<Calls, Pause>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the part of the path that names a token or a channel. Discord counts by it, not by the
/// message.
fn place(request: &Request) -> String {
    let path = request.url.path();
    path.split_once("/messages").map_or(path, |(place, _)| place).to_owned()
}
