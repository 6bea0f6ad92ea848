//! The log of the functions: JSON lines on the standard output, which CloudWatch Logs collects.
//!
//! A line about a call is also a metric in the Embedded Metric Format. No line holds a code, an
//! address, a proof, a link or an error text of a service.

use serde_json::{Value, json};

use crate::ports::Fault;
use crate::{Function, Reply};

/// The namespace of the metrics in CloudWatch.
const NAMESPACE: &str = "SupportDesk";

/// A call that has ended.
pub struct Call<'a> {
    pub function: Function,
    pub body: &'a Value,
    /// The trace id of AWS X-Ray, which the bot gives to a call.
    pub trace_id: Option<&'a str>,
    pub outcome: &'a Result<Reply, Fault>,
    /// Milliseconds since the epoch.
    pub started: i64,
    pub ended: i64,
}

/// Logs a call: its ids, its outcome and its duration.
pub fn call(call: &Call<'_>) {
    println!("{}", call_line(call));
}

fn call_line(call: &Call<'_>) -> Value {
    let (outcome, cause) = match call.outcome {
        Ok(reply) => match &reply.refusal {
            Some(refusal) => {
                (refusal.code.name(), refusal.violation.as_ref().map(|violation| violation.part))
            }
            None => ("ok", None),
        },
        Err(fault) => ("fault", Some(fault.0)),
    };
    json!({
        "function": call.function.name(),
        "request_id": id(call.body, "request_id"),
        "session_id": id(call.body, "session_id").or_else(|| redeemed_session(call.body)),
        "trace_id": call.trace_id,
        "outcome": outcome,
        "cause": cause,
        "milliseconds": call.ended - call.started,
        "_aws": {
            "Timestamp": call.ended,
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["function", "outcome"]],
                "Metrics": [{"Name": "milliseconds", "Unit": "Milliseconds"}],
            }],
        },
    })
}

/// Returns an id of the request. A text that is no id is not logged.
fn id<'a>(body: &'a Value, field: &str) -> Option<&'a str> {
    body[field].as_str().filter(|text| crate::contract::is_id(text))
}

/// Returns the session of a link that is redeemed: the part of the token before the secret.
fn redeemed_session(body: &Value) -> Option<&str> {
    let (session_id, _) = body["token"].as_str()?.split_once('.')?;
    Some(session_id).filter(|id| crate::contract::is_id(id))
}

/// Logs a failed call of a service.
pub(super) fn service_failed(service: &str, cause: &str, status: Option<u16>) {
    println!("{}", json!({"service": service, "cause": cause, "status": status}));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Refusal, RefusalCode};

    #[test]
    fn line_names_ids_outcome_and_metric_and_nothing_else() {
        let body = json!({"request_id": "s:verify:1", "session_id": "s", "code": "123456", "actor": {"name": "Ana"}});
        let refusal = Refusal::new(RefusalCode::NotFound);
        let reply = Ok(Reply { body: refusal.as_json(), refusal: Some(refusal) });
        let mut line = call_line(&Call {
            function: Function::OtpVerify,
            body: &body,
            trace_id: Some("Root=1-0-0"),
            outcome: &reply,
            started: 988,
            ended: 1_000,
        });
        let metrics = line.as_object_mut().unwrap().remove("_aws").unwrap();
        assert_eq!(metrics["CloudWatchMetrics"][0]["Metrics"][0]["Name"], "milliseconds");
        assert_eq!(
            line,
            json!({
                "function": "otp-verify", "request_id": "s:verify:1", "session_id": "s",
                "trace_id": "Root=1-0-0", "outcome": "NOT_FOUND", "cause": null, "milliseconds": 12,
            })
        );
    }

    #[test]
    fn redemption_is_logged_without_its_secret() {
        let body = json!({"op": "redeem", "token": "s1.wzlink_x"});
        let refusal = Refusal::bad_request("v is not 2");
        let reply = Ok(Reply { body: refusal.as_json(), refusal: Some(refusal) });
        let line = call_line(&Call {
            function: Function::Redeem,
            body: &body,
            trace_id: None,
            outcome: &reply,
            started: 1,
            ended: 1,
        });
        assert_eq!((&line["session_id"], &line["cause"]), (&json!("s1"), &json!("v is not 2")));
        assert!(!line.to_string().contains("wzlink_"));
    }

    #[test]
    fn fault_and_odd_ids_are_logged_safely() {
        let body = json!({"request_id": "a b\n", "session_id": 7});
        let line = call_line(&Call {
            function: Function::Access,
            body: &body,
            trace_id: None,
            outcome: &Err(Fault("no table")),
            started: 1,
            ended: 1,
        });
        assert_eq!((&line["request_id"], &line["session_id"]), (&Value::Null, &Value::Null));
        assert_eq!((&line["outcome"], &line["cause"]), (&json!("fault"), &json!("no table")));
    }
}
