//! Sessions that end while their panels can still be drawn: warned, stripped and closed on the
//! screen, not only in the table.
//!
//! They are opened by people, as only the other side can give a token with which a panel is drawn.
//! Their idle timeout is short, so that they end together.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use commands::ports::Clock as _;
use support_desk::clock::WallClock;

use crate::measure::{Times, real};
use crate::open::{PATIENCE, Sought, watch};
use crate::pace::{Pace, together};
use crate::people::Crowd;
use crate::plan::Subject;
use crate::report::Report;
use crate::rows;
use crate::stage::{Stage, timed};
use crate::table::head;
use crate::walk;

/// `IDLE_CLOSE_SECONDS`: all are open before the first is warned, after four fifths of it.
const IDLE: Duration = Duration::from_secs(30);
/// Sessions that each agent opens: below the thirty look-ups of an hour.
const EACH: usize = 20;
/// So many agents at once.
const AT_ONCE: usize = 32;

/// Sessions that ended with their panels.
#[derive(Debug)]
pub struct Drawn {
    /// By which bot.
    pub subject: Subject,
    /// How many.
    pub sessions: usize,
    /// In which time they were opened, and so in which time they end.
    pub within: Duration,
    /// How late each was closed, by its row.
    pub late: Times,
    /// How long after its end, its warning or its stripping was due a session was still seen
    /// without it, at the longest.
    pub seen: Duration,
    /// CPU time of the bot for three drawings of each, in seconds.
    pub cpu: f64,
}

/// Measures one engine.
pub async fn measure(subject: Subject, count: usize) -> anyhow::Result<Drawn> {
    let mut stage = Stage::build(subject, Crowd::new(0, count.div_ceil(EACH) + AT_ONCE, 0)).await?;
    stage.idle = Some(IDLE);
    let (bot, _) = stage.start().await?;
    let warned = WallClock.now() + IDLE / 5 * 4;
    let roads = vec![stage.road.clone(); AT_ONCE];
    let looking_up = together(roads, Pace::Closed(count, IDLE / 2), |road, turns| {
        walk::looking_up(road, EACH, turns)
    });
    let (sessions, within) = timed(looking_up).await?;
    let cpu = bot.cpu()?;
    tokio::time::sleep(warned.since(WallClock.now())).await;
    let seen = watch(&stage, Instant::now() + IDLE + PATIENCE, Sought::NoneOpen("%")).await?;
    stage.road.sandbox.discord.wait_until_idle().await;
    let cpu = bot.cpu()? - cpu;
    let late = Times::of(rows::lateness(&stage.databases, "%", IDLE).await?);
    anyhow::ensure!(
        late.0.len() == sessions,
        "{} of {sessions} sessions were closed",
        late.0.len()
    );
    let left = stage.road.sandbox.discord.custom_ids();
    anyhow::ensure!(
        left.is_empty(),
        "a panel of a closed session has still a button: {:?}",
        left.first()
    );
    stage.stop(bot).await?;
    stage.strike().await?;
    Ok(Drawn { subject, sessions, within, late, seen, cpu })
}

/// The table of it.
pub fn table(report: &Report) -> String {
    if report.drawn.is_empty() {
        return String::new();
    }
    let columns = [
        "store",
        "open sessions",
        "ending within",
        "closed late p50",
        "p99",
        "longest",
        "clock seen late, longest",
        "CPU s a thousand: bot",
    ];
    let mut text = head("Sessions warned, stripped and closed on the screen", &columns);
    for drawn in &report.drawn {
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} s | {:.0} ms | {:.0} ms | {:.0} ms | {} ms | {:.3} |",
            drawn.subject,
            drawn.sessions,
            drawn.within.as_secs_f64(),
            drawn.late.percentile(50),
            drawn.late.percentile(99),
            drawn.late.longest(),
            drawn.seen.as_millis(),
            drawn.cpu * 1_000.0 / real(drawn.sessions),
        );
    }
    text
}
