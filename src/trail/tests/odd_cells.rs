//! Verification of cells that the bot never writes: extreme numbers and wrong types.

use std::time::Duration;

use sqlx::AssertSqlSafe;

use super::signed_trail::{findings_after, write_trail};
use crate::store::Database;
use crate::store::testing::{NOON, findings, id, on_both};
use crate::trail::{ExportFormat, Span, export, prune, verify_log};

#[tokio::test]
async fn extreme_numbers_are_found() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let one = id(1);
        database.checkpoint(NOON).await.unwrap();
        assert_eq!(
            findings_after(&database, &["update checkpoints set seq = 1000000000000".to_owned()])
                .await,
            ["checkpoint 1000000000000 was changed or forged"]
        );
        assert_eq!(
            findings(&database, Some((i64::MAX, "x"))).await[1..],
            ["checkpoints 1 to 9223372036854775807 are missing"]
        );
        findings_after(&database, &["delete from checkpoints".to_owned()]).await;
        let far = [
            format!("update events set details = '{{}}' where chain = '{one}' and seq = 3"),
            format!("update events set seq = {} where chain = '{one}' and seq = 5", i64::MAX),
        ];
        assert_eq!(
            findings_after(&database, &far).await,
            [
                format!(
                    "session {one}: event 3 (ecosystem_chosen, 2023-11-14T22:13:20Z) was \
                 changed, moved or forged"
                ),
                format!("session {one}: events 5 to 9223372036854775806 were removed"),
                format!("session {one}: its head does not match its last event"),
            ]
        );
        let below = [format!("update events set seq = -1 where chain = '{one}' and seq = 1")];
        let below = findings_after(&database, &below).await;
        assert_eq!(
            below[..2],
            [
                format!(
                    "session {one}: event -1 (looked_up, 2023-11-14T22:13:20Z) was changed, moved \
                     or forged"
                ),
                format!("session {one}: event 1 was removed"),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn wrongly_typed_cell_hides_nothing() {
    on_both(async |bed| {
        let database = bed.open().await;
        if !bed.url.starts_with("sqlite:") {
            // PostgreSQL enforces the types.
            return;
        }
        write_trail(&database).await;
        database.checkpoint(NOON).await.unwrap();
        let (one, two) = (id(1), id(2));
        let changed = |session: &commands::model::words::SessionId, n, kind| {
            format!(
                "session {session}: event {n} ({kind}, 2023-11-14T22:13:20Z) was changed, moved or forged"
            )
        };
        let statements = [
            format!("update events set details = x'00' where chain = '{one}' and seq = 2"),
            format!(
                "update events set details = cast(x'ff' as text) where chain = '{one}' and seq = 4"
            ),
            format!("update events set actor = 'discord:8' where chain = '{two}' and seq = 3"),
        ];
        let expected = [
            changed(&one, 2, "started"),
            changed(&one, 4, "closed"),
            format!("session {one}: its row and its events differ about its close"),
            changed(&two, 3, "ecosystem_chosen"),
        ];
        assert_eq!(findings_after(&database, &statements).await, expected);
        for format in [ExportFormat::Jsonl, ExportFormat::Csv] {
            let mut out = Vec::new();
            export(&database.pools, format, Span::default(), &mut out).await.unwrap();
            let out = String::from_utf8(out).unwrap();
            assert_eq!(out.lines().filter(|line| line.contains("2023-11")).count(), 12, "{out}");
            assert_eq!(
                out.matches("\"details\":null").count(),
                if format == ExportFormat::Jsonl { 2 } else { 0 }
            );
        }
        let statements = [
            format!("update events set seq = 'last' where chain = '{two}' and seq = 5"),
            "update checkpoints set heads = x'00'".to_owned(),
            "update chains set seq = 'two'".to_owned(),
        ];
        assert_eq!(
            findings_after(&database, &statements).await,
            [
                "checkpoint 1 was changed or forged".to_owned(),
                "actor discord:7: its head does not match its last event".to_owned(),
                changed(&one, 2, "started"),
                changed(&one, 4, "closed"),
                format!("session {one}: its row and its events differ about its close"),
                changed(&two, 3, "ecosystem_chosen"),
                format!(
                    "session {two}: the number of an event (revoke_asked, \
                 2023-11-14T22:13:20Z) cannot be read"
                ),
                format!("session {two}: the events after 4 were removed; the last was event 5"),
            ]
        );
    })
    .await;
}

/// Opens the store on SQLite with a trail. PostgreSQL enforces the types.
async fn on_sqlite(test: impl AsyncFn(&Database)) {
    on_both(async |bed| {
        if bed.url.starts_with("sqlite:") {
            let database = bed.open().await;
            write_trail(&database).await;
            test(&database).await;
        }
    })
    .await;
}

async fn execute(database: &Database, statements: &[&str]) {
    for statement in statements {
        let done = sqlx::query(AssertSqlSafe((*statement).to_owned()));
        let done = done.execute(&database.pools.writes).await.unwrap();
        assert!(done.rows_affected() > 0, "{statement}");
    }
}

#[tokio::test]
async fn wrongly_typed_cell_stops_no_checkpoint() {
    on_sqlite(async |database| {
        let odd = "insert into events (chain, seq, at, actor, kind, details, key) values";
        let far = "9000000000000, 'x', 'x', '{}', 'x')";
        execute(
            database,
            &[
                &format!("{odd} (x'00', 1, {far}"),
                &format!("{odd} (cast(x'ff' as text), 1, {far}"),
                &format!("{odd} ('discord:7', x'00', {far}"),
            ],
        )
        .await;
        let written = database.checkpoint(NOON).await.unwrap().written.unwrap();
        assert_eq!(written.heads, 3, "two sessions and the agent");
    })
    .await;
}

#[tokio::test]
async fn wrongly_typed_cell_stops_neither_the_start_nor_the_log() {
    on_sqlite(async |database| {
        database.publish_trail_key().await.unwrap();
        execute(
            database,
            &[
                "insert into trail_keys values ('odd', x'00', 0), (x'00', cast(x'ff' as text), 0)",
                "update events set signature = x'00' where chain = 'discord:7' and seq = 1",
            ],
        )
        .await;
        assert!(database.publish_trail_key().await.unwrap());
        let log = "{\"target\":\"support_desk::trail\",\"chain\":\"discord:7\",\"seq\":1,\"signature\":\"s\"}";
        let mut out = Vec::new();
        verify_log(&database.pools, None, log.as_bytes(), &mut out).await.unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("event 1 in the log differs from the one in the database"), "{out}");
    })
    .await;
}

#[tokio::test]
async fn wrongly_typed_cell_stops_no_retention() {
    on_sqlite(async |database| {
        database.checkpoint(NOON).await.unwrap();
        let statements = [
            "update sessions set pending_since = 0",
            "insert into chains values (x'00', 'x', x'00'), (cast(x'ff3a' as text), 1, 's')",
            "update chains set signature = x'00' where chain = 'discord:7'",
        ];
        execute(database, &statements).await;
        for edit in [
            "id = x'00'",
            "id = cast(x'ff' as text)",
            "id = 'odd', trail_signature = x'00'",
            "id = 'odder', opened_at = x'00'",
        ] {
            let copy = format!(
                "create temp table copy as select * from sessions
                     where id like 'session-%' limit 1;
                 update copy set {edit};
                 insert into sessions select * from copy;
                 drop table copy;"
            );
            sqlx::raw_sql(AssertSqlSafe(copy)).execute(&database.pools.writes).await.unwrap();
        }
        let now = NOON + Duration::from_hours(1);
        let pruned = prune(database, now, now).await.unwrap();
        assert_eq!((pruned.sessions, pruned.kept), (2, 5), "four sessions and the agent");
    })
    .await;
}
