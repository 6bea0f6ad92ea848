//! How a load is measured: every first answer timed at the sandbox, CPU time read before and after.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sandbox::Sandbox;
use sandbox::discord::Person;

use crate::process::{self, Bot, Memory};

/// How long a bot goes on with what follows its first answers (follow-ups, revocations), before its CPU time is read.
const AFTERMATH: Duration = Duration::from_millis(500);

/// What became of one bot.
#[derive(Debug)]
pub struct Measured {
    /// Its name in the tables.
    pub name: String,
    /// From the start of its process to a gateway session.
    pub connected: Duration,
    /// Before any traffic.
    pub rest: Memory,
    /// What it had to do, in this order.
    pub loads: Vec<Load>,
    /// After all of that.
    pub after: Memory,
}

/// What one load cost.
#[derive(Debug)]
pub struct Load {
    /// What it is.
    pub what: &'static str,
    /// People at once.
    pub people: usize,
    /// Whole sessions walked; zero where there are none.
    pub sessions: usize,
    /// From the first click to the last answer.
    pub took: Duration,
    /// First answers, by step.
    pub steps: Vec<(&'static str, Times)>,
    /// CPU time of the bot, in seconds.
    pub bot: f64,
    /// CPU time of the other side, in seconds.
    pub side: f64,
    /// CPU time of everything else on the machine, in seconds: the database server, and whatever disturbs.
    pub others: f64,
}

impl Load {
    /// All first answers together.
    pub fn all(&self) -> Times {
        let mut all: Vec<Duration> = self.steps.iter().flat_map(|(_, times)| times.0.iter().copied()).collect();
        all.sort_unstable();
        Times(all)
    }

    /// Per second of the load.
    pub fn rate(&self, count: usize) -> f64 {
        real(count) / self.took.as_secs_f64()
    }

    /// CPU seconds, of a thousand interactions.
    pub fn a_thousand(&self, cpu: f64) -> f64 {
        cpu * 1_000.0 / real(self.all().0.len().max(1))
    }
}

/// Times, the shortest first.
#[derive(Clone, Debug, Default)]
pub struct Times(pub Vec<Duration>);

impl Times {
    /// The time that so many percent stayed below, in milliseconds; zero when there is none.
    pub fn percentile(&self, percent: usize) -> f64 {
        let at = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    }
}

/// A count as a number to divide by.
fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Times by step, in the order in which the steps first came.
#[derive(Clone, Debug, Default)]
pub struct Record(Arc<Mutex<Steps>>);

#[derive(Debug, Default)]
struct Steps {
    order: Vec<&'static str>,
    times: BTreeMap<&'static str, Vec<Duration>>,
}

impl Record {
    /// Keeps how long `person` has waited for the answer to the latest step.
    pub fn keep(&self, step: &'static str, person: &Person) -> anyhow::Result<()> {
        let Some(waited) = person.waited() else { anyhow::bail!("{step}: no answer within three seconds") };
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !steps.times.contains_key(step) {
            steps.order.push(step);
        }
        steps.times.entry(step).or_default().push(waited);
        Ok(())
    }

    fn steps(&self) -> Vec<(&'static str, Times)> {
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let order = std::mem::take(&mut steps.order);
        let sorted = |step| {
            let mut times = steps.times.remove(step).unwrap_or_default();
            times.sort_unstable();
            (step, Times(times))
        };
        order.into_iter().map(sorted).collect()
    }
}

/// A load before it begins.
pub struct Start {
    what: &'static str,
    people: usize,
    at: Instant,
    bot: f64,
    side: f64,
    machine: f64,
}

impl Start {
    /// Reads all clocks.
    pub fn now(what: &'static str, people: usize, bot: &Bot) -> anyhow::Result<Self> {
        let (side, machine) = (process::own_cpu()?, process::machine_cpu()?);
        Ok(Self { what, people, bot: bot.cpu()?, side, machine, at: Instant::now() })
    }

    /// Reads them again, when the bot has also done what came after its answers.
    pub async fn end(self, sessions: usize, record: &Record, bot: &mut Bot, sandbox: &Sandbox) -> anyhow::Result<Load> {
        let took = self.at.elapsed();
        bot.lives()?;
        sandbox.discord.settled().await;
        tokio::time::sleep(AFTERMATH).await;
        let violations = sandbox.discord.violations();
        anyhow::ensure!(violations.is_empty(), "illegal: {:#?}", violations.first());
        let complaints = sandbox.aws.complaints();
        anyhow::ensure!(complaints.is_empty(), "AWS complains: {:?}", complaints.first());
        let (used, side) = (bot.cpu()? - self.bot, process::own_cpu()? - self.side);
        let others = (process::machine_cpu()? - self.machine - used - side).max(0.0);
        let Self { what, people, .. } = self;
        Ok(Load { what, people, sessions, took, steps: record.steps(), bot: used, side, others })
    }
}
