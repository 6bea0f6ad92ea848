//! What the flows need of the outside, and the words in which they ask for it. Implemented by the root crate.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::code::Code;
use crate::customer::Dossier;
use crate::email::Email;
use crate::error::{Fault, Limit};
use crate::screen::{Form, Screen};
use crate::session::{Actor, Purpose, Session, SessionId, Target};
use crate::text::Locale;
use crate::time::Timestamp;
use crate::trail::Act;
use crate::verify::{ByAgent, ByCustomer, Proof};

/// The time, and waiting for it. The only clock of the product: the AWS SDK gets it too.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Waits.
    async fn sleep(&self, duration: Duration);
}

/// Randomness and the keyed hash.
pub trait Keys: Send + Sync + 'static {
    /// A new session id from a CSPRNG (ASVS 7.2.3: 128 bits or more).
    fn session_id(&self) -> SessionId;
    /// A short reference under which a fault is logged, e.g. `F-7K2M9Q`.
    fn reference(&self) -> String;
    /// HMAC-SHA-256 of the text under the store's key, base64url. One way, the same on every replica.
    fn mac(&self, text: &str) -> String;
}

/// The company's Core database.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// Looks a customer up by address.
    async fn find(&self, email: &Email) -> Result<Option<Dossier>, Fault>;
    /// Reads a customer again.
    async fn read(&self, user_id: &str) -> Result<Option<Dossier>, Fault>;
}

/// The BackOffice accounts.
#[async_trait]
pub trait Identity: Send + Sync + 'static {
    /// The account with this `sub`, at most 60 s old. `None` when there is none.
    async fn account(&self, agent_id: &str) -> Result<Option<Account>, Fault>;
    /// The account with this address, fresh. `None` when there is none or more than one.
    async fn find(&self, email: &Email) -> Result<Option<Account>, Fault>;
}

/// A BackOffice account as Cognito has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Cognito's `sub`: what a link refers to.
    pub agent_id: String,
    /// The person's name.
    pub name: String,
    /// The registered address, lower case.
    pub email: String,
    /// Whether the address was verified.
    pub email_verified: bool,
    /// Whether the account may be used.
    pub enabled: bool,
    /// Whether it is in one of the configured groups.
    pub in_group: bool,
}

impl Account {
    /// Whether the account makes its owner an agent.
    #[must_use]
    pub fn entitled(&self) -> bool {
        self.enabled && self.in_group && self.email_verified
    }
}

/// What every request to a Lambda function says of itself.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Idempotency key (`Effect::key`).
    pub request_id: String,
    /// The session.
    pub session: SessionId,
    /// Who asks.
    pub actor: Actor,
    /// The language of what is mailed.
    pub locale: Locale,
}

/// The function's own "no".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Asked too often; wait so long.
    RateLimited(Option<Duration>),
    /// It does not know the subject, challenge or link.
    NotFound,
    /// The mail could not be delivered.
    DeliveryFailed,
    /// It does not accept the proofs.
    ProofInvalid,
    /// It cannot work now; wait so long.
    Unavailable(Option<Duration>),
}

/// A function's answer: what was asked for, or its "no". A function that failed is a [`Fault`].
pub type Answer<T> = Result<Result<T, Denied>, Fault>;

/// Whom a code is mailed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An agent, by Cognito's `sub`.
    Agent(String),
    /// A customer, by Core's id.
    Customer(String),
}

/// A code that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The Lambda's name for it.
    pub challenge_id: String,
    /// Masked address.
    pub destination: String,
    /// Until when it is valid.
    pub expires_at: Timestamp,
    /// How long to wait before the next.
    pub resend_after: Duration,
}

/// What a typed code was.
#[derive(Clone, Debug)]
pub enum Checked {
    /// Right. The proof lives as long as a session can.
    Verified(SecretString),
    /// Wrong.
    Mismatch,
    /// Too old, or voided.
    Expired,
    /// Wrong too often, by the function's own count.
    Locked,
}

/// Codes: made, mailed and checked by the Lambda functions `otp-send` and `otp-verify`. The channel behind it can be another.
#[async_trait]
pub trait Codes: Send + Sync + 'static {
    /// Mails a code. `ecosystem` is `(id, name)`, told to the customer in the mail.
    async fn send(&self, origin: Origin, purpose: Purpose, subject: Subject, ecosystem: Option<(String, String)>)
    -> Answer<Sent>;
    /// Checks a code.
    async fn verify(&self, origin: Origin, purpose: Purpose, challenge_id: &str, code: &Code) -> Answer<Checked>;
}

