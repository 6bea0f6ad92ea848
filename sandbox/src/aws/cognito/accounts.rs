//! The accounts of the user pool.

use std::collections::HashMap;

use ring::hmac;
use serde_json::{Value, json};

use super::policy::PasswordPolicy;
use crate::random;
use crate::seed::{FIRST_PASSWORD, StaffAccount};

/// Calls of `ForgotPassword` and `ConfirmForgotPassword` together, a user and hour.
///
/// AWS documents 5 to 20.
pub(super) const HOURLY_LIMIT: usize = 20;
/// An hour, in milliseconds.
pub(super) const HOUR: i64 = 60 * 60 * 1000;
/// Creation time of all accounts, in seconds since the epoch: 2024-01-15.
const CREATED: f64 = 1_705_309_200.0;

/// A code for a new password.
pub(super) struct ResetCode {
    pub(super) code: String,
    pub(super) expires_at: i64,
    pub(super) wrong_codes: u32,
}

/// An account with its reset code, passwords and sign-outs.
pub(in crate::aws) struct Account {
    pub(super) staff: StaffAccount,
    pub(super) reset: Option<ResetCode>,
    /// Digests of all passwords so far, newest last.
    passwords: Vec<Digest>,
    pub(super) sign_outs: usize,
}

/// A password digest under a random key, which is enough for a pool in memory.
struct Digest {
    key: hmac::Key,
    tag: hmac::Tag,
}

impl Digest {
    fn of(password: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>());
        Self { tag: hmac::sign(&key, password.as_bytes()), key }
    }

    fn matches(&self, password: &str) -> bool {
        hmac::verify(&self.key, password.as_bytes(), self.tag.as_ref()).is_ok()
    }
}

/// The one user pool.
pub(in crate::aws) struct Pool {
    pub(super) accounts: Vec<Account>,
    pub(super) policy: PasswordPolicy,
    /// The app client's secret, if it has one.
    pub(super) secret: Option<String>,
    pub(super) hourly_limit: usize,
    pub(super) case_sensitive: bool,
    /// Times of recovery calls by user name, also for unknown names.
    recoveries: HashMap<String, Vec<i64>>,
}

impl Pool {
    pub(in crate::aws) fn new(staff: &[StaffAccount]) -> Self {
        let accounts = staff.iter().cloned().map(Account::new).collect();
        Self {
            accounts,
            policy: PasswordPolicy::default(),
            secret: None,
            hourly_limit: HOURLY_LIMIT,
            case_sensitive: false,
            recoveries: HashMap::new(),
        }
    }

    pub(in crate::aws) fn add(&mut self, staff: StaffAccount) {
        self.accounts.push(Account::new(staff));
    }

    pub(in crate::aws) fn delete(&mut self, email: &str) {
        self.accounts.retain(|account| !account.staff.email.eq_ignore_ascii_case(email));
    }

    /// Finds the account of a `Username` parameter: user name, subject, or unique verified address.
    pub(in crate::aws) fn find(&self, name: &str) -> Option<&StaffAccount> {
        self.position(name).map(|at| &self.accounts[at].staff)
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        let named = |account: &Account| {
            self.is_same(&account.staff.username, name) || account.staff.sub == name
        };
        self.accounts.iter().position(named).or_else(|| {
            let mut aliased = self
                .accounts
                .iter()
                .enumerate()
                .filter(|(_, a)| a.staff.email_verified && self.is_same(&a.staff.email, name));
            let (at, _) = aliased.next()?;
            aliased.next().is_none().then_some(at)
        })
    }

    /// Finds an account by its address, verified or not, for tests.
    pub(in crate::aws) fn by_email(&mut self, email: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.staff.email.eq_ignore_ascii_case(email))
    }

    pub(in crate::aws) fn sign_outs(&self, name: &str) -> usize {
        self.position(name).map_or(0, |at| self.accounts[at].sign_outs)
    }

    pub(in crate::aws) fn set_client_secret(&mut self, secret: Option<&str>) {
        self.secret = secret.map(str::to_owned);
    }

    /// Compares two user names or addresses as the pool is configured.
    pub(super) fn is_same(&self, one: &str, other: &str) -> bool {
        one == other || (!self.case_sensitive && one.eq_ignore_ascii_case(other))
    }

    pub(in crate::aws) fn set_case_sensitive(&mut self) {
        self.case_sensitive = true;
    }

    pub(in crate::aws) fn set_policy(&mut self, policy: PasswordPolicy) {
        self.policy = policy;
    }

    pub(in crate::aws) fn set_hourly_limit(&mut self, calls: usize) {
        self.hourly_limit = calls;
    }

    /// Counts a recovery call. Returns false if the hourly limit is reached.
    pub(super) fn count_recovery(&mut self, name: &str, now: i64) -> bool {
        let calls = self.recoveries.entry(name.to_lowercase()).or_default();
        calls.retain(|at| now - at < HOUR);
        if calls.len() >= self.hourly_limit {
            return false;
        }
        calls.push(now);
        true
    }
}

impl Account {
    fn new(staff: StaffAccount) -> Self {
        Self { staff, reset: None, passwords: vec![Digest::of(FIRST_PASSWORD)], sign_outs: 0 }
    }

    pub(in crate::aws) fn staff_mut(&mut self) -> &mut StaffAccount {
        &mut self.staff
    }

    /// Returns true if this is the current password.
    pub(in crate::aws) fn has_password(&self, password: &str) -> bool {
        self.passwords.last().is_some_and(|current| current.matches(password))
    }

    /// Returns true if this is one of the newest `count` passwords.
    pub(super) fn had_password(&self, password: &str, count: usize) -> bool {
        self.passwords.iter().rev().take(count).any(|old| old.matches(password))
    }

    pub(super) fn set_password(&mut self, password: &str) {
        self.passwords.push(Digest::of(password));
    }

    /// Returns the user in the format of the API, with its attributes under this key.
    pub(super) fn as_json(&self, attributes: &str) -> Value {
        let staff = &self.staff;
        let verified = if staff.email_verified { "true" } else { "false" };
        json!({
            "Username": staff.username,
            attributes: [
                {"Name": "email", "Value": staff.email},
                {"Name": "email_verified", "Value": verified},
                {"Name": "name", "Value": staff.name},
                {"Name": "sub", "Value": staff.sub},
            ],
            "UserCreateDate": CREATED,
            "UserLastModifiedDate": CREATED,
            "Enabled": staff.enabled,
            "UserStatus": staff.status.as_str(),
        })
    }
}
