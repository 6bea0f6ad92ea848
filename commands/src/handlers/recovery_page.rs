//! Serves the recovery page.
//!
//! Discord cannot mask a password in a form, and its developer policy forbids asking for one. The
//! agent types the password on a one-time page, behind a link that only the agent gets. The page
//! knows tokens and fields; the desk knows sessions, limits and Cognito.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::engine::cause::Cause;
use crate::engine::desk::Desk;
use crate::engine::transition::{Decision, Saved, Transition};
use crate::flows;
use crate::flows::recover::messages::FieldMessage;
use crate::flows::recover::password::{refuse_guessable, validate};
use crate::flows::recover::token::PageToken;
use crate::flows::step::{Facts, Step};
use crate::model::code::Code;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::{LastOutcome, RecoverState};
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::words::{CloseReason, Locale};
use crate::ports::claims::Claim;
use crate::ports::recovery::PasswordPolicy;
use crate::ports::sessions::SessionHandle;

/// Time that the answer to the browser waits for notices and for the panel in Discord. Ours: a
/// person waits longer for a new page than for a button.
pub(super) const PAGE_WORK_TIMEOUT: Duration = Duration::from_millis(1500);

/// The desk as the recovery page sees it.
///
/// A token is `{session id}.{43 characters of base64url}`, 256 bits (ASVS 7.2.3 requires 128). All
/// methods return `None` for a token that is unknown, malformed or older than an hour, so that
/// such links look alike.
#[async_trait]
pub trait RecoveryDesk: Send + Sync + 'static {
    async fn look(&self, token: &str) -> Result<Option<View>, Fault>;
    /// Mails a new code. The message explains why no code was mailed, or that the result is
    /// unknown. After a fault Cognito was not called.
    async fn resend(&self, token: &str) -> Result<Option<(View, Option<FieldMessage>)>, Fault>;
    /// Sets the new password. The message explains why it was not set, or that the result is
    /// unknown. After a fault Cognito was not called.
    async fn confirm(
        &self,
        token: &str,
        code: &str,
        password: SecretString,
        again: SecretString,
    ) -> Result<Option<(View, Option<FieldMessage>)>, Fault>;
}

/// Content of the recovery page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The agent's language.
    pub locale: Locale,
    /// Address that the account signs in with, for password managers. `None` once the password was
    /// changed.
    pub username: Option<String>,
    /// Masked address of the newest code. `None` if no code is known to have been mailed.
    pub to: Option<String>,
    /// Sentence about the last request: no code was mailed, or its result is unknown.
    pub last_outcome: Option<String>,
    /// The password was changed through this link.
    pub done: bool,
    /// The password was changed and the account is signed out everywhere.
    pub signed_out: bool,
    /// When a new code can be requested. A past time means now; `None` means never again.
    pub resend_at: Option<Timestamp>,
    /// End of the link.
    pub until: Timestamp,
    /// Requirements of the new password.
    pub policy: PasswordPolicy,
    /// Time of this view.
    pub now: Timestamp,
}

type Answer = Option<(View, Option<FieldMessage>)>;

#[async_trait]
impl RecoveryDesk for Desk {
    async fn look(&self, token: &str) -> Result<Option<View>, Fault> {
        match self.find_recovery(token).await? {
            Some(handle) => self.view(&handle.session()).await,
            None => Ok(None),
        }
    }

    async fn resend(&self, token: &str) -> Result<Answer, Fault> {
        let _work = self.tasks.token();
        let Some(handle) = self.find_recovery(token).await? else {
            return Ok(None);
        };
        // The page shows the policy afterwards. If it cannot be read, no code is requested.
        if handle.session().closed().is_none() {
            self.ports.recovery.policy().await?;
        }
        let message = self.request(&handle, Event::Resend, None).await?;
        self.answer(&handle, message).await
    }

