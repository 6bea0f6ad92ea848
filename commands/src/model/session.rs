//! A session: one agent helps one customer, links a BackOffice account, or recovers its password.
//!
//! A session lasts from the command that opens it to its close. The database row is the truth; the
//! copy in memory is a cache. The [`flows`](crate::flows) decide how a session moves, and
//! [`Clocks`] say when it ends.

use std::num::NonZeroU64;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::model::effect::{Effect, Pending};
use crate::model::flow_state::{LinkState, RecoverState, SupportState};
use crate::model::past::Past;
use crate::model::pseudonym::Pseudonym;
use crate::model::report_record::ReportRecord;
use crate::model::scope::Scope;
use crate::model::ticket::Ticket;
use crate::model::time::Timestamp;
use crate::model::timers::{Clocks, TOKEN_LIFE};
use crate::model::unknown_fields::UnknownFields;
use crate::model::verification::{StoredProof, Verification};
use crate::model::words::{Actor, CloseReason, Locale, Purpose, SessionId, SupportKind, Target};

/// Maximum open sessions of an agent, counted from Start: one customer, and two who look for
/// something. So an agent cannot collect opened customers: their names, ecosystems and plans.
pub const OPEN_SESSIONS: u32 = 3;

/// Maximum access links of a session: above one visit of each page. So one consent of a customer
/// does not become a stock of sign-ins for other people.
pub const LINKS_A_SESSION: u32 = 10;

/// A whole session. Its row holds it as JSON, except [`Secrets`] and what the session knows about
/// the customer, which are sealed in columns of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    /// The agent who owns the session.
    pub actor: Actor,
    /// Language of the newest click. Timers draw in it.
    pub locale: Locale,
    /// Version of the row that was read; 0 before the first save. Kept in a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// Counter in every custom id. Each moving click and each redraw raises it. A component of an
    /// older generation never acts.
    pub generation: u32,
    /// The customer. `None` in a session that links or recovers an account.
    pub pseudonym: Option<Pseudonym>,
    /// Number in the company's ticket system, for the panel. The row seals it with the customer, so
    /// a closed session that is read again has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// Earlier sessions of the customer, for the panel of the look-up, until Start or the close.
    /// Boxed, because most customers have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past: Option<Box<Past>>,
    /// What both verifications permit. Fixed at Start; before it, what the agent's groups allowed
    /// at the look-up.
    #[serde(default = "Scope::of_older_row")]
    pub scope: Scope,
    /// The session's flow and its state.
    pub work: Work,
    /// Times and deadlines.
    pub clocks: Clocks,
    /// Verification of the agent.
    pub agent: Verification,
    /// Verification of the customer.
    pub customer: Verification,
    /// Effects that are saved and have no outcome yet.
    pub pending: Vec<Pending>,
    /// Access links that the panel shows, as a button or a QR image, and mailed ones. Each until
    /// its end.
    pub access_links: Vec<AccessLink>,
    /// Number of access links issued so far. The key of the next one contains it.
    pub links_issued: u32,
    /// Number of those that the function refused. They do not count against [`LINKS_A_SESSION`].
    #[serde(default)]
    pub links_denied: u32,
    /// What the session's report pages need. Boxed, because a session without a mailed code has
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_record: Option<Box<ReportRecord>>,
    /// The Lambda function may hold a proof for this session: a code was correct, or the result of
    /// its check is unknown. The close then ends the proofs, also if the sealed ones are lost.
    #[serde(default)]
    pub may_be_proven: bool,
    /// Number of revocations requested so far.
    #[serde(default)]
    pub revocations: u16,
    /// Discord id of the lead who took the session over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_over_by: Option<NonZeroU64>,
    /// Tokens and proofs. Sealed at rest and wiped at the close.
    #[serde(skip)]
    pub secrets: Secrets,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

/// Flow of a session, with its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Helps a customer.
    Support(SupportKind, SupportState),
    /// Links a BackOffice account.
    Link(LinkState),
    /// Recovers the password of the linked account.
    Recover(RecoverState),
}

/// An access link that the panel shows, or that was mailed. Its address is in
/// [`Secrets::access_urls`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLink {
    pub target: Target,
    /// Number of the link in its session, from 1. The key of its effect contains it.
    pub nth: u32,
    /// Masked address that the link was mailed to. `None` if the panel shows the link.
    pub mailed_to: Option<String>,
    pub expires_at: Timestamp,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

