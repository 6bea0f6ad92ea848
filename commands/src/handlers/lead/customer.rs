//! `/desk customer`: the card of a customer. The address is typed, and its look-up counts with
//! those that the lead makes as an agent.

use serde_json::{Value, json};

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::lead::agent::Locks;
use crate::flows::lead::customer::{CustomerView, render};
use crate::flows::lead::customer_acts::{subject, unknown};
use crate::flows::lead::sessions::{PAGE_LINES, last_page};
use crate::model::alert::Alert;
use crate::model::fault::Fault;
use crate::model::limit::{Lockout, LockoutReason};
use crate::model::past::HISTORY;
use crate::model::pseudonym::Pseudonym;
use crate::model::time::Timestamp;
use crate::ports::history::{HistoryOf, HistoryPage, HistorySummary};
use crate::screens::customer_id::CustomerCard;

impl Desk {
    /// Looks a customer up for a lead and opens the card.
    pub(super) async fn open_customer_view(
        &self,
        reply: &Reply<'_>,
        email: &str,
    ) -> Result<(), Fault> {
        let details = |customer: Option<&Pseudonym>| match customer {
            Some(customer) => card_view(customer),
            None => json!({ "view": "customer", "found": false }),
        };
        let Some(look_up) = self.look_up_for_lead(reply, email, details).await? else {
            return Ok(());
        };
        match look_up.shown {
            Some(customer) => self.draw_customer(reply, CustomerCard::first(customer)).await?,
            None => reply.view(unknown(reply.interaction.locale)).await,
        }
        self.alert_counted(reply, look_up.counted).await;
        Ok(())
    }

    /// Draws a page of a card, which this lead has opened. Another card is a new look-up.
    pub(super) async fn return_to_customer(
        &self,
        reply: &Reply<'_>,
        card: CustomerCard,
    ) -> Result<(), Fault> {
        let details = card_view(&card.customer);
        if self.has_lead_view(reply, &details).await? {
            return self.draw_customer(reply, card).await;
        }
        if let Some(counted) = self.view_customer(reply, details).await? {
            self.draw_customer(reply, card).await?;
            self.alert_counted(reply, counted).await;
        }
        Ok(())
    }

    /// Draws a page of the card. Draws the last one if the page no longer exists.
    async fn draw_customer(&self, reply: &Reply<'_>, mut card: CustomerCard) -> Result<(), Fault> {
        let (at, locale) = (reply.interaction.at, reply.interaction.locale);
        let Some(summary) = self.ports.history.summary(&card.customer, at - HISTORY).await? else {
            reply.view(unknown(locale)).await;
            return Ok(());
        };
        card.page = card.page.min(last_page(summary.sessions));
        let page = self.history_page(&card, at).await?;
        let alerts = self.alerts_of_reports(&page).await?;
        let locks = self.locks_of_customer(&card.customer, at).await?;
        let (card, page, locks, alerts) = (&card, &page, &locks, alerts.as_slice());
        let summary: &HistorySummary = &summary;
        reply.view(render(&CustomerView { card, summary, page, alerts, locks, locale })).await;
        Ok(())
    }

    async fn history_page(&self, card: &CustomerCard, at: Timestamp) -> Result<HistoryPage, Fault> {
        let first = u32::from(card.page) * PAGE_LINES;
        let lines = first..first + PAGE_LINES;
        self.ports.history.page(&card.customer, HistoryOf::Leads, at - HISTORY, lines).await
    }

    /// Returns the alerts about the reports of these sessions, by the reference of the report.
    async fn alerts_of_reports(&self, page: &HistoryPage) -> Result<Vec<(String, Alert)>, Fault> {
        let records = page.sessions.iter().filter_map(|past| past.session.report_record.as_ref());
        let mut alerts = Vec::new();
        for report in records.flat_map(|record| &record.reports) {
            let alert = self.ports.alerts.of_report(&report.reference).await?;
            alerts.extend(alert.map(|alert| (report.reference.clone(), alert)));
        }
        Ok(alerts)
    }

    /// Returns what an unlock of the customer would end.
    pub(super) async fn locks_of_customer(
        &self,
        customer: &Pseudonym,
        now: Timestamp,
    ) -> Result<Locks, Fault> {
        let lockouts = self.ports.limits.lockouts(&[subject(customer)], now).await?;
        let lockout = lockouts.into_iter().max_by_key(|lockout| lockout.until);
        let reason = match &lockout {
            Some(Lockout { subject, reason: LockoutReason::Lead(lead), .. }) => {
                self.ports.session_search.lockout_reason(*lead, subject).await?
            }
            _ => None,
        };
        Ok(Locks { lockout, reason, has_used_recoveries: false })
    }
}

fn card_view(customer: &Pseudonym) -> Value {
    json!({ "view": "customer", "customer": customer })
}
