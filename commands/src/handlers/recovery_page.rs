//! Recovering the BackOffice password: a session of its own in Discord, and a page on our own web
//! server.
//!
//! Discord cannot mask a password in a modal, and its developer policy forbids asking for one. So
//! the password is typed on a one-time page, behind a link that only the agent gets. The session
//! holds the link's hour and limits; its moves and its panel are here. And this is the seam to the
//! page: the page knows tokens, words and fields; the desk knows sessions, limits and Cognito.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::engine::click::ATTEMPTS;
use crate::engine::desk::Desk;
use crate::engine::reply::BUDGET;
use crate::flows;
use crate::flows::recover::messages::FieldMessage;
use crate::flows::recover::token::PageToken;
use crate::flows::recover::validate::validate;
use crate::flows::step::{Facts, Step};
use crate::model::code::Code;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::{LastOutcome, RecoverState};
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::words::{CloseReason, Locale, NotEligible};
use crate::ports::claims::Claim;
use crate::ports::recovery::PasswordPolicy;
use crate::ports::sessions::{Committed, SessionHandle};

/// The desk, as the recovery page asks it.
///
/// A token is `{session id}.{43 characters of base64url}`: 256 bits (ASVS 7.2.3 wants 128). For one
/// that is unknown, malformed or older than its hour everything here answers `None`, so that such
/// links look alike.
#[async_trait]
pub trait RecoveryDesk: Send + Sync + 'static {
    /// What the page shows.
    async fn look(&self, token: &str) -> Result<Option<View>, Fault>;
    /// Mails a new code. [`FieldMessage`]: why none was sent, or that nobody knows. A fault: nothing was
    /// asked of Cognito.
    async fn resend(&self, token: &str) -> Result<Option<(View, Option<FieldMessage>)>, Fault>;
    /// Sets the new password. [`FieldMessage`]: why it was not, or that nobody knows. A fault: nothing was
    /// asked of Cognito.
    async fn confirm(
        &self,
        token: &str,
        code: &str,
        password: SecretString,
        again: SecretString,
    ) -> Result<Option<(View, Option<FieldMessage>)>, Fault>;
}

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The agent's language.
    pub locale: Locale,
    /// Where the newest code was mailed, masked; `None`: none is known to have been.
    pub to: Option<String>,
    /// What the page has to say before anything is typed: no code was mailed, or nobody knows what
    /// became of the last try.
    pub news: Option<String>,
    /// The password was changed through this link: there is nothing more to do on the page.
    pub done: bool,
    /// Likewise, and the account is signed out everywhere by now.
    pub signed_out: bool,
    /// When a new code can be mailed (a time that is over: now); `None`: not any more through this
    /// link.
    pub resend_at: Option<Timestamp>,
    /// When the link ends.
    pub until: Timestamp,
    /// What the new password must be.
    pub policy: PasswordPolicy,
    /// The time at which all this was so.
    pub now: Timestamp,
}

/// What the page shows next, and what it has to say about what was asked; `None`: the link is no
/// good (any more).
type Answer = Option<(View, Option<FieldMessage>)>;

#[async_trait]
impl RecoveryDesk for Desk {
    async fn look(&self, token: &str) -> Result<Option<View>, Fault> {
        match self.linked(token).await? {
            Some(handle) => self.view(&handle.session()).await,
            None => Ok(None),
        }
    }

    async fn resend(&self, token: &str) -> Result<Answer, Fault> {
        let _flight = self.flights.begin();
        let Some(handle) = self.linked(token).await? else {
            return Ok(None);
        };
        // What the page shows afterwards: should it not be there, nothing is asked for.
        if handle.session().closed().is_none() {
            self.ports.recovery.policy().await?;
        }
        let said = self.moves(&handle, Event::Resend, None).await?;
        self.answer(&handle, said).await
    }

