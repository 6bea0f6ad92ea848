//! How much a deployment does: whole sessions walked against the sandbox, on SQLite and on PostgreSQL, beside a bare poise `/ping`.
//!
//! `cargo bench --bench walk` prints a few tables; `docs/benchmark.md` says how to read them. Nothing here passes or fails by how
//! fast it was: a run fails only when a bot answered wrongly, or not at all.
//!
//! Reading order: [`plan`] (what is asked for), [`people`] (who walks), [`walk`] (how), [`product`] and [`peers`] (what is measured,
//! each in a process of its own), [`echo`] and [`ping`] (the two peers), [`neutral`] (what the time of an answer tells), [`measure`] (how it is measured), [`table`].

#![expect(unreachable_pub, reason = "a benchmark has no outside")]

mod echo;
mod measure;
mod neutral;
mod peers;
mod people;
mod ping;
mod plan;
mod process;
mod product;
mod table;
mod walk;

use std::process::ExitCode;

use crate::plan::{Plan, Role};

fn main() -> ExitCode {
    let done = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match plan::role()? {
                Role::Measure(plan) => run(&plan).await,
                Role::Ping(place) => ping::run(&place).await,
                Role::Echo(place) => echo::run(&place).await,
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

async fn run(plan: &Plan) -> anyhow::Result<()> {
    let mut all = Vec::new();
    for subject in &plan.subjects {
        eprintln!("{subject}…");
        all.push(match subject {
            plan::Subject::Echo | plan::Subject::Ping => peers::measure(*subject, plan).await?,
            plan::Subject::Sqlite | plan::Subject::Postgres => product::measure(*subject, plan).await?,
        });
    }
    print!("{}", table::print(&all, plan));
    Ok(())
}
