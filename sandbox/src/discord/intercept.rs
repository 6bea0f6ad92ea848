//! The middleware of the REST routes: rate limits, credentials, planned faults, and the record of
//! what the bot does wrong.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, USER_AGENT};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::fault_plan::RestFault;
use super::lost_answers::follow_up_token;
use super::rate_limits::{Call, Exceeded, Usage};
use super::refusal::{Blame, Refusal};
use super::service::Discord;
use super::{failures, injection};
use crate::server::Wire;

/// Largest request in bytes: several files of 10 MiB, so that validation refuses a file that is too
/// large.
pub(super) const REQUEST_MAX: usize = 64 * 1024 * 1024;

/// A request before it reaches its route.
pub(super) struct Arrival {
    /// The path below `/api/v10`.
    pub(super) path: String,
    /// Method and whole path.
    pub(super) route: String,
    /// The token, if the request is a follow-up.
    pub(super) follow_up: Option<String>,
    pub(super) wire: Option<Wire>,
    fault: Option<RestFault>,
}

/// Handles a request as Discord does, and counts it if it is invalid.
pub(super) async fn intercept(
    State(discord): State<Arc<Discord>>,
    request: Request,
    next: Next,
) -> Response {
    let response = answer(&discord, request, next).await;
    if failures::is_invalid_request(&response) {
        let max = discord.fault_plan().invalid_max();
        discord.rate_limits().count_invalid(max, discord.now());
    }
    response
}

async fn answer(discord: &Arc<Discord>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let route = format!("{} /api/v10{path}", request.method());
    discord.record_early_call(&route);
    let blocked = discord.rate_limits().blocked_for(discord.now());
    if let Some(wait) = blocked {
        return discord.block(&route, wait);
    }
    let fault = discord.fault_plan().take(&route);
    if fault.is_some() {
        discord.bump();
    }
    let arrival = Arrival {
        follow_up: follow_up_token(request.method().as_str(), &path).map(str::to_owned),
        wire: request.extensions().get::<ConnectInfo<Wire>>().map(|info| info.0.clone()),
        path,
        route,
        fault,
    };
    if let Some(fault) = fault
        && let Some(response) = injection::fail_before_work(discord, &arrival, fault).await
    {
        return response;
    }
    let response = process(discord, &arrival, request, next).await;
    match fault {
        Some(fault) => injection::fail_after_work(discord, &arrival, fault, response).await,
        None => response,
    }
}

/// Passes a request to its route, and records a refusal.
async fn process(
    discord: &Arc<Discord>,
    arrival: &Arrival,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, REQUEST_MAX).await else {
        return Refusal::too_large().into_response();
    };
    let response = match check_credentials(&arrival.path, &parts.headers, discord) {
        Ok(()) => {
            let usage = match discord.count_call(arrival) {
                Ok(usage) => usage,
                Err(exceeded) => return discord.limit(&arrival.route, exceeded),
            };
            let mut response =
                next.run(Request::from_parts(parts, Body::from(bytes.clone()))).await;
            if let Some(usage) = usage {
                failures::add_usage(response.headers_mut(), usage, discord.now());
            }
            response
        }
        Err(refusal) => refusal.into_response(),
    };
    if let Some(refusal) = response.extensions().get::<Refusal>() {
        // The bot is not to blame for the effects of an injected delay.
        let refusal = if matches!(arrival.fault, Some(RestFault::Late(_))) {
            refusal.clone().injected()
        } else {
            refusal.clone()
        };
        let body = String::from_utf8_lossy(&bytes);
        discord.record_violation(refusal.blame, refusal.line(), &arrival.route, &body);
    }
    response
}

