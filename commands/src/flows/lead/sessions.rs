//! `/desk sessions`: a page of the open sessions, or of those of the last 24 hours.

use std::collections::HashSet;

use crate::flows::lead::parts::{customer_name, kind_name, mention, stage};
use crate::model::delivery::DeliveryState;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::verification::Challenge;
use crate::model::words::{Locale, SessionId};
use crate::ports::session_search::SessionPage;
use crate::say;
use crate::screens::desk_id::{DeskId, Place, SessionList, Span};
use crate::screens::numbers::number;
use crate::screens::screen::{Choice, MAX_LABEL, Menu, Screen, Style, Tone, clip, escape};
use crate::screens::text::{clock_time, relative};

/// Lines of a page. Ours: a phone's screen.
pub const PAGE_LINES: u32 = 10;

/// Longest text of a customer or agent in a line, in characters.
const MAX_NAME: usize = 40;

/// Input of the list.
pub struct Listing<'a> {
    pub list: SessionList,
    pub page: &'a SessionPage,
    /// Sessions whose customer is a colleague.
    pub colleagues: &'a HashSet<SessionId>,
    /// Sessions with an open alert.
    pub alerted: &'a HashSet<SessionId>,
    /// Time of the newest close, for a list without sessions.
    pub last_close: Option<Timestamp>,
    pub locale: Locale,
}

/// Returns the last page of a list with this number of sessions, from 0.
pub fn last_page(total: u64) -> u16 {
    let pages = total.div_ceil(u64::from(PAGE_LINES)).max(1);
    u16::try_from(pages - 1).unwrap_or(u16::MAX)
}

/// Renders a page.
pub fn render(listing: &Listing<'_>) -> Screen {
    let Listing { list, page, locale, .. } = *listing;
    let count = page.total;
    let shown = number(locale, count);
    let title = match list.span {
        Span::Open => say!(locale, "desk-sessions-open", count = shown),
        Span::DayBefore(_) => say!(locale, "desk-sessions-day", count = shown),
    };
    let mut screen = Screen::titled(Tone::Info, title);
    if page.sessions.is_empty() {
        screen = screen.say(empty(listing));
    } else {
        let lines: Vec<_> = page.sessions.iter().map(|session| line(listing, session)).collect();
        screen = screen.say(lines.join("\n"));
    }
    let end = last_page(count);
    if end > 0 {
        let (shown, pages) = (u32::from(list.page) + 1, u32::from(end) + 1);
        screen = screen.say(say!(locale, "page-of", page = shown, pages = pages));
    }
    if !page.sessions.is_empty() {
        screen = screen.menu(menu(listing));
    }
    let turn = |place, page: Option<u16>, label: String| {
        let target = SessionList { page: page.unwrap_or(list.page), ..list };
        DeskId::List(place, target).button(Style::Secondary, label).enabled(page.is_some())
    };
    let next = list.page.checked_add(1).filter(|page| *page <= end);
    screen.buttons(vec![
        turn(Place::Previous, list.page.checked_sub(1), say!(locale, "button-previous")),
        turn(Place::Next, next, say!(locale, "button-next")),
        turn(Place::Refresh, Some(list.page), say!(locale, "desk-button-refresh")),
    ])
}

fn empty(listing: &Listing<'_>) -> String {
    let Listing { list, last_close, locale, .. } = *listing;
    match (list.span, list.agent, last_close) {
        (Span::Open, Some(agent), _) => say!(locale, "desk-none-of", agent = mention(agent)),
        (Span::DayBefore(_), Some(agent), _) => {
            say!(locale, "desk-none-of-day", agent = mention(agent))
        }
        (Span::Open, None, Some(at)) => say!(locale, "desk-none-since", at = relative(at)),
        (Span::Open, None, None) => say!(locale, "desk-none"),
        (Span::DayBefore(_), None, _) => say!(locale, "desk-none-day"),
    }
}

fn line(listing: &Listing<'_>, session: &Session) -> String {
    let locale = listing.locale;
    let mut parts = vec![
        format!("`{}` {}", session.id.short(), mention(session.actor.discord_id)),
        kind_name(session, locale),
        escape(&clip(&customer_name(session), MAX_NAME)),
        stage(session, locale),
    ];
    parts.extend(marks(session, locale));
    if listing.colleagues.contains(&session.id) {
        parts.push(say!(locale, "desk-mark-colleague"));
    }
    if listing.alerted.contains(&session.id) {
        parts.push(say!(locale, "desk-mark-alert"));
    }
    parts.push(if let Some((_, at)) = session.closed() {
        say!(locale, "desk-closed-at", at = clock_time(at))
    } else {
        say!(locale, "desk-ends", at = relative(session.clocks.end()))
    });
    parts.join(" · ")
}

/// Returns what a lead should look at: the customer's wrong codes, and a mail that came back.
fn marks(session: &Session, locale: Locale) -> Vec<String> {
    let mut marks = Vec::new();
    if session.customer.wrong > 0 {
        marks.push(say!(locale, "desk-mark-wrong", count = session.customer.wrong));
    }
    let mail = session.customer.challenge.as_deref().and_then(Challenge::delivery_state);
    if mail == Some(DeliveryState::Bounced) {
        marks.push(say!(locale, "desk-mark-bounced"));
    }
    marks
}

fn menu(listing: &Listing<'_>) -> Menu {
    let locale = listing.locale;
    let options = listing.page.sessions.iter().map(|session| {
        let (kind, customer) = (kind_name(session, locale), customer_name(session));
        let about = format!("{kind} · {} · {}", clip(&customer, MAX_NAME), stage(session, locale));
        Choice {
            value: session.id.to_string(),
            label: clip(&format!("{} · {}", session.id.short(), session.actor.name), MAX_LABEL),
            description: clip(&about, MAX_LABEL),
        }
    });
    Menu {
        custom_id: DeskId::Choose(listing.list).to_string(),
        placeholder: say!(locale, "desk-look-at-session"),
        options: options.collect(),
        enabled: true,
    }
}

/// Returns the menu of sessions whose ids begin alike.
pub fn ambiguous(sessions: &[Session], locale: Locale) -> Screen {
    let page = SessionPage { sessions: sessions.to_vec(), total: 0 };
    let listing = Listing {
        list: SessionList::default(),
        page: &page,
        colleagues: &HashSet::new(),
        alerted: &HashSet::new(),
        last_close: None,
        locale,
    };
    let lines: Vec<_> = sessions.iter().map(|session| line(&listing, session)).collect();
    Screen::titled(Tone::Warning, say!(locale, "desk-several-title"))
        .say(say!(locale, "desk-several"))
        .say(lines.join("\n"))
        .menu(menu(&listing))
}

/// Returns a session in a line, as a lead who types its id is suggested it.
pub fn suggestion(session: &Session, now: Timestamp, locale: Locale) -> String {
    let age = now.since(session.clocks.opened_at).as_secs() / 60;
    let age = match (age / 60, age) {
        (0, minutes) => say!(locale, "desk-minutes", count = minutes),
        (hours, _) => say!(locale, "desk-hours", count = hours),
    };
    let (id, name) = (session.id.short(), clip(&session.actor.name, MAX_NAME));
    let text = format!("{id} · {name} · {} · {age}", stage(session, locale));
    clip(&text, MAX_LABEL)
}
