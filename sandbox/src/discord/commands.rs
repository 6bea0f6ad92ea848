//! Registration of the guild's slash commands.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use twilight_model::application::command::Command;
use twilight_model::id::Id;

use super::body::Body;
use super::refusal::Refusal;
use super::service::Discord;
use super::validate::{command, keys};
use crate::seed::{APPLICATION_ID, GUILD_ID};

/// `PUT /applications/{app}/guilds/{guild}/commands`: replaces all commands.
pub(super) async fn register(
    From(discord): From<Arc<Discord>>,
    Path(path): Path<(String, String)>,
    body: Body,
) -> Result<Json<Vec<Command>>, Refusal> {
    validate_path(&path)?;
    let now = discord.now();
    discord.note_body("commands", &keys::COMMAND, &body.json);
    let mut commands = command::parse_commands(&body.json)?;
    let mut state = discord.state();
    for command in &mut commands {
        // A command that keeps its name keeps its id, so that an open menu in a client stays valid.
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
    Path(path): Path<(String, String)>,
) -> Result<Json<Vec<Command>>, Refusal> {
    validate_path(&path)?;
    Ok(Json(discord.commands()))
}

fn validate_path((app, guild): &(String, String)) -> Result<(), Refusal> {
    if *app != APPLICATION_ID.to_string() {
        return Err(Refusal::new(StatusCode::NOT_FOUND, 10002, "Unknown Application"));
    }
    if *guild != GUILD_ID.to_string() {
        return Err(Refusal::missing_access());
    }
    Ok(())
}

impl Discord {
    /// Returns the commands that the bot has registered, with their translations.
    pub fn commands(&self) -> Vec<Command> {
        self.state().commands.clone()
    }
}
