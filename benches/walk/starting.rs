//! From the start of the process to its IDENTIFY, as the other side sees it.

use crate::measure::Times;
use crate::people::Crowd;
use crate::plan::{Plan, Subject};
use crate::report::Starts;
use crate::stage::Stage;

/// Starts with tables to be made: they differ less than they take.
const FIRST: usize = 3;

/// Measures one engine.
pub async fn measure(subject: Subject, plan: &Plan) -> anyhow::Result<Starts> {
    let mut first = Vec::new();
    for _ in 0..FIRST.min(plan.starts) {
        let stage = Stage::bare(subject, Crowd::new(0, 1, 0)).await?;
        let (bot, took) = stage.start().await?;
        first.push(took);
        stage.stop(bot).await?;
        stage.strike().await?;
    }
    let stage = Stage::build(subject, Crowd::new(0, 1, 0)).await?;
    let mut again = Vec::new();
    for _ in 0..plan.starts {
        let (bot, took) = stage.start().await?;
        again.push(took);
        stage.stop(bot).await?;
    }
    stage.strike().await?;
    Ok(Starts { subject, first: Times::of(first), again: Times::of(again) })
}
