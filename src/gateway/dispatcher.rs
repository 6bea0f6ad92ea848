//! Dispatches the gateway's events: commands go to poise, component clicks and submitted forms to
//! the desk.
//!
//! serenity copies each event for every further listener, and a click carries the whole message
//! that was clicked. So there is only one other,
//! [`UnknownEvents`](super::unknown_events::UnknownEvents), which gets what nothing else does.
//! serenity reports a lost connection to its event handlers only, so the
//! [watchdog](super::watchdog) detects that.

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use commands::discord::read::read_interaction;
use commands::discord::slash::{Data, Error};
use commands::engine::desk::Desk;
use commands::engine::interaction::{InteractionContext, Request};
use commands::ports::clock::Clock;
use serenity::all::{Client, Context, Framework, FullEvent};

use super::address::GatewayAddress;
use crate::health::{GatewayState, Health};
use crate::metrics;

pub(super) struct Dispatcher {
    /// Runs the commands.
    pub(super) commands: poise::Framework<Data, Error>,
    /// Handles every other interaction.
    pub(super) desk: Arc<Desk>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) health: Arc<Health>,
    /// Follows the sessions.
    pub(super) address: Arc<GatewayAddress>,
}

#[async_trait]
impl Framework for Dispatcher {
    async fn init(&mut self, client: &Client) {
        self.commands.init(client).await;
    }

    // Written without `async fn`, because the future would keep the event (4 KB and the clicked
    // message) until the click is handled.
    fn dispatch<'s, 'f>(
        &'s self,
        context: Context,
        event: FullEvent,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        match self.desk_request(&event) {
            Some((interaction, request)) => Box::pin(self.desk.handle(interaction, request)),
            None => match &event {
                FullEvent::Ready { .. } => Box::pin(self.begin_session(context, event)),
                _ => self.commands.dispatch(context, event),
            },
        }
    }
}

impl Dispatcher {
    /// Records the event and returns the request in it, if the desk handles it.
    fn desk_request(&self, event: &FullEvent) -> Option<(InteractionContext, Request)> {
        let now = self.clock.now();
        metrics::count_gateway_event();
        match event {
            FullEvent::InteractionCreate { interaction } => {
                self.health.gateway_stats.record_interaction(now);
                return read_interaction(interaction, now);
            }
            FullEvent::Ready { .. } => {
                self.health.gateway_stats.record_identify(now);
                self.record_session("identified");
            }
            FullEvent::Resume { .. } => self.record_session("resumed"),
            _ => {}
        }
        None
    }

    /// Keeps the session's address, then passes READY on, because poise waits for it.
    async fn begin_session(&self, context: Context, ready: FullEvent) {
        if let FullEvent::Ready { data_about_bot } = &ready {
            self.address.begin_session(data_about_bot.resume_gateway_url.clone()).await;
        }
        self.commands.dispatch(context, ready).await;
    }

    fn record_session(&self, how: &'static str) {
        metrics::count_gateway_session(how);
        self.health.gateway_stats.record_event(self.clock.now());
        self.health.set_gateway(GatewayState::Connected);
    }
}
