//! The BackOffice accounts: a user pool of Amazon Cognito.
//!
//! Eligibility is checked often (at a session's start, each code, each action), so an account is
//! cached for at most a minute. A failed call is a fault, and the click is refused. An older cache
//! entry never replaces the answer.

mod recovery;
mod user;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::bail;
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::operation::admin_get_user::AdminGetUserError;
use aws_sdk_cognitoidentityprovider::operation::admin_list_groups_for_user::AdminListGroupsForUserError;
use aws_sdk_cognitoidentityprovider::operation::admin_user_global_sign_out::AdminUserGlobalSignOutError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commands::model::account::Account;
use commands::model::email::Email;
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use commands::ports::identity::Identity;
use commands::ports::recovery::PasswordPolicy;
use dashmap::DashMap;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::aws::CallError;
use crate::config;
use crate::metrics;

use user::User;

/// Time for which an account is cached. A removed agent loses access within this time.
pub const CACHE_LIFE: Duration = Duration::from_mins(1);
/// Groups on a page: the maximum of `AdminListGroupsForUser`.
const GROUPS_PER_PAGE: i32 = 60;
/// Maximum number of pages to read. No user has 3,000 groups, so more pages mean an error.
const MAX_PAGES: usize = 50;
/// Maximum length of a user name in `AdminGetUser`. A longer address can only be searched for.
const MAX_USERNAME: usize = 128;

/// Adapter for the user pool.
pub struct Cognito {
    client: Client,
    config: config::Cognito,
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
        let pool = &self.config.user_pool_id;
        self.client
            .describe_user_pool()
            .user_pool_id(pool)
            .send()
            .await
            .map_err(|error| CallError::of(&error))?;
        let got = self.client.admin_get_user().user_pool_id(pool).username(&unknown).send().await;
        ensure_permitted(got, AdminGetUserError::is_user_not_found_exception)?;
        let listed = self
            .client
            .admin_list_groups_for_user()
            .user_pool_id(pool)
            .username(&unknown)
            .send()
            .await;
        ensure_permitted(listed, AdminListGroupsForUserError::is_user_not_found_exception)?;
        let signed_out = self
            .client
            .admin_user_global_sign_out()
            .user_pool_id(pool)
            .username(&unknown)
            .send()
            .await;
        ensure_permitted(signed_out, AdminUserGlobalSignOutError::is_user_not_found_exception)?;
        let searched = self
            .client
            .list_users()
            .user_pool_id(pool)
            .filter(format!("email = \"{unknown}\""))
            .limit(1)
            .send()
            .await;
        searched.map(drop).map_err(|error| CallError::of(&error))
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
    async fn get_user(&self, username: &str) -> anyhow::Result<Option<User>> {
        let found = self
            .client
            .admin_get_user()
            .user_pool_id(&self.config.user_pool_id)
            .username(username)
            .send()
            .await;
        match found {
            Ok(found) => Ok(Some(User::from(found))),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(AdminGetUserError::is_user_not_found_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(CallError::of(&error).into()),
        }
    }

    /// Searches for the user with an address, verified or not. Returns `None` if there are several.
    async fn search_by_address(&self, address: &str) -> anyhow::Result<Option<User>> {
        let mut found: Vec<User> = Vec::new();
        let mut token = None;
        for _ in 0..MAX_PAGES {
            let request = self
                .client
                .list_users()
                .user_pool_id(&self.config.user_pool_id)
                .filter(format!("email = \"{address}\""));
            let page = request
                .set_pagination_token(token)
                .send()
                .await
                .map_err(|error| CallError::of(&error))?;
            let users = page.users.unwrap_or_default();
            found.extend(users.into_iter().map(|user| {
                let attributes = user.attributes.as_deref().unwrap_or_default();
                User::new(
                    user.username.unwrap_or_default(),
                    user.enabled,
                    user.user_status.as_ref(),
                    attributes,
                )
            }));
            token = page.pagination_token;
            if token.is_none() || found.len() > 1 {
                break;
            }
        }
        if token.is_some() && found.len() < 2 {
            bail!("ListUsers returned too many pages");
        }
        Ok(found.pop().filter(|_| found.is_empty()))
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
                .username(username);
            let page = request
                .limit(GROUPS_PER_PAGE)
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| CallError::of(&error))?;
            groups.extend(
                page.groups.unwrap_or_default().into_iter().filter_map(|group| group.group_name),
            );
            token = page.next_token;
            if token.is_none() {
                groups.sort_unstable();
                return Ok(groups);
            }
        }
        bail!("AdminListGroupsForUser returned too many pages")
    }

    async fn account_of(&self, user: User) -> anyhow::Result<Account> {
        let groups = self.list_groups(&user.username).await?;
        Ok(Account {
            agent_id: user.sub,
            name: user.name,
            email: user.email,
            email_verified: user.email_verified,
            enabled: user.enabled,
            in_group: groups.iter().any(|name| self.config.agent_groups.contains(name)),
            groups,
            status: user.status,
        })
    }

    /// Finds a user by `sub`. Compares it, because a freely chosen user name can equal another
    /// user's `sub`.
    async fn get_by_sub(&self, agent_id: &str) -> anyhow::Result<Option<User>> {
        Ok(self.get_user(agent_id).await?.filter(|user| user.sub == agent_id))
    }

    async fn read_account(&self, agent_id: &str) -> anyhow::Result<Option<Account>> {
        match self.get_by_sub(agent_id).await? {
            Some(user) => self.account_of(user).await.map(Some),
            None => Ok(None),
        }
    }

    async fn read_by_address(&self, email: &Email) -> anyhow::Result<Option<Account>> {
        let address = email.as_str();
        // The filter cannot escape these characters, so such an address counts as unknown.
        if address.contains(['"', '\\']) {
            return Ok(None);
        }
        let by_alias =
            if address.len() <= MAX_USERNAME { self.get_user(address).await? } else { None };
        // If the address is not an alias, it can be the user *name* of a user with another address.
        let user = match by_alias.filter(|user| user.email == address) {
            Some(user) => Some(user),
            None => self.search_by_address(address).await?.filter(|user| user.email == address),
        };
        match user {
            Some(user) => self.account_of(user).await.map(Some),
            None => Ok(None),
        }
    }

    /// Counts the outcome of a call in the metrics and turns an error into a fault.
    fn count<T>(
        &self,
        doing: &'static str,
        started: Timestamp,
        outcome: anyhow::Result<T>,
    ) -> Result<T, Fault> {
        self.count_as(doing, started, |_| "done", outcome)
    }

    /// Counts the outcome of a call under the word that `word` returns for its answer.
    fn count_as<T>(
        &self,
        doing: &'static str,
        started: Timestamp,
        word: fn(&T) -> &'static str,
        outcome: anyhow::Result<T>,
    ) -> Result<T, Fault> {
        metrics::record_call(
            "cognito",
            doing,
            outcome.as_ref().map_or("fault", word),
            self.clock.now().since(started),
        );
        outcome.map_err(|error| Fault::new(doing, error))
    }
}

