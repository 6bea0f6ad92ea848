//! Alerts in the store: raised once, repeated, answered by one lead.

use std::collections::HashSet;
use std::time::Duration;

use commands::model::alert::{
    Alert, AlertCard, AlertChange, AlertKind, AlertLevel, AlertState, AlertSubject,
    NO_MORE_REMINDERS, NewAlert, Verdict,
};
use commands::model::time::Timestamp;
use commands::model::trail::kind;
use commands::model::words::SessionId;
use commands::ports::alerts::{AlertFilter, Alerts};
use commands::ports::sessions::{Commit, Committed, Sessions as _};
use sqlx::Row as _;

use crate::store::Database;
use crate::store::alert_rows::alerts_of_sessions;
use crate::store::alerts::SILENCE;
use crate::store::bound::{Bound, bind_all};
use crate::store::engine::Engine;
use crate::store::testing::{NOON, empty_commit, id, on_both, pseudonym};

const SECOND: Duration = Duration::from_secs(1);

async fn raise_at(database: &Database, alert: NewAlert, now: Timestamp) {
    let commit = Commit { alerts: vec![alert], ..empty_commit(now) };
    let committed = database.commit(commit).await.unwrap();
    assert!(matches!(committed, Committed::Saved { .. }));
}

async fn raise(database: &Database, alert: NewAlert) {
    raise_at(database, alert, NOON).await;
}

async fn open(database: &Database) -> Vec<Alert> {
    Alerts::page(database, AlertFilter::Open, 0, 10).await.unwrap().alerts
}

async fn answer(database: &Database, alert: &Alert, state: AlertState, at: Timestamp) -> Committed {
    let change = AlertChange { id: alert.id.clone(), version: alert.version, state };
    let commit = Commit { alert_change: Some(Box::new(change)), ..empty_commit(at) };
    database.commit(commit).await.unwrap()
}

fn locked(n: u8) -> NewAlert {
    NewAlert::new(AlertKind::Locked, AlertSubject::Session(id(n)))
        .with_agent(7)
        .with_customer(Some(pseudonym("julia")))
        .with_fact("reference", format!("R-{n}"))
}

#[tokio::test]
async fn repeat_counts_and_keeps_the_highest_level() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        raise(&database, locked(1)).await;
        raise_at(&database, locked(1).with_level(AlertLevel::Urgent), NOON + SECOND).await;
        raise_at(&database, locked(1).with_fact("reference", "R-9"), NOON + 2 * SECOND).await;
        let [alert] = &open(&database).await[..] else { panic!("one alert") };
        assert_eq!((alert.count, alert.level, alert.version), (3, AlertLevel::Urgent, 3));
        assert_eq!((alert.opened_at, alert.last_at), (NOON, NOON + 2 * SECOND));
        assert_eq!((alert.agent, alert.session.clone()), (Some(7), Some(id(1))));
        assert_eq!(alert.customer, Some(pseudonym("julia")));
        assert_eq!(database.of_report("R-9").await.unwrap().as_ref(), Some(alert));
        assert_eq!(Alerts::find(&*database, &alert.id).await.unwrap().as_ref(), Some(alert));
        assert_eq!(database.count_open().await.unwrap(), 1);
        // The card is about whom the newest one is about.
        raise(&database, NewAlert { agent: None, ..locked(1).with_customer(None) }).await;
        let alert = open(&database).await.remove(0);
        assert_eq!((alert.agent, alert.customer), (None, None));
    }))
    .await;
}

#[tokio::test]
async fn another_open_report_of_a_customer_is_found() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let report = |n, customer| {
            NewAlert::new(AlertKind::Reported, AlertSubject::Session(id(n)))
                .with_customer(Some(pseudonym(customer)))
        };
        raise(&database, report(1, "julia")).await;
        raise(&database, report(2, "tom")).await;
        raise(&database, locked(3)).await;
        for alert in open(&database).await {
            let is_locked = alert.kind == AlertKind::Locked;
            assert_eq!(database.has_other_report(&alert).await.unwrap(), is_locked);
        }
        raise(&database, report(4, "julia")).await;
        let julia: Vec<_> = open(&database)
            .await
            .into_iter()
            .filter(|alert| alert.kind == AlertKind::Reported)
            .filter(|alert| alert.customer == Some(pseudonym("julia")))
            .collect();
        assert!(database.has_other_report(&julia[0]).await.unwrap());
        let handled = AlertState::Handled(Verdict { by: 1, at: NOON });
        answer(&database, &julia[1], handled, NOON).await;
        assert!(!database.has_other_report(&julia[0]).await.unwrap());
    }))
    .await;
}

