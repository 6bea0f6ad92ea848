//! The statements of the leads' trail: which events fit a filter, and how an index leads to them.
//!
//! A filter is a list of arms. Each arm follows one index from its newest or oldest event on, and
//! ends at the last event of the page. So a page costs what it skips and shows, in each arm.

use commands::model::trail_filter::{TrailAbout, TrailFilter};
use commands::ports::trail_search::TrailPart;

use super::bound::Bound;

/// Closes of sessions by leads, as their index has it.
const CLOSED_BY_LEAD: &str = "events.kind || '' = 'closed' \
    and (events.details like '%\"why\":\"by_lead\"%' \
    or events.details like '%\"why\":\"taken_over\"%')";

/// Events that fit a filter.
pub(super) struct Selection {
    /// Conditions of the arms. No event fits two of them.
    arms: Vec<String>,
    /// Time of an event.
    at: &'static str,
    values: Vec<Bound>,
}

/// A statement, or its end, with its values.
pub(super) struct Bounded {
    pub(super) sql: String,
    pub(super) values: Vec<Bound>,
}

impl Selection {
    pub(super) fn of(filter: &TrailFilter) -> Self {
        let mut values = vec![Bound::Number(filter.start().0), Bound::Number(filter.end.0)];
        let mut bind = |value| {
            values.push(value);
            format!("${}", values.len())
        };
        let mut text = |text: &str| bind(Bound::Text(text.to_owned()));
        // The events of a session, a customer or a ticket number are few. Their times are no reason
        // to read all events of the days.
        let mut at = "events.at + 0";
        let abouts = match &filter.about {
            TrailAbout::Everything => {
                at = "events.at";
                vec![String::new()]
            }
            TrailAbout::Session(session) => {
                vec![format!("events.session_id = {}", text(session.as_str()))]
            }
            TrailAbout::Agent(agent) => {
                at = "events.at";
                vec![format!("events.actor = {}", text(&format!("discord:{agent}")))]
            }
            TrailAbout::Customer(customer) => {
                let customer = text(customer.as_str());
                vec![
                    format!(
                        "events.session_id in (select id from sessions where customer = {customer})"
                    ),
                    // As the index has it.
                    format!(
                        "events.session_id is null
                         and (events.customer is not null or events.about is not null)
                         and coalesce(events.customer, substr(events.about, 1, 26)) = {customer}"
                    ),
                ]
            }
            TrailAbout::Ticket(ticket) => {
                let ticket = text(&ticket.search_key());
                vec![format!(
                    "events.session_id in (select id from sessions where ticket = {ticket})"
                )]
            }
        };
        let kinds: Vec<_> = filter.topic.kinds().iter().map(|kind| text(kind)).collect();
        let closes = filter.topic.has_closes_by_leads();
        let topics = if kinds.is_empty() {
            vec![String::new()]
        } else if filter.about == TrailAbout::Everything {
            // One arm for each kind, because their index is sorted by time within a kind only.
            let kinds = kinds.iter().map(|kind| format!("events.kind = {kind}"));
            kinds.chain(closes.then(|| CLOSED_BY_LEAD.to_owned())).collect()
        } else {
            let kinds = format!("events.kind in ({})", kinds.join(", "));
            vec![if closes { format!("({kinds} or ({CLOSED_BY_LEAD}))") } else { kinds }]
        };
        let span = format!("{at} > $1 and {at} < $2");
        let arms = abouts.iter().flat_map(|about| topics.iter().map(move |topic| [about, topic]));
        let arms = arms.map(|[about, topic]| {
            let conditions = [about, topic, &span].into_iter().filter(|it| !it.is_empty());
            conditions.map(String::as_str).collect::<Vec<_>>().join(" and ")
        });
        let arms = arms.collect();
        Self { arms, at, values }
    }

    /// Returns the statement that counts the events. It stops at `up_to`.
    pub(super) fn count(&self, up_to: i64) -> Bounded {
        let mut values = self.values.clone();
        values.push(Bound::Number(up_to));
        let arms = self.arms.iter();
        let arms = arms.map(|condition| format!("select events.seq from events where {condition}"));
        let arms = arms.collect::<Vec<_>>().join(" union all ");
        let limit = values.len();
        let sql = format!(
            "select count(*) from (select * from ({arms}) as arms limit ${limit}) as counted"
        );
        Bounded { sql, values }
    }

    /// Returns the end of the statement that reads a part, after its columns.
    pub(super) fn part(&self, part: TrailPart) -> Bounded {
        let TrailPart { is_oldest_first, skipped, limit, .. } = part;
        let mut values = self.values.clone();
        let numbers = [skipped.saturating_add(limit), limit, skipped];
        values.extend(numbers.map(|number| Bound::Number(number.into())));
        let [reach, limit, offset] = [2, 1, 0].map(|from_last| values.len() - from_last);
        let order = if is_oldest_first { "asc" } else { "desc" };
        let at = self.at;
        // Each arm is a query of its own, because it has a limit.
        let arms = self.arms.iter().enumerate().map(|(nth, condition)| {
            format!(
                "select * from (
                     select events.* from events where {condition}
                     order by {at} {order}, events.chain {order}, events.seq {order} limit ${reach}
                 ) as arm_{nth}"
            )
        });
        let arms = arms.collect::<Vec<_>>().join(" union all ");
        // A view of an agent is in the chain of the agent, and names its session.
        let sql = format!(
            "from ({arms}) as events left join sessions on sessions.id = events.session_id
             order by events.at {order}, events.chain {order}, events.seq {order}
             limit ${limit} offset ${offset}"
        );
        Bounded { sql, values }
    }
}
