//! Recovering the password: what is counted, when another code may be asked for, how long a link
//! lasts, and what a crash leaves.

use std::sync::Arc;
use std::time::Duration;

use commands::flows::recover::messages::FieldMessage;
use commands::flows::recover::{RECOVER_CONFIRMS, RECOVER_REQUESTS};
use commands::handlers::recovery_page::{RecoveryDesk as _, View};
use commands::model::effect::{Effect, Pending};
use commands::model::event::Event;
use commands::model::flow_state::LastOutcome;
use commands::model::outcome::{ConfirmDenied, EffectError, ResetDenied};
use commands::model::refusal::Refusal;
use commands::model::session::Work;
use commands::model::time::minutes;
use commands::model::verification::RESEND_WAIT;
use commands::model::words::{CloseReason, Limit};
use commands::ports::sessions::Committed;

use crate::events::{NO_RESETS, NOT_CONFIRMED};
use crate::ports::{Scripted, World};
use crate::road::{NOW, SessionDriver};

const TO: &str = "b•••@w•••.example";

fn pending(road: &SessionDriver) -> Vec<Effect> {
    road.session.pending.iter().map(|pending| pending.effect.clone()).collect()
}

/// The sign-out and the notice that follow the n-th new password.
fn aftermath(nth: u32) -> Vec<Effect> {
    let agent_id = "agent-ben".to_owned();
    vec![
        Effect::SignOut { agent_id: agent_id.clone(), nth },
        Effect::NotifyChanged { agent_id, nth },
    ]
}

#[test]
fn where_nobody_knows_the_account_is_signed_out_and_its_owner_told_all_the_same() {
    for why in [EffectError::Interrupted, EffectError::Fault("F-7K2M9Q".to_owned())] {
        let mut road = SessionDriver::recovering_mailed();
        road.does(Event::Confirm);
        road.hears(Event::Confirmed { nth: 1, outcome: Err(why) });
        assert_eq!(pending(&road), aftermath(1));
        assert!(road.session.closed().is_none(), "the page can be filled in again");
        assert_eq!(
            road.session.next_at(),
            Some(NOW + minutes(1)),
            "what fails of it is asked for again"
        );
        road.does(Event::Confirm);
        road.hears(Event::Confirmed { nth: 2, outcome: Ok(Ok(())) });
        assert_eq!(pending(&road), [aftermath(1), aftermath(2)].concat());
    }
    let mut road = SessionDriver::recovering_mailed();
    road.does(Event::Confirm);
    road.hears(Event::Confirmed { nth: 1, outcome: Ok(Err(ConfirmDenied::WrongCode)) });
    assert_eq!(pending(&road), []);
}

#[test]
fn three_codes_and_five_passwords_are_counted_by_agent_and_hour() {
    let mut road = SessionDriver::recovering_mailed();
    road.skips(RESEND_WAIT);
    for (event, limit, allowed) in
        [(Event::Resend, Limit::RecoverRequests, 3), (Event::Confirm, Limit::RecoverConfirms, 5)]
    {
        let limit_uses = road.decides(event).limit_uses;
        let [limit_use] = limit_uses.as_slice() else { panic!("{limit_uses:?}") };
        assert_eq!((limit_use.limit, limit_use.subject.as_str()), (limit, "agent:agent-ben"));
        assert_eq!((limit_use.allowed, limit_use.window), (allowed, minutes(60)));
    }
    assert_eq!((RECOVER_REQUESTS, RECOVER_CONFIRMS), (3, 5));
}

#[test]
fn another_code_can_be_asked_for_after_a_minute_whatever_became_of_the_last() {
    let outcomes =
        [Ok(Ok(TO.to_owned())), Ok(Err(ResetDenied::TooMany)), Err(EffectError::Interrupted)];
    for outcome in outcomes {
        let mut road = SessionDriver::recovering();
        road.resets(outcome.clone());
        road.skips(Duration::from_secs(59));
        let step = road.decides(Event::Resend);
        assert_eq!(step.refusal, Some(Refusal::TooEarly(NOW + RESEND_WAIT)), "{outcome:?}");
        assert!(step.limit_uses.is_empty() && step.session.pending.is_empty());
        road.skips(Duration::from_secs(1));
        road.hears(Event::Resend);
        assert_eq!(pending(&road), [Effect::RequestReset { nth: 2 }], "{outcome:?}");
    }
}

