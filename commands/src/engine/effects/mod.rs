//! Performs the effects of a saved step, each under its idempotency key, and saves their outcomes.

pub(crate) mod access;
pub(crate) mod link;
pub(crate) mod outcome;
pub(crate) mod recover;
pub(crate) mod report;

use std::sync::Arc;

use tracing::Instrument as _;

use crate::engine::desk::Desk;
use crate::engine::effects::outcome::{EffectSaved, Outcome, request_origin};
use crate::engine::interaction::ClickContext;
use crate::flows::step::Step;
use crate::model::code::Code;
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::SupportState;
use crate::model::limit::Attempts;
use crate::model::outcome::{CodeCheck, EffectError};
use crate::model::report::ReportedMail;
use crate::model::session::{Session, Work};
use crate::model::span;
use crate::model::words::{Locale, NotEligible, Purpose};
use crate::ports::claims::Claim;
use crate::ports::codes::{CodeRequest, Subject};
use crate::ports::function::Origin;
use crate::ports::sessions::SessionHandle;

/// Input of a blocking effect that is not stored. Empty when no click waits for the effect.
#[derive(Clone, Copy, Default)]
pub(crate) struct EffectInput<'a> {
    pub(crate) click: Option<&'a ClickContext<'a>>,
    /// The typed code. After a crash it must be typed again.
    pub(crate) code: Option<&'a Code>,
    /// Codes that the subject has tried, this one included.
    pub(crate) attempts: Attempts,
}

impl Desk {
    /// Performs the effects that the panel waits for. Returns the last step; its session is saved.
    ///
    /// The caller holds the session lock.
    pub(crate) async fn perform_blocking(
        &self,
        handle: &Arc<SessionHandle>,
        mut last: Step,
        input: EffectInput<'_>,
    ) -> Result<Step, Fault> {
        while let Some(pending) = last.session.blocking_effect().cloned() {
            let claim = match input.click {
                Some(click) => Claim::Done(click.interaction().id()),
                // The click can still arrive here: delivered again, or late.
                None => pending.requested_by.map_or(Claim::None, Claim::Unanswered),
            };
            let interaction =
                input.click.map(|click| click.interaction().id()).or(pending.requested_by);
            let work = async {
                let outcome = self.perform(&last.session, &pending.effect, input).await;
                self.save_outcome(handle, &pending, outcome, claim).await
            };
            let work = work.instrument(span::effect(&last.session, &pending));
            let mut next = match self.with_lease(interaction, work).await? {
                EffectSaved::Step(next) => *next,
                EffectSaved::Superseded(newest) => return Ok(Step::begin(&newest, last.now)),
            };
            self.deliveries.watch(&next, &pending.effect);
            next.refusal = next.refusal.or(last.refusal);
            last = next;
        }
        Ok(last)
    }

    /// Finishes the blocking effect that another process left pending. Returns the last step.
    ///
    /// The caller holds the session lock.
    pub(crate) async fn finish_blocking(&self, handle: &Arc<SessionHandle>) -> Result<Step, Fault> {
        let step = Step::begin(&handle.session(), self.ports.clock.now());
        self.perform_blocking(handle, step, EffectInput::default()).await
    }

    /// Performs the background effects. They run without the session lock, so that no click waits
    /// for them; the caller must have released it. An effect that another task performs, or that
    /// is put off, is left out.
    pub(crate) async fn perform_background(
        &self,
        handle: &Arc<SessionHandle>,
    ) -> Result<(), Fault> {
        let session = handle.session();
        for pending in session.pending.iter().filter(|pending| !pending.effect.blocks_panel()) {
            let Some(_in_flight) = handle.start(&pending.effect) else { continue };
            // Another task can have finished the effect since.
            let newest = handle.session();
            let mut still = newest.pending.iter().filter(|still| still.effect == pending.effect);
            if still.all(|still| still.is_put_off(self.ports.clock.now())) {
                continue;
            }
            let work = async {
                let outcome = self.perform(&newest, &pending.effect, EffectInput::default()).await;
                let _session_lock = handle.lock.lock().await;
                self.save_outcome(handle, pending, outcome, Claim::None).await
            };
            work.instrument(span::effect(&newest, pending)).await?;
        }
        self.post_raised().await;
        Ok(())
    }

    /// Performs the background effects after a click that has its answer. A fault is only logged,
    /// because a sweep retries the effect.
    pub(crate) async fn perform_background_logged(&self, handle: &Arc<SessionHandle>) {
        if let Err(fault) = self.perform_background(handle).await {
            self.log(&fault);
        }
    }

