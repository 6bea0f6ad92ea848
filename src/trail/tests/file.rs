//! Verification of an export without the database.

use std::time::Duration;

use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};

use super::signed_trail::write_trail;
use crate::keyring::test_keyring;
use crate::store::Database;
use crate::store::testing::{NOON, empty_commit, event, id, on_both};
use crate::trail::{
    CHECKPOINT_EVERY, ExportFormat, LoggedCheckpoint, PublicKeys, Span, export, verify_file,
};

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

async fn exported(database: &Database, span: Span) -> String {
    let mut out = Vec::new();
    export(&database.pools, ExportFormat::Jsonl, span, &mut out).await.unwrap();
    String::from_utf8(out).unwrap()
}

fn keys() -> PublicKeys {
    test_keyring(1).trail.public()
}

/// Beginnings of the lines that are no findings.
const NOTES: [&str; 3] =
    ["the newest checkpoint is", "the file is a part", "the file has no checkpoint"];

/// Verifies a file. Returns the findings, or the error.
fn findings_in(file: &str, logged: Option<&LoggedCheckpoint>) -> Vec<String> {
    let mut out = Vec::new();
    match verify_file(file.as_bytes(), Some(keys()), logged, &mut out) {
        Ok(is_intact) => {
            let out = String::from_utf8(out).unwrap();
            let findings: Vec<_> = out
                .lines()
                .filter(|line| {
                    !line.contains(" events: ") && !NOTES.iter().any(|note| line.starts_with(note))
                })
                .map(str::to_owned)
                .collect();
            assert_eq!(is_intact, findings.is_empty(), "{out}");
            findings
        }
        Err(error) => vec![format!("{error:#}")],
    }
}

/// Returns the file without its n-th line.
fn without(file: &str, nth: usize) -> String {
    let lines = file.lines().enumerate().filter(|(at, _)| *at != nth);
    lines.flat_map(|(_, line)| [line, "\n"]).collect()
}

fn line_of(file: &str, words: &[&str]) -> usize {
    file.lines().position(|line| words.iter().all(|word| line.contains(word))).unwrap()
}

async fn add_event(database: &Database, at: Timestamp) {
    let refused = TrailEvent { at, ..event(None, kind::REFUSED) };
    database.commit(Commit { events: vec![refused], ..empty_commit(at) }).await.unwrap();
}

#[tokio::test]
async fn changed_line_of_an_export_is_found() {
    on_both(async |bed| {
        let database = bed.open().await;
        database.publish_trail_key().await.unwrap();
        write_trail(&database).await;
        let checkpoint = database.checkpoint(NOON).await.unwrap().written.unwrap();
        let file = exported(&database, Span::default()).await;
        let logged: LoggedCheckpoint =
            format!("{}:{}", checkpoint.seq, checkpoint.signature).parse().unwrap();
        assert_eq!(findings_in(&file, Some(&logged)), [""; 0]);

        let one = id(1);
        let changed = file.replacen("\"actor\":\"discord:7\"", "\"actor\":\"discord:8\"", 1);
        let found = findings_in(&changed, None);
        assert!(
            found.len() == 1 && found[0].ends_with("was changed, moved or forged"),
            "{found:?}"
        );

        let middle = line_of(&file, &[one.as_str(), "\"started\""]);
        let removed = format!("session {one}: event 2 was removed");
        assert!(findings_in(&without(&file, middle), None).contains(&removed));
        let last = line_of(&file, &[one.as_str(), "\"revoke_asked\""]);
        let cut =
            format!("session {one}: the events after 4 were removed; checkpoint 1 names event 5");
        assert!(findings_in(&without(&file, last), None).contains(&cut));

        let mut all = file.clone();
        while let Some(at) = all
            .lines()
            .position(|line| line.contains("\"chain\":\"session") && line.contains(one.as_str()))
        {
            all = without(&all, at);
        }
        let gone =
            format!("session {one}: all events and its row were removed; checkpoint 1 names it");
        assert!(findings_in(&all, None).contains(&gone));

        let no_checkpoint = without(&file, line_of(&file, &["\"checkpoint\":"]));
        assert_eq!(findings_in(&no_checkpoint, None), [""; 0], "only the log knows of it");
        assert_eq!(findings_in(&no_checkpoint, Some(&logged)), ["checkpoint 1 is missing"]);
    })
    .await;
}

#[tokio::test]
async fn cut_off_or_foreign_file_is_explained() {
    on_both(async |bed| {
        let database = bed.open().await;
        database.publish_trail_key().await.unwrap();
        write_trail(&database).await;
        let file = exported(&database, Span::default()).await;
        let end = file.lines().count() - 1;
        let cut_off = "the file is cut off: it has no end line";
        assert_eq!(findings_in(&without(&file, end), None), [cut_off]);
        let half = &file[..file.len() - 300];
        let broken = format!("line {} is no line of an export", half.lines().count());
        assert_eq!(findings_in(half, None), [broken]);
        let fewer = without(&without(&file, end - 1), end - 2);
        let count = "the file has 10 events, and its end line says 12";
        assert!(findings_in(&fewer, None).contains(&count.to_owned()));
        let beginning = "the file does not begin as an export in JSON lines does";
        assert_eq!(findings_in("", None), [beginning]);
        assert_eq!(findings_in(&without(&file, 0), None), [beginning]);
        assert_eq!(findings_in("at,chain,seq\n", None), ["line 1 is no line of an export"]);
        let newer = file.replacen("\"format\":1", "\"format\":2", 1);
        assert_eq!(findings_in(&newer, None), ["the file has format 2, and this program reads 1"]);
        assert_eq!(findings_in(&format!("{file}{file}"), None), ["the file goes on after its end"]);

        let verdict = |file: &str, keys| {
            let mut out = Vec::new();
            let is_intact = verify_file(file.as_bytes(), keys, None, &mut out).unwrap();
            (is_intact, String::from_utf8(out).unwrap())
        };
        let (is_intact, out) = verdict(&file, None);
        assert!(is_intact && out.contains("the public keys came from the file"), "{out}");
        let (is_intact, out) = verdict(&file, Some(test_keyring(2).trail.public()));
        assert!(!is_intact && out.contains("was signed with the unknown key"), "{out}");
    })
    .await;
}

