//! Whole sessions: by one agent, by many, by very many, and at a steady rate.

use std::time::Duration;

use crate::measure::{Load, Record, Start};
use crate::pace::{Pace, together};
use crate::people::Crowd;
use crate::plan::{Plan, Subject};
use crate::stage::Stage;
use crate::walk::{self, Road};

/// What the load is called.
const WHAT: &str = "whole sessions";
/// Sessions that are walked before anything is measured, by as many people: connections are open
/// then.
const WARM_UP: usize = 16;
/// Sessions that each agent walks where there are few, and where there are many.
const EACH: (usize, usize) = (100, 10);
/// From so many on there are very many: each walks one session.
const VERY_MANY: usize = 500;
/// Agents who can take the place of one whose click had no answer.
const SPARE: usize = 200;
/// People who take turns where there is a schedule.
const PEOPLE: usize = 256;

/// Measures one engine.
pub async fn measure(subject: Subject, plan: &Plan) -> anyhow::Result<Vec<Load>> {
    let steady = Pace::Steady(plan.session_rate, Duration::from_secs(plan.seconds / 2));
    let mut paces: Vec<(usize, Pace)> = plan
        .agents
        .iter()
        .map(|agents| (*agents, Pace::Closed(sessions(*agents), plan.limit())))
        .collect();
    paces.push((PEOPLE, steady));
    let all: usize = paces.iter().map(|(_, pace)| pace.count()).sum();
    let people: usize = paces.iter().map(|(people, _)| people).sum();
    let stage =
        Stage::build(subject, Crowd::new(WARM_UP + all, WARM_UP + people + SPARE, 0)).await?;
    let (mut bot, _) = stage.start().await?;
    let road = &stage.road;
    together(vec![road.clone(); WARM_UP], Pace::Closed(WARM_UP, plan.limit()), walk::sessions)
        .await?;
    let mut loads = Vec::new();
    for (people, pace) in paces {
        let road = Road { record: Record::default(), ..road.clone() };
        let start = Start::now(WHAT, people, pace, &bot)?;
        let walked = together(vec![road.clone(); people], pace, walk::sessions).await?;
        loads.push(start.end(subject, walked, &road.record, &mut bot, &road.sandbox).await?);
    }
    stage.stop(bot).await?;
    stage.strike().await?;
    Ok(loads)
}

fn sessions(agents: usize) -> usize {
    match agents {
        0..10 => agents * EACH.0,
        10..VERY_MANY => agents * EACH.1,
        VERY_MANY.. => agents,
    }
}
