//! `/desk alerts`, and the buttons of an alert's card.

use serde_json::json;

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::alerts::list::{AlertListing, render};
use crate::flows::alerts::timing;
use crate::flows::lead::sessions::{PAGE_LINES, last_page};
use crate::model::alert::{Alert, AlertChange, AlertId, AlertKind, AlertState, Verdict};
use crate::model::fault::Fault;
use crate::model::limit::LockoutReason;
use crate::model::refusal::Refusal;
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::ports::alerts::{AlertFilter, AlertPage};
use crate::ports::claims::Claim;
use crate::ports::sessions::{Commit, Committed};
use crate::screens::alert_press::{AlertAnswer, AlertList, AlertPress, AlertSpan, AlertView};

/// Time span of the list of past alerts.
const WEEK: std::time::Duration = std::time::Duration::from_hours(7 * 24);

impl Desk {
    /// Opens the list at its first page, or the alert with a reference.
    pub(super) async fn open_alerts_view(
        &self,
        reply: &Reply<'_>,
        is_of_week: bool,
        reference: Option<&str>,
    ) -> Result<(), Fault> {
        let Some(reference) = reference else {
            let span = if is_of_week {
                AlertSpan::week_before(reply.interaction.at)
            } else {
                AlertSpan::Open
            };
            return self.open_alert_list(reply, AlertList { span, page: 0 }).await;
        };
        let typed = reference.trim().to_uppercase();
        let alert = match typed.parse() {
            Ok(id) => self.ports.alerts.find(&id).await?,
            Err(_) => self.ports.alerts.of_report(&typed).await?,
        };
        match self.alert_of_others(reply, alert).await? {
            Some(alert) => self.open_alert(reply, &alert, AlertView::Shown).await,
            None => Ok(()),
        }
    }

    pub(super) async fn alert_press(
        &self,
        reply: &Reply<'_>,
        press: AlertPress,
        chosen: Option<&str>,
    ) -> Result<(), Fault> {
        match press {
            AlertPress::List(_, list) => {
                // It only reads, and every process draws the same list.
                reply.allow_duplicate();
                self.draw_alerts(reply, list).await
            }
            AlertPress::Back(list) => self.open_alert_list(reply, list).await,
            AlertPress::Choose(list) => {
                let id: Option<AlertId> = chosen.and_then(|chosen| chosen.parse().ok());
                match self.find_alert(reply, id.as_ref()).await? {
                    Some(alert) => self.open_alert(reply, &alert, AlertView::List(list)).await,
                    None => Ok(()),
                }
            }
            AlertPress::Show(id) => match self.find_alert(reply, Some(&id)).await? {
                Some(alert) => {
                    self.ports.alerts.end_reminders(&id).await?;
                    self.open_alert(reply, &alert, AlertView::Shown).await
                }
                None => Ok(()),
            },
            AlertPress::Answer(answer, id, view) => {
                match self.find_alert(reply, Some(&id)).await? {
                    Some(alert) => self.answer_alert(reply, answer, &alert, view).await,
                    None => Ok(()),
                }
            }
        }
    }

    /// Finds an alert that the lead may see. Otherwise refuses, and returns `None`.
    async fn find_alert(
        &self,
        reply: &Reply<'_>,
        id: Option<&AlertId>,
    ) -> Result<Option<Alert>, Fault> {
        let found = match id {
            Some(id) => self.ports.alerts.find(id).await?,
            None => None,
        };
        self.alert_of_others(reply, found).await
    }

    /// Returns the alert if it is not about this lead. Otherwise refuses, and returns `None`.
    async fn alert_of_others(
        &self,
        reply: &Reply<'_>,
        found: Option<Alert>,
    ) -> Result<Option<Alert>, Fault> {
        let refusal = match found {
            Some(alert) if !is_about(&alert, reply.interaction.user) => return Ok(Some(alert)),
            Some(_) => Refusal::AlertAboutYou,
            None => Refusal::UnknownAlert,
        };
        self.refuse(reply, refusal).await.map(|()| None)
    }

    async fn open_alert_list(&self, reply: &Reply<'_>, list: AlertList) -> Result<(), Fault> {
        let show = if list.span == AlertSpan::Open { "open" } else { "week" };
        if self.record_lead_view(reply, json!({ "view": "alerts", "show": show })).await? {
            self.draw_alerts(reply, list).await?;
        }
        Ok(())
    }

    /// Draws a page. Draws the last one if the page no longer exists.
    async fn draw_alerts(&self, reply: &Reply<'_>, mut list: AlertList) -> Result<(), Fault> {
        let mut page = self.alert_page(list).await?;
        let end = last_page(page.total);
        if list.page > end {
            list.page = end;
            page = self.alert_page(list).await?;
        }
        let last_answer = if page.alerts.is_empty() && list.span == AlertSpan::Open {
            self.ports.alerts.last_answer().await?
        } else {
            None
        };
        let locale = reply.interaction.locale;
        reply.view(render(&AlertListing { list, page: &page, last_answer, locale })).await;
        Ok(())
    }

    async fn alert_page(&self, list: AlertList) -> Result<AlertPage, Fault> {
        let filter = match list.span {
            AlertSpan::Open => AlertFilter::Open,
            AlertSpan::WeekBefore(end) => {
                let until = Timestamp(i64::from(end) * 1_000);
                AlertFilter::Opened(until - WEEK, until)
            }
        };
        let skipped = u32::from(list.page) * PAGE_LINES;
        self.ports.alerts.page(filter, skipped, PAGE_LINES).await
    }

