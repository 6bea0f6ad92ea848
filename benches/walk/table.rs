//! The figures as tables, in Markdown, so that they can be pasted where they are asked for.

use std::fmt::Write as _;
use std::fs;

use crate::measure::{Load, median};
use crate::plan::Subject;
use crate::report::Report;
use crate::{goals, neutral};

/// Everything that was measured. Writing into a string does not fail.
pub fn print(report: &Report) -> String {
    let mut text = format!("\n{}\n", machine());
    if cfg!(debug_assertions) {
        text.push_str("\nA build without optimisation: the figures mean nothing.\n");
    }
    text.push_str(&goals::table(report));
    text.push_str(&in_turn(&report.rounds));
    text.push_str(&loads(
        "As many as there is time for",
        report.loads.iter().filter(|load| load.rate.is_none()),
    ));
    text.push_str(&steady(&report.loads));
    text.push_str(&steps(&report.loads));
    text.push_str(&starts(report));
    text.push_str(&memory(report));
    text.push_str(&neutral::told(&report.loads));
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
    format!(
        "{cores} cores, {model}; load average at the end: {}",
        load.split(' ').take(3).collect::<Vec<_>>().join(" ")
    )
}

/// A heading, the columns and a line below them: the first two to the left, the others to the
/// right.
pub fn head(title: &str, columns: &[&str]) -> String {
    let mut text = format!("\n### {title}\n\n| {} |\n|", columns.join(" | "));
    for nth in 0..columns.len() {
        text.push_str(if nth < 2 { " --- |" } else { " ---: |" });
    }
    text.push('\n');
    text
}

/// The bare bot and the product by turns: medians of the rounds, and what they are to the bare
/// bot's.
fn in_turn(rounds: &[Load]) -> String {
    if rounds.is_empty() {
        return String::new();
    }
    let columns = [
        "bot",
        "load",
        "rounds",
        "answers/s, median",
        "lowest",
        "highest",
        "to `/ping`",
        "CPU s a thousand, median",
        "to `/ping`",
        "other side",
    ];
    let mut text = head("In turn, 16 at once", &columns);
    let of = |subject: Subject| rounds.iter().filter(move |load| load.subject == subject);
    let rate = |subject| median(of(subject).map(|load| load.a_second(load.answers())));
    let cpu = |subject| median(of(subject).map(|load| load.a_thousand(load.bot)));
    let side = |subject| median(of(subject).map(|load| load.a_thousand(load.side)));
    for subject in [Subject::Ping, Subject::Sqlite, Subject::Postgres] {
        let Some(first) = of(subject).next() else { continue };
        let mut rates: Vec<f64> = of(subject).map(|load| load.a_second(load.answers())).collect();
        rates.sort_by(f64::total_cmp);
        let _ = writeln!(
            text,
            "| {subject} | {} | {} | {:.0} | {:.0} | {:.0} | {:.2} | {:.3} | {:.2} | {:.3} |",
            first.what,
            rates.len(),
            rate(subject),
            rates.first().copied().unwrap_or_default(),
            rates.last().copied().unwrap_or_default(),
            rate(subject) / rate(Subject::Ping),
            cpu(subject),
            cpu(subject) / cpu(Subject::Ping),
            side(subject),
        );
    }
    text
}

fn loads<'a>(title: &str, loads: impl Iterator<Item = &'a Load>) -> String {
    let columns = [
        "bot",
        "load",
        "at once",
        "sessions/s",
        "interactions/s",
        "first answer p50",
        "p99",
        "p99.9",
        "longest",
        "CPU s a thousand: bot",
        "other side",
        "rest of the machine",
    ];
    let mut text = head(title, &columns);
    let mut any = false;
    for load in loads {
        any = true;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:.0} | {} | {} |",
            load.subject,
            what(load),
            load.people,
            if load.sessions == 0 {
                "–".to_owned()
            } else {
                format!("{:.1}", load.a_second(load.sessions))
            },
            load.a_second(load.answers()),
            waits(load),
            cpu(load),
        );
    }
    if any { text } else { String::new() }
}

