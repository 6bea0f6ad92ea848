//! A lockout of a report bars its subject from everything, beside a lockout for wrong codes.

use std::time::Duration;

use commands::model::account::AccountLink;
use commands::model::limit::{LockedSubject, Lockout, LockoutReason, UNTIL_UNLOCKED};
use commands::model::time::Timestamp;
use commands::ports::account_links::AccountLinks as _;
use commands::ports::limits::Limits as _;
use commands::ports::sessions::{Commit, Committed, Sessions as _};

use crate::keyring::test_keyring;
use crate::store::Database;
use crate::store::testing::{NOON, count_rows, empty_commit, on_both, saved};

const HOUR: Duration = Duration::from_hours(1);
const TICK: Duration = Duration::from_millis(1);
const AGENT: &str = "agent:sub-7";

async fn lock_out(database: &Database, until: Timestamp, reason: LockoutReason) {
    let lockout = Lockout { subject: AGENT.to_owned(), until, reason };
    database.commit(Commit { lockouts: vec![lockout], ..empty_commit(NOON) }).await.unwrap();
}

/// Returns the answer to a code of the agent.
async fn verifies(database: &Database, now: Timestamp) -> Committed {
    let requires_unlocked = vec![AGENT.to_owned()];
    database.commit(Commit { requires_unlocked, ..empty_commit(now) }).await.unwrap()
}

fn refused(until: Timestamp, reason: LockoutReason) -> Committed {
    Committed::LockedOut(LockedSubject::Own, until, reason)
}

/// Returns the end until which the agent is not eligible.
async fn barred_until(database: &Database) -> Option<Timestamp> {
    database.with_lockout(7).await.unwrap().expect("the account is linked").1
}

async fn link(database: &Database) {
    let link = AccountLink {
        discord_id: 7,
        agent_id: "sub-7".to_owned(),
        name: "Ana".to_owned(),
        email: "a•••@w•••.example".to_owned(),
        email_mac: test_keyring(1).store.mac("sub-7"),
        linked_at: NOON,
    };
    database
        .commit(Commit { account_link: Some(Box::new(link)), ..empty_commit(NOON) })
        .await
        .unwrap();
}

#[tokio::test]
async fn report_keeps_its_hour_beside_an_endless_lockout() {
    on_both(async |bed| {
        let database = bed.open().await;
        link(&database).await;
        lock_out(&database, UNTIL_UNLOCKED, LockoutReason::WrongCodes).await;
        assert_eq!(barred_until(&database).await, None, "wrong codes leave the agent eligible");
        lock_out(&database, NOON + HOUR, LockoutReason::Report).await;
        assert_eq!(barred_until(&database).await, Some(NOON + HOUR));
        // A lead still has to unlock the codes.
        let endless = refused(UNTIL_UNLOCKED, LockoutReason::WrongCodes);
        assert_eq!(verifies(&database, NOON).await, endless);
        assert!(database.unlock(AGENT, NOON).await.unwrap());
        assert_eq!(barred_until(&database).await, None, "an unlock ends both");
        assert_eq!(verifies(&database, NOON).await, saved(0));
    })
    .await;
}

#[tokio::test]
async fn longer_lockout_for_wrong_codes_does_not_end_a_report() {
    on_both(async |bed| {
        let database = bed.open().await;
        link(&database).await;
        lock_out(&database, NOON + HOUR, LockoutReason::Report).await;
        lock_out(&database, NOON + HOUR - TICK, LockoutReason::WrongCodes).await;
        lock_out(&database, NOON + TICK, LockoutReason::Report).await;
        let reported = refused(NOON + HOUR, LockoutReason::Report);
        assert_eq!(verifies(&database, NOON).await, reported, "shorter ones change nothing");
        lock_out(&database, NOON + 2 * HOUR, LockoutReason::WrongCodes).await;
        let wrong = refused(NOON + 2 * HOUR, LockoutReason::WrongCodes);
        assert_eq!(verifies(&database, NOON).await, wrong);
        assert_eq!(barred_until(&database).await, Some(NOON + HOUR));
        database.purge_limits(NOON + 2 * HOUR).await.unwrap();
        assert_eq!(count_rows(&database, "lockouts").await, 1, "until both have ended");
        database.purge_limits(NOON + 2 * HOUR + TICK).await.unwrap();
        assert_eq!(barred_until(&database).await, None);
    })
    .await;
}
