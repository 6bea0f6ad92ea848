//! Alerts in the store. A commit raises and answers them; this port reads them, and keeps what is
//! known about their cards.

use std::collections::HashSet;

use async_trait::async_trait;

use crate::model::alert::{Alert, AlertCard, AlertId, AlertSubject};
use crate::model::fault::Fault;
use crate::model::time::Timestamp;
use crate::model::words::SessionId;

/// Alerts to list, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertFilter {
    Open,
    /// Alerts that were opened after the first time and not after the second one.
    Opened(Timestamp, Timestamp),
}

/// Part of a list.
#[derive(Clone, Debug, Default)]
pub struct AlertPage {
    /// A row that cannot be read is left out.
    pub alerts: Vec<Alert>,
    /// Number of all alerts of the list.
    pub total: u64,
}

#[async_trait]
pub trait Alerts: Send + Sync + 'static {
    async fn find(&self, id: &AlertId) -> Result<Option<Alert>, Fault>;
    /// Returns the newest alert about the report with this reference, such as `R-7K2M9Q`.
    async fn of_report(&self, reference: &str) -> Result<Option<Alert>, Fault>;
    /// Returns those of the sessions that have an open alert.
    async fn alerted_of(&self, sessions: &[SessionId]) -> Result<HashSet<SessionId>, Fault>;
    /// Returns true if another alert about a report of this alert's customer is open.
    async fn has_other_report(&self, alert: &Alert) -> Result<bool, Fault>;
    /// Returns at most `limit` alerts, after the `skipped` first ones.
    async fn page(&self, filter: AlertFilter, skipped: u32, limit: u32)
    -> Result<AlertPage, Fault>;
    /// Returns the time of the newest answer of a lead.
    async fn last_answer(&self) -> Result<Option<Timestamp>, Fault>;
    /// Returns the number of open alerts.
    async fn count_open(&self) -> Result<u64, Fault>;
    /// Returns at most `limit` alerts whose card the worker has to look at, the most overdue first.
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Alert>, Fault>;
    /// Puts the next look at an alert off until `lease_until`. Returns false if another process
    /// works on its card, or has finished.
    async fn lease(&self, alert: &Alert, lease_until: Timestamp) -> Result<bool, Fault>;
    /// Saves what is known about the card. If the alert has changed since it was read, the worker
    /// looks at it again at once.
    async fn save_card(&self, alert: &Alert, card: &AlertCard, now: Timestamp)
    -> Result<(), Fault>;
    /// Ends the reminders of a card, because a lead has pressed one of its buttons.
    async fn end_reminders(&self, id: &AlertId) -> Result<(), Fault>;
    /// Ends the reminders of the open alerts about a session or an agent, and draws their cards
    /// again, because a lead has acted there. Leaves out the alerts about the lead.
    async fn note_act(&self, on: &AlertSubject, lead: u64, now: Timestamp) -> Result<(), Fault>;
}
