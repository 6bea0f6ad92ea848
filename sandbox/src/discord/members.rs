//! Members of the guild.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as From};
use serde_json::Value;

use super::payload;
use super::refusal::Refusal;
use super::service::Discord;
use crate::seed::{APPLICATION_ID, GUILD_ID};

/// `GET /guilds/{guild}/members/{user}`
pub(super) async fn fetch(
    From(discord): From<Arc<Discord>>,
    Path((guild, user)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    if guild != GUILD_ID.to_string() {
        return Err(Refusal::unknown_guild());
    }
    let state = discord.state();
    if state.environment.check_guild().is_err() {
        return Err(Refusal::unknown_guild().injected());
    }
    if user == APPLICATION_ID.to_string() {
        return Ok(Json(payload::bot_member()));
    }
    let member = user.parse().ok().and_then(|id: u64| state.members.get(&id));
    match member.filter(|member| !member.has_left) {
        Some(member) => Ok(Json(payload::member(member))),
        // A correct bot asks about a person who has left.
        None => Err(Refusal::unknown_member().excused_if(true)),
    }
}
