//! Limits of the cards: what a post counts, and what is left out.
//!
//! The next try counts anew in place of a try that failed. So no more cards and pings are posted in
//! an hour than the limits allow, also after an outage in which Discord refused the posts.

use crate::engine::desk::Desk;
use crate::flows::alerts::timing;
use crate::model::alert::{Alert, AlertCard, AlertKind, AlertSubject, NewAlert, Ping};
use crate::model::fault::Fault;
use crate::model::limit::LimitUse;
use crate::model::time::Timestamp;
use crate::ports::sessions::{Commit, Committed};

impl Desk {
    /// Counts a first post of the card, in place of a try that failed, so that the limits hold for
    /// what is posted in an hour. Decides if this try pings.
    ///
    /// Returns false if the hour has its cards.
    pub(super) async fn count_first_post(
        &self,
        alert: &Alert,
        card: &mut AlertCard,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let failed_at = card.counted_at;
        if timing::may_be_collected(alert) {
            self.save_try(alert, card, now).await?;
            let is_counted = self.count(vec![timing::card_use()], failed_at, now).await?;
            card.counted_at = Some(now).filter(|_| is_counted);
            return Ok(is_counted);
        }
        // A use of a warning that has become urgent meanwhile is one of a card.
        let failed_at = failed_at.filter(|_| card.ping == Ping::Pings);
        let mut pings = self.rules.lead_role.is_some() && timing::may_ping(alert, now);
        if pings {
            card.ping = Ping::Pings;
            self.save_try(alert, card, now).await?;
            let uses = vec![timing::subject_ping_use(alert), timing::ping_use()];
            pings = self.count(uses, failed_at, now).await?;
        }
        (card.ping, card.counted_at) =
            if pings { (Ping::Pings, Some(now)) } else { (Ping::Undecided, None) };
        Ok(true)
    }

    /// Saves that a first try counts, before it does. So the next try takes the place of its use if
    /// this process dies in between.
    async fn save_try(
        &self,
        alert: &Alert,
        card: &mut AlertCard,
        now: Timestamp,
    ) -> Result<(), Fault> {
        if card.counted_at.is_none() {
            card.counted_at = Some(now);
            self.save_unfinished(alert, card, now).await?;
        }
        Ok(())
    }

    /// Leaves a card out, because the hour has its cards, and counts it once on the one that
    /// collects.
    pub(super) async fn collect(
        &self,
        alert: &Alert,
        card: AlertCard,
        now: Timestamp,
    ) -> Result<AlertCard, Fault> {
        if card.drawn == 0 {
            let collected = NewAlert::new(AlertKind::Collected, AlertSubject::Bot);
            let commit = Commit { now, alerts: vec![collected], ..Commit::default() };
            self.ports.sessions.commit(commit).await?;
        }
        Ok(AlertCard { drawn: alert.version, ..card })
    }

    /// Counts uses, in place of those of a try that failed. Returns false, and counts none, if one
    /// of their limits is reached.
    pub(super) async fn count(
        &self,
        mut limit_uses: Vec<LimitUse>,
        failed_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        for limit_use in &mut limit_uses {
            limit_use.replaces = failed_at;
        }
        let commit = Commit { now, limit_uses, ..Commit::default() };
        Ok(matches!(self.ports.sessions.commit(commit).await?, Committed::Saved { .. }))
    }
}
