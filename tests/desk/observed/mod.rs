//! What an operator watches: the metrics after a walk, the alert rules and the board.

mod board;
mod prometheus;
mod rules;
mod walk;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the path of a file of the project.
fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(project(name)).unwrap()
}

/// Returns the names of the process's metrics in a text, without the endings of a histogram.
fn metric_names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '_');
    let names =
        words.filter(|word| word.starts_with("support_desk_") || word.starts_with("process_"));
    let ends = ["_bucket", "_sum", "_count"];
    names.map(|name| ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)).collect()
}

/// Panics if a text names a metric that the scrape does not have.
fn assert_in_scrape(text: &str, scrape: &str) {
    let (named, known) = (metric_names(text), metric_names(scrape));
    assert!(!named.is_empty(), "no metric in {text}");
    let unknown: Vec<_> = named.difference(&known).collect();
    assert!(unknown.is_empty(), "the bot has no metric {unknown:?}: {text}");
}
