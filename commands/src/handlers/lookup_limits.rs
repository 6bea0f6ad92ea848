//! Limits of look-ups, and the alert for the leads when an agent reaches one.

use std::time::Duration;

use serde_json::json;

use crate::engine::alerts;
use crate::engine::desk::Desk;
use crate::engine::interaction::InteractionContext;
use crate::engine::reply::Reply;
use crate::model::account::Account;
use crate::model::fault::{ALERTS, Fault};
use crate::model::limit::LimitUse;
use crate::model::outcome::EffectError;
use crate::model::time::minutes;
use crate::model::trail::kind;
use crate::model::words::Limit;
use crate::ports::sessions::{Commit, Committed};

/// Look-ups of an agent in [`LOOKUPS_WINDOW`] (ASVS 2.4.1).
const LOOKUPS: u32 = 30;
const LOOKUPS_WINDOW: Duration = minutes(60);

/// Look-ups of an agent in [`DAILY_LOOKUPS_WINDOW`] (ASVS 2.4.1): above the customers of a working
/// day, and far below a list of addresses.
const DAILY_LOOKUPS: u32 = 120;
const DAILY_LOOKUPS_WINDOW: Duration = minutes(24 * 60);

/// Time after a failed alert in which the look-ups of the agent do not send another one.
const ALERT_RETRY: Duration = minutes(1);

/// Returns the limits that a look-up of an agent counts against.
pub(super) fn limit_uses(account: &Account) -> Vec<LimitUse> {
    let limit_use = |limit, allowed, window| LimitUse {
        limit,
        subject: format!("agent:{}", account.agent_id),
        allowed,
        window,
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
            let alert_use = |step: &str, window| LimitUse {
                limit: Limit::LookupAlerts,
                subject: format!("{step}:{}", limit_use.subject),
                allowed: 1,
                window,
            };
            let now = interaction.at;
            let alert = alert_use(window, limit_use.window);
            let alerted = self.ports.limits.usage(std::slice::from_ref(&alert), now).await?;
            if alerted.iter().any(|alerted| alerted.retry_at.is_some()) {
                continue;
            }
            // One look-up sends the alert. If that fails or its process dies, a later one does.
            let call = alert_use(&format!("sending:{window}"), ALERT_RETRY);
            let begun = Commit { now, limit_uses: vec![call], ..Commit::default() };
            if !matches!(self.ports.sessions.commit(begun).await?, Committed::Saved { .. }) {
                continue;
            }
            let screen = alerts::lookups(interaction.user, is_daily, interaction.locale);
            let key = format!("lookups:{window}:{}", interaction.id());
            let alerted = self.alert_leads(&key, screen).await;
            let outcome = alerted.as_ref().map_or_else(EffectError::name, |()| "done");
            let subject = &limit_use.subject;
            tracing::warn!(
                target: ALERTS,
                subject,
                window,
                count,
                outcome,
                "look-up limit reached"
            );
            let is_fault = matches!(alerted, Err(EffectError::Fault(_)));
            let details = json!({ "outcome": outcome, "limit": "lookups", "window": window });
            let events = vec![interaction.event(kind::ALERTED, details)];
            let limit_uses = if is_fault { Vec::new() } else { vec![alert] };
            let done = Commit { now, limit_uses, events, ..Commit::default() };
            self.ports.sessions.commit(done).await?;
        }
        Ok(())
    }
}
