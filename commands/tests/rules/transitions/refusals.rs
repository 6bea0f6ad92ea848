//! Steps that the store refuses. The panel shows the refusal.

use commands::model::limit::{LockedSubject, LockoutReason};
use commands::model::time::{Timestamp, minutes};
use commands::model::words::Limit;
use commands::ports::sessions::Committed;
use commands::screens::custom_id::Action;
use insta::assert_snapshot;

use crate::fakes::{Scripted, World};
use crate::people::julia;
use crate::recovery_page::{confirm, recovery_page};
use crate::requests::{look_up, press};
use crate::session_driver::{NOW, SessionDriver};

/// Time at which the refused request is possible again.
fn soon() -> Timestamp {
    NOW + minutes(3)
}

#[tokio::test]
async fn refused_start_shows_reason_on_panel() {
    let mut logs = Vec::new();
    for refused in [
        Committed::CustomerTaken,
        Committed::LockedOut(LockedSubject::Customer, soon(), LockoutReason::WrongCodes),
        Committed::Limited(Limit::Sends, soon()),
    ] {
        let before = SessionDriver::found().session;
        let world = World::with(&before);
        world.script([Scripted::Answer(refused)]);
        logs.push(world.handle(press(&before, Action::Start)).await);
        assert_eq!(world.row(&before.id).attending(), None);
    }
    assert_snapshot!(logs.join("\n"), @"
    commits Whole(9001): CustomerTaken
    commits Whole(9001): found []
    panel: ✅ Active since <t:1700000000:D> · 2 ecosystems
    Another agent is helping this customer right now.
    commits Whole(9001): LockedOut(Customer, Timestamp(1786000180000), WrongCodes)
    commits Whole(9001): found []
    panel: ⚠️ The customer's verification is locked because of too many wrong codes. Try again <t:1786000180:R>.
    commits Whole(9001): Limited(Sends, Timestamp(1786000180000))
    commits Whole(9001): found []
    panel: ⚠️ 10 codes were mailed to this customer in 24 hours, the daily limit of a customer. You can send the next one <t:1786000180:R>.
    ");
}

#[tokio::test]
async fn limit_on_repeated_look_up_shows_on_panel() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    world.script([Scripted::Answer(Committed::Limited(Limit::Lookups, soon()))]);
    assert_snapshot!(world.handle(look_up(&julia().email)).await, @"
    counts Lookups of agent:agent-ben
    counts DailyLookups of agent:agent-ben
    commits Whole(9001): Limited(Lookups, Timestamp(1786000180000))
    commits Whole(9001): choosing []
    panel: ⚠️ You have reached the limit of customer look-ups. Try again <t:1786000180:R>.
    counts Lookups of agent:agent-ben
    counts DailyLookups of agent:agent-ben
    ");
}

#[tokio::test]
async fn refused_look_up_of_moved_row_replaces_newest_panel() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    let mut moved = SessionDriver::proving_agent().session;
    moved.secrets.panel = Some(("newest".to_owned().into(), NOW));
    let limited = Scripted::Answer(Committed::Limited(Limit::Lookups, soon()));
    world.script([Scripted::Newer(Box::new(moved)), limited]);
    assert_snapshot!(world.handle(look_up(&julia().email)).await, @"
    counts Lookups of agent:agent-ben
    counts DailyLookups of agent:agent-ben
    commits Whole(9001): Stale
    reloads
    commits Whole(9001): Limited(Lookups, Timestamp(1786000180000))
    commits Whole(9001): proving_agent []
    panel: ⚠️ You have reached the limit of customer look-ups. Try again <t:1786000180:R>.
    counts Lookups of agent:agent-ben
    counts DailyLookups of agent:agent-ben
    ");
}

#[tokio::test]
async fn limit_on_page_skips_cognito() {
    let (driver, token) = recovery_page();
    let world = World::with(&driver.session);
    world.script([Scripted::Answer(Committed::Limited(Limit::RecoverConfirms, soon()))]);
    let (_, message) = confirm(&world, &token).await.unwrap();
    assert_eq!(
        message.unwrap().sentence,
        "You have tried five times in the last hour. Try again in 3 minutes."
    );
    assert_snapshot!(world.log(), @"
    reloads
    commits Begin(77): Limited(RecoverConfirms, Timestamp(1786000180000))
    commits None: recovering []
    ");
}
