//! One transaction, all or nothing: what each commit answers, and that a refused one wrote nothing.

use std::sync::Arc;
use std::time::Duration;

use commands::model::account::AccountLink;
use commands::model::limit::{LimitUse, Lockout};
use commands::model::trail::kind;
use commands::model::words::Limit;
use commands::ports::account_links::AccountLinks as _;
use commands::ports::claims::Claim;
use commands::ports::sessions::{Commit, Committed, SessionIndex as _, Sessions as _};

use crate::store::testing::{
    NOON, act, closed, found, id, moved, nothing, of, on_both, rows, saved, started, store,
};

fn limit_use(allowed: u32) -> LimitUse {
    LimitUse {
        limit: Limit::Lookups,
        subject: "agent:1".to_owned(),
        allowed,
        window: Duration::from_hours(1),
    }
}

fn link(discord_id: u64, agent_id: &str) -> AccountLink {
    AccountLink {
        discord_id,
        agent_id: agent_id.to_owned(),
        name: "Ana".to_owned(),
        email: "a•••@w•••.example".to_owned(),
        email_mac: format!("mac-{agent_id}"),
        linked_at: NOON,
    }
}

#[tokio::test]
async fn a_session_is_inserted_then_updated() {
    on_both(async |bed| {
        let database = bed.open().await;
        let committed = database
            .commit(Commit {
                limit_uses: vec![limit_use(30), limit_use(30)],
                ..of(found(1, 7, "julia"))
            })
            .await
            .unwrap();
        assert_eq!(committed, Committed::Saved { counts: vec![1, 2], version: 1 });

        let live = database.find(&id(1)).await.unwrap().unwrap();
        let session = live.session();
        assert_eq!((session.version, session.generation), (1, 1));
        assert_eq!(database.commit(of(moved((*session).clone(), NOON))).await.unwrap(), saved(2));
        assert_eq!((live.session().version, live.session().generation), (2, 2));
        assert!(Arc::ptr_eq(&live, &database.find(&id(1)).await.unwrap().unwrap()));
    })
    .await;
}

