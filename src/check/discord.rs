//! Checks of Discord: token, gateway, guild, roles and channels.

use serenity::all::{
    Channel, ChannelId, ChannelType, GuildChannel, GuildId, HttpError, Permissions,
};
use serenity::http::Http;

use super::{Line, permissions};
use crate::aws::error_chain;
use crate::config;
use crate::gateway::{Application, OUTSIDE, check_budget, compare_clock, http, is_unreachable};
use crate::server_clocks::ServerClocks;
use crate::sql_error::clock_hint;

/// Subjects of lines.
const APPLICATION: &str = "Discord: application";
const GUILD: &str = "Discord: guild and commands";

/// Checks everything that the bot needs of Discord.
pub(super) async fn check(discord: &config::Discord, clocks: &ServerClocks) -> Vec<Line> {
    let http = match http(discord) {
        Ok(http) => http,
        Err(error) => return vec![Line::failed("Discord", format!("{error:#}"))],
    };
    let (user, gateway, (application, guild), roles, support, leads, ()) = tokio::join!(
        http.get_current_user(),
        gateway(&http, clocks),
        application_and_guild(&http, discord),
        roles(&http, discord),
        support(&http, discord),
        leads(&http, discord),
        compare_clock(&http, clocks),
    );
    let token = line("Discord: token", user, "check DISCORD_TOKEN");
    vec![token, gateway, application, guild, roles, support, leads]
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

/// Checks the application, and then its commands in the guild.
async fn application_and_guild(http: &Http, discord: &config::Discord) -> (Line, Line) {
    let application = match http.fire::<Application>(Application::request()).await {
        Ok(application) => application,
        Err(error) => {
            let why = describe(&error);
            let guild = "not checked, because the application could not be read";
            return (
                Line::failed(APPLICATION, format!("{why}; check DISCORD_TOKEN")),
                Line::warning(GUILD, guild),
            );
        }
    };
    let warnings = application.warnings();
    let line = match application.fault() {
        Some(fault) => Line::failed(APPLICATION, fault),
        None if warnings.is_empty() => Line::ok(APPLICATION),
        None => Line::warning(APPLICATION, warnings.join("; ")),
    };
    http.set_application_id(application.id);
    (line, guild(http, discord).await)
}

/// Checks that the bot can register its commands in the guild. A bot that may read them may also
/// register them.
async fn guild(http: &Http, discord: &config::Discord) -> Line {
    match http.get_guild_commands(GuildId::new(discord.guild_id)).await {
        Err(error) if matches!(status(&error), Some(403 | 404)) => Line::failed(GUILD, OUTSIDE),
        commands => line(GUILD, commands, "check DISCORD_GUILD_ID"),
    }
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

/// Checks the support channel, whose kind must be one in which agents can type commands.
async fn support(http: &Http, discord: &config::Discord) -> Line {
    let subject = "Discord: support channel";
    let channel = match channel(http, discord, discord.channel_id).await {
        Ok(channel) => channel,
        Err(ChannelProblem::Hidden) => {
            return Line::warning(
                subject,
                "not checked, because the bot does not see the channel; compare DISCORD_CHANNEL_ID \
                 with the channel's id, and give the bot View Channel, Send Messages, Embed Links \
                 and Attach Files there",
            );
        }
        Err(problem) => {
            return Line::failed(subject, format!("{problem}; check DISCORD_CHANNEL_ID"));
        }
    };
    let problem = match channel.kind {
        ChannelType::Text | ChannelType::News => return launcher(http, &channel, subject).await,
        ChannelType::PublicThread | ChannelType::PrivateThread | ChannelType::NewsThread => {
            "it is a thread; set DISCORD_CHANNEL_ID to the channel above it, and threads work too"
        }
        ChannelType::Voice | ChannelType::Stage => {
            "it is a voice channel; set DISCORD_CHANNEL_ID to a text channel"
        }
        _ => {
            "it is a category or forum, which has no messages of its own; check DISCORD_CHANNEL_ID"
        }
    };
    Line::failed(subject, problem)
}

/// Checks that the bot can post the launcher. Without it agents use the commands.
async fn launcher(http: &Http, channel: &GuildChannel, subject: &str) -> Line {
    match permissions::of_bot(http, channel).await {
        Ok(permissions) if permissions.contains(Permissions::SEND_MESSAGES) => Line::ok(subject),
        Ok(_) => Line::warning(
            subject,
            "the bot cannot post the launcher of /desk launcher; give it View Channel and Send \
             Messages there",
        ),
        Err(error) => {
            let why = describe(&error);
            Line::warning(subject, format!("the bot's permissions could not be read: {why}"))
        }
    }
}

/// Checks that the bot sees the leads' channel. Only a message could prove that it may write there.
async fn leads(http: &Http, discord: &config::Discord) -> Line {
    let Some(id) = discord.leads_channel_id else {
        return Line::ok("alerts: only in the log, because DISCORD_LEADS_CHANNEL_ID is not set");
    };
    let advice = "check DISCORD_LEADS_CHANNEL_ID, and that the bot has View Channel, \
                  Send Messages and Embed Links there";
    let checked = channel(http, discord, id).await.and_then(|channel| match channel.kind {
        // Discord API v10, channel types: 16 is a forum of media, which serenity does not know.
        ChannelType::Category
        | ChannelType::Forum
        | ChannelType::Directory
        | ChannelType::Unknown(16) => Err(ChannelProblem::NoMessages),
        _ => Ok(()),
    });
    Line::new("Discord: leads' channel", checked, advice)
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

/// Returns a channel of the guild.
async fn channel(
    http: &Http,
    discord: &config::Discord,
    id: u64,
) -> Result<GuildChannel, ChannelProblem> {
    let found =
        http.get_channel(ChannelId::new(id)).await.map_err(|error| match status(&error) {
            Some(403) => ChannelProblem::Hidden,
            Some(404) => ChannelProblem::Missing,
            _ => ChannelProblem::Failed(describe(&error)),
        })?;
    match found {
        Channel::Guild(channel) if channel.guild_id.get() == discord.guild_id => Ok(channel),
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
