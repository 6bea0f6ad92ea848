//! Heartbeats of a bot.

use serde_json::Value;

use super::refusal::Blame;
use super::service::Discord;

/// Records a heartbeat without the number of an event that the session has received. Null is right
/// before the first event only (Discord documentation, "Sending Heartbeats").
pub(super) fn check_sequence(discord: &Discord, connection: u64, sequence: &Value) {
    let Some(newest) = discord.state().sessions.sequence(connection) else { return };
    if !sequence.as_u64().is_some_and(|number| (1..=newest).contains(&number)) {
        let what = format!("a heartbeat with {sequence} after event {newest}");
        discord.record_violation(Blame::Bot, what, "gateway", "");
    }
}
