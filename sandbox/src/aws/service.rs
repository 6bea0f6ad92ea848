//! The struct [`Aws`]: control and inspection of the local AWS, for tests and the demo.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use functions::Functions;

use super::cognito::{PasswordPolicy, Pool};
use super::faults::{Call, Faults};
use super::lambda;
use crate::clock::Clock;
use crate::core_db::Core;
use crate::mail::Mailbox;
use crate::seed::{Seed, StaffAccount, UserStatus};
use crate::shop::Shop;

/// The local AWS.
pub struct Aws {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) mail: Arc<Mailbox>,
    pub(super) shop: Arc<Shop>,
    pub(super) pool: Arc<Mutex<Pool>>,
    pub(super) functions: Functions,
    pub(super) faults: Faults,
}

impl Aws {
    /// Returns a user pool with the seed's staff, and functions that use these services.
    pub fn new(
        clock: Arc<dyn Clock>,
        seed: &Seed,
        core: Core,
        mail: Arc<Mailbox>,
        shop: Arc<Shop>,
    ) -> Self {
        let pool = Arc::new(Mutex::new(Pool::new(&seed.staff)));
        let functions =
            lambda::functions(clock.clone(), pool.clone(), core, mail.clone(), shop.clone());
        Self { clock, mail, shop, pool, functions, faults: Faults::default() }
    }

    /// Returns the functions, to call them without the wire.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Returns the log of calls, oldest first, without dry runs and calls of unknown names.
    pub fn calls(&self) -> Vec<Call> {
        self.faults.calls()
    }

    /// Returns the logged calls of one function or operation.
    pub fn calls_of(&self, function: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.function == function).collect()
    }

    /// Returns the violations of the contract, oldest first.
    pub fn contract_violations(&self) -> Vec<String> {
        self.faults.contract_violations()
    }

    /// Returns the number of mails of the calls under this key: at most one if calls are
    /// idempotent.
    pub fn mails_of(&self, request_id: &str) -> usize {
        self.mail.for_request(request_id).len()
    }

    /// Returns the number of global sign-outs of an account, by user name, subject or address.
    pub fn sign_outs(&self, name: &str) -> usize {
        self.pool().sign_outs(name)
    }

    /// Returns true if an account was signed out everywhere.
    pub fn signed_out(&self, name: &str) -> bool {
        self.sign_outs(name) > 0
    }

    /// Returns true if this is an account's current password.
    pub fn accepts_password(&self, email: &str, password: &str) -> bool {
        self.pool().by_email(email).is_some_and(|account| account.has_password(password))
    }

    /// Adds a staff account. Its address may be taken.
    pub fn add_account(&self, account: StaffAccount) {
        self.pool().add(account);
    }

    /// Deletes the accounts with this address.
    pub fn delete_account(&self, email: &str) {
        self.pool().delete(email);
    }

    /// Enables or disables an account.
    ///
    /// # Panics
    /// If no account has the address, like the other setters.
    pub fn set_enabled(&self, email: &str, enabled: bool) {
        self.change(email, |staff| staff.enabled = enabled);
    }

    /// Replaces an account's groups.
    pub fn set_groups(&self, email: &str, groups: &[&str]) {
        self.change(email, |staff| {
            staff.groups = groups.iter().map(|&group| group.to_owned()).collect();
        });
    }

    /// Sets an account's name. Empty: the account has none.
    pub fn set_name(&self, email: &str, name: &str) {
        self.change(email, |staff| name.clone_into(&mut staff.name));
    }

    pub fn set_user_status(&self, email: &str, status: UserStatus) {
        self.change(email, |staff| staff.status = status);
    }

    /// Sets if an account's address is verified.
    pub fn set_email_verified(&self, email: &str, verified: bool) {
        self.change(email, |staff| staff.email_verified = verified);
    }

    /// Sets or removes the app client's secret.
    pub fn set_client_secret(&self, secret: Option<&str>) {
        self.pool().set_client_secret(secret);
    }

    /// Makes user names and addresses of the pool case-sensitive.
    pub fn set_case_sensitive(&self) {
        self.pool().set_case_sensitive();
    }

    pub fn set_policy(&self, policy: PasswordPolicy) {
        self.pool().set_policy(policy);
    }

    /// Sets the limit of recovery calls a user and hour.
    pub fn set_hourly_limit(&self, calls: usize) {
        self.pool().set_hourly_limit(calls);
    }

    fn change(&self, email: &str, change: impl FnOnce(&mut StaffAccount)) {
        match self.pool().by_email(email) {
            Some(account) => change(account.staff_mut()),
            None => panic!("no account in the user pool has the address {email}"),
        }
    }

    pub(super) fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
