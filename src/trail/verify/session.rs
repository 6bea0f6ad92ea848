//! The verification of one session's chain, for a lead.

use commands::ports::trail_search::{ChainFinding, ChainVerdict};
use sqlx::{AnyConnection, Connection as _};

use super::audit::stored_event;
use super::chain::{ChainCheck, ChainRow, RowState};
use super::evidence::Evidence;
use super::finding::Finding;
use super::single::PAGE;
use crate::store::engine::{Engine, Pools};
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, EVENT_COLUMNS, number, text};
use crate::trail::event::Head;
use crate::trail::keys::PublicKeys;

/// Verifies the chain of a session, open or closed, as it is at one moment. `None` if there is
/// neither a row nor an event.
pub(crate) async fn verify_session(
    pools: &Pools,
    keys: &PublicKeys,
    id: &str,
) -> Result<Option<ChainVerdict>, sqlx::Error> {
    // A separate connection, because those of the pools abort slow statements.
    let mut connection = AnyConnection::connect_with(&pools.options).await?;
    let mut snapshot = connection.begin_with(pools.engine.snapshot()).await?;
    let evidence = Evidence::about(&mut snapshot, pools.engine, keys, id).await?;
    let verdict = evidence.check_session(&mut snapshot, id).await?;
    snapshot.rollback().await?;
    connection.close().await?;
    Ok(verdict)
}

impl Evidence {
    async fn check_session(
        mut self,
        on: &mut AnyConnection,
        id: &str,
    ) -> Result<Option<ChainVerdict>, sqlx::Error> {
        let mut check = ChainCheck::new(id.to_owned(), self.named.take(id), Head::default());
        let mut verdict = ChainVerdict::default();
        let rest = format!(
            "from events where events.chain = $1 and events.seq > $2 order by events.seq limit {PAGE}"
        );
        let mut after = i64::MIN;
        loop {
            let statement = columns::select(self.engine, &EVENT_COLUMNS, &rest);
            let query = sqlx::query(statement).bind(id.to_owned()).bind(after);
            let rows = query.fetch_all(&mut *on).await?;
            for row in &rows {
                verdict.events += 1;
                let Some(seq) = number(row, 1) else {
                    verdict.findings.push(word(&unplaced(id)));
                    continue;
                };
                let stored = stored_event(row, id.to_owned(), seq);
                let pushed = check.push(&stored, &self.trust, &mut |finding| {
                    verdict.findings.push(word(&finding));
                    Ok(())
                });
                pushed.map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
                after = seq;
            }
            if rows.len() < PAGE || rows.iter().all(|row| number(row, 1).is_none()) {
                break;
            }
        }
        let row = read_row(on, self.engine, id).await?;
        if verdict.events == 0 && row.is_none() {
            return Ok(None);
        }
        let state = row.as_ref().map_or(RowState::Missing, RowState::Read);
        let finished = check.finish(state, &mut |finding| {
            verdict.findings.push(word(&finding));
            Ok(())
        });
        finished.map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
        Ok(Some(verdict))
    }
}

/// Reads what the row of a session says about its chain.
async fn read_row(
    on: &mut AnyConnection,
    engine: Engine,
    id: &str,
) -> Result<Option<ChainRow>, sqlx::Error> {
    let cells = [
        ("trail_seq", Number),
        ("trail_signature", Text),
        ("discord_id", Number),
        ("closed_why", Text),
    ];
    let statement = columns::select(engine, &cells, "from sessions where id = $1");
    let row = sqlx::query(statement).bind(id.to_owned()).fetch_optional(on).await?;
    Ok(row.map(|row| ChainRow {
        head: Head::from_columns(number(&row, 0).unwrap_or(i64::MAX), text(&row, 1).as_deref()),
        owner: number(&row, 2),
        closed_why: text(&row, 3),
    }))
}

fn unplaced(chain: &str) -> Finding {
    Finding::Unplaced { chain: Some(chain.to_owned()), kind: String::new(), at: i64::MIN }
}

/// Returns the word and the events of a finding about a chain.
fn word(finding: &Finding) -> ChainFinding {
    let (word, first, last) = match finding {
        Finding::Changed { seq, .. } => ("changed", *seq, *seq),
        Finding::Unverifiable { seq, .. } => ("unverifiable", *seq, *seq),
        Finding::UnknownKey { seq, .. } | Finding::RetiredKey { seq, .. } => ("key", *seq, *seq),
        Finding::Unplaced { .. } => ("unplaced", 0, 0),
        Finding::Removed { first, last, .. } => ("removed", *first, *last),
        Finding::CutOff { last, expected, .. } => ("cut_off", *last, *expected),
        Finding::Replaced { seq, .. } => ("replaced", *seq, *seq),
        Finding::HeadChanged { .. } | Finding::RowRemoved { .. } => ("head", 0, 0),
        Finding::OwnerChanged { .. } => ("owner", 0, 0),
        Finding::CloseChanged { .. } => ("close", 0, 0),
        _ => ("other", 0, 0),
    };
    ChainFinding { word, first, last }
}
