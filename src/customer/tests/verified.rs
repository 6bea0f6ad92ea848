//! Rows that a writer of the database has changed, and data beside the sessions.

use commands::model::limit::UNTIL_UNLOCKED;
use commands::model::pseudonym::Pseudonym;
use commands::model::trail::{TrailEvent, kind};
use commands::model::words::Locale;
use commands::ports::sessions::{Commit, Sessions as _};
use serde_json::{Value, json};

use super::{JULIA, TOM, execute, open_session, walk};
use crate::customer::{CopyFormat, ExportOptions, export, render};
use crate::retention::Retention;
use crate::store::testing::{NOON, empty_commit, event, id, on_both, rewrite};
use crate::store::{CannotErase, Database, Occasion};

/// Returns the copy as JSON, and as text in a language.
async fn copies(database: &Database, julia: &Pseudonym, locale: Locale) -> (Value, String) {
    let mut texts = Vec::new();
    for format in [CopyFormat::Json, CopyFormat::Text] {
        let options = ExportOptions { format, locale, with_agents: true };
        let pseudonyms = std::slice::from_ref(julia);
        let copy = export(database, pseudonyms, options, Retention::default(), NOON).await;
        texts.push(render(&copy.unwrap(), format).unwrap());
    }
    (serde_json::from_str(&texts[0]).unwrap(), texts.remove(1))
}

/// Returns the numbers of sessions, of their events, of other events, and of rows left out.
async fn counts(database: &Database, julia: &Pseudonym) -> (usize, usize, usize, u64) {
    let (copy, text) = copies(database, julia, Locale::En).await;
    let sessions = copy["sessions"].as_array().unwrap();
    let events = sessions.iter().map(|session| session["events"].as_array().unwrap().len()).sum();
    let unverified = copy["unverified_rows"].as_u64().unwrap();
    assert_eq!(text.contains("left out"), unverified > 0, "{text}");
    (sessions.len(), events, copy["other_events"].as_array().unwrap().len(), unverified)
}

/// Records a look-up that opened no session.
async fn look_up(database: &Database, julia: &Pseudonym) {
    let about = json!({ "email_mac": "mac" });
    let lookup = event(None, kind::LOOKED_UP);
    let events = vec![TrailEvent { customer: Some(julia.clone()), about, ..lookup }];
    database.commit(Commit { events, ..empty_commit(NOON) }).await.unwrap();
}

#[tokio::test]
async fn session_of_another_customer_is_left_out() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        let tom = walk(&database, 2, TOM).await;
        assert_eq!(counts(&database, &julia).await, (1, 2, 0, 0));
        let id = id(2);
        let moved = format!("update sessions set customer = '{julia}' where id = '{id}'");
        execute(&database, moved).await;
        assert_eq!(counts(&database, &julia).await, (1, 2, 0, 1));
        // The bot closes an edited row under a right MAC, and keeps its customer.
        rewrite(&database, &id, |_| ()).await;
        assert_eq!(counts(&database, &julia).await, (1, 2, 0, 1));
        rewrite(&database, &id, |columns| columns.about = None).await;
        assert_eq!(counts(&database, &julia).await, (1, 2, 0, 1));
        // The events tell that they are Tom's.
        assert_eq!(counts(&database, &tom).await, (0, 0, 2, 0));
        let (spanish, text) = copies(&database, &julia, Locale::Es).await;
        assert!(text.contains("Se ha omitido 1 registro"), "{text}");
        assert_eq!(spanish["sessions"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn changed_rows_are_left_out_and_counted() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        look_up(&database, &julia).await;
        look_up(&database, &julia).await;
        assert_eq!(counts(&database, &julia).await, (1, 2, 2, 0));
        let changed = "update events set kind = 'changed' where seq = 1";
        execute(&database, format!("{changed} and chain <> 'discord:7'")).await;
        assert_eq!(counts(&database, &julia).await, (1, 1, 2, 1));
        execute(&database, changed.to_owned()).await;
        assert_eq!(counts(&database, &julia).await, (1, 1, 1, 2));
        // The events of an edited session stay what they are.
        execute(&database, "update sessions set agent_name = 'Eva'".to_owned()).await;
        assert_eq!(counts(&database, &julia).await, (0, 0, 2, 3));
    })
    .await;
}

#[tokio::test]
async fn event_after_removed_ones_verifies() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        look_up(&database, &julia).await;
        look_up(&database, &julia).await;
        let first = "chain = 'discord:7' and seq = 1";
        let removed = format!(
            "insert into pruned (chain, seq, last_signature, at, key, signature)
             select chain, seq, signature, at, key, signature from events where {first}"
        );
        execute(&database, removed).await;
        execute(&database, format!("delete from events where {first}")).await;
        assert_eq!(counts(&database, &julia).await, (1, 2, 1, 0));
    })
    .await;
}

