//! How much a deployment does: the figures that have goals, on SQLite and on PostgreSQL, beside a
//! bare poise `/ping`.
//!
//! `cargo bench --bench walk` prints a table of goals and the tables behind it; `docs/benchmark.md`
//! says how to read them. Nothing here passes or fails by how fast it was: a run fails only when a
//! bot answered wrongly, or not at all.
//!
//! Reading order: [`plan`] (what is asked for), [`stage`] (a bot and its other side), [`people`]
//! (who is in front of it), [`pace`] (when they click), [`walk`] and [`press`] (what they click),
//! then the parts ([`peers`], [`drawing`], [`durable`], [`sessions`], [`starting`], [`memory`],
//! [`neutral`]), [`measure`] (how it is measured), [`goals`] and [`table`]
//! (how it is told).

#![expect(unreachable_pub, reason = "a benchmark has no outside")]

mod databases;
mod drawing;
mod durable;
mod goals;
mod measure;
mod memory;
mod neutral;
mod pace;
mod peers;
mod people;
mod ping;
mod plan;
mod press;
mod process;
mod report;
mod sessions;
mod stage;
mod starting;
mod table;
mod walk;

use std::process::ExitCode;

use clap::ValueEnum as _;

use crate::plan::{Part, Plan, Role, Subject};
use crate::report::Report;

fn main() -> ExitCode {
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| {
            runtime.block_on(async {
                match plan::role()? {
                    Role::Measure(plan) => run(&plan).await,
                    Role::Ping(place) => ping::run(&place).await,
                    Role::Nothing => {
                        eprintln!("this is a benchmark: cargo bench --bench walk");
                        Ok(())
                    }
                }
            })
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("walk: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// One part after the other, each with bots of its own. What was measured is told also when a part
/// fails, and the others go on.
async fn run(plan: &Plan) -> anyhow::Result<()> {
    let mut report = Report::default();
    let mut failed = None;
    for part in Part::value_variants().iter().filter(|part| plan.wants(**part)) {
        for subject in plan.subjects(*part) {
            eprintln!("{subject}: {}…", part.title());
            if let Err(error) = measure(*part, subject, plan, &mut report).await {
                eprintln!("  failed: {error:#}");
                failed = failed.or(Some(error));
            }
        }
    }
    print!("{}", table::print(&report));
    failed.map_or(Ok(()), Err)
}

async fn measure(
    part: Part,
    subject: Subject,
    plan: &Plan,
    report: &mut Report,
) -> anyhow::Result<()> {
    match part {
        Part::Peers => report.loads.extend(peers::measure(subject, plan).await?),
        Part::Drawing => report.rounds = drawing::measure(plan).await?,
        Part::Durable => report.loads.extend(durable::measure(subject, plan).await?),
        Part::Sessions => report.loads.extend(sessions::measure(subject, plan).await?),
        Part::Start => report.starts.push(starting::measure(subject, plan).await?),
        Part::Memory => report.memory.extend(memory::measure(subject, plan).await?),
        Part::Neutral => report.loads.push(neutral::measure(subject, plan).await?),
    }
    Ok(())
}
