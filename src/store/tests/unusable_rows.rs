//! Rows that are not believed: another version of the bot wrote them, somebody edited them, or this
//! process lacks their key.

use std::sync::Arc;
use std::time::Duration;

use commands::model::account::AccountLink;
use commands::model::effect::Effect;
use commands::model::session::Session;
use commands::model::timers::{IDLE_CLOSE, WARN_BEFORE};
use commands::model::trail::kind;
use commands::model::unknown_fields::UnknownFields;
use commands::model::words::{Actor, CloseReason};
use commands::ports::account_links::AccountLinks as _;
use commands::ports::clock::Clock as _;
use commands::ports::sessions::{Commit, Committed, SessionIndex as _, Sessions as _};
use sqlx::{AssertSqlSafe, Row as _};

use crate::keyring::{Keyring, test_keyring};
use crate::store::store_keys::test_store_key;
use crate::store::testing::{
    NOON, attending, closed, commit_of, empty_commit, event, findings, found, id, moved, on_both,
    pseudonym, rewrite, save, started, with_pending,
};
use crate::store::unusable_rows::GRACE;
use crate::store::{Database, Ended, ForeignKey, StoreKeys};

const A_MILLISECOND: Duration = Duration::from_millis(1);

async fn make_unreadable(database: &Database) {
    rewrite(database, &id(1), |columns| "{}".clone_into(&mut columns.state)).await;
}

#[tokio::test]
async fn overdue_unreadable_session_is_closed() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "cust-1")).await;
        let session = save(&database, started(session, NOON)).await;
        let mut commit = commit_of(session);
        commit.events = vec![event(Some(&id(1)), kind::STARTED)];
        database.commit(commit).await.unwrap();
        make_unreadable(&database).await;
        let other = bed.open().await;
        let error = other.find(&id(1)).await.unwrap_err().to_string();
        assert!(error.contains("another version of the bot"), "{error}");

        bed.clock.advance(IDLE_CLOSE.saturating_sub(WARN_BEFORE));
        assert!(other.find(&id(1)).await.is_err(), "its timer is due: reported once");
        assert!(other.find(&id(1)).await.unwrap().is_none(), "and not every second");
        bed.clock.advance(GRACE.saturating_sub(A_MILLISECOND));
        assert!(other.find(&id(1)).await.unwrap().is_none());
        assert_eq!(attending(&other, "cust-1").await.map(|(id, _)| id), Some(id(1)));

        bed.clock.advance(A_MILLISECOND);
        let handle = other.find(&id(1)).await.unwrap().unwrap();
        let session = handle.session();
        assert_eq!(session.closed(), Some((CloseReason::Unreadable, bed.clock.now())));
        let actor = Actor {
            discord_id: 7,
            agent_id: "sub-7".to_owned(),
            name: "Ana".to_owned(),
            unknown: UnknownFields::NONE,
        };
        assert_eq!(session.actor, actor);
        assert!(session.is_pending(&Effect::Revoke { nth: 1 }), "what was opened is unknown");
        assert_eq!(other.pending().await.unwrap(), [id(1)]);
        let due = other.due(bed.clock.now(), None, 10).await.unwrap();
        assert_eq!(due.len(), 1, "the next sweep revokes");
        assert!(
            attending(&other, "cust-1").await.is_none(),
            "another agent can attend the customer"
        );
        let row = sqlx::query(
            "select closed_why, closed_at, sealed, pending_since, customer from sessions
             where id = $1",
        )
        .bind(id(1).as_str());
        let row = row.fetch_one(&other.pools.reads).await.unwrap();
        assert_eq!(
            (row.get::<String, _>(0), row.get::<i64, _>(1)),
            ("unreadable".to_owned(), bed.clock.now().0)
        );
        assert_eq!(row.get::<Option<String>, _>(2), None);
        assert!(row.get::<i64, _>(3) > 0, "the revocation is pending");
        assert_eq!(row.get::<String, _>(4), pseudonym("cust-1").as_str());
        let events = sqlx::query("select kind, details from events where chain = $1 order by seq")
            .bind(id(1).as_str());
        let events = events.fetch_all(&other.pools.reads).await.unwrap();
        let kinds: Vec<_> = events.iter().map(|event| event.get::<String, _>(0)).collect();
        assert_eq!(kinds, ["started", "closed", "revoke_asked"], "closed once");
        assert_eq!(events[1].get::<String, _>(1), r#"{"why":"unreadable"}"#);
        assert_eq!(findings(&other, None).await, [""; 0], "its chain continues");

        let later = bed.open().await.find(&id(1)).await.unwrap().unwrap();
        assert_eq!(later.session().version, session.version, "a later replica changes nothing");
    })
    .await;
}