    async fn perform(&self, session: &Session, effect: &Effect, input: EffectInput<'_>) -> Outcome {
        let origin = |locale: Locale| request_origin(session, effect, locale);
        let event = match effect {
            Effect::Send { purpose: Purpose::AgentLink, nth } => Event::LinkCodeSent {
                nth: *nth,
                outcome: self.send_link_code(session, origin(session.locale)).await,
            },
            Effect::Send { purpose, nth } => {
                let (code, locale) = code_request(session, *purpose);
                let report_url = self.report_url(session, ReportedMail::of_code(*purpose));
                let code = CodeRequest { report_url, ..code };
                let answer = self.ports.codes.send(origin(locale), code).await;
                Event::Sent { purpose: *purpose, nth: *nth, outcome: self.read_answer(answer) }
            }
            Effect::Verify { purpose, nth, challenge, .. } => {
                let mut outcome = match input.code {
                    Some(code) => {
                        let (origin, challenge) = (origin(session.locale), challenge.as_deref());
                        self.check_code(origin, *purpose, challenge, code).await
                    }
                    None => Err(EffectError::Interrupted),
                };
                if matches!(outcome, Ok(CodeCheck::Verified(_))) {
                    match self.problem_of_found_account(session).await {
                        Ok(None) => {}
                        Ok(Some(problem)) => {
                            return Event::AgentIneligible(NotEligible::Account(problem)).into();
                        }
                        Err(error) => outcome = Err(error),
                    }
                }
                let attempts = input.attempts;
                Event::Checked { purpose: *purpose, nth: *nth, outcome, attempts }
            }
            Effect::Issue { target, nth } => {
                let outcome = self.open_link(session, *target, *nth).await;
                Event::Issued { target: *target, nth: *nth, outcome }
            }
            Effect::MailLink { nth } => {
                Event::Mailed { nth: *nth, outcome: self.mail_link(session, *nth).await }
            }
            Effect::Revoke { nth } => {
                let answer = self.ports.access.revoke(origin(session.locale)).await;
                Event::Revoked { nth: *nth, outcome: self.read_answer(answer) }
            }
            Effect::NotifyLinked { .. }
            | Effect::NotifyUnlinked { .. }
            | Effect::NotifyChanged { .. }
            | Effect::NotifyVisit => {
                Event::NoticeSent(effect.clone(), self.send_notice(session, effect).await)
            }
            // These two are pending only after a crash. The typed password is gone, and Cognito
            // mails one code per request.
            Effect::RequestReset { nth } => {
                Event::ResetRequested { nth: *nth, outcome: Err(EffectError::Interrupted) }
            }
            Effect::Confirm { nth } => {
                let outcome = Err(EffectError::Interrupted);
                Event::Confirmed { nth: *nth, outcome, wrong_in_a_day: 0 }
            }
            Effect::SignOut { agent_id, .. } => {
                let signed_out = self.ports.recovery.sign_out(agent_id).await;
                let outcome = signed_out.map_err(|fault| EffectError::Fault(self.log(&fault)));
                Event::NoticeSent(effect.clone(), outcome)
            }
            Effect::CountReporters { mail } => {
                Event::ReportersCounted(*mail, self.count_reporters(session).await)
            }
            // Rows of an older version. The outcome raises the alert.
            Effect::AlertLocked { .. }
            | Effect::AlertWrongResetCodes { .. }
            | Effect::AlertResetLocked => Event::NoticeSent(effect.clone(), Ok(())),
        };
        event.into()
    }

    /// Checks a typed code.
    ///
    /// A link request for an address without an account has no challenge. The function checks a
    /// made-up one instead, so that both cases take the same time.
    async fn check_code(
        &self,
        origin: Origin,
        purpose: Purpose,
        challenge: Option<&str>,
        code: &Code,
    ) -> Result<CodeCheck, EffectError> {
        let made_up = || self.ports.keys.mac(&format!("no challenge:{}", origin.session));
        let challenge = challenge.map_or_else(made_up, str::to_owned);
        self.read_answer(self.ports.codes.verify(origin, purpose, &challenge, code).await)
    }
}

/// Returns the code that a support session requests, and the mail's language.
fn code_request(session: &Session, purpose: Purpose) -> (CodeRequest, Locale) {
    let case = match &session.work {
        Work::Support(
            _,
            SupportState::ProvingAgent { case }
            | SupportState::Announcing { case }
            | SupportState::ProvingCustomer { case },
        ) => Some(case),
        _ => None,
    };
    let ecosystem = case.map(|case| (case.ecosystem.clone(), case.ecosystem_name.clone()));
    let (subject, locale) = match (purpose, case) {
        (Purpose::CustomerConsent, Some(case)) => {
            (Subject::Customer(case.customer.id.clone()), case.customer.locale)
        }
        _ => (Subject::Agent(session.actor.agent_id.clone()), session.locale),
    };
    let scope = Some(session.scope);
    (CodeRequest { purpose, subject, ecosystem, scope, report_url: None }, locale)
}
