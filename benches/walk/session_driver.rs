//! Drivers of sessions. Each driver makes the next click as soon as the screen allows it.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sandbox::Sandbox;
use sandbox::discord::{Button, Person};
use tokio::time::Instant;

use crate::clicks::LOOK_UP;
use crate::crowd::{Crowd, SESSIONS_EACH, staff_email};
use crate::pace::{Slot, Slots};
use crate::recorder::{BrokenOff, Recorder};

/// Time in which a control must appear: longer than any deferred answer takes.
const CONTROL_TIMEOUT: Duration = Duration::from_secs(20);

/// Sandbox and crowd, shared by all drivers of a test bed.
#[derive(Clone)]
pub struct Scenario {
    pub sandbox: Arc<Sandbox>,
    pub crowd: Arc<Crowd>,
}

/// Driver of the sessions of one agent.
pub struct SessionDriver {
    scenario: Scenario,
    recorder: Recorder,
    agent: String,
    pub person: Person,
}

/// Walks one whole session for each slot. A session that cannot continue counts as broken off.
pub async fn run_sessions(
    scenario: Scenario,
    slots: Slots,
    recorder: Recorder,
) -> anyhow::Result<()> {
    let mut driver = SessionDriver::new(&scenario, &recorder)?;
    let mut sessions = 0;
    while let Some(slot) = slots.next().await {
        if sessions == SESSIONS_EACH {
            (driver, sessions) = (SessionDriver::new(&scenario, &recorder)?, 0);
        }
        sessions += 1;
        let Err(error) = driver.run_session(slot).await else { continue };
        if !error.is::<BrokenOff>() {
            return Err(error);
        }
        // Another agent continues, because this agent's screen is in an unknown state.
        (driver, sessions) = (SessionDriver::new(&scenario, &recorder)?, 0);
    }
    Ok(())
}

impl SessionDriver {
    /// Creates a driver for the next agent of the crowd.
    pub fn new(scenario: &Scenario, recorder: &Recorder) -> anyhow::Result<Self> {
        let agent = scenario.crowd.next_agent()?;
        let person = scenario.sandbox.discord.find_person(&agent).context("unknown person")?;
        Ok(Self { scenario: scenario.clone(), recorder: recorder.clone(), agent, person })
    }

    /// Looks a customer up.
    pub async fn look_up(&self, customer: &str, slot: Slot) -> anyhow::Result<()> {
        self.person.try_types(&format!("/support technical email:{customer}")).await?;
        self.recorder.record(LOOK_UP, &self.person, slot)
    }

    /// Opens a session up to the panel that waits for the agent's code. Returns the customer's
    /// address.
    pub async fn start_session(&self, slot: Slot) -> anyhow::Result<String> {
        let (customer, ecosystem) = self.scenario.crowd.next_customer();
        self.look_up(&customer, slot).await?;
        self.press("Start", "Start").await?;
        self.click("choose", || self.person.try_selects(&ecosystem)).await?;
        Ok(customer)
    }

    /// Returns the button with this label as soon as it appears.
    pub async fn button(&self, label: &str) -> anyhow::Result<Button> {
        self.wait_for(label, || self.person.find_button(label)).await
    }

    async fn run_session(&self, slot: Slot) -> anyhow::Result<()> {
        let customer = self.start_session(slot).await?;
        self.press("open a form", "Enter code").await?;
        self.submit_code("agent's code", &staff_email(&self.agent)).await?;
        self.press("send to customer", "Send code").await?;
        self.press("open a form", "Enter code").await?;
        self.submit_code("customer's code", &customer).await?;
        let old = self.button("Finish").await?;
        self.press("Web", "Waizant Web").await?;
        // The buttons of the panel before the link no longer act.
        let new_button =
            || self.person.find_button("Finish").filter(|new| new.custom_id() != old.custom_id());
        self.wait_for("the panel after the link", new_button).await?;
        self.person.find_link("Open Waizant Web").context("the panel came without a link")?;
        self.press("Finish", "Finish").await
    }

    async fn press(&self, kind: &'static str, label: &str) -> anyhow::Result<()> {
        self.click(kind, || self.person.try_presses(None, label)).await
    }

    async fn submit_code(&self, kind: &'static str, address: &str) -> anyhow::Result<()> {
        let code = self.scenario.sandbox.mail.last_code_for(address).context("no code mailed")?;
        let values = [code.as_str()];
        self.click(kind, || self.person.try_submits(&values)).await
    }

    /// Makes a click as soon as the screen allows it, and records the answer.
    async fn click<E, F>(&self, kind: &'static str, attempt: impl Fn() -> F) -> anyhow::Result<()>
    where
        E: Display,
        F: Future<Output = Result<(), E>>,
    {
        self.retry(kind, attempt).await?;
        self.recorder.record(kind, &self.person, Slot::UNSCHEDULED)
    }

    async fn wait_for<T>(&self, name: &str, find: impl Fn() -> Option<T>) -> anyhow::Result<T> {
        self.retry(name, || std::future::ready(find().ok_or("it did not appear"))).await
    }

    /// Repeats `attempt` after each change of the screen until it succeeds, because a deferred
    /// answer brings its panel later.
    async fn retry<T, E, F>(&self, name: &str, attempt: impl Fn() -> F) -> anyhow::Result<T>
    where
        E: Display,
        F: Future<Output = Result<T, E>>,
    {
        let mut changed = self.person.changed();
        let deadline = Instant::now() + CONTROL_TIMEOUT;
        loop {
            changed.mark_unchanged();
            let error = match attempt().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if tokio::time::timeout_at(deadline, changed.changed()).await.is_err() {
                return Err(self.recorder.break_off(format!("{name}: {error}")));
            }
        }
    }
}
