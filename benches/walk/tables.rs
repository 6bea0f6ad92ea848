//! Tables of a run, in Markdown.

use std::fs;

use crate::goals;
use crate::plan::Bot;
use crate::report::{Latencies, Load, MemorySample, Report, Starts, median, table};

/// Renders everything that was measured.
pub fn render(report: &Report) -> String {
    let build = if cfg!(debug_assertions) {
        "\nThis build is not optimized: the figures mean nothing.\n"
    } else {
        ""
    };
    [
        format!("\n{}\n{build}", machine()),
        goals::render(report),
        rounds(&report.rounds),
        loads(&report.loads),
        kinds(&report.loads),
        starts(report),
        memory(report),
    ]
    .concat()
}

/// Describes the machine and its load.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| rest.trim_start_matches([' ', '\t', ':']).trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(3).collect();
    format!("{cores} cores, {model}; load average at the end: {}", load.join(" "))
}

/// Drawing clicks: medians of the rounds, and their ratio to the bare bot's.
fn rounds(rounds: &[Load]) -> String {
    let median_of = |bot: Bot, figure: fn(&Load) -> f64| {
        median(rounds.iter().filter(|load| load.bot == bot).map(figure))
    };
    let row = |bot: Bot| {
        let of_bot = || rounds.iter().filter(|load| load.bot == bot);
        let rates = || of_bot().map(Load::answers_per_second);
        let rate = median_of(bot, Load::answers_per_second);
        let cpu = median_of(bot, Load::cpu_per_answer);
        Some(format!(
            "{bot} | {} | {} | {rate:.0} | {:.0} | {:.0} | {:.2} | {cpu:.3} ms | {:.2} | {:.3} ms",
            of_bot().next()?.name,
            of_bot().count(),
            rates().fold(f64::INFINITY, f64::min),
            rates().fold(0.0, f64::max),
            rate / median_of(Bot::Ping, Load::answers_per_second),
            cpu / median_of(Bot::Ping, Load::cpu_per_answer),
            median_of(bot, |load| load.per_answer(load.cpu.harness)),
        ))
    };
    let columns = "bot | load | rounds | answers/s, median | lowest | highest | to `/ping` \
                   | CPU per answer, median | to `/ping` | harness";
    let bots = [Bot::Ping, Bot::Sqlite, Bot::Postgres];
    table("Drawing clicks in rounds", columns, bots.into_iter().filter_map(row))
}

fn loads(loads: &[Load]) -> String {
    let row = |load: &Load| {
        let Load { bot, name, clients, rate, recorded, .. } = load;
        let broken_off = match recorded.broken_off {
            0 => String::new(),
            count => format!("; **{count} broken off**"),
        };
        let requested = rate.map_or("–".to_owned(), |rate| rate.to_string());
        let late =
            rate.map_or("–".to_owned(), |_| milliseconds(&recorded.lag, [50.0, 99.0], " / "));
        let cpu = [load.cpu.bot, load.cpu.harness, load.cpu.rest];
        let cpu = cpu.map(|cpu| format!("{:.3} ms", load.per_answer(cpu))).join(" | ");
        let completed = load.per_second(load.completed);
        let answers = load.answers_per_second();
        let times = milliseconds(&load.latencies(), [50.0, 99.0, 99.9, 100.0], " | ");
        let figures = format!("{completed:.1} | {answers:.0} | {times} | {late} | {cpu}");
        format!("{bot} | {name}{broken_off} | {clients} | {requested} | {figures}")
    };
    let title = "Loads; on a schedule, an answer is timed from the moment when its click was due";
    let columns = "bot | load | clients | requested/s | completed/s | answers/s | first answer p50 \
                   | p99 | p99.9 | longest | click late p50 / p99 | CPU per answer | harness \
                   | rest of the machine";
    table(title, columns, loads.iter().map(row))
}

/// One row for each kind of click, in the loads that have several kinds.
fn kinds(loads: &[Load]) -> String {
    let rows = loads.iter().filter(|load| load.recorded.kinds.len() > 1).flat_map(|load| {
        let Load { bot, name, clients, .. } = load;
        let pace = load.rate.map_or(format!("{clients} at once"), |rate| format!("{rate}/s"));
        load.recorded.kinds.iter().map(move |(kind, latencies)| {
            let times = milliseconds(latencies, [50.0, 99.0, 100.0], " | ");
            format!("{bot} | {kind} | {name}, {pace} | {} | {times}", latencies.count())
        })
    });
    let columns = "bot | click | load | answers | first answer p50 | p99 | longest";
    table("First answer by kind of click", columns, rows)
}

fn starts(report: &Report) -> String {
    let rows = report.starts.iter().map(|Starts { bot, times }| {
        format!("{bot} | {} | {}", times.count(), milliseconds(times, [50.0, 100.0], " | "))
    });
    table("Process start to IDENTIFY", "bot | starts | median | longest", rows)
}

fn memory(report: &Report) -> String {
    let rows = report.memory.iter().map(|MemorySample { bot, clicks, resident }| {
        format!("{bot} | {clicks} clicks | {resident:.1} MiB")
    });
    table("Memory", "bot | after | RSS", rows)
}

fn milliseconds<const N: usize>(
    latencies: &Latencies,
    percents: [f64; N],
    separator: &str,
) -> String {
    percents.map(|percent| format!("{:.2} ms", latencies.percentile(percent))).join(separator)
}
