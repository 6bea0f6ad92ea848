//! Export of the trail in both formats.

use std::time::Duration;

use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};
use serde_json::{Value, json};

use super::signed_trail::{findings_after, write_trail};
use crate::store::testing::{NOON, empty_commit, event, id, on_both};
use crate::trail::{ExportFormat, Span, export, verify};

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
            export(&database.pools, format, Span { from, to }, &mut out).await.unwrap();
            String::from_utf8(out).unwrap()
        };
        let lines = exported(ExportFormat::Jsonl, None, None).await;
        assert_eq!(lines.lines().count(), 15, "with a head and an end");
        let chains: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(chains[0]["export"]["format"], 1);
        assert_eq!(chains[14], json!({ "end": { "events": 13 } }));
        let own: Vec<_> = chains[1..14].iter().map(|line| (&line["chain"], &line["seq"])).collect();
        assert_eq!(
            own[..3],
            [1, 2, 3]
                .map(|seq| (json!("discord:7"), json!(seq)))
                .each_ref()
                .map(|(chain, seq)| (chain, seq))
        );
        let first = &chains[1];
        assert_eq!(
            (&first["at"], &first["details"]["n"], &first["previous"]),
            (&json!("2023-11-14T22:13:20Z"), &json!(1), &json!(null))
        );
        let count =
            async |from, to| exported(ExportFormat::Jsonl, from, to).await.lines().count() - 2;
        assert_eq!(count(Some(second), None).await, 1);
        assert_eq!(count(None, Some(second)).await, 12);
        let csv = exported(ExportFormat::Csv, Some(second), None).await;
        let (header, row) = csv.split_once('\n').unwrap();
        assert_eq!(header, "at,chain,seq,actor,session,kind,details,about,key,signature");
        assert!(row.starts_with("2023-11-14T22:13:21Z,discord:7,3,discord:7,,refused,"), "{csv}");
        assert!(row.contains(r#""{""n"":1}""#), "{csv}");
    })
    .await;
}

#[tokio::test]
async fn hostile_cells_are_escaped() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        database.checkpoint(NOON).await.unwrap().written.unwrap();
        // An escape sequence that clears the screen, C1's CSI, a line break, another direction.
        let hostile = "\u{1b}[2J\u{9b}2J\r\n0 findings\u{202e}\u{200b}";
        let (one, two) = (id(1), id(2));
        let cells = format!("actor = '=1+{hostile}', kind = '{hostile}', details = '{hostile}'");
        let found = findings_after(
            &database,
            &[
                format!("update events set {cells} where chain = '{one}' and seq = 2"),
                format!(r#"update events set details = '{{"{hostile}":1}}' where chain = '{two}'"#),
                format!("update events set chain = '{hostile}' where chain = 'discord:7'"),
                format!("update events set signature = '{hostile}' where chain = '{two}'"),
                format!("update checkpoints set signature = '{hostile}'"),
            ],
        )
        .await;
        assert!(found.len() > 5, "{found:#?}");

        let mut outputs = vec![found.join("\n")];
        let mut out = Vec::new();
        assert!(!verify(&database.pools, None, None, &mut out).await.unwrap());
        outputs.push(String::from_utf8(out).unwrap());
        for format in [ExportFormat::Csv, ExportFormat::Jsonl] {
            let mut out = Vec::new();
            export(&database.pools, format, Span::default(), &mut out).await.unwrap();
            outputs.push(String::from_utf8(out).unwrap());
        }
        for output in &outputs {
            let raw = ['\u{1b}', '\u{9b}', '\r', '\u{202e}', '\u{200b}'];
            assert!(!output.contains(raw), "{output:?}");
            assert!(!output.contains("\n0 findings"), "no forged line: {output:?}");
        }
        assert!(outputs[1].contains(r"\u{1b}[2J"), "{}", outputs[1]);
        assert!(outputs[2].contains(r"'=1+\u{1b}[2J"), "{}", outputs[2]);
        let kinds: Vec<Value> =
            outputs[3].lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(kinds.iter().any(|event| event["kind"] == hostile), "the value is unchanged");
    })
    .await;
}