    async fn confirm(
        &self,
        token: &str,
        code: &str,
        password: SecretString,
        again: SecretString,
    ) -> Result<Answer, Fault> {
        let _flight = self.flights.begin();
        let Some(handle) = self.linked(token).await? else {
            return Ok(None);
        };
        let session = handle.session();
        if session.closed().is_some() {
            return self.answer(&handle, None).await;
        }
        let policy = self.ports.recovery.policy().await?;
        let said = match validate(
            session.locale,
            &policy,
            code,
            password.expose_secret(),
            again.expose_secret(),
        ) {
            Ok(code) => self.moves(&handle, Event::Confirm, Some((&code, &password))).await?,
            Err(said) => Some(said),
        };
        self.answer(&handle, said).await
    }
}

impl Desk {
    /// The session whose link this is, while the link is good, or was used within its hour.
    pub(crate) async fn linked(&self, token: &str) -> Result<Option<Arc<SessionHandle>>, Fault> {
        let Ok(token) = token.parse::<PageToken>() else {
            return Ok(None);
        };
        // From its row: another process may have closed it.
        let Some(handle) = self.ports.store.reload(&token.session).await? else {
            return Ok(None);
        };
        let session = handle.session();
        let mac = token.mac(self.ports.keys.as_ref());
        if works(&session, self.ports.clock.now()).is_none_or(|state| state.page != mac) {
            return Ok(None);
        }
        if session.closed().is_none() {
            // A process that died over opening the next one may have left this one open.
            let newest = self.ports.store.recovering(session.actor.discord_id).await?;
            if newest.first() != Some(&session.id) {
                return Ok(None);
            }
        }
        Ok(Some(handle))
    }

    /// Moves the session, asks Cognito and draws the panel. What the page has to say about it, if
    /// anything.
    pub(crate) async fn moves(
        &self,
        handle: &Arc<SessionHandle>,
        event: Event,
        typed: Option<(&Code, &SecretString)>,
    ) -> Result<Option<FieldMessage>, Fault> {
        if handle.session().closed().is_none()
            && let Some(not_eligible) = self.why_not_eligible(&handle.session()).await?
        {
            self.lose(handle, not_eligible).await?;
            return Ok(None);
        }
        let turn = handle.lock.lock().await;
        // No interaction of Discord's, but claimed like one, so that other processes know that
        // somebody is at work on it.
        let request = self.ports.keys.number();
        let Some(step) = self.decides(handle, &event, request).await? else {
            return Ok(None);
        };
        let locale = step.session.locale;
        if let Some(refusal) = &step.refusal {
            drop(turn);
            self.quiet_in_time(handle).await;
            return Ok(Some(refusal.said(locale, step.now)));
        }
        let asking = self.reset(handle, step, typed, Claim::Done(request));
        let news = match self.with_lease(Some(request), asking).await {
            Ok(done) => news(&done.session),
            // Cognito was asked, and what it said could not be saved.
            Err(fault) => {
                let reference = Some(self.log(&fault));
                Some(if typed.is_some() {
                    LastOutcome::MaybeChanged(reference)
                } else {
                    LastOutcome::MaybeSent(reference)
                })
            }
        };
        drop(turn);
        // In this order, so that page and panel tell what has become of the sign-out. What takes
        // longer is asked for again by a sweep.
        self.quiet_in_time(handle).await;
        self.in_time(self.draw_quietly(
            handle,
            &Step::begin(&handle.session(), self.ports.clock.now()),
            None,
        ))
        .await;
        Ok(news.and_then(|news| news.said(locale)))
    }

    pub(crate) async fn quiet_in_time(&self, handle: &Arc<SessionHandle>) {
        let work = async {
            if let Err(fault) = self.perform_background(handle).await {
                self.log(&fault);
            }
        };
        self.in_time(work).await;
    }

