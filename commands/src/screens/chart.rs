//! Charts of sessions as plain data. The program draws them.

use std::fmt;

use crate::model::words::Locale;
use crate::screens::numbers::number;

/// Parts of which a column is made. Each has a color and a pattern of its own.
pub const PARTS: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    pub title: String,
    /// Line below the title, with the time zone.
    pub subtitle: String,
    pub plot: Plot,
    /// Alternative text.
    pub description: String,
    /// Language of the numbers.
    pub locale: Locale,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plot {
    /// Stacked columns, from left to right.
    Columns {
        /// Names of the parts, from the bottom of the stack.
        parts: [String; PARTS],
        columns: Vec<Column>,
    },
    /// Bars, from top to bottom.
    Bars(Vec<Bar>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub label: String,
    /// From the bottom of the stack.
    pub counts: [u32; PARTS],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    pub label: String,
    pub count: u32,
}

impl Column {
    pub fn total(&self) -> u32 {
        self.counts.iter().fold(0, |total, count| total.saturating_add(*count))
    }
}

/// Writes the chart as text, for snapshots.
impl fmt::Display for Chart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}", self.title, self.subtitle)?;
        let number = |count| number(self.locale, u64::from(count));
        match &self.plot {
            Plot::Columns { parts, columns } => {
                writeln!(f, "[{}]", parts.join(" + "))?;
                for column in columns {
                    let counts = column.counts.map(number).join(" + ");
                    writeln!(f, "{}: {counts} = {}", column.label, number(column.total()))?;
                }
            }
            Plot::Bars(bars) => {
                for bar in bars {
                    writeln!(f, "{}: {}", bar.label, number(bar.count))?;
                }
            }
        }
        write!(f, "({})", self.description)
    }
}
