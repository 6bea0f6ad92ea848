//! The bodies that the bot sends, for a check against Discord's API description.
//!
//! `.ci/run` makes that check after the tests, if `DISCORD_API_SPEC` names the description.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use sandbox::Sandbox;

/// Variable that names the API description.
const SPEC: &str = "DISCORD_API_SPEC";

pub fn keep_if_wanted(sandbox: &Sandbox) {
    if std::env::var_os(SPEC).is_some() {
        sandbox.discord.keep_bodies();
    }
}

/// Appends the bodies to a file of this process, one a line.
pub fn save_if_wanted(sandbox: &Sandbox) {
    let bodies = sandbox.discord.take_bodies();
    if bodies.is_empty() {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("discord-bodies");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{}.jsonl", std::process::id()));
    let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
    for body in bodies {
        writeln!(file, "{}", serde_json::to_string(&body).unwrap()).unwrap();
    }
}
