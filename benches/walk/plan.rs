//! What is measured, and how much of it: the command line.

use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};

/// What makes this binary play a bot, in the argument before the sandbox's address.
pub const AS_PING: &str = "as-ping-bot";
/// Cargo's own mark of a benchmark run. Without it the binary was started by a test runner, and
/// measures nothing.
const BENCH: &str = "--bench";

/// What this process is.
pub enum Role {
    /// The one that measures.
    Measure(Box<Plan>),
    /// The bare bot, for the sandbox at this address.
    Ping(String),
    /// Neither.
    Nothing,
}

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Subject {
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
            Self::Ping => "poise `/ping`",
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

impl Subject {
    /// Whether it is the product.
    pub const fn is_product(self) -> bool {
        matches!(self, Self::Sqlite | Self::Postgres)
    }
}

/// A part of the benchmark, which can be run by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// What the stand-in can do, and a bare bot.
    Peers,
    /// Clicks that only draw, beside a bare bot in turn.
    Drawing,
    /// Clicks that are stored: as many as there is time for, and at steady rates.
    Durable,
    /// Whole sessions.
    Sessions,
    /// From the start of the process to IDENTIFY.
    Start,
    /// Memory at rest and after many clicks.
    Memory,
    /// Whether the time of an answer tells that an address has an account.
    Neutral,
}

impl Part {
    /// What it is called while it runs.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Peers => "commands that do nothing",
            Self::Drawing => "clicks that only draw, and all others in turn",
            Self::Durable => "clicks that are stored",
            Self::Sessions => "whole sessions",
            Self::Start => "starts",
            Self::Memory => "memory",
            Self::Neutral => "linking",
        }
    }

    /// Whether this bot is measured in it. One stands for all where they take turns.
    fn is_of(self, subject: Subject) -> bool {
        match self {
            Self::Peers => !subject.is_product(),
            Self::Drawing => subject == Subject::Ping,
            Self::Memory => true,
            Self::Durable | Self::Sessions | Self::Start | Self::Neutral => subject.is_product(),
        }
    }
}

/// How much.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "walk",
    about = "Measures the bot against the sandbox, and prints its figures beside their goals"
)]
pub struct Plan {
    /// Only these parts, with commas between
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Only these bots, with commas between
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["ping", "sqlite", "postgres"])]
    subjects: Vec<Subject>,
    /// Clicks of a kind, where as many are made as there is time for
    #[arg(long, default_value_t = 20_000)]
    pub clicks: usize,
    /// Rounds in which the bare bot and the product take turns
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Clicks a second, where they are made on a schedule
    #[arg(long, value_delimiter = ',', default_values = ["250", "500", "1000", "2000"])]
    pub rates: Vec<f64>,
    /// Seconds for which the rate of the goal is held; the other rates for a quarter of them
    #[arg(long, default_value_t = 20)]
    pub steady: u64,
    /// No load without a schedule takes longer than so many seconds, finished or not
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
    /// Agents at once, in each load of whole sessions
    #[arg(long, value_delimiter = ',', default_values = ["1", "64", "1000"])]
    pub agents: Vec<usize>,
    /// Sessions that begin each second, where they begin on a schedule
    #[arg(long, default_value_t = 20.0)]
    pub session_rate: f64,
    /// Starts of the process
    #[arg(long, default_value_t = 10)]
    pub starts: usize,
    /// Seconds of rest before the memory of a bot without traffic is read
    #[arg(long, default_value_t = 10)]
    pub rest: u64,
    /// Clicks before the memory is read again
    #[arg(long, default_value_t = 100_000)]
    pub memory_clicks: usize,
    /// People who link an account, half of them with an address that has none
    #[arg(long, default_value_t = 400)]
    pub newcomers: usize,
    /// Small numbers, to see that it works: the figures mean nothing
    #[arg(long)]
    quick: bool,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

impl Plan {
    /// Whether this part is asked for.
    pub fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// The bots that are asked for, of those that are measured in this part.
    pub fn subjects(&self, part: Part) -> impl Iterator<Item = Subject> {
        // The bare bot is what the others are compared with, in turn with all of them.
        let all: &[Subject] = if part == Part::Drawing { &[Subject::Ping] } else { &self.subjects };
        all.iter().copied().filter(move |subject| part.is_of(*subject))
    }

    /// The engines that are asked for.
    pub fn engines(&self) -> impl Iterator<Item = Subject> {
        self.subjects.iter().copied().filter(|subject| subject.is_product())
    }

    /// The longest that a load without a schedule may take.
    pub fn limit(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// For how long the rate of the goal is held.
    pub fn steady(&self) -> Duration {
        Duration::from_secs(self.steady)
    }

    /// The time in which a bot comes to rest.
    pub fn rest(&self) -> Duration {
        Duration::from_secs(self.rest)
    }

    fn quick(self) -> Self {
        Self {
            clicks: 400,
            rounds: 2,
            rates: vec![50.0, 100.0],
            steady: 4,
            seconds: 10,
            agents: vec![1, 8],
            session_rate: 4.0,
            starts: 3,
            rest: 1,
            memory_clicks: 600,
            newcomers: 12,
            ..self
        }
    }
}

/// Reads the command line.
pub fn role() -> anyhow::Result<Role> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == AS_PING) {
        let place = words.get(1).context("the sandbox's address is missing")?.clone();
        return Ok(Role::Ping(place));
    }
    if !words.iter().any(|word| word == BENCH) {
        return Ok(Role::Nothing);
    }
    let plan = Plan::parse();
    Ok(Role::Measure(Box::new(if plan.quick { plan.quick() } else { plan })))
}
