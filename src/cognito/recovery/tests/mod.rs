//! A user pool of one account, whose answers a test may change.

mod answers;
mod rules;

use std::sync::Arc;

use commands::ports::identity::Identity as _;
use serde_json::{Value, json};

use super::*;
use crate::aws_stub::{Asked, Reply, Stub};
use crate::clock::hand::HandClock;
use crate::config::{self, GroupNames};

const ANA: &str = "11111111-aaaa-4aaa-8aaa-000000000001";
/// What the stub's answers to these two operations are, unless a test says otherwise.
const CALLS: [&str; 2] = ["ForgotPassword", "ConfirmForgotPassword"];

fn user(status: &str, enabled: bool, verified: &str) -> Reply {
    Reply::json(&json!({
        "Username": "ana", "Enabled": enabled, "UserStatus": status,
        "UserAttributes": [
            {"Name": "sub", "Value": ANA}, {"Name": "email", "Value": "ana@waizant.example"},
            {"Name": "email_verified", "Value": verified}, {"Name": "name", "Value": "Ana López"},
        ],
    }))
}

fn policy(least: i64) -> Reply {
    let policy = json!({
        "MinimumLength": least, "RequireUppercase": true, "RequireLowercase": true, "RequireNumbers": true,
        "RequireSymbols": false, "PasswordHistorySize": 3,
    });
    Reply::json(&json!({"UserPool": {"Policies": {"PasswordPolicy": policy}}}))
}

/// A pool in which all is well.
fn well(asked: &Asked) -> Reply {
    match asked.what.as_str() {
        "AdminGetUser" if asked.body["Username"] == ANA => user("CONFIRMED", true, "true"),
        "AdminGetUser" => Reply::error(400, "UserNotFoundException"),
        "DescribeUserPool" => policy(8),
        "ForgotPassword" => {
            let to = json!({"Destination": "a***@w***", "DeliveryMedium": "EMAIL", "AttributeName": "email"});
            Reply::json(&json!({"CodeDeliveryDetails": to}))
        }
        "AdminListGroupsForUser" => Reply::json(&json!({"Groups": []})),
        _ => Reply::json(&json!({})),
    }
}

struct World {
    cognito: Cognito,
    stub: Stub,
    clock: Arc<HandClock>,
}

async fn world(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> World {
    with_secret(None, reply).await
}

async fn with_secret(
    secret: Option<&str>,
    reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
) -> World {
    let clock = HandClock::at(1_700_000_000_000);
    let stub = Stub::start(reply).await;
    World {
        cognito: Cognito::new(&stub.sdk(clock.clone()).await, settings(secret), clock.clone()),
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
            .asked()
            .into_iter()
            .find(|asked| asked.what == operation)
            .expect("it was asked")
            .body
    }
}
