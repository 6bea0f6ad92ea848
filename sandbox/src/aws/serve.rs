//! Serves one call: log, gate, planned fault, work, answer.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode};
use functions::Function;
use serde_json::{Value, json};

use super::cognito::Exception;
use super::faults::{Abandoned, Alteration, Call, Fault};
use super::lambda;
use super::service::Aws;
use super::{cognito, wire};

/// Error message of a failed function. It must never reach a user, so leak tests look for it.
pub const FUNCTION_ERROR_MESSAGE: &str = "internal detail that nobody may see";

/// The service, whose protocol decides the format of answers and failures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Cognito,
    Lambda,
}

/// Serves a call in its own task, so that the work goes on if the client disconnects.
pub(super) async fn serve_detached(aws: Arc<Aws>, service: Service, call: Call) -> Response<Body> {
    let work = tokio::spawn(async move { serve(&aws, service, call).await });
    match work.await {
        Ok(Ok(response)) => response,
        Ok(Err(Abandoned)) => wire::broken_answer(wire::JSON),
        Err(_) => failure(
            service,
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalErrorException",
            "internal error of the sandbox",
        ),
    }
}

async fn serve(aws: &Aws, service: Service, call: Call) -> Result<Response<Body>, Abandoned> {
    let Call { function, body, .. } = call.clone();
    let fault = aws.faults.take(&function);
    let before = aws.faults.gate(&function);
    aws.faults.log_call(call);
    aws.faults.pass(&function, before).await?;
    match &fault {
        Some(Fault::Delay(by)) => {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            aws.clock.sleep_until(aws.clock.now().saturating_add(by)).await;
        }
        Some(Fault::Hang) => aws.faults.hang(&function, before).await?,
        Some(fault) => {
            if let Some(response) = fault_without_work(service, fault) {
                return Ok(response);
            }
        }
        None => {}
    }
    let done = match service {
        Service::Cognito => run_cognito(aws, &function, &body),
        Service::Lambda => match run_lambda(aws, &function, &body).await {
            Some(answer) => Ok(answer),
            None => return Ok(function_error()),
        },
    };
    let before = aws.faults.gate(&function);
    aws.faults.count_work(&function);
    match fault {
        Some(Fault::HangAfterWork) => aws.faults.hang(&function, before).await?,
        Some(Fault::CutAfterWork) => return Ok(wire::broken_answer(wire::JSON)),
        _ => {}
    }
    Ok(match (done, fault) {
        (Ok(mut value), Some(Fault::Alter(alteration))) => {
            alter(&mut value, &alteration);
            success(service, &value)
        }
        (Ok(value), _) => success(service, &value),
        (Err(exception), _) => {
            failure(service, exception.status, exception.name, &exception.message)
        }
    })
}

fn run_cognito(aws: &Aws, operation: &str, body: &Value) -> Result<Value, Exception> {
    let mut pool = aws.pool();
    cognito::perform(&mut pool, &aws.mail, aws.clock.now(), operation, body)
}

/// Runs a function. `None`: it failed.
async fn run_lambda(aws: &Aws, name: &str, body: &Value) -> Option<Value> {
    let function = lambda::serving(name)?;
    let reply = match aws.functions.call(function, body.to_string().as_bytes()).await {
        Ok(reply) => reply,
        Err(fault) => {
            tracing::warn!(name, %fault, "function failed");
            return None;
        }
    };
    if let Some(why) = reply.refusal.and_then(|refusal| refusal.violation) {
        tracing::warn!(name, %why, "request violates the Lambda contract");
        aws.faults.record_contract_violation(format!("{name}: {why}"));
    }
    aws.shop.record_issue(body, &reply.body);
    if function == Function::OtpSend && reply.body["ok"] == true {
        aws.report_mails_of(body["request_id"].as_str().unwrap_or_default()).await;
    }
    Some(reply.body)
}

