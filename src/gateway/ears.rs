//! Hears what comes through the gateway: commands go to poise, clicks on components and submitted modals to the desk.
//!
//! serenity copies an event for everybody who listens, and with each click Discord sends the whole message that was clicked. So only
//! one listens. What only serenity's event handlers are told, that a connection is lost, the [watch](super::watch) sees.

use std::sync::Arc;

use async_trait::async_trait;
use commands::desk::Desk;
use commands::discord::read;
use commands::ports::Clock;
use commands::slash::{Data, Error};
use serenity::all::{Client, Context, Framework, FullEvent};

use crate::metrics;
use crate::web::{Gateway, Health};

/// The only listener.
pub(super) struct Ears {
    /// Runs the commands.
    pub(super) commands: poise::Framework<Data, Error>,
    /// Runs everything else.
    pub(super) desk: Arc<Desk>,
    /// For when it was heard.
    pub(super) clock: Arc<dyn Clock>,
    /// Is told that there is a connection.
    pub(super) health: Arc<Health>,
}

#[async_trait]
impl Framework for Ears {
    async fn init(&mut self, client: &Client) {
        self.commands.init(client).await;
    }

    async fn dispatch(&self, context: Context, event: FullEvent) {
        let now = self.clock.now();
        match &event {
            FullEvent::InteractionCreate { interaction } => {
                self.health.pulse.event(now);
                if let Some((click, wish)) = read(interaction, now) {
                    // The message that was clicked is not held while the click is worked on.
                    drop((context, event));
                    return self.desk.handle(click, wish).await;
                }
            }
            FullEvent::Ready { .. } => {
                self.health.pulse.identified(now);
                self.connected("identified");
            }
            FullEvent::Resume { .. } => self.connected("resumed"),
            _ => {}
        }
        self.commands.dispatch(context, event).await;
    }
}

impl Ears {
    fn connected(&self, how: &'static str) {
        metrics::gateway_session(how);
        self.health.pulse.event(self.clock.now());
        self.health.gateway(Gateway::Connected);
    }
}
