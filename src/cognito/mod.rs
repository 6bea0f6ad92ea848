//! The BackOffice's accounts: a user pool of Amazon Cognito.
//!
//! Rights are asked for often (at a session's start, each code, each action), so an account is
//! remembered for at most a minute. A call that fails is never answered from memory that is older,
//! nor with "probably": it is a fault, and the click is refused.

mod recovery;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::bail;
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::operation::admin_get_user::{
    AdminGetUserError, AdminGetUserOutput,
};
use aws_sdk_cognitoidentityprovider::operation::admin_list_groups_for_user::AdminListGroupsForUserError;
use aws_sdk_cognitoidentityprovider::operation::admin_user_global_sign_out::AdminUserGlobalSignOutError;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, UserStatusType};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commands::model::account::{Account, AccountStatus};
use commands::model::email::Email;
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use commands::ports::identity::Identity;
use commands::ports::recovery::PasswordPolicy;
use dashmap::DashMap;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::aws::CallError;
use crate::{config, metrics};

/// How long an account is remembered: a removed agent keeps no more than this.
pub const CACHE_LIFE: Duration = Duration::from_mins(1);
/// Groups on a page: the most that `AdminListGroupsForUser` gives.
const GROUPS_A_PAGE: i32 = 60;
/// Pages that are turned before something must be wrong: a user of 3,000 groups does not exist.
const MOST_PAGES: usize = 50;
/// The longest user name that `AdminGetUser` takes; a longer address can only be searched for.
const LONGEST_USERNAME: usize = 128;

/// The user pool.
pub struct Cognito {
    client: Client,
    config: config::Cognito,
    clock: Arc<dyn Clock>,
    /// By `sub`: the account, and when it was asked for (not when the answer came).
    remembered: DashMap<String, (Account, Timestamp)>,
    /// The password policy, and when it was asked for.
    policy: Mutex<Option<(PasswordPolicy, Timestamp)>>,
}

impl Cognito {
    /// The pool that the settings name.
    #[must_use]
    pub fn new(sdk: &SdkConfig, config: config::Cognito, clock: Arc<dyn Clock>) -> Self {
        Self {
            client: Client::new(sdk),
            config,
            clock,
            remembered: DashMap::new(),
            policy: Mutex::default(),
        }
    }

    /// Forgets an account: the next look at it is fresh.
    pub fn forget(&self, agent_id: &str) {
        self.remembered.remove(agent_id);
    }

    /// Whether the pool, its users and their groups can be read, with what each kind of call needs
    /// of rights.
    pub async fn check(&self) -> Result<(), CallError> {
        // A call about somebody who is not there needs the same rights and touches nobody. One of
        // them signs out, so the name must be nobody's for certain.
        let nobody = nobody();
        let pool = &self.config.user_pool_id;
        self.client
            .describe_user_pool()
            .user_pool_id(pool)
            .send()
            .await
            .map_err(|error| CallError::of(&error))?;
        let got = self.client.admin_get_user().user_pool_id(pool).username(&nobody).send().await;
        permitted(got, AdminGetUserError::is_user_not_found_exception)?;
        let listed = self
            .client
            .admin_list_groups_for_user()
            .user_pool_id(pool)
            .username(&nobody)
            .send()
            .await;
        permitted(listed, AdminListGroupsForUserError::is_user_not_found_exception)?;
        let signed_out = self
            .client
            .admin_user_global_sign_out()
            .user_pool_id(pool)
            .username(&nobody)
            .send()
            .await;
        permitted(signed_out, AdminUserGlobalSignOutError::is_user_not_found_exception)?;
        let searched = self
            .client
            .list_users()
            .user_pool_id(pool)
            .filter(format!("email = \"{nobody}\""))
            .limit(1)
            .send()
            .await;
        searched.map(drop).map_err(|error| CallError::of(&error))
    }

    fn recall(&self, agent_id: &str, now: Timestamp) -> Option<Account> {
        let entry = self.remembered.get(agent_id)?;
        let (account, requested_at) = entry.value();
        // A clock that was set back makes nothing younger.
        (now >= *requested_at && now.since(*requested_at) < CACHE_LIFE).then(|| account.clone())
    }

    fn remember(&self, account: &Account, requested_at: Timestamp) {
        self.remembered.retain(|_, (_, at)| requested_at.since(*at) < CACHE_LIFE);
        let mut entry = self
            .remembered
            .entry(account.agent_id.clone())
            .or_insert_with(|| (account.clone(), requested_at));
        // An answer that was overtaken by a younger question says nothing new.
        if entry.1 <= requested_at {
            *entry = (account.clone(), requested_at);
        }
    }

