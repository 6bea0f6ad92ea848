//! The time of the statistics: whole days of the company up to today, in columns of a chart.

use time::Date;

use crate::model::time::Timestamp;
use crate::model::utc_offset::UtcOffset;
use crate::model::words::Locale;
use crate::ports::figures::FigureFilter;
use crate::say;
use crate::screens::stats_id::Period;

/// Day of the epoch, 1 January 1970, in the Julian calendar of [`Date::from_julian_day`].
const EPOCH: i64 = 2_440_588;

/// Time that a column stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Hour,
    Day,
    Week,
}

impl Unit {
    /// Returns the word that selects a text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }
}

/// The days of a period, which ends with today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub period: Period,
    pub offset: UtcOffset,
    /// First and last day, counted from 1 January 1970.
    pub first: i64,
    pub last: i64,
}

impl Days {
    pub fn until(now: Timestamp, period: Period, offset: UtcOffset) -> Self {
        Self::ending(offset.day(now), period, offset)
    }

    fn ending(last: i64, period: Period, offset: UtcOffset) -> Self {
        Self { period, offset, first: last - (period.days() - 1), last }
    }

    /// Returns the days of another period that end with the same day.
    pub fn of(self, period: Period) -> Self {
        Self::ending(self.last, period, self.offset)
    }

    /// Returns the sessions of these days.
    pub fn filter(self, agent: Option<u64>) -> FigureFilter {
        let (from, until) = (self.offset.start(self.first), self.offset.start(self.last + 1));
        FigureFilter { from, until, agent }
    }

    pub const fn unit(self) -> Unit {
        match self.period {
            Period::Today => Unit::Hour,
            Period::Week | Period::Month => Unit::Day,
            Period::Quarter => Unit::Week,
        }
    }

    /// Returns the number of columns.
    pub fn columns(self) -> usize {
        let columns = match self.unit() {
            Unit::Hour => 24,
            Unit::Day => self.period.days(),
            // The weeks end today, so the first one can be shorter.
            Unit::Week => (self.period.days() + 6) / 7,
        };
        usize::try_from(columns).unwrap_or_default()
    }

    /// Returns the column of a time. `None` outside the days.
    pub fn column(self, at: Timestamp) -> Option<usize> {
        let day = self.offset.day(at);
        if day < self.first || day > self.last {
            return None;
        }
        let column = match self.unit() {
            Unit::Hour => self.offset.hour(at),
            Unit::Day => day - self.first,
            Unit::Week => i64::try_from(self.columns()).ok()? - 1 - (self.last - day) / 7,
        };
        usize::try_from(column).ok()
    }

    /// Returns the first day of a column.
    fn first_day(self, column: usize) -> i64 {
        let column = i64::try_from(column).unwrap_or_default();
        match self.unit() {
            Unit::Hour => self.first,
            Unit::Day => self.first + column,
            Unit::Week => {
                let columns = i64::try_from(self.columns()).unwrap_or_default();
                (self.last - 7 * (columns - column) + 1).max(self.first)
            }
        }
    }

    /// Returns the label of a column: `09:00`, `Mon 23` or `23 Nov`.
    pub fn label(self, column: usize, locale: Locale) -> String {
        let date = date(self.first_day(column));
        match self.period {
            Period::Today => format!("{column:02}:00"),
            Period::Week => {
                let weekday = date.weekday().number_from_monday();
                say!(locale, "date-weekday", weekday = weekday, day = date.day())
            }
            Period::Month | Period::Quarter => {
                let month = u8::from(date.month());
                let month = say!(locale, "date-month-short", month = month);
                say!(locale, "date-short", day = date.day(), month = month)
            }
        }
    }

    /// Returns when a column is, in a sentence: `at 09:00`, `on 23 November`.
    pub fn when(self, column: usize, locale: Locale) -> String {
        let label = match self.unit() {
            Unit::Hour => self.label(column, locale),
            Unit::Day | Unit::Week => day_and_month(date(self.first_day(column)), locale),
        };
        say!(locale, "date-when", unit = self.unit().name(), label = label)
    }

    /// Returns the dates: `23 to 29 November 2026`.
    pub fn dates(self, locale: Locale) -> String {
        let (first, last) = (date(self.first), date(self.last));
        let full = |date: Date| {
            let day = day_and_month(date, locale);
            say!(locale, "date-full", day = day, year = date.year())
        };
        if first == last {
            return full(last);
        }
        let start = if first.year() != last.year() {
            full(first)
        } else if first.month() == last.month() {
            first.day().to_string()
        } else {
            day_and_month(first, locale)
        };
        say!(locale, "date-range", first = start, last = full(last))
    }
}

