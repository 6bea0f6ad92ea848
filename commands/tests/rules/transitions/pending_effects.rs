//! A click that finds the effect of another process pending.
//!
//! The click is claimed first. Then it waits for the other process. If that process is dead, the
//! effect is finished under its own key.

use std::sync::Arc;

use commands::engine::interaction::Request;
use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::session::Session;
use commands::model::words::Target;
use commands::ports::sessions::Committed;
use commands::screens::custom_id::Action;
use insta::assert_snapshot;
use secrecy::ExposeSecret as _;

use crate::fakes::{Scripted, World};
use crate::requests::{OTHER_CLICK, press, requested_by, submit_code};
use crate::session_driver::{MAC, NOW, SessionDriver};

/// Returns the session while another process mails the agent's first code.
fn mailing() -> Session {
    requested_by(OTHER_CLICK, SessionDriver::chosen().session)
}

/// Returns a world whose store another process shares.
fn shared(session: &Session) -> Arc<World> {
    let world = World::with(session);
    *world.shared.lock().unwrap() = true;
    world
}

#[tokio::test]
async fn click_claims_before_it_waits() {
    let before = mailing();
    let world = shared(&before);
    world.releases.lock().unwrap().push_back(SessionDriver::proving_agent().session);
    assert_snapshot!(world.handle(press(&before, Action::Stay)).await, @r"
    commits Begin(9001) without a session
    waits for 8000
    refreshes
    commits Done(9001): proving_agent []
    panel: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    ");
}

#[tokio::test]
async fn click_finishes_effect_of_dead_process() {
    let before = mailing();
    let world = shared(&before);
    assert_snapshot!(world.handle(press(&before, Action::Stay)).await, @r"
    commits Begin(9001) without a session
    waits for 8000
    refreshes
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Unanswered(8000): proving_agent []
    commits Done(9001): proving_agent []
    panel: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    ");
}

#[tokio::test]
async fn click_with_lost_claim_follows_other_replica() {
    let before = mailing();
    let world = shared(&before);
    world.script([Scripted::Answer(Committed::Claimed)]);
    assert_snapshot!(world.handle(press(&before, Action::Stay)).await, @"
    commits Begin(9001): Claimed
    takes over: false
    reloads
    ");
}

#[tokio::test]
async fn resume_with_lost_claim_follows_other_replica() {
    let mut logs = Vec::new();
    for dead in [false, true] {
        let world = shared(&mailing());
        *world.taken_over.lock().unwrap() = dead;
        let mut released = SessionDriver::proving_agent().session;
        released.secrets.panel = Some(("older-token".to_owned().into(), NOW));
        world.releases.lock().unwrap().push_back(released);
        world.script([Scripted::Answer(Committed::Claimed)]);
        logs.push(world.handle(Request::Resume).await);
        let row = world.row(&mailing().id);
        let panel = row.secrets.panel.map(|(token, _)| token.expose_secret().to_owned());
        assert!(!dead || panel.as_deref() == Some("token"), "the new message owns the panel");
    }
    assert_snapshot!(logs.join("\n\n"), @r"
    commits Begin(9001): Claimed
    takes over: false
    reloads

    commits Begin(9001): Claimed
    takes over: true
    defers
    reloads
    waits for 8000
    refreshes
    commits Done(9001): proving_agent []
    edits: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    ");
}

#[tokio::test]
async fn click_on_session_closed_while_waiting_draws_close() {
    let before = mailing();
    let world = shared(&before);
    let closed = SessionDriver::chosen().then(Event::Cancel("the customer hung up".to_owned()));
    world.releases.lock().unwrap().push_back(closed.session);
    assert_snapshot!(world.handle(press(&before, Action::Stay)).await, @"
    commits Begin(9001) without a session
    waits for 8000
    refreshes
    commits Done(9001) without a session
    panel: This session is closed (<t:1786000000:t>): it was cancelled.
    ");
}

#[tokio::test]
async fn click_whose_pending_effect_closes_session_draws_close() {
    // The proof is invalid, so the access link is denied and the session closes.
    let before = SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web));
    let mut before = requested_by(OTHER_CLICK, before.session);
    before.secrets.customer_proof = None;
    let world = shared(&before);
    assert_snapshot!(world.handle(press(&before, Action::Stay)).await, @r#"
    commits Begin(9001) without a session
    waits for 8000
    refreshes
    commits Unanswered(8000): closed(proof_invalid) ["revoke"]
    commits Done(9001) without a session
    panel: This session is closed (<t:1786000000:t>): the verification has expired. Start again.
    "#);
}

#[tokio::test]
async fn pending_send_is_finished_before_resend() {
    // A process mailed the code and could not save that. The agent's panel was drawn from the row.
    let before = SessionDriver::chosen().session;
    let world = World::with(&before);
    assert_snapshot!(world.handle(press(&before, Action::Resend)).await, @"
    commits Begin(9001) without a session
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits None: proving_agent []
    commits Done(9001): proving_agent []
    panel: ⚠️ A new code can be sent <t:1786000060:R>.
    ");
}

#[tokio::test]
async fn pending_check_does_not_answer_for_new_code() {
    let before = SessionDriver::proving_agent().then(Event::Typed(Some(MAC.to_owned()))).session;
    let world = World::with(&before);
    assert_snapshot!(world.handle(submit_code(&before, "123456")).await, @r#"
    commits Begin(9001) without a session
    commits None: proving_agent []
    commits None: proving_agent ["verify agent_mfa 1"]
    verifies AAAAAAAAAAAAAAAAAAAAAA:verify:agent_mfa:1:challenge-1786000000000:mac(code:AAAAAAAAAAAAAAAAAAAAAA:agent_mfa:1:123456) with challenge-1786000000000
    commits Done(9001): announcing []
    panel: Say: “I am mailing you a code from Waizant. It names me and Casa Luz. If that is right, please read it out to me.”
    "#);
}
