//! Every answer of Cognito to the two calls of a recovery: its result, the agent's text, the log
//! line, and that the call is not repeated.

use std::io;
use std::sync::Mutex;

use commands::flows::recover::messages::Field;
use commands::model::words::Locale;

use super::*;
use crate::telemetry::{self, Format};

/// Records the log of this thread.
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

/// Runs `work` and returns its result with the log of all levels.
async fn with_log<T>(work: impl Future<Output = T>) -> (T, String) {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = telemetry::subscriber("trace", Format::Json, move || writer.clone()).unwrap();
    let guard = tracing::subscriber::set_default(subscriber);
    let done = work.await;
    drop(guard);
    let bytes = written.0.lock().unwrap().clone();
    (done, String::from_utf8(bytes).unwrap())
}

/// Returns the log lines about a denial.
fn denials(log: &str) -> Vec<&str> {
    log.lines().filter(|line| line.contains("recovery denied by Cognito")).collect()
}

fn failing(
    operation: &'static str,
    status: u16,
    exception: &'static str,
) -> impl Fn(&StubRequest) -> StubReply + Send + Sync {
    move |request| {
        if request.operation == operation {
            StubReply::error(status, exception)
        } else {
            well(request)
        }
    }
}

#[tokio::test]
async fn every_answer_to_forgot_password_is_mapped() {
    use ResetDenied::{Busy, NotRecoverable, TooMany, Undelivered};
    for (exception, expected) in [
        ("LimitExceededException", Some(TooMany)),
        ("TooManyRequestsException", Some(Busy)),
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
        let world = world(failing("ForgotPassword", 400, exception)).await;
        let (sent, log) = with_log(world.ask()).await;
        assert_denied(
            exception,
            expected,
            sent.map(Result::unwrap_err),
            &log,
            "asking for a reset code",
        );
        assert_eq!(
            world.stub.operations(),
            ["AdminGetUser", "ForgotPassword"],
            "{exception} is not retried"
        );
    }
    let sentences = [TooMany, Busy, NotRecoverable, Undelivered]
        .map(|why| why.page_message(Locale::En).sentence);
    insta::assert_snapshot!(sentences.join("\n"), @r"
    There were too many attempts for this account. Wait up to an hour, then try again.
    There are too many requests right now. Wait a minute, then try again.
    The password of this account cannot be recovered here. Contact an administrator.
    The mail could not be delivered. Try again later, or contact an administrator.
    ");
}

#[tokio::test]
async fn every_answer_to_confirm_forgot_password_is_mapped() {
    use ConfirmDenied::{
        Busy, ExpiredCode, NotRecoverable, Reused, TooMany, Undelivered, WeakPassword, WrongCode,
    };
    for (exception, expected) in [
        ("CodeMismatchException", Some(WrongCode)),
        ("ExpiredCodeException", Some(ExpiredCode)),
        ("LimitExceededException", Some(TooMany)),
        ("TooManyFailedAttemptsException", Some(TooMany)),
        ("TooManyRequestsException", Some(Busy)),
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
        let world = world(failing("ConfirmForgotPassword", 400, exception)).await;
        let (confirmed, log) = with_log(world.confirm()).await;
        assert_denied(
            exception,
            expected,
            confirmed.map(Result::unwrap_err),
            &log,
            "setting a new password",
        );
        assert_eq!(
            world.stub.operations(),
            ["AdminGetUser", "ConfirmForgotPassword"],
            "{exception} is not retried"
        );
    }
    let all =
        [WrongCode, ExpiredCode, TooMany, Busy, WeakPassword, Reused, NotRecoverable, Undelivered];
    let fields = all.map(|why| why.page_message(Locale::En).field);
    assert_eq!(
        fields,
        [
            Field::Code,
            Field::Code,
            Field::Page,
            Field::Page,
            Field::Password,
            Field::Password,
            Field::Page,
            Field::Page
        ]
    );
    insta::assert_snapshot!(all.map(|why| why.page_message(Locale::En).sentence).join("\n"), @r"
    That code is not correct. Use the one in the newest mail.
    That code is not valid or has expired. Request a new one here, or with a new link from Discord.
    There were too many attempts for this account. Wait up to an hour, then try again.
    There are too many requests right now. Wait a minute, then try again.
    That password does not meet the requirements below. Choose another.
    That is one of your recent passwords. Choose one that you have not used.
    The password of this account cannot be recovered here. Contact an administrator.
    The mail could not be delivered. Try again later, or contact an administrator.
    ");
}

/// Asserts that a denial is logged once by the exception's name, and that every other exception is
/// a fault with no more than the name.
fn assert_denied<N: PartialEq + std::fmt::Debug>(
    exception: &str,
    expected: Option<N>,
    got: Result<N, Fault>,
    log: &str,
    doing: &str,
) {
    assert!(
        !log.contains("hush") && !log.contains("424242") && !log.contains("waizant.example"),
        "{exception}: {log}"
    );
    match (expected, got) {
        (Some(expected), Ok(got)) => {
            assert_eq!(got, expected, "{exception}");
            let lines = denials(log);
            assert_eq!(lines.len(), 1, "{exception}: {log}");
            assert!(
                lines[0].contains(exception) && lines[0].contains(ANA) && lines[0].contains("WARN"),
                "{}",
                lines[0]
            );
        }
        (None, Err(fault)) => {
            assert_eq!(fault.to_string(), format!("{doing}: the service answered {exception}"));
            assert!(denials(log).is_empty(), "{exception}: {log}");
        }
        (expected, got) => panic!("{exception}: {got:?} instead of {expected:?}"),
    }
}

#[tokio::test]
async fn failing_server_is_called_once() {
    for operation in CALLS {
        for (status, body) in [(500, "{}"), (503, "hush"), (200, "hush")] {
            // The answer to this call has no body to read.
            if (operation, status) == ("ConfirmForgotPassword", 200) {
                continue;
            }
            let world = world(move |request| {
                if request.operation == operation {
                    StubReply { status, headers: Vec::new(), body: body.to_owned() }
                } else {
                    well(request)
                }
            })
            .await;
            let fault = match operation {
                "ForgotPassword" => world.ask().await.map(drop).unwrap_err(),
                _ => world.confirm().await.map(drop).unwrap_err(),
            };
            assert!(!fault.to_string().contains("hush"), "{fault}");
            assert_eq!(world.stub.operations(), ["AdminGetUser", operation], "{status}");
        }
    }
}

#[tokio::test]
async fn timeout_is_a_fault_and_not_retried() {
    for (silent, doing) in [
        ("AdminGetUser", CALLS[0]),
        ("AdminGetUser", CALLS[1]),
        (CALLS[0], CALLS[0]),
        (CALLS[1], CALLS[1]),
    ] {
        let clock = ManualClock::at(1_700_000_000_000);
        let server_clock = Arc::clone(&clock);
        let stub = AwsStub::start(move |request| {
            if request.operation != silent {
                return well(request);
            }
            server_clock.advance(CALL_TIMEOUT);
            StubReply::never()
        })
        .await;
        let cognito = Cognito::new(&stub.sdk_config(clock.clone()).await, settings(None), clock);
        let fault = match doing {
            "ForgotPassword" => cognito.request_code(ANA).await.map(drop).unwrap_err(),
            _ => confirm(&cognito).await.map(drop).unwrap_err(),
        };
        assert!(fault.to_string().ends_with(": no answer in time"), "{fault}");
        assert_eq!(stub.operations().iter().filter(|name| *name == silent).count(), 1, "{silent}");
    }
}
