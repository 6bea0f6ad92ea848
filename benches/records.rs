//! Time and memory of the commands that read or rewrite the whole trail, at two sizes.
//!
//! `cargo bench --bench records` writes stores of 80,000 and 800,000 events in a temporary folder
//! and runs the release program on them. Peak memory is what Linux reports as `VmHWM`.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use commands::flows::recover;
use commands::model::flow_state::RecoverState;
use commands::model::scope::Scope;
use commands::model::session::{Secrets, Session, Work};
use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::model::unknown_fields::UnknownFields;
use commands::model::verification::Verification;
use commands::model::words::{Actor, CloseReason, Locale, SessionId};
use commands::ports::clock::Clock as _;
use commands::ports::sessions::{Commit, Committed, Sessions as _};
use futures_util::StreamExt as _;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use support_desk::clock::WallClock;
use support_desk::keyring::Keyring;
use support_desk::store::{Database, StoreKey};
use support_desk::trail::TrailKey;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Sizes of the stores, in events. Each command should take ten times as long for the second, and
/// not more memory.
const SIZES: [usize; 2] = [80_000, 800_000];
/// Events of a session, as in a walked one.
const EVENTS_A_SESSION: usize = 20;
/// Sessions that are written at the same time, so that they share transactions.
const AT_ONCE: usize = 256;
const POLL_INTERVAL: Duration = Duration::from_millis(5);
const MINUTE: Duration = Duration::from_mins(1);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    println!("| events | command | seconds | peak MiB |");
    println!("|---|---|---|---|");
    for events in SIZES {
        measure(events).await?;
    }
    Ok(())
}

async fn measure(events: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let keys = (StoreKey::generate()?, TrailKey::generate()?);
    let url = format!("sqlite://{}?mode=rwc", path("desk.db"));
    let (store_key, trail_key) = (keys.0.expose_secret(), keys.1.expose_secret());
    write(&url, Keyring::parse(store_key, trail_key)?, events / EVENTS_A_SESSION).await?;
    let own = [("DATABASE_URL", url.as_str()), ("STORE_KEY", store_key), ("TRAIL_KEY", trail_key)];
    let new = StoreKey::generate()?;
    let rotated = [
        ("DATABASE_URL", url.as_str()),
        ("STORE_KEY", new.expose_secret()),
        ("STORE_KEY_OLD", store_key),
        ("TRAIL_KEY", trail_key),
    ];
    // The last session closed a minute before the writing began.
    let now = OffsetDateTime::from_unix_timestamp(WallClock.now().0 / 1_000)?.format(&Rfc3339)?;
    let (export, removed) = (path("export.jsonl"), path("removed.jsonl"));
    for (name, arguments, settings, out) in [
        ("trail verify", vec!["trail", "verify"], &own[..], "verdict"),
        ("trail export", vec!["trail", "export"], &own, "export.jsonl"),
        ("trail verify --file", vec!["trail", "verify", "--file", &export], &[], "verdict"),
        ("rekey", vec!["rekey"], &rotated, "verdict"),
        (
            "trail prune",
            vec!["trail", "prune", "--before", &now, "--export", &removed],
            &rotated,
            "verdict",
        ),
    ] {
        let (took, peak) = run(&arguments, settings, &folder.path().join(out))?;
        println!("| {events} | {name} | {:.1} | {peak:.0} |", took.as_secs_f64());
    }
    Ok(())
}

/// Runs the program. Returns its time and its peak memory in MiB.
fn run(
    arguments: &[&str],
    settings: &[(&str, &str)],
    out: &Path,
) -> anyhow::Result<(Duration, f64)> {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_support-desk"))
        .args(arguments)
        .env_clear()
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(File::create(out)?)
        .spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    let ended = loop {
        // The last value before the end is the peak, unless memory grew in the last moment.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
        peak = kib.map_or(peak, |kib| peak.max(kib / 1024.0));
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        std::thread::sleep(POLL_INTERVAL);
    };
    ensure!(ended.success(), "{arguments:?}: {}", fs::read_to_string(out)?);
    Ok((started.elapsed(), peak))
}

/// Writes closed sessions of twenty events each, and checkpoints a minute apart.
async fn write(url: &str, keys: Keyring, sessions: usize) -> anyhow::Result<()> {
    let database = Database::open(url, Arc::new(keys), Arc::new(WallClock)).await?;
    database.migrate().await?;
    database.publish_trail_key().await?;
    let start = WallClock.now() - MINUTE * u32::try_from(sessions / AT_ONCE + 1)?;
    for (minute, ids) in (0..sessions).collect::<Vec<_>>().chunks(AT_ONCE).enumerate() {
        let now = start + MINUTE * u32::try_from(minute)?;
        let mut writing = futures_util::stream::iter(ids)
            .map(|n| write_session(&database, *n, now))
            .buffer_unordered(AT_ONCE);
        while let Some(written) = writing.next().await {
            written?;
        }
        drop(writing);
        database.checkpoint(now).await?;
    }
    database.close().await;
    Ok(())
}

async fn write_session(database: &Database, n: usize, now: Timestamp) -> anyhow::Result<()> {
    let id: SessionId = format!("session-{n:014}").parse()?;
    let event = |kind, details: Value| TrailEvent {
        at: now,
        actor: "discord:7".to_owned(),
        session: Some(id.clone()),
        kind,
        customer: None,
        details,
        about: Value::Null,
    };
    let session = Session {
        id: id.clone(),
        actor: Actor {
            discord_id: 7,
            agent_id: "sub-7".to_owned(),
            name: "Ana".to_owned(),
            unknown: UnknownFields::NONE,
        },
        locale: Locale::En,
        version: 0,
        generation: 1,
        pseudonym: None,
        ticket: None,
        scope: Scope::Act,
        work: Work::Recover(RecoverState::new("mac-of-the-page".to_owned())),
        clocks: recover::clocks(now),
        agent: Verification::default(),
        customer: Verification::default(),
        pending: Vec::new(),
        access_links: Vec::new(),
        links_issued: 0,
        links_denied: 0,
        report_record: None,
        taken_over_by: None,
        may_be_proven: false,
        past: None,
        revocations: 0,
        secrets: Secrets::default(),
        unknown: UnknownFields::NONE,
    };
    let asked = event(kind::CODE_ASKED, json!({ "purpose": "reset", "nth": 1 }));
    let events = vec![asked; EVENTS_A_SESSION - 1];
    commit(database, Commit { now, session: Some(session.clone()), events, ..Commit::default() })
        .await?;
    let mut closed = Session { version: 1, ..session };
    let reason = CloseReason::Finished;
    let state = RecoverState { closed: Some(reason), ..RecoverState::new(String::new()) };
    closed.work = Work::Recover(state);
    closed.clocks.closed_at = Some(now);
    let events = vec![event(kind::CLOSED, json!({ "why": reason.name() }))];
    commit(database, Commit { now, session: Some(closed), events, ..Commit::default() }).await
}

async fn commit(database: &Database, commit: Commit) -> anyhow::Result<()> {
    let committed = database.commit(commit).await.context("the commit failed")?;
    ensure!(matches!(committed, Committed::Saved { .. }), "{committed:?}");
    Ok(())
}
