//! Every answer of Cognito's to the two calls: what it becomes, what the agent reads, what is logged, and that it was asked once.

use std::io;
use std::sync::{Arc, Mutex};

use commands::account::recover::Field;
use commands::text::Locale;
use serde_json::{Value, json};

use super::super::{Cognito, config};
use super::*;
use crate::aws_stub::{Asked, Reply, Stub};
use crate::clock::hand::HandClock;
use crate::config::GroupNames;
use crate::telemetry::{self, Format};

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

async fn with_secret(secret: Option<&str>, reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> World {
    let clock = HandClock::at(1_700_000_000_000);
    let stub = Stub::start(reply).await;
    let config = config::Cognito {
        user_pool_id: "eu-west-1_Test".to_owned(),
        client_id: "client".to_owned(),
        client_secret: secret.map(SecretString::from),
        agent_groups: GroupNames::parse("CustomerService").unwrap(),
    };
    World { cognito: Cognito::new(&stub.sdk(clock.clone()).await, config, clock.clone()), stub, clock }
}

impl World {
    async fn ask(&self) -> Result<Result<String, NoReset>, Fault> {
        self.cognito.ask(ANA).await
    }

    async fn confirm(&self) -> Result<Result<(), NotConfirmed>, Fault> {
        self.cognito.confirm(ANA, &Code::parse("424242").unwrap(), &SecretString::from("hush-Password1")).await
    }

    fn body_of(&self, operation: &str) -> Value {
        self.stub.asked().into_iter().find(|asked| asked.what == operation).expect("it was asked").body
    }
}

/// Keeps the log of this thread.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged while `work` is done, at every level.
async fn logged<T>(work: impl Future<Output = T>) -> (T, String) {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = telemetry::subscriber("trace", Format::Json, move || writer.clone()).unwrap();
    let guard = tracing::subscriber::set_default(subscriber);
    let done = work.await;
    drop(guard);
    let bytes = written.0.lock().unwrap().clone();
    (done, String::from_utf8(bytes).unwrap())
}

/// The lines of our own that name a refusal.
fn refusals(log: &str) -> Vec<&str> {
    log.lines().filter(|line| line.contains("Cognito refused")).collect()
}

fn answering(operation: &'static str, status: u16, exception: &'static str) -> impl Fn(&Asked) -> Reply + Send + Sync {
    move |asked| if asked.what == operation { Reply::error(status, exception) } else { well(asked) }
}

#[tokio::test]
async fn every_answer_to_forgot_password() {
    use NoReset::{NotRecoverable, TooMany, Undelivered};
    for (exception, expected) in [
        ("LimitExceededException", Some(TooMany)),
        ("TooManyRequestsException", Some(TooMany)),
        ("CodeDeliveryFailureException", Some(Undelivered)),
        ("NotAuthorizedException", Some(NotRecoverable)),
        ("InvalidParameterException", Some(NotRecoverable)),
        ("UserNotConfirmedException", Some(NotRecoverable)),
        ("UserNotFoundException", Some(NotRecoverable)),
        ("UserLambdaValidationException", None),
        ("UnexpectedLambdaException", None),
        ("InvalidLambdaResponseException", None),
        ("InvalidEmailRoleAccessPolicyException", None),
        ("InvalidSmsRoleAccessPolicyException", None),
        ("InvalidSmsRoleTrustRelationshipException", None),
        ("ForbiddenException", None),
        ("ResourceNotFoundException", None),
        ("OperationNotEnabledException", None),
        ("AccessDeniedException", None),
        ("InternalErrorException", None),
        ("AnExceptionOfNextYear", None),
    ] {
        let world = world(answering("ForgotPassword", 400, exception)).await;
        let (asked, log) = logged(world.ask()).await;
        check(exception, expected, asked.map(Result::unwrap_err), &log, "asking for a reset code");
        assert_eq!(world.stub.names(), ["AdminGetUser", "ForgotPassword"], "{exception} is not tried again");
    }
    let sentences = [TooMany, NotRecoverable, Undelivered].map(|why| why.said(Locale::En).sentence);
    insta::assert_snapshot!(sentences.join("\n"), @r"
    There were too many tries for this account. Wait up to an hour, then try again.
    The password of this account cannot be recovered here. Contact an administrator.
    The mail could not be delivered. Try again later, or contact an administrator.
    ");
}

#[tokio::test]
async fn every_answer_to_confirm_forgot_password() {
    use NotConfirmed::{ExpiredCode, NotRecoverable, Reused, TooMany, Undelivered, WeakPassword, WrongCode};
    for (exception, expected) in [
        ("CodeMismatchException", Some(WrongCode)),
        ("ExpiredCodeException", Some(ExpiredCode)),
        ("LimitExceededException", Some(TooMany)),
        ("TooManyFailedAttemptsException", Some(TooMany)),
        ("TooManyRequestsException", Some(TooMany)),
        ("InvalidPasswordException", Some(WeakPassword)),
        ("PasswordHistoryPolicyViolationException", Some(Reused)),
        ("CodeDeliveryFailureException", Some(Undelivered)),
        ("UserNotConfirmedException", Some(NotRecoverable)),
        ("NotAuthorizedException", Some(NotRecoverable)),
        ("InvalidParameterException", Some(NotRecoverable)),
        ("UserNotFoundException", Some(NotRecoverable)),
        ("UserLambdaValidationException", None),
        ("UnexpectedLambdaException", None),
        ("InvalidLambdaResponseException", None),
        ("ForbiddenException", None),
        ("ResourceNotFoundException", None),
        ("OperationNotEnabledException", None),
        ("AccessDeniedException", None),
        ("InternalErrorException", None),
        ("AnExceptionOfNextYear", None),
    ] {
        let world = world(answering("ConfirmForgotPassword", 400, exception)).await;
        let (confirmed, log) = logged(world.confirm()).await;
        check(exception, expected, confirmed.map(Result::unwrap_err), &log, "setting a new password");
        assert_eq!(world.stub.names(), ["AdminGetUser", "ConfirmForgotPassword"], "{exception} is not tried again");
    }
    let all = [WrongCode, ExpiredCode, TooMany, WeakPassword, Reused, NotRecoverable, Undelivered];
    let fields = all.map(|why| why.said(Locale::En).field);
    assert_eq!(fields, [Field::Code, Field::Code, Field::Page, Field::Password, Field::Password, Field::Page, Field::Page]);
    insta::assert_snapshot!(all.map(|why| why.said(Locale::En).sentence).join("\n"), @r"
    That code is not right. Use the one in the newest mail.
    That code is not valid, or not any more. Press Resend and use the code in the newest mail.
    There were too many tries for this account. Wait up to an hour, then try again.
    That password does not meet the conditions below. Choose another.
    That is one of your latest passwords. Choose one that you have not used.
    The password of this account cannot be recovered here. Contact an administrator.
    The mail could not be delivered. Try again later, or contact an administrator.
    ");
}

/// A meaning is logged once, by the exception's name; what has none is a fault that says no more, and is logged by the desk.
fn check<N: PartialEq + std::fmt::Debug>(exception: &str, expected: Option<N>, got: Result<N, Fault>, log: &str, doing: &str) {
    assert!(!log.contains("hush") && !log.contains("424242") && !log.contains("waizant.example"), "{exception}: {log}");
    match (expected, got) {
        (Some(expected), Ok(got)) => {
            assert_eq!(got, expected, "{exception}");
            let lines = refusals(log);
            assert_eq!(lines.len(), 1, "{exception}: {log}");
            assert!(lines[0].contains(exception) && lines[0].contains(ANA) && lines[0].contains("WARN"), "{}", lines[0]);
        }
        (None, Err(fault)) => {
            assert_eq!(fault.to_string(), format!("{doing}: the service answered {exception}"));
            assert!(refusals(log).is_empty(), "{exception}: {log}");
        }
        (expected, got) => panic!("{exception}: {got:?} instead of {expected:?}"),
    }
}

#[tokio::test]
async fn a_server_that_fails_or_cannot_be_read_is_asked_once() {
    for operation in CALLS {
        for (status, body) in [(500, "{}"), (503, "hush"), (200, "hush")] {
            // There is nothing in that answer to be read.
            if (operation, status) == ("ConfirmForgotPassword", 200) {
                continue;
            }
            let world = world(move |asked| {
                if asked.what == operation { Reply { status, headers: Vec::new(), body: body.to_owned() } } else { well(asked) }
            })
            .await;
            let fault = match operation {
                "ForgotPassword" => world.ask().await.map(drop).unwrap_err(),
                _ => world.confirm().await.map(drop).unwrap_err(),
            };
            assert!(!fault.to_string().contains("hush"), "{fault}");
            assert_eq!(world.stub.names(), ["AdminGetUser", operation], "{status}");
        }
    }
}

#[tokio::test]
async fn a_code_is_asked_for_in_the_name_that_cognito_gave() {
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
    assert_eq!(world.body_of("AdminUserGlobalSignOut"), json!({"UserPoolId": "eu-west-1_Test", "Username": "ana"}));
}

#[tokio::test]
async fn a_client_with_a_secret_proves_it() {
    let world = with_secret(Some("s3cret"), well).await;
    world.ask().await.unwrap().unwrap();
    world.confirm().await.unwrap().unwrap();
    // printf anaclient | openssl dgst -sha256 -hmac s3cret -binary | base64
    for operation in CALLS {
        assert_eq!(world.body_of(operation)["SecretHash"], "OeDtTijqC5udZKfO+eYsxIH0hvssg5zgMR1YyX1xW2o=");
    }
}

#[tokio::test]
async fn a_secret_that_does_not_fit_is_the_operators_fault() {
    const NOT: &str = "NotAuthorizedException";
    const WHAT: &str = "InvalidParameterException";
    for (secret, exception, message, words) in [
        (None, NOT, "Client client is configured with secret but SECRET_HASH was not received", "is not set"),
        (Some("other"), NOT, "Unable to verify secret hash for client client", "is set"),
        (Some("x"), WHAT, "App client client is not configured for secret but secret hash was received", "is set"),
    ] {
        for operation in CALLS {
            let world = with_secret(secret, move |asked| {
                if asked.what == operation {
                    let body = json!({"__type": exception, "message": message}).to_string();
                    Reply { status: 400, headers: Vec::new(), body }
                } else {
                    well(asked)
                }
            })
            .await;
            let fault = match operation {
                "ForgotPassword" => world.ask().await.map(drop).unwrap_err().to_string(),
                _ => world.confirm().await.map(drop).unwrap_err().to_string(),
            };
            assert!(fault.ends_with(&format!("COGNITO_CLIENT_SECRET {words}, and does not fit the app client")), "{fault}");
        }
    }
}

#[tokio::test]
async fn a_number_is_shown_as_cognito_masks_it() {
    for (destination, shown) in [("+*******4321", "+*******4321"), ("+34600000000", "a•••@w•••.example")] {
        let world = world(move |asked| {
            if asked.what == "ForgotPassword" {
                Reply::json(&json!({"CodeDeliveryDetails": {"Destination": destination, "DeliveryMedium": "SMS"}}))
            } else {
                well(asked)
            }
        })
        .await;
        assert_eq!(world.ask().await.unwrap(), Ok(shown.to_owned()));
    }
}

#[tokio::test]
async fn an_account_that_cannot_be_recovered_is_not_asked_for() {
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
        let world =
            world(move |asked| if asked.what == "AdminGetUser" { user(status, enabled, verified) } else { well(asked) }).await;
        let (asked, confirmed) = (world.ask().await.unwrap(), world.confirm().await.unwrap());
        assert_eq!((asked.is_ok(), confirmed.is_ok()), (recoverable, recoverable), "{status} {enabled} {verified}");
        let names = world.stub.names();
        assert_eq!(names.iter().any(|name| name != "AdminGetUser"), recoverable, "{names:?}");
    }
    let world = world(well).await;
    assert_eq!(world.cognito.ask("somebody-who-left").await.unwrap(), Err(NoReset::NotRecoverable));
    assert!(world.cognito.sign_out("somebody-who-left").await.is_err());
}

#[tokio::test]
async fn the_policy_is_remembered_for_an_hour_and_a_failure_is_not() {
    let least = Arc::new(std::sync::atomic::AtomicI64::new(8));
    let answers = Arc::clone(&least);
    let world = world(move |asked| match asked.what.as_str() {
        "DescribeUserPool" => match answers.load(std::sync::atomic::Ordering::SeqCst) {
            0 => Reply::error(400, "InternalErrorException"),
            least => policy(least),
        },
        "ConfirmForgotPassword" => Reply::error(400, "InvalidPasswordException"),
        _ => well(asked),
    })
    .await;
    let expected =
        PasswordPolicy { minimum_length: 8, lowercase: true, uppercase: true, numbers: true, symbols: false, history: 3 };
    assert_eq!(world.cognito.policy().await.unwrap(), expected);
    let change = |to: i64| least.store(to, std::sync::atomic::Ordering::SeqCst);
    change(12);
    world.clock.advance(POLICY_LIFE.checked_sub(Duration::from_millis(1)).unwrap());
    assert_eq!(world.cognito.policy().await.unwrap().minimum_length, 8, "59:59.999");
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(world.cognito.policy().await.unwrap().minimum_length, 12, "60:00");
    // A password that we took for good was refused: what we know of the policy is old.
    change(14);
    assert_eq!(world.confirm().await.unwrap(), Err(NotConfirmed::WeakPassword));
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
