//! Tests of the user pool against a stand-in with three users.

use commands::model::account::AccountStatus;
use serde_json::{Value, json};

use super::*;
use crate::aws_stub::{Asked, Reply, Stub};
use crate::clock::hand::HandClock;
use crate::config::GroupNames;

const ANA: &str = "11111111-aaaa-4aaa-8aaa-000000000001";

fn attributes(sub: &str, email: &str, verified: &str) -> Value {
    json!([{"Name": "sub", "Value": sub}, {"Name": "email", "Value": email}, {"Name": "email_verified", "Value": verified}, {"Name": "name", "Value": "Ana López"}])
}

/// Ana is known by `sub` and address; `plain` has an address that is no alias, because it was never
/// verified.
fn pool(asked: &Asked) -> Reply {
    let text = |field: &str| asked.body[field].as_str().unwrap_or_default();
    match asked.what.as_str() {
        "AdminGetUser" => match text("Username") {
            ANA | "ana@waizant.example" => Reply::json(&json!({
                "Username": "ana", "UserAttributes": attributes(ANA, "Ana@Waizant.example", "true"), "Enabled": true, "UserStatus": "CONFIRMED",
            })),
            // Somebody chose another's `sub`, or address, as user name.
            "the-sub-of-another" | "squat@waizant.example" => Reply::json(&json!({
                "Username": "squatter", "UserAttributes": attributes("squatter-sub", "squatter@waizant.example", "true"), "Enabled": true,
            })),
            _ => Reply::error(400, "UserNotFoundException"),
        },
        "ListUsers" => {
            let user = |sub: &str, email: &str| json!({"Username": sub, "Attributes": attributes(sub, email, "false"), "Enabled": true});
            match text("Filter") {
                // Cognito may give an empty page that is not the last.
                r#"email = "plain@waizant.example""# if text("PaginationToken").is_empty() => {
                    Reply::json(&json!({"Users": [], "PaginationToken": "next"}))
                }
                r#"email = "plain@waizant.example""# => {
                    Reply::json(&json!({"Users": [user("plain-sub", "plain@waizant.example")]}))
                }
                r#"email = "twins@waizant.example""# => Reply::json(
                    &json!({"Users": [user("one", "twins@waizant.example"), user("two", "twins@waizant.example")]}),
                ),
                _ => Reply::json(&json!({"Users": []})),
            }
        }
        "AdminListGroupsForUser" if text("Username") != "ana" => {
            Reply::json(&json!({"Groups": []}))
        }
        "AdminListGroupsForUser" if text("NextToken").is_empty() => Reply::json(
            &json!({"Groups": [{"GroupName": "CustomerServiceTrainees"}], "NextToken": "page-2"}),
        ),
        "AdminListGroupsForUser" => Reply::json(
            &json!({"Groups": [{"GroupName": "CustomerService"}, {"GroupName": "Archive"}]}),
        ),
        // Nobody of that name, which is who the check signs out.
        "AdminUserGlobalSignOut" => Reply::error(400, "UserNotFoundException"),
        other => Reply::error(400, other),
    }
}

struct World {
    cognito: Cognito,
    stub: Stub,
    clock: Arc<HandClock>,
}

