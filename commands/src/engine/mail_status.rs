//! Asks the function what became of the mails of codes, and saves the answers.

use std::sync::Arc;

use futures_util::{FutureExt as _, StreamExt as _};

use crate::engine::cause::Cause;
use crate::engine::deliveries::MailedCode;
use crate::engine::desk::Desk;
use crate::engine::sweep::CONCURRENCY;
use crate::engine::transition::{Decision, Saved, Transition};
use crate::flows;
use crate::flows::step::Facts;
use crate::flows::verify::delivery::{asked_code, news};
use crate::model::delivery::{DeliveryReport, status_key};
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::words::SessionId;
use crate::ports::function::Origin;
use crate::ports::sessions::SessionHandle;

impl Desk {
    /// Asks every due question about a mail. No session lock is held during a call, so no click
    /// waits for it.
    pub(super) async fn ask_about_mails(&self) {
        let due = self.deliveries.take_due(self.ports.clock.now());
        futures_util::stream::iter(due)
            .for_each_concurrent(CONCURRENCY, |(session, code)| async move {
                match self.ask_about_mail(&session, code).await {
                    Ok(true) => self.deliveries.put_back(session, code),
                    Ok(false) => {}
                    // It adds nothing, and no agent waits for it.
                    Err(fault) => {
                        self.log_repeated(&fault);
                        self.deliveries.put_back(session, code);
                    }
                }
            })
            .await;
    }

    /// Asks one question and saves the answer if it is new. Returns false if no other question
    /// follows.
    async fn ask_about_mail(&self, id: &SessionId, code: MailedCode) -> Result<bool, Fault> {
        let MailedCode { purpose, nth, mailed_at, asked } = code;
        let Some(handle) = self.ports.sessions.find(id).await? else {
            return Ok(false);
        };
        // Another process can have moved the session.
        self.ports.sessions.refresh(id).await?;
        let session = handle.session();
        let Some(challenge) = asked_code(&session, purpose, nth, self.ports.clock.now()) else {
            return Ok(false);
        };
        let origin = Origin {
            request_id: status_key(id, purpose, nth, asked),
            session: id.clone(),
            actor: session.actor.clone(),
            locale: session.locale,
        };
        let Ok(status) = self.ports.codes.status(origin, &challenge.id).await? else {
            return Ok(true);
        };
        let known = challenge.delivery_state();
        let report = DeliveryReport { purpose, nth, mailed_at, known, status };
        if news(known, &report, self.ports.clock.now()).is_some() {
            self.save_report(&handle, report).await?;
        }
        Ok(true)
    }

    /// Saves a report, and redraws the panel that it changes.
    async fn save_report(
        &self,
        handle: &Arc<SessionHandle>,
        report: DeliveryReport,
    ) -> Result<(), Fault> {
        let _session_lock = handle.lock.lock().await;
        let transition = self.transition(handle, Cause::Timer, |before| {
            let facts = Facts::at(self.ports.clock.now());
            let step = flows::step(&before, Event::Delivery(report), &facts);
            let is_news = !step.events.is_empty();
            let decision =
                if is_news { Decision::Save(Box::new(step)) } else { Decision::Unchanged };
            async move { Ok(decision) }.boxed()
        });
        if let Transition::Saved(Saved { before, step, .. }) = transition.await? {
            self.redraw_changed(handle, &before, &step).await?;
        }
        Ok(())
    }
}
