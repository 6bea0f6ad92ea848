//! What the flows need of the outside, and the words in which they ask for it. Implemented by the
//! root crate.

mod chat;
mod recovery;
mod store;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

pub use chat::{Chat, ChatError, FirstAnswer, MessageRef, ReplyHandle};
pub use recovery::{ConfirmDenied, PasswordPolicy, Recovery, ResetDenied};
pub use store::{AccountLink, Claim, Commit, Committed, LimitUse, Lockout, SessionHandle, Store};

use crate::code::Code;
use crate::customer::CustomerRecord;
use crate::email::Email;
use crate::error::Fault;
use crate::session::{Actor, Purpose, SessionId, Target};
use crate::support::SupportKind;
use crate::text::Locale;
use crate::time::Timestamp;
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
    /// A new secret for a link, from a CSPRNG: 256 bits in 43 characters of base64url.
    fn secret(&self) -> SecretString;
    /// A new number from a CSPRNG, under which a request claims that is no interaction of
    /// Discord's.
    fn number(&self) -> u64;
    /// A short reference under which a fault is logged, e.g. `F-7K2M9Q`.
    fn reference(&self) -> String;
    /// HMAC-SHA-256 of the text under the store's key, base64url. One way, the same on every
    /// replica.
    fn mac(&self, text: &str) -> String;
}

/// The company's Core database.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// Looks a customer up by address, with what they can be helped with on this road.
    async fn find(&self, email: &Email, kind: SupportKind)
    -> Result<Option<CustomerRecord>, Fault>;
    /// Reads a customer again.
    async fn read(&self, user_id: &str, kind: SupportKind)
    -> Result<Option<CustomerRecord>, Fault>;
}

/// The BackOffice accounts.
#[async_trait]
pub trait Identity: Send + Sync + 'static {
    /// The account with this `sub`, at most 60 s old. `None` when there is none.
    async fn account(&self, agent_id: &str) -> Result<Option<Account>, Fault>;
    /// The account with this address, fresh. `None` when there is none or more than one.
    async fn find(&self, email: &Email) -> Result<Option<Account>, Fault>;
}

/// A BackOffice account as Cognito has it. Whether a link to it counts: `account::rights`.
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
    /// Names of all its groups, sorted.
    pub groups: Vec<String>,
    /// Where it is between invitation and first sign-in.
    pub status: AccountStatus,
}

/// Cognito's state of an account, as far as it decides whether the password can be recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountStatus {
    /// In use.
    Confirmed,
    /// In use, but the password has to be renewed first.
    ResetRequired,
    /// The first password was never replaced: only an administrator can send a new one.
    ForceChangePassword,
    /// Signed up and never confirmed.
    Unconfirmed,
    /// Archived, external, or a state that this version does not know.
    Other,
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

/// Codes: made, mailed and checked by the Lambda functions `otp-send` and `otp-verify`. The channel
/// behind it can be another.
#[async_trait]
pub trait Codes: Send + Sync + 'static {
    /// Mails a code. `ecosystem` is `(id, name)`, told to the customer in the mail.
    async fn send(
        &self,
        origin: Origin,
        purpose: Purpose,
        subject: Subject,
        ecosystem: Option<(String, String)>,
    ) -> Answer<Sent>;
    /// Checks a code.
    async fn verify(
        &self,
        origin: Origin,
        purpose: Purpose,
        challenge_id: &str,
        code: &Code,
    ) -> Answer<Checked>;
}

/// A one-time, short-lived way in.
#[derive(Clone, Debug)]
pub struct IssuedLink {
    /// The Lambda's name for it, by which it can be mailed.
    pub id: String,
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
    ) -> Answer<IssuedLink>;
    /// Revokes all that the session opened; how many there were.
    async fn revoke(&self, origin: Origin) -> Answer<u32>;
}

/// Notices by mail: the Lambda function `message`.
#[async_trait]
pub trait Messages: Send + Sync + 'static {
    /// Tells the owner of a BackOffice account that it was linked.
    async fn account_linked(&self, origin: Origin, agent_id: &str) -> Answer<()>;
    /// Mails a successor the QR of a link that was issued for them; the masked address.
    async fn successor_qr(
        &self,
        origin: Origin,
        customer: &str,
        link_id: &str,
        agent: &Proof<ByAgent>,
        consent: &Proof<ByCustomer>,
    ) -> Answer<String>;
    /// Tells the owner of a BackOffice account that its password was changed.
    async fn password_changed(&self, origin: Origin, agent_id: &str) -> Answer<()>;
}

/// Pictures of text.
pub trait Pictures: Send + Sync + 'static {
    /// A QR code as PNG.
    fn qr(&self, text: &SecretString) -> Result<Vec<u8>, Fault>;
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
    /// See [`Recovery`].
    pub recovery: Arc<dyn Recovery>,
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
