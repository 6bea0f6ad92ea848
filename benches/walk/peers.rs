//! The bare bot that the product is compared with: this binary, started again.

use crate::durable::RATE;
use crate::measure::{Load, Record, Start};
use crate::pace::{Pace, together};
use crate::people::Crowd;
use crate::plan::{Plan, Subject};
use crate::press::{pingers, pinging};
use crate::stage::Stage;
use crate::{drawing, durable};

/// People who take turns where there is a schedule.
const PEOPLE: usize = 64;
/// People before anything is measured.
const WARM_UP: usize = 16;

/// Measures a peer: `/ping` by one, by as many as in the product's loads, and at the rate of the
/// goal.
pub async fn measure(subject: Subject, plan: &Plan) -> anyhow::Result<Vec<Load>> {
    let closed = |clicks| Pace::Closed(clicks, plan.limit());
    let paces = [
        (1, closed(plan.clicks / 10)),
        (drawing::PEOPLE, closed(plan.clicks)),
        (durable::AT_ONCE, closed(plan.clicks)),
        (
            PEOPLE,
            Pace::Steady(
                plan.rates.iter().copied().fold(0.0, f64::max).min(RATE),
                plan.steady() / 2,
            ),
        ),
    ];
    let crowd = WARM_UP + paces.iter().map(|(people, _)| people).sum::<usize>();
    let stage = Stage::build(subject, Crowd::new(0, crowd, 0)).await?;
    let (mut bot, _) = stage.start().await?;
    let road = &stage.road;
    together(pingers(road, WARM_UP, &Record::default())?, closed(plan.clicks / 10), pinging)
        .await?;
    let mut loads = Vec::new();
    for (people, pace) in paces {
        let record = Record::default();
        let pingers = pingers(road, people, &record)?;
        let start = Start::now("/ping", people, pace, &bot)?;
        together(pingers, pace, pinging).await?;
        loads.push(start.end(subject, 0, &record, &mut bot, &road.sandbox).await?);
    }
    stage.stop(bot).await?;
    stage.strike().await?;
    Ok(loads)
}
