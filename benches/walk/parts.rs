//! Parts of the benchmark.

use std::time::Duration;

use anyhow::ensure;
use commands::model::trail::kind;

use crate::clicks::{
    CODES_EACH, DRAWING, DURABLE, LOOK_UP, LOOK_UPS_EACH, PING, REFUSED, WRONG_CODE, draw, drawers,
    look_up, ping, pingers, rivals, start_attended, stay, stayers, type_wrong_codes,
};
use crate::crowd::Crowd;
use crate::pace::{Pace, Slots, run_workers};
use crate::plan::{Bot, DRAWING_CLIENTS, DURABLE_CLIENTS, DURABLE_RATE, Plan};
use crate::recorder::Recorder;
use crate::report::{Latencies, Load, MemorySample, Starts};
use crate::session_driver::run_sessions;
use crate::test_bed::TestBed;

/// Clients of the warm-up of the peers, and agents of the warm-up of the sessions.
const WARM_UP_CLIENTS: usize = 16;
/// Clients that take turns on a schedule: enough that one is free unless the bot falls behind.
const SCHEDULED_CLIENTS: usize = 256;
/// Clients that take turns on the schedule of `/ping`.
const SCHEDULED_PINGERS: usize = 64;
/// Sessions that are opened at the same time.
const OPEN_CONCURRENTLY: usize = 16;
/// Sessions per second of the schedule.
const SESSION_RATE: u32 = 20;
/// Agents who can replace one whose session has broken off.
const SPARE_AGENTS: usize = 200;
const STARTS: usize = 10;
/// Time without traffic before memory at rest is read.
const REST_TIME: Duration = Duration::from_secs(10);
/// Time without traffic before memory after the clicks is read.
const SETTLE_TIME: Duration = Duration::from_secs(2);
/// Time limit of the clicks of the memory part.
const CLICKS_TIMEOUT: Duration = Duration::from_mins(5);

/// Measures `/ping` of a bot without a store, in the loads of the product's goals.
pub async fn peers(bot: Bot, plan: &Plan) -> anyhow::Result<Vec<Load>> {
    let closed = |clicks| Pace::closed_loop(clicks, plan.limit());
    let rate = plan.rates.iter().copied().fold(0, u32::max).min(DURABLE_RATE);
    let paces = [
        (WARM_UP_CLIENTS, closed(plan.clicks / 10)),
        (1, closed(plan.clicks / 10)),
        (DRAWING_CLIENTS, closed(plan.clicks)),
        (DURABLE_CLIENTS, closed(plan.clicks)),
        (SCHEDULED_PINGERS, Pace::fixed_rate(rate, plan.steady() / 2)),
    ];
    let clients = paces.iter().map(|(clients, _)| clients).sum();
    let mut bed = TestBed::start(bot, Crowd::new(0, clients)).await?;
    let mut loads = Vec::new();
    for (clients, pace) in paces {
        let people = pingers(&bed.scenario, clients)?;
        loads.push(bed.run_load(PING, pace, people, ping).await?);
    }
    bed.tear_down().await?;
    loads.remove(0); // warm-up
    Ok(loads)
}

/// Measures clicks that only draw, beside a bare `/ping`. All bots take turns in rounds, because
/// the speed of the machine drifts.
pub async fn drawing(plan: &Plan) -> anyhow::Result<Vec<Load>> {
    let mut beds = Vec::new();
    for bot in [Bot::Ping].into_iter().chain(plan.products()) {
        // The bare bot gets new people in each round.
        let bed = TestBed::start(bot, Crowd::new(0, DRAWING_CLIENTS * (plan.rounds + 1))).await?;
        let drawers = match bot {
            Bot::Echo | Bot::Ping => Vec::new(),
            Bot::Sqlite | Bot::Postgres => drawers(&bed.scenario, DRAWING_CLIENTS).await?,
        };
        beds.push((bed, drawers));
    }
    let mut loads = Vec::new();
    let warm_up = plan.clicks.div_ceil(10);
    for clicks in [warm_up].into_iter().chain(vec![plan.clicks / 2; plan.rounds]) {
        let pace = Pace::closed_loop(clicks, plan.limit());
        for (bed, drawers) in &mut beds {
            loads.push(if drawers.is_empty() {
                let people = pingers(&bed.scenario, DRAWING_CLIENTS)?;
                bed.run_load(PING, pace, people, ping).await?
            } else {
                bed.run_load(DRAWING, pace, drawers.clone(), draw).await?
            });
        }
    }
    loads.drain(..beds.len()); // warm-up
    for (bed, _) in beds {
        bed.tear_down().await?;
    }
    Ok(loads)
}

