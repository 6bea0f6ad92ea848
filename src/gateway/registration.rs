//! Registration of the commands at Discord.
//!
//! Discord limits the calls that write commands, without saying how many, and then refuses them for
//! minutes. So the bot reads the commands first, and writes only a difference.

mod definition;
#[cfg(test)]
#[cfg(feature = "demo")]
mod tests;

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use commands::discord::slash;
use commands::model::command_ids::CommandIds;
use commands::model::time::Timestamp;
use serenity::all::{ApplicationId, CreateCommand, GuildId};
use serenity::http::{LightMethod, Request, Route};

use self::definition::{Definition, Registered};
use super::rest::{CallError, Rest};
use crate::health::GuildState;

/// Time between two looks at the guild's commands.
const LOOK_INTERVAL: Duration = Duration::from_hours(1);
/// Shortest time until the next look, if commands could not be written. Ours: Discord's limit for
/// writing commands is in minutes.
const SHORTEST_INTERVAL: Duration = Duration::from_mins(1);

/// Reason why Discord shows the bot no commands of the guild (403 or 404).
pub(crate) const OUTSIDE: &str = "the bot is not in the guild, or lacks the applications.commands \
                                  scope: check DISCORD_GUILD_ID, and invite the bot again";

/// The guild's commands, compared with the bot's.
pub struct Registration {
    rest: Rest,
    route: Route<'static>,
    commands: Vec<CreateCommand>,
    /// `commands`, for the comparison.
    wanted: Vec<Definition>,
    /// The commands differ, and could not be written. Time until the next look.
    unwritten: Option<Duration>,
}

impl Registration {
    pub(super) fn new(
        rest: Rest,
        application_id: ApplicationId,
        guild: u64,
    ) -> anyhow::Result<Self> {
        let commands = slash::definitions();
        let wanted = serde_json::to_value(&commands).and_then(serde_json::from_value);
        let wanted = wanted.context("a command has no definition")?;
        let route = Route::GuildCommands { application_id, guild_id: GuildId::new(guild) };
        Ok(Self { rest, route, commands, wanted, unwritten: None })
    }

    /// Registers the commands at a start, which waits until `give_up_at`. Returns their ids.
    ///
    /// A difference that cannot be written does not end the start, unless a command is missing at
    /// Discord. A later look writes it.
    pub(super) async fn at_start(&mut self, give_up_at: Timestamp) -> anyhow::Result<CommandIds> {
        let cannot_read = |error: CallError| {
            if error.is_outside() { anyhow!(OUTSIDE) } else { error.at_start() }
        };
        let found: Option<Vec<Registered>> =
            self.rest.until(give_up_at, self.read()).await.map_err(cannot_read)?;
        let found = found.unwrap_or_default();
        if self.is_current(&found) {
            return Ok(ids(found));
        }
        match self.rest.until(give_up_at, self.write()?).await {
            Ok(written) => Ok(ids(written)),
            Err(error) if self.lacks_any(&found) => Err(error.at_start()),
            Err(error) => {
                self.postpone(&error);
                Ok(ids(found))
            }
        }
    }

    /// Returns the time until the next look.
    pub(super) fn next_look(&self) -> Duration {
        self.unwritten.unwrap_or(LOOK_INTERVAL)
    }

    /// Reads the guild's commands, and writes them if the start could not, or if one is missing.
    /// Other differences stay, because a replica of another version can have written them. Returns
    /// whether the bot is in the guild; `None` if Discord does not say so.
    pub(super) async fn look(&mut self) -> Option<GuildState> {
        let found: Option<Vec<Registered>> = match self.rest.once(self.read()).await {
            Ok(found) => found,
            Err(error) if error.is_outside() => return Some(GuildState::Kicked),
            Err(error) => {
                tracing::debug!("cannot read the guild's commands: {error}");
                return None;
            }
        };
        let found = found.unwrap_or_default();
        let is_due = self.lacks_any(&found) || self.unwritten.is_some() && !self.is_current(&found);
        self.unwritten = None;
        if is_due && let Ok(request) = self.write() {
            match self.rest.once::<Vec<Registered>>(request).await {
                Ok(_) => tracing::info!("commands registered"),
                Err(error) => self.postpone(&error),
            }
        }
        Some(GuildState::Joined)
    }

    fn postpone(&mut self, error: &CallError) {
        tracing::warn!(
            "commands differ from the registered ones: cannot register them now: {error}"
        );
        let wait = error.wait().unwrap_or(LOOK_INTERVAL);
        self.unwritten = Some(wait.clamp(SHORTEST_INTERVAL, LOOK_INTERVAL));
    }

    fn read(&self) -> Request<'static> {
        // Discord leaves translations out otherwise.
        Request::new(self.route, LightMethod::Get)
            .params(Some(vec![("with_localizations", "true".to_owned())]))
    }

    fn write(&self) -> anyhow::Result<Request<'static>> {
        let body = serde_json::to_vec(&self.commands).context("a command has no definition")?;
        Ok(Request::new(self.route, LightMethod::Put).body(Some(body)))
    }

    fn is_current(&self, found: &[Registered]) -> bool {
        found.len() == self.wanted.len()
            && self.wanted.iter().all(|wanted| found.iter().any(|one| one.definition == *wanted))
    }

    fn lacks_any(&self, found: &[Registered]) -> bool {
        !self.wanted.iter().all(|wanted| found.iter().any(|one| one.definition.names(wanted)))
    }
}

fn ids(commands: Vec<Registered>) -> CommandIds {
    commands.into_iter().map(|one| (one.definition.name, one.id.get())).collect()
}
