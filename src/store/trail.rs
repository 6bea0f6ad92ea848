//! The trail: events are added, never changed. The numbers of a chain have no gaps, so that a missing event shows.

use commands::session::SessionId;
use commands::trail::Act;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

/// Columns that an event fills.
const COLUMNS: usize = 7;

/// Adds the acts. Those of the session whose row was just written take the numbers up to `head`, which that update returned;
/// the others fetch theirs.
pub(super) async fn add(on: &mut AnyConnection, acts: &[Act], written: Option<(&SessionId, i64)>) -> Result<(), sqlx::Error> {
    let mut numbered = Vec::with_capacity(acts.len());
    for (who, session, acts) in runs(acts) {
        let count = i64::try_from(acts.len()).unwrap_or(i64::MAX);
        let (chain, head) = match (session, written) {
            (Some(session), Some((id, head))) if session == id => (session.as_str(), head),
            (Some(session), _) => match advance_session(on, session, count).await? {
                Some(head) => (session.as_str(), head),
                // A session that was never stored, such as one that a forged button names.
                None => (who, advance(on, who, count).await?),
            },
            (None, _) => (who, advance(on, who, count).await?),
        };
        numbered.extend((head - count + 1..).zip(acts).map(|(seq, act)| (chain, seq, act)));
    }
    insert(on, &numbered).await
}

/// How many of the acts belong to the session: by so many its row moves its head.
pub(super) fn count_of(acts: &[Act], session: &SessionId) -> i64 {
    let count = acts.iter().filter(|act| act.session.as_ref() == Some(session)).count();
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The acts of each chain together, in the order in which they were done.
fn runs(acts: &[Act]) -> Vec<(&str, Option<&SessionId>, Vec<&Act>)> {
    let mut runs: Vec<(&str, Option<&SessionId>, Vec<&Act>)> = Vec::new();
    for act in acts {
        let session = act.session.as_ref();
        match runs.iter_mut().find(|(who, of, _)| *of == session && (session.is_some() || *who == act.who)) {
            Some((_, _, run)) => run.push(act),
            None => runs.push((&act.who, session, vec![act])),
        }
    }
    runs
}

async fn advance_session(on: &mut AnyConnection, session: &SessionId, by: i64) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query("update sessions set trail_seq = trail_seq + $2 where id = $1 returning trail_seq")
        .bind(session.as_str())
        .bind(by)
        .fetch_optional(on)
        .await?
        .map(|row| row.try_get(0))
        .transpose()
}

async fn advance(on: &mut AnyConnection, chain: &str, by: i64) -> Result<i64, sqlx::Error> {
    sqlx::query(
        "insert into chains (chain, seq) values ($1, $2)
         on conflict (chain) do update set seq = chains.seq + excluded.seq returning seq",
    )
    .bind(chain)
    .bind(by)
    .fetch_one(on)
    .await?
    .try_get(0)
}

async fn insert(on: &mut AnyConnection, events: &[(&str, i64, &Act)]) -> Result<(), sqlx::Error> {
    if events.is_empty() {
        return Ok(());
    }
    let rows: Vec<String> = (0..events.len())
        .map(|row| {
            let places: Vec<String> = (1..=COLUMNS).map(|column| format!("${}", row * COLUMNS + column)).collect();
            format!("({})", places.join(", "))
        })
        .collect();
    // Only numbers of placeholders are put into the text.
    let sql = format!("insert into events (chain, seq, at, who, session_id, what, detail) values {}", rows.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (chain, seq, act) in events {
        query = query
            .bind(*chain)
            .bind(*seq)
            .bind(act.at.0)
            .bind(&act.who)
            .bind(act.session.as_ref().map(SessionId::as_str))
            .bind(act.what)
            .bind(act.detail.to_string());
    }
    query.execute(on).await?;
    Ok(())
}
