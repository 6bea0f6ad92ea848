//! A user pool with one account, whose answers a test can change.

mod answers;
mod rules;

use std::sync::Arc;

use commands::ports::identity::Identity as _;
use serde_json::{Value, json};

use super::*;
use crate::aws_stub::{AwsStub, StubReply, StubRequest};
use crate::clock::hand::ManualClock;
use crate::config::{self, GroupNames};

const ANA: &str = "11111111-aaaa-4aaa-8aaa-000000000001";
/// The two operations of a recovery that change something.
const CALLS: [&str; 2] = ["ForgotPassword", "ConfirmForgotPassword"];

fn user(status: &str, enabled: bool, verified: &str) -> StubReply {
    StubReply::json(&json!({
        "Username": "ana", "Enabled": enabled, "UserStatus": status,
        "UserAttributes": [
            {"Name": "sub", "Value": ANA}, {"Name": "email", "Value": "ana@waizant.example"},
            {"Name": "email_verified", "Value": verified}, {"Name": "name", "Value": "Ana López"},
        ],
    }))
}

fn policy(minimum_length: i64) -> StubReply {
    let policy = json!({
        "MinimumLength": minimum_length, "RequireUppercase": true, "RequireLowercase": true, "RequireNumbers": true,
        "RequireSymbols": false, "PasswordHistorySize": 3,
    });
    StubReply::json(&json!({"UserPool": {"Policies": {"PasswordPolicy": policy}}}))
}

/// Answers as a pool in which every call succeeds.
fn well(request: &StubRequest) -> StubReply {
    match request.operation.as_str() {
        "AdminGetUser" if request.body["Username"] == ANA => user("CONFIRMED", true, "true"),
        "AdminGetUser" => StubReply::error(400, "UserNotFoundException"),
        "DescribeUserPool" => policy(8),
        "ForgotPassword" => {
            let to = json!({"Destination": "a***@w***", "DeliveryMedium": "EMAIL", "AttributeName": "email"});
            StubReply::json(&json!({"CodeDeliveryDetails": to}))
        }
        "AdminListGroupsForUser" => StubReply::json(&json!({"Groups": []})),
        _ => StubReply::json(&json!({})),
    }
}

struct World {
    cognito: Cognito,
    stub: AwsStub,
    clock: Arc<ManualClock>,
}

async fn world(reply: impl Fn(&StubRequest) -> StubReply + Send + Sync + 'static) -> World {
    with_secret(None, reply).await
}

async fn with_secret(
    secret: Option<&str>,
    reply: impl Fn(&StubRequest) -> StubReply + Send + Sync + 'static,
) -> World {
    let clock = ManualClock::at(1_700_000_000_000);
    let stub = AwsStub::start(reply).await;
    World {
        cognito: Cognito::new(
            &stub.sdk_config(clock.clone()).await,
            settings(secret),
            clock.clone(),
        ),
        stub,
        clock,
    }
}

fn settings(secret: Option<&str>) -> config::Cognito {
    config::Cognito {
        user_pool_id: "eu-west-1_Test".to_owned(),
        client_id: "client".to_owned(),
        client_secret: secret.map(SecretString::from),
        agent_groups: GroupNames::parse("CustomerService").unwrap(),
        verifier_groups: None,
        lead_groups: None,
    }
}

async fn confirm(cognito: &Cognito) -> Result<Result<(), ConfirmDenied>, Fault> {
    cognito
        .confirm(ANA, &Code::parse("424242").unwrap(), &SecretString::from("hush-Password1"))
        .await
}

impl World {
    async fn ask(&self) -> Result<Result<String, ResetDenied>, Fault> {
        self.cognito.request_code(ANA).await
    }

    async fn confirm(&self) -> Result<Result<(), ConfirmDenied>, Fault> {
        confirm(&self.cognito).await
    }

    fn body_of(&self, operation: &str) -> Value {
        self.stub
            .requests()
            .into_iter()
            .find(|request| request.operation == operation)
            .expect("no such request")
            .body
    }
}
