//! Applies a planned fault to a call, before and after its work.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::failures;
use super::fault_plan::{ErrorBody, RestFault, Scope};
use super::intercept::Arrival;
use super::rate_limits::Exceeded;
use super::refusal::Refusal;
use super::service::Discord;
use crate::server::Wire;

/// Returns the answer of a fault that comes before the work. `None`: the call is processed.
pub(super) async fn fail_before_work(
    discord: &Arc<Discord>,
    arrival: &Arrival,
    fault: RestFault,
) -> Option<Response> {
    let fails = matches!(
        fault,
        RestFault::Status(_) | RestFault::ServerError { .. } | RestFault::Hang | RestFault::Cut
    );
    if fails && arrival.follow_up.is_some() {
        discord.count_follow_up_lost_before_work();
    }
    match fault {
        RestFault::TooMany { retry_after } => {
            Some(discord.limit_by_fault(arrival, Scope::User, retry_after))
        }
        RestFault::Limited { scope, retry_after } => {
            Some(discord.limit_by_fault(arrival, scope, retry_after))
        }
        RestFault::Blocked { retry_after } => {
            let wait = millis(retry_after);
            discord.rate_limits().block(wait, discord.now());
            Some(discord.block(&arrival.route, wait))
        }
        RestFault::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let words = status.canonical_reason().unwrap_or("Error");
            let body = json!({ "message": format!("{}: {words}", status.as_u16()), "code": 0 });
            Some((status, Json(body)).into_response())
        }
        RestFault::ServerError { status, body } => Some(failures::server_error(status, body).await),
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
        RestFault::Hang => {
            discord.stopping.cancelled().await;
            Some(cut(arrival.wire.as_ref()))
        }
        RestFault::Cut => Some(cut(arrival.wire.as_ref())),
        RestFault::Late(by) => {
            discord.sleep(by).await;
            None
        }
        RestFault::ErrorAfterWork(_)
        | RestFault::AnswerLost
        | RestFault::AnswerCutShort
        | RestFault::AnswerLate(_) => None,
    }
}

/// Applies a fault to the answer of a processed call.
pub(super) async fn fail_after_work(
    discord: &Arc<Discord>,
    arrival: &Arrival,
    fault: RestFault,
    response: Response,
) -> Response {
    let lost = matches!(
        fault,
        RestFault::ErrorAfterWork(_) | RestFault::AnswerLost | RestFault::AnswerCutShort
    );
    if lost && response.status().is_success() {
        match &arrival.follow_up {
            Some(token) => discord.mark_follow_up_lost(token),
            None => discord.mark_first_answer_lost(&arrival.path),
        }
    }
    match fault {
        RestFault::ErrorAfterWork(status) => failures::server_error(status, ErrorBody::Html).await,
        RestFault::AnswerLost => cut(arrival.wire.as_ref()),
        // There is nothing to cut short in an answer without a body.
        RestFault::AnswerCutShort if response.status() == StatusCode::NO_CONTENT => {
            cut(arrival.wire.as_ref())
        }
        RestFault::AnswerCutShort => failures::cut_short(response).await,
        RestFault::AnswerLate(by) => {
            discord.sleep(by).await;
            response
        }
        _ => response,
    }
}

/// Cuts the connection. The returned response does not reach the client.
fn cut(wire: Option<&Wire>) -> Response {
    if let Some(wire) = wire {
        wire.cut();
    }
    StatusCode::BAD_GATEWAY.into_response()
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

impl Discord {
    /// Answers 429 and exhausts a window of this scope.
    fn limit_by_fault(&self, arrival: &Arrival, scope: Scope, retry_after: Duration) -> Response {
        let exceeded = Exceeded { scope, wait: millis(retry_after) };
        self.with_call(arrival, |call| self.rate_limits().exhaust(call, exceeded, self.now()));
        self.limit(&arrival.route, exceeded)
    }

    async fn sleep(&self, by: Duration) {
        self.clock.sleep_until(self.now().saturating_add(millis(by))).await;
    }
}