/// Measures clicks that are stored, in a closed loop and at fixed rates.
///
/// Fails if the trail does not hold each answered click exactly once.
pub async fn durable(bot: Bot, plan: &Plan) -> anyhow::Result<Vec<Load>> {
    let mut bed = TestBed::start(bot, Crowd::new(0, SCHEDULED_CLIENTS)).await?;
    let mut people = Vec::new();
    while people.len() < SCHEDULED_CLIENTS {
        people.extend(stayers(&bed.scenario, OPEN_CONCURRENTLY).await?);
    }
    let mut loads = Vec::new();
    for clicks in [plan.clicks / 10, plan.clicks] {
        let pace = Pace::closed_loop(clicks, plan.limit());
        loads.push(bed.run_load(DURABLE, pace, people[..DURABLE_CLIENTS].to_vec(), stay).await?);
    }
    for rate in &plan.rates {
        let time = if *rate == DURABLE_RATE { plan.steady() } else { plan.steady() / 4 };
        let pace = Pace::fixed_rate(*rate, time);
        loads.push(bed.run_load(DURABLE, pace, people.clone(), stay).await?);
    }
    let answered: usize = loads.iter().map(Load::answers).sum();
    let stored = bed.databases.count_events(kind::STAYED).await?;
    ensure!(stored == answered, "{answered} clicks were answered, and the trail holds {stored}");
    bed.tear_down().await?;
    loads.remove(0); // warm-up
    Ok(loads)
}

/// Measures the kinds of stored clicks beside **Stay**, each at the rate of the goal.
pub async fn kinds(bot: Bot, plan: &Plan) -> anyhow::Result<Vec<Load>> {
    let rate = plan.rates.iter().copied().fold(0, u32::max).min(DURABLE_RATE);
    let pace = Pace::fixed_rate(rate, plan.steady() / 2);
    let mut loads = Vec::new();

    let bed = TestBed::start(bot, Crowd::new(0, 2 * SCHEDULED_CLIENTS)).await?;
    let mut people = Vec::new();
    while people.len() < SCHEDULED_CLIENTS {
        people.extend(rivals(&bed.scenario, OPEN_CONCURRENTLY).await?);
    }
    loads.push(run_kind(bed, (REFUSED, kind::REFUSED), pace, people, start_attended).await?);

    let agents = pace.count.div_ceil(LOOK_UPS_EACH);
    let bed = TestBed::start(bot, Crowd::new(0, agents)).await?;
    let people = vec![bed.scenario.clone(); agents];
    loads.push(run_kind(bed, (LOOK_UP, kind::LOOKED_UP), pace, people, look_up).await?);

    let agents = pace.count.div_ceil(CODES_EACH).next_multiple_of(OPEN_CONCURRENTLY);
    let bed = TestBed::start(bot, Crowd::new(0, agents)).await?;
    let mut people = Vec::new();
    while people.len() < agents {
        people.extend(drawers(&bed.scenario, OPEN_CONCURRENTLY).await?);
    }
    let names = (WRONG_CODE, kind::CODE_WRONG);
    loads.push(run_kind(bed, names, pace, people, type_wrong_codes).await?);
    Ok(loads)
}