async fn world(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> World {
    let clock = HandClock::at(1_700_000_000_000);
    let stub = Stub::start(reply).await;
    let config = config::Cognito {
        user_pool_id: "eu-west-1_Test".to_owned(),
        client_id: "client".to_owned(),
        client_secret: None,
        agent_groups: GroupNames::parse("Other,CustomerService").unwrap(),
    };
    World {
        cognito: Cognito::new(&stub.sdk(clock.clone()).await, config, clock.clone()),
        stub,
        clock,
    }
}

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

#[tokio::test]
async fn an_account_with_a_group_on_the_second_page() {
    let world = world(pool).await;
    let ana = world.cognito.account(ANA).await.unwrap().unwrap();
    let expected = Account {
        agent_id: ANA.to_owned(),
        name: "Ana López".to_owned(),
        email: "ana@waizant.example".to_owned(),
        email_verified: true,
        enabled: true,
        in_group: true,
        groups: ["Archive", "CustomerService", "CustomerServiceTrainees"]
            .map(str::to_owned)
            .to_vec(),
        status: AccountStatus::Confirmed,
    };
    assert_eq!(ana, expected);
    assert_eq!(
        world.stub.names(),
        ["AdminGetUser", "AdminListGroupsForUser", "AdminListGroupsForUser"]
    );
    assert_eq!(
        world.stub.asked()[1].body["Username"],
        "ana",
        "later calls take the name that Cognito gave"
    );
}

#[tokio::test]
async fn it_is_remembered_for_a_minute_and_not_a_millisecond_more() {
    let world = world(pool).await;
    let asks = || world.stub.asked().len();
    world.cognito.account(ANA).await.unwrap();
    let once = asks();
    world.clock.advance(CACHE_LIFE.checked_sub(Duration::from_millis(1)).unwrap());
    world.cognito.account(ANA).await.unwrap();
    assert_eq!(asks(), once, "59.999 s");
    world.clock.advance(Duration::from_millis(1));
    world.cognito.account(ANA).await.unwrap();
    assert_eq!(asks(), 2 * once, "60 s");
    world.cognito.forget(ANA);
    world.cognito.account(ANA).await.unwrap();
    assert_eq!(asks(), 3 * once, "forgotten");
}

#[tokio::test]
async fn what_failed_is_neither_remembered_nor_answered_from_memory() {
    let broken = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let reads = Arc::clone(&broken);
    let world = world(move |asked| {
        if reads.load(std::sync::atomic::Ordering::SeqCst) {
            Reply::error(400, "NotAuthorizedException")
        } else {
            pool(asked)
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
async fn groups_that_cannot_be_read_are_no_groups_and_no_answer() {
    let world = world(|asked| {
        if asked.what == "AdminListGroupsForUser" {
            Reply::error(400, "TooManyRequests")
        } else {
            pool(asked)
        }
    })
    .await;
    assert!(world.cognito.account(ANA).await.is_err());
    assert!(world.cognito.find(&email("ana@waizant.example")).await.is_err());
}

#[tokio::test]
async fn an_endless_list_of_groups_is_a_fault() {
    let world = world(|asked| {
        if asked.what == "AdminListGroupsForUser" {
            Reply::json(&json!({"Groups": [], "NextToken": "again"}))
        } else {
            pool(asked)
        }
    })
    .await;
    assert!(world.cognito.account(ANA).await.is_err());
}

#[tokio::test]
async fn a_user_name_that_looks_like_anothers_sub_is_nobody() {
    let world = world(pool).await;
    assert!(world.cognito.account("the-sub-of-another").await.unwrap().is_none());
    assert!(world.cognito.account("nobody").await.unwrap().is_none());
}

#[tokio::test]
async fn an_address_is_found_as_an_alias_or_by_search() {
    let world = world(pool).await;
    assert_eq!(
        world.cognito.find(&email("ANA@waizant.example")).await.unwrap().unwrap().agent_id,
        ANA
    );
    let plain = world.cognito.find(&email("plain@waizant.example")).await.unwrap().unwrap();
    assert!(
        (plain.agent_id.as_str(), plain.email_verified, plain.in_group)
            == ("plain-sub", false, false)
    );
    for nobody in [
        "twins@waizant.example",
        "squat@waizant.example",
        "nobody@waizant.example",
        &format!("{}@{}.example", "l".repeat(64), "d".repeat(63)),
    ] {
        assert!(world.cognito.find(&email(nobody)).await.unwrap().is_none(), "{nobody}");
    }
}

#[tokio::test]
async fn a_long_address_is_only_searched_for() {
    let world = world(pool).await;
    world
        .cognito
        .find(&email(&format!("{}@{}.example", "l".repeat(64), "d".repeat(63))))
        .await
        .unwrap();
    assert_eq!(world.stub.names(), ["ListUsers"]);
}

/// What `check` asks, in its order.
const EVERY_KIND: [&str; 5] = [
    "DescribeUserPool",
    "AdminGetUser",
    "AdminListGroupsForUser",
    "AdminUserGlobalSignOut",
    "ListUsers",
];

#[tokio::test]
async fn the_check_needs_every_kind_of_call() {
    let all = world(|asked| {
        if asked.what == "DescribeUserPool" {
            Reply::json(&json!({"UserPool": {}}))
        } else {
            pool(asked)
        }
    })
    .await;
    all.cognito.check().await.unwrap();
    assert_eq!(all.stub.names(), EVERY_KIND);
    all.cognito.check().await.unwrap();
    let asked = all.stub.asked();
    let nobody = |check: usize| {
        let names: Vec<&str> = asked[check * 5 + 1..check * 5 + 4]
            .iter()
            .map(|asked| asked.body["Username"].as_str().unwrap())
            .collect();
        assert!(
            names[0] == names[1]
                && names[1] == names[2]
                && names[0].len() == "support-desk-check-".len() + 22,
            "{names:?}"
        );
        assert_eq!(
            asked[check * 5 + 4].body["Filter"],
            format!("email = \"{}\"", names[0]),
            "nobody's address is read"
        );
        names[0]
    };
    assert_ne!(nobody(0), nobody(1), "a name that nobody can have taken");
    for operation in EVERY_KIND {
        let lacking = world(move |asked| match asked.what.as_str() {
            what if what == operation => Reply::error(400, "AccessDeniedException"),
            "DescribeUserPool" => Reply::json(&json!({"UserPool": {}})),
            _ => pool(asked),
        });
        assert_eq!(
            lacking.await.cognito.check().await.unwrap_err().to_string(),
            "the service answered AccessDeniedException",
            "{operation}"
        );
    }
}
