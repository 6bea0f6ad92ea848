//! The part of a lead's custom id that names a view of the statistics.

use std::fmt;

use crate::screens::custom_id::parse_number;

/// Days up to today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Period {
    Today,
    #[default]
    Week,
    Month,
    Quarter,
}

/// Chart of a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartKind {
    /// Sessions over time.
    #[default]
    Time,
    /// Why sessions ended.
    Reasons,
}

/// View of the statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatsView {
    pub period: Period,
    pub chart: ChartKind,
    /// Discord id of the agent whose sessions are counted.
    pub agent: Option<u64>,
}

/// Action of a press on a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatsAct {
    /// Draws the other chart.
    Chart,
    /// Opens another period.
    Open,
    /// Opens the period that is chosen from the menu.
    Choose,
    /// Writes the sessions to a file.
    File,
}

impl Period {
    pub const ALL: [Self; 4] = [Self::Today, Self::Week, Self::Month, Self::Quarter];

    pub const fn days(self) -> i64 {
        match self {
            Self::Today => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }

    /// Returns the word in custom ids, in the trail and in catalogs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Week => "7",
            Self::Month => "30",
            Self::Quarter => "90",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.name() == word)
    }
}

impl ChartKind {
    pub const ALL: [Self; 2] = [Self::Time, Self::Reasons];

    const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Reasons => "why",
        }
    }
}

impl StatsAct {
    pub const ALL: [Self; 4] = [Self::Chart, Self::Open, Self::Choose, Self::File];

    const fn name(self) -> &'static str {
        match self {
            Self::Chart => "chart",
            Self::Open => "open",
            Self::Choose => "choose",
            Self::File => "file",
        }
    }
}

/// Parses what [`write`] writes.
pub(super) fn parse<'a>(
    parts: &mut impl Iterator<Item = &'a str>,
) -> Option<(StatsAct, StatsView)> {
    let word = parts.next()?;
    let act = StatsAct::ALL.into_iter().find(|act| act.name() == word)?;
    let period = Period::parse(parts.next()?)?;
    let word = parts.next()?;
    let chart = ChartKind::ALL.into_iter().find(|chart| chart.name() == word)?;
    let agent = match parts.next()? {
        "all" => None,
        agent => Some(parse_number(agent)?),
    };
    Some((act, StatsView { period, chart, agent }))
}

/// Writes `<act>.<period>.<chart>.<agent>`.
pub(super) fn write(act: StatsAct, view: StatsView, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let StatsView { period, chart, agent } = view;
    write!(f, "{}.{}.{}.", act.name(), period.name(), chart.name())?;
    match agent {
        Some(agent) => write!(f, "{agent}"),
        None => f.write_str("all"),
    }
}
