//! Least privilege: each allowed action is needed. And nothing at rest is a secret.

use std::sync::Arc;

use commands::model::email::Email;
use commands::ports::identity::Identity as _;
use commands::ports::recovery::Recovery as _;
use serde_json::json;
use support_desk::cognito::Cognito;
use support_desk::config;

use super::stack::Place;
use super::{Deployment, deliveries};
use crate::stored_text::has_number;

/// Takes each allowed action away once. Then something must fail, and after its return nothing.
pub(super) async fn each_is_needed(deployment: &mut Deployment) {
    let places = deployment.stack.actions();
    eprintln!("{} actions", places.len());
    assert!(places.len() > 25, "{places:?}");
    let mut needless = Vec::new();
    for (n, place) in places.iter().enumerate() {
        deployment.stack.does(&json!({"do": "remove", "place": place}));
        if uses(deployment, place, &format!("without-{n}")).await.is_ok() {
            needless.push(place);
        }
        deployment.stack.does(&json!({"do": "restore"}));
    }
    assert!(needless.is_empty(), "needless: {needless:?}");
    deployment.stack.does(&json!({"do": "allow_mail", "allowed": false}));
    assert!(deployment.calls.everything("without-mail").await.is_err());
    deployment.stack.does(&json!({"do": "allow_mail", "allowed": true}));
    // A use that fails with every action would prove nothing.
    deployment.calls.everything("with-all").await.expect("with every action");
    uses_accounts(deployment).await.expect("with every action");
    deliveries::bounce_is_told(deployment, "told").await.expect("with every action");
    deployment.check_finds_nothing().await;
}

/// Uses what the action is for.
async fn uses(deployment: &mut Deployment, place: &Place, session: &str) -> Result<(), String> {
    let (holder, _, action) = place;
    match action.as_str() {
        _ if holder == "DeliveryRole" => deliveries::bounce_is_told(deployment, session).await,
        "cognito-idp:AdminGetUser"
        | "cognito-idp:AdminListGroupsForUser"
        | "cognito-idp:ListUsers"
        | "cognito-idp:AdminUserGlobalSignOut"
            if place.1.is_none() =>
        {
            uses_accounts(deployment).await
        }
        "cognito-idp:DescribeUserPool"
        | "cognito-idp:DescribeUserPoolClient"
        | "cognito-idp:GetGroup" => {
            let report = deployment.check().await;
            if report.contains("FAIL") || report.contains("warn") { Err(report) } else { Ok(()) }
        }
        _ => deployment.calls.everything(session).await,
    }
}

/// Reads accounts and signs one out, as the bot does, without its cache.
async fn uses_accounts(deployment: &Deployment) -> Result<(), String> {
    let stack = &deployment.stack;
    let pool = config::Cognito {
        user_pool_id: stack.pool.clone(),
        client_id: stack.app.clone(),
        client_secret: None,
        agent_groups: config::GroupNames::parse("CustomerService").unwrap(),
        verifier_groups: None,
        lead_groups: None,
    };
    let sdk = super::calls::sdk(stack.endpoint(), &stack.bot).await;
    let cognito = Cognito::new(&sdk, pool, Arc::new(support_desk::clock::WallClock));
    let sub = &stack.subs["backoffice-ana"];
    let denied = |fault: commands::model::fault::Fault| fault.to_string();
    cognito.account(sub).await.map_err(denied)?.ok_or("no account")?;
    let address = Email::parse("ana@waizant.example").unwrap();
    cognito.find(&address).await.map_err(denied)?.ok_or("no account")?;
    cognito.sign_out(sub).await.map_err(denied)
}

/// Searches the table and the functions' logs for every code, proof, link and address.
pub(super) async fn no_secret_is_at_rest(deployment: &mut Deployment) {
    let dump = deployment.stack.does(&json!({"do": "dump"}));
    let (items, all_logs) = (dump["items"].as_str().unwrap(), dump["logs"].as_str().unwrap());
    // Lambda's own lines have ids in hexadecimal, which can hold the digits of a code by chance.
    let logs: Vec<&str> = all_logs.lines().filter(|line| line.starts_with('{')).collect();
    let logs = logs.join("\n");
    let logs = logs.as_str();
    assert!(!all_logs.contains("panicked"), "{all_logs}");
    for (text, name, word) in [(items, "items", "session#"), (logs, "logs", "\"outcome\":\"ok\"")] {
        assert!(text.contains(word), "the search looks at the wrong {name}");
        for secret in ["wzproof_", "wzlink_", "@waizant.example", "@example.com", "Julia Peña"] {
            assert!(!text.contains(secret), "{secret} is in the {name}");
        }
    }
    let mut codes = 0;
    for name in ["ana@waizant", "ben@waizant", "eva@waizant", "julia@", "tom@", "sofia@"] {
        let address = if name.ends_with('@') {
            format!("{name}example.com")
        } else {
            format!("{name}.example")
        };
        for code in deployment.mails.codes(&address).await {
            codes += 1;
            for (text, place) in [(items, "items"), (logs, "logs")] {
                assert!(!has_number(text, &code), "a code is in the {place}");
            }
        }
    }
    assert!(codes > 50, "{codes} codes were mailed");
}
