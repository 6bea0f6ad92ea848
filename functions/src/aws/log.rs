//! The log of the functions: JSON lines on the standard output, which CloudWatch Logs collects.
//!
//! A line about a call is also a metric in the Embedded Metric Format. No line holds a code, an
//! address, a proof, a link or an error text of a service.

use serde_json::{Value, json};

use crate::contract::{is_key, is_session_id};
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
    // A visitor can write anything into a token. So the session of a redemption is taken from its
    // reply.
    let session_id = match (call.function, call.outcome) {
        (Function::Redeem, Ok(reply)) => reply.body["session_id"].as_str(),
        (Function::Redeem, Err(_)) => None,
        (Function::Delivery, _) => call.body["detail"]["mail"]["tags"]["session"][0]
            .as_str()
            .filter(|text| is_session_id(text)),
        _ => call.body["session_id"].as_str().filter(|text| is_session_id(text)),
    };
    json!({
        "function": call.function.name(),
        "request_id": call.body["request_id"].as_str().filter(|text| is_key(text)),
        "session_id": session_id,
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

/// Logs a failed call of a service.
pub(super) fn service_failed(service: &str, cause: &str, status: Option<u16>) {
    println!("{}", json!({"service": service, "cause": cause, "status": status}));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Refusal, RefusalCode};

    /// Returns the line of a call that took 12 ms.
    fn line(function: Function, body: &Value, outcome: &Result<Reply, Fault>) -> Value {
        let trace_id = Some("Root=1-0-0");
        call_line(&Call { function, body, trace_id, outcome, started: 988, ended: 1_000 })
    }

    fn refused(refusal: Refusal) -> Reply {
        Reply { body: refusal.as_json(), refusal: Some(refusal) }
    }

    #[test]
    fn line_names_ids_outcome_and_metric_and_nothing_else() {
        let body = json!({"request_id": "s:verify:1", "session_id": "s", "code": "123456", "actor": {"name": "Ana"}});
        let outcome = Ok(refused(Refusal::new(RefusalCode::NotFound)));
        let mut line = line(Function::OtpVerify, &body, &outcome);
        let metrics = line.as_object_mut().unwrap().remove("_aws").unwrap();
        assert_eq!(metrics["CloudWatchMetrics"][0]["Metrics"][0]["Name"], "milliseconds");
        assert_eq!(
            line,
            json!({
                "function": "otp-verify", "request_id": "s:verify:1", "session_id": "s",
                "trace_id": "Root=1-0-0", "outcome": "NOT_FOUND", "cause": null,
                "milliseconds": 12,
            })
        );
    }

    #[test]
    fn redemption_is_logged_without_its_token() {
        let body = json!({"op": "redeem", "token": "s1.wzlink_x"});
        let outcome = Ok(refused(Refusal::bad_request("v is not 2")));
        let refusal = line(Function::Redeem, &body, &outcome);
        assert_eq!(
            (&refusal["session_id"], &refusal["cause"]),
            (&Value::Null, &json!("v is not 2"))
        );
        assert!(!refusal.to_string().contains("s1"), "a visitor wrote it");
        let redeemed = Ok(Reply { body: json!({"session_id": "s1"}), refusal: None });
        let redeemed = line(Function::Redeem, &body, &redeemed);
        assert_eq!((&redeemed["session_id"], &redeemed["outcome"]), (&json!("s1"), &json!("ok")));
    }

    #[test]
    fn mail_event_is_logged_without_its_address() {
        let mail = json!({"tags": {"session": ["s1"]}, "destination": ["julia@example.com"]});
        let body = json!({"detail": {"eventType": "Bounce", "mail": mail}});
        let outcome = Ok(Reply { body: json!({"ok": true, "recorded": true}), refusal: None });
        let line = line(Function::Delivery, &body, &outcome);
        assert_eq!((&line["session_id"], &line["request_id"]), (&json!("s1"), &Value::Null));
        assert!(!line.to_string().contains("julia"), "{line}");
    }

    #[test]
    fn fault_and_odd_ids_are_logged_safely() {
        let body = json!({"request_id": "a b\n", "session_id": 7});
        let line = line(Function::Access, &body, &Err(Fault("no table")));
        assert_eq!((&line["request_id"], &line["session_id"]), (&Value::Null, &Value::Null));
        assert_eq!((&line["outcome"], &line["cause"]), (&json!("fault"), &json!("no table")));
    }
}