#[test]
fn a_link_is_good_for_three_codes() {
    let mut road = SessionDriver::recovering_mailed();
    for nth in 2..=3 {
        assert!(commands::flows::recover::resend_at(&road.recovery()).is_some());
        road.skips(RESEND_WAIT);
        road.hears(Event::Resend);
        assert_eq!(pending(&road), [Effect::RequestReset { nth }]);
        road.resets(Ok(Ok(TO.to_owned())));
        assert_eq!(road.recovery().last_outcome, Some(LastOutcome::Resent));
    }
    assert_eq!(commands::flows::recover::resend_at(&road.recovery()), None);
    road.skips(RESEND_WAIT);
    assert_eq!(road.decides(Event::Resend).refusal, Some(Refusal::NoSendsLeft));
}

#[test]
fn a_link_lasts_an_hour_from_the_request_whatever_is_pressed() {
    let mut road = SessionDriver::recovering_mailed();
    road.passes(minutes(30));
    road.does(Event::Resume);
    road.passes(minutes(26) + Duration::from_secs(59));
    assert!(!road.session.clocks.warns(), "56:59");
    road.passes(Duration::from_secs(1));
    assert!(road.session.clocks.warns() && road.session.clocks.ends_absolutely());
    road.does(Event::Stay);
    road.passes(minutes(2) + Duration::from_secs(59));
    assert_eq!(road.session.closed(), None, "59:59");
    assert_eq!(road.session.clocks.end(), NOW + minutes(60));
    road.passes(Duration::from_secs(1));
    assert_eq!(road.session.closed(), Some((CloseReason::Absolute, NOW + minutes(60))));
    assert_eq!(road.session.attending(), None);
}

#[test]
fn a_new_password_uses_the_link_up_signs_out_and_tells() {
    let mut road = SessionDriver::recovering_mailed();
    road.skips(minutes(2));
    let step = road.confirms(Ok(Ok(())));
    assert_eq!(road.session.closed(), Some((CloseReason::Finished, NOW + minutes(2))));
    assert_eq!(pending(&road), aftermath(1));
    let events: Vec<_> = step.events.iter().map(|act| act.kind).collect();
    assert_eq!(events, ["password_changed", "closed"]);
    assert!(!road.session.is_signed_out());
    road.hears(Event::NoticeSent(aftermath(1).remove(0), Ok(())));
    assert!(road.session.is_signed_out());
    for event in [Event::Confirm, Event::Resend] {
        assert_eq!(
            road.decides(event).refusal,
            Some(Refusal::Closed(CloseReason::Finished, NOW + minutes(2)))
        );
    }
}

#[test]
fn what_cognito_refuses_changes_nothing_but_what_is_told() {
    for why in NOT_CONFIRMED {
        let mut road = SessionDriver::recovering_mailed();
        let step = road.confirms(Ok(Err(why)));
        assert_eq!(
            (road.recovery().last_outcome, pending(&road)),
            (Some(LastOutcome::NotChanged(why)), vec![])
        );
        assert!(step.refunds.is_empty(), "Cognito has counted it too");
        assert_eq!(road.stage(), "recovering");
    }
    for why in NO_RESETS {
        let mut road = SessionDriver::recovering();
        road.resets(Ok(Err(why)));
        assert_eq!(
            (road.recovery().last_outcome, road.recovery().to),
            (Some(LastOutcome::NotSent(why)), None)
        );
    }
}

#[test]
fn a_refused_code_does_not_make_forget_where_the_last_one_went() {
    let mut road = SessionDriver::recovering_mailed();
    road.skips(RESEND_WAIT);
    road.hears(Event::Resend);
    road.resets(Ok(Err(ResetDenied::Undelivered)));
    assert_eq!(road.recovery().to.as_deref(), Some(TO));
}

