//! The routes of the local Discord.

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};

use super::service::Discord;
use super::{channels, gateway, rest};

/// Returns the routes `/api/v10/*`, `/gateway` and `/attachments/*`.
pub fn router(discord: Arc<Discord>) -> Router {
    Router::new()
        .nest("/api/v10", rest::routes(&discord))
        .route("/gateway", any(gateway::upgrade))
        .route("/gateway/", any(gateway::upgrade))
        .route("/gateway/resume", any(gateway::upgrade_resume))
        .route("/attachments/{message}/{name}", get(channels::attachment))
        .with_state(discord)
}