/// A one-time, short-lived way in.
#[derive(Clone, Debug)]
pub struct Link {
    /// The address: a secret until it is spent.
    pub url: SecretString,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Ways in as the customer: the Lambda function `access`. Nobody without both proofs can even ask.
#[async_trait]
pub trait Access: Send + Sync + 'static {
    /// Issues a link.
    async fn issue(
        &self,
        origin: Origin,
        target: Target,
        customer: &str,
        ecosystem: &str,
        agent: &Proof<ByAgent>,
        consent: &Proof<ByCustomer>,
    ) -> Answer<Link>;
    /// Revokes all that the session opened; how many there were.
    async fn revoke(&self, origin: Origin) -> Answer<u32>;
}

/// Notices by mail: the Lambda function `message`.
#[async_trait]
pub trait Messages: Send + Sync + 'static {
    /// Tells the owner of a BackOffice account that it was linked.
    async fn account_linked(&self, origin: Origin, agent_id: &str) -> Answer<()>;
}

/// Pictures of text.
pub trait Pictures: Send + Sync + 'static {
    /// A QR code as PNG.
    fn qr(&self, text: &SecretString) -> Result<Vec<u8>, Fault>;
}

/// A Discord interaction, as far as answering it goes.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Discord's id of it.
    pub interaction: u64,
    /// Answers and edits for 15 minutes.
    pub token: SecretString,
    /// Whether it came from a message (a component, or a modal opened by one): such an answer replaces that message.
    pub from_message: bool,
}

/// The first answer to an interaction.
#[derive(Clone, Debug)]
pub enum FirstAnswer {
    /// A panel: in place of the message it came from, or as a new ephemeral one.
    Panel(Screen),
    /// A new ephemeral message beside whatever is there.
    Note(Screen),
    /// The panel follows.
    Defer,
    /// A modal.
    Form(Form),
}

/// Which message of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageRef {
    /// `@original`: the panel.
    Panel,
    /// A follow-up.
    FollowUp(u64),
}

/// Why Discord did not take it.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// Somebody answered already (40060), e.g. another replica.
    #[error("answered already")]
    Answered,
    /// Too late, or the token is dead (10062, 50027, 10015, 10008).
    #[error("gone")]
    Gone,
    /// Anything else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Discord, as far as it is answered.
#[async_trait]
pub trait Chat: Send + Sync + 'static {
    /// The first answer.
    async fn answer(&self, ticket: &Ticket, answer: FirstAnswer) -> Result<(), ChatError>;
    /// Puts a screen in place of a message.
    async fn edit(&self, token: &SecretString, message: MessageRef, screen: Screen) -> Result<(), ChatError>;
    /// Sends one more ephemeral message; its id.
    async fn follow_up(&self, token: &SecretString, screen: Screen) -> Result<u64, ChatError>;
    /// Tells the leads' channel; where none is set, the log. The same key within minutes is told once.
    async fn alert(&self, key: &str, screen: Screen) -> Result<(), ChatError>;
}

/// Which Discord account belongs to which BackOffice account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLink {
    /// Discord user id.
    pub discord_id: u64,
    /// Cognito's `sub`.
    pub agent_id: String,
    /// The name that Cognito had.
    pub name: String,
    /// Masked address, for the agent's own eyes.
    pub email: String,
    /// Keyed hash of the address ([`Keys::mac`]): recognises a colleague among customers.
    pub email_mac: String,
    /// When it was linked.
    pub linked_at: Timestamp,
}

/// One more of something that is limited in a rolling window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What is counted.
    pub limit: Limit,
    /// For whom, e.g. `agent:…`.
    pub subject: String,
    /// How many are allowed in `window`.
    pub allowed: u32,
    /// The rolling window.
    pub window: Duration,
}

/// A subject that rests: nothing is verified for it until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Who, e.g. `customer:…`.
    pub subject: String,
    /// Until when.
    pub until: Timestamp,
}

/// What a commit does with the claim of the interaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Claim {
    /// Not an interaction, or claimed before and still at work.
    #[default]
    None,
    /// Claims it and is done with it in one transaction: nothing outside follows.
    Whole(u64),
    /// Claims it; an effect follows.
    Begin(u64),
    /// The effect is done, and with it the interaction.
    Done(u64),
}

/// One transaction, all or nothing.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// The time of it.
    pub now: Timestamp,
    /// What becomes of the claim.
    pub claim: Claim,
    /// The session as it shall be; its `version` is the one that was read (0: insert it).
    pub session: Option<Session>,
    /// A link to add.
    pub link: Option<AccountLink>,
    /// Counted, and refused when it was too often.
    pub hits: Vec<Hit>,
    /// The newest hit of each of these is taken back: `(limit, subject)`.
    pub refunds: Vec<(Limit, String)>,
    /// Subjects that must not be resting.
    pub awake: Vec<String>,
    /// Subjects that rest from now on.
    pub rests: Vec<Rest>,
    /// For the trail.
    pub acts: Vec<Act>,
}

