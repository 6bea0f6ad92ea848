//! A click that is stored: as many as there is time for, and at steady rates.

use anyhow::ensure;
use commands::model::trail::kind::STAYED;

use crate::measure::{Load, Record, Start};
use crate::pace::{Pace, together};
use crate::people::Crowd;
use crate::plan::{Plan, Subject};
use crate::press::{DURABLE, Stayer, stayers, staying};
use crate::process::Bot;
use crate::stage::Stage;

/// People at once where there is no schedule: as many as the goal speaks of.
pub const AT_ONCE: usize = 64;
/// Clicks a second of the goal.
pub const RATE: f64 = 1_000.0;
/// People who take turns where there is a schedule: more than are ever waiting for an answer,
/// unless the bot falls behind.
const PEOPLE: usize = 256;
/// Sessions are opened by so many people at once.
const OPENED_AT_ONCE: usize = 16;

/// Measures one engine.
pub async fn measure(subject: Subject, plan: &Plan) -> anyhow::Result<Vec<Load>> {
    let stage = Stage::build(subject, Crowd::new(0, PEOPLE, 0)).await?;
    let (mut bot, _) = stage.start().await?;
    let mut people = Vec::new();
    while people.len() < PEOPLE {
        people.extend(stayers(&stage.road, OPENED_AT_ONCE).await?);
    }
    let mut pressed = 0;
    let warm_up = Pace::Closed(plan.clicks / 10, plan.limit());
    press(&stage, &people[..AT_ONCE], warm_up, &mut bot, &mut pressed).await?;
    let mut loads = Vec::new();
    let closed = Pace::Closed(plan.clicks, plan.limit());
    loads.push(press(&stage, &people[..AT_ONCE], closed, &mut bot, &mut pressed).await?);
    for rate in &plan.rates {
        let time = if *rate == RATE { plan.steady() } else { plan.steady() / 4 };
        loads
            .push(press(&stage, &people, Pace::Steady(*rate, time), &mut bot, &mut pressed).await?);
    }
    let kept = stage.events(STAYED).await?;
    ensure!(kept == pressed, "{pressed} clicks were answered, and {kept} are in the trail");
    stage.stop(bot).await?;
    stage.strike().await?;
    Ok(loads)
}

async fn press(
    stage: &Stage,
    people: &[Stayer],
    pace: Pace,
    bot: &mut Bot,
    pressed: &mut usize,
) -> anyhow::Result<Load> {
    let record = Record::default();
    let start = Start::now(DURABLE, people.len(), pace, bot)?;
    together(people.to_vec(), pace, |person, turns| staying(person, record.clone(), turns)).await?;
    let load = start.end(stage.subject, 0, &record, bot, &stage.road.sandbox).await?;
    *pressed += load.answers();
    Ok(load)
}