impl AccessLink {
    /// Returns true until the link expires.
    pub fn works(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

/// Secrets of a session. Sealed at rest and wiped at the close; `Debug` shows none of them.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// Interaction token that edits the panel, and the time of its receipt.
    pub panel: Option<(SecretString, Timestamp)>,
    /// Addresses of the links that the panel shows, by number of the link.
    pub access_urls: Vec<(u32, SecretString)>,
    /// The function's proof of the agent. Boxed, because most sessions in memory have none.
    pub agent_proof: Option<Box<StoredProof>>,
    /// The function's proof of the customer. Boxed, because most sessions in memory have none.
    pub customer_proof: Option<Box<StoredProof>>,
    /// A cancel reason that was too short or too long, or the address of a link or a recovery.
    pub draft: Option<SecretString>,
    /// Address of the recovery page.
    pub page: Option<SecretString>,
    /// Fields of a newer version.
    pub unknown: UnknownFields,
}

impl Session {
    /// Returns the word for the session's flow in its row.
    pub const fn kind(&self) -> &'static str {
        match self.work {
            Work::Support(kind, _) => kind.name(),
            Work::Link(_) => "link",
            Work::Recover(_) => "recover",
        }
    }

    /// Returns the word for the session's state.
    pub const fn stage(&self) -> &'static str {
        match &self.work {
            Work::Support(_, state) => state.name(),
            Work::Link(LinkState::CodeRequested { .. }) => "code_requested",
            Work::Recover(RecoverState { closed: None, .. }) => "open",
            Work::Link(LinkState::Closed(_)) | Work::Recover(_) => "closed",
        }
    }

    /// Returns reason and time of the close, if the session is closed.
    pub fn closed(&self) -> Option<(CloseReason, Timestamp)> {
        let reason = match &self.work {
            Work::Support(_, SupportState::Closed(reason))
            | Work::Link(LinkState::Closed(reason))
            | Work::Recover(RecoverState { closed: Some(reason), .. }) => *reason,
            _ => return None,
        };
        Some((reason, self.closed_at()))
    }

    /// Returns the time of the close, or of the last activity in a session that is open.
    pub fn closed_at(&self) -> Timestamp {
        self.clocks.closed_at.unwrap_or(self.clocks.active_at)
    }

    /// Returns the customer whom the session attends: from Start to the close.
    pub fn attending(&self) -> Option<&Pseudonym> {
        self.clocks.started_at.filter(|_| self.closed().is_none())?;
        self.pseudonym.as_ref()
    }

    /// Returns what the session permits, from Start on. `None` before Start, and without a
    /// customer.
    pub fn started_scope(&self) -> Option<Scope> {
        let is_support = matches!(self.work, Work::Support(..));
        self.clocks.started_at.filter(|_| is_support).map(|_| self.scope)
    }

    /// Returns true if the session permits more than an agent with this scope may do. Before Start
    /// a session permits nothing yet.
    pub fn exceeds(&self, scope: Option<Scope>) -> bool {
        self.started_scope() > scope
    }

    /// Returns Core's id of the customer, for calls to Core. `None` without a customer, and after
    /// the close.
    pub fn core_id(&self) -> Option<&str> {
        match &self.work {
            Work::Support(_, state) => state.customer().map(|customer| customer.id.as_str()),
            Work::Link(_) | Work::Recover(_) => None,
        }
    }

    /// Returns true if the panel, or one click on it, shows the customer in clear.
    pub fn shows_customer_in_clear(&self) -> bool {
        matches!(self.work, Work::Support(_, SupportState::Acting { .. }))
    }

    /// Returns true if the session waits for the customer's code. Clicks then do not renew the idle
    /// timer, because the customer's silence counts.
    pub fn awaits_customer(&self) -> bool {
        matches!(self.work, Work::Support(_, SupportState::ProvingCustomer { .. }))
    }

    /// Returns the verification for a purpose. A link code uses the agent's.
    pub fn verification(&self, purpose: Purpose) -> &Verification {
        match purpose {
            Purpose::AgentMfa | Purpose::AgentLink => &self.agent,
            Purpose::CustomerConsent => &self.customer,
        }
    }

    /// Returns the verification for a purpose, mutably.
    pub fn verification_mut(&mut self, purpose: Purpose) -> &mut Verification {
        match purpose {
            Purpose::AgentMfa | Purpose::AgentLink => &mut self.agent,
            Purpose::CustomerConsent => &mut self.customer,
        }
    }

    /// Returns the purpose of the code that the panel offers to send, send again or enter.
    pub const fn offered_purpose(&self) -> Option<Purpose> {
        match &self.work {
            Work::Support(_, SupportState::ProvingAgent { .. }) => Some(Purpose::AgentMfa),
            Work::Support(
                _,
                SupportState::Announcing { .. } | SupportState::ProvingCustomer { .. },
            ) => Some(Purpose::CustomerConsent),
            Work::Link(LinkState::CodeRequested { .. }) => Some(Purpose::AgentLink),
            Work::Support(..) | Work::Link(_) | Work::Recover(_) => None,
        }
    }

    /// Returns the time at which the panel's Send or Resend works again. `None` if it works, or
    /// never will.
    pub fn resend_at(&self) -> Option<Timestamp> {
        let verification = self.verification(self.offered_purpose()?);
        verification.resend_at.filter(|_| verification.may_resend())
    }

    /// Returns the address of a link that the panel shows.
    pub fn access_url(&self, link: &AccessLink) -> Option<&SecretString> {
        let mut urls = self.secrets.access_urls.iter();
        urls.find(|(nth, _)| *nth == link.nth).map(|(_, url)| url)
    }

    /// Keeps the access links that `keep` chooses, with their addresses.
    pub fn retain_access_links(&mut self, keep: impl Fn(&AccessLink) -> bool) {
        let links = &mut self.access_links;
        links.retain(keep);
        self.secrets.access_urls.retain(|(nth, _)| links.iter().any(|link| link.nth == *nth));
    }

    /// Returns true if a code newer than the n-th one of this purpose was mailed. While linking it
    /// counts requests, because only an address with an account has a mailed code.
    pub fn has_newer_code(&self, purpose: Purpose, nth: u32) -> bool {
        let verification = self.verification(purpose);
        if purpose == Purpose::AgentLink {
            return verification.attempt > nth;
        }
        verification.challenge.as_ref().is_some_and(|newer| newer.nth > nth)
    }

    pub fn is_pending(&self, effect: &Effect) -> bool {
        self.pending.iter().any(|pending| pending.effect == *effect)
    }

    /// Returns true if an effect that blocks the panel has no outcome yet.
    pub fn is_busy(&self) -> bool {
        self.blocking_effect().is_some()
    }

    /// Returns the effect that the panel waits for, if there is one.
    pub fn blocking_effect(&self) -> Option<&Pending> {
        self.pending.iter().find(|pending| pending.effect.blocks_panel())
    }

    /// Returns true if a blocking effect has been pending for so long that its process counts as
    /// dead.
    pub fn is_orphaned(&self, now: Timestamp) -> bool {
        self.closed().is_none()
            && self
                .pending
                .iter()
                .any(|pending| pending.effect.blocks_panel() && pending.due_at() <= now)
    }

    /// Returns true if the sign-out that follows a new password is done.
    pub fn is_signed_out(&self) -> bool {
        !self.pending.iter().any(|pending| matches!(pending.effect, Effect::SignOut { .. }))
    }

    /// Returns the time of the next timer, or of the next retry of a background effect. `None` if
    /// the session is closed and has no pending effect.
    pub fn next_at(&self) -> Option<Timestamp> {
        if self.closed().is_some() {
            return self.pending.iter().map(Pending::due_at).min();
        }
        let clocks = &self.clocks;
        let end = clocks.end();
        let warning = (clocks.warned_of != Some(end)).then(|| clocks.warn_at());
        let stripping = (clocks.stripped_for != Some(end)).then(|| clocks.strip_at());
        let links = self.access_links.iter().map(|link| link.expires_at);
        let retries = self.pending.iter().map(Pending::due_at);
        let timers = [end].into_iter().chain(warning).chain(stripping).chain(self.resend_at());
        timers.chain(links).chain(retries).min()
    }

    /// Returns the token that edits the panel, while Discord accepts it.
    pub fn panel_token(&self, now: Timestamp) -> Option<SecretString> {
        let (token, received_at) = self.secrets.panel.as_ref()?;
        (now < *received_at + TOKEN_LIFE).then(|| token.clone())
    }
}
