//! End-to-end benchmark of the bot against the sandbox, on SQLite and on PostgreSQL, beside an
//! echo client without a library and a bare poise bot, which only answer `/ping`.
//!
//! `cargo bench --bench walk` prints the goals, the measured figures and the tables behind them.
//! `docs/benchmark.md` explains them. A run fails if a bot gives a wrong answer or none; it never
//! fails because a bot is slow.
//!
//! Reading order: [`plan`] (command line), [`test_bed`] (a bot and its sandbox), [`crowd`] (agents
//! and customers), [`pace`] (when they click), [`session_driver`] and [`clicks`] (what they click),
//! [`parts`], then [`report`], [`goals`] and [`tables`].

#![expect(unreachable_pub, reason = "a benchmark has no public interface")]

mod clicks;
mod crowd;
mod databases;
mod echo_client;
mod goals;
mod pace;
mod parts;
mod ping_bot;
mod plan;
mod process;
mod recorder;
mod report;
mod session_driver;
mod tables;
mod test_bed;

use std::process::ExitCode;

use clap::ValueEnum as _;

use crate::echo_client::ECHO_CLIENT;
use crate::ping_bot::PING_BOT;
use crate::plan::{Bot, Part, Plan};
use crate::report::Report;

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let result = match &args[..] {
        [role, sandbox] if role == PING_BOT => ping_bot::run(sandbox).await,
        [role, sandbox] if role == ECHO_CLIENT => echo_client::run(sandbox).await,
        // Cargo adds the argument to a benchmark run; a test runner does not.
        args if args.iter().any(|arg| arg == "--bench") => run(&Plan::from_args()).await,
        _ => {
            eprintln!("nothing measured: run `cargo bench --bench walk`");
            Ok(())
        }
    };
    if let Err(error) = result {
        eprintln!("walk: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Runs the parts in turn and prints the report.
///
/// If a part fails, the others still run, and the first error is returned after the report.
async fn run(plan: &Plan) -> anyhow::Result<()> {
    let mut report = Report::default();
    let mut failed = None;
    for part in Part::value_variants().iter().filter(|part| plan.includes(**part)) {
        for bot in plan.bots_of(*part) {
            eprintln!("{bot}: {part:?}…");
            if let Err(error) = measure(*part, bot, plan, &mut report).await {
                eprintln!("  failed: {error:#}");
                failed = failed.or(Some(error));
            }
        }
    }
    print!("{}", tables::render(&report));
    failed.map_or(Ok(()), Err)
}

async fn measure(part: Part, bot: Bot, plan: &Plan, report: &mut Report) -> anyhow::Result<()> {
    match part {
        Part::Peers => report.loads.extend(parts::peers(bot, plan).await?),
        Part::Drawing => report.rounds = parts::drawing(plan).await?,
        Part::Durable => report.loads.extend(parts::durable(bot, plan).await?),
        Part::Kinds => report.loads.extend(parts::kinds(bot, plan).await?),
        Part::Sessions => report.loads.extend(parts::sessions(bot, plan).await?),
        Part::Start => report.starts.push(parts::start(bot).await?),
        Part::Memory => report.memory.extend(parts::memory(bot, plan).await?),
    }
    Ok(())
}
