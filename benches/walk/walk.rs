//! How a session is walked: by what is on the screen, each next step as soon as the screen allows
//! it.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sandbox::Sandbox;
use sandbox::discord::{ActionError, Button, Person};

use crate::measure::{BrokenOff, Record};
use crate::pace::{Turn, Turns};
use crate::people::{Crowd, SESSIONS_EACH, mailbox};

/// How long a control that has to come is waited for: longer than any deferred answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What everybody who walks shares.
#[derive(Clone)]
pub struct Road {
    /// The other side.
    pub sandbox: Arc<Sandbox>,
    /// Who walks.
    pub crowd: Arc<Crowd>,
    /// How long they waited.
    pub record: Record,
}

/// Somebody on the road.
pub struct Walker {
    road: Road,
    person: Person,
    name: String,
    /// The links of earlier sessions, which may still be on the screen.
    links: HashSet<String>,
}

/// Walks whole sessions, one after the other, as one agent after the other. What does not come ends
/// its session.
pub async fn sessions(road: Road, turns: Turns) -> anyhow::Result<()> {
    let mut walker = Walker::new(&road)?;
    let mut done = 0;
    while let Some(turn) = turns.next().await {
        if done == SESSIONS_EACH {
            (walker, done) = (Walker::new(&road)?, 0);
        }
        done += 1;
        let Err(error) = walker.whole(turn).await else { continue };
        if !error.is::<BrokenOff>() {
            return Err(error);
        }
        // Somebody else goes on: what this one's screen shows is not what was asked for.
        (walker, done) = (Walker::new(&road)?, 0);
    }
    Ok(())
}

/// Somebody whose panel waits for the agent's code.
pub async fn before_the_code(road: Road) -> anyhow::Result<Walker> {
    let walker = Walker::new(&road)?;
    let (customer, ecosystem) = road.crowd.next_customer();
    walker.as_far_as_the_agents_code(&customer, &ecosystem, Turn::FREE).await?;
    Ok(walker)
}

/// Looks customers up, so many as each agent, and leaves them at that.
pub async fn looking_up(road: Road, each: usize, turns: Turns) -> anyhow::Result<()> {
    let mut walker = Walker::new(&road)?;
    let mut done = 0;
    while let Some(turn) = turns.next().await {
        if done == each {
            (walker, done) = (Walker::new(&road)?, 0);
        }
        done += 1;
        let (customer, _) = road.crowd.next_customer();
        walker.looks_up(&customer, turn).await?;
    }
    Ok(())
}

/// Somebody who has looked a customer up.
pub async fn before_start(road: Road) -> anyhow::Result<Walker> {
    let walker = Walker::new(&road)?;
    let (customer, _) = road.crowd.next_customer();
    walker.looks_up(&customer, Turn::FREE).await?;
    Ok(walker)
}

impl Walker {
    /// Somebody who has done nothing yet.
    pub fn new(road: &Road) -> anyhow::Result<Self> {
        let name = road.crowd.next_agent()?;
        let person = road.sandbox.discord.find_person(&name).context("nobody of that name")?;
        Ok(Self { road: road.clone(), person, name, links: HashSet::new() })
    }

    /// The person in front of the screen.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// The button with this label, as soon as it is there.
    pub async fn button(&self, label: &str) -> anyhow::Result<Button> {
        self.wait_for(label, || self.person.find_button(label)).await
    }

    async fn whole(&mut self, turn: Turn) -> anyhow::Result<()> {
        let (customer, ecosystem) = self.road.crowd.next_customer();
        self.as_far_as_the_agents_code(&customer, &ecosystem, turn).await?;
        self.on_to_the_end(&customer).await
    }

    async fn looks_up(&self, customer: &str, turn: Turn) -> anyhow::Result<()> {
        self.person.try_types(&format!("/support technical email:{customer}")).await?;
        self.road.record.keep("look up", &self.person, turn)
    }

    async fn as_far_as_the_agents_code(
        &self,
        customer: &str,
        ecosystem: &str,
        turn: Turn,
    ) -> anyhow::Result<()> {
        self.looks_up(customer, turn).await?;
        self.press("Start", "Start").await?;
        self.act("choose", || self.person.try_selects(ecosystem)).await
    }

    async fn on_to_the_end(&mut self, customer: &str) -> anyhow::Result<()> {
        self.press("open a form", "Enter code").await?;
        self.submit("agent's code", &mailbox(&self.name)).await?;
        self.press("send to customer", "Send code").await?;
        self.press("open a form", "Enter code").await?;
        self.submit("customer's code", customer).await?;
        let before = self.button("Finish").await?;
        self.press("Web", "Waizant Web").await?;
        let link = self
            .wait_for("a link", || {
                self.person.find_link("Open the web").filter(|link| !self.links.contains(link))
            })
            .await?;
        self.links.insert(link);
        // The link comes first and then the panel, whose buttons are new: the old ones would only
        // say "already done".
        let is_new = || {
            self.person
                .find_button("Finish")
                .filter(|button| button.custom_id() != before.custom_id())
        };
        self.wait_for("the panel after a link", is_new).await?;
        self.press("Finish", "Finish").await
    }

    async fn press(&self, step: &'static str, label: &str) -> anyhow::Result<()> {
        self.act(step, || self.person.try_presses(None, label)).await
    }

    async fn submit(&self, step: &'static str, address: &str) -> anyhow::Result<()> {
        let code = self.road.sandbox.mail.last_code_for(address).context("no code was mailed")?;
        let values = [code.as_str()];
        self.act(step, || self.person.try_submits(&values)).await
    }

    /// Does it as soon as the screen allows it. An answer may have been deferred, and its panel
    /// still be on its way.
    async fn act<F>(&self, step: &'static str, how: impl Fn() -> F) -> anyhow::Result<()>
    where
        F: Future<Output = Result<(), ActionError>>,
    {
        let mut changed = self.person.changed();
        let mut patience = pin!(tokio::time::sleep(PATIENCE));
        loop {
            changed.mark_unchanged();
            let Err(cannot) = how().await else { break };
            tokio::select! {
                _ = changed.changed() => {}
                () = &mut patience => return Err(self.road.record.break_off(format!("{step}: {cannot}"))),
            }
        }
        self.road.record.keep(step, &self.person, Turn::FREE)
    }

    async fn wait_for<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> anyhow::Result<T> {
        let mut changed = self.person.changed();
        let mut patience = pin!(tokio::time::sleep(PATIENCE));
        loop {
            changed.mark_unchanged();
            if let Some(found) = look() {
                return Ok(found);
            }
            tokio::select! {
                _ = changed.changed() => {}
                () = &mut patience => return Err(self.road.record.break_off(format!("{what} never came"))),
            }
        }
    }
}
