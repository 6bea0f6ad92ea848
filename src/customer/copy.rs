//! The copy of what is stored about a customer, as data.
//!
//! Fields of the rows are chosen one by one, because the rows also hold data of agents. Left out on
//! purpose: keyed hashes (of Core's id, and of the address that an agent typed) and the customer's
//! sealed keys, because they tell a person nothing; a lead's reason for a close, because it can be
//! a suspicion; and rows that do not verify, because they can be about another customer. The copy
//! says how many these are.

use std::time::Duration;

use commands::model::limit::UNTIL_UNLOCKED;
use commands::model::pseudonym::Pseudonym;
use commands::model::time::Timestamp;
use commands::model::trail::kind;
use commands::model::words::{CloseReason, Locale};
use serde::Serialize;
use serde_json::{Map, Value};

use super::actor::AgentCopy;
use crate::retention::Retention;
use crate::store::{CopiedAbout, CopiedEvent, CopiedLimit, CopiedSession, CustomerRows};
use crate::trail::event::format_time;

/// Details of an event that are about the customer or about what was done. The others name agents,
/// or are numbers of the bot.
const DETAILS: [&str; 17] = [
    "kind",
    "scope",
    "found",
    "colleague",
    "purpose",
    "nth",
    "target",
    "until",
    "why",
    "outcome",
    "stage",
    "step",
    "role",
    "wrong",
    "choice",
    "reference",
    "template",
];
/// Sealed details of an event that are copied. The keyed hash of the typed address is left out.
const ABOUT: [&str; 5] = ["to", "ecosystem", "succession", "reason", "ticket"];

/// What is stored about a customer, except for what the module names. Times are RFC 3339, UTC.
#[derive(Debug, Serialize)]
pub struct CustomerCopy {
    pub(super) made_at: String,
    pub(super) language: &'static str,
    /// The customer's pseudonyms.
    pub(super) pseudonyms: Vec<String>,
    /// Core's id of the customer. `None` if the row was edited.
    pub(super) core_id: Option<String>,
    pub(super) known_since: String,
    pub(super) retention: RetentionCopy,
    pub(super) sessions: Vec<SessionCopy>,
    /// Look-ups that opened no session.
    pub(super) other_events: Vec<EventCopy>,
    /// What is counted against limits of the customer.
    pub(super) limits: Vec<LimitCopy>,
    /// Lockouts of the customer, until they are purged.
    pub(super) lockouts: Vec<LockoutCopy>,
    /// Number of sessions and events that were left out, because they do not verify.
    pub(super) unverified_rows: usize,
}

/// Uses that are counted against a limit.
#[derive(Debug, Serialize)]
pub(super) struct LimitCopy {
    /// Name of the limit.
    pub(super) kind: String,
    /// Oldest first.
    pub(super) times: Vec<String>,
}

/// Time in which no agent can verify the customer.
#[derive(Debug, Serialize)]
pub(super) struct LockoutCopy {
    /// `None` if it lasts until the customer is unlocked.
    pub(super) until: Option<String>,
}

/// Periods in days; `None` is for ever.
#[derive(Debug, Serialize)]
pub(super) struct RetentionCopy {
    /// Names, addresses, ecosystems, ticket numbers and reasons, after the end of the quarter.
    pub(super) details_days: Option<u64>,
    /// Sessions and events, after the close.
    pub(super) session_days: Option<u64>,
    /// Older sessions were removed, and it is not known how many there were.
    pub(super) older_sessions_removed: bool,
}

