//! Sessions whose row is not believed.
//!
//! - **Unreadable**: another version of the bot wrote the row, or its state was damaged. No agent
//!   can use such a session, but it still attends its customer, its access links can have been
//!   used, and its timers never run. So a replica closes it once its timer is overdue and no other
//!   replica has handled it.
//! - **Tampered**: the row was edited or put back. It is closed at once.
//! - **Foreign key**: the row was written under a key that this process does not have. It is left
//!   alone, because a wrong `STORE_KEY` or a replica without the new key must close nothing.
//!
//! A closed row holds a session that this build can read, made from the row's other columns. Its
//! pending effects revoke what the session opened, or follow a new password.

use std::sync::PoisonError;
use std::time::Duration;

use commands::flows::alerts::raise::session_broken;
use commands::model::effect::{Effect, Pending};
use commands::model::fault::{ALERTS, Fault};
use commands::model::flow_state::{LinkState, RecoverState, SupportState};
use commands::model::scope::Scope;
use commands::model::session::{Secrets, Session, Work};
use commands::model::time::Timestamp;
use commands::model::timers::{Clocks, IDLE_CLOSE, RETRY_AFTER};
use commands::model::trail::{TrailEvent, kind};
use commands::model::unknown_fields::UnknownFields;
use commands::model::verification::Verification;
use commands::model::words::{Actor, CloseReason, Locale, SessionId, SupportKind};
use commands::ports::sessions::{Commit, Committed};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::cache::RowContext;
use super::commit;
use super::database::Database;
use super::loose_columns::{LooseColumns, raise_version, read_columns};
use super::retry::retry;
use super::row_columns::{LAST_SEQ, REACH};
use super::rows::RowError;
use crate::metrics;
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, number, text};
use crate::trail::event::Head;

/// Time by which a timer must be overdue before an unreadable session is closed. During an upgrade
/// other replicas may read the row, and they check it every second.
pub(super) const GRACE: Duration = Duration::from_mins(1);

/// Number of a new password in the keys of its effects, where the state that counts them is lost.
/// The first password has 1.
const UNKNOWN_PASSWORD: u32 = 0;

/// Handles a row that is not believed. Returns true if the session is closed now, and can be read.
///
/// Returns the fault if the row is left alone and was not reported yet. Returns false if the
/// session was closed before, or if the row was reported before.
pub(super) async fn handle(
    database: &Database,
    id: &SessionId,
    error: RowError,
) -> Result<bool, Fault> {
    let row = read_columns(database, id).await?;
    let now = database.clock.now();
    let due = row.as_ref().and_then(|row| row.next_at).map(Timestamp);
    match (error, row) {
        (RowError::Tampered(what), Some(row)) => {
            // The next sweep revokes.
            let due = now - RETRY_AFTER;
            let Some(row) = raise_version(database, id, row).await? else { return Ok(false) };
            let session = closed(id, &row, CloseReason::Tampered, due, now);
            let context = context(newest_event(database, id).await?, row);
            if !close(database, session, context, now).await? {
                return Ok(false);
            }
            metrics::count_tampered_row();
            tracing::error!(
                target: ALERTS,
                session = id.short(),
                "session was tampered with in the database ({what}): closed and revoked"
            );
            Ok(true)
        }
        (RowError::ForeignKey(fault), _) => {
            if is_first_report(database, id) {
                metrics::count_foreign_row();
                tracing::error!(target: ALERTS, session = id.short(), "{fault}: left alone");
            }
            Err(fault)
        }
        (RowError::Unreadable(fault), Some(row)) => match due {
            None if row.closed_at.is_some() => Ok(false),
            Some(due) if due + GRACE <= now => {
                let session = closed(id, &row, CloseReason::Unreadable, due, now);
                let context = context(newest_event(database, id).await?, row);
                let is_closed = close(database, session, context, now).await?;
                if is_closed {
                    tracing::error!(
                        session = id.short(),
                        "overdue session was written by another version of the bot: closed unread"
                    );
                }
                Ok(is_closed)
            }
            // The timers read the session every second; one line in the log is enough.
            Some(due) if due <= now && !is_first_report(database, id) => Ok(false),
            _ => Err(fault),
        },
        (RowError::Tampered(_), None) => Ok(false),
        (RowError::Unreadable(fault), None) => Err(fault),
    }
}

/// Closes a session whose key is lost, and revokes what it opened. Returns false if another process
/// changed the row meanwhile.
pub(super) async fn give_up(database: &Database, id: &SessionId) -> Result<bool, Fault> {
    let Some(row) = read_columns(database, id).await? else { return Ok(true) };
    let now = database.clock.now();
    let Some(row) = raise_version(database, id, row).await? else { return Ok(false) };
    let mut session = closed(id, &row, CloseReason::Unreadable, now, now);
    if row.closed_at.is_some() && row.next_at.is_none() {
        // It was closed before, and every effect has its outcome.
        session.pending.clear();
    }
    let context = context(newest_event(database, id).await?, row);
    close(database, session, context, now).await
}