#[tokio::test]
async fn part_of_the_trail_is_verified_too() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        for n in 0..4 {
            let at = NOON + HOUR * n;
            add_event(&database, at).await;
            database.checkpoint(at).await.unwrap();
            add_event(&database, at + CHECKPOINT_EVERY).await;
            database.checkpoint(at + CHECKPOINT_EVERY).await.unwrap();
        }
        let span = Span { from: Some(NOON + HOUR), to: Some(NOON + HOUR * 3) };
        let part = exported(&database, span).await;
        assert_eq!(
            part.matches("\"previous\"").count() - part.matches("\"previous_signature\"").count(),
            4,
            "{part}"
        );
        assert_eq!(findings_in(&part, None), [""; 0]);
        let last = part.lines().count() - 2;
        let found = findings_in(&without(&part, last), None);
        assert!(
            found.iter().any(|found| found.contains("the events after 7 were removed")),
            "{found:?}"
        );
    })
    .await;
}

/// Returns the lines of a file with the chain of a session at its end, once more if `again`.
fn with_chain_at_the_end(file: &str, session: &str, again: bool) -> String {
    let lines: Vec<&str> = file.lines().collect();
    let (end, lines) = lines.split_last().unwrap();
    let its = format!("\"chain\":\"{session}\"");
    let (of_session, others): (Vec<&str>, Vec<&str>) =
        lines.iter().partition(|line| line.contains(&its));
    let kept = if again { lines.to_vec() } else { others };
    let end = end.replace("12", if again { "17" } else { "12" });
    [kept, of_session, vec![&end]].concat().join("\n")
}

#[tokio::test]
async fn lines_in_another_order_are_found() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        database.checkpoint(NOON).await.unwrap();
        let file = exported(&database, Span::default()).await;
        let one = id(1);
        assert_eq!(findings_in(&with_chain_at_the_end(&file, one.as_str(), false), None), [""; 0]);
        let twice = findings_in(&with_chain_at_the_end(&file, one.as_str(), true), None);
        assert_eq!(twice, [format!("session {one}: the file has it twice")]);

        let checkpoint = file.lines().find(|line| line.contains("\"checkpoint\":")).unwrap();
        let late = file.replace("{\"end\"", &format!("{checkpoint}\n{{\"end\""));
        let refused = format!("line {} does not belong there", late.lines().count() - 1);
        assert!(findings_in(&late, None)[0].starts_with(&refused));
        let nowhere = file.replacen("\"chain\":\"discord:7\"", "\"chain\":null", 1);
        let found = findings_in(&nowhere, None);
        assert_eq!(
            found[0],
            "the chain of an event (refused, 2023-11-14T22:13:20Z) cannot be read"
        );
    })
    .await;
}

#[tokio::test]
async fn verdict_says_what_a_file_cannot_show() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let checkpoint = database.checkpoint(NOON).await.unwrap().written.unwrap();
        let logged = format!("{}:{}", checkpoint.seq, checkpoint.signature).parse().unwrap();
        let verdict = |file: &str| {
            let mut out = Vec::new();
            verify_file(file.as_bytes(), Some(keys()), None, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let whole = exported(&database, Span::default()).await;
        let no_checkpoint = "the file has no checkpoint that counts";
        let part = "the file is a part of the trail";
        let said = verdict(&whole);
        assert!(!said.contains(no_checkpoint) && !said.contains(part), "{said}");
        let said = verdict(&without(&whole, line_of(&whole, &["\"checkpoint\":"])));
        assert!(said.contains(no_checkpoint), "{said}");

        // The times in the first line are not signed.
        let claimed = whole.replacen("\"from\":null", "\"from\":\"2099-01-01T00:00:00Z\"", 1);
        let said = verdict(&claimed);
        assert!(said.contains(no_checkpoint), "{said}");
        assert!(said.contains("part of the trail, from 2099-01-01T00:00:00Z to …"), "{said}");
        let refused = findings_in(&claimed, Some(&logged));
        assert!(refused[0].starts_with("--checkpoint needs an export of the whole"), "{refused:?}");
        let broken = whole.replacen("\"from\":null", "\"from\":\"today\"", 1);
        assert!(findings_in(&broken, None)[0].contains("a time that cannot be read"));
    })
    .await;
}

#[tokio::test]
async fn checkpoint_after_a_standstill_counts_only_with_its_predecessor() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        database.checkpoint(NOON).await.unwrap();
        add_event(&database, NOON + MINUTE).await;
        // The bot stood still for an hour, and then names the event from before it.
        database.checkpoint(NOON + HOUR).await.unwrap();
        let span = Span { from: Some(NOON + MINUTE * 2), to: None };
        assert_eq!(findings_in(&exported(&database, span).await, None), [""; 0]);
        add_event(&database, NOON + HOUR).await;
        database.checkpoint(NOON + HOUR + MINUTE).await.unwrap();
        let part = exported(&database, span).await;
        assert_eq!(findings_in(&part, None), [""; 0]);
        let last = part.lines().count() - 2;
        let cut = "actor discord:7: all events and its row were removed; checkpoint 3 names it";
        assert!(findings_in(&without(&part, last), None).contains(&cut.to_owned()));
    })
    .await;
}
