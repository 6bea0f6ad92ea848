use commands::model::effect::Effect;
use commands::model::time::{Timestamp, minutes};
use commands::model::trail::{TrailEvent, kind};
use commands::model::words::Purpose;
use commands::ports::sessions::{Commit, Sessions as _};
use commands::ports::watched::{CustomerMail, UnknownLookup, Watched as _, WrongCode};
use serde_json::{Value, json};

use super::{happens, looked_up, pseudonym_of};
use crate::store::Database;
use crate::store::testing::{
    NOON, closed, empty_commit, event, found, id, on_both, recovering, rewrite, save, with_pending,
};
use crate::trail::overdue::OVERDUE_AFTER;

async fn outside(database: &Database, actor: &str, at: Timestamp, details: Value) {
    let event = TrailEvent { at, actor: actor.to_owned(), details, ..event(None, kind::LOOKED_UP) };
    database.commit(Commit { events: vec![event], ..empty_commit(NOON) }).await.unwrap();
}

#[tokio::test]
async fn look_ups_without_a_customer_are_read() {
    on_both(async |bed| {
        let database = bed.open().await;
        let unknown = json!({ "kind": "technical", "found": false });
        let after = NOON - minutes(60);
        for (actor, at, details) in [
            ("discord:7", NOON, unknown.clone()),
            ("discord:8", NOON, unknown.clone()),
            ("discord:7", after, unknown.clone()),
            ("clock", NOON, unknown),
            ("discord:7", NOON, json!({ "found": true })),
            ("discord:7", NOON, json!({ "found": false, "why": "several_customers" })),
        ] {
            outside(&database, actor, at, details).await;
        }
        let mut lookups = database.unknown_lookups(after).await.unwrap();
        lookups.sort_by_key(|lookup| lookup.agent);
        assert_eq!(lookups, [7, 8].map(|agent| UnknownLookup { agent, at: NOON }));
    })
    .await;
}

#[tokio::test]
async fn wrong_codes_are_read_with_their_session() {
    on_both(async |bed| {
        let database = bed.open().await;
        let mut session = looked_up(&database, 1, 7, "julia", 10).await;
        for (purpose, at) in [
            ("customer_consent", NOON - minutes(1)),
            ("agent_mfa", NOON),
            ("a purpose of a newer version", NOON),
        ] {
            let details = json!({ "purpose": purpose, "nth": 1 });
            session = happens(&database, session, kind::CODE_WRONG, at, details).await;
        }
        let linking = save(&database, recovering(2, 8)).await;
        let details = json!({ "purpose": "agent_link", "nth": 1 });
        let linking = happens(&database, linking, kind::CODE_WRONG, NOON, details.clone()).await;
        happens(&database, linking.clone(), kind::CODE_RIGHT, NOON, details).await;
        let code = |purpose, at| WrongCode {
            session: session.id.clone(),
            purpose,
            agent: 7,
            agent_id: "sub-7".to_owned(),
            customer: Some(pseudonym_of(&session)),
            at,
        };
        let of_link = WrongCode {
            session: linking.id.clone(),
            agent: 8,
            agent_id: "sub-8".to_owned(),
            customer: None,
            ..code(Purpose::AgentLink, NOON)
        };
        let mut codes = database.wrong_codes(NOON - minutes(2)).await.unwrap();
        codes.sort_by_key(|code| (code.at, code.agent));
        let customers = code(Purpose::CustomerConsent, NOON - minutes(1));
        assert_eq!(codes, [customers, code(Purpose::AgentMfa, NOON), of_link.clone()]);
        let newest = database.wrong_codes(NOON - minutes(1)).await.unwrap();
        assert_eq!(newest.len(), 2, "the window begins after its first moment");
    })
    .await;
}

#[tokio::test]
async fn mails_are_read_with_what_became_of_them() {
    on_both(async |bed| {
        let database = bed.open().await;
        let mut session = looked_up(&database, 1, 7, "julia", 10).await;
        let customers = |nth| json!({ "purpose": "customer_consent", "nth": nth, "seconds": 60 });
        let at = |minute| NOON + minutes(minute);
        for (kind, minute, details) in [
            (kind::CODE_SENT, 0, customers(1)),
            (kind::CODE_LATE, 1, customers(1)),
            (kind::CODE_SENT, 2, customers(2)),
            (kind::CODE_BOUNCED, 3, customers(2)),
            (kind::CODE_BOUNCED, 4, customers(1)),
            (kind::CODE_SENT, 5, json!({ "purpose": "agent_mfa", "nth": 1 })),
            // Its mail was sent before the window.
            (kind::CODE_BOUNCED, 6, customers(9)),
        ] {
            session = happens(&database, session, kind, at(minute), details).await;
        }
        let mail = |sent, late, bounced| CustomerMail {
            session: session.id.clone(),
            customer: pseudonym_of(&session),
            sent_at: at(sent),
            late_at: late,
            bounced_at: bounced,
        };
        assert_eq!(
            database.customer_mails(NOON - minutes(1)).await.unwrap(),
            [mail(0, Some(at(1)), Some(at(4))), mail(2, None, Some(at(3)))]
        );
    })
    .await;
}

