//! What a lead does about an agent, in the store: lockouts, and account links that are listed and
//! removed.

use std::time::Duration;

use commands::model::account::AccountLink;
use commands::model::limit::{Lockout, LockoutReason, UNTIL_UNLOCKED};
use commands::model::time::Timestamp;
use commands::ports::account_links::AccountLinks;
use commands::ports::limits::Limits as _;
use commands::ports::session_search::SessionSearch as _;
use commands::ports::sessions::{Commit, Committed, SessionIndex as _, Sessions as _};

use crate::store::testing::{NOON, empty_commit, on_both};

const HOUR: Duration = Duration::from_hours(1);

fn link(discord_id: u64, name: &str) -> AccountLink {
    AccountLink {
        discord_id,
        agent_id: format!("sub-{discord_id}"),
        name: name.to_owned(),
        email: "a•••@w•••.example".to_owned(),
        email_mac: format!("mac-{discord_id}"),
        linked_at: NOON,
    }
}

#[tokio::test]
async fn links_are_listed_by_name_and_removed_once() {
    on_both(async |bed| {
        let database = bed.open().await;
        for (id, name) in [(1, "Zoe"), (2, "ana"), (3, "Ben")] {
            let account_link = Some(Box::new(link(id, name)));
            database.commit(Commit { account_link, ..empty_commit(NOON) }).await.unwrap();
        }
        let names = async |skipped| {
            let (links, total) = AccountLinks::page(&*database, skipped, 2).await.unwrap();
            (links.into_iter().map(|link| link.name).collect::<Vec<_>>().join(" "), total)
        };
        assert_eq!(names(0).await, ("ana Ben".to_owned(), 3));
        assert_eq!(names(2).await, ("Zoe".to_owned(), 3));
        let remove = async || {
            let removed_link = Some(Box::new(link(3, "Ben")));
            database.commit(Commit { removed_link, ..empty_commit(NOON) }).await.unwrap()
        };
        assert!(matches!(remove().await, Committed::Saved { .. }));
        assert_eq!(remove().await, Committed::LinkGone);
        assert_eq!(names(0).await, ("ana Zoe".to_owned(), 2));
        assert_eq!(database.of_discord(3).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn longer_lockout_keeps_its_end_and_its_reason() {
    on_both(async |bed| {
        let database = bed.open().await;
        let subject = "agent:ben".to_owned();
        let lock = async |until: Timestamp, reason| {
            let lockouts = vec![Lockout { subject: subject.clone(), until, reason }];
            database.commit(Commit { lockouts, ..empty_commit(NOON) }).await.unwrap();
            let subjects = [subject.clone(), "discord:7".to_owned()];
            let [lockout] = &database.lockouts(&subjects, NOON).await.unwrap()[..] else {
                panic!("one lockout")
            };
            (lockout.until, lockout.reason)
        };
        let (codes, report, lead) =
            (LockoutReason::WrongCodes, LockoutReason::Report, LockoutReason::Lead(7));
        assert_eq!(lock(NOON + HOUR, codes).await, (NOON + HOUR, codes));
        assert_eq!(lock(NOON + HOUR / 2, report).await, (NOON + HOUR, codes));
        assert_eq!(lock(NOON + 5 * HOUR, lead).await, (NOON + 5 * HOUR, lead));
        assert_eq!(lock(NOON + HOUR, report).await, (NOON + 5 * HOUR, lead));
        assert_eq!(lock(UNTIL_UNLOCKED, codes).await, (UNTIL_UNLOCKED, codes));
        let unlocks = vec![subject.clone()];
        database.commit(Commit { unlocks, ..empty_commit(NOON) }).await.unwrap();
        assert_eq!(database.lockouts(std::slice::from_ref(&subject), NOON).await.unwrap(), []);
        assert_eq!(lock(NOON + 1000 * HOUR, lead).await.1, lead);
        let last = NOON + 1000 * HOUR;
        assert_eq!(database.lockouts(std::slice::from_ref(&subject), last).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_read_from_an_empty_store() {
    on_both(async |bed| {
        let database = bed.open().await;
        assert_eq!(database.lockout_reason(7, "agent:ben").await.unwrap(), None);
        assert_eq!(database.all_open_of(7).await.unwrap(), []);
    })
    .await;
}