#[test]
fn a_try_that_was_refused_is_not_told_to_whoever_opens_the_page_anew() {
    assert!(
        !LastOutcome::NotChanged(ConfirmDenied::WrongCode).survives_reload()
            && !LastOutcome::Resent.survives_reload()
    );
    for news in [
        LastOutcome::NotSent(ResetDenied::TooMany),
        LastOutcome::MaybeSent(None),
        LastOutcome::MaybeChanged(Some("F-7K2M9Q".to_owned())),
    ] {
        assert!(news.survives_reload());
    }
}

#[test]
fn a_close_stops_what_nobody_would_hear_of_and_a_password_that_was_set_all_the_same_is_told() {
    let mut road = SessionDriver::recovering_mailed();
    road.hears(Event::Confirm);
    assert_eq!(pending(&road), [Effect::Confirm { nth: 1 }]);
    road.does(Event::Dismiss);
    assert_eq!(pending(&road), []);
    // As the process that has asked Cognito finds the row: it puts back what it has done.
    road.session.pending.push(Pending {
        effect: Effect::Confirm { nth: 1 },
        requested_at: NOW,
        requested_by: None,
    });
    let lost =
        road.decides(Event::Confirmed { nth: 1, outcome: Ok(Err(ConfirmDenied::WrongCode)) });
    assert!(matches!(lost.refusal, Some(Refusal::Closed(CloseReason::Dismissed, _))));
    road.hears(Event::Confirmed { nth: 1, outcome: Ok(Ok(())) });
    assert_eq!(pending(&road), aftermath(1));
    assert_eq!(road.stage(), "closed(dismissed)");
}

#[test]
fn the_sign_out_is_asked_for_again_each_minute_of_an_hour() {
    let mut road = SessionDriver::recovering_mailed();
    road.confirms(Ok(Ok(())));
    for minute in 1..=60 {
        road.now = NOW + minutes(minute);
        for effect in aftermath(1) {
            road.hears(Event::NoticeSent(effect, Err(EffectError::Fault("F-7K2M9Q".to_owned()))));
        }
        let next = (minute < 60).then(|| road.now + minutes(1));
        assert_eq!(road.session.next_at(), next, "after {minute} minutes");
    }
}

/// The session and the code of a page whose token has the mac that the fakes make.
fn page() -> (SessionDriver, String) {
    let mut road = SessionDriver::recovering_mailed();
    let token = format!("{}.{}", road.session.id, "B".repeat(43));
    let Work::Recover(state) = &mut road.session.work else { panic!("no recovery") };
    state.page_mac = format!("mac(the link to the recovery page {token})");
    (road, token)
}

