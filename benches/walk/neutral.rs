//! Whether the time of an answer tells that an address has an account: linking, by people whose
//! address has one and by others.
//!
//! One at a time and in turn, so that both kinds meet the same machine. What differs beyond chance
//! could be used by somebody with the agent role to find out who works here.

use std::fmt::Write as _;

use anyhow::Context as _;

use crate::measure::{Load, Record, Start, Times};
use crate::pace::{Pace, Turn};
use crate::people::{Crowd, newcomer};
use crate::plan::{Plan, Subject};
use crate::stage::Stage;

/// What is said of the load; [`told`] looks for it.
const LINKING: &str = "linking, known and unknown addresses";
/// Wrong codes that each of them types: below the five with which a session locks.
const CODES: usize = 3;
/// The steps, each for an address with an account and for one without.
const STEPS: [[&str; 2]; 2] = [
    ["/account link, known", "/account link, unknown"],
    ["wrong code, known", "wrong code, unknown"],
];
/// Percentiles of the table.
const PERCENTILES: [usize; 7] = [1, 10, 25, 50, 75, 90, 99];

/// Measures one engine: everybody asks once, and types wrong codes.
pub async fn measure(subject: Subject, plan: &Plan) -> anyhow::Result<Load> {
    let stage = Stage::build(subject, Crowd::new(0, 1, plan.newcomers)).await?;
    let (mut bot, _) = stage.start().await?;
    let (newcomers, road) = (plan.newcomers, &stage.road);
    let record = Record::default();
    let start = Start::now(LINKING, 1, Pace::Closed(newcomers, plan.limit()), &bot)?;
    for n in 0..newcomers {
        let name = newcomer(n);
        let person = road.sandbox.discord.find_person(&name).context("nobody of that name")?;
        let kind = usize::from(!has_account(n));
        person.try_types(&format!("/account link email:{name}@waizant.example")).await?;
        record.keep(STEPS[0][kind], &person, Turn::FREE)?;
        // The look-up goes on after the answer; people type later than that.
        road.sandbox.discord.wait_until_idle().await;
        let right = road.sandbox.mail.last_code_for(&format!("{name}@waizant.example"));
        for wrong in ["000000", "000001", "000002", "000003"]
            .into_iter()
            .filter(|code| right.as_deref() != Some(*code))
            .take(CODES)
        {
            person.try_presses(None, "Enter code").await?;
            person.try_submits(&[wrong]).await?;
            record.keep(STEPS[1][kind], &person, Turn::FREE)?;
            road.sandbox.discord.wait_until_idle().await;
        }
    }
    let load = start.end(subject, 0, &record, &mut bot, &road.sandbox).await?;
    stage.stop(bot).await?;
    stage.strike().await?;
    Ok(load)
}

/// Whether the n-th newcomer's address has an account: every other.
pub const fn has_account(n: usize) -> bool {
    n.is_multiple_of(2)
}

/// Both distributions of each step, and how far they are apart.
pub fn told(loads: &[Load]) -> String {
    let mut text = String::new();
    for load in loads.iter().filter(|load| load.what == LINKING) {
        if text.is_empty() {
            text.push_str("\n### Time of the first answer while linking, in milliseconds, by percentile\n\n| bot | step |");
            for percent in PERCENTILES {
                let _ = write!(text, " p{percent} |");
            }
            let _ = writeln!(
                text,
                " apart (by chance below) |\n| --- | --- |{}",
                " ---: |".repeat(PERCENTILES.len() + 1)
            );
        }
        for pair in STEPS {
            let times = pair.map(|step| {
                load.steps.iter().find(|(of, _)| *of == step).map(|(_, times)| times.clone())
            });
            let [Some(known), Some(unknown)] = times else { continue };
            for (step, times) in pair.into_iter().zip([&known, &unknown]) {
                let _ = write!(text, "| {} | {step} |", load.subject);
                for percent in PERCENTILES {
                    let _ = write!(text, " {:.2} |", times.percentile(percent));
                }
                let _ = writeln!(
                    text,
                    " {:.3} ({:.3}) |",
                    distance(&known, &unknown),
                    chance(&known, &unknown)
                );
            }
        }
    }
    text
}

/// The Kolmogorov–Smirnov distance: how much better than by a coin a single time tells which of the
/// two it is, at the best.
fn distance(a: &Times, b: &Times) -> f64 {
    let below =
        |times: &Times, time| share(times.0.partition_point(|other| *other <= time), times.0.len());
    a.0.iter().chain(&b.0).map(|time| (below(a, *time) - below(b, *time)).abs()).fold(0.0, f64::max)
}

/// What two samples of one and the same distribution are apart in 19 of 20 cases, at the most (the
/// large-sample approximation).
fn chance(a: &Times, b: &Times) -> f64 {
    1.358 * (share(1, a.0.len()) + share(1, b.0.len())).sqrt()
}

fn share(part: usize, whole: usize) -> f64 {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    number(part) / number(whole.max(1))
}
