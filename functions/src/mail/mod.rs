//! Mails: what is sent, and the texts in English and Spanish.

mod document;
pub(crate) mod notices;
pub(crate) mod templates;

use secrecy::SecretString;
use serde::Serialize;

pub use document::{Document, escape};

use crate::contract::{Actor, Locale, Request};
use crate::ports::Recipient;

/// A mail.
#[derive(Clone)]
pub struct Mail {
    pub to: String,
    pub kind: MailKind,
    pub subject: String,
    pub text: String,
    /// The HTML part, a complete document.
    pub html: String,
    pub attachments: Vec<Attachment>,
    /// The code in it, for a mailbox that shows it.
    pub code: Option<SecretString>,
    /// The idempotency key of the call.
    pub request_id: String,
    pub session_id: String,
    /// The challenge whose code it carries.
    pub challenge_id: Option<String>,
}

/// Kind of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    AgentCode,
    CustomerCode,
    LinkCode,
    SuccessorQr,
    SupportVisit,
    AccountLinked,
    AccountUnlinked,
    PasswordChanged,
}

/// An attached file.
#[derive(Clone, Serialize)]
pub struct Attachment {
    /// File name. The HTML part refers to it as `cid:{name}`.
    pub name: &'static str,
    pub content_type: &'static str,
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Attachment {
    /// Shows no bytes, because they can be the QR code of a link.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attachment").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The recipient of a mail, and what it names.
pub(crate) struct MailContext<'a> {
    pub(crate) company: &'a str,
    pub(crate) recipient: &'a Recipient,
    pub(crate) locale: Locale,
    /// The agent who acts.
    pub(crate) actor: &'a Actor,
    /// Name of the ecosystem, if the mail is about one.
    pub(crate) ecosystem: Option<&'a str>,
    /// Address of the page "I did not ask for this".
    pub(crate) report_url: Option<&'a str>,
}

impl MailContext<'_> {
    /// Returns the text in the recipient's language.
    pub(crate) fn pick<T>(&self, english: T, spanish: T) -> T {
        match self.locale {
            Locale::En => english,
            Locale::Es => spanish,
        }
    }

    fn greeting(&self) -> String {
        let name = self.recipient.name.as_str();
        if name.is_empty() {
            return self.pick("Hello,", "Hola:").to_owned();
        }
        self.pick(format!("Hello {name},"), format!("Hola, {name}:"))
    }

    /// Returns a document with the greeting.
    fn document(&self, subject: String) -> Document {
        Document {
            language: self.locale.tag(),
            company: self.company.to_owned(),
            subject,
            before: vec![self.greeting()],
            code: None,
            picture: None,
            link: None,
            after: Vec::new(),
            links: Vec::new(),
        }
    }

    /// Adds the sentence for a recipient who did not ask for the mail: the page to tell it on, or
    /// without a page whom to call.
    fn add_report(&self, kind: MailKind, document: &mut Document) {
        let company = self.company;
        match (self.report_url, kind) {
            (Some(url), _) => {
                let words = self.pick(
                    "Did you not ask for this? Tell us here. You will not be asked for anything.",
                    "¿No pidió esto? Díganoslo aquí. No se le pedirá ningún dato.",
                );
                document.links.push((words.to_owned(), url.to_owned()));
            }
            (None, MailKind::CustomerCode | MailKind::SupportVisit) => {
                document.after.push(self.pick(
                    format!("Did you not ask for this? Call {company}."),
                    format!("¿No pidió esto? Llame a {company}."),
                ));
            }
            (None, MailKind::AgentCode) => {
                let words = self.pick(
                    "Did you not ask for this? Tell your lead.",
                    "¿No pidió esto? Avise a su responsable.",
                );
                document.after.push(words.to_owned());
            }
            // Their texts name the lead or an administrator.
            (None, _) => {}
        }
    }
}

/// A mail that belongs to no call yet.
pub(crate) struct Draft {
    pub(crate) to: String,
    pub(crate) kind: MailKind,
    pub(crate) document: Document,
    pub(crate) attachments: Vec<Attachment>,
}

impl Draft {
    pub(crate) fn new(context: &MailContext<'_>, kind: MailKind, document: Document) -> Self {
        let to = context.recipient.address.clone();
        Self { to, kind, document, attachments: Vec::new() }
    }

    /// Returns the mail of a call.
    pub(crate) fn of(self, request: &Request, challenge_id: Option<&str>) -> Mail {
        Mail {
            to: self.to,
            kind: self.kind,
            text: self.document.text(),
            html: self.document.html(),
            subject: self.document.subject,
            attachments: self.attachments,
            code: self.document.code.map(SecretString::from),
            request_id: request.envelope.request_id.clone(),
            session_id: request.envelope.session_id.clone(),
            challenge_id: challenge_id.map(str::to_owned),
        }
    }
}