#[tokio::test]
async fn unreadable_session_requests_effects_of_its_kind() {
    on_both(async |bed| {
        let database = bed.open().await;
        let agent_id = "sub-7".to_owned();
        let after_password = vec![
            Effect::SignOut { agent_id: agent_id.clone(), nth: 0 },
            Effect::NotifyChanged { agent_id, nth: 0 },
        ];
        for (n, kind, effects) in [
            (1, "technical", vec![Effect::Revoke { nth: 1 }]),
            (2, "successor", vec![Effect::Revoke { nth: 1 }]),
            (3, "kind_of_tomorrow", vec![Effect::Revoke { nth: 1 }]),
            (4, "link", vec![]),
            (5, "recover", after_password),
        ] {
            save(&database, found(n, 7, &n.to_string())).await;
            rewrite(&database, &id(n), |columns| {
                "{}".clone_into(&mut columns.state);
                kind.clone_into(&mut columns.kind);
            })
            .await;
            let other = bed.open().await;
            bed.clock.advance(IDLE_CLOSE + GRACE);
            let handle = other.find(&id(n)).await.unwrap().unwrap();
            let session = handle.session();
            let pending: Vec<_> = session.pending.iter().map(|pending| &pending.effect).collect();
            assert_eq!(pending, effects.iter().collect::<Vec<_>>(), "{kind}");
            assert!(session.closed().is_some());
        }
    })
    .await;
}

#[tokio::test]
async fn pending_revocation_of_closed_session_is_kept() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "cust-1")).await;
        save(&database, with_pending(closed(session, NOON), Effect::Revoke { nth: 1 })).await;
        make_unreadable(&database).await;
        bed.clock.advance(GRACE + GRACE);
        let handle = bed.open().await.find(&id(1)).await.unwrap().unwrap();
        assert_eq!(handle.session().closed(), Some((CloseReason::Finished, NOON)));
        assert!(handle.session().is_pending(&Effect::Revoke { nth: 1 }));
    })
    .await;
}

#[tokio::test]
async fn readable_session_is_not_closed() {
    on_both(async |bed| {
        let database = bed.open().await;
        save(&database, found(1, 7, "cust-1")).await;
        bed.clock.advance(IDLE_CLOSE + GRACE);
        assert!(
            bed.open()
                .await
                .find(&id(1))
                .await
                .unwrap()
                .is_some_and(|handle| handle.session().closed().is_none())
        );
    })
    .await;
}

/// Ways to edit a row so that somebody gets more than the bot gave.
const EDITS: [&str; 9] = [
    "update sessions set discord_id = 8",
    "update sessions set state = replace(state, '\"discord_id\":7', '\"discord_id\":8')",
    "update sessions set agent_id = 'sub-8'",
    "update sessions set customer = 'other'",
    "update sessions set next_at = null",
    "update sessions set opened_at = opened_at + 1",
    "update sessions set attending = null",
    "update sessions set version = version + 1",
    "update sessions set mac = ''",
];

#[tokio::test]
async fn edited_row_is_closed_and_revoked() {
    on_both(async |bed| {
        for edit in EDITS {
            let database = bed.open().await;
            for table in ["sessions", "events"] {
                let delete = AssertSqlSafe(format!("delete from {table}"));
                sqlx::query(delete).execute(&database.pools.writes).await.unwrap();
            }
            let session = save(&database, found(1, 7, "cust-1")).await;
            let mut commit = commit_of(started(session, NOON));
            commit.events = vec![event(Some(&id(1)), kind::STARTED)];
            database.commit(commit).await.unwrap();
            sqlx::query(edit).execute(&database.pools.writes).await.unwrap();

            let other = bed.open().await;
            let session = other.find(&id(1)).await.unwrap().unwrap().session();
            assert_eq!(session.closed(), Some((CloseReason::Tampered, bed.clock.now())), "{edit}");
            assert!(session.is_pending(&Effect::Revoke { nth: 1 }), "{edit}");
            assert_eq!(attending(&other, "cust-1").await, None, "{edit}");
            assert_eq!(kinds(&other).await, ["started", "closed", "revoke_asked"], "{edit}");
            let again = bed.open().await.find(&id(1)).await.unwrap().unwrap();
            assert_eq!(again.session().version, session.version, "{edit}: closed once");
        }
    })
    .await;
}

