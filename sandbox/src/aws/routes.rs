//! The HTTP routes of both services: authentication, target and body of a call.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use serde::Deserialize;
use serde_json::Value;

use super::faults::Call;
use super::lambda::{FUNCTIONS, MAIL_QUESTION};
use super::serve::{Service, failure, serve_detached};
use super::service::Aws;
use super::{cognito, wire};

/// Prefix of Cognito's `X-Amz-Target`.
const TARGET: &str = "AWSCognitoIdentityProviderService.";
/// Aliases of the functions.
const ALIASES: [&str; 2] = ["live", "$LATEST"];

/// Returns the routes of both services under `/aws`, with full paths: merge, do not nest.
pub fn router(aws: Arc<Aws>) -> Router {
    Router::new()
        .route("/aws", post(call_cognito))
        .route("/aws/", post(call_cognito))
        .route("/aws/2015-03-31/functions/{name}/invocations", post(call_lambda))
        .with_state(aws)
}

async fn call_cognito(
    State(aws): State<Arc<Aws>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let Some(operation) = target.and_then(|target| target.strip_prefix(TARGET)).map(str::to_owned)
    else {
        return failure(Service::Cognito, StatusCode::BAD_REQUEST, "UnknownOperationException", "");
    };
    if !cognito::is_public(&operation) && !wire::is_signed(&headers) {
        return failure(
            Service::Cognito,
            StatusCode::BAD_REQUEST,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        );
    }
    if !cognito::is_public(&operation) && !wire::is_in_time(&headers, aws.clock.now()) {
        return failure(
            Service::Cognito,
            StatusCode::BAD_REQUEST,
            "InvalidSignatureException",
            "Signature expired",
        );
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return failure(Service::Cognito, StatusCode::BAD_REQUEST, "SerializationException", "");
    };
    let call =
        Call { function: operation, qualifier: None, request_id: None, at: aws.clock.now(), body };
    serve_detached(aws, Service::Cognito, call).await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Invocation {
    qualifier: Option<String>,
}

async fn call_lambda(
    State(aws): State<Arc<Aws>>,
    Path(name): Path<String>,
    Query(Invocation { qualifier }): Query<Invocation>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    if !wire::is_signed(&headers) {
        return failure(
            Service::Lambda,
            StatusCode::FORBIDDEN,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        );
    }
    if !wire::is_in_time(&headers, aws.clock.now()) {
        return failure(
            Service::Lambda,
            StatusCode::FORBIDDEN,
            "InvalidSignatureException",
            "Signature expired",
        );
    }
    let Some((function, alias)) = find_function(&name) else {
        return failure(
            Service::Lambda,
            StatusCode::NOT_FOUND,
            "ResourceNotFoundException",
            &format!("Function not found: {name}"),
        );
    };
    let qualifier = alias.map(str::to_owned).or(qualifier);
    if qualifier.as_deref().is_some_and(|alias| !ALIASES.contains(&alias)) {
        return failure(
            Service::Lambda,
            StatusCode::NOT_FOUND,
            "ResourceNotFoundException",
            &format!("Cannot find alias: {name}"),
        );
    }
    match headers
        .get("x-amz-invocation-type")
        .map_or("RequestResponse", |value| value.to_str().unwrap_or_default())
    {
        "RequestResponse" => {}
        "DryRun" => return wire::text_answer(StatusCode::NO_CONTENT, wire::JSON, String::new()),
        _ => {
            return failure(
                Service::Lambda,
                StatusCode::BAD_REQUEST,
                "InvalidParameterValueException",
                "The sandbox supports synchronous invocations only",
            );
        }
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return failure(
            Service::Lambda,
            StatusCode::BAD_REQUEST,
            "InvalidRequestContentException",
            "Could not parse request body into json",
        );
    };
    let request_id = body.get("request_id").and_then(Value::as_str).map(str::to_owned);
    let function = if body["op"] == "status" { MAIL_QUESTION } else { function };
    let call =
        Call { function: function.to_owned(), qualifier, request_id, at: aws.clock.now(), body };
    serve_detached(aws, Service::Lambda, call).await
}

/// Finds the function and alias of `name`, `name:alias` or an ARN with or without an alias.
fn find_function(given: &str) -> Option<(&'static str, Option<&str>)> {
    let tail = if given.starts_with("arn:") { given.split_once(":function:")?.1 } else { given };
    let (name, alias) =
        tail.split_once(':').map_or((tail, None), |(name, alias)| (name, Some(alias)));
    FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(known, _)| (*known, alias))
}

#[cfg(test)]
mod tests;
