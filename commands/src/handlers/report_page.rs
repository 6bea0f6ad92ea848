//! The report page, "I did not ask for this".

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt as _;

use crate::engine::cause::Cause;
use crate::engine::desk::Desk;
use crate::engine::transition::{Decision, Saved, Transition};
use crate::flows;
use crate::flows::report::link::{self, ReportLink};
use crate::flows::report::noted;
use crate::flows::step::Facts;
use crate::handlers::recovery_page::PAGE_WORK_TIMEOUT;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::report::{Answer, ReportChoice, ReportedMail};
use crate::model::time::Timestamp;
use crate::model::words::NotEligible;
use crate::ports::sessions::SessionHandle;

/// The desk as the report page sees it.
///
/// Both methods return `None` for a link that is unknown, changed or too old, and take equal time
/// for all of them.
#[async_trait]
pub trait ReportDesk: Send + Sync + 'static {
    /// Returns the content of the page. Changes nothing.
    async fn look(&self, link: &str) -> Result<Option<ReportView>, Fault>;
    /// Saves an answer and does what it asks for. After a fault nothing is saved.
    async fn answer(&self, link: &str, choice: ReportChoice)
    -> Result<Option<ReportResult>, Fault>;
}

/// Content of the report page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportView {
    pub mail: ReportedMail,
    /// Time of the mail.
    pub mailed_at: Timestamp,
    /// Reference of the report that the mail has already. A report that may be a mail scanner's
    /// does not count.
    pub noted: Option<String>,
}

/// Result of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportResult {
    /// "It was me": nothing changes.
    Cleared,
    /// The report was saved.
    Noted {
        /// Mail whose link was used.
        mail: ReportedMail,
        reference: String,
        /// The report locked its subject out.
        locks: bool,
    },
    /// Another report was saved before, under this reference.
    NotedBefore(String),
}

#[async_trait]
impl ReportDesk for Desk {
    async fn look(&self, link: &str) -> Result<Option<ReportView>, Fault> {
        let Some((handle, mail)) = self.find_report(link).await? else { return Ok(None) };
        let session = handle.session();
        // A person can still answer after a mail scanner.
        let counting = session
            .report(mail)
            .filter(|report| report.choice != ReportChoice::Me && !report.quick);
        Ok(Some(ReportView {
            mail,
            mailed_at: session.mailed_at(mail),
            noted: counting.map(|report| report.reference.clone()),
        }))
    }

    async fn answer(
        &self,
        link: &str,
        choice: ReportChoice,
    ) -> Result<Option<ReportResult>, Fault> {
        let _work = self.tasks.token();
        let Some((handle, mail)) = self.find_report(link).await? else { return Ok(None) };
        let is_erased = match &handle.session().pseudonym {
            Some(customer) => self.ports.customers.is_erased(customer).await?,
            None => false,
        };
        let reference = self.ports.keys.report_reference();
        let answer = Answer { mail, choice, reference: reference.clone(), is_erased };
        let session_lock = handle.lock.lock().await;
        let moved = self.transition(&handle, Cause::Timer, |before| {
            let facts = Facts::at(self.ports.clock.now());
            let decision = if noted(&before, &answer, facts.now).is_some() {
                Decision::Unchanged
            } else {
                Decision::Save(Box::new(flows::step(
                    &before,
                    Event::Reported(answer.clone()),
                    &facts,
                )))
            };
            async move { Ok(decision) }.boxed()
        });
        let Saved { before, step, .. } = match moved.await? {
            Transition::Saved(saved) => saved,
            Transition::Unchanged(session) => {
                let earlier = session.report(mail);
                return Ok(earlier.map(|earlier| match earlier.choice {
                    ReportChoice::Me => ReportResult::Cleared,
                    _ => ReportResult::NotedBefore(earlier.reference.clone()),
                }));
            }
            Transition::Unchecked(fault) => return Err(fault),
            // A report has no condition that the store could refuse.
            Transition::Refused { .. } | Transition::ClaimedElsewhere | Transition::Gone => {
                return Ok(None);
            }
        };
        if choice == ReportChoice::Me {
            return Ok(Some(ReportResult::Cleared));
        }
        let report = step.session.report(mail);
        let locks = report.is_some_and(|report| report.locked_until.is_some());
        let follow = async {
            if let Err(fault) = self.redraw_changed(&handle, &before, &step).await {
                self.log(&fault);
            }
            drop(session_lock);
            self.perform_background_logged(&handle).await;
            if let Err(fault) = self.close_sessions_of_locked_out(&handle).await {
                self.log(&fault);
            }
        };
        tokio::select! {
            biased;
            () = follow => {}
            () = self.ports.clock.sleep(PAGE_WORK_TIMEOUT) => {
                self.undrawn.add(before.id.clone(), self.ports.clock.now());
            }
        }
        Ok(Some(ReportResult::Noted { mail, reference, locks }))
    }
}

impl Desk {
    /// Returns session and mail of a link that works.
    ///
    /// Every link costs one keyed hash and one read, so that its time tells nothing about it.
    async fn find_report(
        &self,
        text: &str,
    ) -> Result<Option<(Arc<SessionHandle>, ReportedMail)>, Fault> {
        let parsed = ReportLink::parse(text);
        let keys = &self.ports.keys;
        let (session, mail, mac) = match &parsed {
            Some(link) => (link.session.clone(), link.mail, link.expose_mac()),
            None => (keys.session_id(), ReportedMail::Customer, ""),
        };
        let is_own = keys.is_mac_of(mac, &ReportLink::mac_input(&session, mail));
        let read = self.ports.sessions.reload(&session).await;
        if !is_own {
            return Ok(None);
        }
        let now = self.ports.clock.now();
        let handle = read?.filter(|handle| link::is_valid(&handle.session(), now));
        Ok(handle.map(|handle| (handle, mail)))
    }

    /// Closes the other sessions of the session's agent if a report has locked the agent out. Where
    /// this fails, the next click or sweep closes them.
    async fn close_sessions_of_locked_out(&self, handle: &SessionHandle) -> Result<(), Fault> {
        let agent = handle.session().actor.discord_id;
        match self.eligibility(agent).await? {
            Err(reason @ NotEligible::LockedOut(_)) => self.close_all_of(agent, reason).await,
            _ => Ok(()),
        }
    }
}