/// What became of a commit. Nothing was written but in the first case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    /// Written. How many of each hit there are now in its window; the session's new version.
    Saved {
        /// In the order of the hits.
        counts: Vec<u32>,
        /// The session's version from now on (0 when there was none).
        version: i64,
    },
    /// The interaction was claimed before, by this process or another.
    Claimed,
    /// The row is newer than what was read.
    Stale,
    /// Another session holds the customer, or another account the link.
    Taken,
    /// There was too much of it; again at the given time.
    Limited(Limit, Timestamp),
    /// The subject rests until then.
    Resting(Timestamp),
}

/// A session in memory: one at a time may move it.
#[derive(Debug)]
pub struct Live {
    /// Held while a click moves the session.
    pub turn: tokio::sync::Mutex<()>,
    session: RwLock<Arc<Session>>,
    dossier: RwLock<Option<Arc<Dossier>>>,
}

impl std::fmt::Debug for Dossier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dossier({})", self.user_id)
    }
}

impl Live {
    /// A session that was just read or made.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self { turn: tokio::sync::Mutex::new(()), session: RwLock::new(Arc::new(session)), dossier: RwLock::new(None) }
    }

    /// The session as it is now.
    #[must_use]
    pub fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces it, after a commit. An older version never replaces a newer one.
    pub fn put(&self, session: Session) {
        let mut current = self.session.write().unwrap_or_else(PoisonError::into_inner);
        if session.version >= current.version {
            *current = Arc::new(session);
        }
    }

    /// The customer in clear, if somebody read it since the process began.
    #[must_use]
    pub fn dossier(&self) -> Option<Arc<Dossier>> {
        self.dossier.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what was read in Core.
    pub fn know(&self, dossier: Option<Arc<Dossier>>) {
        *self.dossier.write().unwrap_or_else(PoisonError::into_inner) = dossier;
    }
}

/// The bot's own store: sessions, claims, links, limits and the trail.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Writes one transaction. After `Saved` the copy in memory is the new one (and forgotten once closed).
    async fn commit(&self, commit: Commit) -> Result<Committed, Fault>;
    /// The session, from memory or else from its row; `None` when there never was one. A closed one is not kept in memory.
    async fn find(&self, id: &SessionId) -> Result<Option<Arc<Live>>, Fault>;
    /// The session from its row, whatever memory says: after `Stale`.
    async fn reload(&self, id: &SessionId) -> Result<Option<Arc<Live>>, Fault>;
    /// Ids of the agent's open sessions with customers, oldest first.
    async fn open_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault>;
    /// The open session that holds the customer from Start on: its id and its agent's Discord id.
    async fn attending(&self, customer: &str) -> Result<Option<(SessionId, u64)>, Fault>;
    /// Sessions on which a clock has to act, the most overdue first.
    async fn due(&self, now: Timestamp, at_most: u32) -> Result<Vec<SessionId>, Fault>;
    /// Sessions with pending effects, open or closed: at the start.
    async fn pending(&self) -> Result<Vec<SessionId>, Fault>;
    /// Waits for the outcome of an interaction that somebody else claimed. `true`: its lease passed without one and it is ours now.
    async fn take_over(&self, interaction: u64) -> Result<bool, Fault>;
    /// The link of a Discord account.
    async fn link_of(&self, discord_id: u64) -> Result<Option<AccountLink>, Fault>;
    /// The link of a BackOffice account.
    async fn link_to(&self, agent_id: &str) -> Result<Option<AccountLink>, Fault>;
    /// Whether some linked agent has this address (by its keyed hash).
    async fn is_agent_address(&self, email_mac: &str) -> Result<bool, Fault>;
    /// Deletes what nobody needs any more: claims older than a day, hits older than their windows.
    async fn purge(&self, now: Timestamp) -> Result<(), Fault>;
}

/// The outside, whole.
#[derive(Clone)]
pub struct Ports {
    /// See [`Clock`].
    pub clock: Arc<dyn Clock>,
    /// See [`Keys`].
    pub keys: Arc<dyn Keys>,
    /// See [`Directory`].
    pub directory: Arc<dyn Directory>,
    /// See [`Identity`].
    pub identity: Arc<dyn Identity>,
    /// See [`Codes`].
    pub codes: Arc<dyn Codes>,
    /// See [`Access`].
    pub access: Arc<dyn Access>,
    /// See [`Messages`].
    pub messages: Arc<dyn Messages>,
    /// See [`Pictures`].
    pub pictures: Arc<dyn Pictures>,
    /// See [`Chat`].
    pub chat: Arc<dyn Chat>,
    /// See [`Store`].
    pub store: Arc<dyn Store>,
}
