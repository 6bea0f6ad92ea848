//! The mailbox: every mail that the sandbox's services send.
//!
//! The page shows it, and tests read codes from it. A mail never leaves the process. An address can
//! refuse mail, to test delivery failures, and its mails can have another [`MailOutcome`].

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use functions::mail::{self, Mail as FunctionMail};
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::changed::Changed;
use crate::clock::Clock;
use crate::mail_outcome::MailOutcome;

pub use functions::mail::Attachment;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// Cognito's code for a new BackOffice password.
    PasswordReset,
    /// The internal verification of an agent.
    AgentCode,
    /// The code that a customer reads out to the agent.
    CustomerCode,
    /// The code that links a Discord account to a BackOffice account.
    LinkCode,
    /// A successor's access QR.
    SuccessorQr,
    /// The notice after a support session.
    SupportVisit,
    /// The notice after a new password.
    PasswordChanged,
    /// The notice after linking.
    AccountLinked,
    /// The notice after an account link was removed.
    AccountUnlinked,
}

impl From<mail::MailKind> for MailKind {
    fn from(kind: mail::MailKind) -> Self {
        match kind {
            mail::MailKind::AgentCode => Self::AgentCode,
            mail::MailKind::CustomerCode => Self::CustomerCode,
            mail::MailKind::LinkCode => Self::LinkCode,
            mail::MailKind::SuccessorQr => Self::SuccessorQr,
            mail::MailKind::SupportVisit => Self::SupportVisit,
            mail::MailKind::AccountLinked => Self::AccountLinked,
            mail::MailKind::AccountUnlinked => Self::AccountUnlinked,
            mail::MailKind::PasswordChanged => Self::PasswordChanged,
        }
    }
}

/// Ids by which events about a mail find its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailTags {
    pub session_id: String,
    pub challenge_id: String,
}

/// A mail before it is delivered.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    pub to: String,
    pub kind: MailKind,
    pub subject: String,
    pub text: String,
    /// The HTML part, a complete document.
    pub html: String,
    pub attachments: Vec<Attachment>,
    /// The idempotency key of the call that sent it. `None` for Cognito's mails.
    pub request_id: Option<String>,
    /// The code in it.
    pub code: Option<String>,
    /// `None` for a mail without a code of the functions.
    pub tags: Option<MailTags>,
}

impl From<&FunctionMail> for OutgoingMail {
    fn from(mail: &FunctionMail) -> Self {
        Self {
            to: mail.to.clone(),
            kind: mail.kind.into(),
            subject: mail.subject.clone(),
            text: mail.text.clone(),
            html: mail.html.clone(),
            attachments: mail.attachments.clone(),
            request_id: Some(mail.request_id.clone()),
            code: mail.code.as_ref().map(|code| code.expose_secret().to_owned()),
            tags: mail.challenge_id.as_ref().map(|challenge_id| MailTags {
                session_id: mail.session_id.clone(),
                challenge_id: challenge_id.clone(),
            }),
        }
    }
}

/// A mail that the mail service accepted.
#[derive(Clone, Debug, Serialize)]
pub struct Mail {
    /// Numbers from 1, in order of delivery.
    pub id: u64,
    pub to: String,
    pub kind: MailKind,
    pub subject: String,
    pub text: String,
    /// The HTML part, a complete document.
    pub html: String,
    pub attachments: Vec<Attachment>,
    /// When it was delivered, in milliseconds since the epoch.
    pub at: i64,
    /// The idempotency key of the call that sent it. `None` for Cognito's mails.
    pub request_id: Option<String>,
    /// The code in it.
    pub code: Option<String>,
    #[serde(skip)]
    pub tags: Option<MailTags>,
    /// What the mail service has reported about it.
    #[serde(skip)]
    pub outcome: Option<MailOutcome>,
}

/// The address bounced.
#[derive(Debug, thiserror::Error)]
#[error("the address bounces")]
pub struct Undeliverable;

/// All mails of a sandbox.
pub struct Mailbox {
    clock: Arc<dyn Clock>,
    changed: Changed,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    mails: Vec<Mail>,
    bouncing: HashSet<String>,
    /// What is reported about the next mails, by address in lower case.
    outcomes: HashMap<String, Option<MailOutcome>>,
}

impl Mailbox {
    /// Returns an empty mailbox. Every mail raises `changed`.
    pub fn new(clock: Arc<dyn Clock>, changed: Changed) -> Self {
        Self { clock, changed, state: Mutex::default() }
    }

