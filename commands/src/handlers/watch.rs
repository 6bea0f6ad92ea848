//! The watch: counts, once a minute and on one replica, what the rules need, and raises what they
//! find.

use crate::engine::desk::Desk;
use crate::flows::alerts::raise::{Broken, trail_broken};
use crate::flows::watch::{
    DAY, REVOKE_STUCK_AFTER, SESSION_LENGTH, WEEK, access, attempts, codes, hold_back, lookups,
    mails, stuck_revocations,
};
use crate::model::alert::NewAlert;
use crate::model::fault::Fault;
use crate::model::time::Timestamp;
use crate::ports::watched::WatchedGroup;

impl Desk {
    /// Raises what the rules find, if the watch is due. Returns the number of alerts that are news.
    pub async fn watch(&self) -> Result<usize, Fault> {
        let _work = self.tasks.token();
        let now = self.ports.clock.now();
        let watched = &self.ports.watched;
        if !watched.take_watch(now).await? {
            return Ok(0);
        }
        let mail =
            mails::mail_delivery(&watched.customer_mails(now - mails::READ_WINDOW).await?, now);
        let mail_fails = mail.is_some() || watched.mail_alert_is_open().await?;
        let mut alerts = hold_back(self.signals(now).await?, mail_fails);
        alerts.extend(mail);
        let signals = self.raise_news(alerts, now).await?;
        // These read other rows. A fault there must not hold back the signals.
        let checkpoint = watched.checkpoint_overdue_since(now).await?.map(old_checkpoint);
        let checkpoints = self.raise_news(checkpoint.into_iter().collect(), now).await?;
        let stuck = watched.stuck_revocations(now - REVOKE_STUCK_AFTER).await?;
        let stuck = self.raise_news(stuck_revocations(stuck, now), now).await?;
        Ok(signals + checkpoints + stuck)
    }

    /// Raises those alerts that are news. Returns their number.
    async fn raise_news(&self, alerts: Vec<NewAlert>, now: Timestamp) -> Result<usize, Fault> {
        let news = self.ports.watched.news(alerts, now).await?;
        let count = news.len();
        self.raise(news).await?;
        Ok(count)
    }

    /// Returns the signals, except that about mails.
    async fn signals(&self, now: Timestamp) -> Result<Vec<NewAlert>, Fault> {
        let watched = &self.ports.watched;
        // An event of a session comes after its look-up.
        let before = |window| now - window - SESSION_LENGTH;
        let (week, day) = (before(WEEK), before(DAY));
        let of_agents = WatchedGroup::OfAgents {
            opened_after: now - lookups::LOOKUPS_WINDOW,
            at_least: lookups::ABANDONED_CUSTOMERS,
        };
        let of_customers =
            WatchedGroup::OfCustomers { opened_after: day, at_least: attempts::FEWEST_SESSIONS };
        let below = codes::FAST_CODE;
        let fast = WatchedGroup::WithFastCodes { opened_after: week, recent_after: day, below };
        let linked = WatchedGroup::WithLinks { opened_after: week, recent_after: day };
        let opened_after = before(access::COLLEAGUE_WINDOW);
        let colleagues = WatchedGroup::WithColleagues { opened_after };
        let mut signals = lookups::abandoned(&watched.sessions(of_agents).await?, now);
        let unknown = watched.unknown_lookups(now - lookups::LOOKUPS_WINDOW).await?;
        signals.extend(lookups::enumeration(&unknown, now));
        let tried = watched.sessions(of_customers).await?;
        signals.extend(attempts::agent_shopping(&tried, now));
        signals.extend(attempts::repeated_codes(&tried, now));
        signals.extend(codes::slow_guessing(&watched.wrong_codes(now - DAY).await?, now));
        signals.extend(codes::fast_code(&watched.sessions(fast).await?, now));
        let linked = watched.sessions(linked).await?;
        signals.extend(access::repeated_access(&linked, now));
        signals.extend(access::bulk_access(&linked, now));
        let colleagues = watched.sessions(colleagues).await?;
        signals.extend(access::colleague_access(&colleagues, now));
        Ok(signals)
    }
}

/// Returns the alert that chains have grown and no checkpoint names it.
fn old_checkpoint(since: Timestamp) -> NewAlert {
    trail_broken(Broken::OldCheckpoint, 1).with_evidence(since)
}
