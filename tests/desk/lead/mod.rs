//! The lead's desk: who may use it, the lists of sessions, and the close of a session.

mod agent;
mod agent_acts;
mod close;
mod customer;
mod doors;
mod launcher;
mod lists;
mod pending;
mod requests;
mod stats;
mod stats_file;
mod take_over;
mod take_over_once;
mod trail;
mod trail_file;
mod trail_forged;

use sandbox::discord::Person;

use crate::world::World;

/// A reason of acceptable length.
const REASON: &str = "the caller was rude to Ben";

/// Returns the ids of all sessions, oldest first.
async fn ids(world: &World) -> Vec<String> {
    let ids = world.select("select id from sessions order by rowid").await;
    ids.into_iter().flatten().collect()
}

/// Returns the first six characters of the newest session's id.
async fn newest(world: &World) -> String {
    ids(world).await.pop().expect("a session")[..6].to_owned()
}

/// Looks a customer up. Reads the panel.
async fn looks_up(who: &Person, customer: &str) {
    who.types(&format!("/support technical email:{customer}")).await;
    who.sees().await;
}

/// Returns the events of `/desk` and its refusals.
async fn desk_events(world: &World) -> Vec<String> {
    let trail = world.trail().await;
    let of_desk = |event: &String| event.starts_with("desk_") || event.starts_with("refused");
    trail.into_iter().filter(of_desk).collect()
}
