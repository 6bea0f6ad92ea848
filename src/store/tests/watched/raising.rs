use commands::model::alert::{
    AlertChange, AlertId, AlertKind, AlertState, AlertSubject, NewAlert, Verdict,
};
use commands::model::time::{Timestamp, minutes};
use commands::ports::sessions::{Commit, Sessions as _};
use commands::ports::watched::Watched as _;

use crate::store::Database;
use crate::store::testing::{NOON, empty_commit, on_both};

fn mail_delivery(at: Timestamp) -> NewAlert {
    NewAlert::new(AlertKind::MailDelivery, AlertSubject::Bot).with_evidence(at)
}

async fn news(database: &Database, at: Timestamp, now: Timestamp) -> usize {
    database.news(vec![mail_delivery(at)], now).await.unwrap().len()
}

async fn answer(database: &Database, state: AlertState) {
    let (id, version): (String, i64) =
        sqlx::query_as("select id, version from alerts where state = 'open'")
            .fetch_one(&database.pools.reads)
            .await
            .unwrap();
    let id: AlertId = id.parse().unwrap();
    let change = AlertChange { id, version, state };
    let commit = Commit { alert_change: Some(Box::new(change)), ..empty_commit(NOON) };
    database.commit(commit).await.unwrap();
}

#[tokio::test]
async fn only_newer_events_are_news_and_a_false_alarm_is_silent_for_a_day() {
    on_both(async |bed| {
        let database = bed.open().await;
        assert!(!database.mail_alert_is_open().await.unwrap());
        assert_eq!(news(&database, NOON, NOON).await, 1);
        let raised = Commit { alerts: vec![mail_delivery(NOON)], ..empty_commit(NOON) };
        database.commit(raised).await.unwrap();
        assert!(database.mail_alert_is_open().await.unwrap());
        let (newer, day) = (NOON + minutes(1), minutes(24 * 60));
        assert_eq!(news(&database, NOON, newer).await, 0);
        assert_eq!(news(&database, newer, newer).await, 1);
        let verdict = Verdict { by: 9, at: NOON };
        answer(&database, AlertState::FalseAlarm(verdict)).await;
        assert!(!database.mail_alert_is_open().await.unwrap());
        assert_eq!(news(&database, newer, NOON + day - minutes(1)).await, 0);
        assert_eq!(news(&database, newer, NOON + day).await, 1);
    })
    .await;
}

#[tokio::test]
async fn one_replica_watches_a_minute() {
    on_both(async |bed| {
        let replicas = [bed.open().await, bed.open().await];
        let mut taken = Vec::new();
        for seconds in [0, 30, 60, 90, 120] {
            let now = NOON + std::time::Duration::from_secs(seconds);
            for replica in &replicas {
                taken.push((seconds, replica.take_watch(now).await.unwrap()));
            }
        }
        let taken: Vec<_> = taken.into_iter().filter(|(_, taken)| *taken).collect();
        assert_eq!(taken, [(0, true), (60, true), (120, true)]);
    })
    .await;
}
