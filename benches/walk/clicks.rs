//! Clients that repeat one click: a command, a click that only draws, a click that is stored.

use std::time::Duration;

use anyhow::Context as _;
use commands::model::words::Purpose;
use commands::screens::custom_id::{Action, CustomId};
use futures_util::future::try_join_all;
use sandbox::discord::{ActionError, Button, MessageId, Person};

use crate::pace::{Slot, Slots};
use crate::recorder::Recorder;
use crate::session_driver::{Scenario, SessionDriver};

pub const PING: &str = "/ping";
/// Click that opens the form for the agent's code.
pub const DRAWING: &str = "a click that only draws";
/// Click on **Stay**: one transaction stores claim, session and event, and the answer is the panel.
pub const DURABLE: &str = "a click that is stored";
/// Click on **Start** for a customer whom another agent attends. One transaction is refused, and
/// another one stores that.
pub const REFUSED: &str = "a refused Start";
/// Command that opens a session. It counts two limits.
pub const LOOK_UP: &str = "look up";
/// Submitted form with a wrong code. One transaction counts it, a function checks it, and another
/// transaction stores the outcome.
pub const WRONG_CODE: &str = "a wrong code";

/// Look-ups of one agent: fewer than the limit of an hour.
pub const LOOK_UPS_EACH: usize = 8;
/// Wrong codes in one session: one less than those that lock the agent out.
pub const CODES_EACH: usize = 4;

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
    let open = async || {
        let (customer, _) = scenario.crowd.next_customer();
        show(scenario, &customer).await
    };
    try_join_all((0..count).map(|_| open())).await
}

/// Opens sessions that show a customer whom another agent attends. Returns each agent with the
/// panel.
pub async fn rivals(scenario: &Scenario, count: usize) -> anyhow::Result<Vec<(Person, MessageId)>> {
    let open = async || {
        let driver = SessionDriver::new(scenario, &Recorder::default())?;
        let customer = driver.start_session(Slot::UNSCHEDULED).await?;
        show(scenario, &customer).await
    };
    try_join_all((0..count).map(|_| open())).await
}

/// Looks a customer up as the next agent. Returns the agent with the panel.
async fn show(scenario: &Scenario, customer: &str) -> anyhow::Result<(Person, MessageId)> {
    let driver = SessionDriver::new(scenario, &Recorder::default())?;
    driver.look_up(customer, Slot::UNSCHEDULED).await?;
    Ok((driver.person.clone(), driver.button("Close").await?.message))
}

/// Presses **Stay** for each slot.
///
/// The panel shows **Stay** only in a warning, but the bot accepts it at any time.
pub async fn stay(
    (person, panel): (Person, MessageId),
    slots: Slots,
    recorder: Recorder,
) -> anyhow::Result<()> {
    while let Some(slot) = slots.next().await {
        let click = async |id: String| person.forges_on(panel, &id).await;
        move_panel(&person, panel, Action::Stay, click, || recorder.record(DURABLE, &person, slot))
            .await?;
    }
    Ok(())
}

/// Presses **Start** for each slot, although another agent attends the customer.
pub async fn start_attended(
    (person, panel): (Person, MessageId),
    slots: Slots,
    recorder: Recorder,
) -> anyhow::Result<()> {
    while let Some(slot) = slots.next().await {
        let click = async |id: String| person.forges_on(panel, &id).await;
        move_panel(&person, panel, Action::Start, click, || {
            recorder.record(REFUSED, &person, slot)
        })
        .await?;
    }
    Ok(())
}

/// Submits [`CODES_EACH`] wrong codes.
pub async fn type_wrong_codes(
    (person, button): (Person, Button),
    slots: Slots,
    recorder: Recorder,
) -> anyhow::Result<()> {
    let action = Action::SubmitCode(Purpose::AgentMfa, 1);
    for _ in 0..CODES_EACH {
        let Some(slot) = slots.next().await else { break };
        let submit = async |id: String| person.forges_submit(&id, "000000").await;
        move_panel(&person, button.message, action, submit, || {
            recorder.record(WRONG_CODE, &person, slot)
        })
        .await?;
    }
    Ok(())
}

/// Looks [`LOOK_UPS_EACH`] customers up.
pub async fn look_up(scenario: Scenario, slots: Slots, recorder: Recorder) -> anyhow::Result<()> {
    let driver = SessionDriver::new(&scenario, &recorder)?;
    for _ in 0..LOOK_UPS_EACH {
        let Some(slot) = slots.next().await else { break };
        let (customer, _) = scenario.crowd.next_customer();
        driver.look_up(&customer, slot).await?;
    }
    Ok(())
}

/// Makes a click that moves the session of a panel, and waits for the new panel.
///
/// Its custom id is made from the one of a button, with the same session and generation.
async fn move_panel(
    person: &Person,
    panel: MessageId,
    action: Action,
    click: impl AsyncFnOnce(String) -> Result<(), ActionError>,
    record: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let shown = person.first_button_of(panel).context("the panel has no button")?;
    let address = CustomId::parse(&shown).context("the button has a foreign custom id")?;
    let mut changed = person.changed();
    click(CustomId { action, ..address }.to_string()).await?;
    record()?;
    // A deferred answer brings its panel later, and the buttons of the old panel no longer act.
    let redrawn =
        changed.wait_for(|_| person.first_button_of(panel).is_some_and(|button| button != shown));
    tokio::time::timeout(PANEL_TIMEOUT, redrawn).await.context("no new panel appeared")??;
    Ok(())
}
