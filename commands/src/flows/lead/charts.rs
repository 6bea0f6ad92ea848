//! The charts of the statistics, with their alternative texts.

use crate::flows::lead::figures::{Figures, Outcome};
use crate::flows::lead::parts::close_word_of;
use crate::flows::lead::period::{Days, Unit};
use crate::model::words::Locale;
use crate::say;
use crate::screens::chart::{Bar, Chart, Column, Plot};
use crate::screens::numbers::number;
use crate::screens::stats_id::ChartKind;

/// Bars of a chart. Ours: more do not fit a picture with letters of 25 pixels. The last one holds
/// the remaining reasons.
const MAX_BARS: usize = 9;

/// Returns a chart of the figures. `None` if there is nothing to draw.
pub fn chart(kind: ChartKind, figures: &Figures, days: Days, locale: Locale) -> Option<Chart> {
    match kind {
        ChartKind::Time => (figures.started > 0).then(|| over_time(figures, days, locale)),
        ChartKind::Reasons => (!figures.reasons.is_empty()).then(|| reasons(figures, days, locale)),
    }
}

fn over_time(figures: &Figures, days: Days, locale: Locale) -> Chart {
    let unit = days.unit().name();
    let title = say!(locale, "chart-sessions", unit = unit);
    let parts = [Outcome::Verified, Outcome::NotVerified, Outcome::Stopped]
        .map(|outcome| say!(locale, "chart-part", outcome = outcome.name()));
    let columns = figures.columns.iter().enumerate();
    let columns: Vec<Column> = columns
        .map(|(nth, counts)| Column { label: days.label(nth, locale), counts: *counts })
        .collect();
    let totals: Vec<u32> = columns.iter().map(Column::total).collect();
    let started = number(locale, figures.started.into());
    let verified = number(locale, figures.of(Outcome::Verified).into());
    let dates = days.dates(locale);
    let mut description = vec![say!(
        locale,
        "chart-sessions-alt",
        title = title.as_str(),
        dates = dates.as_str(),
        started = started,
        verified = verified
    )];
    description.extend(most(&totals, days, locale));
    description.extend(none(&totals, days, locale));
    Chart {
        title,
        subtitle: format!("{dates} · {}", days.offset),
        plot: Plot::Columns { parts, columns },
        description: format!("{}.", description.join("; ")),
        locale,
    }
}

/// Returns the highest column in words.
fn most(totals: &[u32], days: Days, locale: Locale) -> Option<String> {
    let highest = totals.iter().copied().max().filter(|highest| *highest > 0)?;
    let column = totals.iter().position(|total| *total == highest)?;
    let (when, count) = (days.when(column, locale), number(locale, highest.into()));
    Some(say!(locale, "chart-most", when = when, count = count))
}

/// Returns the empty columns in words. Today's hours have no such words, because some are to come.
fn none(totals: &[u32], days: Days, locale: Locale) -> Option<String> {
    if days.unit() == Unit::Hour {
        return None;
    }
    let mut empty = totals.iter().enumerate().filter(|(_, total)| **total == 0);
    let (first, _) = empty.next()?;
    Some(match empty.count() {
        0 => say!(locale, "chart-none", when = days.when(first, locale)),
        further => {
            let count = further + 1;
            say!(locale, "chart-none-of", unit = days.unit().name(), count = count)
        }
    })
}

fn reasons(figures: &Figures, days: Days, locale: Locale) -> Chart {
    let mut bars: Vec<Bar> = figures
        .reasons
        .iter()
        .map(|(why, count)| Bar { label: close_word_of(why, locale), count: *count })
        .collect();
    if bars.len() > MAX_BARS {
        let others = bars.split_off(MAX_BARS - 1);
        let count = others.iter().map(|bar| bar.count).sum();
        bars.push(Bar { label: say!(locale, "chart-others"), count });
    }
    let title = say!(locale, "chart-reasons");
    let dates = days.dates(locale);
    let word = |bar: &Bar| format!("{} {}", bar.label, number(locale, bar.count.into()));
    let list = bars.iter().map(word).collect::<Vec<_>>().join(", ");
    Chart {
        description: format!("{title}, {dates}: {list}."),
        title,
        subtitle: format!("{dates} · {}", days.offset),
        plot: Plot::Bars(bars),
        locale,
    }
}
