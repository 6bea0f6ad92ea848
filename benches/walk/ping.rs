//! The bare bot: poise with one command that answers "pong". It is what the library costs without
//! any product.

use poise::{CreateReply, Framework, FrameworkOptions};
use sandbox::seed::{BOT_TOKEN, GUILD_ID};
use serenity::all::{ClientBuilder, GatewayIntents, GuildId, HttpBuilder};

type Error = serenity::Error;
type Context<'a> = poise::Context<'a, (), Error>;

/// Answers at once.
#[poise::command(slash_command)]
async fn ping(ctx: Context<'_>) -> Result<(), Error> {
    ctx.send(CreateReply::default().content("pong").ephemeral(true)).await.map(drop)
}

/// Runs until it is killed.
pub async fn run(sandbox: &str) -> anyhow::Result<()> {
    let http = HttpBuilder::new(BOT_TOKEN).proxy(sandbox).ratelimiter_disabled(true).build();
    http.set_application_id(http.get_current_application_info().await?.id);
    let options = FrameworkOptions {
        commands: vec![ping()],
        initialize_owners: false,
        ..FrameworkOptions::default()
    };
    let framework = Framework::builder().options(options).setup(|ctx, _, framework| {
        Box::pin(async move {
            poise::builtins::register_in_guild(
                ctx,
                &framework.options().commands,
                GuildId::new(GUILD_ID),
            )
            .await
        })
    });
    let client =
        ClientBuilder::new_with_http(http, GatewayIntents::empty()).framework(framework.build());
    Ok(client.await?.start().await?)
}
