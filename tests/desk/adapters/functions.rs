//! The company's functions, on both sides: what they answer, and every way in which they do not.

use std::time::Duration;

use commands::model::code::Code;
use commands::model::outcome::{CodeCheck, Denied, Sent};
use commands::model::words::{Actor, Locale, Purpose};
use commands::ports::access::Access as _;
use commands::ports::codes::{Codes as _, Subject};
use commands::ports::function::{Answer, Origin};
use commands::ports::messages::Messages as _;
use support_desk::lambda::Functions;

use super::sides::{How, Side, on_both};

fn origin(side: &Side, key: &str) -> Origin {
    Origin {
        request_id: format!("AAAAAAAAAAAAAAAAAAAAAA:{key}"),
        session: "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap(),
        actor: Actor {
            discord_id: 1_200_000_000_000_000_101,
            agent_id: side.sub("ana").to_owned(),
            name: "Ana Ruiz".to_owned(),
        },
        locale: Locale::Es,
    }
}

async fn send(side: &Side, functions: &Functions) -> Answer<Sent> {
    let subject = Subject::Agent(side.sub("ana").to_owned());
    functions.send(origin(side, "send:agent_mfa:1"), Purpose::AgentMfa, subject, None).await
}

#[tokio::test]
async fn a_code_is_sent_and_a_wrong_one_is_told() {
    on_both(async |side| {
        let functions = side.functions(How::Well);
        let sent = send(side, &functions).await.unwrap().unwrap();
        assert!(
            sent.destination.contains("•••@") && sent.resend_after == Duration::from_mins(1),
            "{sent:?}"
        );
        let code = Code::parse("000000").unwrap();
        let checked = functions
            .verify(origin(side, "verify"), Purpose::AgentMfa, &sent.challenge_id, &code)
            .await;
        assert!(matches!(checked, Ok(Ok(CodeCheck::Mismatch))), "{checked:?}");
    })
    .await;
}

#[tokio::test]
async fn notices_are_mailed_and_ways_in_revoked() {
    on_both(async |side| {
        let functions = side.functions(How::Well);
        functions
            .account_linked(origin(side, "message:account_linked:1"), side.sub("ana"))
            .await
            .unwrap()
            .unwrap();
        functions
            .password_changed(origin(side, "message:password_changed:1"), side.sub("ana"))
            .await
            .unwrap()
            .unwrap();
        functions.revoke(origin(side, "revoke")).await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn every_no_of_the_contract() {
    let wait = Some(Duration::from_secs(90));
    on_both(async |side| {
        for (code, expected) in [
            ("RATE_LIMITED", Denied::RateLimited(wait)),
            ("NOT_FOUND", Denied::NotFound),
            ("DELIVERY_FAILED", Denied::DeliveryFailed),
            ("PROOF_INVALID", Denied::ProofInvalid),
            ("UNAVAILABLE", Denied::Unavailable(wait)),
        ] {
            assert_eq!(
                send(side, &side.functions(How::Refuses(code))).await.unwrap().unwrap_err(),
                expected,
                "{code}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn what_fails_is_a_fault_that_quotes_nothing() {
    on_both(async |side| {
        for (how, words) in [
            (How::Fails, "the function failed"),
            (How::Overruns, "the function failed"),
            (How::Garbage, "the function's answer is not what the contract says"),
            (How::Throttled, "the service answered TooManyRequestsException"),
            (How::Missing, "the service answered ResourceNotFoundException"),
        ] {
            let fault = send(side, &side.functions(how)).await.unwrap_err().to_string();
            assert_eq!(fault, format!("sending a code: {words}"), "{how:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_function_that_does_not_answer_is_given_up() {
    on_both(async |side| {
        let functions = side.functions(How::Silent);
        let mut sending = std::pin::pin!(send(side, &functions));
        tokio::select! {
            biased;
            answer = &mut sending => panic!("{answer:?}"),
            () = side.is_reached("ana") => side.patience.ends(),
        }
        assert_eq!(sending.await.unwrap_err().to_string(), "sending a code: no answer in time");
    })
    .await;
}

#[tokio::test]
async fn without_the_right_to_invoke_there_is_no_answer() {
    on_both(async |side| {
        let functions = side.powerless_functions();
        let fault = send(side, &functions).await.unwrap_err().to_string();
        assert!(fault.starts_with("sending a code: the service answered "), "{fault}");
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_tells_what_is_there() {
    on_both(async |side| {
        let functions = side.functions(How::Well);
        let name = if side.name == "sandbox" { "cs-access:live" } else { "cs-well" };
        functions.dry_run(name).await.unwrap();
        let missing = functions.dry_run("cs-nobody").await.unwrap_err().to_string();
        assert_eq!(missing, "the service answered ResourceNotFoundException");
    })
    .await;
}
