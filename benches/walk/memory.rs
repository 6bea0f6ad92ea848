//! Memory of a bot at rest, and after many clicks of both kinds.

use std::time::Duration;

use crate::durable::AT_ONCE;
use crate::measure::Record;
use crate::pace::{Pace, together};
use crate::people::Crowd;
use crate::plan::{Plan, Subject};
use crate::press::{drawers, drawing, pingers, pinging, stayers, staying};
use crate::report::MemoryOf;
use crate::stage::Stage;

/// How long the clicks may take.
const LIMIT: Duration = Duration::from_mins(5);
/// How long a bot comes to rest after them.
const REST: Duration = Duration::from_secs(2);

/// Measures one bot: half of the clicks of the product's people only draw, half are stored; the
/// bare one answers `/ping`.
pub async fn measure(subject: Subject, plan: &Plan) -> anyhow::Result<Vec<MemoryOf>> {
    let stage = Stage::build(subject, Crowd::new(0, AT_ONCE, 0)).await?;
    let (mut bot, _) = stage.start().await?;
    tokio::time::sleep(plan.rest()).await;
    let rest = bot.memory()?;
    let record = Record::default();
    if subject.is_product() {
        let half = Pace::Closed(plan.memory_clicks / 2, LIMIT);
        let drawers = drawers(&stage.road, AT_ONCE / 2).await?;
        let stayers = stayers(&stage.road, AT_ONCE / 2).await?;
        tokio::try_join!(
            together(drawers, half, |person, turns| drawing(person, record.clone(), turns)),
            together(stayers, half, |person, turns| staying(person, record.clone(), turns)),
        )?;
    } else {
        let people = pingers(&stage.road, AT_ONCE, &record)?;
        together(people, Pace::Closed(plan.memory_clicks, LIMIT), pinging).await?;
    }
    tokio::time::sleep(REST).await;
    bot.lives()?;
    let after = bot.memory()?;
    let clicks = record.all().0.len();
    stage.stop(bot).await?;
    stage.strike().await?;
    Ok(vec![
        MemoryOf {
            subject,
            when: format!("after {} s without traffic", plan.rest),
            of: rest,
            clicks: 0,
        },
        MemoryOf { subject, when: format!("after {clicks} clicks"), of: after, clicks },
    ])
}
