//! Registration of the guild's slash commands.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
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
) -> Result<Json<Vec<Value>>, Response> {
    validate_path(&discord, &path).map_err(Refusal::into_response)?;
    let now = discord.now();
    let exceeded = discord.state().command_limit.refuse(now);
    if let Some(exceeded) = exceeded {
        let (application, guild) = &path;
        let route = format!("PUT /api/v10/applications/{application}/guilds/{guild}/commands");
        return Err(discord.limit(&route, exceeded));
    }
    discord.note_body("commands", &keys::COMMAND, &body.json);
    let mut commands = command::parse_commands(&body.json).map_err(Refusal::into_response)?;
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
    Ok(Json(commands.iter().map(|command| as_discord_sends(command, true)).collect()))
}

/// The query of a list of commands.
#[derive(Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    with_localizations: bool,
}

/// `GET /applications/{app}/guilds/{guild}/commands`
pub(super) async fn list(
    From(discord): From<Arc<Discord>>,
    Path(path): Path<(String, String)>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Vec<Value>>, Refusal> {
    validate_path(&discord, &path)?;
    let send = |command: &Command| as_discord_sends(command, query.with_localizations);
    Ok(Json(discord.commands().iter().map(send).collect()))
}

/// Builds a command as Discord returns it: with defaults, and without empty fields of options. The
/// translations are left out of a list, unless the bot asks for them.
fn as_discord_sends(command: &Command, with_localizations: bool) -> Value {
    // Serializing a command cannot fail.
    let mut sent = serde_json::to_value(command).unwrap_or_default();
    if !with_localizations {
        leave_out_localizations(&mut sent);
    }
    leave_out_empty(&mut sent["options"]);
    for (field, value) in [
        ("dm_permission", json!(true)),
        ("contexts", Value::Null),
        ("integration_types", json!([0])),
    ] {
        sent[field] = value;
    }
    sent
}

fn leave_out_localizations(command: &mut Value) {
    if let Some(fields) = command.as_object_mut() {
        fields.retain(|name, _| !name.ends_with("_localizations"));
    }
    command["options"].as_array_mut().into_iter().flatten().for_each(leave_out_localizations);
}

fn leave_out_empty(options: &mut Value) {
    for fields in options.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        let is_empty = |value: &Value| match value {
            Value::Null | Value::Bool(false) => true,
            Value::Array(values) => values.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        };
        fields.retain(|_, value| !is_empty(value));
        if let Some(options) = fields.get_mut("options") {
            leave_out_empty(options);
        }
    }
}

fn validate_path(discord: &Discord, (app, guild): &(String, String)) -> Result<(), Refusal> {
    if *app != APPLICATION_ID.to_string() {
        return Err(Refusal::new(StatusCode::NOT_FOUND, 10002, "Unknown Application"));
    }
    if *guild != GUILD_ID.to_string() {
        return Err(Refusal::missing_access());
    }
    discord.state().environment.check_guild()
}

impl Discord {
    /// Returns the commands that the bot has registered, with their translations.
    pub fn commands(&self) -> Vec<Command> {
        self.state().commands.clone()
    }
}