#[tokio::test]
async fn edited_open_session_refuses_an_erasure_by_name() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        let open = open_session(&database, 2, TOM).await;
        let moved = format!("update sessions set customer = '{julia}' where id = '{}'", open.id);
        execute(&database, moved).await;
        let refused = database.erase(&julia, Occasion::Request).await.unwrap_err();
        assert!(
            matches!(refused, CannotErase::Unverified { open: 1, unverified: 1, .. }),
            "{refused}"
        );
        let sentence = refused.to_string();
        for words in ["not verify", "`support-desk end-sessions`", "STORE_KEY_OLD"] {
            assert!(sentence.contains(words), "{sentence}");
        }
        // As the sentence says.
        database.end_sessions().await.unwrap();
        database.erase(&julia, Occasion::Request).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn copy_has_account_limits_and_lockout() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        let limits = format!(
            "insert into limit_uses (kind, subject, times, newest) values
             ('sends', 'customer:{julia}', '{0}', {0}),
             ('wrong_codes', 'customer:{julia}', '{0},{0}', {0}),
             ('wrong_codes', 'agent:7', '{0}', {0})",
            NOON.0
        );
        execute(&database, limits).await;
        let until = UNTIL_UNLOCKED.0;
        let lockout =
            format!("insert into lockouts (subject, until) values ('customer:{julia}', {until})");
        execute(&database, lockout).await;
        let (copy, english) = copies(&database, &julia, Locale::En).await;
        assert_eq!(copy["core_id"], JULIA);
        let session = &copy["sessions"][0];
        for (field, value) in [
            ("core_id", json!(JULIA)),
            ("account_status", json!("active")),
            ("account_language", json!("es")),
            ("account_since", json!("2023-11-14T22:13:20Z")),
            ("choices", json!(1)),
        ] {
            assert_eq!(session[field], value, "{session}");
        }
        let times = |count| json!(["2023-11-14T22:13:20Z"; 1].repeat(count));
        let counted = json!([
            { "kind": "sends", "times": times(1) }, { "kind": "wrong_codes", "times": times(2) }
        ]);
        assert_eq!((&copy["limits"], &copy["lockouts"]), (&counted, &json!([{ "until": null }])));
        for line in [
            "Your account: active",
            "Codes mailed to you: 1, the last one 2023-11-14 22:13 UTC.",
            "Wrong codes entered as yours: 2, the last one 2023-11-14 22:13 UTC.",
            "No agent can verify you until the support desk unlocks you.",
        ] {
            assert!(english.contains(line), "{line}: {english}");
        }
        execute(&database, format!("update lockouts set until = {}", NOON.0)).await;
        let (_, spanish) = copies(&database, &julia, Locale::Es).await;
        for line in [
            "Tu cuenta: activa",
            "Idioma de los correos que recibes: español",
            "Códigos que se te enviaron: 1, el último el 2023-11-14 22:13 UTC.",
            "Ningún agente puede verificarte hasta el 2023-11-14 22:13 UTC.",
        ] {
            assert!(spanish.contains(line), "{line}: {spanish}");
        }
    })
    .await;
}

#[tokio::test]
async fn copy_has_role_and_mailed_addresses() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        // As a session has them that reached the links.
        let about = json!({
            "case": {
                "customer": { "id": JULIA, "name": "J*** P***", "status": "pending" },
                "ecosystem": "eco-casa-luz",
                "subject": { "membership": "owner" },
            },
            "code_to": "j•••@e•••.com",
            "links_to": { "1": "j•••@w•••.com" },
        });
        reseal(&database, &julia, about).await;
        let (copy, text) = copies(&database, &julia, Locale::En).await;
        let session = &copy["sessions"][0];
        assert_eq!(session["role"], "owner");
        assert_eq!(session["code_to"], "j•••@e•••.com");
        assert_eq!(session["links_to"], json!({ "1": "j•••@w•••.com" }));
        assert!(text.contains("Your role: owner"), "{text}");
        assert!(text.contains("Your account: sign-up not finished"), "{text}");
    })
    .await;
}

/// Replaces what the customer's session is about.
async fn reseal(database: &Database, julia: &Pseudonym, about: Value) {
    let quarter = crate::store::quarter_of(NOON);
    let name = crate::store::KeyName { subject: Some(julia.clone()), quarter };
    let key = database.subject_key(name).await.unwrap();
    let id = id(1);
    let sealed = key.seal(id.as_str(), about.to_string().into_bytes()).unwrap();
    rewrite(database, &id, |columns| columns.about = Some(sealed.clone())).await;
}
