//! Signed rows of what the retention has removed: a chain, or the checkpoints, up to a number. Also
//! the head of `operator` that a removed checkpoint named, see [`kept_name`].
//!
//! They keep a removal that the retention made apart from one that nobody answers for.

use std::collections::HashMap;
use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use futures_util::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::columns::ColumnType::{Number, Text};
use super::columns::{self, ColumnType, number, text};
use super::event::{Head, Signature};
use super::keys::{PublicKeys, TrailKey, TrailKeys, Verdict};
use super::rotation::{self, OPERATOR};
use crate::fields::Fields;
use crate::store::engine::{Engine, Pools};
use crate::store::retry::{Attempts, retry, to_fault};

/// Name under which the checkpoints are pruned. No chain has it.
pub(crate) const CHECKPOINTS: &str = "checkpoints";
/// Condition on `chain` that is true for the chains that are not sessions. No session's id has a
/// colon.
pub(super) const ACTORS: &str = "(chain like '%:%' or chain in ('clock', 'operator'))";
/// Beginning of the names under which heads of removed checkpoints are kept.
const KEPT: &str = "checkpoint:";

/// Activity that a fault of [`sign_again`] names.
const SIGNING: &str = "signing again what the retention has removed";
/// Rows that are read and written at a time.
const PAGE: usize = 200;
/// Pause between two transactions of [`sign_again`]. SQLite looks at a lock every 100 ms at most.
const PAUSE: Duration = Duration::from_millis(100);

/// The columns of a row.
pub(super) const COLUMNS: [(&str, ColumnType); 6] = [
    ("chain", Text),
    ("seq", Number),
    ("last_signature", Text),
    ("at", Number),
    ("key", Text),
    ("signature", Text),
];

/// Returns the bytes that the signature of a row covers.
fn message(key: &str, chain: &str, last: Head, at: i64) -> Fields {
    let mut fields = Fields::of("support-desk pruned 1");
    fields.text(Some(key)).text(Some(chain)).number(last.seq).bytes(&last.signature.0).number(at);
    fields
}

/// Writes that a chain was removed up to `last`, which replaces what was written before.
pub(crate) async fn write(
    on: &mut AnyConnection,
    key: &TrailKey,
    chain: &str,
    last: Head,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("delete from pruned where chain = $1").bind(chain).execute(&mut *on).await?;
    insert(on, key, chain, last, now).await
}

async fn insert(
    on: &mut AnyConnection,
    key: &TrailKey,
    chain: &str,
    last: Head,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    let signature = key.sign(message(key.id().as_str(), chain, last, at.0).as_bytes());
    sqlx::query(
        "insert into pruned (chain, seq, last_signature, at, key, signature)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(chain)
    .bind(last.seq)
    .bind(last.signature.encode())
    .bind(at.0)
    .bind(key.id().as_str())
    .bind(signature.encode())
    .execute(on)
    .await?;
    Ok(())
}

/// Returns the last event or checkpoint that was removed from a chain, if a row that verifies says
/// so.
pub(super) async fn find(
    on: &mut AnyConnection,
    engine: Engine,
    keys: &PublicKeys,
    chain: &str,
) -> Result<Option<Head>, sqlx::Error> {
    let statement = columns::select(engine, &COLUMNS, "from pruned where chain = $1");
    let rows = sqlx::query(statement).bind(chain).fetch_all(on).await?;
    let verified = rows.iter().filter_map(|row| PrunedRow::read(row).verified(keys));
    Ok(verified.map(|(_, head)| head).max_by_key(|head| head.seq))
}

/// Returns what was removed of the chains that are not sessions. An older row that was put back
/// beside the newest one does not count.
pub(crate) async fn of_actors(
    on: &mut AnyConnection,
    engine: Engine,
    keys: &PublicKeys,
) -> Result<HashMap<String, Head>, sqlx::Error> {
    let rest = format!("from pruned where {ACTORS}");
    let mut rows = sqlx::query(columns::select(engine, &COLUMNS, &rest)).fetch(on);
    let mut pruned: HashMap<String, Head> = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        if let Some((chain, head)) = PrunedRow::read(&row).verified(keys) {
            let newest = pruned.entry(chain).or_insert(head);
            if newest.seq < head.seq {
                *newest = head;
            }
        }
    }
    Ok(pruned)
}

/// Returns the name of the row that keeps a head of the chain `operator`, as a checkpoint named it
/// that was removed.
///
/// The first checkpoint that names the replacement of a key tells until when that key could sign,
/// and must go on doing so.
pub(super) fn kept_name(checkpoint: i64) -> String {
    format!("{KEPT}{checkpoint}")
}

/// Returns number and heads of a removed checkpoint, if a row has such a name.
pub(super) fn kept_head(name: &str, head: Head) -> Option<(i64, String)> {
    let checkpoint = name.strip_prefix(KEPT)?.parse().ok()?;
    Some((checkpoint, format!("{OPERATOR} {} {}\n", head.seq, head.signature.encode())))
}

/// Returns number and heads of the removed checkpoints that first named the replacement of a key.
pub(super) async fn kept_heads(
    on: &mut AnyConnection,
    engine: Engine,
    keys: &PublicKeys,
) -> Result<Vec<(i64, String)>, sqlx::Error> {
    let statement =
        columns::select(engine, &COLUMNS, "from pruned where chain like 'checkpoint:%'");
    let rows = sqlx::query(statement).fetch_all(on).await?;
    let verified = rows.iter().filter_map(|row| PrunedRow::read(row).verified(keys));
    Ok(verified.filter_map(|(name, head)| kept_head(&name, head)).collect())
}

