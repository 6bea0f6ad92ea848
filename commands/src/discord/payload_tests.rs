//! JSON bodies of answers, edits and posts.

use serde_json::{Value, json};

use super::*;
use crate::screens::screen::{Picture, Tone};

fn screen() -> Screen {
    Screen::titled(Tone::Info, "Title".to_owned())
}

fn with_picture(description: &str) -> Screen {
    let description = description.to_owned();
    Screen { picture: Some(Picture { name: "qr.png", description, bytes: vec![7] }), ..screen() }
}

fn json(payload: Result<Payload, PayloadError>) -> Value {
    serde_json::from_slice(&payload.unwrap().json).unwrap()
}

#[test]
fn answer_has_the_type_of_its_place() {
    for (from_message, answer, kind) in [
        (false, FirstAnswer::Panel(screen()), 4),
        (true, FirstAnswer::Panel(screen()), 7),
        (false, FirstAnswer::Note(screen()), 4),
        (true, FirstAnswer::Note(screen()), 4),
        (false, FirstAnswer::Defer, 5),
        (true, FirstAnswer::Defer, 6),
        (false, FirstAnswer::Progress(screen()), 5),
        (true, FirstAnswer::Progress(screen()), 7),
    ] {
        let shown = format!("{from_message} {answer:?}");
        assert_eq!(json(first_answer(from_message, answer))["type"], kind, "{shown}");
    }
}

#[test]
fn deferrals_carry_the_ephemeral_flag_only() {
    assert_eq!(json(first_answer(true, FirstAnswer::Defer)), json!({ "type": 6 }));
    let deferral = json!({ "type": 5, "data": { "flags": 64 } });
    assert_eq!(json(first_answer(false, FirstAnswer::Defer)), deferral);
    assert_eq!(json(first_answer(false, FirstAnswer::Progress(screen()))), deferral);
}

#[test]
fn file_is_listed_with_its_alt_text() {
    let payload = edit(with_picture("Code to scan")).unwrap();
    assert_eq!((payload.files.len(), payload.files[0].bytes.as_slice()), (1, &[7_u8][..]));
    let json: Value = serde_json::from_slice(&payload.json).unwrap();
    let listed = json!([{ "id": 0, "filename": "qr.png", "description": "Code to scan" }]);
    assert_eq!(json["attachments"], listed);
    assert_eq!(json["embeds"][0]["image"]["url"], "attachment://qr.png");
}

#[test]
fn file_without_picture_is_in_no_embed() {
    let file = AttachedFile {
        name: "trail.csv",
        media_type: "text/csv",
        description: "Events".to_owned(),
        bytes: vec![7],
    };
    let payload = follow_up(Screen { file: Some(file), ..screen() }).unwrap();
    let [file] = payload.files.as_slice() else { panic!("one file") };
    assert_eq!((file.name, file.media_type), ("trail.csv", "text/csv"));
    let json: Value = serde_json::from_slice(&payload.json).unwrap();
    let listed = json!([{ "id": 0, "filename": "trail.csv", "description": "Events" }]);
    assert_eq!(json["attachments"], listed);
    assert_eq!(json["embeds"][0]["image"], Value::Null);
}

#[test]
fn alt_text_has_1024_characters_or_is_left_out() {
    let description =
        |text: &str| json(edit(with_picture(text)))["attachments"][0]["description"].clone();
    assert_eq!(description(&"ñ".repeat(1_024)), "ñ".repeat(1_024));
    assert_eq!(description(&"ñ".repeat(1_025)), format!("{}…", "ñ".repeat(1_023)));
    assert_eq!(description("\u{200b} "), Value::Null);
}

#[test]
fn message_without_file_clears_the_files() {
    assert_eq!(json(edit(screen()))["attachments"], json!([]));
    assert_eq!(
        json(first_answer(true, FirstAnswer::Panel(screen())))["data"]["attachments"],
        json!([])
    );
}

#[test]
fn text_alone_has_no_embed() {
    let note = Screen::default().say("Type </support resume:7>.".to_owned());
    let message = json(follow_up(note));
    assert_eq!(message["content"], "Type </support resume:7>.");
    assert_eq!(message["embeds"], json!([]));
    let panel = json(edit(screen().say("Text".to_owned())));
    assert_eq!(
        (&panel["content"], &panel["embeds"][0]["description"]),
        (&json!(""), &json!("Text"))
    );
}

#[test]
fn message_mentions_nobody_and_is_ephemeral() {
    let message = json(follow_up(screen()));
    assert_eq!(message["allowed_mentions"]["parse"], json!([]));
    assert_eq!(message["flags"], 64);
    assert_eq!(json(edit(screen()))["flags"], Value::Null);
}

#[test]
fn nonce_has_25_characters_at_most() {
    let plain = Post { screen: screen(), pings: None, replies_to: None };
    let alert = json(post(&format!("alert:{}", "x".repeat(30)), plain));
    assert_eq!(alert["nonce"], format!("alert{}", "x".repeat(20)));
    assert_eq!(
        (&alert["enforce_nonce"], &alert["embeds"][0]["title"]),
        (&json!(true), &json!("Title"))
    );
    assert_eq!(alert["content"], "");
    let silent = json!({ "parse": [], "roles": [], "users": [] });
    assert_eq!(alert["allowed_mentions"], silent);
}

#[test]
fn post_pings_one_role_and_no_user() {
    let text = Screen::default().say("<@5> is away".to_owned());
    let reminder = json(post("key", Post { screen: text, pings: Some(7), replies_to: Some(9) }));
    assert_eq!(reminder["content"], "<@&7> <@5> is away");
    let mentions = json!({ "parse": [], "roles": ["7"], "users": [] });
    assert_eq!(reminder["allowed_mentions"], mentions);
    let reference = json!({ "message_id": "9", "fail_if_not_exists": false });
    assert_eq!(reminder["message_reference"], reference);
}

#[test]
fn card_replaces_a_message_for_everybody() {
    let card = json(first_answer(true, FirstAnswer::Card(screen())));
    assert_eq!((&card["type"], &card["data"]["flags"]), (&json!(7), &Value::Null));
}