/// Measures one kind of stored clicks. `names` are those of the load and of its events.
///
/// Fails if the trail does not hold each answered click exactly once.
async fn run_kind<W, F>(
    mut bed: TestBed,
    names: (&'static str, &str),
    pace: Pace,
    workers: Vec<W>,
    work: impl Fn(W, Slots, Recorder) -> F,
) -> anyhow::Result<Load>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let (name, kind) = names;
    let load = bed.run_load(name, pace, workers, work).await?;
    let (answered, stored) = (load.answers(), bed.databases.count_events(kind).await?);
    ensure!(
        stored == answered,
        "{name}: {answered} clicks were answered, and the trail holds {stored}"
    );
    bed.tear_down().await?;
    Ok(load)
}

/// Measures whole sessions: by one agent, by many, and at a fixed rate.
pub async fn sessions(bot: Bot, plan: &Plan) -> anyhow::Result<Vec<Load>> {
    let closed = |sessions| Pace::closed_loop(sessions, plan.limit());
    let mut paces = vec![(WARM_UP_CLIENTS, closed(WARM_UP_CLIENTS))];
    for agents in &plan.agents {
        // The more agents there are, the fewer sessions each of them walks.
        let each = match agents {
            0..10 => 100,
            10..500 => 10,
            500.. => 1,
        };
        paces.push((*agents, closed(agents * each)));
    }
    paces.push((SCHEDULED_CLIENTS, Pace::fixed_rate(SESSION_RATE, plan.limit() / 2)));
    let sessions = paces.iter().map(|(_, pace)| pace.count).sum();
    let agents = paces.iter().map(|(agents, _)| agents).sum::<usize>() + SPARE_AGENTS;
    let mut bed = TestBed::start(bot, Crowd::new(sessions, agents)).await?;
    let mut loads = Vec::new();
    for (agents, pace) in paces {
        let scenarios = vec![bed.scenario.clone(); agents];
        loads.push(bed.run_load("whole sessions", pace, scenarios, run_sessions).await?);
    }
    bed.tear_down().await?;
    loads.remove(0); // warm-up
    Ok(loads)
}

/// Measures the time from the start of the process to its IDENTIFY, as the sandbox sees it.
/// The store has its tables already.
pub async fn start(bot: Bot) -> anyhow::Result<Starts> {
    let mut bed = TestBed::build(bot, Crowd::new(0, 1)).await?;
    let mut times = Latencies::default();
    for _ in 0..STARTS {
        times.record(bed.start_bot().await?);
        bed.stop_bot().await?;
    }
    bed.tear_down().await?;
    Ok(Starts { bot, times })
}

/// Reads the memory at rest and after many clicks. Half of the product's clicks only draw, half are
/// stored, both at the same time. The bare bot answers `/ping`.
pub async fn memory(bot: Bot, plan: &Plan) -> anyhow::Result<[MemorySample; 2]> {
    let mut bed = TestBed::start(bot, Crowd::new(0, DURABLE_CLIENTS)).await?;
    tokio::time::sleep(REST_TIME).await;
    let at_rest = MemorySample { bot, clicks: 0, resident: bed.process()?.resident_memory()? };
    let recorder = Recorder::default();
    let pace = |clicks| Pace::closed_loop(clicks, CLICKS_TIMEOUT);
    let clicks = if bot.is_product() {
        let half = pace(plan.memory_clicks / 2);
        let drawers = drawers(&bed.scenario, DURABLE_CLIENTS / 2).await?;
        let stayers = stayers(&bed.scenario, DURABLE_CLIENTS / 2).await?;
        let (drawn, stored) = tokio::try_join!(
            run_workers(drawers, half, |drawer, slots| draw(drawer, slots, recorder.clone())),
            run_workers(stayers, half, |stayer, slots| stay(stayer, slots, recorder.clone())),
        )?;
        drawn + stored
    } else {
        let people = pingers(&bed.scenario, DURABLE_CLIENTS)?;
        let work = |person, slots| ping(person, slots, recorder.clone());
        run_workers(people, pace(plan.memory_clicks), work).await?
    };
    tokio::time::sleep(SETTLE_TIME).await;
    let resident = bed.process()?.resident_memory()?;
    bed.tear_down().await?;
    Ok([at_rest, MemorySample { bot, clicks, resident }])
}
