//! The REST routes.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::{get, patch, post, put};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};

use super::intercept::{REQUEST_MAX, intercept};
use super::refusal::Refusal;
use super::service::Discord;
use super::{callback, channels, commands, members, payload, webhook};

/// Gateway sessions that a bot can begin in a day.
const STARTS_PER_DAY: u64 = 1_000;

pub(super) fn routes(discord: &Arc<Discord>) -> Router<Arc<Discord>> {
    let message = get(webhook::fetch).patch(webhook::edit).delete(webhook::delete);
    let posted = patch(channels::edit).delete(channels::delete);
    Router::new()
        .route("/gateway", get(gateway))
        .route("/gateway/bot", get(gateway_bot))
        .route("/users/@me", get(async || Json(payload::bot_user())))
        .route("/applications/@me", get(application))
        .route("/oauth2/applications/@me", get(application))
        .route(
            "/applications/{app}/guilds/{guild}/commands",
            put(commands::register).get(commands::list),
        )
        .route("/interactions/{id}/{token}/callback", post(callback::create))
        .route("/webhooks/{app}/{token}", post(webhook::follow_up))
        .route("/webhooks/{app}/{token}/messages/{message}", message)
        .route("/guilds/{guild}/members/{user}", get(members::fetch))
        .route("/guilds/{guild}/roles", get(channels::roles))
        .route("/channels/{channel}", get(channels::fetch))
        .route("/channels/{channel}/messages", post(channels::create))
        .route("/channels/{channel}/messages/{message}", posted)
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, 0, "405: Method Not Allowed")
        })
        .layer(DefaultBodyLimit::max(REQUEST_MAX))
        .layer(middleware::from_fn_with_state(discord.clone(), intercept))
}

async fn gateway(State(discord): State<Arc<Discord>>) -> Json<Value> {
    Json(json!({ "url": discord.gateway_url() }))
}

async fn application(State(discord): State<Arc<Discord>>) -> Json<Value> {
    Json(payload::application(&discord.state().environment))
}

async fn gateway_bot(State(discord): State<Arc<Discord>>) -> Json<Value> {
    let started = discord.state().sessions.starts_today(discord.now());
    let remaining =
        discord.fault_plan().starts_left().unwrap_or(STARTS_PER_DAY.saturating_sub(started));
    Json(json!({
        "url": discord.gateway_url(), "shards": 1,
        "session_start_limit": { "total": STARTS_PER_DAY, "remaining": remaining, "reset_after": 86_400_000, "max_concurrency": 1 }
    }))
}

impl Discord {
    pub(super) fn gateway_url(&self) -> String {
        format!("{}/gateway", self.base_url().replacen("http", "ws", 1))
    }

    /// Returns the address at which sessions are resumed.
    pub(super) fn resume_gateway_url(&self) -> String {
        format!("{}/resume", self.gateway_url())
    }
}