/// Removes the rows from before a time that name a session, [`PAGE`] rows in one transaction.
pub(super) async fn forget_sessions(pools: &Pools, before: Timestamp) -> Result<(), sqlx::Error> {
    let nth = PAGE - 1;
    let last = format!("from pruned where chain > $1 order by chain limit 1 offset {nth}");
    let last = columns::select(pools.engine, &[("chain", Text)], &last);
    let forget = format!("delete from pruned where at < $1 and not {ACTORS} and chain <> $2");
    let mut after = String::new();
    loop {
        let row =
            sqlx::query(last.clone()).bind(after.clone()).fetch_optional(&pools.reads).await?;
        // Without a readable name the rest goes at once. The bot writes no such row.
        let Some(until) = row.and_then(|row| text(&row, 0)) else {
            let rest = sqlx::query(AssertSqlSafe(format!("{forget} and chain > $3")));
            let rest = rest.bind(before.0).bind(CHECKPOINTS).bind(after);
            return rest.execute(&pools.writes).await.map(drop);
        };
        let page = sqlx::query(AssertSqlSafe(format!("{forget} and chain > $3 and chain <= $4")));
        let page = page.bind(before.0).bind(CHECKPOINTS).bind(after).bind(until.clone());
        page.execute(&pools.writes).await?;
        after = until;
    }
}

/// Signs all rows again that verify and name another key, because a replaced key no longer says
/// what was pruned. A row under a key that was replaced before stays as it is. The time of the
/// removal stays.
///
/// Reads and writes [`PAGE`] rows at a time, so that memory stays flat and a running bot is not
/// locked out for long. A failure leaves the rows of the earlier transactions signed, and the
/// command can be repeated.
pub(crate) async fn sign_again(pools: &Pools, keys: &TrailKeys) -> Result<(), Fault> {
    let current = keys.current();
    let public = retry(pools, SIGNING, async || {
        let mut connection = pools.reads.acquire().await?;
        let held = rotation::held(&mut connection, pools.engine, &keys.public()).await?;
        Ok(keys.public().without(&rotation::replaced(&held)))
    });
    let public = public.await?;
    let mut after = (String::new(), i64::MIN);
    // Rows after that one that were read and have no readable place.
    let mut skip = 0;
    loop {
        let rest = format!(
            "from pruned where (chain, seq) > ($1, $2) order by chain, seq
             limit {PAGE} offset {skip}"
        );
        let rows = retry(pools, SIGNING, || {
            let statement = columns::select(pools.engine, &COLUMNS, &rest);
            sqlx::query(statement).bind(after.0.clone()).bind(after.1).fetch_all(&pools.reads)
        });
        let rows = rows.await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut old = Vec::new();
        for row in &rows {
            let row = PrunedRow::read(row);
            match (&row.chain, row.seq) {
                (Some(chain), Some(seq)) => (after, skip) = ((chain.clone(), seq), 0),
                _ => skip += 1,
            }
            let is_current = row.key.as_deref() == Some(current.id().as_str());
            if let (false, Some((chain, last)), Some(at)) =
                (is_current, row.verified(&public), row.at)
            {
                old.push((chain, last, row.signature, Timestamp(at)));
            }
        }
        if !old.is_empty() {
            write_page(pools, current, &old).await?;
            // The other process tries to take the lock ten times a second.
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Chain, last removed event, signature and time of a row.
type OldRow = (String, Head, Option<String>, Timestamp);

/// Replaces rows in one transaction, and repeats it if another attempt can succeed.
async fn write_page(pools: &Pools, key: &TrailKey, page: &[OldRow]) -> Result<(), Fault> {
    let mut attempts = Attempts::new(pools);
    loop {
        match try_to_write(pools, key, page).await {
            Ok(()) => return Ok(()),
            Err(error) if attempts.may_repeat(&error) => {}
            Err(error) => return Err(to_fault(SIGNING)(error)),
        }
    }
}

/// Replaces rows. A row that the retention has replaced meanwhile stays.
async fn try_to_write(pools: &Pools, key: &TrailKey, page: &[OldRow]) -> Result<(), sqlx::Error> {
    let mut transaction = pools.writes.begin_with(pools.engine.begin()).await?;
    for (chain, last, signature, at) in page {
        let deleted =
            sqlx::query("delete from pruned where chain = $1 and seq = $2 and signature = $3")
                .bind(chain)
                .bind(last.seq)
                .bind(signature.as_deref())
                .execute(&mut *transaction)
                .await?;
        if deleted.rows_affected() > 0 {
            insert(&mut transaction, key, chain, *last, *at).await?;
        }
    }
    transaction.commit().await
}

/// A row as it is stored or exported. A field is `None` if its cell is null or unreadable.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PrunedRow {
    chain: Option<String>,
    seq: Option<i64>,
    last_signature: Option<String>,
    at: Option<i64>,
    key: Option<String>,
    signature: Option<String>,
}

impl PrunedRow {
    /// Reads [`COLUMNS`].
    pub(super) fn read(row: &AnyRow) -> Self {
        Self {
            chain: text(row, 0),
            seq: number(row, 1),
            last_signature: text(row, 2),
            at: number(row, 3),
            key: text(row, 4),
            signature: text(row, 5),
        }
    }

    /// Returns the chain and the last event that was removed, if the signature is valid.
    pub(super) fn verified(&self, keys: &PublicKeys) -> Option<(String, Head)> {
        let (chain, seq, at) = (self.chain.as_deref()?, self.seq?, self.at?);
        let last = Head { seq, signature: Signature::parse(self.last_signature.as_deref()?)? };
        let (key, signature) = (self.key.as_deref()?, self.signature.as_deref()?);
        let message = message(key, chain, last, at);
        let verdict = keys.verify(key, message.as_bytes(), Signature::parse(signature)?);
        (verdict == Verdict::Valid).then(|| (chain.to_owned(), last))
    }
}
