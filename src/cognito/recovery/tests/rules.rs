//! Requests to Cognito, the accounts they are made for, and the caches.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use commands::model::account::AccountStatus;
use commands::model::outcome::{ConfirmDenied, ResetDenied};
use commands::ports::recovery::PasswordPolicy;

use super::*;

#[tokio::test]
async fn calls_use_the_user_name_that_cognito_returned() {
    let world = world(well).await;
    assert_eq!(world.ask().await.unwrap(), Ok("a•••@w•••.example".to_owned()));
    assert_eq!(world.body_of("ForgotPassword"), json!({"ClientId": "client", "Username": "ana"}));
    assert_eq!(world.confirm().await.unwrap(), Ok(()));
    let body = world.body_of("ConfirmForgotPassword");
    assert_eq!(
        body,
        json!({"ClientId": "client", "Username": "ana", "ConfirmationCode": "424242", "Password": "hush-Password1"})
    );
    world.cognito.sign_out(ANA).await.unwrap();
    assert_eq!(
        world.body_of("AdminUserGlobalSignOut"),
        json!({"UserPoolId": "eu-west-1_Test", "Username": "ana"})
    );
}

#[tokio::test]
async fn client_with_secret_sends_secret_hash() {
    let world = with_secret(Some("s3cret"), well).await;
    world.ask().await.unwrap().unwrap();
    world.confirm().await.unwrap().unwrap();
    // printf anaclient | openssl dgst -sha256 -hmac s3cret -binary | base64
    for operation in CALLS {
        assert_eq!(
            world.body_of(operation)["SecretHash"],
            "OeDtTijqC5udZKfO+eYsxIH0hvssg5zgMR1YyX1xW2o="
        );
    }
}

#[tokio::test]
async fn wrong_client_secret_is_a_fault() {
    const NOT_AUTHORIZED: &str = "NotAuthorizedException";
    const INVALID: &str = "InvalidParameterException";
    for (secret, exception, message, state) in [
        (
            None,
            NOT_AUTHORIZED,
            "Client client is configured with secret but SECRET_HASH was not received",
            "is not set",
        ),
        (Some("other"), NOT_AUTHORIZED, "Unable to verify secret hash for client client", "is set"),
        (
            Some("x"),
            INVALID,
            "App client client is not configured for secret but secret hash was received",
            "is set",
        ),
    ] {
        for operation in CALLS {
            let world = with_secret(secret, move |request| {
                if request.operation == operation {
                    let body = json!({"__type": exception, "message": message}).to_string();
                    StubReply { status: 400, headers: Vec::new(), body }
                } else {
                    well(request)
                }
            })
            .await;
            let fault = match operation {
                "ForgotPassword" => world.ask().await.map(drop).unwrap_err().to_string(),
                _ => world.confirm().await.map(drop).unwrap_err().to_string(),
            };
            assert!(
                fault.ends_with(&format!(
                    "COGNITO_CLIENT_SECRET {state}, which does not match the app client"
                )),
                "{fault}"
            );
        }
    }
}

#[tokio::test]
async fn pool_that_sends_text_messages_is_a_fault() {
    let world = world(|request| {
        if request.operation == "ForgotPassword" {
            StubReply::json(&json!({"CodeDeliveryDetails": {"Destination": "+*******4321", "DeliveryMedium": "SMS"}}))
        } else {
            well(request)
        }
    })
    .await;
    let fault = world.ask().await.map(drop).unwrap_err().to_string();
    assert_eq!(
        fault,
        "asking for a reset code: the user pool sends reset codes as text messages, not by mail"
    );
}

