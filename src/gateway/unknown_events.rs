//! Events of known kinds that serenity could not read.
//!
//! serenity turns such an event into one of an unknown kind, which only a raw handler gets.

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serenity::all::{Context, Event, Interaction, RawEventHandler, Ready};
use serenity::json::Value;

use crate::unreadable_events;

pub(super) struct UnknownEvents;

#[async_trait]
impl RawEventHandler for UnknownEvents {
    async fn raw_event(&self, _: Context, event: Event) {
        let Event::Unknown(event) = event else { return };
        match event.kind.as_str() {
            "INTERACTION_CREATE" => read_again::<Interaction>(event.value),
            "READY" => read_again::<Ready>(event.value),
            // Discord adds kinds of events.
            _ => {}
        }
    }
}

/// Reads the event once more for the parser's words, which serenity drops.
fn read_again<T: DeserializeOwned>(event: Value) {
    if let Err(error) = serde_json::from_value::<T>(event) {
        unreadable_events::record(&error);
    }
}
