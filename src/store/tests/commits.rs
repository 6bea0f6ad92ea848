//! Commits: the result of each, and that a refused commit writes nothing.

use std::sync::Arc;
use std::time::Duration;

use commands::model::account::AccountLink;
use commands::model::limit::{LimitUse, LockedSubject, Lockout, LockoutReason};
use commands::model::trail::kind;
use commands::model::words::Limit;
use commands::ports::account_links::AccountLinks as _;
use commands::ports::claims::Claim;
use commands::ports::customers::Customers as _;
use commands::ports::sessions::{Commit, Committed, SessionIndex as _, Sessions as _};

use crate::keyring::test_keyring;
use crate::store::testing::{
    NOON, attending, closed, commit_of, count_rows, empty_commit, event, found, id, moved, on_both,
    save, saved, started,
};

fn limit_use(allowed: u32) -> LimitUse {
    LimitUse {
        limit: Limit::Lookups,
        subject: "agent:1".to_owned(),
        allowed,
        window: Duration::from_hours(1),
        replaces: None,
    }
}

fn link(discord_id: u64, agent_id: &str) -> AccountLink {
    AccountLink {
        discord_id,
        agent_id: agent_id.to_owned(),
        name: "Ana".to_owned(),
        email: "a•••@w•••.example".to_owned(),
        email_mac: test_keyring(1).store.mac(agent_id),
        linked_at: NOON,
    }
}

#[tokio::test]
async fn session_is_inserted_then_updated() {
    on_both(async |bed| {
        let database = bed.open().await;
        let committed = database
            .commit(Commit {
                limit_uses: vec![limit_use(30), limit_use(30)],
                ..commit_of(found(1, 7, "julia"))
            })
            .await
            .unwrap();
        assert_eq!(committed, Committed::Saved { counts: vec![1, 2], version: 1 });

        let handle = database.find(&id(1)).await.unwrap().unwrap();
        let session = handle.session();
        assert_eq!((session.version, session.generation), (1, 1));
        assert_eq!(
            database.commit(commit_of(moved((*session).clone(), NOON))).await.unwrap(),
            saved(2)
        );
        assert_eq!((handle.session().version, handle.session().generation), (2, 2));
        assert!(Arc::ptr_eq(&handle, &database.find(&id(1)).await.unwrap().unwrap()));
    })
    .await;
}

#[tokio::test]
async fn stale_copy_writes_nothing() {
    on_both(async |bed| {
        let database = bed.open().await;
        let first = save(&database, found(1, 7, "julia")).await;
        let second = save(&database, moved(first.clone(), NOON)).await;
        // The limit is exceeded too, but staleness is reported first.
        let stale = Commit {
            claim: Claim::Whole(1),
            limit_uses: vec![limit_use(0)],
            events: vec![event(Some(&id(1)), kind::STAYED)],
            ..commit_of(moved(first, NOON))
        };
        assert_eq!(database.commit(stale).await.unwrap(), Committed::Stale);
        assert_eq!(
            database.commit(commit_of(found(1, 8, "tom"))).await.unwrap(),
            Committed::Stale,
            "the id exists already"
        );
        assert_eq!(database.find(&id(1)).await.unwrap().unwrap().session().version, second.version);
        assert_eq!(
            (
                count_rows(&database, "claims").await,
                count_rows(&database, "limit_uses").await,
                count_rows(&database, "events").await
            ),
            (0, 0, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn interaction_is_claimed_once() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = found(1, 7, "julia");
        assert_eq!(
            database
                .commit(Commit { claim: Claim::Begin(1), ..commit_of(session.clone()) })
                .await
                .unwrap(),
            saved(1)
        );
        let again = Commit { claim: Claim::Whole(1), ..commit_of(found(2, 7, "tom")) };
        assert_eq!(database.commit(again).await.unwrap(), Committed::Claimed);
        assert!(database.find(&id(2)).await.unwrap().is_none());

        assert_eq!(
            database.commit(Commit { claim: Claim::Done(1), ..empty_commit(NOON) }).await.unwrap(),
            saved(0)
        );
        assert_eq!(
            database.commit(Commit { claim: Claim::Done(1), ..empty_commit(NOON) }).await.unwrap(),
            Committed::Claimed
        );
        // Ids of 64 bits fit.
        assert_eq!(
            database
                .commit(Commit { claim: Claim::Whole(u64::MAX), ..empty_commit(NOON) })
                .await
                .unwrap(),
            saved(0)
        );
        assert_eq!(
            database
                .commit(Commit { claim: Claim::Whole(u64::MAX), ..empty_commit(NOON) })
                .await
                .unwrap(),
            Committed::Claimed
        );
    })
    .await;
}

#[tokio::test]
async fn customer_is_attended_from_start_to_close() {
    on_both(async |bed| {
        let database = bed.open().await;
        let ana = save(&database, found(1, 7, "julia")).await;
        let ben = save(&database, found(2, 8, "julia")).await;
        assert_eq!(attending(&database, "julia").await, None, "a look-up attends no customer");

        let ana = save(&database, started(ana, NOON)).await;
        assert_eq!(attending(&database, "julia").await, Some((id(1), 7)));
        let second = Commit {
            claim: Claim::Whole(5),
            events: vec![event(Some(&id(2)), kind::STARTED)],
            ..commit_of(started(ben.clone(), NOON))
        };
        assert_eq!(database.commit(second.clone()).await.unwrap(), Committed::CustomerTaken);
        assert_eq!(
            (count_rows(&database, "claims").await, count_rows(&database, "events").await),
            (0, 0)
        );

        save(&database, closed(ana, NOON)).await;
        assert_eq!(attending(&database, "julia").await, None);
        assert_eq!(database.commit(second).await.unwrap(), saved(2));
    })
    .await;
}

#[tokio::test]
async fn refused_commit_writes_nothing() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "julia")).await;
        let lockout = Lockout {
            subject: "customer:julia".to_owned(),
            until: NOON + Duration::from_mins(1),
            reason: LockoutReason::WrongCodes,
        };
        database
            .commit(Commit { lockouts: vec![lockout.clone()], ..empty_commit(NOON) })
            .await
            .unwrap();
        let whole = Commit {
            claim: Claim::Whole(1),
            account_link: Some(Box::new(link(7, "sub"))),
            lockouts: vec![Lockout {
                subject: "agent:1".to_owned(),
                until: lockout.until,
                reason: LockoutReason::WrongCodes,
            }],
            events: vec![event(Some(&id(1)), kind::CODE_ASKED), event(None, kind::REFUSED)],
            ..commit_of(moved(session.clone(), NOON))
        };

        let locked_out = Commit {
            requires_unlocked: vec!["agent:1".to_owned(), "customer:julia".to_owned()],
            ..whole.clone()
        };
        let refused = Committed::LockedOut(
            LockedSubject::of(&lockout.subject),
            lockout.until,
            LockoutReason::WrongCodes,
        );
        assert_eq!(database.commit(locked_out).await.unwrap(), refused);
        // The first two uses are allowed; the third rolls them back.
        let exceeding =
            Commit { limit_uses: vec![limit_use(2), limit_use(2), limit_use(2)], ..whole.clone() };
        assert_eq!(
            database.commit(exceeding).await.unwrap(),
            Committed::Limited(Limit::Lookups, NOON + Duration::from_hours(1))
        );

        for (table, count) in [
            ("claims", 0),
            ("account_links", 0),
            ("events", 0),
            ("chains", 0),
            ("limit_uses", 0),
            ("lockouts", 1),
            ("sessions", 1),
        ] {
            assert_eq!(count_rows(&database, table).await, count, "{table}");
        }
        assert_eq!(database.reload(&id(1)).await.unwrap().unwrap().session().version, 1);
        let counts = Commit {
            limit_uses: vec![limit_use(2), limit_use(2)],
            requires_unlocked: vec!["agent:1".to_owned()],
            ..whole
        };
        assert_eq!(
            database.commit(counts).await.unwrap(),
            Committed::Saved { counts: vec![1, 2], version: 2 }
        );
    })
    .await;
}