/// A session of the customer.
#[derive(Debug, Serialize)]
pub(super) struct SessionCopy {
    pub(super) reference: String,
    pub(super) opened_at: String,
    pub(super) closed_at: Option<String>,
    /// Kind of support.
    pub(super) kind: String,
    pub(super) agent: AgentCopy,
    /// Names, addresses, ecosystems, ticket numbers and reasons were erased.
    pub(super) details_erased: bool,
    /// Masked name and address of the customer.
    pub(super) name: Option<String>,
    pub(super) address: Option<String>,
    /// Number in the company's ticket system.
    pub(super) ticket: Option<String>,
    /// Core's id, state, language and time of the account, as the session read them.
    pub(super) core_id: Option<String>,
    pub(super) account_status: Option<String>,
    pub(super) account_language: Option<String>,
    pub(super) account_since: Option<String>,
    /// Number of ecosystems or successions to choose from.
    pub(super) choices: Option<u64>,
    /// Role in the ecosystem.
    pub(super) role: Option<String>,
    /// Masked address that the newest code was mailed to.
    pub(super) code_to: Option<String>,
    /// Masked address of each mailed access link, by its number.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) links_to: Map<String, Value>,
    pub(super) ecosystem: Option<String>,
    pub(super) ecosystem_name: Option<String>,
    pub(super) succession: Option<String>,
    /// Word of the reason for the close.
    pub(super) outcome: Option<String>,
    /// Reason that the agent wrote when cancelling, masked.
    pub(super) cancel_reason: Option<String>,
    /// End of the retention; `None` if it has none, or if the details were erased.
    pub(super) details_kept_until: Option<String>,
    /// End of the retention; `None` if it has none, or if the session is open.
    pub(super) kept_until: Option<String>,
    pub(super) events: Vec<EventCopy>,
}

#[derive(Debug, Serialize)]
pub(super) struct EventCopy {
    pub(super) at: String,
    pub(super) kind: String,
    pub(super) by: AgentCopy,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) details: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) about: Map<String, Value>,
    /// Details were sealed, and their key was destroyed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) about_erased: bool,
}

impl CustomerCopy {
    /// Builds the copy from the rows of each pseudonym. It names the agents if `with_agents`.
    pub(super) fn new(
        rows: Vec<(Pseudonym, CustomerRows)>,
        locale: Locale,
        with_agents: bool,
        retention: Retention,
        now: Timestamp,
    ) -> Self {
        let known_since = rows.iter().map(|(_, rows)| rows.known_since).min().unwrap_or(now);
        let pseudonyms = rows.iter().map(|(pseudonym, _)| pseudonym.to_string()).collect();
        let core_id = rows.iter().find_map(|(_, rows)| rows.core_id.clone());
        let unverified_rows = rows.iter().map(|(_, rows)| rows.unverified).sum();
        let (mut sessions, mut other_events) = (Vec::new(), Vec::new());
        let (mut limits, mut lockouts) = (Vec::new(), Vec::new());
        for (_, rows) in rows {
            limits.extend(rows.limit_uses.into_iter().map(limit));
            lockouts.extend(rows.locked_out_until.map(lockout));
            sessions.extend(rows.sessions.iter().map(|s| session(s, with_agents, retention)));
            other_events.extend(rows.others.iter().map(|e| event(e, with_agents, None)));
        }
        Self {
            made_at: time(now),
            language: locale.tag(),
            pseudonyms,
            core_id,
            known_since: time(known_since),
            retention: RetentionCopy {
                details_days: retention.about.map(days),
                session_days: retention.trail.map(days),
                older_sessions_removed: retention
                    .trail
                    .is_some_and(|trail| known_since < now - trail),
            },
            sessions,
            other_events,
            limits,
            lockouts,
            unverified_rows,
        }
    }

    /// Returns the language of the copy.
    pub(super) fn locale(&self) -> Locale {
        Locale::from_tag(self.language)
    }

    /// Returns the number of sessions and events that were left out, because they do not verify.
    pub const fn unverified_rows(&self) -> usize {
        self.unverified_rows
    }

    /// Returns the number of sessions.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }
}

fn days(period: Duration) -> u64 {
    period.as_secs() / Duration::from_hours(24).as_secs()
}

/// Formats a time. A tampered one beyond the calendar stays a number.
fn time(at: Timestamp) -> String {
    format_time(at.0).unwrap_or_else(|| at.0.to_string())
}

fn limit(limit: CopiedLimit) -> LimitCopy {
    LimitCopy { kind: limit.kind, times: limit.times.into_iter().map(time).collect() }
}

fn lockout(until: Timestamp) -> LockoutCopy {
    LockoutCopy { until: (until != UNTIL_UNLOCKED).then(|| time(until)) }
}

