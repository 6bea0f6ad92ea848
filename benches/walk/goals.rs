//! Goals, compared with the measured figures.

use crate::clicks::{DURABLE, LOOK_UP, REFUSED, WRONG_CODE};
use crate::plan::{Bot, DURABLE_RATE};
use crate::report::{Load, Report, median, table};

/// Goal for one figure.
struct Goal {
    figure: &'static str,
    limit: Limit,
    unit: &'static str,
    measured: Option<f64>,
}

enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

use Limit::{AtLeast, AtMost};

/// Renders all goals, or nothing if the run has measured none of their figures.
pub fn render(report: &Report) -> String {
    let goals = [Bot::Sqlite, Bot::Postgres].map(|bot| (bot, goals_of(report, bot)));
    let goals = || goals.iter().flat_map(|(bot, goals)| goals.iter().map(move |goal| (bot, goal)));
    if goals().all(|(_, goal)| goal.measured.is_none()) {
        return String::new();
    }
    table("Goals", "bot | figure | goal | measured | met", goals().map(row))
}

fn row((bot, goal): (&Bot, &Goal)) -> String {
    let Goal { figure, limit, unit, measured } = goal;
    let aim = match limit {
        AtMost(limit) => format!("at most {limit}{unit}"),
        AtLeast(limit) => format!("at least {limit}{unit}"),
    };
    let Some(measured) = *measured else {
        return format!("{bot} | {figure} | {aim} | not in this run | –");
    };
    let met = match *limit {
        AtMost(limit) => measured <= limit,
        AtLeast(limit) => measured >= limit,
    };
    let met = if met { "yes" } else { "**no**" };
    let digits = if measured >= 100.0 { 0 } else { 2 };
    format!("{bot} | {figure} | {aim} | {measured:.digits$}{unit} | {met}")
}

fn goals_of(report: &Report, bot: Bot) -> Vec<Goal> {
    let goal = |figure, limit, unit, measured| Goal { figure, limit, unit, measured };
    let to_ping = |figure: fn(&Load) -> f64| {
        let of = |bot| median(report.rounds.iter().filter(|load| load.bot == bot).map(figure));
        Some(of(bot) / of(Bot::Ping)).filter(|ratio| !ratio.is_nan())
    };
    let load_of = |name, rate| {
        let mut loads = report.loads.iter().filter(|load| load.name == name && load.bot == bot);
        loads.find(|load| load.rate == rate)
    };
    let rate = load_of(DURABLE, None).map(Load::answers_per_second);
    let least_rate = if bot == Bot::Sqlite { 1_500.0 } else { 3_000.0 };
    let p99 =
        |name| load_of(name, Some(DURABLE_RATE)).map(|load| load.latencies().percentile(99.0));
    let to_stay = |name| {
        let cpu = |name| load_of(name, Some(DURABLE_RATE)).map(Load::cpu_per_answer);
        Some(cpu(name)? / cpu(DURABLE)?)
    };
    let starts = report.starts.iter().find(|starts| starts.bot == bot);
    let start = |percent| starts.map(|starts| starts.times.percentile(percent));
    let resident = |at_rest| {
        let mut samples = report.memory.iter().filter(|sample| sample.bot == bot);
        let sample = samples.find(|sample| (sample.clicks == 0) == at_rest)?;
        Some(sample.resident)
    };
    vec![
        goal("drawing, rate to `/ping`", AtLeast(0.8), "", to_ping(Load::answers_per_second)),
        goal("drawing, CPU time to `/ping`", AtMost(1.3), "", to_ping(Load::cpu_per_answer)),
        goal("**Stay**, p99 at 1,000/s", AtMost(8.0), " ms", p99(DURABLE)),
        goal("refused Start, p99 at 1,000/s", AtMost(8.0), " ms", p99(REFUSED)),
        goal("look-up, p99 at 1,000/s", AtMost(8.0), " ms", p99(LOOK_UP)),
        goal("wrong code, p99 at 1,000/s", AtMost(8.0), " ms", p99(WRONG_CODE)),
        goal("refused Start, CPU time to **Stay**", AtMost(2.0), "", to_stay(REFUSED)),
        goal("look-up, CPU time to **Stay**", AtMost(2.0), "", to_stay(LOOK_UP)),
        goal("wrong code, CPU time to **Stay**", AtMost(2.0), "", to_stay(WRONG_CODE)),
        goal("stored clicks by 64 clients", AtLeast(least_rate), "/s", rate),
        goal("start to IDENTIFY, median", AtMost(100.0), " ms", start(50.0)),
        goal("start to IDENTIFY, longest", AtMost(100.0), " ms", start(100.0)),
        goal("RSS at rest", AtMost(30.0), " MiB", resident(true)),
        goal("RSS after the clicks", AtMost(60.0), " MiB", resident(false)),
    ]
}