#[tokio::test]
async fn account_links_are_one_to_one() {
    on_both(async |bed| {
        let database = bed.open().await;
        let linking =
            |link: AccountLink| Commit { account_link: Some(Box::new(link)), ..empty_commit(NOON) };
        assert_eq!(database.commit(linking(link(7, "sub-ana"))).await.unwrap(), saved(0));
        assert_eq!(
            database.commit(linking(link(7, "sub-other"))).await.unwrap(),
            Committed::LinkTaken
        );
        assert_eq!(
            database.commit(linking(link(8, "sub-ana"))).await.unwrap(),
            Committed::LinkTaken
        );

        assert_eq!(database.of_discord(7).await.unwrap(), Some(link(7, "sub-ana")));
        assert_eq!(database.of_agent("sub-ana").await.unwrap(), Some(link(7, "sub-ana")));
        assert_eq!(
            (database.of_discord(8).await.unwrap(), database.of_agent("sub-other").await.unwrap()),
            (None, None)
        );
        assert!(database.look_up("usr-julia", "sub-ana").await.unwrap().is_colleague);
        assert!(!database.look_up("usr-julia", "sub-other").await.unwrap().is_colleague);
    })
    .await;
}

#[tokio::test]
async fn open_sessions_of_agent_are_listed() {
    on_both(async |bed| {
        let database = bed.open().await;
        let mut younger = found(1, 7, "julia");
        younger.clocks.opened_at = NOON + Duration::from_secs(1);
        let finished = save(&database, found(3, 7, "many")).await;
        let mut linking = found(4, 7, "");
        linking.pseudonym = None;
        for session in
            [younger, found(2, 7, "tom"), closed(finished, NOON), linking, found(5, 8, "sofia")]
        {
            save(&database, session).await;
        }
        assert_eq!(database.open_of(7).await.unwrap(), [id(2), id(1)]);
        assert_eq!(database.open_of(9).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn reading_connection_checkpoints_the_wal() {
    on_both(async |bed| {
        let database = bed.open().await;
        if !bed.url.starts_with("sqlite:") {
            return;
        }
        save(&database, found(1, 7, "julia")).await;
        let (busy, written, moved): (i64, i64, i64) =
            sqlx::query_as("pragma wal_checkpoint(passive)")
                .fetch_one(&database.pools.reads)
                .await
                .unwrap();
        assert_eq!((busy, written), (0, moved));
        assert!(moved > 0);
    })
    .await;
}
