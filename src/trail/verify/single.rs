//! The verification of one chain, before the retention removes it, and of one event.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::audit::stored_event;
use super::chain::{ChainCheck, ChainRow, RowState, StoredEvent};
use super::evidence::Evidence;
use crate::store::ClosedRow;
use crate::store::engine::Engine;
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, EVENT_COLUMNS, number, text};
use crate::trail::event::{Head, Signature};
use crate::trail::keys::{PublicKeys, Verdict};
use crate::trail::pruned;
use crate::trail::rotation::OPERATOR;

/// Events that are read at a time, and removed in one transaction.
pub(crate) const PAGE: usize = 1_000;

/// The verified beginning of an actor's chain.
#[derive(Debug)]
pub(crate) struct Beginning {
    /// What was removed before.
    pub(crate) start: Head,
    /// The last event of each page that may go.
    pub(crate) pages: Vec<Head>,
}

impl Evidence {
    /// Returns true if the whole chain of a closed session verifies, and its row says the same.
    pub(crate) async fn verify_session(
        &mut self,
        on: &mut AnyConnection,
        id: &str,
        row: &ClosedRow,
    ) -> Result<bool, sqlx::Error> {
        let check = ChainCheck::new(id.to_owned(), self.named.take(id), Head::default());
        let Some((check, pages)) = self.read(on, check, None).await? else {
            return Ok(false);
        };
        // Without an event no agent and no close can be compared.
        let owner = (!pages.is_empty()).then_some(row.discord_id);
        let row = ChainRow { head: row.head, owner, closed_why: row.closed_why.clone() };
        Ok(is_intact(check, &row))
    }

    /// Verifies the beginning of an actor's chain, from before `cutoff`, and the event after it.
    /// `None` if the chain does not verify.
    ///
    /// The replacement of a key stays, with every event after it, because it tells which key no
    /// longer counts.
    pub(crate) async fn verify_actor(
        &mut self,
        on: &mut AnyConnection,
        chain: &str,
        cutoff: i64,
    ) -> Result<Option<Beginning>, sqlx::Error> {
        let engine = self.engine;
        let kept = "at >= $2 or (chain = $3 and kind = $4)";
        let seq = columns::is_number(engine, "seq");
        let first_kept = format!("from events where chain = $1 and {seq} and ({kept})");
        let first_kept = columns::select(engine, &[("min(seq)", Number)], &first_kept);
        let first_kept = sqlx::query(first_kept)
            .bind(chain)
            .bind(cutoff)
            .bind(OPERATOR)
            .bind(commands::model::trail::kind::KEY_ROTATED)
            .fetch_one(&mut *on)
            .await?;
        let first_kept = number(&first_kept, 0);
        let start = pruned::find(on, engine, &self.current, chain).await?.unwrap_or_default();
        let row = read_head(on, engine, chain).await?;
        let named = self.named.take(chain);
        let known = named.last().map_or(row.seq, |named| named.seq.max(row.seq));
        let check = ChainCheck::new(chain.to_owned(), named, start);
        let Some((check, pages)) = self.read(on, check, first_kept).await? else {
            return Ok(None);
        };
        let is_intact = if first_kept.is_some() {
            newest_event(on, engine, chain).await? >= known
        } else {
            is_intact(check, &ChainRow { head: row, owner: None, closed_why: None })
        };
        Ok(is_intact.then_some(Beginning { start, pages }))
    }

    /// Reads the events of a chain up to the number `until`, which stays. `None` if one of them
    /// does not verify.
    async fn read(
        &self,
        on: &mut AnyConnection,
        mut check: ChainCheck,
        until: Option<i64>,
    ) -> Result<Option<(ChainCheck, Vec<Head>)>, sqlx::Error> {
        let rest = format!(
            "from events where events.chain = $1 and events.seq > $2 order by events.seq limit {PAGE}"
        );
        let mut pages = Vec::new();
        let mut after = i64::MIN;
        loop {
            let statement = columns::select(self.engine, &EVENT_COLUMNS, &rest);
            let query = sqlx::query(statement).bind(check.name.clone()).bind(after);
            let rows = query.fetch_all(&mut *on).await?;
            let mut last = None;
            let mut is_complete = rows.len() < PAGE;
            for row in &rows {
                let Some(seq) = number(row, 1) else { return Ok(None) };
                let stored = stored_event(row, check.name.clone(), seq);
                let mut findings = 0_usize;
                let pushed = check.push(&stored, &self.trust, &mut |_| {
                    findings += 1;
                    Ok(())
                });
                if pushed.is_err() || findings > 0 {
                    return Ok(None);
                }
                after = seq;
                if until.is_some_and(|until| seq >= until) {
                    is_complete = true;
                    break;
                }
                last = Some(Head { seq, signature: stored.signature.unwrap_or(Signature::START) });
            }
            pages.extend(last);
            if is_complete {
                return Ok(Some((check, pages)));
            }
        }
    }
}

/// Returns true if the signature of one event is valid. `row` holds [`EVENT_COLUMNS`], and `before`
/// is the signature of the event before it.
pub(crate) fn is_signed(row: &AnyRow, before: Signature, keys: &PublicKeys) -> bool {
    let (Some(chain), Some(seq)) = (text(row, 0), number(row, 1)) else { return false };
    let StoredEvent { event, is_readable, signature } = stored_event(row, chain, seq);
    let Some(signature) = signature.filter(|_| is_readable) else { return false };
    let message = event.message(before);
    keys.verify(&event.key, message.as_bytes(), signature) == Verdict::Valid
}

/// Returns true if the end of a chain fits its row and the checkpoints.
fn is_intact(check: ChainCheck, row: &ChainRow) -> bool {
    let mut findings = 0_usize;
    let finished = check.finish(RowState::Read(row), &mut |_| {
        findings += 1;
        Ok(())
    });
    finished.is_ok() && findings == 0
}

/// Reads the head of an actor's chain in its row.
async fn read_head(
    on: &mut AnyConnection,
    engine: Engine,
    chain: &str,
) -> Result<Head, sqlx::Error> {
    let selected = [("seq", Number), ("signature", Text)];
    let statement = columns::select(engine, &selected, "from chains where chain = $1");
    let row = sqlx::query(statement).bind(chain).fetch_optional(on).await?;
    Ok(row.map_or_else(Head::default, |row| {
        Head::from_columns(number(&row, 0).unwrap_or(i64::MAX), text(&row, 1).as_deref())
    }))
}

/// Reads the greatest number of a chain's events.
async fn newest_event(
    on: &mut AnyConnection,
    engine: Engine,
    chain: &str,
) -> Result<i64, sqlx::Error> {
    let rest = format!("from events where chain = $1 and {}", columns::is_number(engine, "seq"));
    let statement = columns::select(engine, &[("max(seq)", Number)], &rest);
    let row = sqlx::query(statement).bind(chain).fetch_one(on).await?;
    Ok(number(&row, 0).unwrap_or(0))
}
