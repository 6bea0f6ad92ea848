//! Adapter for the port [`MemberRoles`]. Reading one member needs no privileged intent.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use commands::model::fault::Fault;
use commands::model::span::FAULT;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use commands::ports::member_roles::MemberRoles;
use dashmap::DashMap;
use serde::Deserialize;

use super::failure::{Failure, Refusal};
use super::http::{Body, Request};
use super::retry::Api;
use crate::calls::Call;
use crate::measured_call::measure;

/// Time for which the roles of a member are cached: as long as an account.
const CACHE_LIFE: Duration = crate::cognito::CACHE_LIFE;
/// Error codes of Discord: unknown member, unknown user.
const NOT_A_MEMBER: [i64; 2] = [10007, 10013];

/// Roles of the server's members.
pub(crate) struct DiscordMembers {
    api: Arc<Api>,
    guild: String,
    clock: Arc<dyn Clock>,
    /// Roles by user, with the time of the request.
    cache: DashMap<u64, (Vec<u64>, Timestamp)>,
}

/// The part of a member that is read.
#[derive(Deserialize)]
struct Member {
    roles: Vec<String>,
}

impl DiscordMembers {
    pub(crate) fn new(api: Arc<Api>, guild: u64, clock: Arc<dyn Clock>) -> Self {
        Self { api, guild: guild.to_string(), clock, cache: DashMap::new() }
    }

    async fn read(&self, user: u64) -> Result<Option<Vec<u64>>, String> {
        let url = self.api.url(&["guilds", &self.guild, "members", &user.to_string()]);
        let request = Request { call: Call::MemberRead, url, body: Body::default() };
        match self.api.send(&request).await {
            Ok(member) => parse_roles(&member).map(Some),
            Err(Failure::Refused(Refusal { code: Some(code), .. }))
                if NOT_A_MEMBER.contains(&code) =>
            {
                Ok(None)
            }
            Err(failure) => Err(failure.words()),
        }
    }
}

fn parse_roles(member: &[u8]) -> Result<Vec<u64>, String> {
    let roles = serde_json::from_slice(member).ok();
    let roles = roles.and_then(|Member { roles }| {
        roles.iter().map(|role| role.parse().ok()).collect::<Option<Vec<u64>>>()
    });
    roles.ok_or_else(|| "Discord's answer has no roles".to_owned())
}

#[async_trait]
impl MemberRoles for DiscordMembers {
    async fn roles_of(&self, user: u64) -> Result<Option<Vec<u64>>, Fault> {
        let now = self.clock.now();
        // An entry from the future is ignored, because the clock was set back.
        let is_fresh = |at: Timestamp| at <= now && now.since(at) < CACHE_LIFE;
        self.cache.retain(|_, (_, at)| is_fresh(*at));
        if let Some(entry) = self.cache.get(&user) {
            return Ok(Some(entry.0.clone()));
        }
        let call = Call::MemberRead;
        let outcome = |read: &Result<_, _>| if read.is_ok() { "done" } else { FAULT };
        let read = measure(call, &*self.clock, Box::pin(self.read(user)), outcome).await;
        if let Ok(Some(roles)) = &read {
            self.cache.insert(user, (roles.clone(), now));
        }
        read.map_err(|why| Fault::new(call.doing(), why))
    }
}
