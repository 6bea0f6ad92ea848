//! Clients that repeat one click: a command, a click that only draws, a click that is stored.

use std::time::Duration;

use anyhow::Context as _;
use commands::screens::custom_id::Action;
use commands::screens::custom_id::CustomId;
use futures_util::future::try_join_all;
use sandbox::discord::{Button, MessageId, Person};

use crate::pace::{Slot, Slots};
use crate::recorder::Recorder;
use crate::session_driver::{Scenario, SessionDriver};

pub const PING: &str = "/ping";
/// Click that opens the form for the agent's code.
pub const DRAWING: &str = "a click that only draws";
/// Click on **Stay**: one transaction stores claim, session and event, and the answer is the panel.
pub const DURABLE: &str = "a click that is stored";

/// Time in which the panel of a deferred answer must appear.
const PANEL_TIMEOUT: Duration = Duration::from_secs(20);

/// Returns people who are ready to type a command.
pub fn pingers(scenario: &Scenario, count: usize) -> anyhow::Result<Vec<Person>> {
    let recorder = Recorder::default();
    (0..count).map(|_| Ok(SessionDriver::new(scenario, &recorder)?.person)).collect()
}

/// Types `/ping` for each slot.
pub async fn ping(person: Person, slots: Slots, recorder: Recorder) -> anyhow::Result<()> {
    while let Some(slot) = slots.next().await {
        person.try_types(PING).await?;
        recorder.record(PING, &person, slot)?;
    }
    Ok(())
}

/// Opens sessions that wait for the agent's code. Returns each agent with the button
/// **Enter code**.
pub async fn drawers(scenario: &Scenario, count: usize) -> anyhow::Result<Vec<(Person, Button)>> {
    let recorder = Recorder::default();
    let open = async || {
        let driver = SessionDriver::new(scenario, &recorder)?;
        driver.start_session(Slot::UNSCHEDULED).await?;
        Ok((driver.person.clone(), driver.button("Enter code").await?))
    };
    try_join_all((0..count).map(|_| open())).await
}

/// Presses **Enter code** for each slot. Fails if no form opens.
pub async fn draw(
    (person, button): (Person, Button),
    slots: Slots,
    recorder: Recorder,
) -> anyhow::Result<()> {
    while let Some(slot) = slots.next().await {
        person.presses_kept(&button).await;
        recorder.record(DRAWING, &person, slot)?;
    }
    person.modal().context("no form opened").map(drop)
}

/// Opens sessions that show a customer. Returns each agent with the panel.
pub async fn stayers(
    scenario: &Scenario,
    count: usize,
) -> anyhow::Result<Vec<(Person, MessageId)>> {
    let recorder = Recorder::default();
    let open = async || {
        let driver = SessionDriver::new(scenario, &recorder)?;
        let (customer, _) = scenario.crowd.next_customer();
        driver.look_up(&customer, Slot::UNSCHEDULED).await?;
        Ok((driver.person.clone(), driver.button("Close").await?.message))
    };
    try_join_all((0..count).map(|_| open())).await
}

/// Presses **Stay** for each slot.
///
/// The panel shows **Stay** only in a warning, but the bot accepts it at any time. So its custom id
/// is made from the one of another button, with the same session and generation.
pub async fn stay(
    (person, panel): (Person, MessageId),
    slots: Slots,
    recorder: Recorder,
) -> anyhow::Result<()> {
    while let Some(slot) = slots.next().await {
        let shown = person.first_button_of(panel).context("the panel has no button")?;
        let address = CustomId::parse(&shown).context("the button has a foreign custom id")?;
        let mut changed = person.changed();
        person.forges_on(panel, &CustomId { action: Action::Stay, ..address }.to_string()).await?;
        recorder.record(DURABLE, &person, slot)?;
        // A deferred answer brings its panel later, and the buttons of the old panel no longer act.
        let redrawn = changed
            .wait_for(|_| person.first_button_of(panel).is_some_and(|button| button != shown));
        tokio::time::timeout(PANEL_TIMEOUT, redrawn).await.context("no new panel appeared")??;
    }
    Ok(())
}
