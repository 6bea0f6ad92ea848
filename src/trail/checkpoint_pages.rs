//! The rows of the checkpoints, read from the newest one down, a page at a time.
//!
//! PostgreSQL sends the whole result of a statement without a limit, also to a reader that stops
//! after the first row.

use sqlx::AnyConnection;

use super::columns;
use super::newest_checkpoint::{CHECKPOINT_COLUMNS, CheckpointRow};
use crate::store::engine::Engine;

/// Rows that are read at a time.
const PAGE: usize = 50;

/// A position in the checkpoints.
pub(super) struct CheckpointPages<'a> {
    engine: Engine,
    /// The greatest number to read.
    from: i64,
    /// Reads only the rows that name this key.
    key: Option<&'a str>,
    /// The last row of the page before that has a readable key.
    after: Option<(i64, String)>,
    /// Rows after that one that were read and have none. The bot writes no such row.
    skip: usize,
}

impl<'a> CheckpointPages<'a> {
    /// Starts at a number. A row whose number is no number is left out.
    pub(super) const fn new(engine: Engine, from: i64, key: Option<&'a str>) -> Self {
        Self { engine, from, key, after: None, skip: 0 }
    }

    /// Reads the next page. It is empty after the end.
    pub(super) async fn next(
        &mut self,
        on: &mut AnyConnection,
    ) -> Result<Vec<CheckpointRow>, sqlx::Error> {
        let after = match self.after {
            None => "checkpoints.seq <= $1",
            Some(_) => "(checkpoints.seq, checkpoints.signature) < ($1, $2)",
        };
        let key = match (self.key, &self.after) {
            (None, _) => "",
            (Some(_), None) => "and checkpoints.key = $2",
            (Some(_), Some(_)) => "and checkpoints.key = $3",
        };
        let rest = format!(
            "from checkpoints where {after} {key}
             order by checkpoints.seq desc, checkpoints.signature desc limit {PAGE} offset {}",
            self.skip
        );
        let query = sqlx::query(columns::select(self.engine, &CHECKPOINT_COLUMNS, &rest));
        let query = match &self.after {
            None => query.bind(self.from),
            Some((seq, signature)) => query.bind(*seq).bind(signature.clone()),
        };
        let query = self.key.into_iter().fold(query, sqlx::query::Query::bind);
        let rows = query.fetch_all(on).await?;
        let page: Vec<_> = rows.iter().map(CheckpointRow::read).collect();
        for row in &page {
            match (row.seq, &row.signature) {
                (Some(seq), Some(signature)) => {
                    self.after = Some((seq, signature.clone()));
                    self.skip = 0;
                }
                _ => self.skip += 1,
            }
        }
        Ok(page)
    }
}
