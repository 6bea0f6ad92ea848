//! The BackOffice accounts: a user pool of Amazon Cognito.
//!
//! Eligibility is checked at every click and once a minute without one, so an account is cached for
//! at most a minute. A failed call is a fault, and the click is refused unless it leaves the
//! session. An older cache entry never replaces the answer.

mod app_client;
mod recovery;
mod user;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::bail;
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::operation::list_users::builders::ListUsersFluentBuilder;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commands::model::account::Account;
use commands::model::email::Email;
use commands::model::fault::Fault;
use commands::model::normalize::is_unseen;
use commands::model::scope::SupportGroups;
use commands::model::span::FAULT;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use commands::ports::identity::Identity;
use commands::ports::recovery::PasswordPolicy;
use dashmap::DashMap;
use futures_util::future::BoxFuture;

use crate::aws::CallError;
use crate::calls::Call;
use crate::config;
use crate::keys::random_bytes;
use crate::measured_call::measure;

pub use app_client::WriteAccess;
use user::User;

/// Time for which an account is cached. After it at the latest, a click of a removed agent is
/// refused.
pub const CACHE_LIFE: Duration = Duration::from_mins(1);
/// Groups on a page: the maximum of `AdminListGroupsForUser`.
const GROUPS_PER_PAGE: i32 = 60;
/// Maximum number of pages to read. No user has 3,000 groups, so more pages mean an error.
const MAX_PAGES: usize = 50;
/// Maximum length of a user name in `AdminGetUser`. A longer address can only be searched for.
const MAX_USERNAME: usize = 128;
/// Exception of a call about a user who does not exist.
const USER_NOT_FOUND: &str = "UserNotFoundException";

/// Exception of `GetGroup` about a group that does not exist.
const NOT_FOUND: &str = "ResourceNotFoundException";
/// Exception of a call that the policy does not allow.
const ACCESS_DENIED: &str = "AccessDeniedException";

/// Result of looking for a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupCheck {
    Exists,
    Missing,
    /// The policy does not allow to look for it.
    NotPermitted,
}

/// Adapter for the user pool.
pub struct Cognito {
    client: Client,
    config: config::Cognito,
    /// Groups of the configuration, which decide what an account allows.
    groups: SupportGroups,
    clock: Arc<dyn Clock>,
    /// Accounts by `sub`, with the time of the request (not of the answer).
    cache: DashMap<String, (Account, Timestamp)>,
    /// The password policy, with the time of the request.
    policy: Mutex<Option<(PasswordPolicy, Timestamp)>>,
}

impl Cognito {
    pub fn new(sdk: &SdkConfig, config: config::Cognito, clock: Arc<dyn Clock>) -> Self {
        Self {
            client: Client::new(sdk),
            groups: config.support_groups(),
            config,
            clock,
            cache: DashMap::new(),
            policy: Mutex::default(),
        }
    }

    /// Removes an account from the cache.
    pub fn forget(&self, agent_id: &str) {
        self.cache.remove(agent_id);
    }

    /// Checks that IAM permits each administrative call of the adapter.
    pub async fn check(&self) -> Result<(), CallError> {
        // Calls about an unknown user need the same permissions and change nothing. One of them
        // signs a user out, so the name must not exist.
        let unknown = unknown_username();
        let (client, pool) = (&self.client, &self.config.user_pool_id);
        client.describe_user_pool().user_pool_id(pool).send().await?;
        let get = client.admin_get_user().user_pool_id(pool).username(&unknown);
        ensure_permitted(get.send().await)?;
        let list_groups = client.admin_list_groups_for_user().user_pool_id(pool).username(&unknown);
        ensure_permitted(list_groups.send().await)?;
        let sign_out = client.admin_user_global_sign_out().user_pool_id(pool).username(&unknown);
        ensure_permitted(sign_out.send().await)?;
        self.list_users(&unknown).limit(1).send().await?;
        Ok(())
    }

