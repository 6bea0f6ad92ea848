//! The user pool against a stub with three users.

use commands::model::account::AccountStatus;
use commands::model::scope::Scope;
use serde_json::{Value, json};

use super::*;
use crate::aws_stub::{AwsStub, StubReply, StubRequest};
use crate::clock::hand::ManualClock;
use crate::config::GroupNames;

mod names;

const ANA: &str = "11111111-aaaa-4aaa-8aaa-000000000001";

fn attributes(sub: &str, email: &str, verified: &str) -> Value {
    json!([{"Name": "sub", "Value": sub}, {"Name": "email", "Value": email}, {"Name": "email_verified", "Value": verified}, {"Name": "name", "Value": "Ana López"}])
}

/// Answers as a pool in which Ana is found by `sub` and by address. The address of `plain` is not
/// an alias, because it was never verified.
fn pool(request: &StubRequest) -> StubReply {
    let text = |field: &str| request.body[field].as_str().unwrap_or_default();
    match request.operation.as_str() {
        "AdminGetUser" => match text("Username") {
            ANA | "ana@waizant.example" => StubReply::json(&json!({
                "Username": "ana", "UserAttributes": attributes(ANA, "Ana@Waizant.example", "true"), "Enabled": true, "UserStatus": "CONFIRMED",
            })),
            // A user chose the `sub` or the address of another user as user name.
            "the-sub-of-another" | "squat@waizant.example" => StubReply::json(&json!({
                "Username": "squatter", "UserAttributes": attributes("squatter-sub", "squatter@waizant.example", "true"), "Enabled": true,
            })),
            _ => StubReply::error(400, "UserNotFoundException"),
        },
        "ListUsers" => {
            let user = |sub: &str, email: &str| json!({"Username": sub, "Attributes": attributes(sub, email, "false"), "Enabled": true});
            match text("Filter") {
                // Cognito can return an empty page that is not the last.
                r#"email = "plain@waizant.example""# if text("PaginationToken").is_empty() => {
                    StubReply::json(&json!({"Users": [], "PaginationToken": "next"}))
                }
                r#"email = "plain@waizant.example""# => {
                    StubReply::json(&json!({"Users": [user("plain-sub", "plain@waizant.example")]}))
                }
                // Stored as a phone typed it, with U+2019.
                "email = \"o\u{2019}neil@waizant.example\"" => StubReply::json(
                    &json!({"Users": [user("neil-sub", "O\u{2019}Neil@waizant.example")]}),
                ),
                r#"email = "o'dd@waizant.example""# => {
                    StubReply::json(&json!({"Users": [user("one", "o'dd@waizant.example")]}))
                }
                "email = \"o\u{2019}dd@waizant.example\"" => {
                    StubReply::json(&json!({"Users": [user("two", "o\u{2019}dd@waizant.example")]}))
                }
                r#"email = "twins@waizant.example""# => StubReply::json(
                    &json!({"Users": [user("one", "twins@waizant.example"), user("two", "twins@waizant.example")]}),
                ),
                _ => StubReply::json(&json!({"Users": []})),
            }
        }
        "AdminListGroupsForUser" if text("Username") != "ana" => {
            StubReply::json(&json!({"Groups": []}))
        }
        "AdminListGroupsForUser" if text("NextToken").is_empty() => StubReply::json(
            &json!({"Groups": [{"GroupName": "CustomerServiceTrainees"}], "NextToken": "page-2"}),
        ),
        "AdminListGroupsForUser" => StubReply::json(
            &json!({"Groups": [{"GroupName": "CustomerService"}, {"GroupName": "Archive"}]}),
        ),
        // The check signs out an unknown user.
        "AdminUserGlobalSignOut" => StubReply::error(400, "UserNotFoundException"),
        other => StubReply::error(400, other),
    }
}

pub(super) struct World {
    pub(super) cognito: Cognito,
    stub: AwsStub,
    clock: Arc<ManualClock>,
}

