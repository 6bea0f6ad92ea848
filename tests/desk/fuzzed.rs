//! The fuzz targets over their seeds, and over bytes of every kind: without the fuzzer, so that
//! they hold between its runs.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

#[path = "../../fuzz/src/lib.rs"]
mod targets;

/// Runs of random bytes that each target is given here; a fuzzer does millions.
const RUNS: usize = 400;
/// Most bytes of a seed: the corpus stays small enough to read.
const LONGEST_SEED: u64 = 4096;

/// The seeds of a target, by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut seeds: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            assert!(entry.metadata().unwrap().len() <= LONGEST_SEED, "{entry:?} is too long");
            (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap())
        })
        .collect();
    seeds.sort();
    assert!(seeds.len() > 5, "{target} has no seeds");
    seeds
}

/// A seed with some bytes changed, left out, doubled or taken from another; or bytes of no seed at
/// all.
fn bytes(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let words = select_word(&seeds);
    let change = (any::<prop::sample::Index>(), 0_u8..5, any::<u8>(), words);
    let changed = (prop::sample::select(seeds), prop::collection::vec(change, 1..6)).prop_map(
        |(mut bytes, changes)| {
            for (at, how, byte, word) in changes {
                let at = at.index(bytes.len() + 1);
                match how {
                    0 if at < bytes.len() => bytes[at] = byte,
                    1 if at < bytes.len() => drop(bytes.remove(at)),
                    2 => bytes.truncate(at),
                    3 => bytes.insert(at, byte),
                    _ => drop(bytes.splice(at..at, word)),
                }
            }
            bytes
        },
    );
    prop_oneof![9 => changed, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

/// Pieces of the seeds, cut where their marks are, and numbers at the edges.
fn select_word(seeds: &[Vec<u8>]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let mut words: Vec<Vec<u8>> = seeds
        .iter()
        .flat_map(|seed| seed.split(|byte| b"\n.&,:\"".contains(byte)))
        .map(<[u8]>::to_vec)
        .collect();
    words.extend(
        ["18446744073709551616", "-9223372036854775808", "null", "[", "{}", "\u{202e}", "%00"]
            .map(Vec::from),
    );
    words.sort();
    words.dedup();
    prop::sample::select(words)
}

fn holds(target: &str, run: fn(&[u8])) {
    let seeds = seeds(target);
    for (name, seed) in &seeds {
        assert!(catch_unwind(|| run(seed)).is_ok(), "{target} fails at its seed {name}");
    }
    let bytes = bytes(seeds.into_iter().map(|(_, seed)| seed).collect());
    let mut runner = TestRunner::deterministic();
    for _ in 0..RUNS {
        let bytes = bytes.new_tree(&mut runner).unwrap().current();
        let ran = catch_unwind(AssertUnwindSafe(|| run(&bytes)));
        assert!(ran.is_ok(), "{target} fails at {}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn custom_id() {
    holds("custom_id", targets::custom_id::run);
}

#[test]
fn interaction() {
    holds("interaction", targets::interaction::run);
}

#[test]
fn lambda_answer() {
    holds("lambda_answer", targets::lambda_answer::run);
}

#[test]
fn core_row() {
    holds("core_row", targets::core_row::run);
}

#[test]
fn recovery_form() {
    holds("recovery_form", targets::recovery_form::run);
}
