//! What has to be there at the end of a road, whatever went wrong on it: everything once, nothing lost, nothing left open.

use std::collections::HashMap;

use commands::time::minutes;
use sandbox::discord::Person;
use sandbox::shop::LinkState;

use super::step::Road;
use crate::world::World;

/// Judges the world at the end of a road; `again`: something was asked for anew, by the same person, under another key. Panics with everything that is lost or was done twice.
pub async fn judge(world: &World, who: &Person, road: &Road, again: bool) {
    world.passes(minutes(3)).await;
    who.sees().await;
    let more = usize::from(again);
    let mut wrong = Vec::new();
    let mut counts = |what: &str, expected: usize, more: usize, found: usize| {
        if found < expected {
            wrong.push(format!("lost: {what}, {found} instead of {expected}"));
        } else if found > expected + more {
            wrong.push(format!("twice: {what}, {found} instead of {expected}"));
        }
    };

    let trail = world.trail().await;
    for (beginning, expected) in road.trail {
        let found = trail.iter().filter(|event| event.starts_with(beginning)).count();
        let more = if *beginning == "looked_up" { more } else { 0 };
        counts(beginning, *expected, more, found);
    }
    let mails = world.sandbox.mail.all();
    // Whoever starts or sends again has another mail, and in doubt whether a password was changed there is a notice more.
    counts("mails", road.mails, 2 * more, mails.len());
    let mut of_request: HashMap<&str, usize> = HashMap::new();
    for request in mails.iter().filter_map(|mail| mail.request_id.as_deref()) {
        *of_request.entry(request).or_default() += 1;
    }
    for (request, found) in of_request {
        counts(&format!("the mail of {request}"), 1, 0, found);
    }
    for (function, expected) in road.keys {
        let calls = world.sandbox.aws.calls_of(function);
        let mut keys: Vec<_> = calls.into_iter().filter_map(|call| call.request_id).collect();
        keys.sort();
        keys.dedup();
        counts(&format!("keys of {function}"), *expected, more, keys.len());
    }
    counts("effects that are pending", 0, 0, count(world, "select count(*) from sessions where pending = 1").await);
    if road.resumed {
        counts("sessions that are open", 0, 0, count(world, "select count(*) from sessions where closed_at is null").await);
    }
    let open = world.sandbox.shop.links().into_iter().filter(|link| link.state == LinkState::Open).count();
    counts("links that are open", 0, 0, open);
    assert!(wrong.is_empty(), "{}\n{trail:#?}", wrong.join("\n"));
}

async fn count(world: &World, sql: &'static str) -> usize {
    usize::try_from(world.count(sql).await).unwrap()
}
