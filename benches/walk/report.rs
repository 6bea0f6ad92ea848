//! Results of a run, and the Markdown table that shows them.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::plan::Bot;
use crate::process::CpuTime;

/// Results, part by part.
#[derive(Debug, Default)]
pub struct Report {
    /// Loads in the order in which they ran.
    pub loads: Vec<Load>,
    /// Rounds in which the bare bot and the product take turns.
    pub rounds: Vec<Load>,
    pub starts: Vec<Starts>,
    pub memory: Vec<MemorySample>,
}

/// Result of one load.
#[derive(Debug)]
pub struct Load {
    pub bot: Bot,
    pub name: &'static str,
    /// Concurrent clients.
    pub clients: usize,
    /// Requested slots per second, if there was a schedule.
    pub rate: Option<u32>,
    /// Slots that were completed: clicks, or whole sessions.
    pub completed: usize,
    /// Time from the first click to the last answer.
    pub took: Duration,
    pub recorded: Recorded,
    pub cpu: CpuTime,
}

/// First answers of one load.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Latencies by kind of click. On a schedule they count from the due time.
    pub kinds: Vec<(&'static str, Latencies)>,
    /// Delays of the clicks after their due time. The latencies include them.
    pub lag: Latencies,
    /// Sessions that could not continue, and clicks without an answer within three seconds.
    pub broken_off: usize,
}

impl Load {
    /// Returns the latencies of all first answers.
    pub fn latencies(&self) -> Latencies {
        let mut all = Latencies::default();
        self.recorded.kinds.iter().for_each(|(_, latencies)| all.merge(latencies));
        all
    }

    /// Returns the number of first answers.
    pub fn answers(&self) -> usize {
        self.recorded.kinds.iter().map(|(_, latencies)| latencies.count()).sum()
    }

    pub fn answers_per_second(&self) -> f64 {
        self.per_second(self.answers())
    }

    pub fn per_second(&self, count: usize) -> f64 {
        to_f64(count) / self.took.as_secs_f64()
    }

    /// Returns milliseconds of CPU time per answer.
    pub fn per_answer(&self, cpu_seconds: f64) -> f64 {
        cpu_seconds * 1_000.0 / to_f64(self.answers().max(1))
    }

    /// Returns the bot's CPU time per answer in milliseconds.
    pub fn cpu_per_answer(&self) -> f64 {
        self.per_answer(self.cpu.bot)
    }
}

/// Times from process start to IDENTIFY.
#[derive(Debug)]
pub struct Starts {
    pub bot: Bot,
    pub times: Latencies,
}

/// Memory of a bot after a number of clicks.
#[derive(Debug)]
pub struct MemorySample {
    pub bot: Bot,
    /// Zero for a bot at rest.
    pub clicks: usize,
    /// Resident memory in MiB.
    pub resident: f64,
}

/// Latency histogram in microseconds, with a precision of three significant digits.
#[derive(Clone, Debug)]
pub struct Latencies(Histogram<u64>);

impl Default for Latencies {
    fn default() -> Self {
        Self(Histogram::new(3).expect("three significant digits are within the crate's limits"))
    }
}

impl Latencies {
    pub fn record(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.0.record(micros).expect("the histogram grows as needed");
    }

    fn merge(&mut self, other: &Self) {
        self.0.add(&other.0).expect("the histogram grows as needed");
    }

    pub fn count(&self) -> usize {
        usize::try_from(self.0.len()).unwrap_or(usize::MAX)
    }

    /// Returns the latency at a percentile in milliseconds, or zero if nothing was recorded.
    pub fn percentile(&self, percent: f64) -> f64 {
        Duration::from_micros(self.0.value_at_percentile(percent)).as_secs_f64() * 1_000.0
    }
}

/// Returns the middle number, or the upper of the two middle ones. NaN if there is no number.
pub fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

pub fn to_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Renders a Markdown table, or nothing if there is no row.
///
/// Bars separate the cells of header and rows. The first two columns are aligned to the left, the
/// others to the right.
pub fn table(title: &str, header: &str, rows: impl IntoIterator<Item = String>) -> String {
    let rows: Vec<String> = rows.into_iter().map(|cells| format!("| {cells} |\n")).collect();
    if rows.is_empty() {
        return String::new();
    }
    let numbers = " ---: |".repeat(header.split(" | ").count() - 2);
    format!("\n### {title}\n\n| {header} |\n| --- | --- |{numbers}\n{}", rows.concat())
}
