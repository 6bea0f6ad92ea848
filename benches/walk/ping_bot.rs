//! Bare bot: poise with one command that answers "pong". It shows the cost of the library alone.

use poise::{CreateReply, Framework, FrameworkOptions};
use sandbox::seed::{BOT_TOKEN, GUILD_ID};
use serenity::all::{ClientBuilder, GatewayIntents, GuildId, HttpBuilder};

/// First argument of the process that runs this bot. The sandbox's URL follows.
pub const PING_BOT: &str = "as-ping-bot";

type Error = serenity::Error;
type Context<'a> = poise::Context<'a, (), Error>;

/// Answers at once.
#[poise::command(slash_command)]
async fn ping(ctx: Context<'_>) -> Result<(), Error> {
    ctx.send(CreateReply::default().content("pong").ephemeral(true)).await.map(drop)
}

/// Runs the bot until the process is killed.
pub async fn run(sandbox: &str) -> anyhow::Result<()> {
    let http = HttpBuilder::new(BOT_TOKEN).proxy(sandbox).ratelimiter_disabled(true).build();
    http.set_application_id(http.get_current_application_info().await?.id);
    let options = FrameworkOptions {
        commands: vec![ping()],
        initialize_owners: false,
        ..FrameworkOptions::default()
    };
    let framework = Framework::builder().options(options).setup(|ctx, _, framework| {
        let commands = &framework.options().commands;
        Box::pin(poise::builtins::register_in_guild(ctx, commands, GuildId::new(GUILD_ID)))
    });
    let client =
        ClientBuilder::new_with_http(http, GatewayIntents::empty()).framework(framework.build());
    Ok(client.await?.start().await?)
}
