//! What has to be there at the end of a road, whatever went wrong on it: everything once, nothing lost, nothing left open.

use std::collections::HashMap;

use sandbox::Sandbox;
use sandbox::shop::LinkState;
use sqlx::{AnyConnection, Connection as _, Row as _};

use super::step::Road;

/// The bot's store, as an operator would look into it.
struct Store {
    trail: Vec<String>,
    pending: usize,
    open: usize,
}

impl Store {
    async fn read(url: &str) -> Self {
        sqlx::any::install_default_drivers();
        let mut store = AnyConnection::connect(url).await.unwrap();
        let events = sqlx::query("select what, detail from events order by at, chain, seq").fetch_all(&mut store).await.unwrap();
        let trail = events.iter().map(|event| format!("{} {}", event.get::<String, _>(0), event.get::<String, _>(1))).collect();
        let rows = sqlx::query("select pending, closed_at from sessions").fetch_all(&mut store).await.unwrap();
        let pending = rows.iter().filter(|row| row.get::<i64, _>(0) == 1).count();
        let open = rows.iter().filter(|row| row.get::<Option<i64>, _>(1).is_none()).count();
        store.close().await.unwrap();
        Self { trail, pending, open }
    }
}

/// How many sessions have an effect without outcome.
pub async fn pending(database: &str) -> usize {
    Store::read(database).await.pending
}

/// What was not as often as it has to be.
#[derive(Default)]
struct Wrong {
    why: Vec<String>,
    /// Something was asked for once more, and may be.
    anew: bool,
}

impl Wrong {
    fn counts(&mut self, what: &str, expected: usize, more: usize, found: usize) {
        if found < expected {
            self.why.push(format!("lost: {what}, {found} instead of {expected}"));
        } else if found > expected + more {
            self.why.push(format!("twice: {what}, {found} instead of {expected}"));
        }
        self.anew |= found > expected;
    }
}

/// Judges the other side and the store at the end of a road; `again`: the same person has asked for something anew, under another key.
/// Answers whether that shows. Panics with everything that is lost or was done twice.
pub async fn judge(sandbox: &Sandbox, database: &str, road: &Road, again: bool) -> bool {
    let Store { trail, pending, open } = Store::read(database).await;
    let more = usize::from(again);
    let mut wrong = Wrong::default();
    for (beginning, expected) in road.trail {
        let found = trail.iter().filter(|event| event.starts_with(beginning)).count();
        wrong.counts(beginning, *expected, if *beginning == "looked_up" { more } else { 0 }, found);
    }
    let mails = sandbox.mail.all();
    // Whoever starts or sends again has another mail, and in doubt whether a password was changed there is a notice more.
    wrong.counts("mails", road.mails, 2 * more, mails.len());
    let mut of_request: HashMap<&str, usize> = HashMap::new();
    for request in mails.iter().filter_map(|mail| mail.request_id.as_deref()) {
        *of_request.entry(request).or_default() += 1;
    }
    for (request, found) in of_request {
        wrong.counts(&format!("the mail of {request}"), 1, 0, found);
    }
    for (function, expected) in road.keys {
        let mut keys: Vec<_> = sandbox.aws.calls_of(function).into_iter().filter_map(|call| call.request_id).collect();
        keys.sort();
        keys.dedup();
        wrong.counts(&format!("keys of {function}"), *expected, more, keys.len());
    }
    wrong.counts("effects that are pending", 0, 0, pending);
    if road.resumed {
        wrong.counts("sessions that are open", 0, 0, open);
    }
    let links = sandbox.shop.links().into_iter().filter(|link| link.state == LinkState::Open).count();
    wrong.counts("links that are open", 0, 0, links);
    assert!(wrong.why.is_empty(), "{}\n{trail:#?}", wrong.why.join("\n"));
    wrong.anew
}