#[tokio::test]
async fn alerts_of_one_batch_with_one_key_are_one_row() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let raises = (0..20).map(|n| raise(&database, locked(n % 2)));
        futures_util::future::join_all(raises).await;
        let alerts = open(&database).await;
        assert_eq!(alerts.iter().map(|alert| alert.count).collect::<Vec<_>>(), [10, 10]);
        let rows: Vec<(String,)> = sqlx::query_as("select chain from events where kind = $1")
            .bind(kind::ALERT_OPENED)
            .fetch_all(&database.pools.reads)
            .await
            .unwrap();
        assert_eq!(rows, vec![("clock".to_owned(),); 2]);
    }))
    .await;
}

#[tokio::test]
async fn first_of_two_answers_counts() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        raise(&database, locked(1)).await;
        let alert = open(&database).await.remove(0);
        let verdict = |by| Verdict { by, at: NOON + SECOND };
        let (eva, ana) = (AlertState::Handled(verdict(1)), AlertState::FalseAlarm(verdict(2)));
        let saved = answer(&database, &alert, eva, NOON).await;
        assert!(matches!(saved, Committed::Saved { .. }));
        assert_eq!(answer(&database, &alert, ana, NOON).await, Committed::AlertChanged);
        assert_eq!(open(&database).await, []);
        let handled = Alerts::find(&*database, &alert.id).await.unwrap().unwrap();
        assert_eq!(handled.state, eva);
        assert_eq!(database.last_answer().await.unwrap(), Some(NOON + SECOND));
        // A new cause opens a new alert, so that the old one cannot open again.
        raise(&database, locked(1)).await;
        let reopened = answer(&database, &handled, AlertState::Open, NOON).await;
        assert_eq!(reopened, Committed::AlertChanged);
        let newer = open(&database).await.remove(0);
        answer(&database, &newer, AlertState::Handled(verdict(1)), NOON).await;
        let reopened = answer(&database, &handled, AlertState::Open, NOON).await;
        assert!(matches!(reopened, Committed::Saved { .. }));
        assert_eq!(open(&database).await[0].id, handled.id);
    }))
    .await;
}

#[tokio::test]
async fn evidence_raises_an_alert_once_and_a_false_alarm_silences_a_signal() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let signal =
            |at| NewAlert::new(AlertKind::Enumeration, AlertSubject::Agent(7)).with_evidence(at);
        let total = async || {
            let all = AlertFilter::Opened(Timestamp(0), NOON + 100 * SILENCE);
            Alerts::page(&*database, all, 0, 10).await.unwrap().total
        };
        raise(&database, signal(NOON)).await;
        raise(&database, signal(NOON)).await;
        let alert = open(&database).await.remove(0);
        assert_eq!(alert.count, 1);
        raise(&database, signal(NOON + SECOND)).await;
        let alert = Alerts::find(&*database, &alert.id).await.unwrap().unwrap();
        assert_eq!(alert.count, 2);
        let answered_at = NOON + 2 * SECOND;
        let verdict = Verdict { by: 1, at: answered_at };
        answer(&database, &alert, AlertState::FalseAlarm(verdict), answered_at).await;
        let end = answered_at + SILENCE;
        let last = end - Duration::from_millis(1);
        raise_at(&database, signal(last), last).await;
        assert_eq!(total().await, 1);
        raise_at(&database, signal(end), end).await;
        assert_eq!(total().await, 2);
    }))
    .await;
}

#[tokio::test]
async fn one_of_two_processes_leases_a_card() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        raise(&database, locked(1)).await;
        let alert = database.due(NOON, 10).await.unwrap().remove(0);
        let until = NOON + SECOND;
        assert!(database.lease(&alert, until).await.unwrap());
        assert!(!database.lease(&alert, until).await.unwrap());
        assert_eq!(database.due(NOON, 10).await.unwrap(), []);
        // A repeat while the card is posted is drawn at once.
        raise(&database, locked(1)).await;
        let mut card = alert.card.clone();
        (card.message, card.due_at, card.reminder_messages) = (Some(5), None, vec![8, 9]);
        database.save_card(&alert, &card, NOON).await.unwrap();
        let again = database.due(NOON, 10).await.unwrap().remove(0);
        assert_eq!((again.card.message, again.count), (Some(5), 2));
        assert_eq!(again.card.reminder_messages, [8, 9]);
        database.end_reminders(&again.id).await.unwrap();
        database
            .save_card(&again, &AlertCard { due_at: None, ..again.card.clone() }, NOON)
            .await
            .unwrap();
        assert_eq!(database.due(NOON + 1000 * SECOND, 10).await.unwrap(), []);
        let row = Alerts::find(&*database, &again.id).await.unwrap().unwrap();
        assert_eq!(row.card.reminders, NO_MORE_REMINDERS);
    }))
    .await;
}

