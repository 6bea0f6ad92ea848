//! `message`: mails the QR code of an access link, and notices.

use secrecy::ExposeSecret;

use crate::access::{ProvenCase, require_proofs};
use crate::contract::{
    Ecosystem, Mailed, MessageRequest, Refusal, RefusalCode, Request, Subject, SubjectKind,
    SuccessorQr, Target,
};
use crate::functions::{Failure, Function, Functions};
use crate::idempotency::{Acquired, Key};
use crate::mail::{Draft, MailContext, notices, templates};
use crate::ports::{Fault, Recipient};
use crate::qr;
use crate::recipients::mask;
use crate::session_state::{Answer, Link, SessionState};

/// Most access links that a visit's mail names. A session can open ten.
const MAX_OPENED: usize = 20;

impl Functions {
    /// Mails a message once for each key.
    pub(crate) async fn send_message(&self, request: &Request) -> Result<Mailed, Failure> {
        let own: MessageRequest = request.own()?;
        validate(&own)?;
        self.validate_names(own.ecosystem(), own.report_url())?;
        let envelope = &request.envelope;
        let key = Key::new(Function::Message, &envelope.session_id, &envelope.request_id);
        let permit = |state: &SessionState, now| match &own {
            MessageRequest::SuccessorQr(own) => find_link(state, request, own, now).map(drop),
            _ => Ok(()),
        };
        let lease = match self.begin(&key, None, permit).await? {
            Acquired::Lease(lease) => lease,
            Acquired::Answered(Answer::Mailed(mailed)) => {
                self.require_open(request, &own).await?;
                return Ok(mailed);
            }
            Acquired::Answered(_) => {
                return Err(Refusal::bad_request("the key has another answer").into());
            }
        };
        match self.mail_message(request, &own, &key).await {
            Ok(mailed) => Ok(mailed),
            Err(failure) => {
                self.abandon(&key, &lease, &failure).await?;
                Err(failure)
            }
        }
    }

    async fn mail_message(
        &self,
        request: &Request,
        own: &MessageRequest,
        key: &Key<'_>,
    ) -> Result<Mailed, Failure> {
        let recipient = self.find_recipient(own.subject()).await?;
        let draft = self.draft(request, own, &recipient).await?;
        let message_id = self.send_mail(&draft.of(request, None)).await?;
        let mailed = Mailed { destination: mask(&recipient.address), message_id };
        self.update(key.session_id, |state, now| {
            if let Some(Answer::Mailed(earlier)) = key.answer(state) {
                return Ok(earlier.clone());
            }
            key.save_answer(state, Answer::Mailed(mailed.clone()), now);
            Ok(mailed.clone())
        })
        .await
    }

    async fn draft(
        &self,
        request: &Request,
        own: &MessageRequest,
        recipient: &Recipient,
    ) -> Result<Draft, Failure> {
        let mut context = MailContext {
            company: &self.settings.company,
            recipient,
            locale: recipient.language(request.envelope.locale),
            actor: &request.envelope.actor,
            ecosystem: None,
            report_url: own.report_url(),
        };
        Ok(match own {
            MessageRequest::SuccessorQr(qr) => {
                let session_id = &request.envelope.session_id;
                let (state, _) = self.ports.sessions.load(session_id).await?;
                let link = find_link(&state, request, qr, self.ports.clock.now())?;
                let url = self.link_url(session_id, link).await?;
                context.ecosystem = Some(&qr.ecosystem.name);
                let png = qr::png(url.expose_secret())
                    .ok_or(Fault("the link is too long for a QR code"))?;
                templates::successor_qr(&context, &url, png)
            }
            MessageRequest::SupportVisit(visit) => {
                context.ecosystem = Some(&visit.ecosystem.name);
                notices::support_visit(&context, &visit.opened)
            }
            MessageRequest::AccountLinked { .. } => notices::account_linked(&context),
            MessageRequest::AccountUnlinked { .. } => notices::account_unlinked(&context),
            MessageRequest::PasswordChanged { .. } => notices::password_changed(&context),
        })
    }

    /// Refuses to repeat the answer about a QR code after its session has ended.
    async fn require_open(&self, request: &Request, own: &MessageRequest) -> Result<(), Failure> {
        if !matches!(own, MessageRequest::SuccessorQr(_)) {
            return Ok(());
        }
        let (state, _) = self.ports.sessions.load(&request.envelope.session_id).await?;
        if state.ended {
            return Err(RefusalCode::ProofInvalid.into());
        }
        Ok(())
    }
}

impl MessageRequest {
    fn subject(&self) -> &Subject {
        match self {
            Self::SupportVisit(visit) => &visit.subject,
            Self::SuccessorQr(SuccessorQr { subject, .. })
            | Self::AccountLinked { subject, .. }
            | Self::AccountUnlinked { subject }
            | Self::PasswordChanged { subject, .. } => subject,
        }
    }

    fn ecosystem(&self) -> Option<&Ecosystem> {
        match self {
            Self::SuccessorQr(qr) => Some(&qr.ecosystem),
            Self::SupportVisit(visit) => Some(&visit.ecosystem),
            _ => None,
        }
    }

    fn report_url(&self) -> Option<&str> {
        match self {
            Self::SupportVisit(visit) => visit.report_url.as_deref(),
            Self::AccountLinked { report_url, .. } | Self::PasswordChanged { report_url, .. } => {
                report_url.as_deref()
            }
            Self::SuccessorQr(_) | Self::AccountUnlinked { .. } => None,
        }
    }
}

fn validate(own: &MessageRequest) -> Result<(), Refusal> {
    let kind = match own {
        MessageRequest::SuccessorQr(_) | MessageRequest::SupportVisit(_) => SubjectKind::Customer,
        _ => SubjectKind::Agent,
    };
    if own.subject().kind != kind {
        return Err(Refusal::bad_request("subject is another kind of person"));
    }
    if matches!(own, MessageRequest::SupportVisit(visit) if visit.opened.len() > MAX_OPENED) {
        return Err(Refusal::bad_request("opened has more links than a session can open"));
    }
    Ok(())
}

/// Finds the open link of the successor, and requires both proofs.
fn find_link<'s>(
    state: &'s SessionState,
    request: &Request,
    own: &SuccessorQr,
    now: i64,
) -> Result<&'s Link, Refusal> {
    if state.ended {
        return Err(Refusal::new(RefusalCode::ProofInvalid));
    }
    let is_asked = |link: &&Link| {
        link.id == own.link_id
            && link.customer_id == own.subject.id
            && link.ecosystem_id == own.ecosystem.id
            && link.target == Target::Successor
            && link.redeemed_by.is_none()
            && now < link.expires_at
    };
    let link =
        state.links.iter().find(is_asked).ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
    let case = ProvenCase {
        proofs: &own.proofs,
        agent_id: &request.envelope.actor.agent_id,
        customer_id: &own.subject.id,
        ecosystem_id: &link.ecosystem_id,
    };
    require_proofs(state, &case, now)?;
    Ok(link)
}
