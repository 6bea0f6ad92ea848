//! `otp-send`: mails a code, and reports the delivery state of a mail.

use crate::contract::{
    Delivery, DeliveryStatus, Ecosystem, Purpose, Refusal, RefusalCode, Request, SendRequest, Sent,
    StatusRequest, SubjectKind, date_time, is_channel, is_name, is_page_of,
};
use crate::functions::{Failure, Function, Functions};
use crate::idempotency::{Acquired, Key, Lease};
use crate::mail::{MailContext, templates};
use crate::recipients::mask;
use crate::secrets;
use crate::session_state::{
    Answer, CODE_LIFE, CallRecord, Challenge, DeliveryRecord, SessionState,
};

/// Time between two codes of one session and purpose, in milliseconds.
pub const RESEND_AFTER: i64 = 60 * 1_000;

impl Functions {
    /// Mails a code. A call that is repeated under its key mails the same code.
    pub(crate) async fn send_code(&self, request: &Request) -> Result<Sent, Failure> {
        let started = self.ports.clock.now();
        let own: SendRequest = request.own()?;
        self.validate_send(request, &own)?;
        let result = self.send_valid(request, &own).await;
        if own.purpose == Purpose::AgentLink {
            self.wait_for_step(started).await;
        }
        result
    }

    async fn send_valid(&self, request: &Request, own: &SendRequest) -> Result<Sent, Failure> {
        let envelope = &request.envelope;
        let key = Key::new(Function::OtpSend, &envelope.session_id, &envelope.request_id);
        let permit = |state: &SessionState, now| permit_send(state, &key, own.purpose, now);
        let lease = match self.begin(&key, Some(own.purpose), permit).await? {
            Acquired::Lease(lease) => lease,
            Acquired::Answered(Answer::Sent(sent)) => return Ok(sent),
            Acquired::Answered(_) => {
                return Err(Refusal::bad_request("the key has another answer").into());
            }
        };
        match self.mail_code(request, own, &key, &lease).await {
            Ok(sent) => Ok(sent),
            Err(failure) => {
                self.abandon(&key, &lease, &failure).await?;
                Err(failure)
            }
        }
    }

    async fn mail_code(
        &self,
        request: &Request,
        own: &SendRequest,
        key: &Key<'_>,
        lease: &Lease,
    ) -> Result<Sent, Failure> {
        let session_id = key.session_id;
        let recipient = self.find_recipient(&own.subject).await?;
        let code =
            secrets::code(&*self.ports.mac, session_id, own.purpose, &own.subject.id, &lease.nonce)
                .await?;
        let challenge_id = secrets::challenge_id(session_id, &lease.nonce);
        let mac =
            secrets::code_mac(&*self.ports.mac, session_id, &challenge_id, own.purpose, &code)
                .await?;
        let context = MailContext {
            company: &self.settings.company,
            recipient: &recipient,
            locale: recipient.language(request.envelope.locale),
            actor: &request.envelope.actor,
            ecosystem: own.ecosystem.as_ref().map(|ecosystem| ecosystem.name.as_str()),
            report_url: own.report_url.as_deref(),
        };
        let (channel, scope) = (own.channel_url.as_deref(), own.scope.unwrap_or_default());
        let mail = match own.purpose {
            Purpose::AgentMfa => templates::agent_code(&context, &code, channel),
            Purpose::AgentLink => templates::link_code(&context, &code, channel),
            Purpose::CustomerConsent => templates::customer_code(&context, &code, scope),
        };
        self.send_mail(&mail.of(request, Some(&challenge_id))).await?;
        let destination = mask(&recipient.address);
        let expires_at = lease.since + CODE_LIFE;
        self.update(session_id, |state, now| {
            // Another call can have taken the lease over. Both mailed the same code.
            if let Some(Answer::Sent(sent)) = key.answer(state) {
                return Ok(sent.clone());
            }
            let sent = Sent {
                challenge_id: challenge_id.clone(),
                destination: destination.clone(),
                expires_at: date_time(expires_at),
                resend_after_s: RESEND_AFTER.unsigned_abs() / 1_000,
            };
            state.challenges.push(Challenge {
                id: challenge_id.clone(),
                purpose: own.purpose,
                subject: own.subject.clone(),
                ecosystem_id: own.ecosystem.as_ref().map(|ecosystem| ecosystem.id.clone()),
                scope,
                mac: mac.clone(),
                sent_at: now,
                expires_at,
                wrong_codes: 0,
                used: false,
                delivery: DeliveryRecord { state: Delivery::Accepted, at: now, reason: None },
            });
            key.save_answer(state, Answer::Sent(sent.clone()), now);
            Ok(sent)
        })
        .await
    }

