//! How a load is measured: every first answer timed at the sandbox, CPU time read before and after.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sandbox::Sandbox;
use sandbox::discord::Person;

use crate::pace::{Pace, Turn};
use crate::plan::Subject;
use crate::process::{self, Bot};

/// How long a bot goes on with what follows its first answers (follow-ups, revocations), before its
/// CPU time is read.
const AFTERMATH: Duration = Duration::from_millis(500);
/// What Discord says to an answer that comes after three seconds.
const TOO_LATE: &str = "10062";

/// What one load cost.
#[derive(Debug)]
pub struct Load {
    /// Whose it was.
    pub subject: Subject,
    /// What it is.
    pub what: &'static str,
    /// People at once.
    pub people: usize,
    /// Clicks a second that were asked for, where there was a schedule.
    pub rate: Option<f64>,
    /// Whole sessions walked; zero where there are none.
    pub sessions: usize,
    /// From the first click to the last answer.
    pub took: Duration,
    /// First answers, by step; on a schedule from the moment at which the click was due.
    pub steps: Vec<(&'static str, Times)>,
    /// How late clicks were made after they were due: what the people and the machine add to the
    /// figures above.
    pub lag: Times,
    /// Sessions that could not be walked on, or clicks that had no answer within the three seconds.
    pub broken_off: usize,
    /// CPU time of the bot, in seconds.
    pub bot: f64,
    /// CPU time of the other side, in seconds.
    pub side: f64,
    /// CPU time of everything else on the machine, in seconds: the database server, and whatever
    /// disturbs.
    pub others: f64,
}

impl Load {
    /// All first answers together.
    pub fn all(&self) -> Times {
        Times::of(self.steps.iter().flat_map(|(_, times)| times.0.iter().copied()).collect())
    }

    /// First answers.
    pub fn answers(&self) -> usize {
        self.steps.iter().map(|(_, times)| times.0.len()).sum()
    }

    /// Per second of the load.
    pub fn a_second(&self, count: usize) -> f64 {
        real(count) / self.took.as_secs_f64()
    }

    /// CPU seconds, of a thousand interactions.
    pub fn a_thousand(&self, cpu: f64) -> f64 {
        cpu * 1_000.0 / real(self.answers().max(1))
    }
}

/// Times, the shortest first.
#[derive(Clone, Debug, Default)]
pub struct Times(pub Vec<Duration>);

impl Times {
    /// In order.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The time that so many of a thousand stayed below, in milliseconds; zero when there is none.
    pub fn per_mille(&self, share: usize) -> f64 {
        let at = (self.0.len() * share).div_ceil(1_000).saturating_sub(1);
        self.0.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    }

    /// The time that so many percent stayed below, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        self.per_mille(percent * 10)
    }

    /// The longest, in milliseconds.
    pub fn longest(&self) -> f64 {
        self.per_mille(1_000)
    }
}

/// A count as a number to divide by.
pub fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The middle one; of an even number the upper of the two.
pub fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Times by step, in the order in which the steps first came.
#[derive(Clone, Debug, Default)]
pub struct Record(Arc<Mutex<Steps>>);

#[derive(Debug, Default)]
struct Steps {
    order: Vec<&'static str>,
    times: BTreeMap<&'static str, Vec<Duration>>,
    lag: Vec<Duration>,
    broken_off: usize,
}

/// A click had no answer within Discord's three seconds, or what it asked for never came: more was
/// asked of the machine than it can do.
#[derive(Debug)]
pub struct BrokenOff(String);

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BrokenOff {}

impl Record {
    /// Keeps how long `person` has waited for the answer to the latest step.
    pub fn keep(&self, step: &'static str, person: &Person, turn: Turn) -> anyhow::Result<()> {
        let Some((sent, arrived)) = person.last_exchange() else {
            return Err(self.break_off(format!("{step}: no answer within three seconds")));
        };
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !steps.times.contains_key(step) {
            steps.order.push(step);
        }
        let from = turn.due.unwrap_or(sent);
        steps.times.entry(step).or_default().push(arrived.saturating_duration_since(from));
        if let Some(due) = turn.due {
            steps.lag.push(sent.saturating_duration_since(due));
        }
        Ok(())
    }

    /// Counts what could not be gone on with; tells why the first time.
    pub fn break_off(&self, why: String) -> anyhow::Error {
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        steps.broken_off += 1;
        if steps.broken_off == 1 {
            eprintln!("  broken off: {why}");
        }
        BrokenOff(why).into()
    }

    /// All first answers so far.
    pub fn all(&self) -> Times {
        let steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Times::of(steps.times.values().flatten().copied().collect())
    }

    fn taken(&self) -> Taken {
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let order = std::mem::take(&mut steps.order);
        let lag = Times::of(std::mem::take(&mut steps.lag));
        let broken_off = std::mem::take(&mut steps.broken_off);
        let times = order
            .into_iter()
            .map(|step| (step, Times::of(steps.times.remove(step).unwrap_or_default())));
        Taken { steps: times.collect(), lag, broken_off }
    }
}

struct Taken {
    steps: Vec<(&'static str, Times)>,
    lag: Times,
    broken_off: usize,
}

/// A load before it begins.
pub struct Start {
    what: &'static str,
    people: usize,
    rate: Option<f64>,
    at: Instant,
    bot: f64,
    side: f64,
    machine: f64,
}

impl Start {
    /// Reads all clocks.
    pub fn now(what: &'static str, people: usize, pace: Pace, bot: &Bot) -> anyhow::Result<Self> {
        let (side, machine) = (process::own_cpu()?, process::machine_cpu()?);
        let rate = match pace {
            Pace::Closed(..) => None,
            Pace::Steady(rate, _) => Some(rate),
        };
        Ok(Self { what, people, rate, bot: bot.cpu()?, side, machine, at: Instant::now() })
    }

    /// Reads them again, when the bot has also done what came after its answers.
    pub async fn end(
        self,
        subject: Subject,
        sessions: usize,
        record: &Record,
        bot: &mut Bot,
        sandbox: &Sandbox,
    ) -> anyhow::Result<Load> {
        let took = self.at.elapsed();
        bot.lives()?;
        sandbox.discord.wait_until_idle().await;
        tokio::time::sleep(AFTERMATH).await;
        let Taken { steps, lag, broken_off } = record.taken();
        // An answer to which nobody listened any more is told by its number.
        let mut violations = sandbox.discord.take_violations();
        violations.retain(|violation| broken_off == 0 || !violation.what.contains(TOO_LATE));
        anyhow::ensure!(violations.is_empty(), "illegal: {:#?}", violations.first());
        let complaints = sandbox.aws.contract_violations();
        anyhow::ensure!(complaints.is_empty(), "AWS complains: {:?}", complaints.first());
        let (used, side) = (bot.cpu()? - self.bot, process::own_cpu()? - self.side);
        let others = (process::machine_cpu()? - self.machine - used - side).max(0.0);
        let Self { what, people, rate, .. } = self;
        let sessions = sessions.saturating_sub(broken_off);
        Ok(Load {
            subject,
            what,
            people,
            rate,
            sessions,
            took,
            steps,
            lag,
            broken_off,
            bot: used,
            side,
            others,
        })
    }
}
