//! Alerts that a test raises itself, and the leads' channel.

use std::sync::Arc;

use commands::model::alert::NewAlert;
use sandbox::seed::{LEAD_ROLE_ID, LEADS_CHANNEL_ID};

use super::World;

impl World {
    /// Raises alerts, as the watch does, and posts their cards.
    pub async fn raises(&self, alerts: Vec<NewAlert>) {
        let product = self.product.as_ref().expect("the product is running");
        let desk = Arc::clone(&product.desk);
        product.runtime.spawn(async move { desk.raise(alerts).await }).await.unwrap().unwrap();
    }

    /// Returns what is new in the leads' channel.
    pub async fn leads_see(&self) -> String {
        self.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await
    }

    /// Returns all messages of the leads' channel.
    pub fn leads_channel(&self) -> Vec<sandbox::discord::MessageView> {
        self.sandbox.discord.channel(LEADS_CHANNEL_ID)
    }

    /// Returns how often the leads were pinged.
    pub fn pings(&self) -> usize {
        self.sandbox.discord.role_pings(LEAD_ROLE_ID)
    }

    /// Returns the events about alerts, without their references.
    pub async fn alert_events(&self) -> Vec<String> {
        let trail = self.trail().await.into_iter();
        let of_alert = trail.filter(|event| event.starts_with("alert_"));
        of_alert.map(|event| event.split(' ').next().unwrap_or_default().to_owned()).collect()
    }
}