    async fn confirm(
        &self,
        token: &str,
        code: &str,
        password: SecretString,
        again: SecretString,
    ) -> Result<Answer, Fault> {
        let _work = self.tasks.token();
        let Some(handle) = self.find_recovery(token).await? else {
            return Ok(None);
        };
        let session = handle.session();
        if session.closed().is_some() {
            return self.answer(&handle, None).await;
        }
        let policy = self.ports.recovery.policy().await?;
        let (typed, again) = (password.expose_secret(), again.expose_secret());
        let message = match validate(session.locale, &policy, code, typed, again) {
            Ok(code) => match self.judge_password(&session, typed).await? {
                Ok(()) => self.request(&handle, Event::Confirm, Some((&code, &password))).await?,
                Err(message) => Some(message),
            },
            Err(message) => Some(message),
        };
        self.answer(&handle, message).await
    }
}

impl Desk {
    /// Returns the session of a link that is valid, or that was used within its hour.
    async fn find_recovery(&self, token: &str) -> Result<Option<Arc<SessionHandle>>, Fault> {
        let Some(token) = PageToken::parse(token) else {
            return Ok(None);
        };
        // The row is read, because another process can have closed the session.
        let Some(handle) = self.ports.sessions.reload(&token.session).await? else {
            return Ok(None);
        };
        let session = handle.session();
        let is_own =
            |state: &RecoverState| self.ports.keys.is_mac_of(&state.page_mac, &token.mac_input());
        if !recovery_of(&session, self.ports.clock.now()).is_some_and(is_own) {
            return Ok(None);
        }
        if session.closed().is_none() {
            // A process that died while it opened a newer link can have left this one open.
            let newest = self.ports.sessions.recoveries_of(session.actor.discord_id).await?;
            if newest.first() != Some(&session.id) {
                // A simultaneous request can have finished the recovery since the row was read.
                self.ports.sessions.reload(&session.id).await?;
                return Ok(Some(handle).filter(|handle| handle.session().closed().is_some()));
            }
        }
        Ok(Some(handle))
    }

    /// Refuses a password that someone who knows the account guesses early.
    async fn judge_password(
        &self,
        session: &Session,
        password: &str,
    ) -> Result<Result<(), FieldMessage>, Fault> {
        let account = self.agent_account(session.actor.discord_id).await?.account;
        let name = account.as_ref().and_then(|account| account.name.as_deref());
        let email = account.as_ref().map(|account| account.email.as_str());
        let known: Vec<&str> = name.into_iter().chain(email).collect();
        Ok(refuse_guessable(session.locale, password, &known))
    }

    /// Moves the session, calls Cognito and redraws the panel. Returns the message for the page.
    async fn request(
        &self,
        handle: &Arc<SessionHandle>,
        event: Event,
        typed: Option<(&Code, &SecretString)>,
    ) -> Result<Option<FieldMessage>, Fault> {
        if handle.session().closed().is_none()
            && let Some(reason) = self.why_not_eligible_without_click(&handle.session()).await?
        {
            let session = handle.session();
            self.close_open(&session.id, Event::AgentIneligible(reason)).await?;
            self.close_all_of(session.actor.discord_id, reason).await?;
            return Ok(None);
        }
        let session_lock = handle.lock.lock().await;
        // A page request has no Discord id. A random number is claimed instead, so that other
        // replicas see the work.
        let number = self.ports.keys.number();
        let step = match self.move_recovery(handle, &event, number).await? {
            Transition::Saved(Saved { step, .. }) | Transition::Refused { step, .. } => *step,
            // The page checks its agent itself.
            Transition::Unchecked(fault) => return Err(fault),
            Transition::Unchanged(_) | Transition::ClaimedElsewhere | Transition::Gone => {
                return Ok(None);
            }
        };
        let locale = step.session.locale;
        if let Some(refusal) = &step.refusal {
            drop(session_lock);
            self.do_within_timeout(self.perform_background_logged(handle)).await;
            return Ok(Some(refusal.page_message(locale, step.now)));
        }
        let work = self.call_cognito(handle, step, typed, Claim::Done(number));
        let outcome = match self.with_lease(Some(number), work).await {
            Ok(done) => last_outcome(&done.session),
            // Cognito was called, but its answer could not be saved.
            Err(fault) => {
                let reference = Some(self.log(&fault));
                Some(if typed.is_some() {
                    LastOutcome::MaybeChanged(reference)
                } else {
                    LastOutcome::MaybeSent(reference)
                })
            }
        };
        drop(session_lock);
        // The sign-out comes first, so that page and panel can show its result. A sweep retries
        // what takes longer.
        self.do_within_timeout(self.perform_background_logged(handle)).await;
        let step = Step::begin(&handle.session(), self.ports.clock.now());
        self.do_within_timeout(self.edit_panel(handle, &step)).await;
        Ok(outcome.and_then(|outcome| outcome.page_message(locale)))
    }

