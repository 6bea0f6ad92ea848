//! Every answer of Cognito's to the two calls: what it becomes, what the agent reads, what is
//! logged, and that it was asked once.

use std::io;
use std::sync::Mutex;

use commands::flows::recover::messages::Field;
use commands::model::words::Locale;

use super::*;
use crate::telemetry::{self, Format};

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

fn answering(
    operation: &'static str,
    status: u16,
    exception: &'static str,
) -> impl Fn(&Asked) -> Reply + Send + Sync {
    move |asked| if asked.what == operation { Reply::error(status, exception) } else { well(asked) }
}

#[tokio::test]
async fn every_answer_to_forgot_password() {
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
        let world = world(answering("ForgotPassword", 400, exception)).await;
        let (asked, log) = logged(world.ask()).await;
        check(exception, expected, asked.map(Result::unwrap_err), &log, "asking for a reset code");
        assert_eq!(
            world.stub.names(),
            ["AdminGetUser", "ForgotPassword"],
            "{exception} is not tried again"
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
async fn every_answer_to_confirm_forgot_password() {
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
        let world = world(answering("ConfirmForgotPassword", 400, exception)).await;
        let (confirmed, log) = logged(world.confirm()).await;
        check(
            exception,
            expected,
            confirmed.map(Result::unwrap_err),
            &log,
            "setting a new password",
        );
        assert_eq!(
            world.stub.names(),
            ["AdminGetUser", "ConfirmForgotPassword"],
            "{exception} is not tried again"
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

/// A meaning is logged once, by the exception's name; what has none is a fault that says no more,
/// and is logged by the desk.
fn check<N: PartialEq + std::fmt::Debug>(
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
            let lines = refusals(log);
            assert_eq!(lines.len(), 1, "{exception}: {log}");
            assert!(
                lines[0].contains(exception) && lines[0].contains(ANA) && lines[0].contains("WARN"),
                "{}",
                lines[0]
            );
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
                if asked.what == operation {
                    Reply { status, headers: Vec::new(), body: body.to_owned() }
                } else {
                    well(asked)
                }
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
async fn no_answer_in_time_is_a_fault_and_asked_once() {
    for (silent, doing) in [
        ("AdminGetUser", CALLS[0]),
        ("AdminGetUser", CALLS[1]),
        (CALLS[0], CALLS[0]),
        (CALLS[1], CALLS[1]),
    ] {
        let clock = HandClock::at(1_700_000_000_000);
        let waited = Arc::clone(&clock);
        let stub = Stub::start(move |asked| {
            if asked.what != silent {
                return well(asked);
            }
            waited.advance(CALL_TIMEOUT);
            Reply::silence()
        })
        .await;
        let cognito = Cognito::new(&stub.sdk(clock.clone()).await, settings(None), clock);
        let fault = match doing {
            "ForgotPassword" => cognito.request_code(ANA).await.map(drop).unwrap_err(),
            _ => confirm(&cognito).await.map(drop).unwrap_err(),
        };
        assert!(fault.to_string().ends_with(": no answer in time"), "{fault}");
        assert_eq!(stub.names().iter().filter(|name| *name == silent).count(), 1, "{silent}");
    }
}
