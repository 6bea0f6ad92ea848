//! Custom ids of a lead's view of the trail.
//!
//! `<place>.<topic and days>.<end>.<page>.<filter>`: the whole view, because the bot keeps no state
//! of it. A ticket number can contain dots, so the filter is the last part.

use std::fmt;

use crate::model::ticket::Ticket;
use crate::model::time::Timestamp;
use crate::model::trail_filter::{TrailAbout, TrailDays, TrailFilter, TrailTopic};
use crate::screens::custom_id::parse_number;

/// Button of a view of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailId {
    pub place: TrailPlace,
    pub view: TrailView,
}

/// A page of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailView {
    pub about: TrailAbout,
    pub topic: TrailTopic,
    pub days: TrailDays,
    /// End of the span, in seconds since the epoch. It is fixed when the view opens, so that pages
    /// do not slide.
    pub end: u32,
    /// Page, from 0.
    pub page: u16,
}

/// Action of a button of the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrailPlace {
    /// Opens a view that ends now.
    Open,
    /// Draws a page of older events.
    Older,
    /// Draws a page of newer events.
    Newer,
    /// Sends the events as a file.
    File,
    /// Verifies the chain of the session.
    Verify,
}

impl TrailView {
    /// Returns the first page of the view that ends with the present second.
    pub fn ending(about: TrailAbout, topic: TrailTopic, days: TrailDays, now: Timestamp) -> Self {
        let end = now.seconds().saturating_add(1);
        Self { about, topic, days, end: u32::try_from(end).unwrap_or(u32::MAX), page: 0 }
    }

    /// Returns the view of everything about someone, for a button that opens it.
    pub fn about(about: TrailAbout) -> Self {
        Self { about, topic: TrailTopic::All, days: TrailDays::DEFAULT, end: 0, page: 0 }
    }

    pub fn filter(&self) -> TrailFilter {
        let Self { about, topic, days, .. } = self.clone();
        TrailFilter { about, topic, days, end: Timestamp(i64::from(self.end) * 1_000) }
    }
}

impl TrailPlace {
    #[cfg(test)]
    pub(super) const ALL: [Self; 5] =
        [Self::Open, Self::Older, Self::Newer, Self::File, Self::Verify];

    const fn letter(self) -> &'static str {
        match self {
            Self::Open => "s",
            Self::Older => "o",
            Self::Newer => "n",
            Self::File => "f",
            Self::Verify => "v",
        }
    }
}

const fn topic_letter(topic: TrailTopic) -> &'static str {
    match topic {
        TrailTopic::All => "a",
        TrailTopic::Codes => "c",
        TrailTopic::AccessLinks => "x",
        TrailTopic::Refusals => "r",
        TrailTopic::Leads => "l",
        TrailTopic::Alerts => "w",
    }
}

impl TrailId {
    /// Parses what follows the prefix.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '.');
        let place = match parts.next()? {
            "s" => TrailPlace::Open,
            "o" => TrailPlace::Older,
            "n" => TrailPlace::Newer,
            "f" => TrailPlace::File,
            "v" => TrailPlace::Verify,
            _ => return None,
        };
        let (letter, days) = parts.next()?.split_at_checked(1)?;
        let topic = TrailTopic::ALL.into_iter().find(|topic| topic_letter(*topic) == letter)?;
        let days = TrailDays::of(parse_number(days)?)?;
        let (end, page) = (parse_number(parts.next()?)?, parse_number(parts.next()?)?);
        let about = parse_about(parts.next()?)?;
        Some(Self { place, view: TrailView { about, topic, days, end, page } })
    }
}

fn parse_about(text: &str) -> Option<TrailAbout> {
    let (kind, value) = text.split_at_checked(1)?;
    Some(match kind {
        "e" if value.is_empty() => TrailAbout::Everything,
        "s" => TrailAbout::Session(value.parse().ok()?),
        "a" => TrailAbout::Agent(parse_number(value)?),
        "c" => TrailAbout::Customer(value.parse().ok()?),
        "t" => {
            let ticket = Ticket::parse(value).ok()?;
            // An id has one spelling, without blanks.
            (ticket.as_str() == value).then_some(TrailAbout::Ticket(ticket))?
        }
        _ => return None,
    })
}

impl fmt::Display for TrailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TrailView { about, topic, days, end, page } = &self.view;
        let (place, topic, days) = (self.place.letter(), topic_letter(*topic), days.get());
        write!(f, "{place}.{topic}{days}.{end}.{page}.")?;
        match about {
            TrailAbout::Everything => f.write_str("e"),
            TrailAbout::Session(session) => write!(f, "s{session}"),
            TrailAbout::Agent(agent) => write!(f, "a{agent}"),
            TrailAbout::Customer(customer) => write!(f, "c{customer}"),
            TrailAbout::Ticket(ticket) => write!(f, "t{}", ticket.as_str()),
        }
    }
}
