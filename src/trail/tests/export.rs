//! Export of the trail in both formats.

use std::time::Duration;

use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};
use serde_json::{Value, json};

use super::tampering::write_trail;
use crate::store::testing::{NOON, empty_commit, event, on_both};
use crate::trail::{ExportFormat, export};

#[tokio::test]
async fn events_are_exported_in_order() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let second = NOON + Duration::from_secs(1);
        let later = TrailEvent { at: second, ..event(None, kind::REFUSED) };
        database.commit(Commit { events: vec![later], ..empty_commit(NOON) }).await.unwrap();
        let exported = async |format, from: Option<Timestamp>, to: Option<Timestamp>| {
            let mut out = Vec::new();
            export(&database.pools, format, from, to, &mut out).await.unwrap();
            String::from_utf8(out).unwrap()
        };
        let lines = exported(ExportFormat::Jsonl, None, None).await;
        assert_eq!(lines.lines().count(), 13);
        let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
        assert_eq!(
            (&first["at"], &first["seq"], &first["details"]["n"]),
            (&json!("2023-11-14T22:13:20Z"), &json!(1), &json!(1))
        );
        let count = async |from, to| exported(ExportFormat::Jsonl, from, to).await.lines().count();
        assert_eq!(count(Some(second), None).await, 1);
        assert_eq!(count(None, Some(second)).await, 12);
        let csv = exported(ExportFormat::Csv, Some(second), None).await;
        let (header, row) = csv.split_once('\n').unwrap();
        assert_eq!(header, "at,chain,seq,actor,session,kind,details,mac");
        assert!(row.starts_with("2023-11-14T22:13:21Z,discord:7,3,discord:7,,refused,"), "{csv}");
        assert!(row.contains(r#""{""n"":1}""#), "{csv}");
    })
    .await;
}