#[tokio::test]
async fn edited_version_keeps_no_cached_session_open() {
    on_both(async |bed| {
        for (n, version) in
            (1..).zip(["0", "version - 1", "-1", "version + 1", "9223372036854775807"])
        {
            let database = bed.open().await;
            let session = save(&database, found(n, 7, &format!("cust-{n}"))).await;
            let mut commit = commit_of(started(session, NOON));
            commit.events = vec![event(Some(&id(n)), kind::STARTED)];
            database.commit(commit).await.unwrap();
            let cached = database.find(&id(n)).await.unwrap().unwrap();
            let edit = format!("update sessions set version = {version} where id = '{}'", id(n));
            sqlx::query(AssertSqlSafe(edit)).execute(&database.pools.writes).await.unwrap();

            let click = commit_of(moved((*cached.session()).clone(), NOON));
            let committed = database.commit(click.clone()).await.unwrap();
            assert_eq!(committed, Committed::Stale, "{version}");
            database.reload(&id(n)).await.unwrap();
            let session = (*cached.session()).clone();
            assert_eq!(
                session.closed().map(|(why, _)| why),
                Some(CloseReason::Tampered),
                "{version}"
            );
            assert_eq!(database.commit(click).await.unwrap(), Committed::Stale, "{version}");
            // The revocation can have its outcome.
            let done = Session { pending: Vec::new(), ..session };
            let committed = database.commit(commit_of(done)).await.unwrap();
            assert!(matches!(committed, Committed::Saved { .. }), "{version}: {committed:?}");
            let left = database.end_sessions().await.unwrap();
            assert_eq!(left, Ended::default(), "{version}: none is open");
        }
    })
    .await;
}

async fn kinds(database: &Database) -> Vec<String> {
    let kinds = sqlx::query_scalar("select kind from events where chain = $1 order by seq");
    kinds.bind(id(1).as_str()).fetch_all(&database.pools.reads).await.unwrap()
}

#[tokio::test]
async fn row_that_was_put_back_is_closed() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "cust-1")).await;
        let mut commit = commit_of(started(session, NOON));
        commit.events = vec![event(Some(&id(1)), kind::STARTED)];
        database.commit(commit).await.unwrap();
        let copy = "create table copy as select * from sessions";
        sqlx::query(copy).execute(&database.pools.writes).await.unwrap();
        let session = (*database.find(&id(1)).await.unwrap().unwrap().session()).clone();
        let mut commit = commit_of(closed(session, NOON));
        commit.events = vec![event(Some(&id(1)), kind::CLOSED)];
        database.commit(commit).await.unwrap();
        for statement in ["delete from sessions", "insert into sessions select * from copy"] {
            sqlx::query(statement).execute(&database.pools.writes).await.unwrap();
        }
        let session = bed.open().await.find(&id(1)).await.unwrap().unwrap().session();
        assert_eq!(session.closed(), Some((CloseReason::Tampered, NOON)));
        let expected = ["started", "closed", "closed", "revoke_asked"];
        assert_eq!(kinds(&database).await, expected);
        // The events are put back as well: the row is believed, and only a checkpoint tells.
    })
    .await;
}

#[tokio::test]
async fn row_under_an_unknown_key_is_left_alone() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "cust-1")).await;
        let keys = Arc::new(test_keyring(2));
        let other = Database::open(&bed.url, keys, bed.clock.clone()).await.unwrap();
        assert_eq!(other.foreign_key().await.unwrap(), Some(ForeignKey::Store));
        bed.clock.advance(IDLE_CLOSE + GRACE);
        for _ in 0..2 {
            let error = other.find(&id(1)).await.unwrap_err().to_string();
            assert!(error.contains("a STORE_KEY that this process does not have"), "{error}");
        }
        let read = database.reload(&id(1)).await.unwrap().unwrap().session();
        assert_eq!((read.closed(), read.version), (None, session.version));
        // A replica that has the key among its earlier ones goes on with the session.
        let keys = Keyring {
            store: StoreKeys::new(test_store_key(2), vec![test_store_key(1)]),
            trail: test_keyring(2).trail,
        };
        let rotated = Database::open(&bed.url, Arc::new(keys), bed.clock.clone()).await.unwrap();
        assert_eq!(rotated.foreign_key().await.unwrap(), None);
        let read = rotated.find(&id(1)).await.unwrap().unwrap().session();
        assert!(read.closed().is_none() && read.secrets.panel.is_some());
    })
    .await;
}

#[tokio::test]
async fn edited_account_link_does_not_count() {
    on_both(async |bed| {
        let database = bed.open().await;
        let link = AccountLink {
            discord_id: 7,
            agent_id: "sub-7".to_owned(),
            name: "Ana".to_owned(),
            email: "a•••@w•••.example".to_owned(),
            email_mac: "mac".to_owned(),
            linked_at: NOON,
        };
        let commit = Commit { account_link: Some(Box::new(link.clone())), ..empty_commit(NOON) };
        database.commit(commit).await.unwrap();
        assert_eq!(database.of_discord(7).await.unwrap(), Some(link));
        let edit = "update account_links set discord_id = 8";
        sqlx::query(edit).execute(&database.pools.writes).await.unwrap();
        assert_eq!(database.of_discord(8).await.unwrap(), None);
        assert_eq!(database.of_agent("sub-7").await.unwrap(), None);
        let keys = Arc::new(test_keyring(2));
        let other = Database::open(&bed.url, keys, bed.clock.clone()).await.unwrap();
        assert!(other.of_discord(8).await.is_err(), "it was written under another key");
    })
    .await;
}
