//! Figures of alerts, and of the signals about one agent.

use commands::model::alert::{
    Alert, AlertChange, AlertKind, AlertState, AlertSubject, NewAlert, Verdict,
};
use commands::model::time::{Timestamp, minutes};
use commands::ports::alerts::{AlertFilter, Alerts};
use commands::ports::figures::{AlertFigures, FigureSource};
use commands::ports::sessions::{Commit, Sessions as _};
use sqlx::AssertSqlSafe;

use super::alerts::alerts_plan;
use crate::store::bound::Bound;
use crate::store::figures::AGENT_ALERTS;
use crate::store::testing::{NOON, empty_commit, on_both, pseudonym};

const LAST: Timestamp = Timestamp(NOON.0 + 60_000);

#[tokio::test]
async fn alerts_are_counted_by_kind() {
    on_both(async |bed| {
        let database = bed.open().await;
        let alert = |n: i64, kind: &str, state: &str, millis: i64| {
            format!(
                "('A-{n}', '{kind}', 'bot', 'notice', '{{}}', 1, {at}, {at}, '{state}', 1, 0, 0, 0, '')",
                at = NOON.0 + millis
            )
        };
        let rows = [
            alert(1, "locked", "handled", 0),
            alert(2, "locked", "open", 59_999),
            alert(3, "enumeration", "false", 1),
            alert(4, "enumeration", "expired", 1),
            alert(5, "locked", "open", -1),
            alert(6, "locked", "open", 60_000),
            alert(7, "collected", "open", 1),
        ];
        let statement = format!(
            "insert into alerts (id, kind, subject, level, facts, count, opened_at, last_at, state,
             version, posts, drawn, reminders, reminder_ids) values {}",
            rows.join(", ")
        );
        sqlx::query(AssertSqlSafe(statement)).execute(&database.pools.writes).await.unwrap();
        let enumeration = AlertFigures {
            kind: "enumeration".to_owned(),
            opened: 2,
            false_alarms: 1,
            ..AlertFigures::default()
        };
        let locked = AlertFigures {
            kind: "locked".to_owned(),
            opened: 2,
            handled: 1,
            waiting: 1,
            ..AlertFigures::default()
        };
        let counted = FigureSource::alerts(&*database, NOON, LAST).await.unwrap();
        assert_eq!(counted, [enumeration, locked]);
    })
    .await;
}

#[tokio::test]
async fn signals_about_an_agent_are_counted_with_their_answers() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let before = Timestamp(NOON.0 - 1);
        assert_eq!(database.agent_signals(7, before).await.unwrap(), []);
        let about = |kind, agent| NewAlert::new(kind, AlertSubject::Agent(agent));
        let raises = async |alert: NewAlert, now| {
            let commit = Commit { alerts: vec![alert], ..empty_commit(now) };
            database.commit(commit).await.unwrap();
            let filter = AlertFilter::Opened(before, NOON + minutes(60));
            let newest = Alerts::page(&*database, filter, 0, 1).await.unwrap().alerts;
            newest.into_iter().next()
        };
        let answers = async |alert: Option<Alert>, state| {
            let alert = alert.unwrap();
            let change = AlertChange { id: alert.id, version: alert.version, state };
            let commit = Commit { alert_change: Some(Box::new(change)), ..empty_commit(NOON) };
            database.commit(commit).await.unwrap();
        };
        let verdict = Verdict { by: 9, at: NOON };
        let abandoned = raises(about(AlertKind::LookupsAbandoned, 7), NOON).await;
        answers(abandoned, AlertState::FalseAlarm(verdict)).await;
        let pair = AlertSubject::Pair(7, pseudonym("usr-1"));
        let access = NewAlert::new(AlertKind::RepeatedAccess, pair);
        answers(raises(access, NOON + minutes(1)).await, AlertState::Expired).await;
        let fast = raises(about(AlertKind::FastCode, 7), NOON + minutes(2)).await;
        answers(fast, AlertState::Handled(verdict)).await;
        raises(about(AlertKind::FastCode, 7), NOON + minutes(3)).await;
        // A cause that is no signal, another agent, and too early.
        raises(about(AlertKind::Locked, 7), NOON + minutes(4)).await;
        raises(about(AlertKind::FastCode, 8), NOON + minutes(5)).await;
        raises(about(AlertKind::BulkAccess, 7), before).await;
        let figures = |kind: &str, opened, [handled, false_alarms, waiting]: [u32; 3]| {
            AlertFigures { kind: kind.to_owned(), opened, handled, false_alarms, waiting }
        };
        assert_eq!(
            database.agent_signals(7, before).await.unwrap(),
            [
                figures("fast_code", 2, [1, 0, 1]),
                figures("lookups_abandoned", 1, [0, 1, 0]),
                figures("repeated_access", 1, [0, 0, 0]),
            ]
        );
        let values = [Bound::Number(7), Bound::Number(before.0)];
        let plan = alerts_plan(&database, AGENT_ALERTS, &values).await;
        assert!(plan.contains("alerts_agent") && !plan.contains("Seq Scan"), "{plan}");
    }))
    .await;
}
