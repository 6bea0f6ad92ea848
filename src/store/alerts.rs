//! Alerts in a commit's transaction: raised with their cause, and answered by a lead.

use std::time::Duration;

use commands::model::alert::{
    AlertChange, AlertId, AlertState, AlertSubject, NO_MORE_REMINDERS, NewAlert,
};
use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Row as _};

use crate::keys::letters;

/// Time after a false alarm in which a signal of its kind about its subject raises nothing. Ours.
pub(crate) const SILENCE: Duration = Duration::from_hours(24);

/// Tries to find a free reference, or the open alert of a repeat. Another process can answer an
/// alert between two statements.
const ATTEMPTS: usize = 4;

/// Actor in the trail of a signal, and of any other alert.
const WATCH: &str = "watch";
const CLOCK: &str = "clock";

/// Raises alerts in the order of their keys, so that two replicas do not deadlock. Returns the
/// events of those that were not open.
pub(super) async fn raise(
    on: &mut AnyConnection,
    alerts: Vec<(&NewAlert, Timestamp)>,
) -> Result<Vec<TrailEvent>, sqlx::Error> {
    let mut alerts: Vec<_> =
        alerts.into_iter().map(|(alert, now)| (alert.key(), alert, now)).collect();
    alerts.sort_by(|one, other| one.0.cmp(&other.0));
    let mut opened = Vec::new();
    for (key, alert, now) in alerts {
        if alert.evidence_at.is_some() && is_known(on, alert, now).await? {
            continue;
        }
        if matches!(alert.subject, AlertSubject::Request(_)) && answer(on, alert, now).await? {
            continue;
        }
        for _ in 0..ATTEMPTS {
            if let Some(id) = insert(on, &key, alert, now).await? {
                opened.push(opened_event(&id, alert, now));
                break;
            }
            if repeat(on, &key, alert, now).await? {
                break;
            }
        }
    }
    Ok(opened)
}

/// Returns true if a former alert rests on the same events, or if a signal is silent.
pub(super) async fn is_known(
    on: &mut AnyConnection,
    alert: &NewAlert,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let evidence_at = alert.evidence_at.unwrap_or(now);
    // Without a silence no answer is late enough.
    let silent_since = if alert.kind.is_signal() { now - SILENCE } else { Timestamp(i64::MAX) };
    let row = sqlx::query(
        "select count(*) from alerts where subject = $1 and kind = $2
         and (last_at >= $3 or (state = 'false' and answered_at > $4))",
    )
    .bind(alert.subject.to_string())
    .bind(alert.kind.name())
    .bind(evidence_at.0)
    .bind(silent_since.0)
    .fetch_one(on)
    .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}

/// Inserts an alert. `None`: one with its key is open, or the reference is taken.
async fn insert(
    on: &mut AnyConnection,
    key: &str,
    alert: &NewAlert,
    now: Timestamp,
) -> Result<Option<String>, sqlx::Error> {
    let id = format!("A-{}", letters());
    let inserted = sqlx::query(
        "insert into alerts (id, open_key, kind, subject, level, session_id, agent, customer,
             reference, facts, count, opened_at, last_at, state, version, due_at, posts, drawn,
             reminders, reminder_ids)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, 'open', 1, $11, 0, 0, 0, '')
         on conflict do nothing",
    )
    .bind(&id)
    .bind(key)
    .bind(alert.kind.name())
    .bind(alert.subject.to_string())
    .bind(alert.level.name())
    .bind(alert.session.as_ref().map(|session| session.as_str().to_owned()))
    .bind(alert.agent.map(u64::cast_signed))
    .bind(alert.customer.as_ref().map(ToString::to_string))
    .bind(reference(alert))
    .bind(Value::Object(alert.facts.0.clone()).to_string())
    .bind(now.0)
    .bind(alert.evidence_at.unwrap_or(now).0)
    .execute(on)
    .await?
    .rows_affected();
    Ok((inserted > 0).then_some(id))
}

