//! The REST routes, and the door in front of them: the token, the faults on request, the record of
//! what was refused.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::faults::RestFault;
use super::refusal::{Blame, Refusal, Violation};
use super::{Discord, callback, channels, commands, ids, payload, webhook};
use crate::server::Wire;

/// Largest request in bytes: some files of 10 MiB, so that it is the judge who refuses one that is
/// too large.
const REQUEST_MAX: usize = 64 * 1024 * 1024;

/// Gateway sessions that a bot may begin in a day.
const STARTS: u64 = 1_000;

/// How much of a refused body is remembered, in characters.
const REMEMBERED: usize = 4_000;

/// How much of a token a record shows.
const TOKEN_SHOWN: usize = 24;

pub(super) fn routes(discord: &Arc<Discord>) -> Router<Arc<Discord>> {
    let message = get(webhook::fetch).patch(webhook::edit).delete(webhook::delete);
    Router::new()
        .route("/gateway", get(gateway))
        .route("/gateway/bot", get(gateway_bot))
        .route("/users/@me", get(async || Json(payload::bot_user())))
        .route("/applications/@me", get(async || Json(payload::application())))
        .route("/oauth2/applications/@me", get(async || Json(payload::application())))
        .route(
            "/applications/{app}/guilds/{guild}/commands",
            put(commands::register).get(commands::list),
        )
        .route("/interactions/{id}/{token}/callback", post(callback::answer))
        .route("/webhooks/{app}/{token}", post(webhook::follow_up))
        .route("/webhooks/{app}/{token}/messages/{message}", message)
        .route("/channels/{channel}", get(channels::look))
        .route("/channels/{channel}/messages", post(channels::create))
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, 0, "405: Method Not Allowed")
        })
        .layer(DefaultBodyLimit::max(REQUEST_MAX))
        .layer(middleware::from_fn_with_state(discord.clone(), door))
}

async fn gateway(State(discord): State<Arc<Discord>>) -> Json<Value> {
    Json(json!({ "url": discord.gateway_url() }))
}

async fn gateway_bot(State(discord): State<Arc<Discord>>) -> Json<Value> {
    let begun = discord.state().sessions.begun(discord.now());
    let remaining = discord.planner().starts_left().unwrap_or(STARTS.saturating_sub(begun));
    Json(json!({
        "url": discord.gateway_url(), "shards": 1,
        "session_start_limit": { "total": STARTS, "remaining": remaining, "reset_after": 86_400_000, "max_concurrency": 1 }
    }))
}

/// What every call passes on its way in and out.
async fn door(State(discord): State<Arc<Discord>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let route = format!("{} /api/v10{path}", request.method());
    let wire = request.extensions().get::<ConnectInfo<Wire>>().map(|info| info.0.clone());
    let fault = discord.planner().meet(&route);
    if fault.is_some() {
        discord.bump();
    }
    match fault {
        Some(RestFault::Late(by)) => discord.waits(by).await,
        Some(fault) => {
            if let Some(response) = refuse_unprocessed(fault, wire.as_ref()) {
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
        if discord.planner().refuses_token() { refusal.on_request() } else { refusal }
            .into_response()
    };
    if let Some(refusal) = response.extensions().get::<Refusal>() {
        // What comes of being held up is nobody's fault.
        let refusal = if matches!(fault, Some(RestFault::Late(_))) {
            refusal.clone().on_request()
        } else {
            refusal.clone()
        };
        discord.record(&refusal, &route, &bytes);
    }
    match fault {
        Some(RestFault::AnswerLost) => {
            discord.mark_lost(&path);
            cut(wire.as_ref())
        }
        Some(RestFault::AnswerLate(by)) => {
            discord.waits(by).await;
            response
        }
        _ => response,
    }
}

/// Interactions and their webhooks carry a token in the path; `GET /gateway` is for everybody.
fn has_token(path: &str, headers: &HeaderMap, discord: &Discord) -> bool {
    let open =
        path == "/gateway" || path.starts_with("/interactions/") || path.starts_with("/webhooks/");
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    open || given
        .and_then(|value| value.strip_prefix("Bot "))
        .is_some_and(|token| discord.knows_token(token))
}

fn refuse_unprocessed(fault: RestFault, wire: Option<&Wire>) -> Option<Response> {
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
        RestFault::Cut => Some(cut(wire)),
        RestFault::AnswerLost | RestFault::Late(_) | RestFault::AnswerLate(_) => None,
    }
}

/// Cuts the connection; what is returned does not reach the other side.
fn cut(wire: Option<&Wire>) -> Response {
    if let Some(wire) = wire {
        wire.cut();
    }
    StatusCode::BAD_GATEWAY.into_response()
}

impl Discord {
    pub(super) fn gateway_url(&self) -> String {
        format!("{}/gateway", self.base().replacen("http", "ws", 1))
    }

    async fn waits(&self, by: std::time::Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.clock.sleep_until(self.now().saturating_add(by)).await;
    }

    /// An answer to the interaction of this path is lost: the bot may rightly try again.
    fn mark_lost(&self, path: &str) {
        let id = path.strip_prefix("/interactions/").and_then(|rest| rest.split('/').next());
        let Some(id) = id.and_then(|id| id.parse::<u64>().ok()) else {
            return;
        };
        if let Some(interaction) = self.state().interactions.get_mut(&id) {
            interaction.answer_lost = true;
        }
    }

    fn record(&self, refusal: &Refusal, route: &str, body: &Bytes) {
        self.note(refusal.blame, refusal.line(), route, &String::from_utf8_lossy(body));
    }

    /// Remembers a violation.
    pub(crate) fn note(&self, blame: Blame, what: String, route: &str, body: &str) {
        let violation = Violation {
            at: self.now(),
            what,
            route: shortened(route),
            body: body.chars().take(REMEMBERED).collect(),
        };
        let mut state = self.state();
        match blame {
            Blame::Bot => {
                tracing::warn!(
                    route = violation.route,
                    what = violation.what,
                    "the bot broke a rule of Discord's"
                );
                state.violations.push(violation);
            }
            Blame::Delivery => state.expected.push(violation),
            Blame::Fault => return,
        }
        drop(state);
        self.bump();
    }
}

/// The route without the secret part of an interaction's token.
fn shortened(route: &str) -> String {
    route
        .split('/')
        .map(|part| match part.strip_prefix(ids::TOKEN_MARKER) {
            Some(_) => part.chars().take(TOKEN_SHOWN).chain(['…']).collect(),
            None => part.to_owned(),
        })
        .collect::<Vec<String>>()
        .join("/")
}
