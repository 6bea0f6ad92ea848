//! The mailbox: every mail that the sandbox's services send, in one place.
//!
//! The page shows it and the tests read codes out of it. A mail never leaves the process. An
//! address can be made to bounce, so that the services' delivery failures can be tried.

mod document;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::Changed;
use crate::clock::Clock;

pub(crate) use document::{Document, escape};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// Cognito's code for a new BackOffice password.
    PasswordReset,
    /// The internal verification of an agent.
    AgentCode,
    /// The code that a customer reads out.
    CustomerCode,
    /// The code that links a Discord account to a BackOffice account.
    LinkCode,
    /// A successor's access QR.
    SuccessorQr,
    /// The notice after a new password.
    PasswordChanged,
    /// The notice after linking.
    AccountLinked,
}

/// A file in a mail.
#[derive(Clone, Debug, Serialize)]
pub struct Attachment {
    /// File name; the HTML part refers to it as `cid:{name}`.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// The file.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// A mail before it is delivered.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The recipient's address.
    pub to: String,
    /// What it is about.
    pub kind: MailKind,
    /// The subject line.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part, a whole document.
    pub html: String,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// The idempotency key of the call that sent it; `None` for Cognito's mails.
    pub request_id: Option<String>,
    /// The code in it, if it carries one.
    pub code: Option<String>,
}

/// A delivered mail.
#[derive(Clone, Debug, Serialize)]
pub struct Mail {
    /// Counts up from 1 in order of delivery.
    pub id: u64,
    /// The recipient's address.
    pub to: String,
    /// What it is about.
    pub kind: MailKind,
    /// The subject line.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part, a whole document.
    pub html: String,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// When it was delivered, in milliseconds since the epoch.
    pub at: i64,
    /// The idempotency key of the call that sent it; `None` for Cognito's mails.
    pub request_id: Option<String>,
    /// The code in it, if it carries one.
    pub code: Option<String>,
}

/// The address bounces.
#[derive(Debug, thiserror::Error)]
#[error("the address takes no mail")]
pub struct Undeliverable;

/// All mails of a sandbox.
pub struct Mailbox {
    clock: Arc<dyn Clock>,
    changed: Changed,
    shelves: Mutex<Shelves>,
}

#[derive(Default)]
struct Shelves {
    mails: Vec<Mail>,
    bouncing: HashSet<String>,
}

impl Mailbox {
    /// An empty mailbox that bumps `changed` with every mail.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, changed: Changed) -> Self {
        Self { clock, changed, shelves: Mutex::default() }
    }

    /// Delivers a mail, or says that the address bounces.
    pub fn deliver(&self, letter: Letter) -> Result<(), Undeliverable> {
        let mut shelves = self.shelves();
        if shelves.bouncing.contains(&letter.to.to_lowercase()) {
            return Err(Undeliverable);
        }
        let mail = Mail {
            id: shelves.mails.last().map_or(1, |last| last.id + 1),
            code: letter.code,
            to: letter.to,
            kind: letter.kind,
            subject: letter.subject,
            text: letter.text,
            html: letter.html,
            attachments: letter.attachments,
            at: self.clock.now(),
            request_id: letter.request_id,
        };
        shelves.mails.push(mail);
        drop(shelves);
        self.changed.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Every mail, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Mail> {
        self.shelves().mails.clone()
    }

    /// The mail with this id.
    #[must_use]
    pub fn find(&self, id: u64) -> Option<Mail> {
        self.shelves().mails.iter().find(|mail| mail.id == id).cloned()
    }

    /// The mails to one address, oldest first; case does not matter.
    #[must_use]
    pub fn for_address(&self, address: &str) -> Vec<Mail> {
        self.shelves()
            .mails
            .iter()
            .filter(|mail| mail.to.eq_ignore_ascii_case(address))
            .cloned()
            .collect()
    }

    /// The mails that the calls with this idempotency key sent: never more than one, when keys are
    /// kept.
    #[must_use]
    pub fn for_request(&self, request_id: &str) -> Vec<Mail> {
        self.shelves()
            .mails
            .iter()
            .filter(|mail| mail.request_id.as_deref() == Some(request_id))
            .cloned()
            .collect()
    }

    /// The code in the newest mail to this address that carries one.
    #[must_use]
    pub fn last_code_for(&self, address: &str) -> Option<String> {
        self.for_address(address).into_iter().rev().find_map(|mail| mail.code)
    }

    /// Makes an address bounce from now on, or take mail again.
    pub fn set_bouncing(&self, address: &str, bouncing: bool) {
        let address = address.to_lowercase();
        let mut shelves = self.shelves();
        if bouncing {
            shelves.bouncing.insert(address);
        } else {
            shelves.bouncing.remove(&address);
        }
    }

    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::HandClock;

    fn letter(to: &str, code: Option<&str>, request_id: &str) -> Letter {
        Letter {
            to: to.to_owned(),
            kind: MailKind::AgentCode,
            subject: "s".to_owned(),
            text: String::new(),
            html: String::new(),
            attachments: Vec::new(),
            request_id: Some(request_id.to_owned()),
            code: code.map(str::to_owned),
        }
    }

    fn mailbox() -> Mailbox {
        Mailbox::new(HandClock::at(1000), Changed::new(0))
    }

    #[test]
    fn the_newest_code_wins_and_mails_without_one_are_passed_over() {
        let mailbox = mailbox();
        mailbox.deliver(letter("ana@waizant.example", Some("123456"), "a")).unwrap();
        mailbox.deliver(letter("Ana@waizant.example", Some("000042"), "b")).unwrap();
        mailbox.deliver(letter("ana@waizant.example", None, "c")).unwrap();
        assert_eq!(mailbox.last_code_for("ANA@waizant.example").as_deref(), Some("000042"));
        assert_eq!(mailbox.last_code_for("ben@waizant.example"), None);
        assert_eq!(mailbox.for_request("b").len(), 1);
        assert_eq!(mailbox.all().iter().map(|mail| mail.id).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn a_bouncing_address_takes_nothing_until_it_is_mended() {
        let changed = Changed::new(0);
        let mailbox = Mailbox::new(HandClock::at(1000), changed.clone());
        mailbox.set_bouncing("Ana@waizant.example", true);
        assert!(mailbox.deliver(letter("ana@waizant.example", None, "a")).is_err());
        assert_eq!(*changed.borrow(), 0);
        mailbox.set_bouncing("ana@waizant.example", false);
        assert!(mailbox.deliver(letter("ana@waizant.example", None, "a")).is_ok());
        assert_eq!(*changed.borrow(), 1);
    }
}