/// Checks the user agent and the bot's token.
///
/// Interactions and webhooks have a token in their path, and `GET /gateway` is public.
fn check_credentials(path: &str, headers: &HeaderMap, discord: &Discord) -> Result<(), Refusal> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let has_token = path.starts_with("/interactions/") || path.starts_with("/webhooks/");
    let is_allowed = |agent| is_bot_agent(agent) || has_token && is_library_agent(agent);
    if !header(USER_AGENT).is_some_and(is_allowed) {
        return Err(Refusal::wrong_user_agent());
    }
    let open = has_token || path == "/gateway";
    let token = header(AUTHORIZATION).and_then(|value| value.strip_prefix("Bot "));
    if open || token.is_some_and(|token| discord.accepts_token(token)) {
        return Ok(());
    }
    let refusal = Refusal::unauthorized();
    Err(if discord.fault_plan().refuses_token() { refusal.injected() } else { refusal })
}

/// Returns true for `DiscordBot (url, version)`, which more words can follow (Discord
/// documentation, "User Agent").
///
/// The comma is optional, because a widespread library leaves it out.
fn is_bot_agent(agent: &str) -> bool {
    let inner = agent
        .strip_prefix("DiscordBot (")
        .and_then(|rest| rest.split_once(')'))
        .map_or("", |(inner, _)| inner);
    let (url, version) = inner.split_once(' ').unwrap_or_default();
    url.starts_with("http") && !version.trim().is_empty()
}

/// Returns true for the HTTP client of discord.py 2.7.1, which sends no user agent of its own with
/// interaction answers and webhook calls. Discord serves such bots.
fn is_library_agent(agent: &str) -> bool {
    agent.starts_with("Python/") && agent.contains(" aiohttp/")
}

impl Discord {
    /// Records a call before the time that an earlier 429 named.
    fn record_early_call(&self, route: &str) {
        let early = self.rate_limits().early_call(route, self.now());
        if let Some(early) = early {
            let blame = if early.same_route { Blame::Bot } else { Blame::Delivery };
            let what = format!("called {} ms before its Retry-After", early.by);
            self.record_violation(blame, what, route, "");
        }
    }

    fn count_call(&self, arrival: &Arrival) -> Result<Option<Usage>, Exceeded> {
        self.with_call(arrival, |call| self.rate_limits().count(call, self.now()))
    }

    /// Describes a request to the rate limits.
    pub(super) fn with_call<T>(&self, arrival: &Arrival, act: impl FnOnce(Call<'_>) -> T) -> T {
        let Arrival { path, route, .. } = arrival;
        let follow_up = arrival.follow_up.as_deref().map(|token| {
            (token, self.state().find_by_token(token).map(|interaction| interaction.channel))
        });
        let of_interaction = path.starts_with("/interactions/") || path.starts_with("/webhooks/");
        act(Call { route, follow_up, of_interaction })
    }

    /// Answers 429 and remembers the wait that the answer names.
    pub(super) fn limit(&self, route: &str, exceeded: Exceeded) -> Response {
        self.rate_limits().name_wait(route, exceeded.wait, self.now());
        failures::too_many(exceeded)
    }

    /// Answers as Cloudflare and remembers the wait that the answer names.
    pub(super) fn block(&self, route: &str, wait: i64) -> Response {
        self.rate_limits().name_wait(route, wait, self.now());
        failures::blocked(wait)
    }

    /// Returns the number of requests in the last ten minutes that Discord counts as invalid: those
    /// answered with 401, 403 or 429, except a 429 of a shared limit.
    pub fn invalid_requests(&self) -> usize {
        self.rate_limits().invalid_requests(self.now())
    }

    /// Lifts the rate limits, for a benchmark that does more than Discord allows.
    pub fn lift_rate_limits(&self) {
        self.rate_limits().lift();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agent_of_a_bot_names_address_and_version() {
        for agent in [
            "DiscordBot (https://github.com/serenity-rs/serenity, 0.12.5)",
            "DiscordBot (https://discord.js.org, 2.5.0) Node.js/20",
            "DiscordBot (https://github.com/Rapptz/discord.py 2.4.0) Python/3.11",
        ] {
            assert!(is_bot_agent(agent), "{agent}");
        }
        for agent in ["", "reqwest/0.12", "DiscordBot", "DiscordBot ()", "DiscordBot (https://a)"] {
            assert!(!is_bot_agent(agent), "{agent}");
        }
    }
}