#[tokio::test]
async fn an_older_copy_writes_nothing() {
    on_both(async |bed| {
        let database = bed.open().await;
        let first = store(&database, found(1, 7, "julia")).await;
        let second = store(&database, moved(first.clone(), NOON)).await;
        // The hit would be too much too, but who is late is told that first.
        let stale = Commit {
            claim: Claim::Whole(1),
            limit_uses: vec![limit_use(0)],
            events: vec![act(Some(&id(1)), kind::STAYED)],
            ..of(moved(first, NOON))
        };
        assert_eq!(database.commit(stale).await.unwrap(), Committed::Stale);
        assert_eq!(
            database.commit(of(found(1, 8, "tom"))).await.unwrap(),
            Committed::Stale,
            "an id that is there"
        );
        assert_eq!(database.find(&id(1)).await.unwrap().unwrap().session().version, second.version);
        assert_eq!(
            (
                rows(&database, "claims").await,
                rows(&database, "limit_uses").await,
                rows(&database, "events").await
            ),
            (0, 0, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn an_interaction_is_claimed_once() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = found(1, 7, "julia");
        assert_eq!(
            database
                .commit(Commit { claim: Claim::Begin(1), ..of(session.clone()) })
                .await
                .unwrap(),
            saved(1)
        );
        let again = Commit { claim: Claim::Whole(1), ..of(found(2, 7, "tom")) };
        assert_eq!(database.commit(again).await.unwrap(), Committed::Claimed);
        assert!(database.find(&id(2)).await.unwrap().is_none());

        assert_eq!(
            database.commit(Commit { claim: Claim::Done(1), ..nothing(NOON) }).await.unwrap(),
            saved(0)
        );
        assert_eq!(
            database.commit(Commit { claim: Claim::Done(1), ..nothing(NOON) }).await.unwrap(),
            Committed::Claimed
        );
        // Ids of 64 bits fit.
        assert_eq!(
            database
                .commit(Commit { claim: Claim::Whole(u64::MAX), ..nothing(NOON) })
                .await
                .unwrap(),
            saved(0)
        );
        assert_eq!(
            database
                .commit(Commit { claim: Claim::Whole(u64::MAX), ..nothing(NOON) })
                .await
                .unwrap(),
            Committed::Claimed
        );
    })
    .await;
}

#[tokio::test]
async fn a_customer_is_held_from_start_to_the_close() {
    on_both(async |bed| {
        let database = bed.open().await;
        let ana = store(&database, found(1, 7, "julia")).await;
        let ben = store(&database, found(2, 8, "julia")).await;
        assert_eq!(database.attending("julia").await.unwrap(), None, "a look-up holds nobody");

        let ana = store(&database, started(ana, NOON)).await;
        assert_eq!(database.attending("julia").await.unwrap(), Some((id(1), 7)));
        let second = Commit {
            claim: Claim::Whole(5),
            events: vec![act(Some(&id(2)), kind::STARTED)],
            ..of(started(ben.clone(), NOON))
        };
        assert_eq!(database.commit(second.clone()).await.unwrap(), Committed::CustomerTaken);
        assert_eq!((rows(&database, "claims").await, rows(&database, "events").await), (0, 0));

        store(&database, closed(ana, NOON)).await;
        assert_eq!(database.attending("julia").await.unwrap(), None);
        assert_eq!(database.commit(second).await.unwrap(), saved(2));
    })
    .await;
}

#[tokio::test]
async fn nothing_of_a_refused_commit_stays() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = store(&database, found(1, 7, "julia")).await;
        let resting =
            Lockout { subject: "customer:julia".to_owned(), until: NOON + Duration::from_mins(1) };
        database.commit(Commit { lockouts: vec![resting.clone()], ..nothing(NOON) }).await.unwrap();
        let whole = Commit {
            claim: Claim::Whole(1),
            account_link: Some(link(7, "sub")),
            lockouts: vec![Lockout { subject: "agent:1".to_owned(), until: resting.until }],
            events: vec![act(Some(&id(1)), kind::CODE_ASKED), act(None, kind::REFUSED)],
            ..of(moved(session.clone(), NOON))
        };

        let tired = Commit {
            requires_unlocked: vec!["agent:1".to_owned(), "customer:julia".to_owned()],
            ..whole.clone()
        };
        assert_eq!(database.commit(tired).await.unwrap(), Committed::LockedOut(resting.until));
        // The first two fit; the third takes them back.
        let greedy =
            Commit { limit_uses: vec![limit_use(2), limit_use(2), limit_use(2)], ..whole.clone() };
        assert_eq!(
            database.commit(greedy).await.unwrap(),
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
            assert_eq!(rows(&database, table).await, count, "{table}");
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
async fn accounts_are_linked_one_to_one() {
    on_both(async |bed| {
        let database = bed.open().await;
        let linking = |link: AccountLink| Commit { account_link: Some(link), ..nothing(NOON) };
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
        assert!(database.has_address("mac-sub-ana").await.unwrap());
        assert!(!database.has_address("mac-sub-other").await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn only_the_agents_own_open_sessions_with_customers_are_listed() {
    on_both(async |bed| {
        let database = bed.open().await;
        let mut younger = found(1, 7, "julia");
        younger.clocks.opened_at = NOON + Duration::from_secs(1);
        let over = store(&database, found(3, 7, "many")).await;
        let mut linking = found(4, 7, "");
        linking.customer_id = None;
        for session in
            [younger, found(2, 7, "tom"), closed(over, NOON), linking, found(5, 8, "sofia")]
        {
            store(&database, session).await;
        }
        assert_eq!(database.open_of(7).await.unwrap(), [id(2), id(1)]);
        assert_eq!(database.open_of(9).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_only_reads_may_move_the_write_ahead_log() {
    on_both(async |bed| {
        let database = bed.open().await;
        if !bed.url.starts_with("sqlite:") {
            return;
        }
        store(&database, found(1, 7, "julia")).await;
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