    /// Delivers a mail. Fails if the address bounces.
    pub fn deliver(&self, outgoing: OutgoingMail) -> Result<(), Undeliverable> {
        let mut state = self.state();
        if state.bouncing.contains(&outgoing.to.to_lowercase()) {
            return Err(Undeliverable);
        }
        let mail = Mail {
            id: state.mails.last().map_or(1, |last| last.id + 1),
            code: outgoing.code,
            to: outgoing.to,
            kind: outgoing.kind,
            subject: outgoing.subject,
            text: outgoing.text,
            html: outgoing.html,
            attachments: outgoing.attachments,
            at: self.clock.now(),
            request_id: outgoing.request_id,
            tags: outgoing.tags,
            outcome: None,
        };
        state.mails.push(mail);
        drop(state);
        self.changed.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Returns every mail, oldest first.
    pub fn all(&self) -> Vec<Mail> {
        self.state().mails.clone()
    }

    pub fn find(&self, id: u64) -> Option<Mail> {
        self.state().mails.iter().find(|mail| mail.id == id).cloned()
    }

    /// Returns the mails to one address, in any case, oldest first.
    pub fn for_address(&self, address: &str) -> Vec<Mail> {
        self.state()
            .mails
            .iter()
            .filter(|mail| mail.to.eq_ignore_ascii_case(address))
            .cloned()
            .collect()
    }

    /// Returns the mails of the calls with this idempotency key: at most one if calls are
    /// idempotent.
    pub fn for_request(&self, request_id: &str) -> Vec<Mail> {
        self.state()
            .mails
            .iter()
            .filter(|mail| mail.request_id.as_deref() == Some(request_id))
            .cloned()
            .collect()
    }

    /// Returns the newest code that was mailed to this address.
    pub fn last_code_for(&self, address: &str) -> Option<String> {
        self.for_address(address).into_iter().rev().find_map(|mail| mail.code)
    }

    /// Makes an address bounce, or accept mail again.
    pub fn set_bouncing(&self, address: &str, bouncing: bool) {
        let address = address.to_lowercase();
        let mut state = self.state();
        if bouncing {
            state.bouncing.insert(address);
        } else {
            state.bouncing.remove(&address);
        }
    }

    /// Sets what is reported at once about the next mails to an address. `None`: nothing. Otherwise
    /// the mail server of each address takes them.
    pub fn set_outcome(&self, address: &str, outcome: Option<MailOutcome>) {
        self.state().outcomes.insert(address.to_lowercase(), outcome);
    }

    pub(crate) fn outcome_of(&self, address: &str) -> Option<MailOutcome> {
        let outcomes = &self.state().outcomes;
        outcomes.get(&address.to_lowercase()).copied().unwrap_or(Some(MailOutcome::Delivered))
    }

    /// Keeps what was reported about a mail, unless something stronger was.
    pub(crate) fn record_outcome(&self, id: u64, outcome: MailOutcome) {
        let mut state = self.state();
        if let Some(mail) = state.mails.iter_mut().find(|mail| mail.id == id)
            && mail.outcome.is_none_or(|known| known.is_weaker_than(outcome))
        {
            mail.outcome = Some(outcome);
        }
        drop(state);
        self.changed.send_modify(|count| *count += 1);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn mail(to: &str, code: Option<&str>, request_id: &str) -> OutgoingMail {
        OutgoingMail {
            to: to.to_owned(),
            kind: MailKind::AgentCode,
            subject: "s".to_owned(),
            text: String::new(),
            html: String::new(),
            attachments: Vec::new(),
            request_id: Some(request_id.to_owned()),
            code: code.map(str::to_owned),
            tags: None,
        }
    }

    fn mailbox() -> Mailbox {
        Mailbox::new(ManualClock::at(1000), Changed::new(0))
    }

    #[test]
    fn last_code_is_newest_and_skips_codeless_mails() {
        let mailbox = mailbox();
        mailbox.deliver(mail("ana@waizant.example", Some("123456"), "a")).unwrap();
        mailbox.deliver(mail("Ana@waizant.example", Some("000042"), "b")).unwrap();
        mailbox.deliver(mail("ana@waizant.example", None, "c")).unwrap();
        assert_eq!(mailbox.last_code_for("ANA@waizant.example").as_deref(), Some("000042"));
        assert_eq!(mailbox.last_code_for("ben@waizant.example"), None);
        assert_eq!(mailbox.for_request("b").len(), 1);
        assert_eq!(mailbox.all().iter().map(|mail| mail.id).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn bouncing_address_refuses_mail_until_reset() {
        let changed = Changed::new(0);
        let mailbox = Mailbox::new(ManualClock::at(1000), changed.clone());
        mailbox.set_bouncing("Ana@waizant.example", true);
        assert!(mailbox.deliver(mail("ana@waizant.example", None, "a")).is_err());
        assert_eq!(*changed.borrow(), 0);
        mailbox.set_bouncing("ana@waizant.example", false);
        assert!(mailbox.deliver(mail("ana@waizant.example", None, "a")).is_ok());
        assert_eq!(*changed.borrow(), 1);
    }

    #[test]
    fn strongest_outcome_of_a_mail_is_kept() {
        let mailbox = mailbox();
        mailbox.deliver(mail("ana@waizant.example", None, "a")).unwrap();
        assert_eq!(mailbox.find(1).unwrap().outcome, None);
        for (reported, kept) in [
            (MailOutcome::Delayed, MailOutcome::Delayed),
            (MailOutcome::Complained, MailOutcome::Complained),
            (MailOutcome::Delivered, MailOutcome::Complained),
        ] {
            mailbox.record_outcome(1, reported);
            assert_eq!(mailbox.find(1).unwrap().outcome, Some(kept));
        }
    }
}
