//! The semantics of Cognito that the bot relies on.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Pool, is_public, perform};
use crate::changed::Changed;
use crate::clock::ManualClock;
use crate::mail::Mailbox;
use crate::seed::{CLIENT_ID, FIRST_PASSWORD, Seed, USER_POOL_ID, UserStatus};

const NOW: i64 = 1_780_308_000_000;
const MINUTE: i64 = 60_000;

struct World {
    pool: Pool,
    mail: Mailbox,
    now: i64,
}

impl World {
    fn new() -> Self {
        let clock = ManualClock::at(NOW);
        Self {
            pool: Pool::new(&Seed::demo().staff),
            mail: Mailbox::new(Arc::clone(&clock) as _, Changed::new(0)),
            now: NOW,
        }
    }

    fn call(&mut self, operation: &str, mut body: Value) -> Result<Value, &'static str> {
        let key = if is_public(operation) {
            ("ClientId", CLIENT_ID)
        } else {
            ("UserPoolId", USER_POOL_ID)
        };
        if body.get(key.0).is_none() {
            body[key.0] = json!(key.1);
        }
        perform(&mut self.pool, &self.mail, self.now, operation, &body)
            .map_err(|exception| exception.name)
    }

    fn forgot(&mut self, name: &str) -> Result<Value, &'static str> {
        self.call("ForgotPassword", json!({"Username": name}))
    }

    fn confirm(&mut self, name: &str, code: &str, password: &str) -> Result<Value, &'static str> {
        self.call(
            "ConfirmForgotPassword",
            json!({"Username": name, "ConfirmationCode": code, "Password": password}),
        )
    }

    fn code(&self, email: &str) -> String {
        self.mail.last_code_for(email).unwrap()
    }
}

#[test]
fn user_is_found_by_name_subject_or_verified_address() {
    let mut world = World::new();
    for name in ["backoffice-ana", "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0001", "Ana@waizant.example"] {
        let user = world.call("AdminGetUser", json!({"Username": name})).unwrap();
        assert_eq!(user["Username"], "backoffice-ana");
    }
    world.pool.by_email("ana@waizant.example").unwrap().staff_mut().email_verified = false;
    assert_eq!(
        world.call("AdminGetUser", json!({"Username": "ana@waizant.example"})),
        Err("UserNotFoundException")
    );
    let listed =
        world.call("ListUsers", json!({"Filter": "email = \"ana@waizant.example\""})).unwrap();
    assert_eq!(listed["Users"][0]["Username"], "backoffice-ana");
    assert_eq!(
        world.call("ListUsers", json!({"Filter": "name = \"Ana\""})),
        Err("InvalidParameterException")
    );
    assert_eq!(
        world.call("AdminGetUser", json!({"Username": "x", "UserPoolId": "eu-west-1_Other"})),
        Err("ResourceNotFoundException")
    );
}

#[test]
fn groups_are_paged() {
    let mut world = World::new();
    let names: Vec<String> = (0..61).map(|n| format!("G{n}")).collect();
    world.pool.by_email("ana@waizant.example").unwrap().staff_mut().groups = names;
    let first =
        world.call("AdminListGroupsForUser", json!({"Username": "backoffice-ana"})).unwrap();
    assert_eq!(first["Groups"].as_array().unwrap().len(), 60);
    let second = world
        .call(
            "AdminListGroupsForUser",
            json!({"Username": "backoffice-ana", "NextToken": first["NextToken"]}),
        )
        .unwrap();
    assert_eq!(second["Groups"][0]["GroupName"], "G60");
    assert!(second.get("NextToken").is_none());
}

#[test]
fn newest_code_sets_password_once() {
    let mut world = World::new();
    world.forgot("backoffice-ana").unwrap();
    let old = world.code("ana@waizant.example");
    world.forgot("backoffice-ana").unwrap();
    let new = world.code("ana@waizant.example");
    if old != new {
        assert_eq!(
            world.confirm("backoffice-ana", &old, "Another-1"),
            Err("CodeMismatchException")
        );
    }
    assert_eq!(world.confirm("backoffice-ana", &new, "weak"), Err("InvalidPasswordException"));
    assert_eq!(
        world.confirm("backoffice-ana", &new, FIRST_PASSWORD),
        Err("PasswordHistoryPolicyViolationException")
    );
    world.confirm("backoffice-ana", &new, "Another-1").unwrap();
    let account = world.pool.by_email("ana@waizant.example").unwrap();
    assert!(account.has_password("Another-1") && !account.has_password(FIRST_PASSWORD));
    assert_eq!(world.confirm("backoffice-ana", &new, "Another-2"), Err("ExpiredCodeException"));
}

