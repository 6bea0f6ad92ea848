//! Alerts for the leads: rows, cards in the leads' channel, and the leads' answers.

mod answers;
mod cards;
mod list;
mod outage;
mod pings;

use commands::model::alert::{AlertKind, AlertSubject, NewAlert};

use crate::world::World;

/// An alert about the agent with this Discord id.
fn about(kind: AlertKind, agent: u64) -> NewAlert {
    NewAlert::new(kind, AlertSubject::Agent(agent))
}

/// Returns the states of all alerts, the oldest first.
async fn states(world: &World) -> Vec<String> {
    let states = "select state from alerts where kind <> 'collected' order by opened_at, rowid";
    world.select(states).await.into_iter().flatten().collect()
}