    /// Looks for a group by its exact name.
    pub async fn check_group(&self, name: &str) -> Result<GroupCheck, CallError> {
        let request = self.client.get_group().user_pool_id(&self.config.user_pool_id);
        match request.group_name(name).send().await {
            Ok(_) => Ok(GroupCheck::Exists),
            Err(error) if error.code() == Some(NOT_FOUND) => Ok(GroupCheck::Missing),
            Err(error) if error.code() == Some(ACCESS_DENIED) => Ok(GroupCheck::NotPermitted),
            Err(error) => Err(error.into()),
        }
    }

    fn find_cached(&self, agent_id: &str, now: Timestamp) -> Option<Account> {
        let entry = self.cache.get(agent_id)?;
        let (account, requested_at) = entry.value();
        // An entry from the future is ignored, because the clock was set back.
        (now >= *requested_at && now.since(*requested_at) < CACHE_LIFE).then(|| account.clone())
    }

    fn cache_account(&self, account: &Account, requested_at: Timestamp) {
        self.cache.retain(|_, (_, at)| requested_at.since(*at) < CACHE_LIFE);
        let mut entry = self
            .cache
            .entry(account.agent_id.clone())
            .or_insert_with(|| (account.clone(), requested_at));
        // A slow answer must not replace that of a later request.
        if entry.1 <= requested_at {
            *entry = (account.clone(), requested_at);
        }
    }