pub(super) async fn world(
    reply: impl Fn(&StubRequest) -> StubReply + Send + Sync + 'static,
) -> World {
    let clock = ManualClock::at(1_700_000_000_000);
    let stub = AwsStub::start(reply).await;
    let config = config::Cognito {
        user_pool_id: "eu-west-1_Test".to_owned(),
        client_id: "client".to_owned(),
        client_secret: None,
        agent_groups: GroupNames::parse("Other,CustomerService").unwrap(),
        verifier_groups: GroupNames::parse("CustomerServiceTrainees").ok(),
        lead_groups: None,
    };
    World {
        cognito: Cognito::new(&stub.sdk_config(clock.clone()).await, config, clock.clone()),
        stub,
        clock,
    }
}

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

#[tokio::test]
async fn groups_of_all_pages_are_read() {
    let world = world(pool).await;
    let ana = world.cognito.account(ANA).await.unwrap().unwrap();
    let expected = Account {
        agent_id: ANA.to_owned(),
        name: Some("Ana López".to_owned()),
        email: "ana@waizant.example".to_owned(),
        email_verified: true,
        enabled: true,
        scope: Some(Scope::Act),
        is_lead: false,
        groups: ["Archive", "CustomerService", "CustomerServiceTrainees"]
            .map(str::to_owned)
            .to_vec(),
        status: AccountStatus::Confirmed,
    };
    assert_eq!(ana, expected);
    assert_eq!(
        world.stub.operations(),
        ["AdminGetUser", "AdminListGroupsForUser", "AdminListGroupsForUser"]
    );
    assert_eq!(
        world.stub.requests()[1].body["Username"],
        "ana",
        "later calls use the user name that Cognito returned"
    );
}

#[tokio::test]
async fn account_is_cached_for_one_minute() {
    let world = world(pool).await;
    let calls = || world.stub.requests().len();
    world.cognito.account(ANA).await.unwrap();
    let once = calls();
    world.clock.advance(CACHE_LIFE.checked_sub(Duration::from_millis(1)).unwrap());
    world.cognito.account(ANA).await.unwrap();
    assert_eq!(calls(), once, "59.999 s");
    world.clock.advance(Duration::from_millis(1));
    world.cognito.account(ANA).await.unwrap();
    assert_eq!(calls(), 2 * once, "60 s");
    world.cognito.forget(ANA);
    world.cognito.account(ANA).await.unwrap();
    assert_eq!(calls(), 3 * once, "forgotten");
}

#[tokio::test]
async fn failure_is_neither_cached_nor_answered_from_cache() {
    let broken = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let reads = Arc::clone(&broken);
    let world = world(move |request| {
        if reads.load(std::sync::atomic::Ordering::SeqCst) {
            StubReply::error(400, "NotAuthorizedException")
        } else {
            pool(request)
        }
    })
    .await;
    world.cognito.account(ANA).await.unwrap();
    world.clock.advance(CACHE_LIFE);
    broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let fault = world.cognito.account(ANA).await.unwrap_err();
    assert_eq!(
        fault.to_string(),
        "reading a BackOffice account: the service answered NotAuthorizedException"
    );
    broken.store(false, std::sync::atomic::Ordering::SeqCst);
    assert!(world.cognito.account(ANA).await.unwrap().is_some());
}

#[tokio::test]
async fn unreadable_groups_are_a_fault() {
    let world = world(|request| {
        if request.operation == "AdminListGroupsForUser" {
            StubReply::error(400, "TooManyRequests")
        } else {
            pool(request)
        }
    })
    .await;
    assert!(world.cognito.account(ANA).await.is_err());
    assert!(world.cognito.find(&email("ana@waizant.example")).await.is_err());
}

#[tokio::test]
async fn endless_list_of_groups_is_a_fault() {
    let world = world(|request| {
        if request.operation == "AdminListGroupsForUser" {
            StubReply::json(&json!({"Groups": [], "NextToken": "again"}))
        } else {
            pool(request)
        }
    })
    .await;
    assert!(world.cognito.account(ANA).await.is_err());
}

#[tokio::test]
async fn user_name_equal_to_foreign_sub_is_none() {
    let world = world(pool).await;
    assert!(world.cognito.account("the-sub-of-another").await.unwrap().is_none());
    assert!(world.cognito.account("unknown").await.unwrap().is_none());
}