    /// Shows an alert to a lead alone.
    async fn open_alert(
        &self,
        reply: &Reply<'_>,
        alert: &Alert,
        view: AlertView,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let details = json!({ "view": "alert", "alert": alert.id.as_str() });
        if self.record_lead_view(reply, details).await? {
            let (now, locale) = (interaction.at, interaction.locale);
            reply.view(self.alert_screen(alert, view, now, locale).await?).await;
        }
        Ok(())
    }

    async fn answer_alert(
        &self,
        reply: &Reply<'_>,
        answer: AlertAnswer,
        alert: &Alert,
        view: AlertView,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let verdict = Verdict { by: interaction.user, at: interaction.at };
        let (state, event) = match answer {
            AlertAnswer::Handled => (AlertState::Handled(verdict), kind::ALERT_HANDLED),
            AlertAnswer::FalseAlarm => (AlertState::FalseAlarm(verdict), kind::ALERT_FALSE),
            AlertAnswer::Reopen => (AlertState::Open, kind::ALERT_REOPENED),
        };
        let is_open = alert.state == AlertState::Open;
        if is_open == (state == AlertState::Open) {
            return self.tell_answered(reply, alert, view).await;
        }
        if !is_open && !timing::can_reopen(alert, interaction.at) {
            return self.refuse(reply, Refusal::TooLateToReopen).await;
        }
        let details = json!({
            "alert": alert.id.as_str(), "kind": alert.kind.name(), "level": alert.level.name(),
            "count": alert.count, "by": format!("discord:{}", interaction.user)
        });
        let unlocks = match answer {
            AlertAnswer::FalseAlarm => self.reported_lockouts(alert, interaction.at).await?,
            AlertAnswer::Handled | AlertAnswer::Reopen => Vec::new(),
        };
        let mut events = vec![interaction.event(event, details)];
        events.extend(unlocks.iter().map(|subject| {
            let by = format!("discord:{}", interaction.user);
            interaction.event(kind::UNLOCKED, json!({ "subject": subject, "by": by }))
        }));
        let change = AlertChange { id: alert.id.clone(), version: alert.version, state };
        let commit = Commit {
            now: interaction.at,
            claim: Claim::Whole(interaction.id()),
            alert_change: Some(Box::new(change)),
            unlocks,
            events,
            ..Commit::default()
        };
        let committed = self.ports.sessions.commit(commit).await?;
        let Some(newest) = self.ports.alerts.find(&alert.id).await? else {
            return self.refuse(reply, Refusal::UnknownAlert).await;
        };
        match committed {
            Committed::Saved { .. } => self.draw_answered(reply, &newest, view).await,
            Committed::Claimed => {
                reply.yield_reply().await;
                Ok(())
            }
            // A repeat, which raised the version, changes nothing for the answer.
            Committed::AlertChanged if newest.state == alert.state => {
                self.refuse(reply, Refusal::AlertRepeated).await
            }
            _ => self.tell_answered(reply, &newest, view).await,
        }
    }

    /// Draws the answered alert in place of the clicked message, for all who see it.
    async fn draw_answered(
        &self,
        reply: &Reply<'_>,
        alert: &Alert,
        view: AlertView,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let is_card = interaction.reply.from_public;
        let locale = if is_card { self.rules.leads_locale } else { interaction.locale };
        let screen = self.alert_screen(alert, view, interaction.at, locale).await?;
        if is_card {
            reply.card(screen).await;
        } else {
            reply.view(screen).await;
        }
        Ok(())
    }

    /// Names the lead who has answered before. The worker draws the card.
    async fn tell_answered(
        &self,
        reply: &Reply<'_>,
        alert: &Alert,
        view: AlertView,
    ) -> Result<(), Fault> {
        match alert.state {
            AlertState::Handled(verdict) => {
                self.refuse(reply, Refusal::AlertHandled(verdict.by)).await
            }
            AlertState::FalseAlarm(verdict) => {
                self.refuse(reply, Refusal::AlertFalse(verdict.by)).await
            }
            AlertState::Open | AlertState::Expired => {
                reply.allow_duplicate();
                self.draw_answered(reply, alert, view).await
            }
        }
    }

    /// Returns the lockout of the customer that a report has started, if it has not ended and no
    /// other report of the customer is open.
    async fn reported_lockouts(&self, alert: &Alert, now: Timestamp) -> Result<Vec<String>, Fault> {
        let customer = alert.customer.as_ref().filter(|_| alert.kind == AlertKind::Reported);
        let Some(customer) = customer else { return Ok(Vec::new()) };
        if self.ports.alerts.has_other_report(alert).await? {
            return Ok(Vec::new());
        }
        let subjects = [format!("customer:{customer}")];
        let lockouts = self.ports.limits.lockouts(&subjects, now).await?;
        let of_report = lockouts.into_iter().filter(|one| one.reason == LockoutReason::Report);
        Ok(of_report.map(|lockout| lockout.subject).collect())
    }
}

/// Returns true if the alert is about this user, who then may not answer it.
fn is_about(alert: &Alert, user: u64) -> bool {
    alert.agent == Some(user) || alert.facts.agents().any(|agent| agent == user)
}