    /// Returns the delivery state of a mail.
    pub(crate) async fn delivery_status(
        &self,
        request: &Request,
    ) -> Result<DeliveryStatus, Failure> {
        let own: StatusRequest = request.own()?;
        let (state, _) = self.ports.sessions.load(&request.envelope.session_id).await?;
        let challenge = state
            .challenges
            .iter()
            .find(|challenge| challenge.id == own.challenge_id)
            .ok_or(RefusalCode::NotFound)?;
        let DeliveryRecord { state, at, reason } = challenge.delivery;
        Ok(DeliveryStatus { state, at: date_time(at), reason })
    }

    fn validate_send(&self, request: &Request, own: &SendRequest) -> Result<(), Refusal> {
        let fits = match own.purpose {
            Purpose::AgentMfa => is_own(request, own) && own.ecosystem.is_some(),
            Purpose::AgentLink => is_own(request, own) && own.ecosystem.is_none(),
            Purpose::CustomerConsent => {
                own.subject.kind == SubjectKind::Customer && own.ecosystem.is_some()
            }
        };
        if !fits {
            return Err(Refusal::bad_request(
                "purpose, subject, actor and ecosystem do not fit together",
            ));
        }
        if own.purpose == Purpose::AgentLink && own.scope.is_some() {
            return Err(Refusal::bad_request("a link code has no scope"));
        }
        let channel = own.channel_url.as_ref();
        if channel.is_some_and(|url| !own.purpose.is_for_agent() || !is_channel(url)) {
            return Err(Refusal::bad_request("channel_url is not a Discord channel"));
        }
        self.validate_names(own.ecosystem.as_ref(), own.report_url.as_deref())
    }

    /// Refuses a name or a report page that a mail must not show.
    pub(crate) fn validate_names(
        &self,
        ecosystem: Option<&Ecosystem>,
        report_url: Option<&str>,
    ) -> Result<(), Refusal> {
        if ecosystem.is_some_and(|ecosystem| !is_name(&ecosystem.name)) {
            return Err(Refusal::bad_request("ecosystem.name is not a name"));
        }
        let prefix = self.settings.report_prefix.as_deref();
        let is_ours = |url| prefix.is_some_and(|prefix| is_page_of(url, prefix));
        if report_url.is_some_and(|url| !is_ours(url)) {
            return Err(Refusal::bad_request("report_url is not a page of the bot"));
        }
        Ok(())
    }

    /// Waits until the call has taken a multiple of `link_send_step`.
    async fn wait_for_step(&self, started: i64) {
        let step = self.settings.link_send_step;
        let taken = u64::try_from(self.ports.clock.now() - started).unwrap_or(0);
        if step > 0 {
            self.ports.clock.sleep(taken.next_multiple_of(step).max(step) - taken).await;
        }
    }
}

/// Returns true if the code goes to the agent who acts.
fn is_own(request: &Request, own: &SendRequest) -> bool {
    own.subject.kind == SubjectKind::Agent && own.subject.id == request.envelope.actor.agent_id
}

/// Refuses a code in an ended session, and one that follows too soon on another or on a call that
/// is still at work.
fn permit_send(
    state: &SessionState,
    key: &Key<'_>,
    purpose: Purpose,
    now: i64,
) -> Result<(), Refusal> {
    // Its code could not be used.
    if state.ended {
        return Err(Refusal::new(RefusalCode::ProofInvalid));
    }
    let next = state.current_challenge(purpose).map_or(now, |last| last.sent_at + RESEND_AFTER);
    let free =
        state.calls.iter().filter(|(name, _)| **name != key.name).filter_map(
            |(_, call)| match call {
                CallRecord::Working { until, purpose: Some(occupied), .. }
                    if *occupied == purpose =>
                {
                    Some(*until)
                }
                _ => None,
            },
        );
    let next = free.fold(next, i64::max);
    if now < next {
        return Err(Refusal::wait(RefusalCode::RateLimited, next, now));
    }
    Ok(())
}