/// What was asked for at a steady rate, and what came of it: how cost grows with work.
fn steady(loads: &[Load]) -> String {
    let loads: Vec<_> = loads.iter().filter_map(|load| Some((load, load.rate?))).collect();
    if loads.is_empty() {
        return String::new();
    }
    let columns = [
        "bot",
        "load",
        "asked for, a second",
        "done, a second",
        "first answer p50",
        "p99",
        "p99.9",
        "longest",
        "click late p50 / p99",
        "CPU s a thousand: bot",
        "other side",
        "rest of the machine",
    ];
    let mut text = head(
        "At a steady rate; answers are timed from the moment at which their click was due",
        &columns,
    );
    for (load, rate) in loads {
        let done = if load.sessions == 0 { load.answers() } else { load.sessions };
        let _ = writeln!(
            text,
            "| {} | {} | {rate:.0} | {:.0} | {} | {:.2} / {:.2} ms | {} |",
            load.subject,
            what(load),
            load.a_second(done),
            waits(load),
            load.lag.percentile(50),
            load.lag.percentile(99),
            cpu(load),
        );
    }
    text
}

fn what(load: &Load) -> String {
    let Load { what, broken_off, .. } = load;
    if *broken_off == 0 {
        (*what).to_owned()
    } else {
        format!("{what}; **{broken_off} broken off**")
    }
}

fn waits(load: &Load) -> String {
    let all = load.all();
    let ms = [all.percentile(50), all.percentile(99), all.per_mille(999), all.longest()];
    ms.map(|ms| format!("{ms:.2} ms")).join(" | ")
}

fn cpu(load: &Load) -> String {
    [load.bot, load.side, load.others].map(|cpu| format!("{:.3}", load.a_thousand(cpu))).join(" | ")
}

/// Only where there are several steps: the whole sessions.
fn steps(loads: &[Load]) -> String {
    let walks: Vec<&Load> = loads.iter().filter(|load| load.sessions > 0).collect();
    let Some(first) = walks.first() else { return String::new() };
    let mut text =
        "\n### First answer by step of a session, p50 / p99 in milliseconds\n\n| step |".to_owned();
    for load in &walks {
        let pace = load.rate.map_or_else(
            || format!("{} at once", load.people),
            |rate| format!("{rate:.0} sessions/s"),
        );
        let _ = write!(text, " {}, {pace} |", load.subject);
    }
    let _ = writeln!(text, "\n| --- |{}", " ---: |".repeat(walks.len()));
    for (step, _) in &first.steps {
        let _ = write!(text, "| {step} |");
        for load in &walks {
            let times = load.steps.iter().find(|(name, _)| name == step).map(|(_, times)| times);
            let of = |percent| times.map_or(0.0, |times| times.percentile(percent));
            let _ = write!(text, " {:.2} / {:.2} |", of(50), of(99));
        }
        text.push('\n');
    }
    text
}

fn starts(report: &Report) -> String {
    if report.starts.is_empty() {
        return String::new();
    }
    let mut text = head(
        "From the start of the process to its IDENTIFY",
        &["bot", "store", "starts", "median", "longest"],
    );
    for starts in &report.starts {
        for (store, times) in
            [("made by this start", &starts.first), ("there before", &starts.again)]
        {
            let _ = writeln!(
                text,
                "| {} | {store} | {} | {:.1} ms | {:.1} ms |",
                starts.subject,
                times.0.len(),
                times.percentile(50),
                times.longest(),
            );
        }
    }
    text
}

fn memory(report: &Report) -> String {
    if report.memory.is_empty() {
        return String::new();
    }
    let columns = ["bot", "when", "RSS", "of that heap and stacks"];
    let mut text = head("Memory", &columns);
    for memory in &report.memory {
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} MiB | {:.1} MiB |",
            memory.subject, memory.when, memory.of.resident, memory.of.own
        );
    }
    text
}
