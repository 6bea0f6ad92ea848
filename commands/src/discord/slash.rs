//! Every slash command of agents, five lines each, and the registration of all. The catalog holds
//! their names and descriptions.

mod lead;

use std::borrow::Cow;
use std::sync::Arc;

use poise::{ApplicationContext, Command, FrameworkError};
use serenity::all::{CommandInteraction, CreateCommand, Permissions};

use crate::discord::read::command_context;
use crate::engine::desk::Desk;
use crate::engine::interaction::Request;
use crate::model::words::{Locale, SupportKind};
use crate::ports::clock::Clock;
use crate::say;

/// Data of every command.
pub struct Data {
    pub desk: Arc<Desk>,
    /// Stamps each command with its time of receipt.
    pub clock: Arc<dyn Clock>,
}

/// The desk answers every command and its faults, so poise handles none.
pub type Error = std::convert::Infallible;

pub(super) type Context<'a> = ApplicationContext<'a, Data, Error>;

/// Returns every slash command, in both languages. None is `guild_only`, because poise would leave
/// a command from a direct message without an answer.
pub fn commands() -> Vec<Command<Data, Error>> {
    let mut commands = vec![support(), account(), lead::desk()];
    commands.iter_mut().for_each(localise);
    commands
}

/// Returns the definitions to register. At first only administrators see the commands: they grant
/// them to roles in the server's settings. poise cannot send permissions that are empty.
pub fn definitions() -> Vec<CreateCommand> {
    let definitions = poise::builtins::create_application_commands(&commands());
    definitions
        .into_iter()
        .map(|command| command.default_member_permissions(Permissions::empty()))
        .collect()
}

/// Answers a command that the bot does not know, or not in this shape. The client that sent it has
/// the definitions of another version.
pub async fn answer_outdated(error: FrameworkError<'_, Data, Error>) {
    let (data, interaction) = match error {
        FrameworkError::UnknownInteraction { framework, interaction, .. } => {
            (framework.user_data, interaction)
        }
        FrameworkError::CommandStructureMismatch { ctx, .. } => (ctx.data(), ctx.interaction),
        _ => return,
    };
    handle(data, interaction, Request::OutdatedCommand).await;
}

/// Discord's tags of Spanish.
const SPANISH_TAGS: [&str; 2] = ["es-ES", "es-419"];

/// Sets names and descriptions from the catalog: `command-<name>`, `command-<name>-about`,
/// `command-<name>-<option>`, `command-<name>-<option>-<choice>`.
fn localise(command: &mut Command<Data, Error>) {
    let key = format!("command-{}", command.name);
    let about = format!("{key}-about");
    command.description = Some(say!(Locale::En, &about).into());
    command.name_localizations = spanish(&key);
    command.description_localizations = spanish(&about);
    for parameter in &mut command.parameters {
        let key = format!("{key}-{}", parameter.name);
        let about = format!("{key}-about");
        parameter.description = Some(say!(Locale::En, &about).into());
        parameter.name_localizations = spanish(&key);
        parameter.description_localizations = spanish(&about);
        for choice in parameter.choices.to_mut() {
            let key = format!("{key}-{}", choice.name);
            choice.localizations = spanish(&key);
            choice.name = say!(Locale::En, &key).into();
        }
    }
    command.subcommands.iter_mut().for_each(localise);
}

fn spanish<T: From<String> + Clone>(key: &str) -> Cow<'static, [(T, T)]> {
    SPANISH_TAGS
        .iter()
        .map(|tag| ((*tag).to_owned().into(), say!(Locale::Es, key).into()))
        .collect::<Vec<_>>()
        .into()
}

/// Help a customer.
#[poise::command(
    slash_command,
    subcommands("technical", "successor", "resume"),
    subcommand_required
)]
async fn support(ctx: Context<'_>) -> Result<(), Error> {
    run(ctx, Request::OutdatedCommand).await
}

/// Technical Assistance.
#[poise::command(slash_command)]
async fn technical(
    ctx: Context<'_>,
    #[description = "e-mail"] email: String,
    #[description = "ticket"] ticket: Option<String>,
) -> Result<(), Error> {
    run(ctx, Request::LookUp { kind: SupportKind::Technical, email, ticket }).await
}

/// Ecosystem Admin.
#[poise::command(slash_command)]
async fn successor(
    ctx: Context<'_>,
    #[description = "e-mail"] email: String,
    #[description = "ticket"] ticket: Option<String>,
) -> Result<(), Error> {
    run(ctx, Request::LookUp { kind: SupportKind::Successor, email, ticket }).await
}

/// Draw the panel again.
#[poise::command(slash_command)]
async fn resume(ctx: Context<'_>) -> Result<(), Error> {
    run(ctx, Request::Resume).await
}

/// The agent's own account.
#[poise::command(slash_command, subcommands("link", "recover", "show"), subcommand_required)]
async fn account(ctx: Context<'_>) -> Result<(), Error> {
    run(ctx, Request::OutdatedCommand).await
}

/// Link the account.
#[poise::command(slash_command)]
async fn link(ctx: Context<'_>, #[description = "e-mail"] email: String) -> Result<(), Error> {
    run(ctx, Request::Link(email)).await
}

/// Recover its password.
#[poise::command(slash_command)]
async fn recover(ctx: Context<'_>, #[description = "e-mail"] email: String) -> Result<(), Error> {
    run(ctx, Request::Recover(email)).await
}

/// Show the account.
#[poise::command(slash_command)]
async fn show(ctx: Context<'_>) -> Result<(), Error> {
    run(ctx, Request::Show).await
}

pub(super) async fn run(ctx: Context<'_>, request: Request) -> Result<(), Error> {
    handle(ctx.data(), ctx.interaction, request).await;
    Ok(())
}

async fn handle(data: &Data, interaction: &CommandInteraction, request: Request) {
    data.desk.handle(command_context(interaction, data.clock.now()), request).await;
}
