//! What is measured, and how much of it: the command line.

use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};

/// What makes this binary play a bot, in the argument before the sandbox's address.
pub const AS_PING: &str = "as-ping-bot";
/// Likewise, a client that only echoes.
pub const AS_ECHO: &str = "as-echo";
/// Cargo's own mark of a benchmark run. Without it the binary was started by a test runner, and measures nothing.
const BENCH: &str = "--bench";

/// What this process is.
pub enum Role {
    /// The one that measures.
    Measure(Plan),
    /// The bare bot, for the sandbox at this address.
    Ping(String),
    /// The echo, for the sandbox at this address.
    Echo(String),
    /// Neither.
    Nothing,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// A client that answers without looking: the stand-in's own limit.
    Echo,
    /// A bare poise bot with one command.
    Ping,
    /// The product, its store and Core in SQLite files.
    Sqlite,
    /// The product, its store and Core in PostgreSQL.
    Postgres,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Echo => "echo (no bot)",
            Self::Ping => "poise /ping",
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// How much.
#[derive(Clone, Debug, Parser)]
#[command(name = "walk", about = "Walks whole sessions against the sandbox and prints what they cost")]
pub struct Plan {
    /// What to measure, with commas between
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["echo", "ping", "sqlite", "postgres"])]
    pub subjects: Vec<Subject>,
    /// Agents at once, where there are many
    #[arg(long, default_value_t = 64)]
    pub agents: usize,
    /// Sessions walked by so many agents; a tenth of them by a single one
    #[arg(long, default_value_t = 1_920)]
    pub sessions: usize,
    /// Clicks of one kind, where only one kind is measured
    #[arg(long, default_value_t = 20_000)]
    pub clicks: usize,
    /// People who link an account, half of them with an address that has none
    #[arg(long, default_value_t = 800)]
    pub newcomers: usize,
    /// No load takes longer than so many seconds, finished or not
    #[arg(long, default_value_t = 60)]
    pub seconds: u64,
    /// Seconds of rest before the memory of a bot without traffic is read
    #[arg(long, default_value_t = 10)]
    pub rest: u64,
    /// Small numbers, to see that it works: the figures mean nothing
    #[arg(long)]
    quick: bool,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

impl Plan {
    /// The longest that a load may take.
    pub fn limit(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Sessions that one agent walks alone.
    pub fn alone(&self) -> usize {
        self.sessions.div_ceil(10)
    }
}

/// Reads the command line.
pub fn role() -> anyhow::Result<Role> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(role @ (AS_PING | AS_ECHO)) = words.first().map(String::as_str) {
        let place = words.get(1).context("the sandbox's address is missing")?.clone();
        return Ok(if role == AS_PING { Role::Ping(place) } else { Role::Echo(place) });
    }
    if !words.iter().any(|word| word == BENCH) {
        return Ok(Role::Nothing);
    }
    let mut plan = Plan::parse();
    if plan.quick {
        plan = Plan { agents: plan.agents.min(8), sessions: 40, clicks: 400, newcomers: 20, seconds: 30, rest: 1, ..plan };
    }
    Ok(Role::Measure(plan))
}
