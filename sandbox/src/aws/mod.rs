//! The local AWS: one Cognito user pool and the company's four Lambda functions, over the services'
//! own HTTP.
//!
//! Reading order: [`cognito`] (accounts and recovery), [`lambda`] (codes, sign-ins, mails),
//! [`faults`] (what can be made to go wrong). This file routes a call through them: recorded, then
//! whatever fault was asked for, then the work, then the answer.

pub mod cognito;
pub mod faults;
pub mod lambda;

mod letters;
mod qr;
pub(crate) mod random;
mod routes;
mod serve;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::cast::{Cast, StaffAccount, UserStatus};
use crate::clock::Clock;
use crate::core::Core;
use crate::mail::Mailbox;
use crate::shop::Shop;

pub use faults::{Alteration, Call, Fault, Faults};
pub use routes::router;
pub use serve::FUNCTION_ERROR_MESSAGE;

use cognito::{PasswordPolicy, Pool};
use lambda::Lambda;

/// The local AWS.
pub struct Aws {
    clock: Arc<dyn Clock>,
    core: Core,
    mail: Arc<Mailbox>,
    shop: Arc<Shop>,
    pool: Mutex<Pool>,
    lambda: Lambda,
    faults: Faults,
}

impl Aws {
    /// A pool with the cast's staff, and functions that know this Core, mailbox and shop front.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        cast: &Cast,
        core: Core,
        mail: Arc<Mailbox>,
        shop: Arc<Shop>,
    ) -> Self {
        let pool = Mutex::new(Pool::new(&cast.staff));
        Self { clock, core, mail, shop, pool, lambda: Lambda::default(), faults: Faults::default() }
    }

    /// What can be made to go wrong.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Every call that arrived, oldest first; dry runs and calls of unknown names are not among
    /// them.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.faults.calls()
    }

    /// The calls of one function or operation.
    #[must_use]
    pub fn calls_of(&self, function: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.function == function).collect()
    }

    /// Why requests broke the contract, oldest first; empty as long as the bot keeps it.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.faults.complaints()
    }

    /// How many mails the calls under this key have sent: at most one, when keys are kept.
    #[must_use]
    pub fn mails_of(&self, request_id: &str) -> usize {
        self.mail.for_request(request_id).len()
    }

    /// How often an account (named by user name, subject or address) was signed out everywhere.
    #[must_use]
    pub fn sign_outs(&self, name: &str) -> usize {
        cognito::sign_outs(&self.pool(), name)
    }

    /// Whether an account was signed out everywhere at least once.
    #[must_use]
    pub fn signed_out(&self, name: &str) -> bool {
        self.sign_outs(name) > 0
    }

    /// Whether an account's current password is this.
    #[must_use]
    pub fn accepts_password(&self, email: &str, password: &str) -> bool {
        self.pool().by_email(email).is_some_and(|account| account.has_password(password))
    }

    /// Adds a staff account, also one whose address somebody else has.
    pub fn add_account(&self, account: StaffAccount) {
        self.pool().add(account);
    }

    /// Deletes the account with this address, if there is one.
    pub fn delete_account(&self, email: &str) {
        self.pool().delete(email);
    }

    /// Enables or disables an account.
    ///
    /// # Panics
    /// When no account has the address; so do the other setters.
    pub fn set_enabled(&self, email: &str, enabled: bool) {
        self.change(email, |staff| staff.enabled = enabled);
    }

    /// Puts an account into these groups and no others.
    pub fn set_groups(&self, email: &str, groups: &[&str]) {
        self.change(email, |staff| {
            staff.groups = groups.iter().map(|&group| group.to_owned()).collect();
        });
    }

    /// Puts an account into another state.
    pub fn set_user_status(&self, email: &str, status: UserStatus) {
        self.change(email, |staff| staff.status = status);
    }

    /// Marks an account's address as verified or not.
    pub fn set_email_verified(&self, email: &str, verified: bool) {
        self.change(email, |staff| staff.email_verified = verified);
    }

    /// Gives the app client a secret, or takes it away.
    pub fn set_client_secret(&self, secret: Option<&str>) {
        cognito::set_client_secret(&mut self.pool(), secret);
    }

    /// Changes the password policy.
    pub fn set_policy(&self, policy: PasswordPolicy) {
        cognito::set_policy(&mut self.pool(), policy);
    }

    /// Changes how many recovery calls a user may make in an hour.
    pub fn set_hourly_limit(&self, calls: usize) {
        cognito::set_hourly_limit(&mut self.pool(), calls);
    }

    fn change(&self, email: &str, change: impl FnOnce(&mut StaffAccount)) {
        match self.pool().by_email(email) {
            Some(account) => change(account.staff_mut()),
            None => panic!("nobody in the user pool has the address {email}"),
        }
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
