//! Fuzz targets without the fuzzer: each runs over its seeds and over random changes of them.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

#[path = "../../fuzz/src/lib.rs"]
mod targets;

/// Number of random inputs for each target. A fuzzer runs millions.
const RUNS: usize = 400;
/// Maximum size of a seed in bytes, so that the corpus stays readable.
const MAX_SEED_SIZE: u64 = 4096;

/// Returns the names and contents of a target's seeds.
fn load_seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut seeds: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            assert!(
                entry.metadata().unwrap().len() <= MAX_SEED_SIZE,
                "the seed {entry:?} is too large"
            );
            (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap())
        })
        .collect();
    seeds.sort();
    assert!(seeds.len() > 5, "{target} has no seeds");
    seeds
}

/// Returns a strategy for inputs: a seed with bytes replaced, removed, inserted or taken from
/// another seed, or random bytes.
fn inputs(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let words = words(&seeds);
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

/// Returns a strategy for words: the seeds cut at their delimiters, and extreme values.
fn words(seeds: &[Vec<u8>]) -> impl Strategy<Value = Vec<u8>> + use<> {
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

/// Panics with the input at which the target fails.
fn check_target(target: &str, run: fn(&[u8])) {
    let seeds = load_seeds(target);
    for (name, seed) in &seeds {
        assert!(catch_unwind(|| run(seed)).is_ok(), "{target} fails at its seed {name}");
    }
    let inputs = inputs(seeds.into_iter().map(|(_, seed)| seed).collect());
    let mut runner = TestRunner::deterministic();
    for _ in 0..RUNS {
        let bytes = inputs.new_tree(&mut runner).unwrap().current();
        let ran = catch_unwind(AssertUnwindSafe(|| run(&bytes)));
        assert!(ran.is_ok(), "{target} fails at {}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn custom_id_target_survives_any_input() {
    check_target("custom_id", targets::custom_id::run);
}

#[test]
fn interaction_target_survives_any_input() {
    check_target("interaction", targets::interaction::run);
}

#[test]
fn lambda_answer_target_survives_any_input() {
    check_target("lambda_answer", targets::lambda_answer::run);
}

#[test]
fn lambda_request_target_survives_any_input() {
    check_target("lambda_request", targets::lambda_request::run);
}

#[test]
fn core_row_target_survives_any_input() {
    check_target("core_row", targets::core_row::run);
}

#[test]
fn recovery_form_target_survives_any_input() {
    check_target("recovery_form", targets::recovery_form::run);
}
