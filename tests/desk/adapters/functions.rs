//! Functions on both backends: replies, denials and faults.

use std::time::Duration;

use commands::model::code::Code;
use commands::model::delivery::MailState;
use commands::model::outcome::{CodeCheck, Denied, Sent};
use commands::model::scope::Scope;
use commands::model::unknown_fields::UnknownFields;
use commands::model::words::{Actor, Locale, Purpose};
use commands::ports::access::Access as _;
use commands::ports::codes::{CodeRequest, Codes as _, Subject};
use commands::ports::function::{Answer, Origin};
use commands::ports::messages::Messages as _;
use support_desk::lambda::Functions;

use super::backends::{Backend, Behavior, on_both};

fn origin(backend: &Backend, key: &str) -> Origin {
    Origin {
        request_id: format!("AAAAAAAAAAAAAAAAAAAAAA:{key}"),
        session: "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap(),
        actor: Actor {
            discord_id: 1_200_000_000_000_000_101,
            agent_id: backend.sub("ana").to_owned(),
            name: "Ana Ruiz".to_owned(),
            unknown: UnknownFields::NONE,
        },
        locale: Locale::Es,
    }
}

async fn send(backend: &Backend, functions: &Functions) -> Answer<Sent> {
    let code = CodeRequest {
        purpose: Purpose::AgentMfa,
        subject: Subject::Agent(backend.sub("ana").to_owned()),
        ecosystem: Some(("eco-casa-luz".to_owned(), "Casa Luz".to_owned())),
        scope: Some(Scope::Act),
        report_url: None,
    };
    functions.send(origin(backend, "send:agent_mfa:1"), code).await
}

#[tokio::test]
async fn code_is_sent_and_wrong_code_is_a_mismatch() {
    on_both(async |backend| {
        let functions = backend.functions(Behavior::Normal);
        let sent = send(backend, &functions).await.unwrap().unwrap();
        assert!(
            sent.destination.contains("•••@") && sent.resend_after == Duration::from_mins(1),
            "{sent:?}"
        );
        let question = origin(backend, "status:agent_mfa:1:1");
        let status = functions.status(question, &sent.challenge_id).await.unwrap().unwrap();
        assert_eq!(status.state, MailState::Delivered);
        let code = Code::parse("000000").unwrap();
        let checked = functions
            .verify(origin(backend, "verify"), Purpose::AgentMfa, &sent.challenge_id, &code)
            .await;
        assert!(matches!(checked, Ok(Ok(CodeCheck::Mismatch))), "{checked:?}");
    })
    .await;
}

#[tokio::test]
async fn notices_are_mailed_and_links_revoked() {
    on_both(async |backend| {
        let functions = backend.functions(Behavior::Normal);
        functions
            .account_linked(origin(backend, "message:account_linked:1"), backend.sub("ana"), None)
            .await
            .unwrap()
            .unwrap();
        functions
            .password_changed(
                origin(backend, "message:password_changed:1"),
                backend.sub("ana"),
                None,
            )
            .await
            .unwrap()
            .unwrap();
        functions.revoke(origin(backend, "revoke")).await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn every_error_code_is_denied() {
    let wait = Some(Duration::from_secs(90));
    on_both(async |backend| {
        for (code, expected) in [
            ("RATE_LIMITED", Denied::RateLimited(wait)),
            ("NOT_FOUND", Denied::NotFound),
            ("DELIVERY_FAILED", Denied::DeliveryFailed),
            ("PROOF_INVALID", Denied::ProofInvalid),
            ("UNAVAILABLE", Denied::Unavailable(wait)),
        ] {
            assert_eq!(
                send(backend, &backend.functions(Behavior::Refuses(code)))
                    .await
                    .unwrap()
                    .unwrap_err(),
                expected,
                "{code}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn failure_is_a_fault_without_quotes() {
    on_both(async |backend| {
        for (behavior, reason) in [
            (Behavior::Throws, "the function failed"),
            (Behavior::TimesOut, "the function failed"),
            (Behavior::Garbage, "the function's reply does not match the contract"),
            (Behavior::Throttled, "the service answered TooManyRequestsException"),
            (Behavior::Missing, "the service answered ResourceNotFoundException"),
        ] {
            let fault = send(backend, &backend.functions(behavior)).await.unwrap_err().to_string();
            assert_eq!(fault, format!("sending a code: {reason}"), "{behavior:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn hanging_function_times_out() {
    on_both(async |backend| {
        let functions = backend.functions(Behavior::Hangs);
        let mut sending = std::pin::pin!(send(backend, &functions));
        tokio::select! {
            biased;
            answer = &mut sending => panic!("{answer:?}"),
            () = backend.called("ana") => backend.setup.clock.expire(),
        }
        assert_eq!(sending.await.unwrap_err().to_string(), "sending a code: no answer in time");
    })
    .await;
}

#[tokio::test]
async fn missing_permission_to_invoke_is_a_fault() {
    on_both(async |backend| {
        let functions = backend.unauthorized_functions();
        let fault = send(backend, &functions).await.unwrap_err().to_string();
        assert!(fault.starts_with("sending a code: the service answered "), "{fault}");
    })
    .await;
}

#[tokio::test]
async fn dry_run_finds_missing_function() {
    on_both(async |backend| {
        let functions = backend.functions(Behavior::Normal);
        let name = if backend.setup.name == "sandbox" { "cs-access:live" } else { "cs-well" };
        functions.dry_run(name).await.unwrap();
        let missing = functions.dry_run("cs-missing").await.unwrap_err().to_string();
        assert_eq!(missing, "the service answered ResourceNotFoundException");
    })
    .await;
}
