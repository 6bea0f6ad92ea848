//! Checks of documents: the limits of `docs/security.md` name existing tests, and the log texts and
//! metrics of `docs/operations.md` and the log texts of `docs/first-hour.md` exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::browser;
use crate::installation::Installation;
use crate::program::free_address;

/// Returns a document of the project.
fn document(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Returns the texts between backticks.
fn quotes(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Returns the names of the bot's metrics in a text, without the endings of a histogram.
fn metric_names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '_');
    let names = words.filter(|word| word.starts_with("support_desk_"));
    let base = |name: &str| {
        let ends = ["_bucket", "_sum", "_count"];
        ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned()
    };
    names.map(base).collect()
}

/// Collects the Rust files below a folder.
fn find_sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_sources(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

#[tokio::test]
async fn fresh_process_has_the_documented_metrics() {
    let installation = Installation::new().await;
    let admin = free_address();
    let program = installation.start("run", &[("ADMIN_ADDR", &admin)]);
    installation.sandbox.discord.connected(1).await;
    let scrape = browser::looks_at(&format!("http://{admin}/metrics")).await.body;
    program.signal("-TERM");
    program.ends().await;

    let operations = document("docs/operations.md");
    assert_eq!(metric_names(&scrape), metric_names(&operations));
    let metrics = operations.split_once("\n## Metrics").unwrap().1.split_once("\n## ").unwrap().0;
    let documented: BTreeSet<&str> = quotes(metrics).collect();
    let lines = scrape.lines().filter(|line| !line.contains("le=\"") && !line.contains("version="));
    for value in lines.flat_map(label_values) {
        assert!(documented.contains(value), "{value} is not in the documentation");
    }
    for label in ["service", "call", "outcome"] {
        let row = metrics.lines().find(|line| line.starts_with(&format!("| `{label}` |"))).unwrap();
        for value in quotes(row).skip(1) {
            assert!(scrape.contains(&format!("{label}=\"{value}\"")), "no series with {value}");
        }
    }
    // The start counts its session, its events and its work only.
    let of_start = ["support_desk_gateway_events_total", "process_cpu_seconds_total"];
    let counts = scrape.lines().filter(|line| line.contains("_total") && !line.starts_with('#'));
    let counts = counts.filter(|line| !of_start.iter().any(|name| line.starts_with(name)));
    let counted: Vec<_> = counts.filter(|line| !line.ends_with(" 0")).collect();
    assert_eq!(counted, ["support_desk_gateway_sessions_total{how=\"identified\"} 1"]);
}

fn label_values(line: &str) -> impl Iterator<Item = &str> {
    let labels = line.split_once('{').map_or("", |(_, labels)| labels);
    labels.split('"').skip(1).step_by(2)
}

#[test]
fn quoted_log_texts_exist_in_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "commands/src"] {
        find_sources(&root.join(folder), &mut files);
    }
    let sources: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    // Joins the lines of a text, whose ends are escaped.
    let mut sources: String =
        sources.split("\\\n").map(str::trim_start).collect::<Vec<_>>().concat();
    for catalog in ["commands/locales/en.ftl", "src/config/mod.rs"] {
        sources.push_str(&document(catalog));
    }

    let operations = document("docs/operations.md");
    let seen = operations.split_once("\n## What you see").unwrap().1.split_once("\n## ").unwrap().0;
    let rows = seen.lines().filter(|line| line.starts_with("| ")).skip(2);
    let mut texts: Vec<&str> =
        rows.flat_map(|row| row.split(" | ").skip(1)).flat_map(quotes).collect();
    assert!(texts.len() > 30, "only {} quotes", texts.len());
    let first_hour = document("docs/first-hour.md");
    texts.extend(first_hour.split("log has `").skip(1).filter_map(|rest| rest.split('`').next()));
    for text in texts {
        for part in text.split(['…', ':', '"', '=', '/']) {
            let part = part.trim_matches([' ', ',']);
            assert!(sources.contains(part), "the code has no `{part}`, quoted in `{text}`");
        }
    }
}

#[test]
fn security_promises_name_existing_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = document("docs/security.md");
    let rows_of = |title: &str| {
        let section = document.split_once(title).unwrap().1.split_once("\n##").unwrap().0;
        section.lines().filter(|line| line.starts_with("| ")).skip(2).collect::<Vec<_>>()
    };
    let rows = [rows_of("## The numbers"), rows_of("## The store and the trail")];
    assert!(rows.iter().all(|rows| rows.len() > 10), "{rows:?}");

    let mut files = Vec::new();
    for folder in ["src", "commands", "tests/desk"] {
        find_sources(&root.join(folder), &mut files);
    }
    for row in rows.concat() {
        let last_cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let tests: Vec<&str> = last_cell.split('`').filter(|part| part.contains("::")).collect();
        assert!(!tests.is_empty(), "the row names no test: {row}");
        for test in tests {
            let (module, name) = test.rsplit_once("::").unwrap();
            let file = module.replace("::", "/");
            let has_test = |path: &PathBuf| {
                let path_of_module = path.with_extension("");
                (path_of_module.ends_with(&file) || path_of_module.ends_with(format!("{file}/mod")))
                    && is_test(&fs::read_to_string(path).unwrap(), name)
            };
            assert!(files.iter().any(has_test), "the test {test} does not exist");
        }
    }
}

/// Returns true if the source has a test function of this name.
fn is_test(source: &str, name: &str) -> bool {
    let mut lines = source.lines().map(str::trim);
    let mut attributes = Vec::new();
    lines.any(|line| {
        if line.starts_with("#[") {
            attributes.push(line);
            return false;
        }
        let declares = line.contains(&format!("fn {name}("));
        let is_test =
            attributes.drain(..).any(|line| line == "#[test]" || line.starts_with("#[tokio::test"));
        declares && is_test
    })
}
