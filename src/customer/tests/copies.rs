//! Copies of what is stored about a customer.

use commands::model::flow_state::SupportState;
use commands::model::session::Work;
use commands::model::trail::{TrailEvent, kind};
use commands::model::words::{CloseReason, Locale, SupportKind};
use commands::ports::sessions::{Commit, Sessions as _};
use insta::{allow_duplicates, assert_snapshot};
use serde_json::{Value, json};

use super::{JULIA, REASON, TOM, execute, open_session, walk};
use crate::customer::{CopyFormat, ExportOptions, export, render};
use crate::retention::Retention;
use crate::store::testing::{
    NOON, closed, commit_of, empty_commit, event, findings, id, on_both, rewrite,
};
use crate::store::{Database, Occasion};

const OPTIONS: ExportOptions =
    ExportOptions { format: CopyFormat::Text, locale: Locale::En, with_agents: false };

async fn copy(database: &Database, core_id: &str, options: ExportOptions) -> String {
    let pseudonyms = database.find_pseudonyms(core_id).await.unwrap();
    let copy = export(database, &pseudonyms, options, Retention::default(), NOON).await.unwrap();
    let text = render(&copy, options.format).unwrap();
    let text = pseudonyms.iter().fold(text, |text, p| text.replace(p.as_str(), "PSEUDONYM"));
    pseudonyms.iter().fold(text, |text, p| text.replace(&p.short(), "C-JULIA"))
}