    /// Finds a user by user name, alias or `sub`.
    async fn get_user(&self, username: &str) -> Result<Option<User>, CallError> {
        let request = self.client.admin_get_user().user_pool_id(&self.config.user_pool_id);
        match request.username(username).send().await {
            Ok(found) => Ok(Some(User::from(found))),
            Err(error) if error.code() == Some(USER_NOT_FOUND) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the request for the users with an address, verified or not.
    fn list_users(&self, address: &str) -> ListUsersFluentBuilder {
        let request = self.client.list_users().user_pool_id(&self.config.user_pool_id);
        request.filter(format!("email = \"{address}\""))
    }

    /// Searches for the users with an address, verified or not.
    async fn search_by_address(&self, address: &str) -> anyhow::Result<Vec<User>> {
        let mut found: Vec<User> = Vec::new();
        // The filter cannot quote these characters, so such an address counts as unknown.
        if address.contains(['"', '\\']) {
            return Ok(found);
        }
        let mut token = None;
        for _ in 0..MAX_PAGES {
            let request = self.list_users(address).set_pagination_token(token);
            let page = request.send().await.map_err(CallError::from)?;
            found.extend(page.users.unwrap_or_default().into_iter().map(User::from));
            token = page.pagination_token;
            if token.is_none() {
                return Ok(found);
            }
        }
        bail!("ListUsers returned too many pages")
    }

    /// Returns the names of all groups of a user, sorted.
    async fn list_groups(&self, username: &str) -> anyhow::Result<Vec<String>> {
        let mut groups = Vec::new();
        let mut token = None;
        for _ in 0..MAX_PAGES {
            let request = self
                .client
                .admin_list_groups_for_user()
                .user_pool_id(&self.config.user_pool_id)
                .username(username)
                .limit(GROUPS_PER_PAGE)
                .set_next_token(token);
            let page = request.send().await.map_err(CallError::from)?;
            let listed = page.groups.unwrap_or_default();
            groups.extend(listed.into_iter().filter_map(|group| group.group_name));
            token = page.next_token;
            if token.is_none() {
                groups.sort_unstable();
                return Ok(groups);
            }
        }
        bail!("AdminListGroupsForUser returned too many pages")
    }

    /// Returns the account of a user, if there is one, with its groups.
    async fn account_of(&self, user: Option<User>) -> anyhow::Result<Option<Account>> {
        let Some(user) = user else { return Ok(None) };
        let groups = self.list_groups(&user.username).await?;
        Ok(Some(Account {
            agent_id: user.sub,
            name: user.name,
            email: user.email,
            email_verified: user.email_verified,
            enabled: user.enabled,
            scope: self.groups.widest_scope(&groups),
            is_lead: self.groups.make_lead(&groups),
            groups,
            status: user.status,
        }))
    }

    /// Finds a user by `sub`. Compares it, because a freely chosen user name can equal another
    /// user's `sub`.
    async fn get_by_sub(&self, agent_id: &str) -> Result<Option<User>, CallError> {
        Ok(self.get_user(agent_id).await?.filter(|user| user.sub == agent_id))
    }

    async fn read_account(&self, agent_id: &str) -> anyhow::Result<Option<Account>> {
        self.account_of(self.get_by_sub(agent_id).await?).await
    }

    /// Reads the account with an address: the only one, or the only one that has verified it.
    ///
    /// Asks for each spelling, because Cognito compares bytes. Asks twice for each: `AdminGetUser`
    /// finds an alias in any case, but also a user *name* that is another user's address.
    async fn read_by_address(&self, email: &Email) -> anyhow::Result<Option<Account>> {
        let mut found: Vec<User> = Vec::new();
        // Cognito rejects user names with unseen characters.
        let spellings = BTreeSet::from(email.spellings());
        for spelling in spellings.iter().filter(|spelling| !spelling.contains(is_unseen)) {
            if spelling.len() <= MAX_USERNAME {
                found.extend(self.get_user(spelling).await?);
            }
            found.extend(self.search_by_address(spelling).await?);
        }
        found.retain(|user| user.email == email.as_str());
        found.sort_unstable_by(|one, other| one.sub.cmp(&other.sub));
        found.dedup_by(|one, other| one.sub == other.sub);
        if found.len() > 1 {
            found.retain(|user| user.email_verified);
        }
        let only = if found.len() == 1 { found.pop() } else { None };
        self.account_of(only).await
    }

    /// Makes a call and records its outcome, a successful one under the word that `done` returns
    /// for its answer. Turns an error into a fault.
    async fn measure<T>(
        &self,
        call: Call,
        done: fn(&T) -> &'static str,
        work: BoxFuture<'_, anyhow::Result<T>>,
    ) -> Result<T, Fault> {
        let outcome = |result: &anyhow::Result<T>| result.as_ref().map_or(FAULT, done);
        let result = measure(call, &*self.clock, work, outcome).await;
        result.map_err(|error| Fault::new(call.doing(), error))
    }
}

#[async_trait]
impl Identity for Cognito {
    async fn account(&self, agent_id: &str) -> Result<Option<Account>, Fault> {
        let now = self.clock.now();
        if let Some(account) = self.find_cached(agent_id, now) {
            return Ok(Some(account));
        }
        let reading = Box::pin(self.read_account(agent_id));
        let read = self.measure(Call::AccountRead, |_| "done", reading).await;
        match &read {
            Ok(Some(account)) => self.cache_account(account, now),
            // Unknown, or not readable. A cached answer would be no better.
            _ => self.forget(agent_id),
        }
        read
    }

    async fn find(&self, email: &Email) -> Result<Option<Account>, Fault> {
        self.measure(Call::AccountFind, |_| "done", Box::pin(self.read_by_address(email))).await
    }
}

/// Returns a user name with 128 random bits, which no user has. The prefix shows in Cognito's log.
///
/// # Panics
///
/// If the system's random generator fails.
fn unknown_username() -> String {
    format!("support-desk-check-{}", URL_SAFE_NO_PAD.encode(random_bytes::<16>()))
}

/// Returns `Ok` if IAM permitted a call about an unknown user. `UserNotFound` means that it did.
fn ensure_permitted<T, E>(outcome: Result<T, SdkError<E>>) -> Result<(), CallError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match outcome {
        Err(error) if error.code() != Some(USER_NOT_FOUND) => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
