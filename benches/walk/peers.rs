//! What the product is compared with: a bare bot, and a client that only echoes. Both are this binary, started again.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use sandbox::{Sandbox, Settings};

use crate::measure::{Measured, Record, Start};
use crate::people::Crowd;
use crate::plan::{AS_ECHO, AS_PING, Plan, Subject};
use crate::process::Bot;
use crate::product::connected;
use crate::walk::{self, Road, Walker};

/// People at once, besides one and as many as there are agents: the goals of the product speak of so many.
const SOME: usize = 16;
/// Commands that are typed before anything is measured.
const WARM_UP: usize = 200;

/// Measures a peer: `/ping` by one, by some and by as many as there are agents.
pub async fn measure(subject: Subject, plan: &Plan) -> anyhow::Result<Measured> {
    let loads = [(1, plan.clicks / 10), (SOME, plan.clicks), (plan.agents, plan.clicks)];
    let crowd = Arc::new(Crowd::new(0, SOME + loads.iter().map(|(people, _)| people).sum::<usize>(), 0));
    let sandbox = Arc::new(
        Sandbox::start(Settings {
            clock: Arc::new(sandbox::clock::WallClock),
            listen: "127.0.0.1:0".parse()?,
            core_database: "sqlite::memory:".to_owned(),
            cast: crowd.cast(),
        })
        .await?,
    );
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(if subject == Subject::Echo { AS_ECHO } else { AS_PING }).arg(sandbox.url());
    let mut bot = Bot::start(command, &[], folder.path().join("log"))?;
    connected(&mut bot, &sandbox).await?;
    let connected = bot.started.elapsed();
    registered(&mut bot, &sandbox).await?;
    tokio::time::sleep(Duration::from_secs(plan.rest)).await;
    let rest = bot.memory()?;

    let road = Road { sandbox: Arc::clone(&sandbox), crowd, record: Record::default() };
    let walkers = |people: usize, record: &Record| {
        let road = Road { record: record.clone(), ..road.clone() };
        (0..people).map(|_| Walker::new(&road)).collect::<anyhow::Result<Vec<_>>>()
    };
    let typing = |walker, turns| walk::typing(walker, "/ping", turns);
    walk::together(walkers(SOME, &Record::default())?, WARM_UP, plan.limit(), typing).await?;
    let mut measured = Vec::new();
    for (people, count) in loads {
        let record = Record::default();
        let walkers = walkers(people, &record)?;
        let start = Start::now("/ping", people, &bot)?;
        walk::together(walkers, count, plan.limit(), typing).await?;
        measured.push(start.end(0, &record, &mut bot, &sandbox).await?);
    }
    let after = bot.memory()?;
    drop(bot);
    drop(road);
    if let Ok(sandbox) = Arc::try_unwrap(sandbox) {
        sandbox.stop().await;
    }
    Ok(Measured { name: subject.to_string(), connected, rest, loads: measured, after })
}

/// Waits until the peer has told its command.
async fn registered(bot: &mut Bot, sandbox: &Sandbox) -> anyhow::Result<()> {
    const LOOK: Duration = Duration::from_millis(100);
    let mut changed = sandbox.discord.changed();
    while sandbox.discord.commands().is_empty() {
        // Nothing to do when it takes longer but to see whether the peer is still there.
        let _ = tokio::time::timeout(LOOK, changed.changed()).await;
        bot.lives()?;
    }
    Ok(())
}