async fn confirms(world: &Arc<World>, token: &str) -> Option<(View, Option<FieldMessage>)> {
    world
        .desk()
        .confirm(token, "123456", "x".to_owned().into(), "x".to_owned().into())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_new_password_is_not_forgotten_because_another_process_moved_the_row() {
    let (road, token) = page();
    let mut resumed = road.session.clone();
    resumed.generation += 1;
    let closed = road.clone().then(Event::Dismiss).session;
    for (newer, done) in [(resumed, true), (closed, false)] {
        let world = World::with(&road.session);
        world.script.lock().unwrap().extend([Scripted::Saved, Scripted::Newer(Box::new(newer))]);
        let answer = confirms(&world, &token).await;
        assert_eq!(answer.is_some_and(|(view, said)| view.done && said.is_none()), done);
        let told = world.told();
        assert_eq!(told.matches("sets the password").count(), 1, "{told}");
        assert!(
            told.contains("signs agent-ben out") && told.contains(":message:password_changed:1"),
            "{told}"
        );
        assert!(world.row(&road.session.id).pending.is_empty());
    }
}

#[tokio::test]
async fn an_outcome_that_cannot_be_saved_is_a_doubt_with_a_reference() {
    let (road, token) = page();
    let world = World::with(&road.session);
    world.script.lock().unwrap().extend([Scripted::Saved, Scripted::Fault]);
    let (view, said) = confirms(&world, &token).await.unwrap();
    assert!(!view.done);
    assert!(
        said.unwrap().sentence.starts_with(
            "Something failed on our side, and your password may not have been changed."
        )
    );
    // Whoever acts next finds it pending, and cannot know either.
    let answer = world.desk().resend(&token).await.unwrap();
    assert!(answer.unwrap().1.unwrap().sentence.starts_with("A new code can be sent in"));
    let row = world.row(&road.session.id);
    let told = world.told();
    assert!(
        row.pending.is_empty() && told.matches("signs agent-ben out").count() == 1,
        "in doubt it was changed: {told}"
    );
    assert_eq!(
        SessionDriver { session: row, ..road }.recovery().last_outcome,
        Some(LastOutcome::MaybeChanged(None))
    );
}

#[tokio::test]
async fn before_cognito_is_asked_the_row_has_to_hold_still() {
    let (road, token) = page();
    let world = World::with(&road.session);
    world
        .script
        .lock()
        .unwrap()
        .extend((0..3).map(|_| Scripted::Newer(Box::new(road.session.clone()))));
    let fault = world
        .desk()
        .confirm(&token, "123456", "x".to_owned().into(), "x".to_owned().into())
        .await
        .unwrap_err();
    assert!(fault.to_string().contains("session row changed on every attempt"));
    assert!(!world.told().contains("sets the password"));
    let world = World::with(&road.session);
    let soon = NOW + minutes(3);
    world
        .script
        .lock()
        .unwrap()
        .push_back(Scripted::Answer(Committed::Limited(Limit::RecoverConfirms, soon)));
    let (_, said) = confirms(&world, &token).await.unwrap();
    assert_eq!(
        said.unwrap().sentence,
        "You have tried five times in the last hour. Try again in 3 minutes."
    );
    assert!(!world.told().contains("sets the password"));
}

/// A recovery whose process died over an effect.
async fn after_a_crash(road: &SessionDriver) -> (String, LastOutcome) {
    let world = World::with(&road.session);
    world.desk().recover().await.unwrap();
    let row = world.row(&road.session.id);
    assert!(row.pending.is_empty());
    let told = world.told();
    assert!(
        !told.contains("Cognito") && !told.contains("password of"),
        "nothing is asked twice: {told}"
    );
    let state = SessionDriver { session: row, ..road.clone() }.recovery();
    (told, state.last_outcome.unwrap())
}

#[tokio::test]
async fn after_a_crash_nothing_is_repeated_and_what_to_do_is_said() {
    let (told, news) = after_a_crash(&SessionDriver::recovering()).await;
    assert_eq!(news, LastOutcome::MaybeSent(None));
    insta::assert_snapshot!(told, @"
    commits None: recovering []
    edits Panel: ⚠️ The request was interrupted, and the code may not have been mailed. Check your mailbox. If no mail has arrived, press Resend on the page.
    ");
    let mut road = SessionDriver::recovering_mailed();
    road.hears(Event::Confirm);
    let (told, news) = after_a_crash(&road).await;
    assert_eq!(news, LastOutcome::MaybeChanged(None));
    insta::assert_snapshot!(told, @r#"
    commits None: recovering ["sign-out", "notice of the change"]
    edits Panel: ⚠️ The request was interrupted, and your password may not have been changed. Try to sign in with the new one. If that does not work, fill in the page again.
    signs agent-ben out
    commits None: recovering ["notice of the change"]
    mails AAAAAAAAAAAAAAAAAAAAAA:message:password_changed:1
    commits None: recovering []
    "#);
}

#[tokio::test]
async fn what_follows_a_new_password_is_done_by_the_process_that_comes_after() {
    let mut road = SessionDriver::recovering_mailed();
    road.confirms(Ok(Ok(())));
    let world = World::with(&road.session);
    world.desk().recover().await.unwrap();
    assert!(world.row(&road.session.id).pending.is_empty());
    insta::assert_snapshot!(world.told(), @r#"
    signs agent-ben out
    commits None: closed(finished) ["notice of the change"]
    mails AAAAAAAAAAAAAAAAAAAAAA:message:password_changed:1
    commits None: closed(finished) []
    "#);
}