#[tokio::test]
async fn address_is_found_as_alias_or_by_search() {
    let world = world(pool).await;
    assert_eq!(
        world.cognito.find(&email("ANA@waizant.example")).await.unwrap().unwrap().agent_id,
        ANA
    );
    let plain = world.cognito.find(&email("plain@waizant.example")).await.unwrap().unwrap();
    assert!(
        (plain.agent_id.as_str(), plain.email_verified, plain.scope) == ("plain-sub", false, None)
    );
    for unknown in [
        "twins@waizant.example",
        "squat@waizant.example",
        "unknown@waizant.example",
        &format!("{}@{}.example", "l".repeat(64), "d".repeat(63)),
    ] {
        assert!(world.cognito.find(&email(unknown)).await.unwrap().is_none(), "{unknown}");
    }
}

#[tokio::test]
async fn address_is_found_in_every_spelling() {
    let world = world(pool).await;
    for typed in ["o'neil@waizant.example", "O\u{2019}Neil@waizant.example"] {
        let found = world.cognito.find(&email(typed)).await.unwrap().unwrap();
        assert_eq!(
            (found.agent_id.as_str(), found.email.as_str()),
            ("neil-sub", "o'neil@waizant.example")
        );
    }
    // Two accounts with addresses that look equal.
    assert!(world.cognito.find(&email("o'dd@waizant.example")).await.unwrap().is_none());
}

#[tokio::test]
async fn long_address_is_only_searched_for() {
    let world = world(pool).await;
    world
        .cognito
        .find(&email(&format!("{}@{}.example", "l".repeat(64), "d".repeat(63))))
        .await
        .unwrap();
    assert_eq!(world.stub.operations(), ["ListUsers"]);
}

/// The operations that `check` calls, in order.
const CHECKED_OPERATIONS: [&str; 5] = [
    "DescribeUserPool",
    "AdminGetUser",
    "AdminListGroupsForUser",
    "AdminUserGlobalSignOut",
    "ListUsers",
];

#[tokio::test]
async fn check_needs_permission_for_every_operation() {
    let all = world(|request| {
        if request.operation == "DescribeUserPool" {
            StubReply::json(&json!({"UserPool": {}}))
        } else {
            pool(request)
        }
    })
    .await;
    all.cognito.check().await.unwrap();
    assert_eq!(all.stub.operations(), CHECKED_OPERATIONS);
    all.cognito.check().await.unwrap();
    let requests = all.stub.requests();
    let username = |check: usize| {
        let names: Vec<&str> = requests[check * 5 + 1..check * 5 + 4]
            .iter()
            .map(|request| request.body["Username"].as_str().unwrap())
            .collect();
        assert!(
            names[0] == names[1]
                && names[1] == names[2]
                && names[0].len() == "support-desk-check-".len() + 22,
            "{names:?}"
        );
        assert_eq!(
            requests[check * 5 + 4].body["Filter"],
            format!("email = \"{}\"", names[0]),
            "the search is for the same unknown user"
        );
        names[0]
    };
    assert_ne!(username(0), username(1), "the name is random");
    for operation in CHECKED_OPERATIONS {
        let lacking = world(move |request| match request.operation.as_str() {
            denied if denied == operation => StubReply::error(400, "AccessDeniedException"),
            "DescribeUserPool" => StubReply::json(&json!({"UserPool": {}})),
            _ => pool(request),
        });
        assert_eq!(
            lacking.await.cognito.check().await.unwrap_err().to_string(),
            "the service answered AccessDeniedException",
            "{operation}"
        );
    }
}

#[tokio::test]
async fn group_is_looked_for_by_exact_name() {
    let world = world(|request| match request.body["GroupName"].as_str().unwrap_or_default() {
        "CustomerService" => StubReply::json(&json!({"Group": {"GroupName": "CustomerService"}})),
        "Hidden" => StubReply::error(400, "AccessDeniedException"),
        "Busy" => StubReply::error(400, "NotAuthorizedException"),
        _ => StubReply::error(400, "ResourceNotFoundException"),
    })
    .await;
    let check = async |name: &str| world.cognito.check_group(name).await;
    assert_eq!(check("CustomerService").await, Ok(GroupCheck::Exists));
    assert_eq!(check("customerservice").await, Ok(GroupCheck::Missing));
    assert_eq!(check("Hidden").await, Ok(GroupCheck::NotPermitted));
    let error = check("Busy").await.unwrap_err().to_string();
    assert!(error.contains("NotAuthorizedException"), "{error}");
    assert_eq!(world.stub.operations()[0], "GetGroup");
}