/// Returns the answer of a fault that prevents the work. `None` for other faults.
fn fault_without_work(service: Service, fault: &Fault) -> Option<Response<Body>> {
    Some(match fault {
        Fault::Refuse { code, retry_after_s } => match service {
            Service::Lambda => {
                let mut error = json!({"code": code});
                if let Some(seconds) = retry_after_s {
                    error["retry_after_s"] = json!(seconds);
                }
                success(service, &json!({"ok": false, "error": error}))
            }
            Service::Cognito => failure(service, StatusCode::BAD_REQUEST, code, "injected fault"),
        },
        Fault::FunctionError => match service {
            Service::Lambda => function_error(),
            Service::Cognito => failure(
                service,
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalErrorException",
                FUNCTION_ERROR_MESSAGE,
            ),
        },
        Fault::Garbage => {
            wire::text_answer(StatusCode::OK, wire::JSON, "<html>not a valid answer".to_owned())
        }
        Fault::Throttle => {
            // Cognito throttles with status 400, Lambda with 429.
            let status = if service == Service::Cognito {
                StatusCode::BAD_REQUEST
            } else {
                StatusCode::TOO_MANY_REQUESTS
            };
            failure(service, status, "TooManyRequestsException", "Rate exceeded")
        }
        Fault::ServerError(status) => {
            let name = if service == Service::Cognito {
                "InternalErrorException"
            } else {
                "ServiceException"
            };
            failure(
                service,
                StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                name,
                "injected fault",
            )
        }
        Fault::Delay(_)
        | Fault::Hang
        | Fault::HangAfterWork
        | Fault::CutAfterWork
        | Fault::Alter(_) => return None,
    })
}

/// Returns Lambda's answer for a function that failed.
fn function_error() -> Response<Body> {
    let error = json!({"errorMessage": FUNCTION_ERROR_MESSAGE, "errorType": "Error", "trace": []});
    let mut response = success(Service::Lambda, &error);
    let kind = HeaderValue::from_static("Unhandled");
    response.headers_mut().insert("x-amz-function-error", kind);
    response
}

/// Changes an answer of `cs-access` or `cs-otp-send`. An answer without the field is unchanged.
fn alter(answer: &mut Value, alteration: &Alteration) {
    if let (Alteration::ExpiresAt(ms), Some(_)) = (alteration, answer.get("expires_at")) {
        answer["expires_at"] = json!(wire::rfc3339(*ms));
    }
    if let (Alteration::ResendAfter(seconds), Some(_)) = (alteration, answer.get("resend_after_s"))
    {
        answer["resend_after_s"] = json!(seconds);
    }
    let Some(url) = answer.get("url").and_then(Value::as_str) else {
        return;
    };
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let changed = match alteration {
        Alteration::Url(url) => url.clone(),
        Alteration::Scheme(scheme) => format!("{scheme}://{rest}"),
        Alteration::Host(host) => {
            let path = rest.find(['/', '?']).map_or("", |at| &rest[at..]);
            format!("{scheme}://{host}{path}")
        }
        Alteration::LongerThan(length) => format!("{url}&pad={}", "x".repeat(*length)),
        Alteration::ExpiresAt(_) | Alteration::ResendAfter(_) => return,
    };
    answer["url"] = json!(changed);
}

fn success(service: Service, value: &Value) -> Response<Body> {
    let content_type = if service == Service::Cognito { wire::AMZ_JSON } else { wire::JSON };
    wire::json_answer(StatusCode::OK, content_type, value)
}

pub(super) fn failure(
    service: Service,
    status: StatusCode,
    name: &str,
    message: &str,
) -> Response<Body> {
    let content_type = if service == Service::Cognito { wire::AMZ_JSON } else { wire::JSON };
    wire::error_answer(status, content_type, name, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alterations_change_the_answer_of_access() {
        let answer = json!({"ok": true, "url": "http://127.0.0.1:8400/support#t", "link_id": "l", "expires_at": "2026-06-01T10:01:00Z"});
        let changed = |alteration: Alteration| {
            let mut copy = answer.clone();
            alter(&mut copy, &alteration);
            copy
        };
        assert_eq!(
            changed(Alteration::Host("evil.example".to_owned()))["url"],
            "http://evil.example/support#t"
        );
        assert_eq!(
            changed(Alteration::Scheme("javascript".to_owned()))["url"],
            "javascript://127.0.0.1:8400/support#t"
        );
        assert_eq!(changed(Alteration::Url("x".to_owned()))["url"], "x");
        assert!(changed(Alteration::LongerThan(512))["url"].as_str().unwrap().len() > 512);
        assert_eq!(changed(Alteration::ExpiresAt(0))["expires_at"], "1970-01-01T00:00:00Z");
    }
}
