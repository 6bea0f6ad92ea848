//! Many open sessions: how fast the bot starts with them, what one takes in memory, how late the
//! last is closed.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use commands::ports::Clock as _;
use commands::session::IDLE_CLOSE;
use commands::time::Timestamp;
use support_desk::clock::WallClock;

use crate::drawn;
use crate::measure::{Record, Times, real};
use crate::pace::{Pace, Turn, together};
use crate::people::Crowd;
use crate::plan::{Ending, Plan, Subject};
use crate::press::{stayers, staying};
use crate::process::{self, Memory};
use crate::report::Report;
use crate::rows;
use crate::stage::{Stage, timed};
use crate::table::head;
use crate::walk::Walker;

/// How long a bot comes to rest before its memory is read.
const REST: Duration = Duration::from_secs(2);
/// Bytes.
const MIB: f64 = 1024.0 * 1024.0;
/// How often it is looked how far the clocks are.
const LOOK: Duration = Duration::from_millis(50);
/// The longest that the clocks are waited for beyond the time that was planned.
pub const PATIENCE: Duration = Duration::from_mins(4);
/// People who work meanwhile, and their clicks a second: what a mass of endings does to everybody
/// else.
const MEANWHILE: (usize, f64) = (16, 50.0);

/// Sessions that were all taken into memory.
#[derive(Debug)]
pub struct Held {
    /// By which bot.
    pub subject: Subject,
    /// How many.
    pub sessions: usize,
    /// From the start of the process to its IDENTIFY.
    pub identified: Duration,
    /// Likewise, to the answer to the first command.
    pub ready: Duration,
    /// Likewise, until the clocks had acted on all of them, which were all due.
    pub caught_up: Duration,
    /// Memory without any session.
    pub empty: Memory,
    /// Memory with all of them.
    pub full: Memory,
    /// CPU time of the bot until then, in seconds.
    pub cpu: f64,
}

impl Held {
    /// Memory a session, in bytes.
    fn each(&self) -> f64 {
        (self.full.resident - self.empty.resident) * MIB / real(self.sessions)
    }

    /// Memory of each that is more here than in a run with fewer; of all where there is none with
    /// fewer.
    pub fn further(&self, few: &Self) -> f64 {
        if self.sessions == few.sessions {
            return self.each();
        }
        (self.full.resident - few.full.resident) * MIB / real(self.sessions - few.sessions)
    }
}

/// Sessions that were all ended by their clocks.
#[derive(Debug)]
pub struct Ended {
    /// By which bot.
    pub subject: Subject,
    /// How many.
    pub sessions: usize,
    /// Within which time.
    pub within: Duration,
    /// From the start of the process to its IDENTIFY.
    pub identified: Duration,
    /// Likewise, to the answer to the first command.
    pub ready: Duration,
    /// How late each was closed, by its row.
    pub late: Times,
    /// How long after its end a session was still seen open in the database, at the longest.
    pub seen: Duration,
    /// First answers to those who worked meanwhile.
    pub meanwhile: Times,
    /// CPU time of the bot, in seconds.
    pub cpu: f64,
    /// CPU time of the rest of the machine but for the other side, in seconds.
    pub others: f64,
}

/// Measures one engine.
pub async fn measure(subject: Subject, plan: &Plan, report: &mut Report) -> anyhow::Result<()> {
    for count in &plan.in_memory {
        eprintln!("  {count} in memory…");
        report.held.push(hold(subject, *count).await?);
    }
    for Ending { sessions, within } in &plan.ending {
        eprintln!("  {sessions} that end within {within} s…");
        report.ended.push(end(subject, *sessions, Duration::from_secs(*within)).await?);
    }
    for count in &plan.drawn {
        eprintln!("  {count} that end on the screen…");
        report.drawn.push(drawn::measure(subject, *count).await?);
    }
    Ok(())
}

async fn hold(subject: Subject, count: usize) -> anyhow::Result<Held> {
    let stage = Stage::build(subject, Crowd::new(0, 2, 0)).await?;
    let (bot, _) = stage.start().await?;
    first_command(&stage).await?;
    tokio::time::sleep(REST).await;
    let empty = bot.memory()?;
    stage.stop(bot).await?;

    let store = stage.store().await?;
    let ((), filled) =
        timed(rows::all_to_be_warned(&store, &stage.databases, count, WallClock.now())).await?;
    eprintln!("    written in {:.1} s", filled.as_secs_f64());
    store.close().await;
    let (bot, identified) = stage.start().await?;
    let ready = first_command(&stage).await?.duration_since(bot.started);
    // At least a thousand clocks a second.
    let patience = PATIENCE + Duration::from_millis(u64::try_from(count)?);
    watch(&stage, Instant::now() + patience, Sought::NoneDue).await?;
    let caught_up = bot.started.elapsed();
    let cpu = bot.cpu()?;
    tokio::time::sleep(REST).await;
    let full = bot.memory()?;
    stage.stop(bot).await?;
    stage.strike().await?;
    Ok(Held { subject, sessions: count, identified, ready, caught_up, empty, full, cpu })
}

