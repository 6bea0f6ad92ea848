//! `/desk trail`: a page of the audit trail.

use crate::flows::lead::parts::mention;
use crate::flows::lead::sessions::{PAGE_LINES, last_page};
use crate::flows::lead::trail_line;
use crate::model::time::Timestamp;
use crate::model::trail_filter::{TrailAbout, TrailDays, TrailTopic};
use crate::model::words::{Locale, SessionId};
use crate::ports::trail_search::{ChainFinding, ChainVerdict, TrailLine, TrailPart};
use crate::say;
use crate::screens::agent_id::AgentCard;
use crate::screens::csv_file::MAX_ROWS;
use crate::screens::desk_id::{DeskId, SessionList};
use crate::screens::numbers::number;
use crate::screens::screen::{Button, Screen, Style, Tone};
use crate::screens::text::date_time;
use crate::screens::trail_id::{TrailId, TrailPlace, TrailView};

/// Events that the pages of a view reach, so that the last page costs little too. Ours: as many as
/// a file has.
pub const MOST_PAGED: u32 = MAX_ROWS;

/// Spans that an empty view offers.
const LONGER: [u16; 2] = [30, 90];

/// Findings that a lead reads. Ours: the operator's verification lists all.
const MAX_FINDINGS: usize = 5;

/// A page, with the number of all events of its view.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrailPage {
    pub lines: Vec<TrailLine>,
    /// It is counted up to [`COUNTED`].
    pub total: u64,
}

/// Number up to which the events of a view are counted: one more than its pages reach.
pub const COUNTED: u64 = MOST_PAGED as u64 + 1;

/// Input of the view.
pub struct TrailList<'a> {
    pub view: &'a TrailView,
    pub page: &'a TrailPage,
    pub locale: Locale,
}

/// Returns the part of the events that a page shows. Within a session the oldest come first.
pub fn part(view: &TrailView) -> TrailPart {
    TrailPart {
        is_oldest_first: matches!(view.about, TrailAbout::Session(_)),
        skipped: u32::from(view.page) * PAGE_LINES,
        limit: PAGE_LINES,
        opens: true,
    }
}

/// Returns the last page of a view with this number of events, from 0.
pub fn last_trail_page(total: u64) -> u16 {
    last_page(total.min(MOST_PAGED.into()))
}

/// Returns the button that opens the trail of someone.
pub(super) fn trail_button(about: TrailAbout, locale: Locale) -> Button {
    let id = TrailId { place: TrailPlace::Open, view: TrailView::about(about) };
    DeskId::Trail(id).button(Style::Secondary, say!(locale, "desk-button-trail"))
}

/// Renders a page.
pub fn render(list: &TrailList<'_>) -> Screen {
    let TrailList { view, page, locale } = *list;
    let screen = Screen::titled(Tone::Info, title(list));
    let head = head(list);
    let screen = if head.is_empty() { screen } else { screen.say(head) };
    if page.lines.is_empty() {
        let days = view.days.get();
        let empty = if matches!(view.about, TrailAbout::Session(_)) {
            say!(locale, "desk-trail-none-of-session")
        } else {
            say!(locale, "desk-trail-none", days = days)
        };
        let longer = LONGER.into_iter().filter(|longer| *longer > days);
        let longer = longer.filter_map(TrailDays::of).map(|days| open_button(view, days, locale));
        let offered = match view.about {
            TrailAbout::Session(_) => Vec::new(),
            _ => longer.collect(),
        };
        let buttons = offered.into_iter().chain(back(view, locale)).collect();
        return screen.say(empty).buttons(buttons);
    }
    let lines: Vec<_> = page.lines.iter().map(|line| trail_line::line(line, list)).collect();
    let end = last_trail_page(page.total);
    let nth = u32::from(view.page) + 1;
    let screen = screen.say(lines.join("\n")).say(if page.total < COUNTED {
        say!(locale, "desk-trail-page", page = nth, pages = u32::from(end) + 1)
    } else {
        say!(locale, "desk-trail-page-of-many", page = nth)
    });
    let screen = if page.total < COUNTED || view.page < end {
        screen
    } else {
        screen.say(say!(locale, "desk-trail-last-page", count = number(locale, MOST_PAGED.into())))
    };
    screen.buttons(buttons(list))
}

fn title(list: &TrailList<'_>) -> String {
    let TrailList { view, page, locale } = *list;
    let mut parts = vec![say!(locale, "desk-trail")];
    match &view.about {
        TrailAbout::Session(session) => {
            parts.push(say!(locale, "desk-trail-session", session = session.short()));
            let ticket = page.lines.iter().find_map(|line| line.ticket.clone());
            parts.extend(ticket.or_else(|| page.lines.first().map(|_| "–".to_owned())));
        }
        TrailAbout::Ticket(ticket) => {
            parts.push(say!(locale, "desk-trail-ticket", ticket = ticket.as_str()));
        }
        TrailAbout::Everything | TrailAbout::Agent(_) | TrailAbout::Customer(_) => {}
    }
    if !matches!(view.about, TrailAbout::Session(_)) {
        parts.push(say!(locale, "desk-trail-days", days = view.days.get()));
    }
    if view.topic != TrailTopic::All {
        parts.push(say!(locale, "desk-trail-topic", topic = view.topic.name()));
    }
    parts.push(if page.total < COUNTED {
        let shown = number(locale, page.total);
        say!(locale, "desk-trail-events", count = page.total, shown = shown)
    } else {
        say!(locale, "desk-trail-many", shown = number(locale, MOST_PAGED.into()))
    });
    parts.join(" · ")
}

