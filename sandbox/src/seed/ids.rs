//! Ids and names that the bot is configured with.

/// The Discord guild.
pub const GUILD_ID: u64 = 1_200_000_000_000_000_001;
/// The channel where support commands work.
pub const SUPPORT_CHANNEL_ID: u64 = 1_200_000_000_000_000_011;
/// The leads' channel, where alerts arrive.
pub const LEADS_CHANNEL_ID: u64 = 1_200_000_000_000_000_012;
/// A channel where the bot must refuse to work.
pub const OTHER_CHANNEL_ID: u64 = 1_200_000_000_000_000_013;
/// A direct message to the bot, outside the guild.
pub const DIRECT_MESSAGE_ID: u64 = 1_200_000_000_000_000_014;
/// A category of the guild, which holds channels and no messages.
pub const CATEGORY_ID: u64 = 1_200_000_000_000_000_015;
/// A thread below the support channel.
pub const THREAD_ID: u64 = 1_200_000_000_000_000_016;
/// A forum of the guild.
pub const FORUM_ID: u64 = 1_200_000_000_000_000_017;
/// A voice channel of the guild.
pub const VOICE_ID: u64 = 1_200_000_000_000_000_018;
/// A channel of another guild that the bot is in.
pub const FOREIGN_CHANNEL_ID: u64 = 1_200_000_000_000_000_019;
/// The role of support agents.
pub const AGENT_ROLE_ID: u64 = 1_200_000_000_000_000_021;
/// The role of leads.
pub const LEAD_ROLE_ID: u64 = 1_200_000_000_000_000_022;
/// The bot's application id, which is also its user id.
pub const APPLICATION_ID: u64 = 1_200_000_000_000_000_031;
/// The token that the local Discord accepts.
///
/// It is public, so a bot must refuse to run with it outside the demo.
pub const BOT_TOKEN: &str =
    "MTIwMDAwMDAwMDAwMDAwMDAzMQ.DemoOk.this-is-the-public-token-of-the-sandbox";
/// The one user pool of the local Cognito.
pub const USER_POOL_ID: &str = "eu-west-1_SandboxDesk";
/// The one app client of that pool.
pub const CLIENT_ID: &str = "5a4b3c2d1e0f9a8b7c6d5e4f3a";
/// The Cognito group of support agents.
pub const AGENT_GROUP: &str = "CustomerService";
/// The Cognito group of verify-only agents.
pub const VERIFIER_GROUP: &str = "CustomerVerification";

/// Cognito group of the leads.
pub const LEAD_GROUP: &str = "CustomerServiceLeads";
/// The first password of every staff account.
pub const FIRST_PASSWORD: &str = "Demo-Kx7-start";
