//! The goals, and what was measured of them.

use std::fmt::Write as _;

use crate::drawing;
use crate::durable::{AT_ONCE, RATE};
use crate::measure::{Load, median};
use crate::plan::Subject;
use crate::press::DURABLE;
use crate::report::Report;
use crate::table::head;

/// A goal for one figure.
struct Goal {
    figure: String,
    /// What it shall be, in words.
    aim: String,
    measured: Option<String>,
    met: bool,
}

/// All goals, of which a run may have measured some.
pub fn table(report: &Report) -> String {
    let mut goals = Vec::new();
    for subject in [Subject::Sqlite, Subject::Postgres] {
        goals.extend(drawn(report, subject));
        goals.extend(stored(report, subject));
        goals.extend(started(report, subject));
        goals.extend(remembered(report, subject));
    }
    if goals.iter().all(|goal| goal.measured.is_none()) {
        return String::new();
    }
    let mut text = head("Goals", &["figure", "goal", "measured", "met"]);
    for Goal { figure, aim, measured, met } in goals {
        let met = match (&measured, met) {
            (None, _) => "–",
            (_, true) => "yes",
            (_, false) => "**no**",
        };
        let _ = writeln!(
            text,
            "| {figure} | {aim} | {} | {met} |",
            measured.as_deref().unwrap_or("not in this run")
        );
    }
    text
}

/// A figure that shall be at most so much.
fn at_most(figure: String, most: f64, unit: &str, measured: Option<f64>) -> Goal {
    let met = measured.is_some_and(|figure| figure <= most);
    Goal {
        figure,
        aim: format!("at most {most}{unit}"),
        measured: measured.map(|figure| told(figure, unit)),
        met,
    }
}

/// Likewise, at least.
fn at_least(figure: String, least: f64, unit: &str, measured: Option<f64>) -> Goal {
    let met = measured.is_some_and(|figure| figure >= least);
    Goal {
        figure,
        aim: format!("at least {least}{unit}"),
        measured: measured.map(|figure| told(figure, unit)),
        met,
    }
}

fn told(figure: f64, unit: &str) -> String {
    let digits = if figure.abs() >= 100.0 { 0 } else { 2 };
    format!("{figure:.digits$}{unit}")
}

fn drawn(report: &Report, subject: Subject) -> [Goal; 2] {
    let of = |subject: Subject, figure: fn(&Load) -> f64| {
        let mut figures =
            report.rounds.iter().filter(|load| load.subject == subject).map(figure).peekable();
        figures.peek().is_some().then(|| median(figures))
    };
    let ratio = |figure: fn(&Load) -> f64| Some(of(subject, figure)? / of(Subject::Ping, figure)?);
    let people = drawing::PEOPLE;
    [
        at_least(
            format!(
                "{subject}: clicks that only draw, answers a second at {people} at once, to a bare `/ping`"
            ),
            0.8,
            "",
            ratio(|load| load.a_second(load.answers())),
        ),
        at_most(
            format!("{subject}: their CPU time, to a bare `/ping`"),
            1.3,
            "",
            ratio(|load| load.a_thousand(load.bot)),
        ),
    ]
}

fn stored(report: &Report, subject: Subject) -> [Goal; 2] {
    let mut loads =
        report.loads.iter().filter(|load| load.subject == subject && load.what == DURABLE);
    let steady = loads.clone().find(|load| load.rate == Some(RATE));
    let closed = loads.find(|load| load.rate.is_none());
    let least = if subject == Subject::Sqlite { 1_500.0 } else { 3_000.0 };
    [
        at_most(
            format!(
                "{subject}: clicks that are stored, p99 of the first answer at {RATE} a second (moonshot: 6 ms)"
            ),
            10.0,
            " ms",
            steady.map(|load| load.all().percentile(99)),
        ),
        at_least(
            format!("{subject}: clicks that are stored, a second at {AT_ONCE} at once"),
            least,
            "",
            closed.map(|load| load.a_second(load.answers())),
        ),
    ]
}

fn started(report: &Report, subject: Subject) -> [Goal; 2] {
    let starts = report.starts.iter().find(|starts| starts.subject == subject);
    [("median", 500), ("longest", 1_000)].map(|(which, share)| {
        at_most(
            format!("{subject}: start to IDENTIFY, tables there before, {which}"),
            100.0,
            " ms",
            starts.map(|starts| starts.again.per_mille(share)),
        )
    })
}

fn remembered(report: &Report, subject: Subject) -> [Goal; 2] {
    let of = |rest: bool| {
        let memory = report
            .memory
            .iter()
            .find(|memory| memory.subject == subject && (memory.clicks == 0) == rest);
        memory.map(|memory| (memory.of.resident, memory.clicks))
    };
    let after = of(false);
    let clicks = after.map_or(100_000, |(_, clicks)| clicks);
    [
        at_most(
            format!("{subject}: RSS at rest"),
            30.0,
            " MiB",
            of(true).map(|(resident, _)| resident),
        ),
        at_most(
            format!("{subject}: RSS after {clicks} clicks"),
            60.0,
            " MiB",
            after.map(|(resident, _)| resident),
        ),
    ]
}
