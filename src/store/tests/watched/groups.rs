use std::time::Duration;

use commands::flows::watch::codes::FAST_CODE;
use commands::model::report::Opened;
use commands::model::session::Session;
use commands::model::time::{Timestamp, minutes};
use commands::model::trail::kind;
use commands::model::unknown_fields::UnknownFields;
use commands::model::words::{Purpose, Target};
use commands::ports::watched::{Watched as _, WatchedGroup, WatchedSession};
use serde_json::json;

use super::{happens, looked_up, pseudonym_of};
use crate::store::Database;
use crate::store::testing::{NOON, closed, on_both, recovering, save, started};

/// Returns the last two characters of each id, sorted.
async fn numbers(database: &Database, group: WatchedGroup) -> Vec<String> {
    let sessions = database.sessions(group).await.unwrap();
    let mut numbers: Vec<_> =
        sessions.iter().map(|session| session.id.as_str()[20..].to_owned()).collect();
    numbers.sort();
    numbers
}

#[tokio::test]
async fn a_watched_session_has_its_times_and_counts() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let at = |minute| NOON + minutes(minute);
        let mut session = started(looked_up(&database, 1, 7, "julia", 0).await, at(1));
        session.customer.wrong = 2;
        session.report_record_mut().customer_verified_at = Some(at(4));
        session.record_mailed(Purpose::CustomerConsent, at(2));
        let opened = Opened { target: Target::Web, at: at(5), unknown: UnknownFields::NONE };
        session.report_record_mut().opened.push(opened);
        let session = save(&database, session).await;
        // The agent's own wrong code is not the customer's.
        for (minute, purpose) in [(3, "customer_consent"), (4, "agent_mfa")] {
            let details = json!({ "purpose": purpose, "nth": 1, "wrong": 1 });
            let session = session.clone();
            happens(
                &database,
                reread(&database, session).await,
                kind::CODE_WRONG,
                at(minute),
                details,
            )
            .await;
        }
        let session = reread(&database, session).await;
        let session = save(&database, closed(session, at(9))).await;
        let all = WatchedGroup::OfAgents { opened_after: NOON - minutes(1), at_least: 1 };
        let expected = WatchedSession {
            id: session.id.clone(),
            agent: 7,
            customer: pseudonym_of(&session),
            opened_at: NOON,
            started_at: Some(at(1)),
            closed_at: Some(at(9)),
            mailed_at: Some(at(2)),
            wrong: 2,
            wrong_at: Some(at(3)),
            verified_at: Some(at(4)),
            links: 1,
            linked_at: Some(at(5)),
            reported_at: None,
        };
        assert_eq!(database.sessions(all).await.unwrap(), [expected]);
    }))
    .await;
}

/// Returns the session with the version of its row.
async fn reread(database: &Database, session: Session) -> Session {
    let version = sqlx::query_scalar("select version from sessions where id = $1")
        .bind(session.id.as_str().to_owned())
        .fetch_one(&database.pools.reads)
        .await
        .unwrap();
    Session { version, ..session }
}

#[tokio::test]
async fn small_groups_and_older_sessions_are_left_out() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        for (n, agent, customer, ago) in [
            (1, 7, "julia", 10),
            (2, 7, "tom", 20),
            (3, 7, "sofia", 60),
            (4, 8, "julia", 30),
            (5, 9, "julia", 40),
        ] {
            looked_up(&database, n, agent, customer, ago).await;
        }
        save(&database, recovering(6, 7)).await;
        let opened_after = NOON - minutes(60);
        let agents = |at_least| WatchedGroup::OfAgents { opened_after, at_least };
        assert_eq!(numbers(&database, agents(2)).await, ["01", "02"]);
        assert!(numbers(&database, agents(3)).await.is_empty());
        let earlier = NOON - minutes(60) - Duration::from_millis(1);
        let all = WatchedGroup::OfAgents { opened_after: earlier, at_least: 3 };
        assert_eq!(numbers(&database, all).await, ["01", "02", "03"]);
        let customers = |at_least| WatchedGroup::OfCustomers { opened_after, at_least };
        assert_eq!(numbers(&database, customers(3)).await, ["01", "04", "05"]);
        assert!(numbers(&database, customers(4)).await.is_empty());
    }))
    .await;
}

/// Saves a session of an agent with a customer's code that was typed after a wait, and a link.
async fn typed(database: &Database, n: u8, agent: u64, ago: u64, wait: Duration) {
    let mut session = looked_up(database, n, agent, &format!("usr-{agent}"), ago).await;
    let mailed_at = session.clocks.opened_at + minutes(1);
    session.record_mailed(Purpose::CustomerConsent, mailed_at);
    session.report_record_mut().customer_verified_at = Some(mailed_at + wait);
    let opened = Opened { target: Target::Web, at: mailed_at, unknown: UnknownFields::NONE };
    session.report_record_mut().opened.push(opened);
    save(database, session).await;
}

#[tokio::test]
async fn a_week_is_read_for_those_with_something_new() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let (fast, slow) = (FAST_CODE.saturating_sub(Duration::from_millis(1)), FAST_CODE);
        let day = 24 * 60;
        for (n, agent, ago, wait) in [
            (1, 7, 3 * day, fast),
            (2, 7, 60, fast),
            (3, 7, 50, slow),
            (4, 8, 3 * day, fast),
            (5, 8, 60, slow),
            (6, 9, 8 * day, fast),
            (7, 9, 2 * day, fast),
        ] {
            typed(&database, n, agent, ago, wait).await;
        }
        let opened_after = NOON - minutes(7 * day);
        let recent_after = NOON - minutes(day);
        let group = WatchedGroup::WithFastCodes { opened_after, recent_after, below: FAST_CODE };
        assert_eq!(numbers(&database, group).await, ["01", "02"]);
        let group = WatchedGroup::WithLinks { opened_after, recent_after };
        assert_eq!(numbers(&database, group).await, ["01", "02", "03", "04", "05"]);
    }))
    .await;
}

#[tokio::test]
async fn colleagues_are_read_from_the_look_up() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let group = WatchedGroup::WithColleagues { opened_after: NOON - minutes(60) };
        for (n, is_colleague, is_verified) in [(1, true, true), (2, false, true), (3, true, false)]
        {
            let mut session = looked_up(&database, n, 7, &format!("usr-{n}"), 10).await;
            session.report_record_mut().customer_verified_at = Some(NOON).filter(|_| is_verified);
            let details = json!({ "found": true, "colleague": is_colleague });
            happens(&database, session, kind::LOOKED_UP, NOON, details).await;
        }
        assert_eq!(numbers(&database, group).await, ["01"]);
    }))
    .await;
}

#[tokio::test]
async fn an_edited_row_is_left_out_or_counts_as_empty() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        for n in 1..=2 {
            looked_up(&database, n, 7, "julia", 10).await;
        }
        for edit in [
            "update sessions set customer = 'no pseudonym' where id like '%01'",
            "update sessions set links = -5, wrong = 9223372036854775807 where id like '%02'",
        ] {
            sqlx::query(edit).execute(&database.pools.writes).await.unwrap();
        }
        let group = WatchedGroup::OfAgents { opened_after: Timestamp(0), at_least: 1 };
        let sessions = database.sessions(group).await.unwrap();
        assert_eq!(sessions.len(), 1);
        assert_eq!((sessions[0].links, sessions[0].wrong), (0, 0));
    }))
    .await;
}