    async fn move_recovery(
        &self,
        handle: &Arc<SessionHandle>,
        event: &Event,
        number: u64,
    ) -> Result<Transition, Fault> {
        let cause = Cause::Page(number);
        // A transition can decide several times. The refusal counts once.
        let mut is_event = None;
        self.transition(handle, cause, |before| {
            let now = self.ports.clock.now();
            let decision = if before.closed().is_some() || recovery_of(&before, now).is_none() {
                Decision::Unchanged
            } else {
                let facts = Facts::at(now);
                let mut step = flows::step(&before, event.clone(), &facts);
                if let Some(why) = step.refusal.as_ref().map(Refusal::name) {
                    let user = before.actor.discord_id;
                    let refusals = &self.access_refusals;
                    if *is_event.get_or_insert_with(|| refusals.count(user, why, number, now)) {
                        step.record(kind::REFUSED, json!({ "why": why }));
                    }
                }
                step.set_requested_by(number);
                Decision::Save(Box::new(step))
            };
            async move { Ok(decision) }.boxed()
        })
        .await
    }

    async fn answer(
        &self,
        handle: &SessionHandle,
        message: Option<FieldMessage>,
    ) -> Result<Answer, Fault> {
        Ok(self.view(&handle.session()).await?.map(|view| (view, message)))
    }

    async fn view(&self, session: &Session) -> Result<Option<View>, Fault> {
        let now = self.ports.clock.now();
        let Some(state) = recovery_of(session, now) else {
            return Ok(None);
        };
        let (locale, done) = (session.locale, session.closed().is_some());
        // A used link shows no form, so the policy is not read for it.
        let policy =
            if done { PasswordPolicy::default() } else { self.ports.recovery.policy().await? };
        let address = session.secrets.draft.as_ref().map(|draft| draft.expose_secret().to_owned());
        let lasting = state.last_outcome.as_ref().filter(|outcome| outcome.survives_reload());
        Ok(Some(View {
            locale,
            username: address.filter(|_| !done),
            to: state.to.clone(),
            last_outcome: lasting
                .and_then(|outcome| outcome.page_message(locale))
                .map(|message| message.sentence),
            done,
            signed_out: done && session.is_signed_out(),
            resend_at: flows::recover::resend_at(state),
            until: session.clocks.end(),
            policy,
            now,
        }))
    }

    /// Drops the work after [`PAGE_WORK_TIMEOUT`]. A sweep retries a pending effect, but no panel
    /// edit.
    async fn do_within_timeout<T>(&self, work: impl Future<Output = T>) {
        tokio::select! {
            biased;
            _ = work => {}
            () = self.ports.clock.sleep(PAGE_WORK_TIMEOUT) => {}
        }
    }
}

/// Returns the state of a recovery whose link is valid or was used within its hour.
fn recovery_of(session: &Session, now: Timestamp) -> Option<&RecoverState> {
    let Work::Recover(state) = &session.work else {
        return None;
    };
    let is_usable = matches!(state.closed, None | Some(CloseReason::Finished));
    (is_usable && now < session.clocks.end()).then_some(state)
}

fn last_outcome(session: &Session) -> Option<LastOutcome> {
    match &session.work {
        Work::Recover(RecoverState { last_outcome, closed: None, .. }) => last_outcome.clone(),
        _ => None,
    }
}
