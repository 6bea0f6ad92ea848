//! Checks of Discord: token, gateway, guild, roles and channels.

use serenity::all::{Channel, ChannelId, ChannelType, GuildId, HttpError};
use serenity::http::Http;

use super::Line;
use crate::aws::error_chain;
use crate::config;
use crate::gateway::{check_budget, compare_clock, http, is_unreachable};
use crate::server_clocks::ServerClocks;
use crate::sql_error::clock_hint;

/// Checks everything that the bot needs of Discord.
pub(super) async fn check(discord: &config::Discord, clocks: &ServerClocks) -> Vec<Line> {
    let http = match http(discord) {
        Ok(http) => http,
        Err(error) => return vec![Line::failed("Discord", format!("{error:#}"))],
    };
    let (user, gateway, guild, roles, support, leads, ()) = tokio::join!(
        http.get_current_user(),
        gateway(&http, clocks),
        guild(&http, discord),
        roles(&http, discord),
        support(&http, discord),
        leads(&http, discord),
        compare_clock(&http, clocks),
    );
    vec![line("Discord: token", user, "check DISCORD_TOKEN"), gateway, guild, roles, support, leads]
}

/// Returns the line of a call to Discord.
fn line<T>(subject: &str, result: serenity::Result<T>, advice: &str) -> Line {
    Line::new(subject, result.map(drop).map_err(|error| describe(&error)), advice)
}

/// Checks that Discord names a gateway, and that the bot may still begin a session today.
async fn gateway(http: &Http, clocks: &ServerClocks) -> Line {
    let subject = "Discord: gateway";
    let network = "check the network, and DISCORD_API_URL if it is set";
    match (http.get_gateway().await, check_budget(http, clocks.clock().now()).await) {
        (Ok(_), Err(error)) => Line::failed(subject, error.to_string()),
        (gateway, _) => line(subject, gateway, network),
    }
}

/// Checks that the bot can register its commands in the guild. A bot that may read them may also
/// register them.
async fn guild(http: &Http, discord: &config::Discord) -> Line {
    let read = async {
        http.set_application_id(http.get_current_application_info().await?.id);
        http.get_guild_commands(GuildId::new(discord.guild_id)).await
    };
    let advice =
        "check DISCORD_GUILD_ID, and that the bot was invited with the applications.commands scope";
    line("Discord: guild and commands", read.await, advice)
}

/// Checks that the guild has the roles. The id of a channel or of a user is the id of no role.
async fn roles(http: &Http, discord: &config::Discord) -> Line {
    let subject = "Discord: roles";
    let roles = match http.get_guild_roles(GuildId::new(discord.guild_id)).await {
        Ok(roles) => roles,
        Err(error) if matches!(status(&error), Some(403 | 404)) => {
            // Without a place in the guild the bot cannot read the roles of agents either.
            let why = "the bot is not in the guild; invite it with the bot scope";
            return Line::failed(subject, why);
        }
        Err(error) => return line::<()>(subject, Err(error), "check DISCORD_GUILD_ID"),
    };
    let configured = [
        ("DISCORD_AGENT_ROLE_ID", Some(discord.agent_role_id)),
        ("DISCORD_LEAD_ROLE_ID", discord.lead_role_id),
    ];
    let missing: Vec<&str> = configured
        .into_iter()
        .filter(|(_, id)| id.is_some_and(|id| roles.iter().all(|role| role.id.get() != id)))
        .map(|(variable, _)| variable)
        .collect();
    if missing.is_empty() {
        Line::ok(subject)
    } else {
        Line::failed(subject, format!("the guild has no such role; check {}", missing.join(", ")))
    }
}

/// Checks the support channel. The bot answers there without seeing it.
async fn support(http: &Http, discord: &config::Discord) -> Line {
    let subject = "Discord: support channel";
    match channel(http, discord, discord.channel_id).await {
        Ok(()) => Line::ok(subject),
        Err(ChannelProblem::Hidden) => Line::warning(
            subject,
            "not checked, because the bot does not see the channel; compare DISCORD_CHANNEL_ID \
             with the channel's id",
        ),
        Err(problem) => Line::failed(subject, format!("{problem}; check DISCORD_CHANNEL_ID")),
    }
}

/// Checks that the bot sees the leads' channel. Only a message could prove that it may write there.
async fn leads(http: &Http, discord: &config::Discord) -> Line {
    let Some(id) = discord.leads_channel_id else {
        return Line::ok("alerts: only in the log, because DISCORD_LEADS_CHANNEL_ID is not set");
    };
    let advice = "check DISCORD_LEADS_CHANNEL_ID, and that the bot has View Channel, \
                  Send Messages and Embed Links there";
    Line::new("Discord: leads' channel", channel(http, discord, id).await, advice)
}

/// Problem of a configured channel.
#[derive(Debug, thiserror::Error)]
enum ChannelProblem {
    #[error("it does not exist")]
    Missing,
    #[error("the bot does not see it")]
    Hidden,
    #[error("it is not a channel of the guild")]
    Foreign,
    #[error("it is a category or forum, which has no messages of its own")]
    NoMessages,
    #[error("{0}")]
    Failed(String),
}

/// Checks that a channel is in the guild, and that it can hold messages.
async fn channel(http: &Http, discord: &config::Discord, id: u64) -> Result<(), ChannelProblem> {
    let found =
        http.get_channel(ChannelId::new(id)).await.map_err(|error| match status(&error) {
            Some(403) => ChannelProblem::Hidden,
            Some(404) => ChannelProblem::Missing,
            _ => ChannelProblem::Failed(describe(&error)),
        })?;
    match found {
        Channel::Guild(channel) if channel.guild_id.get() != discord.guild_id => {
            Err(ChannelProblem::Foreign)
        }
        // Discord API v10, channel types: 16 is a forum of media, which serenity does not know.
        Channel::Guild(channel)
            if matches!(
                channel.kind,
                ChannelType::Category
                    | ChannelType::Forum
                    | ChannelType::Directory
                    | ChannelType::Unknown(16)
            ) =>
        {
            Err(ChannelProblem::NoMessages)
        }
        Channel::Guild(_) => Ok(()),
        _ => Err(ChannelProblem::Foreign),
    }
}

fn status(error: &serenity::Error) -> Option<u16> {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            Some(response.status_code.as_u16())
        }
        _ => None,
    }
}

/// Describes the error without the request, because its headers carry the token.
fn describe(error: &serenity::Error) -> String {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response))
            if response.status_code.as_u16() == 401 =>
        {
            "the token is not valid".to_owned()
        }
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            format!("answered {}", response.status_code)
        }
        error if is_unreachable(error) => {
            format!("unreachable{}", clock_hint(&error_chain(error)))
        }
        _ => "the response is not from Discord".to_owned(),
    }
}