    /// Decides and saves. `None`: it is over, there is nothing to decide.
    pub(crate) async fn decides(
        &self,
        handle: &Arc<SessionHandle>,
        event: &Event,
        request: u64,
    ) -> Result<Option<Step>, Fault> {
        for _ in 0..ATTEMPTS {
            let (before, now) = (handle.session(), self.ports.clock.now());
            if before.closed().is_some() || works(&before, now).is_none() {
                return Ok(None);
            }
            if before.is_busy() {
                // Left by a process that died over it, or could not save its outcome.
                if self.acquire_or_wait(handle).await? {
                    self.perform_blocking(None, handle, Step::begin(&before, now), 0, None).await?;
                }
                continue;
            }
            let mut step = flows::step(&before, event.clone(), &Facts { now, record: None });
            if let Some(refusal) = &step.refusal {
                step.record(kind::REFUSED, json!({ "why": refusal.name() }));
            }
            Self::requested_by(&mut step, request);
            let claim = if step.session.is_busy() { Claim::Begin(request) } else { Claim::None };
            let committed = match self.ports.store.commit(step.commit(claim)).await? {
                Committed::Limited(limit, at) => {
                    step = Step::begin(&before, now);
                    step.record(kind::REFUSED, json!({ "why": "limited" }));
                    step.refuse(Refusal::Limited(limit, at));
                    self.ports.store.commit(step.commit(Claim::None)).await?
                }
                committed => committed,
            };
            if let Committed::Saved { version, .. } = committed {
                step.session.version = version;
                return Ok(Some(step));
            }
            self.ports.store.reload(&before.id).await?;
        }
        Err(Fault::new("moving a recovery", "its row changed under every attempt"))
    }

    /// Closes the recovery of somebody who is no agent any more, and whatever else they have open.
    pub(crate) async fn lose(
        &self,
        handle: &Arc<SessionHandle>,
        not_eligible: NotEligible,
    ) -> Result<(), Fault> {
        let turn = handle.lock.lock().await;
        if handle.session().closed().is_none() {
            self.apply(handle, Event::AgentIneligible(not_eligible)).await?;
        }
        drop(turn);
        self.close_all_of(handle.session().actor.discord_id, not_eligible).await
    }

    pub(crate) async fn answer(
        &self,
        handle: &SessionHandle,
        said: Option<FieldMessage>,
    ) -> Result<Answer, Fault> {
        Ok(self.view(&handle.session()).await?.map(|view| (view, said)))
    }

    pub(crate) async fn view(&self, session: &Session) -> Result<Option<View>, Fault> {
        let now = self.ports.clock.now();
        let Some(state) = works(session, now) else {
            return Ok(None);
        };
        let (locale, done) = (session.locale, session.closed().is_some());
        // A used link shows no form, so nothing that could fail is asked for it.
        let policy =
            if done { PasswordPolicy::default() } else { self.ports.recovery.policy().await? };
        Ok(Some(View {
            locale,
            to: state.to.clone(),
            news: state
                .news
                .as_ref()
                .filter(|news| news.lasts())
                .and_then(|news| news.said(locale))
                .map(|said| said.sentence),
            done,
            signed_out: done && session.is_signed_out(),
            resend_at: flows::recover::resend_at(state),
            until: session.clocks.end(),
            policy,
            now,
        }))
    }

    /// Does what may be left to a sweep, for as long as somebody before a browser waits gladly.
    pub(crate) async fn in_time<T>(&self, work: impl Future<Output = T>) {
        tokio::select! {
            biased;
            _ = work => {}
            () = self.ports.clock.sleep(BUDGET) => {}
        }
    }
}

/// The state of a recovery whose hour is not over, and which is open or came to a new password. Any
/// other link is no good.
fn works(session: &Session, now: Timestamp) -> Option<&RecoverState> {
    let Work::Recover(state) = &session.work else {
        return None;
    };
    let good =
        matches!(state.closed, None | Some(CloseReason::Finished)) && now < session.clocks.end();
    good.then_some(state)
}

fn news(session: &Session) -> Option<LastOutcome> {
    match &session.work {
        Work::Recover(RecoverState { news, closed: None, .. }) => news.clone(),
        _ => None,
    }
}
