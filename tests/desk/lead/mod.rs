//! The lead's desk: who may use it, the lists of sessions, and the close of a session.

mod agent;
mod agent_acts;
mod agent_links;
mod close;
mod customer;
mod doors;
mod every_door;
mod launcher;
mod lists;
mod pending;
mod requests;
mod stats;
mod stats_file;
mod take_over;
mod take_over_once;
mod take_over_stages;
mod trail;
mod trail_acts;
mod trail_file;
mod trail_forged;
mod unlink_once;

use std::time::Duration;

use sandbox::discord::Person;

use crate::world::World;

/// A reason of acceptable length.
const REASON: &str = "the caller was rude to Ben";

const JULIA: &str = "julia@example.com";

/// Counts the open sessions.
const OPEN: &str = "select count(*) from sessions where closed_at is null";

/// Time after which a Discord client reports a failed interaction.
const TOO_LATE: Duration = Duration::from_millis(3_001);

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

/// Opens the list of sessions and the card of the newest one. Returns the card.
async fn opens_card(world: &World, lead: &Person) -> String {
    lead.types("/desk sessions").await;
    lead.sees().await;
    lead.selects(&newest(world).await).await;
    lead.sees().await
}

/// Opens the card of an agent, presses a button and gives the reason. Returns the answer.
async fn acts_on_agent(lead: &Person, agent: &str, label: &str) -> String {
    lead.types(&format!("/desk agent agent:{agent}")).await;
    lead.sees().await;
    lead.presses(label).await;
    lead.sees().await;
    lead.submits([REASON]).await;
    lead.sees().await
}

/// Returns the events of `/desk` and its refusals.
async fn desk_events(world: &World) -> Vec<String> {
    let trail = world.trail().await;
    let of_desk = |event: &String| event.starts_with("desk_") || event.starts_with("refused");
    trail.into_iter().filter(of_desk).collect()
}