#[tokio::test]
async fn pending_revocations_of_closed_sessions_are_read() {
    on_both(async |bed| {
        let database = bed.open().await;
        let revoke = Effect::Revoke { nth: 1 };
        // `with_pending` requests the effect at noon.
        let stuck = closed(with_pending(found(1, 7, "julia"), revoke.clone()), NOON);
        let open = with_pending(found(2, 7, "tom"), revoke);
        let notice = closed(with_pending(found(3, 7, "sofia"), Effect::NotifyVisit), NOON);
        let done = closed(found(4, 7, "eva"), NOON);
        for session in [stuck, open, notice, done] {
            save(&database, session).await;
        }
        let stuck = database.stuck_revocations(NOON).await.unwrap();
        let read: Vec<_> =
            stuck.iter().map(|stuck| (&stuck.session.id.as_str()[20..], stuck.since)).collect();
        assert_eq!(read, [("01", NOON)]);
        // A notice was pending before the close, so the row's time is older than the revocation.
        let later = NOON + minutes(5);
        let late = closed(with_pending(found(6, 7, "max"), Effect::Revoke { nth: 1 }), later);
        save(&database, late).await;
        assert_eq!(database.stuck_revocations(NOON).await.unwrap().len(), 1);
        let stuck = database.stuck_revocations(later).await.unwrap();
        assert!(stuck.iter().any(|it| it.session.id == id(6) && it.since == later), "{stuck:?}");
        let gone = "delete from sessions where id like '%06'";
        sqlx::query(gone).execute(&database.pools.writes).await.unwrap();
        let before = NOON - minutes(1);
        assert!(database.stuck_revocations(before).await.unwrap().is_empty());

        let other = closed(with_pending(found(5, 7, "ana"), Effect::Revoke { nth: 1 }), NOON);
        save(&database, other).await;
        rewrite(&database, &id(1), |columns| "{}".clone_into(&mut columns.state)).await;
        let database = bed.open().await;
        let stuck = database.stuck_revocations(NOON).await.unwrap();
        let [stuck] = &stuck[..] else { panic!("the unreadable row hides no other") };
        assert_eq!(stuck.session.id, id(5));
    })
    .await;
}

#[tokio::test]
async fn a_checkpoint_is_overdue_once_an_event_after_it_is_ten_minutes_old() {
    on_both(async |bed| {
        let database = bed.open().await;
        let overdue = async |now| database.checkpoint_overdue_since(now).await.unwrap();
        assert_eq!(overdue(NOON + minutes(60)).await, None, "there is no event");
        outside(&database, "discord:7", NOON, json!({})).await;
        let since = NOON + OVERDUE_AFTER;
        assert_eq!(overdue(since - std::time::Duration::from_millis(1)).await, None);
        assert_eq!(overdue(since).await, Some(since));
        database.checkpoint(NOON + minutes(11)).await.unwrap();
        assert_eq!(overdue(NOON + minutes(60)).await, None);
        // The chains grow an hour later: the checkpoint is old, but the next one is not yet late.
        let later = NOON + minutes(70);
        outside(&database, "discord:7", later, json!({})).await;
        assert_eq!(overdue(later + minutes(1)).await, None);
        assert_eq!(overdue(later + OVERDUE_AFTER).await, Some(later + OVERDUE_AFTER));
        // One that does not verify is none.
        database.checkpoint(later + minutes(1)).await.unwrap();
        assert_eq!(overdue(later + OVERDUE_AFTER).await, None);
        let edit = format!("update checkpoints set heads = '' where at > {}", NOON.0 + 3_600_000);
        sqlx::query(sqlx::AssertSqlSafe(edit)).execute(&database.pools.writes).await.unwrap();
        assert_eq!(overdue(later + OVERDUE_AFTER).await, Some(later + OVERDUE_AFTER));
    })
    .await;
}
