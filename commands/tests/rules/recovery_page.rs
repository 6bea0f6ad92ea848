//! Requests of the recovery page, and a recovery whose process crashed.

use std::sync::Arc;

use commands::flows::recover::messages::FieldMessage;
use commands::handlers::recovery_page::{RecoveryDesk as _, View};
use commands::model::event::Event;
use commands::model::flow_state::LastOutcome;
use commands::model::session::Work;
use insta::assert_snapshot;

use crate::fakes::{Scripted, World};
use crate::session_driver::SessionDriver;

/// Returns a recovery whose code was mailed, and the token of its page.
pub(crate) fn recovery_page() -> (SessionDriver, String) {
    let mut driver = SessionDriver::recovering_mailed();
    let token = format!("{}.{}", driver.session.id, "B".repeat(43));
    let Work::Recover(state) = &mut driver.session.work else { panic!("not a recovery") };
    state.page_mac = format!("mac(the link to the recovery page {token})");
    (driver, token)
}

/// Submits the right code and a new password.
pub(crate) async fn confirm(
    world: &Arc<World>,
    token: &str,
) -> Option<(View, Option<FieldMessage>)> {
    let password = || "Kx7#qP2m".to_owned().into();
    world.desk().confirm(token, "123456", password(), password()).await.unwrap()
}

#[tokio::test]
async fn unsaved_outcome_leaves_result_unknown() {
    let (driver, token) = recovery_page();
    let world = World::with(&driver.session);
    world.script([Scripted::Saved, Scripted::Fault]);
    let (view, message) = confirm(&world, &token).await.unwrap();
    assert!(!view.done);
    let sentence = message.unwrap().sentence;
    assert!(
        sentence.starts_with(
            "Something failed on our side, and your password may not have been changed."
        ),
        "{sentence}"
    );
    // The next request finds the effect pending. It cannot know the result either.
    let (_, message) = world.desk().resend(&token).await.unwrap().unwrap();
    assert!(message.unwrap().sentence.starts_with("A new code can be sent in"));
    let row = world.row(&driver.session.id);
    assert!(row.pending.is_empty());
    let log = world.log();
    assert_eq!(log.matches("signs agent-ben out").count(), 1, "{log}");
    assert_eq!(
        SessionDriver { session: row, ..driver }.recover_state().last_outcome,
        Some(LastOutcome::MaybeChanged(None))
    );
}

#[tokio::test]
async fn link_finished_by_simultaneous_request_shows_that_it_was_used() {
    let (driver, token) = recovery_page();
    let world = World::with(&driver.session);
    let mut finished = driver.clone();
    finished.finish_confirm(Ok(Ok(())));
    *world.finished_meanwhile.lock().unwrap() = Some(finished.session);
    let (view, message) = confirm(&world, &token).await.unwrap();
    assert!(view.done && message.is_none());
    assert!(!world.log().contains("password of"), "{}", world.log());
}

/// Starts a new process on a recovery with a pending effect. Returns its log and the last outcome.
async fn restart(driver: &SessionDriver) -> (String, LastOutcome) {
    let world = World::with(&driver.session);
    world.desk().recover().await.unwrap();
    let row = world.row(&driver.session.id);
    assert!(row.pending.is_empty());
    let log = world.log();
    assert!(!log.contains("Cognito") && !log.contains("password of"), "repeated a call: {log}");
    (log, SessionDriver { session: row, ..driver.clone() }.recover_state().last_outcome.unwrap())
}

#[tokio::test]
async fn restart_during_reset_repeats_nothing() {
    let (log, outcome) = restart(&SessionDriver::recovering()).await;
    assert_eq!(outcome, LastOutcome::MaybeSent(None));
    assert_snapshot!(log, @"
    commits None: recovering []
    edits: ⚠️ The request was interrupted, and the code may not have been mailed. Check your mailbox. If no mail has arrived, press Resend on the page.
    ");
}

#[tokio::test]
async fn restart_during_confirm_signs_out_and_notifies() {
    let mut driver = SessionDriver::recovering_mailed();
    driver.apply(Event::Confirm);
    let (log, outcome) = restart(&driver).await;
    assert_eq!(outcome, LastOutcome::MaybeChanged(None));
    assert_snapshot!(log, @r#"
    commits None: recovering ["sign-out", "notice of the change"]
    edits: ⚠️ The request was interrupted, and your password may not have been changed. Try to sign in with the new one. If that does not work, fill in the page again.
    signs agent-ben out
    commits None: recovering ["notice of the change"]
    mails AAAAAAAAAAAAAAAAAAAAAA:message:password_changed:1
    commits None: recovering []
    "#);
}

#[tokio::test]
async fn restart_after_confirm_signs_out_and_notifies() {
    let mut driver = SessionDriver::recovering_mailed();
    driver.finish_confirm(Ok(Ok(())));
    let world = World::with(&driver.session);
    world.desk().recover().await.unwrap();
    assert!(world.row(&driver.session.id).pending.is_empty());
    assert_snapshot!(world.log(), @r#"
    signs agent-ben out
    commits None: closed(finished) ["notice of the change"]
    mails AAAAAAAAAAAAAAAAAAAAAA:message:password_changed:1
    commits None: closed(finished) []
    "#);
}
