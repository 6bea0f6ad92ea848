//! An agent who works in spite of kills: reads the panel, presses what it offers, and resumes the
//! session if nothing happens.

use std::time::{Duration, Instant};

use sandbox::discord::Person;

use crate::installation::Installation;

/// Time between two looks at the screen.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);
/// Time that the agent takes to read a panel, so that kills meet every step of a session.
const READING_TIME: Duration = Duration::from_millis(400);
/// Time without a change after which the agent resumes the session.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest time for one session.
const SESSION_TIMEOUT: Duration = Duration::from_mins(2);

/// Beginning of the button on the panel after a look-up.
const FOUND: &str = "Start verification";

pub struct Agent<'a> {
    place: &'a Installation,
    who: Person,
    /// Address of the agent.
    address: String,
    customer: &'a str,
    ecosystem: &'a str,
}

impl<'a> Agent<'a> {
    pub fn new(place: &'a Installation, name: &str, customer: &'a str, ecosystem: &'a str) -> Self {
        let who = place.sandbox.discord.person(name);
        who.locale("en-US");
        Self { place, who, address: format!("{name}@waizant.example"), customer, ecosystem }
    }

    /// Links the agent's account, with the only running program.
    pub async fn links_account(&self) {
        self.who.types(&format!("/account link email:{}", self.address)).await;
        self.who.sees_at_last("[Enter code]").await;
        while self.place.sandbox.mail.last_code_for(&self.address).is_none() {
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
        while !self.shows("Your account is linked") {
            self.types_code(&self.address).await;
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    }

    /// Opens a session until the agent's code is mailed.
    pub async fn opens_session(&self) {
        self.looks_up().await;
        while !self.shows("2 of 4") {
            self.acts().await;
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    }

    /// Finishes this number of sessions, the open one included.
    pub async fn finishes_sessions(&self, count: usize) {
        for nth in 0..count {
            if nth > 0 {
                self.looks_up().await;
            }
            self.finishes_session().await;
        }
    }

    async fn finishes_session(&self) {
        let started = Instant::now();
        let (mut before, mut changed_at) = (String::new(), Instant::now());
        let mut has_opened = false;
        while !self.shows("✅ Done") {
            assert!(started.elapsed() < SESSION_TIMEOUT, "stuck at: {}", self.screen());
            let now = self.screen();
            if now != before {
                (before, changed_at) = (now, Instant::now());
                tokio::time::sleep(READING_TIME).await;
            } else if changed_at.elapsed() > PATIENCE {
                changed_at = Instant::now();
                let _ = self.who.try_types("/support resume").await;
            }
            if self.shows("4 of 4") && (has_opened || self.shows("Web is ready")) {
                let _ = self.who.try_presses(None, "Finish").await;
            } else if self.shows("4 of 4") {
                has_opened = self.who.try_presses(None, "Waizant Web").await.is_ok();
            } else {
                self.acts().await;
            }
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    }

    /// Looks the customer up, until a panel with the session appears.
    async fn looks_up(&self) {
        let command = format!("/support technical email:{}", self.customer);
        let mut typed_at: Option<Instant> = None;
        while self.who.find_button(FOUND).is_none() {
            if typed_at.is_none_or(|at| at.elapsed() > PATIENCE) {
                typed_at = Some(Instant::now());
                let _ = self.who.try_types(&command).await;
            }
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    }

    /// Does what the panel offers, up to both codes. Does nothing while the panel has no enabled
    /// button. An interaction that fails is repeated by the next call.
    async fn acts(&self) {
        if self.shows("1 of 4") {
            let _ = self.who.try_selects(self.ecosystem).await;
        } else if self.shows("2 of 4") {
            self.types_code(&self.address).await;
        } else if self.shows("3 of 4") {
            if self.who.try_presses(None, "Send code").await.is_err() {
                self.types_code(self.customer).await;
            }
        } else {
            let _ = self.who.try_presses(None, FOUND).await;
        }
    }

    async fn types_code(&self, address: &str) {
        if self.who.try_presses(None, "Enter code").await.is_ok()
            && let Some(code) = self.place.sandbox.mail.last_code_for(address)
        {
            let _ = self.who.try_submits(&[code.as_str()]).await;
        }
    }

    fn shows(&self, words: &str) -> bool {
        self.screen().contains(words)
    }

    /// Returns the newest message.
    fn screen(&self) -> String {
        let messages = self.who.messages();
        let newest = messages.last();
        newest.map(|view| format!("{} {}", view.content, view.embeds)).unwrap_or_default()
    }
}