/// Returns the event after which a session's chain continues. The row's own head is not believed.
///
/// It is the first one with free numbers after it. They are twice [`REACH`], so that what was
/// forged beyond them is still out of reach after the close.
async fn newest_event(database: &Database, id: &SessionId) -> Result<Head, Fault> {
    let rest = format!(
        "from (select seq, signature, lead(seq) over (order by seq) as next from events
             where chain = $1 and seq > 0 and seq = cast(seq as bigint)) as numbered
         where seq <= {LAST_SEQ} and (next is null or next - seq > {REACH} * 2)
         order by seq limit 1"
    );
    let cells = [("seq", Number), ("signature", Text)];
    let statement = columns::select(database.pools.engine, &cells, &rest);
    let newest = retry(&database.pools, "reading the newest event of a session", || {
        sqlx::query(statement.clone()).bind(id.as_str()).fetch_optional(&database.pools.reads)
    })
    .await?;
    Ok(newest.map_or_else(Head::default, |row| {
        Head::from_columns(number(&row, 0).unwrap_or_default(), text(&row, 1).as_deref())
    }))
}

fn is_first_report(database: &Database, id: &SessionId) -> bool {
    database.unusable.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone())
}

/// Returns what belongs to the closed row. It keeps what the session was about, which only opens in
/// the row that it was sealed for.
fn context(head: Head, row: LooseColumns) -> RowContext {
    RowContext { head, about: row.about.map(Into::into), key: None }
}

/// Writes the closed session, unless another process has changed the row. `now` is the time of a
/// close that happens here.
async fn close(
    database: &Database,
    session: Session,
    before: RowContext,
    now: Timestamp,
) -> Result<bool, Fault> {
    let id = session.id.clone();
    let event = |kind, details: Value| TrailEvent {
        at: now,
        actor: "clock".to_owned(),
        session: Some(id.clone()),
        kind,
        details,
        customer: None,
        about: Value::Null,
    };
    let mut events = Vec::new();
    if let Some((reason, at)) = session.closed()
        && at == now
    {
        events.push(event(kind::CLOSED, json!({ "why": reason.name() })));
    }
    if session.is_pending(&Effect::Revoke { nth: 1 }) {
        events.push(event(kind::REVOKE_ASKED, json!({})));
    }
    let is_new = matches!(session.closed(), Some((CloseReason::Tampered, at)) if at == now);
    let alerts = if is_new { vec![session_broken(id)] } else { Vec::new() };
    let commit = Commit { now, session: Some(session), events, alerts, ..Commit::default() };
    let committed = commit::commit_after(database, commit, before).await?;
    Ok(matches!(committed, Committed::Saved { .. }))
}

/// Returns the closed session that replaces one that is not believed. A closed session that is only
/// unreadable keeps time and reason of its close.
fn closed(
    id: &SessionId,
    row: &LooseColumns,
    reason: CloseReason,
    due: Timestamp,
    now: Timestamp,
) -> Session {
    let is_believed = reason == CloseReason::Unreadable;
    let closed_at = row.closed_at.filter(|_| is_believed).map_or(now, Timestamp);
    let closed_why = row.closed_why.as_deref().filter(|_| is_believed);
    let reason = closed_why.and_then(word).unwrap_or(reason);
    // Only the state knows if something was opened or a password was changed, so the effects that
    // follow are always requested.
    let (work, effects) = match row.kind.as_deref().unwrap_or_default() {
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
    let mut clocks = Clocks::starting(row.opened_at.map_or(now, Timestamp), IDLE_CLOSE);
    clocks.closed_at = Some(closed_at);
    Session {
        id: id.clone(),
        actor: Actor {
            discord_id: row.discord_id.unwrap_or_default().cast_unsigned(),
            agent_id: row.agent_id.clone().unwrap_or_default(),
            name: row.agent_name.clone().unwrap_or_default(),
            unknown: UnknownFields::NONE,
        },
        locale: Locale::En,
        version: row.version.unwrap_or_default(),
        generation: u32::try_from(row.generation.unwrap_or_default())
            .unwrap_or_default()
            .saturating_add(1),
        pseudonym: row.customer.as_deref().and_then(|customer| customer.parse().ok()),
        ticket: None,
        scope: Scope::Verify,
        past: None,
        work,
        clocks,
        agent: Verification::default(),
        customer: Verification::default(),
        pending: effects.into_iter().map(pending).collect(),
        access_links: Vec::new(),
        links_issued: 0,
        links_denied: 0,
        report_record: None,
        taken_over_by: None,
        may_be_proven,
        revocations: u16::from(may_be_proven),
        secrets: Secrets::default(),
        unknown: UnknownFields::NONE,
    }
}

/// Returns what follows a new password, for a recovery that can have set one: sign-out and notice.
/// A recovery that closed for another reason than its success has set none.
fn after_new_password(row: &LooseColumns, reason: CloseReason) -> Vec<Effect> {
    if !matches!(reason, CloseReason::Finished | CloseReason::Unreadable | CloseReason::Tampered) {
        return Vec::new();
    }
    // Cognito cannot sign out an account without its id.
    let Some(agent_id) = row.agent_id.clone() else { return Vec::new() };
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
