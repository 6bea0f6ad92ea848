//! Looks once an hour whether the bot is still in its guild, and has its commands there.
//!
//! Discord sends a bot that was kicked no event about it.

use std::convert::Infallible;

use commands::ports::clock::Clock;

use super::registration::Registration;
use crate::health::{GuildState, Health};

/// Looks at the guild's commands until it is dropped.
pub(crate) async fn watch_guild(
    mut registration: Registration,
    health: &Health,
    clock: &dyn Clock,
) -> Infallible {
    loop {
        clock.sleep(registration.next_look()).await;
        let Some(state) = registration.look().await else { continue };
        match (health.set_guild(state), state) {
            (true, GuildState::Kicked) => {
                tracing::error!("the bot was kicked from its guild: no interaction arrives");
            }
            (true, GuildState::Joined) => tracing::info!("the bot is in its guild again"),
            (false, _) => {}
        }
    }
}