#[test]
fn reset_code_expires_after_one_hour() {
    let mut world = World::new();
    world.forgot("backoffice-ana").unwrap();
    let code = world.code("ana@waizant.example");
    world.now += 60 * MINUTE;
    assert_eq!(world.confirm("backoffice-ana", &code, "Another-1"), Err("ExpiredCodeException"));
}

#[test]
fn recovery_does_not_reveal_users() {
    let mut world = World::new();
    for name in ["stranger@waizant.example", "dora@waizant.example"] {
        let answer = world.forgot(name).unwrap();
        assert_eq!(answer["CodeDeliveryDetails"]["DeliveryMedium"], "EMAIL");
        assert_eq!(world.confirm(name, "123456", "Another-1"), Err("CodeMismatchException"));
    }
    assert!(world.mail.all().is_empty());
    assert_eq!(world.forgot("backoffice-fred"), Err("NotAuthorizedException"));
    world.pool.by_email("ana@waizant.example").unwrap().staff_mut().status =
        UserStatus::Unconfirmed;
    world.forgot("backoffice-ana").unwrap();
    assert!(world.mail.all().is_empty());
}

#[test]
fn hourly_calls_and_wrong_codes_are_limited() {
    let mut world = World::new();
    world.pool.set_hourly_limit(2);
    world.forgot("backoffice-ana").unwrap();
    world.forgot("ana@waizant.example").unwrap();
    assert_eq!(world.forgot("backoffice-ana"), Err("LimitExceededException"));
    world.now += 60 * MINUTE;
    world.pool.set_hourly_limit(100);
    world.forgot("backoffice-ana").unwrap();
    let right = world.code("ana@waizant.example");
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..10 {
        assert_eq!(
            world.confirm("backoffice-ana", wrong, "Another-1"),
            Err("CodeMismatchException")
        );
    }
    assert_eq!(
        world.confirm("backoffice-ana", &right, "Another-1"),
        Err("TooManyFailedAttemptsException")
    );
}

#[test]
fn secret_hash_is_required_with_client_secret() {
    let mut world = World::new();
    assert_eq!(
        world.call("ForgotPassword", json!({"Username": "backoffice-ana", "SecretHash": "x"})),
        Err("NotAuthorizedException")
    );
    world.pool.set_client_secret(Some("s3cret"));
    assert_eq!(world.forgot("backoffice-ana"), Err("NotAuthorizedException"));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"s3cret");
    let hash =
        STANDARD.encode(ring::hmac::sign(&key, format!("backoffice-ana{CLIENT_ID}").as_bytes()));
    world
        .call("ForgotPassword", json!({"Username": "backoffice-ana", "SecretHash": hash}))
        .unwrap();
    assert_eq!(
        world.call("ForgotPassword", json!({"Username": "backoffice-ben", "SecretHash": hash})),
        Err("NotAuthorizedException")
    );
}

#[test]
fn bounce_is_reported_and_sign_outs_are_counted() {
    let mut world = World::new();
    world.mail.set_bouncing("ana@waizant.example", true);
    assert_eq!(world.forgot("backoffice-ana"), Err("CodeDeliveryFailureException"));
    world.call("AdminUserGlobalSignOut", json!({"Username": "backoffice-ana"})).unwrap();
    assert_eq!(world.pool.sign_outs("ana@waizant.example"), 1);
    assert_eq!(world.pool.sign_outs("ben@waizant.example"), 0);
    let pool = world.call("DescribeUserPool", json!({})).unwrap();
    assert_eq!(pool["UserPool"]["Policies"]["PasswordPolicy"]["MinimumLength"], 8);
}