#[tokio::test]
async fn unrecoverable_account_causes_no_call() {
    for (status, enabled, verified, recoverable) in [
        ("CONFIRMED", true, "true", true),
        ("RESET_REQUIRED", true, "true", true),
        ("CONFIRMED", false, "true", false),
        ("CONFIRMED", true, "false", false),
        ("FORCE_CHANGE_PASSWORD", true, "true", false),
        ("UNCONFIRMED", true, "true", false),
        ("EXTERNAL_PROVIDER", true, "true", false),
        ("A_STATUS_OF_NEXT_YEAR", true, "true", false),
    ] {
        let world = world(move |request| {
            if request.operation == "AdminGetUser" {
                user(status, enabled, verified)
            } else {
                well(request)
            }
        })
        .await;
        let (sent, confirmed) = (world.ask().await.unwrap(), world.confirm().await.unwrap());
        assert_eq!(
            (sent.is_ok(), confirmed.is_ok()),
            (recoverable, recoverable),
            "{status} {enabled} {verified}"
        );
        let names = world.stub.operations();
        assert_eq!(names.iter().any(|name| name != "AdminGetUser"), recoverable, "{names:?}");
    }
    let world = world(well).await;
    assert_eq!(
        world.cognito.request_code("unknown-sub").await.unwrap(),
        Err(ResetDenied::NotRecoverable)
    );
    assert!(world.cognito.sign_out("unknown-sub").await.is_err());
}

#[tokio::test]
async fn policy_is_cached_for_one_hour() {
    let minimum_length = Arc::new(AtomicI64::new(8));
    let answers = Arc::clone(&minimum_length);
    let world = world(move |request| match request.operation.as_str() {
        "DescribeUserPool" => match answers.load(Ordering::SeqCst) {
            0 => StubReply::error(400, "InternalErrorException"),
            length => policy(length),
        },
        "ConfirmForgotPassword" => StubReply::error(400, "InvalidPasswordException"),
        _ => well(request),
    })
    .await;
    let expected = PasswordPolicy {
        minimum_length: 8,
        lowercase: true,
        uppercase: true,
        numbers: true,
        symbols: false,
        history: 3,
    };
    assert_eq!(world.cognito.policy().await.unwrap(), expected);
    let change = |to: i64| minimum_length.store(to, Ordering::SeqCst);
    change(12);
    world.clock.advance(POLICY_LIFE.checked_sub(Duration::from_millis(1)).unwrap());
    assert_eq!(world.cognito.policy().await.unwrap().minimum_length, 8, "59:59.999");
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(world.cognito.policy().await.unwrap().minimum_length, 12, "60:00");
    // Cognito refuses a password that meets the cached policy, so the cache is dropped.
    change(14);
    assert_eq!(world.confirm().await.unwrap(), Err(ConfirmDenied::WeakPassword));
    assert_eq!(world.cognito.policy().await.unwrap().minimum_length, 14, "after a refusal");
    change(0);
    world.clock.advance(POLICY_LIFE);
    assert_eq!(
        world.cognito.policy().await.unwrap_err().to_string(),
        "reading the password policy: the service answered InternalErrorException"
    );
    change(9);
    assert_eq!(world.cognito.policy().await.unwrap().minimum_length, 9);
}

#[tokio::test]
async fn new_password_drops_cached_account() {
    let confirmed = Arc::new(AtomicBool::new(false));
    let reads = Arc::clone(&confirmed);
    let world = world(move |request| match request.operation.as_str() {
        "AdminGetUser" if !reads.load(Ordering::SeqCst) => user("RESET_REQUIRED", true, "true"),
        "ConfirmForgotPassword" if request.body["ConfirmationCode"] != "424242" => {
            StubReply::error(400, "CodeMismatchException")
        }
        _ => well(request),
    })
    .await;
    let status = async || world.cognito.account(ANA).await.unwrap().unwrap().status;
    assert_eq!(status().await, AccountStatus::ResetRequired);
    let wrong = world
        .cognito
        .confirm(ANA, &Code::parse("000000").unwrap(), &SecretString::from("hush-Password1"))
        .await;
    assert_eq!(wrong.unwrap(), Err(ConfirmDenied::WrongCode));
    confirmed.store(true, Ordering::SeqCst);
    assert_eq!(status().await, AccountStatus::ResetRequired, "still cached");
    assert_eq!(world.confirm().await.unwrap(), Ok(()));
    assert_eq!(status().await, AccountStatus::Confirmed);
}
