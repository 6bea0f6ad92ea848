//! Takeover of the work of another process: a click whose claim is lost, and effects that a dead
//! process left pending.

use std::sync::Arc;

use commands::engine::interaction::{DeskCommand, InteractionContext, Request};
use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::reason::Reason;
use commands::model::session::Session;
use commands::model::words::Target;
use commands::ports::sessions::Committed;
use insta::assert_snapshot;

use crate::events::LEAD;
use crate::fakes::{AGENT_ROLE, Scripted, World};
use crate::names::stage;
use crate::requests::{CLICK, choose, click, code_mac, requested_by, submit_code};
use crate::session_driver::{MAC, SessionDriver};

#[tokio::test]
async fn lost_claim_is_silent_after_other_reply() {
    let session = SessionDriver::choosing().session;
    let world = World::with(&session);
    world.script([Scripted::Answer(Committed::Claimed)]);
    assert_snapshot!(world.handle(choose(&session)).await, @"
    commits Begin(9001): Claimed
    takes over: false
    reloads
    ");
}

#[tokio::test]
async fn takeover_sends_code_of_dead_process() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    // The other process saved the step and died before its effect.
    world.rewrite(&requested_by(CLICK, SessionDriver::chosen().session));
    *world.taken_over.lock().unwrap() = true;
    world.script([Scripted::Answer(Committed::Claimed)]);
    assert_snapshot!(world.handle(choose(&before)).await, @r"
    commits Begin(9001): Claimed
    takes over: true
    defers
    reloads
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): proving_agent []
    edits: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    ");
}

#[tokio::test]
async fn takeover_checks_submitted_code() {
    let before = SessionDriver::proving_agent();
    let world = World::with(&before.session);
    let mac = code_mac(&before.session, "123456");
    world.rewrite(&requested_by(CLICK, before.clone().then(Event::Typed(Some(mac))).session));
    *world.taken_over.lock().unwrap() = true;
    world.script([Scripted::Answer(Committed::Claimed)]);
    assert_snapshot!(world.handle(submit_code(&before.session, "123 456")).await, @"
    commits Begin(9001): Claimed
    takes over: true
    defers
    reloads
    counts WrongCodes of agent:agent-ben
    counts WrongInARow of agent:agent-ben
    verifies AAAAAAAAAAAAAAAAAAAAAA:verify:agent_mfa:1:challenge-1786000000000:mac(code:AAAAAAAAAAAAAAAAAAAAAA:agent_mfa:1:123456) with challenge-1786000000000
    commits Done(9001): announcing []
    edits: Say: “I am mailing you a code from Waizant. It names me and Casa Luz. If that is right, please read it out to me.”
    ");
}

#[tokio::test]
async fn takeover_counts_tenth_wrong_code_of_hour() {
    for (attempts, expected) in [(9, "proving_agent"), (10, "closed(agent_locked_out)")] {
        let before = SessionDriver::proving_agent();
        let world = World::with(&before.session);
        let mac = code_mac(&before.session, "999999");
        world.rewrite(&requested_by(CLICK, before.clone().then(Event::Typed(Some(mac))).session));
        *world.taken_over.lock().unwrap() = true;
        *world.attempts.lock().unwrap() = attempts;
        world.script([Scripted::Answer(Committed::Claimed)]);
        let log = world.handle(submit_code(&before.session, "999999")).await;
        assert!(log.contains("counts WrongCodes of agent:agent-ben"), "{log}");
        assert_eq!(stage(&world.row(&before.session.id)), expected, "{log}");
    }
}

#[tokio::test]
async fn start_finishes_pending_effects_and_draws() {
    let mut logs = Vec::new();
    for driver in [
        SessionDriver::chosen(),
        SessionDriver::proving_agent().then(Event::Typed(Some(MAC.to_owned()))),
        SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web)),
        SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish),
    ] {
        let world = World::with(&driver.session);
        world.desk().recover().await.unwrap();
        assert!(world.row(&driver.session.id).pending.is_empty());
        logs.push(world.log());
    }
    assert_snapshot!(logs.join("\n\n"), @r"
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits None: proving_agent []
    edits: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.

    commits None: proving_agent []
    edits: ⚠️ The code check was interrupted. Enter the code again. No attempt was used.

    issues AAAAAAAAAAAAAAAAAAAAAA:issue:web:1
    commits None: acting []
    edits: julia\@example.com · owner of Casa Luz

    revokes AAAAAAAAAAAAAAAAAAAAAA:revoke
    commits None: closed(finished) []
    ");
}

/// Closes a session as a lead. Returns the log.
async fn close_as_lead(world: &Arc<World>, session: &Session) -> String {
    let lead = InteractionContext { roles: vec![AGENT_ROLE + 1], ..click() };
    let reason = "The agent is on leave.".to_owned();
    let close = DeskCommand::Close { session: session.id.to_string(), reason };
    world.desk().handle(lead, Request::Desk(close)).await;
    world.log()
}

#[tokio::test]
async fn takeover_closes_session_for_lead() {
    let session = SessionDriver::acting(Role::Owner).session;
    // The other process has claimed the command and died before the close, or after it.
    let closed = SessionDriver::acting(Role::Owner).then(lead_closed()).session;
    for row in [session.clone(), closed] {
        let world = World::with(&session);
        world.rewrite(&row);
        *world.taken_over.lock().unwrap() = true;
        world.script([Scripted::Answer(Committed::Claimed)]);
        let log = close_as_lead(&world, &session).await;
        assert!(log.contains("is closed. Its access links are being revoked."), "{log}");
        assert_eq!(stage(&world.row(&session.id)), "closed(by_lead)");
    }
}

#[tokio::test]
async fn lost_claim_of_lead_is_silent_after_other_reply() {
    let session = SessionDriver::choosing().session;
    let world = World::with(&session);
    world.script([Scripted::Answer(Committed::Claimed)]);
    assert_snapshot!(close_as_lead(&world, &session).await, @"
    commits Whole(9001): Claimed
    takes over: false
    ");
}

#[tokio::test]
async fn takeover_finishes_what_a_lead_did_to_an_agent() {
    for is_taken_over in [true, false] {
        let session = SessionDriver::acting(Role::Owner).session;
        let world = World::with(&session);
        // The other process has saved the act and died before it closed the sessions, or works.
        *world.taken_over.lock().unwrap() = is_taken_over;
        world.script([Scripted::Answer(Committed::Claimed)]);
        let lead =
            InteractionContext { roles: vec![AGENT_ROLE + 1], user: click().user + 1, ..click() };
        let act = format!("d1.desk.agent.do.close.1.{}.0", click().user);
        let reason = vec!["The agent is on leave.".to_owned()];
        world.desk().handle(lead, Request::Submit(act, reason)).await;
        let log = world.log();
        assert!(log.contains("commits Begin(9001): Claimed"), "{log}");
        assert_eq!(log.contains("1 session was closed."), is_taken_over, "{log}");
        assert_eq!(log.contains("commits Done(9001)"), is_taken_over, "{log}");
        let stage = stage(&world.row(&session.id));
        assert_eq!(stage == "closed(by_lead)", is_taken_over, "{stage}");
    }
}

fn lead_closed() -> Event {
    let reason = Reason::parse("The agent is on leave.").expect("a reason of acceptable length");
    Event::LeadClosed(LEAD, reason)
}
