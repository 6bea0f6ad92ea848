//! Commits that fail. If the result is unknown, the row decides.

use commands::handlers::recovery_page::RecoveryDesk as _;
use commands::model::refusal::Refusal;
use commands::screens::custom_id::Action;
use insta::assert_snapshot;

use crate::fakes::{Scripted, World};
use crate::names::stage;
use crate::recovery_page::recovery_page;
use crate::requests::{choose, next_click, press, submit_code};
use crate::session_driver::SessionDriver;
use crate::transitions::idle;

#[tokio::test]
async fn unknown_click_without_effect_is_read_back() {
    let before = SessionDriver::found().session;
    let world = World::with(&before);
    world.script([Scripted::SavedAndFault]);
    assert_snapshot!(world.handle(press(&before, Action::Start)).await, @"
    commits Whole(9001): choosing []
    loses the connection
    reloads
    panel: Choose the ecosystem that the customer needs help with.
    ");
}

#[tokio::test]
async fn unknown_click_with_effect_is_read_back() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    world.script([Scripted::SavedAndFault]);
    assert_snapshot!(world.handle(choose(&before)).await, @r#"
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    loses the connection
    reloads
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): proving_agent []
    panel: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    "#);
}

#[tokio::test]
async fn unknown_outcome_is_read_back() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    world.script([Scripted::Saved, Scripted::SavedAndFault]);
    assert_snapshot!(world.handle(choose(&before)).await, @r#"
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): proving_agent []
    loses the connection
    reloads
    panel: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    "#);
}

#[tokio::test]
async fn unknown_code_attempt_is_counted_through_limits() {
    for (attempts, expected) in [(9, "proving_agent"), (10, "closed(agent_locked_out)")] {
        let before = SessionDriver::proving_agent().session;
        let world = World::with(&before);
        *world.attempts.lock().unwrap() = attempts;
        world.script([Scripted::SavedAndFault]);
        let log = world.handle(submit_code(&before, "999999")).await;
        assert_eq!(stage(&world.row(&before.id)), expected, "{log}");
        if attempts == 9 {
            assert_snapshot!(log, @r#"
            commits Begin(9001): proving_agent ["verify agent_mfa 1"]
            loses the connection
            reloads
            counts WrongCodes of agent:agent-ben
            counts WrongInARow of agent:agent-ben
            verifies AAAAAAAAAAAAAAAAAAAAAA:verify:agent_mfa:1:challenge-1786000000000:mac(code:AAAAAAAAAAAAAAAAAAAAAA:agent_mfa:1:999999) with challenge-1786000000000
            commits Done(9001): proving_agent []
            panel: ⚠️ That code is not correct. 4 attempts left.
            "#);
        }
    }
}

#[tokio::test]
async fn unknown_close_is_read_back_and_drawn() {
    let session = idle(SessionDriver::choosing().session);
    let world = World::with(&session);
    world.script([Scripted::SavedAndFault]);
    world.desk().sweep().await.unwrap();
    assert_snapshot!(world.log(), @"
    commits None: closed(idle) []
    loses the connection
    reloads
    edits: This session is closed (<t:1786000000:t>): there was no activity for 15 minutes, so the request is lost.
    ");
}

#[tokio::test]
async fn failed_click_stays_a_fault() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    world.script([Scripted::Fault]);
    assert_snapshot!(world.handle(choose(&before)).await, @"
    commits Begin(9001): fault
    reloads
    note: Something failed on our side. Try again. If the problem continues, report it with the reference `F-7K2M9Q`.
    ");
    assert_eq!(stage(&world.row(&before.id)), "choosing");
}

#[tokio::test]
async fn failed_refusal_of_page_stays_a_fault() {
    // The step records the refusal and does not change the session.
    let (driver, token) = recovery_page();
    let world = World::with(&driver.session);
    let early = driver.decide(commands::model::event::Event::Resend).refusal;
    assert!(matches!(early, Some(Refusal::TooEarly(_))));
    world.script([Scripted::Fault]);
    assert!(world.desk().resend(&token).await.is_err());
    assert_snapshot!(world.log(), @"
    reloads
    commits None: fault
    reloads
    ");
}

#[tokio::test]
async fn failed_outcome_is_repeated_by_next_click() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    world.script([Scripted::Saved, Scripted::Fault]);
    let first = world.handle(choose(&before)).await;
    let row = world.row(&before.id);
    world.log.lock().unwrap().clear();
    world.desk().handle(next_click(), press(&row, Action::Stay)).await;
    assert_snapshot!([first, world.log()].join("\n\n"), @r#"
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): fault
    reloads
    note: Something failed on our side. Try again. If the problem continues, report it with the reference `F-7K2M9Q`.

    commits Begin(9002) without a session
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Unanswered(9001): proving_agent []
    commits Done(9002): proving_agent []
    panel: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    "#);
}

#[tokio::test]
async fn failed_timer_is_left_to_next_sweep() {
    let session = idle(SessionDriver::choosing().session);
    let world = World::with(&session);
    world.script([Scripted::Fault]);
    world.desk().sweep().await.unwrap();
    assert_eq!(stage(&world.row(&session.id)), "choosing");
    world.desk().sweep().await.unwrap();
    assert_eq!(stage(&world.row(&session.id)), "closed(idle)");
}
