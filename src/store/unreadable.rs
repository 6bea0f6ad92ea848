//! Sessions that this build cannot read, because another version of the bot wrote them, or their
//! state was damaged.
//!
//! No agent can use such a session, but it still attends its customer, its access links can have
//! been used, and its timers never run. So a replica closes it once its timer is overdue and no
//! other replica has handled it. The row then holds a closed session that this build can read, made
//! from the row's other columns. Its pending effects revoke what the session opened, or follow a
//! new password.

use std::sync::PoisonError;
use std::time::Duration;

use commands::model::effect::{Effect, Pending};
use commands::model::fault::Fault;
use commands::model::flow_state::{LinkState, RecoverState, SupportState};
use commands::model::session::{Secrets, Session, Work};
use commands::model::time::Timestamp;
use commands::model::timers::{Clocks, IDLE_CLOSE};
use commands::model::trail::{TrailEvent, kind};
use commands::model::verification::Verification;
use commands::model::words::{Actor, CloseReason, Locale, SessionId, SupportKind};
use commands::ports::sessions::{Commit, Committed};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::commit;
use super::database::Database;
use super::retry::retry;

/// Time by which a timer must be overdue. During an upgrade other replicas may read the row, and
/// they check it every second.
pub(super) const GRACE: Duration = Duration::from_mins(1);

/// Number of a new password in the keys of its effects, where the state that counts them is lost.
/// The first password has 1.
const UNKNOWN_PASSWORD: u32 = 0;

/// The columns of a row that any build can read.
#[derive(sqlx::FromRow)]
struct Columns {
    version: i64,
    generation: i64,
    kind: String,
    discord_id: i64,
    agent_id: String,
    agent_name: String,
    customer_id: Option<String>,
    state: String,
    next_at: Option<i64>,
    opened_at: i64,
    closed_at: Option<i64>,
    closed_why: Option<String>,
}

/// Handles the fault of reading a session. Returns true if the session is closed now, and can be
/// read.
///
/// Returns the fault if it has another cause, or is not logged yet. Returns false if the session
/// was closed before, or if its due timer was logged before.
pub(super) async fn handle(
    database: &Database,
    id: &SessionId,
    fault: Fault,
) -> Result<bool, Fault> {
    let row: Option<Columns> =
        retry(&database.pools, "reading the columns of an unreadable session", || {
            sqlx::query_as(
                "select version, generation, kind, discord_id, agent_id, agent_name, customer_id,
                     state, next_at, opened_at, closed_at, closed_why
                 from sessions where id = $1",
            )
            .bind(id.as_str())
            .fetch_optional(&database.pools.reads)
        })
        .await?;
    let is_unreadable = |row: &Columns| serde_json::from_str::<Session>(&row.state).is_err();
    let Some(row) = row.filter(is_unreadable) else {
        return Err(fault);
    };
    let now = database.clock.now();
    match row.next_at.map(Timestamp) {
        None if row.closed_at.is_some() => Ok(false),
        Some(due) if due + GRACE <= now => close(database, id, &row, due, now).await,
        // The timers read the session every second; one line in the log is enough.
        Some(due) if due <= now && !is_first_report(database, id) => Ok(false),
        _ => Err(fault),
    }
}

fn is_first_report(database: &Database, id: &SessionId) -> bool {
    database.unreadable.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone())
}

/// Closes the session, unless another process has changed the row.
async fn close(
    database: &Database,
    id: &SessionId,
    row: &Columns,
    due: Timestamp,
    now: Timestamp,
) -> Result<bool, Fault> {
    let session = closed(id, row, due, now);
    let event = |kind, details: Value| TrailEvent {
        at: now,
        actor: "clock".to_owned(),
        session: Some(id.clone()),
        kind,
        details,
    };
    let mut events = Vec::new();
    if row.closed_at.is_none() {
        events.push(event(kind::CLOSED, json!({ "why": CloseReason::Unreadable.name() })));
    }
    if session.is_pending(&Effect::Revoke { nth: 1 }) {
        events.push(event(kind::REVOKE_ASKED, json!({})));
    }
    let commit = Commit { now, session: Some(session), events, ..Commit::default() };
    let is_saved = matches!(commit::commit(database, commit).await?, Committed::Saved { .. });
    if is_saved {
        tracing::error!(
            session = id.short(),
            "overdue session was written by another version of the bot: closed unread"
        );
    }
    Ok(is_saved)
}

/// Returns the closed session that replaces an unreadable one.
fn closed(id: &SessionId, row: &Columns, due: Timestamp, now: Timestamp) -> Session {
    let reason = row.closed_why.as_deref().and_then(word).unwrap_or(CloseReason::Unreadable);
    // Only the state knows if something was opened or a password was changed, so the effects that
    // follow are always requested.
    let (work, effects) = match row.kind.as_str() {
        "link" => (Work::Link(LinkState::Closed(reason)), Vec::new()),
        "recover" => {
            let state = RecoverState { closed: Some(reason), ..RecoverState::new(String::new()) };
            (Work::Recover(state), after_new_password(row, reason))
        }
        // A kind of a newer version can open something as well.
        kind => {
            let kind = word(kind).unwrap_or(SupportKind::Technical);
            (Work::Support(kind, SupportState::Closed(reason)), vec![Effect::Revoke { nth: 1 }])
        }
    };
    let may_be_proven = effects.contains(&Effect::Revoke { nth: 1 });
    // They count as requested when the timer was due, so that the next sweep performs them.
    let pending = |effect| Pending::new(effect, due);
    let mut clocks = Clocks::starting(Timestamp(row.opened_at), IDLE_CLOSE);
    clocks.closed_at = Some(row.closed_at.map_or(now, Timestamp));
    Session {
        id: id.clone(),
        actor: Actor {
            discord_id: row.discord_id.cast_unsigned(),
            agent_id: row.agent_id.clone(),
            name: row.agent_name.clone(),
        },
        locale: Locale::En,
        version: row.version,
        generation: u32::try_from(row.generation).unwrap_or_default().saturating_add(1),
        customer_id: row.customer_id.clone(),
        work,
        clocks,
        agent: Verification::default(),
        customer: Verification::default(),
        pending: effects.into_iter().map(pending).collect(),
        access_links: Vec::new(),
        links_issued: 0,
        links_denied: 0,
        may_be_proven,
        revocations: u16::from(may_be_proven),
        secrets: Secrets::default(),
    }
}

/// Returns what follows a new password, for a recovery that can have set one: sign-out and notice.
/// A recovery that closed for another reason than its success has set none.
fn after_new_password(row: &Columns, reason: CloseReason) -> Vec<Effect> {
    if !matches!(reason, CloseReason::Finished | CloseReason::Unreadable) {
        return Vec::new();
    }
    let agent_id = row.agent_id.clone();
    let nth = UNKNOWN_PASSWORD;
    vec![
        Effect::SignOut { agent_id: agent_id.clone(), nth },
        Effect::NotifyChanged { agent_id, nth },
    ]
}

/// Parses a word of a column; `None` if this version does not know it.
fn word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(Value::String(word.to_owned())).ok()
}