#[async_trait]
impl Identity for Cognito {
    async fn account(&self, agent_id: &str) -> Result<Option<Account>, Fault> {
        let now = self.clock.now();
        if let Some(account) = self.find_cached(agent_id, now) {
            return Ok(Some(account));
        }
        let read = self.read_account(agent_id).await;
        match &read {
            Ok(Some(account)) => self.cache_account(account, now),
            // Unknown, or not readable. A cached answer would be no better.
            _ => self.forget(agent_id),
        }
        self.count("reading a BackOffice account", now, read)
    }

    async fn find(&self, email: &Email) -> Result<Option<Account>, Fault> {
        let now = self.clock.now();
        let found = self.read_by_address(email).await;
        self.count("looking up a BackOffice account", now, found)
    }
}

/// Returns a user name with 128 random bits, which no user has. The prefix shows in Cognito's log.
///
/// # Panics
///
/// If the system's random generator fails.
fn unknown_username() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("the system's random generator works");
    format!("support-desk-check-{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// Returns `Ok` if IAM permitted a call about an unknown user. `UserNotFound` means that it did.
fn ensure_permitted<T, E, R>(
    outcome: Result<T, SdkError<E, R>>,
    not_found: fn(&E) -> bool,
) -> Result<(), CallError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    match outcome {
        Err(error) if !error.as_service_error().is_some_and(not_found) => {
            Err(CallError::of(&error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
