//! The event that a session has ended, on the account's default bus.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::json;

use super::failure::Failed;
use crate::ports::{Fault, SessionEvents};

/// The source of the event.
const SOURCE: &str = "support-desk";
/// The type of the event. Its detail is `{"session_id": "…"}`.
const ENDED: &str = "SupportSessionEnded";

pub(super) struct Bus {
    client: Client,
}

impl Bus {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self { client: Client::new(sdk) }
    }
}

#[async_trait]
impl SessionEvents for Bus {
    async fn ended(&self, session_id: &str) -> Result<(), Fault> {
        let entry = PutEventsRequestEntry::builder()
            .source(SOURCE)
            .detail_type(ENDED)
            .detail(json!({"session_id": session_id}).to_string())
            .build();
        let sent = self.client.put_events().entries(entry).send().await.map_err(|error| {
            Failed::log("eventbridge", &error);
            Fault("the event bus does not answer")
        })?;
        if sent.failed_entry_count > 0 {
            return Err(Fault("the event bus refused the event"));
        }
        Ok(())
    }
}
