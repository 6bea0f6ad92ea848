//! Statements about several rows at once.
//!
//! Rows are split into chunks of 64, 32, 16, 8, 4, 2 and 1, so that a statement has seven texts.
//! Each connection prepares each text once.
//!
//! This is not sqlx's `QueryBuilder`: for `sqlx::Any` (0.9) that writes every placeholder as `?`,
//! which PostgreSQL rejects, and it makes a new text for each number of rows.

use std::sync::{Arc, OnceLock};

use sqlx::AssertSqlSafe;

/// The largest chunk, as a power of two.
const MAX_EXPONENT: u32 = 6;
/// Rows of the largest chunk.
pub(super) const MAX_ROWS: usize = 1 << MAX_EXPONENT;

/// Returns placeholders with these numbers, for a list of values: `$1, $2`.
pub(super) fn placeholders(numbers: impl IntoIterator<Item = usize>) -> String {
    let places: Vec<_> = numbers.into_iter().map(|number| format!("${number}")).collect();
    places.join(", ")
}

/// A statement with a list of rows in its text.
pub(super) struct BulkStatement {
    before_rows: &'static str,
    /// Placeholders of a row.
    columns: usize,
    after_rows: &'static str,
    texts: [OnceLock<Arc<str>>; MAX_EXPONENT as usize + 1],
}

impl BulkStatement {
    pub(super) const fn new(
        before_rows: &'static str,
        columns: usize,
        after_rows: &'static str,
    ) -> Self {
        let texts = [const { OnceLock::new() }; MAX_EXPONENT as usize + 1];
        Self { before_rows, columns, after_rows, texts }
    }

    /// Returns the text for a chunk. It consists of constants and placeholder numbers.
    pub(super) fn sql<T>(&self, chunk: &[T]) -> AssertSqlSafe<Arc<str>> {
        let rows = chunk.len();
        let text = self.texts[rows.ilog2() as usize].get_or_init(|| {
            let row = |row: usize| {
                let placeholders: Vec<_> = (1..=self.columns)
                    .map(|column| format!("${}", row * self.columns + column))
                    .collect();
                format!("({})", placeholders.join(", "))
            };
            let rows: Vec<_> = (0..rows).map(row).collect();
            format!("{}{}{}", self.before_rows, rows.join(", "), self.after_rows).into()
        });
        AssertSqlSafe(Arc::clone(text))
    }
}

/// Splits rows into chunks whose sizes are powers of two.
pub(super) fn chunks<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut left = rows;
    std::iter::from_fn(move || {
        let size = 1 << left.len().checked_ilog2()?.min(MAX_EXPONENT);
        let (chunk, rest) = left.split_at(size);
        left = rest;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use sqlx::SqlSafeStr as _;

    use super::*;

    #[test]
    fn chunk_sizes_are_powers_of_two() {
        let sizes = |rows: usize| chunks(&vec![(); rows]).map(<[()]>::len).collect::<Vec<_>>();
        assert_eq!(sizes(0), [0; 0]);
        assert_eq!(sizes(1), [1]);
        assert_eq!(sizes(63), [32, 16, 8, 4, 2, 1]);
        assert_eq!(sizes(64), [64]);
        assert_eq!(sizes(130), [64, 64, 2]);
    }

    #[test]
    fn each_row_has_its_own_placeholders() {
        let statement = BulkStatement::new("insert into t (a, b) values ", 2, " returning a");
        assert_eq!(
            statement.sql(&[(); 1]).into_sql_str().as_str(),
            "insert into t (a, b) values ($1, $2) returning a"
        );
        assert_eq!(
            statement.sql(&[(); 2]).into_sql_str().as_str(),
            "insert into t (a, b) values ($1, $2), ($3, $4) returning a"
        );
    }
}
