//! The user pool's accounts, and what a test or a demo may do to them.

use std::collections::HashMap;

use ring::hmac;
use serde_json::{Value, json};

use super::policy::PasswordPolicy;
use crate::aws::random;
use crate::cast::{FIRST_PASSWORD, StaffAccount};

/// Calls of `ForgotPassword` and `ConfirmForgotPassword` together, a user and hour: the upper end
/// of what AWS documents (5 to 20).
pub(super) const HOURLY_LIMIT: usize = 20;
/// An hour, in milliseconds.
pub(super) const HOUR: i64 = 60 * 60 * 1000;
/// When the accounts were made, in seconds since the epoch: 2024-01-15.
const CREATED: f64 = 1_705_309_200.0;

/// A code for a new password.
pub(super) struct ResetCode {
    pub(super) code: String,
    pub(super) expires_at: i64,
    pub(super) wrong: u32,
}

/// An account and what hangs on it.
pub(in crate::aws) struct Account {
    pub(super) staff: StaffAccount,
    pub(super) reset: Option<ResetCode>,
    /// Digests of all passwords it had, newest last.
    passwords: Vec<Digest>,
    pub(super) sign_outs: usize,
}

/// A digest under a random key; enough for a pool that lives in memory.
struct Digest {
    key: hmac::Key,
    tag: hmac::Tag,
}

impl Digest {
    fn of(password: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>());
        Self { tag: hmac::sign(&key, password.as_bytes()), key }
    }

    fn is(&self, password: &str) -> bool {
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
    /// When recovery was called, by user name, also for names that nobody has.
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
            recoveries: HashMap::new(),
        }
    }

    pub(in crate::aws) fn add(&mut self, staff: StaffAccount) {
        self.accounts.push(Account::new(staff));
    }

    pub(in crate::aws) fn delete(&mut self, email: &str) {
        self.accounts.retain(|account| !account.staff.email.eq_ignore_ascii_case(email));
    }

    /// The account that a `Username` parameter means: a user name, a subject, or a verified address
    /// that is nobody else's.
    pub(in crate::aws) fn find(&self, name: &str) -> Option<&StaffAccount> {
        self.position(name).map(|at| &self.accounts[at].staff)
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        let named = |account: &Account| {
            account.staff.username.eq_ignore_ascii_case(name) || account.staff.sub == name
        };
        self.accounts.iter().position(named).or_else(|| {
            let mut aliased = self.accounts.iter().enumerate().filter(|(_, a)| {
                a.staff.email_verified && a.staff.email.eq_ignore_ascii_case(name)
            });
            let (at, _) = aliased.next()?;
            aliased.next().is_none().then_some(at)
        })
    }

    /// The account that a test names by its address, verified or not.
    pub(in crate::aws) fn by_email(&mut self, email: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.staff.email.eq_ignore_ascii_case(email))
    }

    /// Counts a recovery call; false when the hour's are used up.
    pub(super) fn may_recover(&mut self, name: &str, now: i64) -> bool {
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

    /// Whether this is the current password.
    pub(in crate::aws) fn has_password(&self, password: &str) -> bool {
        self.passwords.last().is_some_and(|current| current.is(password))
    }

    /// Whether this was one of the newest `count` passwords.
    pub(super) fn had_password(&self, password: &str, count: usize) -> bool {
        self.passwords.iter().rev().take(count).any(|old| old.is(password))
    }

    pub(super) fn set_password(&mut self, password: &str) {
        self.passwords.push(Digest::of(password));
    }

    /// The user as the API shows one, its attributes under this key.
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