/// Adds the outcome to the card of a request, whatever its state. Returns false if it has none.
async fn answer(
    on: &mut AnyConnection,
    alert: &NewAlert,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let answered = sqlx::query(
        "update alerts set facts = $2, version = version + 1, due_at = $3 where subject = $1",
    )
    .bind(alert.subject.to_string())
    .bind(Value::Object(alert.facts.0.clone()).to_string())
    .bind(now.0)
    .execute(on)
    .await?
    .rows_affected();
    Ok(answered > 0)
}

/// Counts a repeat of an open alert. It has the facts, agent and customer of the newest one, and
/// the highest level.
async fn repeat(
    on: &mut AnyConnection,
    key: &str,
    alert: &NewAlert,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let repeated = sqlx::query(
        "update alerts set count = count + 1, facts = $2, version = version + 1, due_at = $3,
         last_at = case when last_at > $4 then last_at else $4 end,
         level = case when level = 'urgent' or $5 = 'urgent' then 'urgent'
             when level = 'warning' or $5 = 'warning' then 'warning' else 'notice' end,
         session_id = coalesce($6, session_id), reference = coalesce($7, reference),
         agent = $8, customer = $9
         where open_key = $1",
    )
    .bind(key)
    .bind(Value::Object(alert.facts.0.clone()).to_string())
    .bind(now.0)
    .bind(alert.evidence_at.unwrap_or(now).0)
    .bind(alert.level.name())
    .bind(alert.session.as_ref().map(|session| session.as_str().to_owned()))
    .bind(reference(alert))
    .bind(alert.agent.map(u64::cast_signed))
    .bind(alert.customer.as_ref().map(ToString::to_string))
    .execute(on)
    .await?
    .rows_affected();
    Ok(repeated > 0)
}

fn reference(alert: &NewAlert) -> Option<String> {
    let reference = alert.facts.word("reference");
    (!reference.is_empty()).then(|| reference.to_owned())
}

fn opened_event(id: &str, alert: &NewAlert, now: Timestamp) -> TrailEvent {
    let mut details =
        json!({ "alert": id, "kind": alert.kind.name(), "level": alert.level.name(), "count": 1 });
    if let Some(agent) = alert.agent {
        details["agent"] = json!(format!("discord:{agent}"));
    }
    TrailEvent {
        at: now,
        actor: if alert.kind.is_signal() { WATCH } else { CLOCK }.to_owned(),
        session: alert.session.clone(),
        kind: kind::ALERT_OPENED,
        details,
        customer: None,
        about: Value::Null,
    }
}

/// Saves the answer of a lead. The reminders end for good, so that an alert that opens again does
/// not ping at once. Returns false if the alert has changed since the lead saw it, or cannot open
/// again because another one of its kind is open.
pub(super) async fn change(
    on: &mut AnyConnection,
    change: &AlertChange,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let AlertChange { id, version, state } = change;
    if *state == AlertState::Open {
        return Ok(reopen(on, id, *version, now).await?.rows_affected() > 0);
    }
    let verdict = state.verdict();
    let changed = sqlx::query(
        "update alerts set state = $3, open_key = null, answered_by = $4, answered_at = $5,
         version = version + 1, due_at = $6, reminders = $7
         where id = $1 and version = $2 and state = 'open'",
    )
    .bind(id.as_str())
    .bind(*version)
    .bind(state.name())
    .bind(verdict.map(|verdict| verdict.by.cast_signed()))
    .bind(verdict.map(|verdict| verdict.at.0))
    .bind(now.0)
    .bind(i64::from(NO_MORE_REMINDERS))
    .execute(on)
    .await?;
    Ok(changed.rows_affected() > 0)
}

async fn reopen(
    on: &mut AnyConnection,
    id: &AlertId,
    version: i64,
    now: Timestamp,
) -> Result<sqlx::any::AnyQueryResult, sqlx::Error> {
    sqlx::query(
        "update alerts set state = 'open', open_key = kind || ':' || subject, answered_by = null,
         answered_at = null, version = version + 1, due_at = $3
         where id = $1 and version = $2 and state <> 'open' and not exists (
             select 1 from alerts as other
             where other.open_key = alerts.kind || ':' || alerts.subject
         )",
    )
    .bind(id.as_str())
    .bind(version)
    .bind(now.0)
    .execute(on)
    .await
}
