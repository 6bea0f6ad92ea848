//! The worker of the cards: posts them, edits them, reminds the leads, and deletes the reminders.
//!
//! The row is the truth. A card that cannot be posted stays due, and each process looks for due
//! cards. A lease on the row keeps two of them apart, and the key of a post makes a repeated one
//! the same message.

use std::ops::ControlFlow;
use std::time::Duration;

use serde_json::json;

use crate::engine::desk::Desk;
use crate::flows::alerts::card::{self, CardView};
use crate::flows::alerts::timing;
use crate::model::alert::{Alert, AlertCard, AlertChange, AlertState, NO_MORE_REMINDERS, Ping};
use crate::model::fault::Fault;
use crate::model::time::Timestamp;
use crate::model::trail::{TrailEvent, kind};
use crate::model::words::Locale;
use crate::ports::chat::{ChatError, Post};
use crate::ports::sessions::Commit;
use crate::screens::alert_press::AlertView;
use crate::screens::screen::Screen;

/// Time for which a process works on a card alone. A card that could not be posted is tried again
/// then.
const LEASE: Duration = timing::POST_TIME;

/// Cards that one pass looks at.
const PAGE: u32 = 32;

/// Times that a card is posted: once more after a person has deleted it.
const POSTS: u32 = 2;

/// Work on a card that ends without a saved card.
enum Unfinished {
    /// The bot may not write in the channel, or there is none.
    NotPermitted,
    /// It is tried again after the lease.
    Later,
}

impl Desk {
    /// Does the work on every card that is due. A fault of one card does not hold up the others.
    pub async fn work_on_alert_cards(&self) -> Result<(), Fault> {
        for alert in self.ports.alerts.due(self.ports.clock.now(), PAGE).await? {
            match self.work_on_card(&alert).await {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => break,
                Err(fault) => self.log_repeated(&fault),
            }
        }
        Ok(())
    }

