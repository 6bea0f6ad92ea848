//! Statements about several rows at once. Their text depends on how many, so rows go in pieces of
//! 64, 32, 16, 8, 4, 2 and 1: each text is made once, and each connection prepares it once.

use std::sync::{Arc, OnceLock};

use sqlx::AssertSqlSafe;

/// The largest piece, as a power of two.
const LARGEST: u32 = 6;
/// Rows of the largest piece.
pub(super) const MOST: usize = 1 << LARGEST;

/// A statement with a list of rows in it.
pub(super) struct Many {
    /// Before the rows.
    before: &'static str,
    /// Placeholders of a row.
    columns: usize,
    /// After them.
    after: &'static str,
    texts: [OnceLock<Arc<str>>; LARGEST as usize + 1],
}

impl Many {
    pub(super) const fn new(before: &'static str, columns: usize, after: &'static str) -> Self {
        Self { before, columns, after, texts: [const { OnceLock::new() }; LARGEST as usize + 1] }
    }

    /// The statement for a piece. Only numbers of placeholders are put into the text.
    pub(super) fn sql<T>(&self, piece: &[T]) -> AssertSqlSafe<Arc<str>> {
        let rows = piece.len();
        let text = self.texts[rows.ilog2() as usize].get_or_init(|| {
            let row = |row: usize| {
                let places: Vec<_> = (1..=self.columns)
                    .map(|column| format!("${}", row * self.columns + column))
                    .collect();
                format!("({})", places.join(", "))
            };
            let all: Vec<_> = (0..rows).map(row).collect();
            format!("{}{}{}", self.before, all.join(", "), self.after).into()
        });
        AssertSqlSafe(Arc::clone(text))
    }
}

/// The rows in pieces for which there is a text.
pub(super) fn pieces<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut left = rows;
    std::iter::from_fn(move || {
        let size = 1 << left.len().checked_ilog2()?.min(LARGEST);
        let (piece, rest) = left.split_at(size);
        left = rest;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use sqlx::SqlSafeStr as _;

    use super::*;

    #[test]
    fn rows_go_in_powers_of_two() {
        let sizes = |rows: usize| pieces(&vec![(); rows]).map(<[()]>::len).collect::<Vec<_>>();
        assert_eq!(sizes(0), [0; 0]);
        assert_eq!(sizes(1), [1]);
        assert_eq!(sizes(63), [32, 16, 8, 4, 2, 1]);
        assert_eq!(sizes(64), [64]);
        assert_eq!(sizes(130), [64, 64, 2]);
    }

    #[test]
    fn each_row_has_its_placeholders() {
        let many = Many::new("insert into t (a, b) values ", 2, " returning a");
        assert_eq!(
            many.sql(&[(); 1]).into_sql_str().as_str(),
            "insert into t (a, b) values ($1, $2) returning a"
        );
        assert_eq!(
            many.sql(&[(); 2]).into_sql_str().as_str(),
            "insert into t (a, b) values ($1, $2), ($3, $4) returning a"
        );
    }
}
