//! The company's days, which begin at midnight of UTC or are shifted by a fixed offset.

use std::fmt;
use std::str::FromStr;

use crate::model::time::Timestamp;

/// Earliest and latest offset in minutes: those of the world's time zones (IANA, "tzdata").
const RANGE: std::ops::RangeInclusive<i32> = -12 * 60..=14 * 60;

const MILLIS_OF_MINUTE: i64 = 60 * 1_000;
const MILLIS_OF_DAY: i64 = 24 * 60 * MILLIS_OF_MINUTE;

/// Difference to UTC, in whole minutes. Daylight saving time is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UtcOffset(i32);

impl UtcOffset {
    /// Returns the day of a time, counted from 1 January 1970.
    pub fn day(self, at: Timestamp) -> i64 {
        at.0.saturating_add(self.millis()).div_euclid(MILLIS_OF_DAY)
    }

    /// Returns the time at which a day begins.
    pub fn start(self, day: i64) -> Timestamp {
        Timestamp(day.saturating_mul(MILLIS_OF_DAY).saturating_sub(self.millis()))
    }

    /// Returns the hour of a time, from 0 to 23.
    pub fn hour(self, at: Timestamp) -> i64 {
        at.0.saturating_add(self.millis()).rem_euclid(MILLIS_OF_DAY) / (60 * MILLIS_OF_MINUTE)
    }

    fn millis(self) -> i64 {
        i64::from(self.0) * MILLIS_OF_MINUTE
    }
}

#[derive(Debug, thiserror::Error)]
#[error("must be an offset from -12:00 to +14:00, such as -05:00")]
pub struct NotAnOffset;

impl FromStr for UtcOffset {
    type Err = NotAnOffset;

    /// Parses `+hh:mm` or `-hh:mm`.
    fn from_str(text: &str) -> Result<Self, NotAnOffset> {
        let two_digits = |text: &str| {
            let is_number = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
            text.parse::<i32>().ok().filter(|_| is_number)
        };
        let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(rest), _) => (1, rest),
            (_, Some(rest)) => (-1, rest),
            _ => return Err(NotAnOffset),
        };
        let (hours, minutes) = rest.split_once(':').ok_or(NotAnOffset)?;
        let hours = two_digits(hours).ok_or(NotAnOffset)?;
        let minutes = two_digits(minutes).filter(|minutes| *minutes < 60).ok_or(NotAnOffset)?;
        let offset = sign * (hours * 60 + minutes);
        if RANGE.contains(&offset) { Ok(Self(offset)) } else { Err(NotAnOffset) }
    }
}

/// Writes `UTC`, or `UTC−05:00` with a minus sign.
impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes) = (self.0.abs() / 60, self.0.abs() % 60);
        match self.0 {
            0 => f.write_str("UTC"),
            offset => {
                let sign = if offset < 0 { '−' } else { '+' };
                write!(f, "UTC{sign}{hours:02}:{minutes:02}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(text: &str) -> UtcOffset {
        text.parse().unwrap()
    }

    #[test]
    fn offset_has_hours_and_minutes() {
        for (text, shown) in [
            ("+00:00", "UTC"),
            ("-00:00", "UTC"),
            ("-05:00", "UTC−05:00"),
            ("+05:45", "UTC+05:45"),
            ("+14:00", "UTC+14:00"),
            ("-12:00", "UTC−12:00"),
        ] {
            assert_eq!(offset(text).to_string(), shown);
        }
        for bad in
            ["", "05:00", "+5:00", "+05", "+14:01", "-12:01", "+05:60", "+0a:00", "UTC", "+ 5:00"]
        {
            assert!(bad.parse::<UtcOffset>().is_err(), "{bad}");
        }
    }

    #[test]
    fn day_begins_at_the_companys_midnight() {
        let (utc, lima) = (UtcOffset::default(), offset("-05:00"));
        let midnight = Timestamp(20_000 * MILLIS_OF_DAY);
        assert_eq!((utc.day(midnight), utc.hour(midnight)), (20_000, 0));
        assert_eq!(
            (utc.day(Timestamp(midnight.0 - 1)), utc.hour(Timestamp(midnight.0 - 1))),
            (19_999, 23)
        );
        assert_eq!((lima.day(midnight), lima.hour(midnight)), (19_999, 19));
        assert_eq!(lima.start(19_999), Timestamp(midnight.0 - 19 * 60 * MILLIS_OF_MINUTE));
        assert_eq!(utc.start(20_000), midnight);
        assert_eq!(utc.day(Timestamp(-1)), -1, "before 1970");
        assert_eq!(lima.start(i64::MAX), Timestamp(i64::MAX));
    }
}
