//! Comparison of the log with the database.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tracing::subscriber::DefaultGuard;

use super::signed_trail::write_trail;
use crate::store::Database;
use crate::store::testing::{NOON, id, on_both};
use crate::telemetry::{self, Format};
use crate::trail::{prune, verify_log};

/// A log in memory.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub(super) fn start(&self) -> DefaultGuard {
        let log = self.clone();
        let subscriber = telemetry::subscriber("warn", Format::Json, move || log.clone()).unwrap();
        tracing::subscriber::set_default(subscriber)
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

async fn compare(database: &Database, log: &str) -> Vec<String> {
    let mut out = Vec::new();
    let keys = Some(database.keys.trail.public());
    verify_log(&database.pools, keys, log.as_bytes(), &mut out).await.unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn event_that_only_the_log_has_is_found() {
    on_both(async |bed| {
        let log = Log::default();
        let logging = log.start();
        let database = bed.open().await;
        write_trail(&database).await;
        drop(logging);
        let text = format!("not JSON\n{{\"target\":\"other\"}}\n{}", log.text());
        let well = "12 events and 0 checkpoints of the log: nothing was changed, removed, moved or \
                    cut off";
        assert_eq!(compare(&database, &text).await, [well]);

        // A writer of the database removes a whole session before a checkpoint names it, and
        // another event is replaced.
        let one = id(1);
        for statement in [
            format!("delete from events where chain = '{one}'"),
            format!("delete from sessions where id = '{one}'"),
            "update events set signature = 'other' where chain = 'discord:7' and seq = 2"
                .to_owned(),
        ] {
            let statement = sqlx::AssertSqlSafe(statement);
            sqlx::query(statement).execute(&database.pools.writes).await.unwrap();
        }
        let found = compare(&database, &text).await;
        assert_eq!(found.len(), 7, "{found:?}");
        let missing =
            |seq| format!("session {one}: event {seq} is in the log and not in the database");
        for seq in 1..=5 {
            assert!(found.contains(&missing(seq)), "{found:?}");
        }
        let differs = "actor discord:7: event 2 in the log differs from the one in the database";
        assert!(found.contains(&differs.to_owned()), "{found:?}");
        assert!(found[6].ends_with("of the log: 6 findings"), "{found:?}");
    })
    .await;
}

#[tokio::test]
async fn comparison_says_that_the_keys_came_from_the_database() {
    on_both(async |bed| {
        let log = Log::default();
        let logging = log.start();
        let database = bed.open().await;
        database.publish_trail_key().await.unwrap();
        write_trail(&database).await;
        drop(logging);
        let warning = "the public keys came from the database, where a writer can have put them";
        for (keys, is_warned) in [(None, true), (Some(database.keys.trail.public()), false)] {
            let (log, mut out) = (log.text(), Vec::new());
            assert!(verify_log(&database.pools, keys, log.as_bytes(), &mut out).await.unwrap());
            let out = String::from_utf8(out).unwrap();
            assert_eq!(out.contains(warning), is_warned, "{out}");
        }
    })
    .await;
}

#[tokio::test]
async fn checkpoint_that_only_the_log_has_is_found() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let made = database.checkpoint(NOON).await.unwrap().written.unwrap();
        let line = format!(
            "{{\"target\":\"support_desk::checkpoint\",\"checkpoint\":\"{}:{}\"}}\n",
            made.seq, made.signature
        );
        assert_eq!(compare(&database, &line).await.len(), 1);
        sqlx::query("delete from checkpoints").execute(&database.pools.writes).await.unwrap();
        let found = compare(&database, &line).await;
        assert_eq!(found[0], "checkpoint 1 differs from the one in the log, or was removed");
    })
    .await;
}

#[tokio::test]
async fn log_that_cannot_be_read_is_not_called_intact() {
    on_both(async |bed| {
        let log = Log::default();
        let logging = log.start();
        let database = bed.open().await;
        write_trail(&database).await;
        drop(logging);
        let verify = async |log: &[u8]| {
            let mut out = Vec::new();
            let keys = Some(database.keys.trail.public());
            let is_intact = verify_log(&database.pools, keys, log, &mut out).await;
            is_intact.map(|is_intact| (is_intact, String::from_utf8(out).unwrap()))
        };
        let refused = verify(b"{\"target\":\"other\"}\n").await.unwrap_err().to_string();
        assert!(refused.starts_with("the log has no line about the trail"), "{refused}");
        let wrapped = format!("{}\n", serde_json::json!({ "log": log.text() }));
        for broken in [wrapped.as_bytes(), &log.text().as_bytes()[..log.text().len() - 40]] {
            let (is_intact, out) = verify(broken).await.unwrap();
            assert!(
                !is_intact && out.contains("cannot be read, and may be about the trail"),
                "{out}"
            );
        }
        let foreign = [b"\xff\xfe of another program\n", log.text().as_bytes()].concat();
        let (is_intact, out) = verify(&foreign).await.unwrap();
        assert!(is_intact, "{out}");

        let day = Duration::from_hours(24);
        prune(&database, NOON + day, NOON + day).await.unwrap();
        let (is_intact, out) = verify(log.text().as_bytes()).await.unwrap();
        let pruned = "12 of these events were removed by the retention, the newest of \
                      2023-11-14T22:13:20Z";
        assert!(is_intact && out.contains(pruned), "{out}");
    })
    .await;
}