    /// Does the work on a card. Breaks if no other card can be posted either.
    async fn work_on_card(&self, alert: &Alert) -> Result<ControlFlow<()>, Fault> {
        // The cards before this one can have taken longer than a lease.
        let now = self.ports.clock.now();
        if !self.ports.alerts.lease(alert, now + LEASE).await? {
            return Ok(ControlFlow::Continue(()));
        }
        if timing::expires(alert, now) {
            self.expire(alert, now).await?;
            return Ok(ControlFlow::Continue(()));
        }
        let Some(channel) = self.rules.leads_channel else {
            self.card_warnings.warn(now, "no leads' channel is configured");
            return Ok(ControlFlow::Continue(()));
        };
        match self.draw_card(channel, alert, now).await? {
            Ok(card) => {
                // A reminder that waits for the pings of the hour is due already.
                let due_at = timing::next_look(alert, &card, now)
                    .map(|at| if at <= now { now + LEASE } else { at });
                let card = AlertCard { due_at, ..card };
                self.ports.alerts.save_card(alert, &card, now).await?;
            }
            Err(Unfinished::Later) => {}
            Err(Unfinished::NotPermitted) => {
                self.card_warnings.warn(now, "the bot may not write in the leads' channel");
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Closes a notice that no lead has answered in time.
    async fn expire(&self, alert: &Alert, now: Timestamp) -> Result<(), Fault> {
        let change = AlertChange {
            id: alert.id.clone(),
            version: alert.version,
            state: AlertState::Expired,
        };
        let commit = Commit { now, alert_change: Some(Box::new(change)), ..Commit::default() };
        self.ports.sessions.commit(commit).await?;
        Ok(())
    }

    /// Posts or edits the card, and reminds the leads or deletes the reminders.
    async fn draw_card(
        &self,
        channel: u64,
        alert: &Alert,
        now: Timestamp,
    ) -> Result<Result<AlertCard, Unfinished>, Fault> {
        let mut card = alert.card.clone();
        let is_open = alert.state == AlertState::Open;
        if let Some(message) = card.message
            // An answered card is due only after a change, or when a button or a request ends.
            && (card.drawn < alert.version || !is_open)
        {
            let screen = self.card_screen(alert, now).await?;
            match self.ports.chat.edit_post(channel, message, screen).await {
                Ok(()) => card.drawn = alert.version,
                Err(ChatError::Gone) => card.message = None,
                Err(error) => return Ok(Err(self.unfinished(error))),
            }
            if card.message.is_none() && card.posts >= POSTS {
                return Ok(Ok(AlertCard { drawn: alert.version, ..card }));
            }
        }
        if card.message.is_none() && is_open && card.posts < POSTS {
            match self.post_card(channel, alert, card, now).await? {
                Ok(posted) => card = posted,
                Err(unfinished) => return Ok(Err(unfinished)),
            }
        }
        let reminders = timing::skip_reminders(alert, &card, now);
        if reminders != card.reminders {
            // The one that is skipped can have been posted, so its use stays.
            (card.reminders, card.counted_at) = (reminders, None);
        }
        if timing::reminds(alert, &card, now)
            && let Err(unfinished) = self.remind(channel, alert, &mut card, now).await?
        {
            return Ok(Err(unfinished));
        }
        if !is_open {
            while let Some(message) = card.reminder_messages.pop() {
                match self.ports.chat.delete_post(channel, message).await {
                    Ok(()) | Err(ChatError::Gone) => {}
                    Err(error) => return Ok(Err(self.unfinished(error))),
                }
            }
        }
        Ok(Ok(card))
    }

    /// Posts the card. What decides about the post is saved before, so that a repeated one after a
    /// crash is the same message.
    ///
    /// A second post, of a card that a person has deleted, counts against no limit. It pings no
    /// lead.
    async fn post_card(
        &self,
        channel: u64,
        alert: &Alert,
        mut card: AlertCard,
        now: Timestamp,
    ) -> Result<Result<AlertCard, Unfinished>, Fault> {
        if card.posts > 0 {
            card.ping = Ping::Silent;
        } else if !self.count_first_post(alert, &mut card, now).await? {
            return Ok(Ok(self.collect(alert, card, now).await?));
        }
        self.save_unfinished(alert, &card, now).await?;
        let pings = self.rules.lead_role.filter(|_| card.ping == Ping::Pings);
        let screen = self.card_screen(alert, now).await?;
        let nth = card.posts + 1;
        let key = self.post_key(alert, &format!("card:{nth}"));
        let post = Post { screen, pings, replies_to: None };
        match self.ports.chat.post(channel, &key, post).await {
            Ok(message) => card.message = Some(message),
            Err(error) => return Ok(Err(self.unfinished(error))),
        }
        if pings.is_none() {
            card.ping = Ping::Silent;
        }
        (card.posts, card.drawn, card.counted_at) = (nth, alert.version, None);
        card.posted_at = card.posted_at.or(Some(now));
        self.save_unfinished(alert, &card, now).await?;
        self.record_told(alert, &card, now).await?;
        Ok(Ok(card))
    }

    /// Replies to the card that the alert is still open. A reminder beyond the pings of an hour
    /// waits. One that is late is left out. One that cannot be posted is tried again under its key.
    async fn remind(
        &self,
        channel: u64,
        alert: &Alert,
        card: &mut AlertCard,
        now: Timestamp,
    ) -> Result<Result<(), Unfinished>, Fault> {
        let (Some(message), Some(role)) = (card.message, self.rules.lead_role) else {
            card.reminders = NO_MORE_REMINDERS;
            return Ok(Ok(()));
        };
        let nth = card.reminders + 1;
        let failed_at = card.counted_at.take();
        if timing::is_late(alert, card, now) {
            card.reminders = nth;
            return Ok(Ok(()));
        }
        if !self.count(vec![timing::ping_use()], failed_at, now).await? {
            return Ok(Ok(()));
        }
        card.counted_at = Some(now);
        self.save_unfinished(alert, card, now).await?;
        let screen = card::reminder(alert, now, self.rules.leads_locale);
        let key = self.post_key(alert, &format!("reminder:{nth}"));
        let post = Post { screen, pings: Some(role), replies_to: Some(message) };
        match self.ports.chat.post(channel, &key, post).await {
            Ok(reminder) => {
                (card.reminders, card.counted_at) = (nth, None);
                card.reminder_messages.push(reminder);
                self.save_unfinished(alert, card, now).await?;
                Ok(Ok(()))
            }
            Err(error) => Ok(Err(self.unfinished(error))),
        }
    }

    /// Saves what is known about the card while this process works on it, and renews its lease.
    pub(super) async fn save_unfinished(
        &self,
        alert: &Alert,
        card: &AlertCard,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let card = AlertCard { due_at: Some(self.ports.clock.now() + LEASE), ..card.clone() };
        self.ports.alerts.save_card(alert, &card, now).await
    }

    async fn record_told(
        &self,
        alert: &Alert,
        card: &AlertCard,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let details = json!({
            "alert": alert.id.as_str(), "kind": alert.kind.name(), "level": alert.level.name(),
            "count": alert.count, "ping": card.ping == Ping::Pings
        });
        let event = TrailEvent {
            at: now,
            actor: "clock".to_owned(),
            session: alert.session.clone(),
            kind: kind::ALERT_TOLD,
            details,
            customer: None,
            about: serde_json::Value::Null,
        };
        let commit = Commit { now, events: vec![event], ..Commit::default() };
        self.ports.sessions.commit(commit).await?;
        Ok(())
    }

    /// Draws the card in the language of the leads' channel.
    async fn card_screen(&self, alert: &Alert, now: Timestamp) -> Result<Screen, Fault> {
        self.alert_screen(alert, AlertView::Card, now, self.rules.leads_locale).await
    }

    /// Draws an alert for a view.
    pub(crate) async fn alert_screen(
        &self,
        alert: &Alert,
        view: AlertView,
        now: Timestamp,
        locale: Locale,
    ) -> Result<Screen, Fault> {
        let link = match alert.agent {
            // A link that cannot be read costs the agent's name, and not the card.
            Some(agent) => {
                self.ports.account_links.of_discord(agent).await.unwrap_or_else(|fault| {
                    self.log_repeated(&fault);
                    None
                })
            }
            None => None,
        };
        let session_is_open = match &alert.session {
            Some(session) => self.find_open(session).await?.is_some(),
            None => false,
        };
        let agent_name = link.as_ref().map(|link| link.name.as_str());
        Ok(card::render(&CardView { alert, agent_name, session_is_open, view, now, locale }))
    }

    /// Returns the key of a post. Discord compares 25 characters of it.
    fn post_key(&self, alert: &Alert, what: &str) -> String {
        self.ports.keys.mac(&format!("alert:{}:{what}", alert.id))
    }

    fn unfinished(&self, error: ChatError) -> Unfinished {
        match error {
            ChatError::Forbidden(_) => Unfinished::NotPermitted,
            error => {
                self.chat_fault(error);
                Unfinished::Later
            }
        }
    }
}