    /// A user by user name, alias or `sub`.
    async fn get(&self, username: &str) -> anyhow::Result<Option<User>> {
        let asked = self
            .client
            .admin_get_user()
            .user_pool_id(&self.config.user_pool_id)
            .username(username)
            .send()
            .await;
        match asked {
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

    /// The only user with this address, verified or not. `None` when there are several.
    async fn search(&self, address: &str) -> anyhow::Result<Option<User>> {
        let mut found: Vec<User> = Vec::new();
        let mut token = None;
        for _ in 0..MOST_PAGES {
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
            bail!("the search has no end");
        }
        Ok(found.pop().filter(|_| found.is_empty()))
    }

    /// The names of all groups that a user is in, sorted.
    async fn groups(&self, username: &str) -> anyhow::Result<Vec<String>> {
        let mut groups = Vec::new();
        let mut token = None;
        for _ in 0..MOST_PAGES {
            let request = self
                .client
                .admin_list_groups_for_user()
                .user_pool_id(&self.config.user_pool_id)
                .username(username);
            let page = request
                .limit(GROUPS_A_PAGE)
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
        bail!("the list of groups has no end")
    }

    async fn account_of(&self, user: User) -> anyhow::Result<Account> {
        let groups = self.groups(&user.username).await?;
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

    async fn read(&self, agent_id: &str) -> anyhow::Result<Option<Account>> {
        // In a pool where the user name is chosen freely, somebody's name may be another's `sub`.
        let Some(user) = self.get(agent_id).await?.filter(|user| user.sub == agent_id) else {
            return Ok(None);
        };
        self.account_of(user).await.map(Some)
    }

    async fn read_by_address(&self, email: &Email) -> anyhow::Result<Option<Account>> {
        let address = email.as_str();
        // The filter has no way to quote these, so an address with one of them is nobody's.
        if address.contains(['"', '\\']) {
            return Ok(None);
        }
        let by_alias =
            if address.len() <= LONGEST_USERNAME { self.get(address).await? } else { None };
        // Where the address is no alias, it may be the user *name* of somebody with another
        // address.
        let user = match by_alias.filter(|user| user.email == address) {
            Some(user) => Some(user),
            None => self.search(address).await?.filter(|user| user.email == address),
        };
        match user {
            Some(user) => self.account_of(user).await.map(Some),
            None => Ok(None),
        }
    }

    /// Counts what became of a call, and says where it failed.
    fn count<T>(
        &self,
        doing: &'static str,
        began: Timestamp,
        outcome: anyhow::Result<T>,
    ) -> Result<T, Fault> {
        self.count_as(doing, began, |_| "done", outcome)
    }

    /// Likewise, of a call whose answer has a word of its own.
    fn count_as<T>(
        &self,
        doing: &'static str,
        began: Timestamp,
        word: fn(&T) -> &'static str,
        outcome: anyhow::Result<T>,
    ) -> Result<T, Fault> {
        metrics::record_call(
            "cognito",
            doing,
            outcome.as_ref().map_or("fault", word),
            self.clock.now().since(began),
        );
        outcome.map_err(|error| Fault::new(doing, error))
    }
}

#[async_trait]
impl Identity for Cognito {
    async fn account(&self, agent_id: &str) -> Result<Option<Account>, Fault> {
        let now = self.clock.now();
        if let Some(account) = self.recall(agent_id, now) {
            return Ok(Some(account));
        }
        let read = self.read(agent_id).await;
        match &read {
            Ok(Some(account)) => self.remember(account, now),
            // Gone, or nobody can tell: what was remembered is no better.
            _ => self.forget(agent_id),
        }
        self.count("reading a BackOffice account", now, read)
    }

    async fn find(&self, email: &Email) -> Result<Option<Account>, Fault> {
        let now = self.clock.now();
        let found = self.read_by_address(email).await;
        self.count("looking a BackOffice account up", now, found)
    }
}

/// A user name that nobody has: 128 random bits. What comes before them says in Cognito's own log
/// who asks.
///
/// # Panics
///
/// When the system has no randomness to give.
fn nobody() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("the system's random generator works");
    format!("support-desk-check-{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether a call about somebody who is not there was let through: that there is nobody is said to
/// those who may ask.
fn permitted<T, E, R>(
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

/// A user as the pool has it, without groups.
#[derive(Debug)]
struct User {
    username: String,
    sub: String,
    email: String,
    email_verified: bool,
    name: String,
    enabled: bool,
    status: AccountStatus,
}

impl User {
    fn new(
        username: String,
        enabled: bool,
        status: Option<&UserStatusType>,
        attributes: &[AttributeType],
    ) -> Self {
        let find = |name: &str| {
            attributes
                .iter()
                .find(|attribute| attribute.name == name)
                .and_then(|attribute| attribute.value.clone())
        };
        let full = [find("given_name"), find("family_name")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        let name = find("name").or(Some(full)).filter(|name| !name.trim().is_empty());
        Self {
            sub: find("sub").unwrap_or_default(),
            email: find("email").unwrap_or_default().to_lowercase(),
            email_verified: find("email_verified").is_some_and(|verified| verified == "true"),
            name: name.unwrap_or_else(|| username.clone()),
            username,
            enabled,
            status: match status {
                Some(UserStatusType::Confirmed) => AccountStatus::Confirmed,
                Some(UserStatusType::ResetRequired) => AccountStatus::ResetRequired,
                Some(UserStatusType::ForceChangePassword) => AccountStatus::ForceChangePassword,
                Some(UserStatusType::Unconfirmed) => AccountStatus::Unconfirmed,
                _ => AccountStatus::Other,
            },
        }
    }
}

impl From<AdminGetUserOutput> for User {
    fn from(found: AdminGetUserOutput) -> Self {
        let attributes = found.user_attributes.as_deref().unwrap_or_default();
        Self::new(found.username, found.enabled, found.user_status.as_ref(), attributes)
    }
}

#[cfg(test)]
mod tests;
