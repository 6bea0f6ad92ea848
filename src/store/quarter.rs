//! Quarters of the calendar. Each customer has one key a quarter, so that what the key seals can
//! expire with its quarter.

use std::fmt;
use std::str::FromStr;

use commands::model::time::Timestamp;
use time::{Date, Month, OffsetDateTime};

/// A quarter of the UTC calendar, such as `2026Q4`. Of four-digit years, the text sorts by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    year: i32,
    /// From 0.
    nth: u8,
}

/// Returns the quarter of a time. A time beyond the calendar counts as that of the epoch.
pub fn quarter_of(at: Timestamp) -> Quarter {
    let time = OffsetDateTime::from_unix_timestamp(at.seconds());
    let date = time.unwrap_or(OffsetDateTime::UNIX_EPOCH).date();
    Quarter { year: date.year(), nth: (u8::from(date.month()) - 1) / 3 }
}

impl Quarter {
    /// Returns the first instant after the quarter.
    pub fn end(self) -> Timestamp {
        let (year, month) = match self.nth {
            0 => (self.year, Month::April),
            1 => (self.year, Month::July),
            2 => (self.year, Month::October),
            _ => (self.year + 1, Month::January),
        };
        // Only the last quarter of the calendar has no end.
        let end = Date::from_calendar_date(year, month, 1);
        let seconds = end.map(|date| date.midnight().assume_utc().unix_timestamp());
        Timestamp(seconds.map_or(i64::MAX, |seconds| seconds.saturating_mul(1000)))
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}Q{}", self.year, self.nth + 1)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a quarter, such as 2026Q4")]
pub struct NotAQuarter;

impl FromStr for Quarter {
    type Err = NotAQuarter;

    fn from_str(text: &str) -> Result<Self, NotAQuarter> {
        let (year, nth) = text.split_once('Q').ok_or(NotAQuarter)?;
        let quarter = Self {
            year: year.parse().map_err(|_| NotAQuarter)?,
            nth: nth.parse::<u8>().ok().and_then(|nth| nth.checked_sub(1)).ok_or(NotAQuarter)?,
        };
        // A quarter has one spelling, because it is a part of a key.
        if quarter.nth < 4 && quarter.to_string() == text { Ok(quarter) } else { Err(NotAQuarter) }
    }
}

#[cfg(test)]
mod tests {
    use time::format_description::well_known::Rfc3339;

    use super::*;

    fn at(text: &str) -> Timestamp {
        let time = OffsetDateTime::parse(text, &Rfc3339).unwrap();
        Timestamp(i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap())
    }

    #[test]
    fn quarter_ends_after_its_last_millisecond() {
        for (last, quarter, next) in [
            ("2026-03-31T23:59:59.999Z", "2026Q1", "2026Q2"),
            ("2026-06-30T23:59:59.999Z", "2026Q2", "2026Q3"),
            ("2026-09-30T23:59:59.999Z", "2026Q3", "2026Q4"),
            ("2026-12-31T23:59:59.999Z", "2026Q4", "2027Q1"),
            ("1969-12-31T23:59:59.999Z", "1969Q4", "1970Q1"),
        ] {
            let last = at(last);
            assert_eq!(quarter_of(last).to_string(), quarter);
            assert_eq!(quarter_of(Timestamp(last.0 + 1)).to_string(), next);
            assert_eq!(quarter_of(last).end(), Timestamp(last.0 + 1), "{quarter}");
        }
    }

    #[test]
    fn leap_years_have_a_longer_first_quarter() {
        let days = |year: i32| {
            let begin = quarter_of(at(&format!("{year}-01-01T00:00:00Z")));
            let before = at(&format!("{year}-01-01T00:00:00Z"));
            begin.end().since(before).as_secs() / 86_400
        };
        assert_eq!([2023, 2024, 2000, 2100].map(days), [90, 91, 91, 90]);
        assert_eq!(quarter_of(at("2024-02-29T12:00:00Z")).to_string(), "2024Q1");
    }

    #[test]
    fn text_is_parsed_in_one_spelling() {
        let quarter: Quarter = "2026Q4".parse().unwrap();
        assert_eq!(quarter.end(), at("2027-01-01T00:00:00Z"));
        for bad in ["", "2026", "2026Q0", "2026Q5", "2026Q44", "2026q4", "02026Q4", "2026Q04"] {
            assert_eq!(bad.parse::<Quarter>(), Err(NotAQuarter), "{bad}");
        }
        assert!("2025Q4".parse::<Quarter>().unwrap() < quarter);
    }

    #[test]
    fn times_beyond_the_calendar_count_as_the_epoch() {
        for at in [i64::MIN, i64::MAX] {
            assert_eq!(quarter_of(Timestamp(at)).to_string(), "1970Q1");
        }
    }
}
