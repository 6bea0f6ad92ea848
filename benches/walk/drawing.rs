//! A click that only draws, beside a bare `/ping`: in turn, by as many people, with the same
//! stand-in, as the machine's speed drifts.

use crate::measure::{Load, Record, Start};
use crate::pace::{Pace, together};
use crate::people::Crowd;
use crate::plan::{Plan, Subject};
use crate::press::{DRAWS, drawers, drawing, pingers, pinging};
use crate::process::Bot;
use crate::stage::Stage;

/// People at once: as many as the goal speaks of.
pub const PEOPLE: usize = 16;
/// Part of the clicks of a round that are made before anything is measured: connections are open
/// then.
const WARM_UP: usize = 10;

/// Every bot in each round, the bare one first.
pub async fn measure(plan: &Plan) -> anyhow::Result<Vec<Load>> {
    let mut bots = Vec::new();
    for subject in [Subject::Ping].into_iter().chain(plan.engines()) {
        let places = PEOPLE * if subject.is_product() { 1 } else { plan.rounds + 1 };
        let stage = Stage::build(subject, Crowd::new(0, places, 0)).await?;
        let (bot, _) = stage.start().await?;
        let mut player = Player { people: Vec::new(), stage, bot };
        if subject.is_product() {
            player.people = drawers(&player.stage.road, PEOPLE).await?;
        }
        player.round(plan.clicks.div_ceil(WARM_UP), plan).await?;
        bots.push(player);
    }
    let mut loads = Vec::new();
    for _ in 0..plan.rounds {
        for player in &mut bots {
            loads.push(player.round(plan.clicks / 2, plan).await?);
        }
    }
    for Player { stage, bot, .. } in bots {
        stage.stop(bot).await?;
        stage.strike().await?;
    }
    Ok(loads)
}

struct Player {
    stage: Stage,
    bot: Bot,
    people: Vec<crate::press::Drawer>,
}

impl Player {
    async fn round(&mut self, clicks: usize, plan: &Plan) -> anyhow::Result<Load> {
        let (record, pace) = (Record::default(), Pace::Closed(clicks, plan.limit()));
        let subject = self.stage.subject;
        let road = &self.stage.road;
        let start = if subject.is_product() {
            let people = self.people.clone();
            let start = Start::now(DRAWS, PEOPLE, pace, &self.bot)?;
            together(people, pace, |person, turns| drawing(person, record.clone(), turns)).await?;
            start
        } else {
            let people = pingers(road, PEOPLE, &record)?;
            let start = Start::now("/ping", PEOPLE, pace, &self.bot)?;
            together(people, pace, pinging).await?;
            start
        };
        start.end(subject, 0, &record, &mut self.bot, &road.sandbox).await
    }
}
