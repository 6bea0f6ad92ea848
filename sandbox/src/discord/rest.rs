//! The REST routes and their middleware: token check, fault injection, record of refusals.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::fault_plan::RestFault;
use super::refusal::Refusal;
use super::service::Discord;
use super::{callback, channels, commands, members, payload, webhook};
use crate::server::Wire;

/// Largest request in bytes: several files of 10 MiB, so that validation refuses a file that is too
/// large.
const REQUEST_MAX: usize = 64 * 1024 * 1024;

/// Gateway sessions that a bot can begin in a day.
const STARTS_PER_DAY: u64 = 1_000;

pub(super) fn routes(discord: &Arc<Discord>) -> Router<Arc<Discord>> {
    let message = get(webhook::fetch).patch(webhook::edit).delete(webhook::delete);
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

/// Applies planned faults, checks the token and records refusals.
async fn intercept(State(discord): State<Arc<Discord>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let route = format!("{} /api/v10{path}", request.method());
    let wire = request.extensions().get::<ConnectInfo<Wire>>().map(|info| info.0.clone());
    let fault = discord.fault_plan().take(&route);
    if fault.is_some() {
        discord.bump();
    }
    match fault {
        Some(RestFault::Late(by)) => discord.sleep(by).await,
        Some(fault) => {
            if let Some(response) = unprocessed_response(fault, wire.as_ref()) {
                return response;
            }
        }
        None => {}
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, REQUEST_MAX).await else {
        return Refusal::too_large().into_response();
    };
    let response = if has_token(&path, &parts.headers, &discord) {
        next.run(Request::from_parts(parts, Body::from(bytes.clone()))).await
    } else {
        let refusal = Refusal::unauthorized();
        if discord.fault_plan().refuses_token() { refusal.injected() } else { refusal }
            .into_response()
    };
    if let Some(refusal) = response.extensions().get::<Refusal>() {
        // The bot is not to blame for the effects of an injected delay.
        let refusal = if matches!(fault, Some(RestFault::Late(_))) {
            refusal.clone().injected()
        } else {
            refusal.clone()
        };
        let body = String::from_utf8_lossy(&bytes);
        discord.record_violation(refusal.blame, refusal.line(), &route, &body);
    }
    match fault {
        Some(RestFault::AnswerLost) => {
            discord.mark_answer_lost(&path);
            cut(wire.as_ref())
        }
        Some(RestFault::AnswerLate(by)) => {
            discord.sleep(by).await;
            response
        }
        _ => response,
    }
}

/// Checks the bot's token. Interactions and webhooks have a token in their path, and `GET /gateway`
/// is public.
fn has_token(path: &str, headers: &HeaderMap, discord: &Discord) -> bool {
    let open =
        path == "/gateway" || path.starts_with("/interactions/") || path.starts_with("/webhooks/");
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    open || given
        .and_then(|value| value.strip_prefix("Bot "))
        .is_some_and(|token| discord.accepts_token(token))
}

fn unprocessed_response(fault: RestFault, wire: Option<&Wire>) -> Option<Response> {
    match fault {
        RestFault::TooMany { retry_after } => {
            let seconds = retry_after.as_secs_f64();
            let body = json!({ "message": "You are being rate limited.", "retry_after": seconds, "global": false });
            let mut response = (StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response();
            let headers = response.headers_mut();
            if let Ok(value) = HeaderValue::from_str(&seconds.ceil().to_string()) {
                headers.insert(RETRY_AFTER, value);
            }
            headers.insert("x-ratelimit-scope", HeaderValue::from_static("user"));
            Some(response)
        }
        RestFault::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let words = status.canonical_reason().unwrap_or("Error");
            let body = json!({ "message": format!("{}: {words}", status.as_u16()), "code": 0 });
            Some((status, Json(body)).into_response())
        }
        RestFault::InvalidForm => {
            let path = "data.components.0.components.0.options.1.value";
            let code = "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED";
            Some(
                Refusal::form(path, code, "The value eco-casa-luz is already used").into_response(),
            )
        }
        RestFault::UnreadableForm => {
            let errors = json!({ "data": { "_errors": [{ "message": "Invalid" }] } });
            let body = json!({ "code": 50035, "message": "Invalid Form Body", "errors": errors });
            Some((StatusCode::BAD_REQUEST, Json(body)).into_response())
        }
        RestFault::Cut => Some(cut(wire)),
        RestFault::AnswerLost | RestFault::Late(_) | RestFault::AnswerLate(_) => None,
    }
}

/// Cuts the connection. The returned response does not reach the client.
fn cut(wire: Option<&Wire>) -> Response {
    if let Some(wire) = wire {
        wire.cut();
    }
    StatusCode::BAD_GATEWAY.into_response()
}

impl Discord {
    pub(super) fn gateway_url(&self) -> String {
        format!("{}/gateway", self.base_url().replacen("http", "ws", 1))
    }

    /// Returns the address at which sessions are resumed.
    pub(super) fn resume_gateway_url(&self) -> String {
        format!("{}/resume", self.gateway_url())
    }

    async fn sleep(&self, by: std::time::Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.clock.sleep_until(self.now().saturating_add(by)).await;
    }

    /// Marks that the interaction of this path lost an answer, so the bot may answer again.
    fn mark_answer_lost(&self, path: &str) {
        let id = path.strip_prefix("/interactions/").and_then(|rest| rest.split('/').next());
        let Some(id) = id.and_then(|id| id.parse::<u64>().ok()) else {
            return;
        };
        if let Some(interaction) = self.state().interactions.get_mut(&id) {
            interaction.answer_lost = true;
        }
    }
}
