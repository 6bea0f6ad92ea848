//! Alerts that were raised: their lines in the log, and those without a session.

use std::sync::atomic::Ordering;

use crate::engine::desk::Desk;
use crate::model::alert::{AlertKind, NewAlert};
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
        self.note_raised(&alerts);
        self.post_raised().await;
        Ok(())
    }

    /// Logs alerts that were saved. Without a leads' channel the log is the only place that tells
    /// of them.
    pub(crate) fn note_raised(&self, alerts: &[NewAlert]) {
        for alert in alerts {
            let session = alert.session.as_ref().map(|session| session.short().to_owned());
            let (kind, level, facts) = (alert.kind.name(), alert.level.name(), &alert.facts);
            match alert.kind {
                AlertKind::Locked | AlertKind::LockedConsecutive => tracing::warn!(
                    target: ALERTS,
                    session,
                    purpose = facts.word("purpose"),
                    subject = facts.word("locked"),
                    until_unlocked = alert.kind == AlertKind::LockedConsecutive,
                    "session locked out: too many wrong codes"
                ),
                _ => tracing::warn!(
                    target: ALERTS,
                    kind,
                    level,
                    subject = %alert.subject,
                    session,
                    agent = alert.agent,
                    facts = %facts,
                    "alert raised"
                ),
            }
            self.has_raised.store(true, Ordering::Relaxed);
        }
    }

    /// Posts the cards of alerts that this process has just raised. A sweep posts what fails.
    pub(crate) async fn post_raised(&self) {
        if self.has_raised.swap(false, Ordering::Relaxed)
            && let Err(fault) = self.work_on_alert_cards().await
        {
            self.log(&fault);
        }
    }
}
