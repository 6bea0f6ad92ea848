//! The slash commands of leads, five lines each.

use poise::ChoiceParameter;
use serenity::all::{CommandOptionType, CreateCommandOption, User};

use super::{Context, Data, Error, run};
use crate::engine::interaction::{DeskCommand, Mentioned, Request, TrailCommand};
use crate::model::trail_filter::{TrailDays, TrailTopic};
use crate::screens::stats_id::{Period, StatsView};

/// Time span of a list of sessions. The catalog has the names that people see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ChoiceParameter)]
pub(super) enum Show {
    #[name = "open"]
    Open,
    #[name = "day"]
    Day,
}

/// Kinds of events in the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ChoiceParameter)]
pub(super) enum What {
    #[name = "all"]
    All,
    #[name = "codes"]
    Codes,
    #[name = "links"]
    AccessLinks,
    #[name = "refusals"]
    Refusals,
    #[name = "leads"]
    Leads,
    #[name = "alerts"]
    Alerts,
}

impl What {
    const fn topic(self) -> TrailTopic {
        match self {
            Self::All => TrailTopic::All,
            Self::Codes => TrailTopic::Codes,
            Self::AccessLinks => TrailTopic::AccessLinks,
            Self::Refusals => TrailTopic::Refusals,
            Self::Leads => TrailTopic::Leads,
            Self::Alerts => TrailTopic::Alerts,
        }
    }
}

/// Days of the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ChoiceParameter)]
pub(super) enum TrailSpan {
    #[name = "1"]
    One,
    #[name = "7"]
    Seven,
    #[name = "30"]
    Thirty,
    #[name = "90"]
    Ninety,
    #[name = "365"]
    Year,
}

impl TrailSpan {
    const fn number(self) -> u16 {
        match self {
            Self::One => 1,
            Self::Seven => 7,
            Self::Thirty => 30,
            Self::Ninety => 90,
            Self::Year => 365,
        }
    }
}

/// Returns the command with all its subcommands. The bot suggests sessions while a lead types.
pub(super) fn desk() -> poise::Command<Data, Error> {
    let mut desk = tree();
    let parameters = desk.subcommands.iter_mut().flat_map(|command| &mut command.parameters);
    for parameter in parameters.filter(|parameter| parameter.name == "session") {
        parameter.type_setter = Some(suggested);
    }
    desk
}

/// Makes an option one whose values the bot suggests. The desk answers, not poise.
fn suggested(option: CreateCommandOption) -> CreateCommandOption {
    option.kind(CommandOptionType::String).set_autocomplete(true)
}

/// The lead's desk.
#[poise::command(
    slash_command,
    rename = "desk",
    subcommands(
        "sessions", "close", "stats", "trail", "agent", "customer", "unlink", "alerts", "launcher"
    ),
    subcommand_required
)]
async fn tree(ctx: Context<'_>) -> Result<(), Error> {
    run(ctx, Request::OutdatedCommand).await
}

/// List sessions.
#[poise::command(slash_command)]
async fn sessions(
    ctx: Context<'_>,
    #[description = "agent"] agent: Option<User>,
    #[description = "show"] show: Option<Show>,
) -> Result<(), Error> {
    let agent = agent.map(|agent| agent.id.get());
    let is_of_last_day = show == Some(Show::Day);
    run(ctx, Request::Desk(DeskCommand::Sessions { agent, is_of_last_day })).await
}

/// Close a session.
#[poise::command(slash_command)]
async fn close(
    ctx: Context<'_>,
    #[description = "session"] session: String,
    #[description = "reason"] reason: String,
) -> Result<(), Error> {
    run(ctx, Request::Desk(DeskCommand::Close { session, reason })).await
}

/// Days of the statistics. The catalog has the names that people see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ChoiceParameter)]
pub(super) enum Days {
    #[name = "today"]
    Today,
    #[name = "week"]
    Week,
    #[name = "month"]
    Month,
    #[name = "quarter"]
    Quarter,
}

/// Count sessions.
#[poise::command(slash_command)]
async fn stats(
    ctx: Context<'_>,
    #[description = "period"] period: Option<Days>,
    #[description = "agent"] agent: Option<User>,
) -> Result<(), Error> {
    let period = match period {
        Some(Days::Today) => Period::Today,
        Some(Days::Week) | None => Period::Week,
        Some(Days::Month) => Period::Month,
        Some(Days::Quarter) => Period::Quarter,
    };
    let agent = agent.map(|agent| agent.id.get());
    let view = StatsView { period, agent, ..StatsView::default() };
    run(ctx, Request::Desk(DeskCommand::Stats(view))).await
}

/// Look at an agent, or list the linked ones.
#[poise::command(slash_command)]
async fn agent(
    ctx: Context<'_>,
    #[description = "agent"] agent: Option<User>,
) -> Result<(), Error> {
    let members = &ctx.interaction.data.resolved.members;
    let agent = agent.map(|agent| Mentioned {
        user: agent.id.get(),
        roles: members
            .get(&agent.id)
            .map(|member| member.roles.iter().map(|role| role.get()).collect()),
    });
    run(ctx, Request::Desk(DeskCommand::Agent(agent))).await
}

/// Remove the link of an agent's account.
#[poise::command(slash_command)]
async fn unlink(
    ctx: Context<'_>,
    #[description = "agent"] agent: User,
    #[description = "reason"] reason: String,
) -> Result<(), Error> {
    let agent = agent.id.get();
    run(ctx, Request::Desk(DeskCommand::Unlink { agent, reason })).await
}

/// Post the launcher.
#[poise::command(slash_command)]
async fn launcher(ctx: Context<'_>) -> Result<(), Error> {
    run(ctx, Request::Desk(DeskCommand::Launcher)).await
}

/// Time span of a list of alerts. The catalog has the names that people see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ChoiceParameter)]
pub(super) enum ShownAlerts {
    #[name = "open"]
    Open,
    #[name = "week"]
    Week,
}

/// List alerts, or find one.
#[poise::command(slash_command)]
async fn alerts(
    ctx: Context<'_>,
    #[description = "show"] show: Option<ShownAlerts>,
    #[description = "find"] find: Option<String>,
) -> Result<(), Error> {
    let is_of_week = show == Some(ShownAlerts::Week);
    run(ctx, Request::Desk(DeskCommand::Alerts { is_of_week, reference: find })).await
}

/// Look at a customer.
#[poise::command(slash_command)]
async fn customer(ctx: Context<'_>, #[description = "e-mail"] email: String) -> Result<(), Error> {
    run(ctx, Request::Desk(DeskCommand::Customer { email })).await
}

/// Read the audit trail.
#[expect(clippy::too_many_arguments, reason = "poise passes each option as an argument")]
#[poise::command(slash_command)]
async fn trail(
    ctx: Context<'_>,
    #[description = "session"] session: Option<String>,
    #[description = "agent"] agent: Option<User>,
    #[description = "customer"] customer: Option<String>,
    #[description = "ticket"] ticket: Option<String>,
    #[description = "what"] what: Option<What>,
    #[description = "days"] days: Option<TrailSpan>,
) -> Result<(), Error> {
    let days = days.and_then(|days| TrailDays::of(days.number()));
    let command = TrailCommand {
        session,
        agent: agent.map(|agent| agent.id.get()),
        customer,
        ticket,
        topic: what.map_or(TrailTopic::All, What::topic),
        days: days.unwrap_or(TrailDays::DEFAULT),
    };
    run(ctx, Request::Desk(DeskCommand::Trail(Box::new(command)))).await
}