/// Returns whom the view is about, for the body, because a title shows no mention.
fn head(list: &TrailList<'_>) -> String {
    let TrailList { view, page, locale } = *list;
    match &view.about {
        TrailAbout::Agent(agent) => say!(locale, "desk-card-agent", agent = mention(*agent)),
        TrailAbout::Customer(customer) => {
            let is_erased = page.lines.iter().any(|line| line.is_erased);
            trail_line::customer(customer, is_erased, locale)
        }
        TrailAbout::Session(_) => {
            let known = page.lines.iter().find_map(|line| Some((line.customer.as_ref()?, line)));
            known.map_or_else(String::new, |(customer, line)| {
                trail_line::customer(customer, line.is_erased, locale)
            })
        }
        TrailAbout::Everything | TrailAbout::Ticket(_) => String::new(),
    }
}

fn buttons(list: &TrailList<'_>) -> Vec<Button> {
    let TrailList { view, page, locale } = *list;
    let end = last_trail_page(page.total);
    let next = view.page.checked_add(1).filter(|next| *next <= end);
    let previous = view.page.checked_sub(1);
    let is_session = matches!(view.about, TrailAbout::Session(_));
    let (older, newer) = if is_session { (previous, next) } else { (next, previous) };
    let button = |place, page: Option<u16>, label: String| {
        let view = TrailView { page: page.unwrap_or(view.page), ..view.clone() };
        let id = DeskId::Trail(TrailId { place, view });
        id.button(Style::Secondary, label).enabled(page.is_some())
    };
    let mut buttons = vec![
        button(TrailPlace::Older, older, say!(locale, "desk-button-older")),
        button(TrailPlace::Newer, newer, say!(locale, "desk-button-newer")),
        button(TrailPlace::File, Some(view.page), say!(locale, "desk-button-file")),
    ];
    if is_session {
        let label = say!(locale, "desk-button-verify");
        buttons.push(button(TrailPlace::Verify, Some(view.page), label));
    }
    buttons.extend(back(view, locale));
    buttons
}

/// Returns the button to the card of the session or agent.
fn back(view: &TrailView, locale: Locale) -> Option<Button> {
    let id = match &view.about {
        TrailAbout::Session(session) => DeskId::Session(session.clone(), SessionList::default()),
        TrailAbout::Agent(agent) => DeskId::Agent(AgentCard { agent: *agent, page: 0 }),
        _ => return None,
    };
    Some(id.button(Style::Secondary, say!(locale, "button-back")))
}

/// Returns the button that opens the same view over more days.
fn open_button(view: &TrailView, days: TrailDays, locale: Locale) -> Button {
    let label = say!(locale, "desk-button-days", days = days.get());
    let view = TrailView { days, page: 0, ..view.clone() };
    DeskId::Trail(TrailId { place: TrailPlace::Open, view }).button(Style::Secondary, label)
}

/// Returns the answer to an address without a customer on record.
pub fn no_customer(locale: Locale) -> Screen {
    Screen { tone: Tone::Warning, ..Screen::default() }.say(say!(locale, "desk-no-customer"))
}

/// Returns the answer to a command with several filters. A custom id holds one.
pub fn several_filters(locale: Locale) -> Screen {
    Screen { tone: Tone::Warning, ..Screen::default() }.say(say!(locale, "desk-several-filters"))
}

/// Returns the answer to a text that no session's id begins with.
pub fn no_session(locale: Locale) -> Screen {
    Screen { tone: Tone::Warning, ..Screen::default() }.say(say!(locale, "desk-no-session"))
}

/// Returns the result of a verification.
pub fn verified(
    session: &SessionId,
    verdict: &ChainVerdict,
    now: Timestamp,
    locale: Locale,
) -> Screen {
    let ChainVerdict { events, findings } = verdict;
    let is_intact = findings.is_empty();
    let tone = if is_intact { Tone::Success } else { Tone::Danger };
    let title = say!(locale, "desk-verified-title", session = session.short());
    let screen = Screen::titled(tone, title);
    if is_intact {
        return screen.say(say!(locale, "desk-verified", count = *events)).say(say!(
            locale,
            "desk-verified-at",
            at = date_time(now)
        ));
    }
    let sentence = |finding: &ChainFinding| {
        let (word, first, last) = (finding.word, finding.first, finding.last);
        say!(locale, "desk-finding", word = word, first = first, last = last)
    };
    let sentences: Vec<_> = findings.iter().take(MAX_FINDINGS).map(sentence).collect();
    screen
        .say(say!(locale, "desk-findings", count = findings.len()))
        .say(sentences.join("\n"))
        .say(say!(locale, "desk-findings-then"))
}
