//! Hears what comes through the gateway: commands go to poise, clicks on components and submitted
//! modals to the desk.
//!
//! serenity copies an event for everybody who listens, and with each click Discord sends the whole
//! message that was clicked. So only one listens. What only serenity's event handlers are told,
//! that a connection is lost, the [watch](super::watch) sees.

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use commands::discord::read::read_interaction;
use commands::discord::slash::{Data, Error};
use commands::engine::desk::Desk;
use commands::engine::interaction::{InteractionContext, Request};
use commands::ports::clock::Clock;
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

    // What `async fn` would be, but that an event is read before there is a future, which would
    // hold its 4 KB, and the message that was clicked, for as long as the click is worked on.
    fn dispatch<'s, 'f>(
        &'s self,
        context: Context,
        event: FullEvent,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        match self.hears(&event) {
            Some((click, request)) => Box::pin(self.desk.handle(click, request)),
            None => self.commands.dispatch(context, event),
        }
    }
}

impl Ears {
    /// What is for the desk.
    fn hears(&self, event: &FullEvent) -> Option<(InteractionContext, Request)> {
        let now = self.clock.now();
        match event {
            FullEvent::InteractionCreate { interaction } => {
                self.health.pulse.event(now);
                return read_interaction(interaction, now);
            }
            FullEvent::Ready { .. } => {
                self.health.pulse.identified(now);
                self.connected("identified");
            }
            FullEvent::Resume { .. } => self.connected("resumed"),
            _ => {}
        }
        None
    }

    fn connected(&self, how: &'static str) {
        metrics::gateway_session(how);
        self.health.pulse.event(self.clock.now());
        self.health.gateway(Gateway::Connected);
    }
}