fn day_and_month(date: Date, locale: Locale) -> String {
    let month = say!(locale, "date-month", month = u8::from(date.month()));
    say!(locale, "date-day", day = date.day(), month = month)
}

/// Returns the date of a day. One beyond the calendar is its last one.
fn date(day: i64) -> Date {
    let day = i32::try_from(day.saturating_add(EPOCH)).ok();
    day.and_then(|day| Date::from_julian_day(day).ok()).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noon of 29 November 2026, UTC.
    const NOON: Timestamp = Timestamp(1_795_953_600_000);
    const HOUR: i64 = 3_600_000;

    fn days(period: Period) -> Days {
        Days::until(NOON, period, UtcOffset::default())
    }

    fn at_hour(hours: i64) -> Timestamp {
        Timestamp(NOON.0 + hours * HOUR)
    }

    #[test]
    fn period_ends_with_today() {
        let filter = days(Period::Week).filter(Some(7));
        assert_eq!((filter.from, filter.until), (at_hour(-12 - 6 * 24), at_hour(12)));
        assert_eq!(filter.agent, Some(7));
        let today = days(Period::Today);
        assert_eq!((today.column(at_hour(-12)), today.column(at_hour(11))), (Some(0), Some(23)));
        assert_eq!((today.column(at_hour(-13)), today.column(at_hour(12))), (None, None));
    }

    #[test]
    fn weeks_end_today_and_cover_every_day() {
        let quarter = days(Period::Quarter);
        assert_eq!(quarter.columns(), 13);
        for (hours, column) in [(11, 12), (-12 - 6 * 24, 12), (-13 - 6 * 24, 11), (-89 * 24, 0)] {
            assert_eq!(quarter.column(at_hour(hours)), Some(column), "{hours}");
        }
        assert_eq!(quarter.column(at_hour(-90 * 24)), None);
        assert_eq!(quarter.first_day(0), quarter.first);
        assert_eq!(quarter.first_day(12), quarter.last - 6);
        assert_eq!(quarter.first_day(1), quarter.first + 6);
    }

    #[test]
    fn offset_moves_midnight() {
        let lima: UtcOffset = "-05:00".parse().unwrap();
        let week = Days::until(at_hour(13), Period::Week, lima);
        assert_eq!(week.dates(Locale::En), "23 to 29 November 2026");
        assert_eq!(week.column(at_hour(16)), Some(6), "23:00 in Lima");
        assert_eq!(week.column(at_hour(17)), None);
        let utc = Days::until(at_hour(13), Period::Week, UtcOffset::default());
        assert_eq!(utc.dates(Locale::En), "24 to 30 November 2026");
    }

    #[test]
    fn dates_are_in_the_language() {
        for (period, english, spanish) in [
            (Period::Today, "29 November 2026", "29 de noviembre de 2026"),
            (Period::Week, "23 to 29 November 2026", "23 al 29 de noviembre de 2026"),
            (
                Period::Month,
                "31 October to 29 November 2026",
                "31 de octubre al 29 de noviembre de 2026",
            ),
        ] {
            assert_eq!(days(period).dates(Locale::En), english);
            assert_eq!(days(period).dates(Locale::Es), spanish);
        }
        let new_year = Days::until(at_hour(40 * 24), Period::Month, UtcOffset::default());
        assert_eq!(new_year.dates(Locale::En), "10 December 2026 to 8 January 2027");
        assert_eq!(days(Period::Week).label(6, Locale::En), "Sun 29");
        assert_eq!(days(Period::Week).label(6, Locale::Es), "dom 29");
        assert_eq!(days(Period::Month).label(0, Locale::Es), "31 oct");
        assert_eq!(days(Period::Today).when(9, Locale::En), "at 09:00");
        assert_eq!(days(Period::Quarter).when(12, Locale::En), "in the week from 23 November");
    }

    #[test]
    fn time_beyond_the_calendar_has_a_date() {
        for at in [Timestamp(i64::MAX), Timestamp(i64::MIN)] {
            let days = Days::until(at, Period::Quarter, UtcOffset::default());
            assert!(!days.dates(Locale::En).is_empty());
            assert_eq!(days.column(at), Some(12));
        }
    }
}
