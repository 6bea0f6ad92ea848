//! Limits of look-ups, and the alert for the leads when an agent reaches one.

use std::time::Duration;

use crate::engine::desk::Desk;
use crate::engine::interaction::InteractionContext;
use crate::engine::reply::Reply;
use crate::flows::alerts::raise::look_ups;
use crate::model::account::Account;
use crate::model::click::count_limited;
use crate::model::fault::Fault;
use crate::model::limit::LimitUse;
use crate::model::refusal::Refusal;
use crate::model::time::{Timestamp, minutes};
use crate::model::words::Limit;
use crate::ports::sessions::{Commit, Committed};

/// Look-ups of an agent in [`LOOKUPS_WINDOW`] (ASVS 2.4.1).
const LOOKUPS: u32 = 30;
const LOOKUPS_WINDOW: Duration = minutes(60);

/// Look-ups of an agent in [`DAILY_LOOKUPS_WINDOW`] (ASVS 2.4.1): above the customers of a working
/// day, and far below a list of addresses.
const DAILY_LOOKUPS: u32 = 120;
const DAILY_LOOKUPS_WINDOW: Duration = minutes(24 * 60);

/// Returns the limits that a look-up of an agent counts against.
pub(super) fn limit_uses(account: &Account) -> Vec<LimitUse> {
    let limit_use = |limit, allowed, window| LimitUse {
        limit,
        subject: format!("agent:{}", account.agent_id),
        allowed,
        window,
        replaces: None,
    };
    vec![
        limit_use(Limit::Lookups, LOOKUPS, LOOKUPS_WINDOW),
        limit_use(Limit::DailyLookups, DAILY_LOOKUPS, DAILY_LOOKUPS_WINDOW),
    ]
}

impl Desk {
    /// Commits a look-up, or explains why the store refuses it. Returns true if it has reached no
    /// limit, and `None` if nothing was saved.
    pub(super) async fn commit_look_up(
        &self,
        reply: &Reply<'_>,
        commit: Commit,
    ) -> Result<Option<bool>, Fault> {
        let limits = commit.limit_uses.clone();
        let committed = self.ports.sessions.commit(commit).await?;
        if let Some(refusal) = committed.refusal() {
            self.refuse(reply, refusal).await?;
        }
        let Committed::Saved { counts, .. } = committed else { return Ok(None) };
        let is_below = |(limit_use, count): (&LimitUse, &u32)| *count < limit_use.allowed;
        Ok(Some(limits.iter().zip(&counts).all(is_below)))
    }

    /// Returns the refusal if one of the limits is used up.
    pub(super) async fn exceeded(
        &self,
        limits: &[LimitUse],
        now: Timestamp,
    ) -> Result<Option<Refusal>, Fault> {
        let usage = self.ports.limits.usage(limits, now).await?;
        let mut pairs = limits.iter().zip(&usage);
        let reached = pairs.find_map(|(it, usage)| Some((it.limit, usage.retry_at?)));
        Ok(reached.map(|(limit, retry_at)| {
            count_limited(limit);
            Refusal::Limited(limit, retry_at)
        }))
    }

    /// Alerts the leads if the agent has reached a limit of look-ups, once in its window.
    pub(super) async fn alert_reached_limits(
        &self,
        interaction: &InteractionContext,
        limits: &[LimitUse],
    ) -> Result<(), Fault> {
        let usage = self.ports.limits.usage(limits, interaction.at).await?;
        for (limit_use, count) in limits.iter().zip(usage.iter().map(|usage| usage.count)) {
            if count < limit_use.allowed {
                continue;
            }
            let is_daily = limit_use.limit == Limit::DailyLookups;
            let window = if is_daily { "day" } else { "hour" };
            let alert_use = LimitUse {
                limit: Limit::LookupAlerts,
                subject: format!("{window}:{}", limit_use.subject),
                allowed: 1,
                window: limit_use.window,
                replaces: None,
            };
            let alerts = vec![look_ups(interaction.user, is_daily)];
            let commit = Commit {
                now: interaction.at,
                limit_uses: vec![alert_use],
                alerts: alerts.clone(),
                ..Commit::default()
            };
            // Refused if the leads were told of it within the window.
            if let Committed::Saved { .. } = self.ports.sessions.commit(commit).await? {
                self.note_raised(&alerts);
            }
        }
        Ok(())
    }
}
