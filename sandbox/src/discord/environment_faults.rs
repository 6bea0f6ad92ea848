//! Changes of the bot's surroundings, for tests and the demo.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use twilight_model::application::command::Command;

use super::environment::{Environment, Lacking};
use super::faults::Faults;

impl Faults {
    /// Sets or removes the Interactions Endpoint URL. With one no interaction reaches the gateway.
    pub fn set_endpoint_url(&self, url: Option<&str>) {
        self.change(|environment| environment.endpoint_url = url.map(str::to_owned));
    }

    /// Lets anyone invite the bot.
    pub fn make_public(&self, on: bool) {
        self.change(|environment| environment.bot_public = on);
    }

    /// Lets users install the bot for themselves.
    pub fn allow_user_install(&self, on: bool) {
        self.change(|environment| environment.user_install = on);
    }

    /// Kicks the bot from the guild, without a notice to it, or invites it again.
    pub fn kick_bot(&self, on: bool) {
        self.change(|environment| environment.kicked = on);
    }

    /// Changes the registered commands, as an older or newer bot does.
    pub fn change_commands(&self, how: impl FnOnce(&mut Vec<Command>)) {
        how(&mut self.discord.state().commands);
        self.discord.bump();
    }

    /// Closes the address for resumes, or opens it again.
    pub fn close_resume_address(&self, on: bool) {
        self.discord.state().sessions.resumes_closed = on;
    }

    /// Takes a permission in a channel away, or gives all back.
    pub fn take_permission(&self, channel: u64, lacking: Option<Lacking>) {
        self.change(|environment| match lacking {
            Some(lacking) => drop(environment.lacking.insert(channel, lacking)),
            None => drop(environment.lacking.remove(&channel)),
        });
    }

    /// Spoils the next interaction: sets the value at a JSON pointer, or removes it (`None`).
    pub fn spoil_next_interaction(&self, pointer: &str, value: Option<Value>) {
        self.change(|environment| environment.spoiled = Some((pointer.to_owned(), value)));
    }

    /// Asks every client to reconnect (opcode 7) each time that the sandbox's clock has moved by
    /// `interval`, as Discord does every few hours.
    pub fn ask_to_reconnect_every(&self, interval: Duration) {
        let by = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX);
        // The first sleep begins here, so that a caller can move the clock at once.
        let mut next = self.discord.now().saturating_add(by);
        let mut sleep = self.discord.clock.sleep_until(next);
        let discord = Arc::downgrade(&self.discord);
        let stopping = self.discord.stopping.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stopping.cancelled() => return,
                    () = sleep => {}
                }
                let Some(discord) = discord.upgrade() else { return };
                discord.faults().ask_to_reconnect();
                next = next.saturating_add(by);
                sleep = discord.clock.sleep_until(next);
            }
        });
    }

    fn change(&self, how: impl FnOnce(&mut Environment)) {
        how(&mut self.discord.state().environment);
        self.discord.bump();
    }
}
