//! Verification of cells that the bot never writes: extreme numbers and wrong types.

use super::signed_trail::{findings_after, write_trail};
use crate::store::testing::{NOON, findings, id, on_both};
use crate::trail::{CHECKPOINT_EVERY, ExportFormat, export};

#[tokio::test]
async fn extreme_numbers_are_found() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let one = id(1);
        database.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap();
        database.checkpoint(NOON + 2 * CHECKPOINT_EVERY).await.unwrap();
        assert_eq!(
            findings_after(
                &database,
                &["update checkpoints set seq = 1000000000000 where seq = 2".to_owned()]
            )
            .await,
            ["checkpoints 2 to 999999999999 are missing"]
        );
        assert_eq!(
            findings(&database, Some((i64::MAX, "x"))).await[1..],
            ["checkpoints 1000000000001 to 9223372036854775807 are missing"]
        );
        assert_eq!(
            findings_after(
                &database,
                &["update checkpoints set seq = -7 where seq = 1".to_owned()]
            )
            .await,
            [
                "checkpoint -7 was changed, or differs from the one in the log",
                "checkpoints 1 to 999999999999 are missing",
            ]
        );
        findings_after(
            &database,
            &["delete from checkpoints".to_owned(), "delete from checkpoint_heads".to_owned()],
        )
        .await;
        let far = [
            format!("update events set details = '{{}}' where chain = '{one}' and seq = 3"),
            format!("update events set seq = {} where chain = '{one}' and seq = 5", i64::MAX),
        ];
        assert_eq!(
            findings_after(&database, &far).await,
            [
                format!(
                    "session {one}: event 3 (ecosystem_chosen, 2023-11-14T22:13:20Z) was \
                 changed or forged"
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
                format!("session {one}: event -1 was moved there from 1"),
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
        database.checkpoint(NOON).await.unwrap().unwrap();
        let (one, two) = (id(1), id(2));
        let changed = |session: &commands::model::words::SessionId, n, kind| {
            format!(
                "session {session}: event {n} ({kind}, 2023-11-14T22:13:20Z) was changed or forged"
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
            changed(&two, 3, "ecosystem_chosen"),
        ];
        assert_eq!(findings_after(&database, &statements).await, expected);
        for format in [ExportFormat::Jsonl, ExportFormat::Csv] {
            let mut out = Vec::new();
            export(&database.pools, format, None, None, &mut out).await.unwrap();
            let out = String::from_utf8(out).unwrap();
            assert_eq!(out.lines().filter(|line| line.contains("2023-11")).count(), 12, "{out}");
            assert_eq!(
                out.matches("\"details\":null").count(),
                if format == ExportFormat::Jsonl { 2 } else { 0 }
            );
        }
        let statements = [
            format!("update events set seq = 'last' where chain = '{two}' and seq = 5"),
            "update checkpoints set heads = 'many'".to_owned(),
            format!("update checkpoint_heads set mac = x'00' where chain = '{two}'"),
            "update chains set seq = 'two'".to_owned(),
        ];
        assert_eq!(
            findings_after(&database, &statements).await,
            [
                "checkpoint 1 was changed, or differs from the one in the log".to_owned(),
                "actor discord:7: its head does not match its last event".to_owned(),
                changed(&one, 2, "started"),
                changed(&one, 4, "closed"),
                format!(
                    "session {two}: the number of an event (revoke_asked, \
                 2023-11-14T22:13:20Z) cannot be read"
                ),
                changed(&two, 3, "ecosystem_chosen"),
                format!("session {two}: the events after 4 were removed; the last was event 5"),
            ]
        );
    })
    .await;
}