async fn end(subject: Subject, count: usize, within: Duration) -> anyhow::Result<Ended> {
    let stage = Stage::build(subject, Crowd::new(0, 1 + MEANWHILE.0, 0)).await?;
    let store = stage.store().await?;
    // Time to write them, and to start with all of them open.
    let lead = Duration::from_secs(5) + Duration::from_millis(u64::try_from(count / 25)?);
    let first = WallClock.now() + lead;
    rows::all_to_be_closed(&store, &stage.databases, count, first, within).await?;
    store.close().await;
    let (bot, identified) = stage.start().await?;
    let ready = first_command(&stage).await?.duration_since(bot.started);
    let people = stayers(&stage.road, MEANWHILE.0).await?;
    if WallClock.now() > first {
        eprintln!("    the first ended before the bot was ready");
    }
    let begins = first.since(WallClock.now());
    let machine = process::machine_cpu()? - process::own_cpu()? - bot.cpu()?;
    let (cpu, record) = (bot.cpu()?, Record::default());
    let working = async {
        tokio::time::sleep(begins).await;
        together(people, Pace::Steady(MEANWHILE.1, within), |person, turns| {
            staying(person, record.clone(), turns)
        })
        .await
    };
    let watching =
        watch(&stage, Instant::now() + begins + within + PATIENCE, Sought::NoneOpen(rows::COPIES));
    let (seen, _) = tokio::try_join!(watching, working)?;
    let cpu = bot.cpu()? - cpu;
    let others = (process::machine_cpu()? - process::own_cpu()? - bot.cpu()? - machine).max(0.0);
    let late = Times::of(rows::lateness(&stage.databases, rows::COPIES, IDLE_CLOSE).await?);
    anyhow::ensure!(late.0.len() == count, "{} of {count} sessions were closed", late.0.len());
    stage.stop(bot).await?;
    stage.strike().await?;
    Ok(Ended {
        subject,
        sessions: count,
        within,
        identified,
        ready,
        late,
        seen,
        meanwhile: record.all(),
        cpu,
        others,
    })
}

/// Somebody types a command; answers when it was answered.
async fn first_command(stage: &Stage) -> anyhow::Result<Instant> {
    let walker = Walker::new(&stage.road)?;
    walker.person().try_types("/account show").await?;
    Record::default().keep("/account show", walker.person(), Turn::FREE)?;
    Ok(walker.person().last_exchange().map_or_else(Instant::now, |(_, arrived)| arrived))
}

/// What is looked for in the table.
#[derive(Clone, Copy)]
pub enum Sought {
    /// No clock has to act now.
    NoneDue,
    /// None of the sessions with such ids is open.
    NoneOpen(&'static str),
}

/// Looks until it is so; answers how far behind the clocks were, at the worst.
pub async fn watch(stage: &Stage, until: Instant, sought: Sought) -> anyhow::Result<Duration> {
    let mut connection = stage.databases.look().await?;
    let ids = if let Sought::NoneOpen(ids) = sought { ids } else { "%" };
    let mut worst = Duration::ZERO;
    loop {
        let sql = "select min(next_at) from sessions where next_at is not null and id like $1";
        let next: Option<i64> =
            sqlx::query_scalar(sql).bind(ids).fetch_one(&mut connection).await?;
        let now = WallClock.now();
        let done = match (next, sought) {
            (None, _) => true,
            (Some(next), Sought::NoneDue) => next > now.0,
            (Some(_), Sought::NoneOpen(_)) => false,
        };
        if done {
            return Ok(worst);
        }
        worst = worst.max(now.since(Timestamp(next.unwrap_or(now.0))));
        anyhow::ensure!(
            Instant::now() < until,
            "the clocks are {:.0} s behind",
            worst.as_secs_f64()
        );
        tokio::time::sleep(LOOK).await;
    }
}

/// Both tables: how cost grows with work.
pub fn tables(report: &Report) -> String {
    let mut text = String::new();
    if !report.held.is_empty() {
        let columns = [
            "store",
            "open sessions",
            "start to IDENTIFY",
            "to the first answer",
            "to the last clock, all due at once",
            "clocks/s",
            "CPU s a thousand",
            "RSS empty",
            "RSS full",
            "a session",
        ];
        text.push_str(&head("Open sessions, all taken into memory by clocks that warn", &columns));
    }
    for held in &report.held {
        let _ = writeln!(
            text,
            "| {} | {} | {} ms | {} ms | {:.1} s | {:.0} | {:.3} | {:.1} MiB | {:.1} MiB | {:.0} B |",
            held.subject,
            held.sessions,
            held.identified.as_millis(),
            held.ready.as_millis(),
            held.caught_up.as_secs_f64(),
            real(held.sessions) / held.caught_up.as_secs_f64(),
            held.cpu * 1_000.0 / real(held.sessions),
            held.empty.resident,
            held.full.resident,
            held.each(),
        );
    }
    if !report.ended.is_empty() {
        let columns = [
            "store",
            "open sessions",
            "ending within",
            "start to IDENTIFY",
            "to the first answer",
            "closed late p50",
            "p99",
            "longest",
            "seen open after its end",
            "answers meanwhile p50 / p99",
            "CPU s a thousand: bot",
            "rest of the machine",
        ];
        text.push_str(&head("Open sessions, all closed by their idle clocks", &columns));
    }
    for ended in &report.ended {
        let a_thousand = |cpu: f64| cpu * 1_000.0 / real(ended.sessions);
        let _ = writeln!(
            text,
            "| {} | {} | {} s | {} ms | {} ms | {:.0} ms | {:.0} ms | {:.0} ms | {} ms | {:.1} / {:.1} ms | {:.3} | {:.3} |",
            ended.subject,
            ended.sessions,
            ended.within.as_secs(),
            ended.identified.as_millis(),
            ended.ready.as_millis(),
            ended.late.percentile(50),
            ended.late.percentile(99),
            ended.late.longest(),
            ended.seen.as_millis(),
            ended.meanwhile.percentile(50),
            ended.meanwhile.percentile(99),
            a_thousand(ended.cpu),
            a_thousand(ended.others),
        );
    }
    text
}
