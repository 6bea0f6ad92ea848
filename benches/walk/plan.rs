//! Command line of the benchmark: which parts run, for which bots, with how much load.

use std::fmt;
use std::time::Duration;

use clap::{Parser, ValueEnum};

/// Clients of the drawing part, as its goal states.
pub const DRAWING_CLIENTS: usize = 16;
/// Clients of a durable load without a schedule, as its goal states.
pub const DURABLE_CLIENTS: usize = 64;
/// Durable clicks per second, as the goal for the 99th percentile states.
pub const DURABLE_RATE: u32 = 1_000;

/// Bot under measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Bot {
    /// A client without a library.
    Echo,
    /// A bare poise bot with one command.
    Ping,
    /// The product, with its store and Core in SQLite files.
    Sqlite,
    /// The product, with its store and Core in PostgreSQL.
    Postgres,
}

impl Bot {
    pub const fn is_product(self) -> bool {
        matches!(self, Self::Sqlite | Self::Postgres)
    }
}

impl fmt::Display for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Echo => "echo client",
            Self::Ping => "poise `/ping`",
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// Part of the benchmark. Each part can run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// `/ping` of an echo client and of a bare bot
    Peers,
    /// Clicks that only draw, in rounds with a bare bot
    Drawing,
    /// Clicks that are stored, without a pause and at fixed rates
    Durable,
    /// Other stored clicks: refused, look-up, wrong code
    Kinds,
    /// Whole sessions
    Sessions,
    /// Time from process start to IDENTIFY
    Start,
    /// Memory at rest and after many clicks
    Memory,
}

impl Part {
    fn measures(self, bot: Bot) -> bool {
        match self {
            Self::Memory => bot != Bot::Echo,
            Self::Peers => !bot.is_product(),
            Self::Durable | Self::Kinds | Self::Sessions | Self::Start => bot.is_product(),
            // One run of this part measures all bots.
            Self::Drawing => bot == Bot::Ping,
        }
    }
}

/// Amount of load.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "walk",
    about = "Measures the bot against the sandbox and compares the figures with their goals"
)]
pub struct Plan {
    /// Run only these parts, separated by commas
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Measure only these bots, separated by commas
    #[arg(long, alias = "subjects", value_enum, value_delimiter = ',')]
    #[arg(default_values = ["echo", "ping", "sqlite", "postgres"])]
    bots: Vec<Bot>,
    /// Clicks of a load without a schedule
    #[arg(long, default_value_t = 20_000)]
    pub clicks: usize,
    /// Rounds in which the bare bot and the product take turns
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Clicks per second of the loads on a schedule
    #[arg(long, value_delimiter = ',', default_values = ["250", "500", "1000", "2000"])]
    pub rates: Vec<u32>,
    /// Seconds at the rate of the goal; the other rates get a quarter of them
    #[arg(long, default_value_t = 20)]
    steady: u64,
    /// Longest duration of a load without a schedule, in seconds
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Concurrent agents, one number for each load of whole sessions
    #[arg(long, value_delimiter = ',', default_values = ["1", "64", "1000"])]
    pub agents: Vec<usize>,
    /// Clicks before memory is read again
    #[arg(long, default_value_t = 100_000)]
    pub memory_clicks: usize,
    /// Small numbers, for a check that the benchmark works: the figures mean nothing
    #[arg(long)]
    quick: bool,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

impl Plan {
    /// Parses the command line.
    pub fn from_args() -> Self {
        let plan = Self::parse();
        if plan.quick { plan.quick() } else { plan }
    }

    pub fn includes(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// Returns the bots to run `part` for. The drawing part always compares with the bare bot.
    pub fn bots_of(&self, part: Part) -> impl Iterator<Item = Bot> {
        let all: &[Bot] = if part == Part::Drawing { &[Bot::Ping] } else { &self.bots };
        all.iter().copied().filter(move |bot| part.measures(*bot))
    }

    pub fn products(&self) -> impl Iterator<Item = Bot> {
        self.bots.iter().copied().filter(|bot| bot.is_product())
    }

    /// Longest duration of a load without a schedule.
    pub fn limit(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Duration of the load at the rate of the goal.
    pub fn steady(&self) -> Duration {
        Duration::from_secs(self.steady)
    }

    fn quick(self) -> Self {
        Self {
            clicks: 400,
            rounds: 2,
            rates: vec![50, 100],
            steady: 4,
            seconds: 10,
            agents: vec![1, 8],
            memory_clicks: 600,
            ..self
        }
    }
}
