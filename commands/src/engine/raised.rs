//! Alerts that were raised: their lines in the log, and those without a session.

use crate::engine::desk::Desk;
use crate::model::alert::NewAlert;
use crate::model::fault::{ALERTS, Fault};
use crate::ports::sessions::Commit;

impl Desk {
    /// Raises alerts that no click, timer or lead's act raises in its own transaction.
    pub async fn raise(&self, alerts: Vec<NewAlert>) -> Result<(), Fault> {
        if alerts.is_empty() {
            return Ok(());
        }
        let commit = Commit { now: self.ports.clock.now(), alerts, ..Commit::default() };
        let alerts = commit.alerts.clone();
        self.ports.sessions.commit(commit).await?;
        log_raised(&alerts);
        Ok(())
    }
}

/// Logs alerts that were saved. A bot without a leads' channel tells them only there.
pub(crate) fn log_raised(alerts: &[NewAlert]) {
    for alert in alerts {
        let session = alert.session.as_ref().map(|session| session.short().to_owned());
        tracing::warn!(
            target: ALERTS,
            kind = alert.kind.name(),
            level = alert.level.name(),
            subject = %alert.subject,
            session,
            agent = alert.agent,
            "alert raised"
        );
    }
}
