//! Roles of the server's members, over Discord's HTTP API. Reading one member needs no privileged
//! intent.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use async_trait::async_trait;
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use commands::ports::member_roles::MemberRoles;
use dashmap::DashMap;
use serenity::all::{GuildId, Http, HttpError, UserId};

use super::api;
use crate::calls::Call;
use crate::metrics;

/// Time for which the roles of a member are cached: as long as an account.
const CACHE_LIFE: Duration = crate::cognito::CACHE_LIFE;
/// Waits after a 429. Ours: Discord allows a few reads of a member a second.
const RATE_LIMIT_WAITS: [Duration; 3] = [Duration::from_secs(1); 3];
/// Error codes of Discord: unknown member, unknown user.
const NOT_A_MEMBER: [isize; 2] = [10007, 10013];

/// Adapter for the members of the server.
pub(crate) struct DiscordMembers {
    http: Arc<Http>,
    guild: GuildId,
    clock: Arc<dyn Clock>,
    /// Roles by user, with the time of the request.
    cache: DashMap<u64, (Vec<u64>, Timestamp)>,
}

impl DiscordMembers {
    pub(crate) fn new(http: Arc<Http>, guild: u64, clock: Arc<dyn Clock>) -> Self {
        Self { http, guild: GuildId::new(guild), clock, cache: DashMap::new() }
    }

    async fn read(&self, user: u64) -> serenity::Result<Option<Vec<u64>>> {
        let mut waits = RATE_LIMIT_WAITS.into_iter();
        loop {
            let result = self.http.get_member(self.guild, UserId::new(user)).await;
            let Err(serenity::Error::Http(HttpError::UnsuccessfulRequest(refusal))) = &result
            else {
                return result.map(|member| Some(role_ids(&member.roles)));
            };
            if NOT_A_MEMBER.contains(&refusal.error.code) {
                return Ok(None);
            }
            match waits.next().filter(|_| refusal.status_code.as_u16() == 429) {
                Some(wait) => self.clock.sleep(wait).await,
                None => return result.map(|_| None),
            }
        }
    }
}

fn role_ids(roles: &[serenity::all::RoleId]) -> Vec<u64> {
    roles.iter().map(|role| role.get()).collect()
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
        let read = self.read(user).await;
        if let Ok(Some(roles)) = &read {
            self.cache.insert(user, (roles.clone(), now));
        }
        let call = Call::MemberRead;
        let outcome = if read.is_ok() { "done" } else { "fault" };
        metrics::record_call(call, outcome, self.clock.now().since(now));
        read.map_err(|error| Fault::new(call.doing(), anyhow!("{:#}", api::describe(&error))))
    }
}
