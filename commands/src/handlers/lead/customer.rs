//! `/desk customer`: the card of a customer. The address is typed, and its look-up counts with
//! those that the lead makes as an agent.

use serde_json::{Value, json};

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::lead::agent::Locks;
use crate::flows::lead::customer::{CustomerView, render};
use crate::flows::lead::customer_acts::{subject, unknown};
use crate::flows::lead::sessions::{PAGE_LINES, last_page};
use crate::handlers::lookup_limits::limit_uses;
use crate::model::alert::Alert;
use crate::model::email::Email;
use crate::model::fault::Fault;
use crate::model::limit::LimitUse;
use crate::model::limit::{Lockout, LockoutReason};
use crate::model::past::HISTORY;
use crate::model::pseudonym::Pseudonym;
use crate::model::refusal::Refusal;
use crate::model::time::Timestamp;
use crate::model::trail::{TrailEvent, kind};
use crate::model::words::SupportKind;
use crate::ports::claims::Claim;
use crate::ports::directory::CustomerMatch;
use crate::ports::history::{HistoryOf, HistoryPage, HistorySummary};
use crate::ports::sessions::Commit;
use crate::screens::customer_id::CustomerCard;

impl Desk {
    /// Looks a customer up for a lead and opens the card.
    pub(super) async fn open_customer_view(
        &self,
        reply: &Reply<'_>,
        email: &str,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let email = match Email::parse(email) {
            Ok(email) => email,
            Err(refusal) => return self.refuse(reply, refusal).await,
        };
        // The lead was found eligible, so the account exists.
        let Some(account) = self.agent_account(interaction.user).await?.account else {
            return self.refuse(reply, Refusal::NotLinked).await;
        };
        // Checked before Core is read. The commit counts the look-up.
        let limits = limit_uses(&account);
        let usage = self.ports.limits.usage(&limits, interaction.at).await?;
        let exceeded = limits.iter().zip(&usage);
        let exceeded =
            exceeded.into_iter().find_map(|(limit, usage)| Some((limit.limit, usage.retry_at?)));
        if let Some((limit, at)) = exceeded {
            return self.refuse(reply, Refusal::Limited(limit, at)).await;
        }
        let customer = match self.ports.directory.find(&email, SupportKind::Technical).await? {
            CustomerMatch::One(record) => self.known_customer(&record.user_id).await?,
            CustomerMatch::None | CustomerMatch::Several => None,
        };
        let event = self.view_event(reply, &email, customer.as_ref());
        let commit = Commit {
            now: interaction.at,
            claim: Claim::Whole(interaction.id()),
            limit_uses: limits.clone(),
            events: vec![event],
            ..Commit::default()
        };
        if self.commit_look_up(reply, commit).await?.is_some() {
            match customer {
                Some(customer) => {
                    self.draw_customer(reply, CustomerCard::first(customer)).await?;
                }
                None => reply.view(unknown(interaction.locale)).await,
            }
        }
        self.alert_lead_lookups(reply, &limits).await;
        Ok(())
    }

    /// Returns the pseudonym of a customer with sessions.
    async fn known_customer(&self, core_id: &str) -> Result<Option<Pseudonym>, Fault> {
        let Some(customer) = self.ports.customers.find_pseudonym(core_id).await? else {
            return Ok(None);
        };
        let after = self.ports.clock.now() - HISTORY;
        let summary = self.ports.history.summary(&customer, after).await?;
        Ok(summary.filter(|summary| summary.sessions > 0).map(|_| customer))
    }

    /// Returns the event of the view. An address that led to no customer leaves its masked form and
    /// its keyed hash, as a look-up of an agent does.
    fn view_event(
        &self,
        reply: &Reply<'_>,
        email: &Email,
        customer: Option<&Pseudonym>,
    ) -> TrailEvent {
        let (details, about) = match customer {
            Some(customer) => (json!({ "view": "customer", "customer": customer }), Value::Null),
            None => (
                json!({ "view": "customer", "found": false }),
                json!({
                    "email_mac": self.ports.keys.mac(email.as_str()), "email": email.masked()
                }),
            ),
        };
        TrailEvent { about, ..reply.interaction.event(kind::DESK_READ, details) }
    }

    /// Alerts the leads if the look-ups of this lead have reached a limit. A fault is only logged.
    async fn alert_lead_lookups(&self, reply: &Reply<'_>, limits: &[LimitUse]) {
        if let Err(fault) = self.alert_reached_limits(reply.interaction, limits).await {
            self.log(&fault);
        }
    }

    /// Draws a page of the card. Draws the last one if the page no longer exists.
    pub(super) async fn draw_customer(
        &self,
        reply: &Reply<'_>,
        mut card: CustomerCard,
    ) -> Result<(), Fault> {
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
