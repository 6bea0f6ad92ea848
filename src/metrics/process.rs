//! The process: version, memory, open files, processor time, start, and spans that were lost.
//!
//! Linux tells it in `/proc/self`, which a unit with `ProcSubset=pid` still sees. The start is by
//! the bot's own clock, because such a unit hides `/proc/stat`. Elsewhere these series are missing.

use std::fs;

use commands::model::time::Timestamp;

use super::series::{ALONE, counters, gauges};

/// 1, with the version of the program as label.
const BUILD_INFO: &str = "support_desk_build_info";

/// Names that Prometheus gives these metrics in every program ("Writing client libraries").
const RESIDENT: &str = "process_resident_memory_bytes";
const VIRTUAL: &str = "process_virtual_memory_bytes";
const OPEN_FILES: &str = "process_open_fds";
const MOST_FILES: &str = "process_max_fds";
const CPU_SECONDS: &str = "process_cpu_seconds_total";
const START: &str = "process_start_time_seconds";

/// Spans that were not exported: the queue was full, or the export failed.
const SPANS_DROPPED: &str = "support_desk_spans_dropped_total";

/// Ticks a second in `/proc/self/stat`. Linux shows programs this number on every machine.
const TICKS: u64 = 100;

pub(super) fn register() {
    let version = [[("version", env!("CARGO_PKG_VERSION"))]];
    gauges(BUILD_INFO, "1, with the version of the program", version, 1.0);
    metrics::describe_gauge!(RESIDENT, "Memory of the process");
    metrics::describe_gauge!(VIRTUAL, "Addresses that the process has reserved");
    metrics::describe_gauge!(OPEN_FILES, "Open files and sockets");
    metrics::describe_gauge!(MOST_FILES, "Most files and sockets that may be open");
    metrics::describe_counter!(CPU_SECONDS, "Processor time in whole seconds");
    counters(SPANS_DROPPED, "Spans that were not exported", ALONE);
    gauges(START, "Start of the process, in seconds since 1970", ALONE, 0.0);
    observe();
}

pub fn set_started_at(at: Timestamp) {
    metrics::gauge!(START).set(f64::from(u32::try_from(at.seconds()).unwrap_or(u32::MAX)));
}

/// Counts spans that were not exported.
pub fn count_dropped_spans(count: usize) {
    metrics::counter!(SPANS_DROPPED).increment(u64::try_from(count).unwrap_or(u64::MAX));
}

/// Reads the numbers of the process.
pub fn observe() {
    let read = |name: &str| fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
    let status = read("status");
    for (name, field) in [(RESIDENT, "VmRSS:"), (VIRTUAL, "VmSize:")] {
        if let Some(kibibytes) = number_after(&status, field) {
            #[expect(clippy::cast_precision_loss, reason = "a gauge has 53 bits")]
            metrics::gauge!(name).set((kibibytes * 1_024) as f64);
        }
    }
    if let Some(most) = number_after(&read("limits"), "Max open files") {
        metrics::gauge!(MOST_FILES).set(f64::from(u32::try_from(most).unwrap_or(u32::MAX)));
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        // Without the folder itself, which is open now.
        let open = files.count().saturating_sub(1);
        metrics::gauge!(OPEN_FILES).set(f64::from(u32::try_from(open).unwrap_or(u32::MAX)));
    }
    if let Some(ticks) = processor_ticks(&read("stat")) {
        metrics::counter!(CPU_SECONDS).absolute(ticks / TICKS);
    }
}

/// Returns the first number after a name.
fn number_after(text: &str, name: &str) -> Option<u64> {
    text.split_once(name)?.1.split_whitespace().next()?.parse().ok()
}

/// Returns the time of the process in ticks: in user mode and in the kernel, the 14th and 15th
/// field (`proc(5)`). The second field is a name in parentheses, which can have blanks.
fn processor_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_process_are_parsed() {
        assert_eq!(number_after("VmPeak:\t 9 kB\nVmRSS:\t   128 kB\n", "VmRSS:"), Some(128));
        assert_eq!(number_after("VmSize:\t x", "VmRSS:"), None);
        let stat = "42 (a) b) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20";
        assert_eq!(processor_ticks(stat), Some(300));
        assert_eq!(processor_ticks("42 (desk) S 1"), None);
    }
}