#[tokio::test]
async fn unreadable_row_is_put_off_and_hides_no_other() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        for n in 1..=2 {
            raise_at(&database, locked(n), NOON + u32::from(n) * SECOND).await;
        }
        let now = NOON + 2 * SECOND;
        sqlx::query("update alerts set kind = 'of a newer version' where opened_at < $1")
            .bind(now.0)
            .execute(&database.pools.writes)
            .await
            .unwrap();
        assert_eq!(database.due(now, 1).await.unwrap(), []);
        let due = database.due(now, 1).await.unwrap();
        assert_eq!(
            due.iter().map(|alert| alert.session.clone()).collect::<Vec<_>>(),
            [Some(id(2))]
        );
    }))
    .await;
}

#[tokio::test]
async fn act_of_a_lead_and_an_answer_end_the_reminders_of_others() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        raise(&database, locked(1)).await;
        let reminders = async || open(&database).await[0].card.reminders;
        let session = AlertSubject::Session(id(1));
        for (lead, expected) in [(7, 0), (8, NO_MORE_REMINDERS)] {
            database.note_act(&session, lead, NOON).await.unwrap();
            assert_eq!(reminders().await, expected, "lead {lead}");
        }
        raise(&database, locked(2)).await;
        let find = async || {
            let all = open(&database).await;
            all.into_iter().find(|alert| alert.session == Some(id(2))).unwrap()
        };
        let alert = find().await;
        let verdict = Verdict { by: 1, at: NOON };
        answer(&database, &alert, AlertState::Handled(verdict), NOON).await;
        let alert = Alerts::find(&*database, &alert.id).await.unwrap().unwrap();
        answer(&database, &alert, AlertState::Open, NOON).await;
        assert_eq!(find().await.card.reminders, NO_MORE_REMINDERS);
    }))
    .await;
}

#[tokio::test]
async fn sessions_with_open_alerts_are_found_at_once() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        assert_eq!(database.alerted_of(&[]).await.unwrap(), HashSet::new());
        let session = |n: u32| format!("{n:04}{:018}", 0).parse::<SessionId>().unwrap();
        let of = |kind, n| NewAlert::new(kind, AlertSubject::Session(session(n)));
        for n in (0..1_000).collect::<Vec<u32>>().chunks(100) {
            let alerts = n.iter().map(|n| of(AlertKind::Locked, *n)).collect();
            database.commit(Commit { alerts, ..empty_commit(NOON) }).await.unwrap();
        }
        raise(&database, of(AlertKind::RepeatedCodes, 3)).await;
        let [answered] = &open_of(&database, session(4)).await[..] else { panic!("one alert") };
        let verdict = Verdict { by: 9, at: NOON };
        answer(&database, answered, AlertState::Handled(verdict), NOON).await;
        let page: Vec<_> = (0..10).chain([2_000]).map(session).collect();
        let expected: HashSet<_> = (0..10).filter(|n| *n != 4).map(session).collect();
        assert_eq!(database.alerted_of(&page).await.unwrap(), expected);
        let values: Vec<_> = page.iter().map(|id| Bound::Text(id.to_string())).collect();
        let plan = alerts_plan(&database, &alerts_of_sessions(page.len()), &values).await;
        assert!(plan.contains("alerts_session") && !plan.contains("Seq Scan"), "{plan}");
    }))
    .await;
}

/// Returns the open alerts of a session.
async fn open_of(database: &Database, session: SessionId) -> Vec<Alert> {
    let page = Alerts::page(database, AlertFilter::Open, 0, 2_000).await.unwrap();
    page.alerts.into_iter().filter(|alert| alert.session.as_ref() == Some(&session)).collect()
}

/// Returns how the engine reads alerts.
pub(super) async fn alerts_plan(database: &Database, rest: &str, values: &[Bound]) -> String {
    let mut transaction = database.pools.writes.begin().await.unwrap();
    let explain = match database.pools.engine {
        Engine::Sqlite => "explain query plan",
        Engine::Postgres => {
            // So few rows are read at once otherwise.
            let scans = "set local enable_seqscan = off";
            sqlx::query(scans).execute(&mut *transaction).await.unwrap();
            "explain"
        }
    };
    let query = sqlx::AssertSqlSafe(format!("{explain} select id {rest}"));
    let rows = bind_all(sqlx::query(query), values).fetch_all(&mut *transaction).await.unwrap();
    let line = |row: &sqlx::any::AnyRow| {
        row.try_get::<String, _>("detail").unwrap_or_else(|_| row.get::<String, _>(0))
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
