//! The figures as tables, in Markdown, so that they can be pasted where they are asked for.

use std::fmt::Write as _;
use std::fs;

use crate::measure::{Load, Measured};
use crate::neutral;
use crate::plan::Plan;

/// Everything that was measured.
pub fn print(all: &[Measured], plan: &Plan) -> String {
    let mut text = format!("\n{}\n", machine());
    if cfg!(debug_assertions) {
        text.push_str("A build without optimisation: the figures mean nothing.\n");
    }
    // Writing into a string does not fail.
    let _ = write!(text, "{}{}{}{}", bots(all, plan), loads(all), steps(all), neutral::told(each(all)));
    text
}

/// The machine, as far as it says what it is.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("an unknown processor", |rest| rest.trim_start_matches([' ', '\t', ':']).trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("{cores} cores, {model}; load average at the end: {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "))
}

fn bots(all: &[Measured], plan: &Plan) -> String {
    let mut text = format!(
        "\n| bot | start to gateway session | RSS after {} s without traffic | of that heap and stacks | RSS after all loads |\n\
         | --- | ---: | ---: | ---: | ---: |\n",
        plan.rest
    );
    for Measured { name, connected, rest, after, .. } in all {
        let _ = writeln!(
            text,
            "| {name} | {} ms | {:.1} MiB | {:.1} MiB | {:.1} MiB |",
            connected.as_millis(),
            rest.resident,
            rest.own,
            after.resident
        );
    }
    text
}

fn loads(all: &[Measured]) -> String {
    let mut text = "\n| bot | load | at once | sessions/s | interactions/s | first answer p50 | p99 | \
                    CPU s a thousand: bot | other side | rest of the machine |\n\
                    | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    for (name, load) in each(all) {
        let first = load.all();
        let sessions = if load.sessions == 0 { "–".to_owned() } else { format!("{:.1}", load.rate(load.sessions)) };
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {sessions} | {:.0} | {:.2} ms | {:.2} ms | {:.3} | {:.3} | {:.3} |",
            load.what,
            load.people,
            load.rate(first.0.len()),
            first.percentile(50),
            first.percentile(99),
            load.a_thousand(load.bot),
            load.a_thousand(load.side),
            load.a_thousand(load.others),
        );
    }
    text
}

/// Only where there are several steps: the whole sessions.
fn steps(all: &[Measured]) -> String {
    let walks: Vec<_> = each(all).filter(|(_, load)| load.sessions > 0).collect();
    let Some((_, first)) = walks.first() else { return String::new() };
    let mut text = "\nFirst answer by step of a session, p50 / p99 in milliseconds\n\n| step |".to_owned();
    for (name, load) in &walks {
        let _ = write!(text, " {name}, {} at once |", load.people);
    }
    let _ = writeln!(text, "\n| --- |{}", " ---: |".repeat(walks.len()));
    for (step, _) in &first.steps {
        let _ = write!(text, "| {step} |");
        for (_, load) in &walks {
            let times = load.steps.iter().find(|(name, _)| name == step).map(|(_, times)| times);
            let of = |percent| times.map_or(0.0, |times| times.percentile(percent));
            let _ = write!(text, " {:.2} / {:.2} |", of(50), of(99));
        }
        text.push('\n');
    }
    text
}

fn each(all: &[Measured]) -> impl Iterator<Item = (&str, &Load)> {
    all.iter().flat_map(|one| one.loads.iter().map(|load| (one.name.as_str(), load)))
}
