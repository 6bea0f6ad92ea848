//! The registration of slash commands in the guild.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use twilight_model::application::command::Command;
use twilight_model::id::Id;

use super::Discord;
use super::body::Body;
use super::judge::command;
use super::refusal::Refusal;
use crate::cast::{APPLICATION_ID, GUILD_ID};

/// `PUT /applications/{app}/guilds/{guild}/commands`: these and no others.
pub(super) async fn register(
    From(discord): From<Arc<Discord>>,
    Path(place): Path<(String, String)>,
    body: Body,
) -> Result<Json<Vec<Command>>, Refusal> {
    ours(&place)?;
    let now = discord.now();
    let mut commands = command::read_all(&body.json)?;
    let mut state = discord.state();
    for command in &mut commands {
        // A command that keeps its name keeps its id, so that a client's open menu stays valid.
        let known = state.commands.iter().find(|known| known.name == command.name);
        let id = known.and_then(|known| known.id);
        command.id = id.or_else(|| Id::new_checked(state.new_id(now)));
        command.application_id = Id::new_checked(APPLICATION_ID);
        command.guild_id = Id::new_checked(GUILD_ID);
        if let Some(version) = Id::new_checked(state.new_id(now)) {
            command.version = version;
        }
    }
    state.commands.clone_from(&commands);
    drop(state);
    discord.bump();
    Ok(Json(commands))
}

/// `GET /applications/{app}/guilds/{guild}/commands`
pub(super) async fn list(
    From(discord): From<Arc<Discord>>,
    Path(place): Path<(String, String)>,
) -> Result<Json<Vec<Command>>, Refusal> {
    ours(&place)?;
    Ok(Json(discord.commands()))
}

fn ours((app, guild): &(String, String)) -> Result<(), Refusal> {
    if *app != APPLICATION_ID.to_string() {
        return Err(Refusal::new(StatusCode::NOT_FOUND, 10002, "Unknown Application"));
    }
    if *guild != GUILD_ID.to_string() {
        return Err(Refusal::new(StatusCode::FORBIDDEN, 50001, "Missing Access"));
    }
    Ok(())
}

impl Discord {
    /// The commands that the bot has registered, with their translations.
    #[must_use]
    pub fn commands(&self) -> Vec<Command> {
        self.state().commands.clone()
    }
}