fn session(session: &CopiedSession, with_agents: bool, retention: Retention) -> SessionCopy {
    let discord_id = session.discord_id.to_string();
    let agent = if with_agents {
        AgentCopy::Named { name: Some(session.agent_name.clone()), discord_id }
    } else {
        AgentCopy::SupportAgent
    };
    let about = match &session.about {
        CopiedAbout::Opened(about) => about,
        CopiedAbout::None | CopiedAbout::Gone => &Value::Null,
    };
    let field = |places: [&str; 2]| places.iter().find_map(|place| about.pointer(place));
    let text = |places| field(places).and_then(Value::as_str).map(str::to_owned);
    let of_customer = |name: &str| {
        let places = [format!("/customer/{name}"), format!("/case/customer/{name}")];
        places.iter().find_map(|place| about.pointer(place)).cloned().unwrap_or_default()
    };
    let text_of_customer = |name: &str| of_customer(name).as_str().map(str::to_owned);
    let details_erased = session.about == CopiedAbout::Gone;
    let events: Vec<EventCopy> =
        session.events.iter().map(|copied| event(copied, with_agents, Some(session))).collect();
    let cancel_reason = events
        .iter()
        .rev()
        .find_map(|event| event.about.get("reason")?.as_str().map(str::to_owned));
    let kept = session.quarter.filter(|_| !details_erased);
    SessionCopy {
        reference: session.id.get(..6).unwrap_or(&session.id).to_owned(),
        opened_at: time(session.opened_at),
        closed_at: session.closed_at.map(time),
        kind: session.kind.clone(),
        agent,
        details_erased,
        name: text_of_customer("name"),
        address: text_of_customer("email"),
        ticket: text(["/ticket"; 2]),
        core_id: text_of_customer("id"),
        account_status: text_of_customer("status"),
        account_language: text_of_customer("locale"),
        account_since: of_customer("since").as_i64().map(|at| time(Timestamp(at))),
        choices: of_customer("choices").as_u64(),
        role: text(["/case/subject/membership", "/case/subject/Membership"]),
        code_to: text(["/code_to"; 2]),
        links_to: field(["/links_to"; 2]).and_then(Value::as_object).cloned().unwrap_or_default(),
        ecosystem: text(["/case/ecosystem", "/ecosystem"]),
        ecosystem_name: text(["/case/ecosystem_name", "/ecosystem_name"]),
        succession: text(["/case/subject/succession", "/case/subject/Succession"]),
        outcome: session.closed_why.clone(),
        cancel_reason,
        details_kept_until: kept
            .zip(retention.about)
            .map(|(quarter, period)| time(quarter.end() + period)),
        kept_until: session
            .closed_at
            .zip(retention.trail)
            .map(|(closed_at, period)| time(closed_at + period)),
        events,
    }
}

/// Copies an event. `session`: the session that it belongs to.
fn event(event: &CopiedEvent, with_agents: bool, session: Option<&CopiedSession>) -> EventCopy {
    let by_lead = [CloseReason::ByLead, CloseReason::TakenOver].map(CloseReason::name);
    let why = event.details.get("why").and_then(Value::as_str);
    let is_close_by_lead =
        event.kind == kind::CLOSED && why.is_some_and(|why| by_lead.contains(&why));
    let is_by_lead = is_close_by_lead || event.kind == kind::UNLOCKED;
    let mut about = match &event.about {
        CopiedAbout::Opened(about) => chosen(about, &ABOUT),
        CopiedAbout::None | CopiedAbout::Gone => Map::new(),
    };
    if is_by_lead {
        about.remove("reason");
    }
    EventCopy {
        at: time(event.at),
        kind: event.kind.clone(),
        by: AgentCopy::of(&event.actor, is_by_lead, with_agents, session),
        details: chosen(&event.details, &DETAILS),
        about,
        about_erased: event.about == CopiedAbout::Gone,
    }
}

fn chosen(fields: &Value, names: &[&str]) -> Map<String, Value> {
    let field = |name: &&str| Some(((*name).to_owned(), fields.get(name)?.clone()));
    names.iter().filter_map(field).collect()
}
