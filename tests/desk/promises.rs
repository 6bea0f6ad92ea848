//! The table of numbers in docs/security.md: each names the tests that hold it, and they are there.

use std::fs;
use std::path::{Path, PathBuf};

/// Every Rust file below a folder.
fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn every_number_names_the_tests_that_hold_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let numbers = document.split_once("## The numbers").unwrap().1.split_once("\n### ").unwrap().0;
    let rows: Vec<&str> = numbers.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
    assert!(rows.len() > 10, "only {} rows", rows.len());

    let mut files = Vec::new();
    for folder in ["src", "commands", "tests/desk"] {
        sources(&root.join(folder), &mut files);
    }
    for row in rows {
        let held_by = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let tests: Vec<&str> = held_by.split('`').filter(|part| part.contains("::")).collect();
        assert!(!tests.is_empty(), "no test holds: {row}");
        for test in tests {
            let (place, name) = test.rsplit_once("::").unwrap();
            let file = place.replace("::", "/");
            let has_it = |path: &PathBuf| {
                path.with_extension("").ends_with(&file)
                    && fs::read_to_string(path).unwrap().contains(&format!("fn {name}("))
            };
            assert!(files.iter().any(has_it), "there is no test {test}");
        }
    }
}
