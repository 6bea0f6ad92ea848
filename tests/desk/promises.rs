//! Check of `docs/security.md`: each limit in its table names existing tests.

use std::fs;
use std::path::{Path, PathBuf};

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

#[test]
fn security_limits_name_existing_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let numbers = document.split_once("## The numbers").unwrap().1.split_once("\n### ").unwrap().0;
    let rows: Vec<&str> = numbers.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
    assert!(rows.len() > 10, "only {} rows", rows.len());

    let mut files = Vec::new();
    for folder in ["src", "commands", "tests/desk"] {
        find_sources(&root.join(folder), &mut files);
    }
    for row in rows {
        let last_cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let tests: Vec<&str> = last_cell.split('`').filter(|part| part.contains("::")).collect();
        assert!(!tests.is_empty(), "the row names no test: {row}");
        for test in tests {
            let (module, name) = test.rsplit_once("::").unwrap();
            let file = module.replace("::", "/");
            let has_test = |path: &PathBuf| {
                path.with_extension("").ends_with(&file)
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
