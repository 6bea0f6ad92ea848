//! Counts of started sessions. Pure: sessions in, figures out.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::flows::lead::period::Days;
use crate::model::time::minutes;
use crate::model::words::CloseReason;
use crate::ports::figures::{AlertFigures, CodeFigures, CountedSession};
use crate::screens::chart::PARTS;

/// Cases from which a number has a share of them. Ours: below, one session changes it by more than
/// ten percentage points.
pub const SHARE_CASES: u32 = 10;

/// Sessions from which an agent has figures. Ours: fewer show single sessions, not a habit (CNIL,
/// recommendation on logging, 2021).
pub const AGENT_SESSIONS: u32 = 5;

/// Answers of leads from which a kind of alert has a precision, and the time that they cover.
/// Ours: fewer say little about a rule.
pub const PRECISION_ANSWERS: u32 = 10;
pub const PRECISION_WINDOW: Duration = minutes(30 * 24 * 60);

/// Percentage of false alarms above which a kind of alert is mostly wrong. Ours.
pub const MOSTLY_FALSE_PERCENT: u32 = 70;

/// Reasons for a close that count as *locked or reported*.
const STOPPED: [CloseReason; 3] =
    [CloseReason::AgentLockedOut, CloseReason::CustomerLockedOut, CloseReason::Reported];

/// Result of a session. In this order they are the parts of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Both proofs were given, however the session ended.
    Verified,
    /// The session ended without both proofs, or is still open.
    NotVerified,
    /// The session ended by a lockout or a report, without both proofs.
    Stopped,
}

impl Outcome {
    pub fn of(session: &CountedSession) -> Self {
        let is_stop = |why: &String| STOPPED.iter().any(|reason| reason.name() == why);
        match &session.closed_why {
            _ if session.verified_at.is_some() => Self::Verified,
            Some(why) if is_stop(why) => Self::Stopped,
            _ => Self::NotVerified,
        }
    }

    /// Returns the word in files and catalogs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::NotVerified => "not_verified",
            Self::Stopped => "stopped",
        }
    }

    pub const fn part(self) -> usize {
        match self {
            Self::Verified => 0,
            Self::NotVerified => 1,
            Self::Stopped => 2,
        }
    }
}

/// Time from Start to the second proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Half of the verified sessions took at most this.
    pub half: Duration,
    /// Nine of ten took at most this.
    pub most: Duration,
}

/// Sessions of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentFigures {
    pub discord_id: u64,
    /// Name in the newest session.
    pub name: String,
    pub started: u32,
    pub verified: u32,
}

/// Figures of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub started: u32,
    /// Sessions by [`Outcome::part`].
    pub outcomes: [u32; PARTS],
    pub with_ticket: u32,
    /// `None` below [`SHARE_CASES`] verified sessions.
    pub pace: Option<Pace>,
    /// Outcomes by column of the chart.
    pub columns: Vec<[u32; PARTS]>,
    /// Words of the reasons for a close, the most frequent one first.
    pub reasons: Vec<(String, u32)>,
    /// Access links by the word of their target.
    pub links: BTreeMap<String, u32>,
    /// Agents with at least [`AGENT_SESSIONS`], by name.
    pub agents: Vec<AgentFigures>,
    pub codes: CodeFigures,
    /// Alerts by kind. Empty for one agent.
    pub alerts: Vec<AlertFigures>,
    /// Words of the kinds of alerts that are mostly wrong.
    pub mostly_false: Vec<String>,
}

/// Returns the kinds of alerts that are mostly wrong, of those in [`PRECISION_WINDOW`].
pub fn mostly_false(alerts: &[AlertFigures]) -> Vec<String> {
    let is_mostly_false = |alerts: &&AlertFigures| {
        let answers = u64::from(alerts.handled) + u64::from(alerts.false_alarms);
        answers >= u64::from(PRECISION_ANSWERS)
            && u64::from(alerts.false_alarms) * 100 > answers * u64::from(MOSTLY_FALSE_PERCENT)
    };
    alerts.iter().filter(is_mostly_false).map(|alerts| alerts.kind.clone()).collect()
}

impl Figures {
    /// Counts sessions, the newest one first. Those outside the days are left out.
    pub fn count(days: Days, sessions: &[CountedSession], codes: CodeFigures) -> Self {
        let columns = vec![[0; PARTS]; days.columns()];
        let mut figures = Self { columns, codes, ..Self::default() };
        let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
        let mut agents: BTreeMap<u64, AgentFigures> = BTreeMap::new();
        let mut paces = Vec::new();
        for session in sessions {
            let Some(column) = days.column(session.started_at) else { continue };
            let outcome = Outcome::of(session);
            figures.started += 1;
            figures.outcomes[outcome.part()] += 1;
            if let Some(column) = figures.columns.get_mut(column) {
                column[outcome.part()] += 1;
            }
            figures.with_ticket += u32::from(session.ticket.is_some());
            paces.extend(session.verified_at.map(|at| at.since(session.started_at)));
            if let Some(why) = &session.closed_why {
                *reasons.entry(why).or_default() += 1;
            }
            for (target, count) in &session.opened {
                let links = figures.links.entry(target.clone()).or_default();
                *links = links.saturating_add(*count);
            }
            let agent = agents.entry(session.discord_id).or_insert_with(|| AgentFigures {
                discord_id: session.discord_id,
                name: session.agent_name.clone(),
                started: 0,
                verified: 0,
            });
            agent.started += 1;
            agent.verified += u32::from(outcome == Outcome::Verified);
        }
        figures.pace = pace(paces);
        figures.reasons = reasons.into_iter().map(|(why, count)| (why.to_owned(), count)).collect();
        figures.reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        figures.agents =
            agents.into_values().filter(|agent| agent.started >= AGENT_SESSIONS).collect();
        figures.agents.sort_by_cached_key(|agent| (agent.name.to_lowercase(), agent.discord_id));
        figures
    }

    pub fn of(&self, outcome: Outcome) -> u32 {
        self.outcomes[outcome.part()]
    }
}

/// Returns the median and the ninth decile: the nearest rank, which some session has.
fn pace(mut paces: Vec<Duration>) -> Option<Pace> {
    if paces.len() < usize::try_from(SHARE_CASES).ok()? {
        return None;
    }
    paces.sort_unstable();
    let within = |tenths: usize| paces.get((paces.len() * tenths).div_ceil(10).saturating_sub(1));
    Some(Pace { half: *within(5)?, most: *within(9)? })
}
