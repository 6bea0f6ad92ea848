//! Looks whether the bot is still in its guild, and has its commands there: once an hour, and each
//! minute after it was kicked.
//!
//! Discord sends a bot that was kicked no event about it.

use std::convert::Infallible;
use std::time::Duration;

use commands::ports::clock::Clock;

use super::registration::Registration;
use crate::health::{GuildState, Health};

/// Time between two looks while the bot is not in its guild. Its commands are gone then, and agents
/// wait for them.
const KICKED_INTERVAL: Duration = Duration::from_mins(1);

/// Looks at the guild's commands until it is dropped.
pub(crate) async fn watch_guild(
    mut registration: Registration,
    health: &Health,
    clock: &dyn Clock,
) -> Infallible {
    let mut is_kicked = false;
    loop {
        let wait = if is_kicked { KICKED_INTERVAL } else { registration.next_look() };
        clock.sleep(wait).await;
        let Some(state) = registration.look().await else { continue };
        is_kicked = state == GuildState::Kicked;
        match (health.set_guild(state), state) {
            (true, GuildState::Kicked) => {
                tracing::error!("the bot was kicked from its guild: no interaction arrives");
            }
            (true, GuildState::Joined) => tracing::info!("the bot is in its guild again"),
            (false, _) => {}
        }
    }
}