#[tokio::test]
async fn copy_has_sessions_and_lookups() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        walk(&database, 2, TOM).await;
        // A look-up that opened no session.
        let lookup = TrailEvent {
            customer: Some(julia),
            about: json!({ "email_mac": "mac" }),
            ..event(None, kind::LOOKED_UP)
        };
        let events = vec![lookup];
        database.commit(Commit { events, ..empty_commit(NOON) }).await.unwrap();
        let text = copy(&database, JULIA, OPTIONS).await;
        allow_duplicates! { assert_snapshot!(text, @"
        What the support desk of Waizant has stored about you

        Made: 2023-11-14 22:13 UTC
        Known since: 2023-11-14 22:13 UTC
        Reference: C-JULIA
        1 support session is stored.
        Your name and your address are stored in masked form only.
        Your account at Waizant has the id usr-julia.

        Names, addresses, ecosystems, ticket numbers and reasons are kept for 365 days after the end of the quarter.
        Sessions are kept for 1095 days after they end.

        1. Technical Assistance, 2023-11-14 22:13 UTC (sessio)
          Helped by: a support agent
          You: J*** P***, j•••@e•••.com
          Ticket number: ZD-1234
          Your account: active
          Account since: 2023-11-14
          Language of mails to you: Spanish
          Ecosystems or successions to choose from: 1
            2023-11-14 22:13 UTC  The agent chose eco-casa-luz.
          Ended 2023-11-14 22:13 UTC: the agent finished it.
          Reason that the agent wrote, masked: The customer was cut off at Atocha
          Names and details are kept until 2024-12-31.
          The session is kept until 2026-11-13.

        Look-ups without a session of their own:
          2023-11-14 22:13 UTC  A support agent looked you up.
        "); }
        assert_eq!(findings(&database, None).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn json_names_agents_only_on_request() {
    on_both(async |bed| {
        let database = bed.open().await;
        walk(&database, 1, JULIA).await;
        for with_agents in [false, true] {
            let options = ExportOptions { format: CopyFormat::Json, with_agents, ..OPTIONS };
            let json = copy(&database, JULIA, options).await;
            let parsed: Value = serde_json::from_str(&json).unwrap();
            let session = &parsed["sessions"][0];
            assert_eq!(session["cancel_reason"], REASON);
            assert_eq!(session["events"][0]["about"]["ecosystem"], "eco-casa-luz");
            let named = json!({ "named": { "name": "Ana", "discord_id": "7" } });
            let agent = if with_agents { named } else { json!("support_agent") };
            assert_eq!(session["agent"], agent);
            assert_eq!(session["events"][0]["by"], agent);
            assert_eq!(json.contains("Ana"), with_agents, "{json}");
            assert!(!json.contains("sub-7"), "{json}");
        }
    })
    .await;
}

#[tokio::test]
async fn copy_names_sessions_that_only_verified() {
    on_both(async |bed| {
        let database = bed.open().await;
        for (n, details) in [(1, json!({})), (2, json!({ "scope": "verify" }))] {
            let session = open_session(&database, n, JULIA).await;
            let customer = session.pseudonym.clone();
            let start = event(Some(&session.id), kind::STARTED);
            let events = vec![TrailEvent { customer, details, ..start }];
            database.commit(Commit { events, ..commit_of(session) }).await.unwrap();
        }
        let text = copy(&database, JULIA, OPTIONS).await;
        assert_eq!(text.matches("The agent began to help you.").count(), 1, "{text}");
        let verified = "The agent began to help you, and could only verify that it is you.";
        assert_eq!(text.matches(verified).count(), 1, "{text}");
    })
    .await;
}

/// Saves a session of the customer that this actor closes for this reason.
async fn close_as(database: &Database, n: u8, (actor, why): (&str, CloseReason), reason: &str) {
    let session = open_session(database, n, JULIA).await;
    let mut session = closed(session, NOON);
    session.work = Work::Support(SupportKind::Technical, SupportState::Closed(why));
    let close = TrailEvent {
        actor: actor.to_owned(),
        customer: session.pseudonym.clone(),
        details: json!({ "why": why.name() }),
        about: if reason.is_empty() { Value::Null } else { json!({ "reason": reason }) },
        ..event(Some(&session.id), kind::CLOSED)
    };
    database.commit(Commit { events: vec![close], ..commit_of(session) }).await.unwrap();
}

#[tokio::test]
async fn lead_and_mailboxes_are_not_taken_for_the_agent() {
    const SUSPICION: &str = "The agent helps a friend to get in";
    on_both(async |bed| {
        let database = bed.open().await;
        close_as(&database, 1, ("discord:8", CloseReason::ByLead), SUSPICION).await;
        close_as(&database, 2, ("agent", CloseReason::Reported), "").await;
        close_as(&database, 3, ("customer", CloseReason::Reported), "").await;
        close_as(&database, 4, ("discord:7", CloseReason::Cancelled), REASON).await;
        let english = copy(&database, JULIA, OPTIONS).await;
        let ends: Vec<_> = english
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Ended 2023-11-14 22:13 UTC: "))
            .collect();
        let reported =
            "the owner of a mailbox had not asked for the session's mail, or was not sure.";
        let expected = ["a supervisor ended it.", reported, reported, "the agent cancelled it."];
        assert_eq!(ends, expected);
        let spanish = copy(&database, JULIA, ExportOptions { locale: Locale::Es, ..OPTIONS }).await;
        assert!(spanish.contains("la terminó un supervisor."), "{spanish}");
        for with_agents in [false, true] {
            let options = ExportOptions { format: CopyFormat::Json, with_agents, ..OPTIONS };
            let json = copy(&database, JULIA, options).await;
            assert!(!json.contains(SUSPICION) && json.contains(REASON), "{json}");
            let parsed: Value = serde_json::from_str(&json).unwrap();
            let sessions = parsed["sessions"].as_array().unwrap();
            let by: Vec<_> = sessions.iter().map(|session| &session["events"][0]["by"]).collect();
            let named = json!({ "named": { "name": "Ana", "discord_id": "7" } });
            let agent = if with_agents { named } else { json!("support_agent") };
            let expected = [json!("lead"), json!("agent_mailbox"), json!("customer"), agent];
            assert_eq!(by, expected.iter().collect::<Vec<_>>());
        }
        for text in [english, spanish] {
            assert!(!text.contains(SUSPICION), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn destroyed_details_are_said_to_be_gone() {
    on_both(async |bed| {
        let database = bed.open().await;
        walk(&database, 1, JULIA).await;
        execute(&database, "delete from subject_keys".to_owned()).await;
        let text = copy(&database, JULIA, OPTIONS).await;
        assert!(text.contains("of this session were erased"), "{text}");
        assert!(text.contains("The agent chose (erased)."), "{text}");
        assert!(!text.contains("Names and details are kept until"), "{text}");
        let options = ExportOptions { format: CopyFormat::Json, ..OPTIONS };
        let json: Value = serde_json::from_str(&copy(&database, JULIA, options).await).unwrap();
        let session = &json["sessions"][0];
        assert_eq!(
            (&session["details_erased"], &session["events"][0]["about_erased"]),
            (&json!(true), &json!(true))
        );
        assert_eq!((&session["name"], &session["ecosystem"]), (&Value::Null, &Value::Null));
    })
    .await;
}

#[tokio::test]
async fn text_of_the_database_is_escaped() {
    on_both(async |bed| {
        let database = bed.open().await;
        walk(&database, 1, JULIA).await;
        open_session(&database, 2, JULIA).await;
        // As a writer of the database can change it.
        let hostile = "update sessions set agent_name = 'A\u{1b}[2Jna\n', closed_why = 'x\u{9b}', \
             kind = 'k\u{202e}'";
        execute(&database, hostile.to_owned()).await;
        // With the MAC that the bot would write for such a row.
        for n in 1..3 {
            rewrite(&database, &id(n), |_| ()).await;
        }
        execute(&database, "update events set details = 'no JSON'".to_owned()).await;
        for format in [CopyFormat::Text, CopyFormat::Json] {
            let options = ExportOptions { format, with_agents: true, ..OPTIONS };
            let text = copy(&database, JULIA, options).await;
            assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{text}");
            assert!(text.contains("[2Jna"), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn export_is_recorded_and_needs_the_customers_keys() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        let pseudonyms = [julia.clone()];
        let options = ExportOptions { locale: Locale::Es, ..OPTIONS };
        let retention = Retention { about: None, trail: None };
        let copy = export(&database, &pseudonyms, options, retention, NOON).await.unwrap();
        assert_eq!(copy.sessions(), 1);
        let text = render(&copy, CopyFormat::Text).unwrap();
        assert!(text.contains("Las sesiones se guardan sin límite de tiempo."), "{text}");
        let details: String =
            sqlx::query_scalar("select details from events where kind = 'customer_exported'")
                .fetch_one(&database.pools.reads)
                .await
                .unwrap();
        let details: Value = serde_json::from_str(&details).unwrap();
        assert_eq!(
            details,
            json!({
                "customer": julia, "sessions": 1, "format": "text", "language": "es",
                "with_agents": false
            })
        );

        // A key that is under another STORE_KEY is not called gone.
        execute(&database, "update subject_keys set sealed = 'other.AAAA'".to_owned()).await;
        let failed = export(&database, &pseudonyms, options, retention, NOON).await.unwrap_err();
        assert!(failed.to_string().contains("STORE_KEY_OLD"), "{failed}");
        let exports = "select count(*) from events where kind = 'customer_exported'";
        let exports: i64 =
            sqlx::query_scalar(exports).fetch_one(&database.pools.reads).await.unwrap();
        assert_eq!(exports, 1);
        // An erased customer has no copy.
        database.erase(&julia, Occasion::Request).await.unwrap();
        assert!(database.find_pseudonyms(JULIA).await.unwrap().is_empty());
    })
    .await;
}
