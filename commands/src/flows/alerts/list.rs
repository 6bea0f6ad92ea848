//! `/desk alerts`: a page of the open alerts, or of those of the last 7 days.

use crate::flows::alerts::card::{kind_name, sign};
use crate::flows::lead::parts::mention;
use crate::flows::lead::sessions::last_page;
use crate::model::alert::{Alert, AlertState};
use crate::model::time::Timestamp;
use crate::model::words::Locale;
use crate::ports::alerts::AlertPage;
use crate::say;
use crate::screens::alert_press::{AlertList, AlertPress, AlertSpan};
use crate::screens::desk_id::Place;
use crate::screens::screen::{Choice, MAX_LABEL, Menu, Screen, Style, Tone, clip};
use crate::screens::text::{clock_time, relative};

/// Input of the list.
pub struct AlertListing<'a> {
    pub list: AlertList,
    pub page: &'a AlertPage,
    /// Time of the newest answer, for a list without open alerts.
    pub last_answer: Option<Timestamp>,
    pub locale: Locale,
}

/// Renders a page.
pub fn render(listing: &AlertListing<'_>) -> Screen {
    let AlertListing { list, page, locale, .. } = *listing;
    let title = match list.span {
        AlertSpan::Open => say!(locale, "alerts-open", count = page.total),
        AlertSpan::WeekBefore(_) => say!(locale, "alerts-week", count = page.total),
    };
    let is_open = list.span == AlertSpan::Open && !page.alerts.is_empty();
    let mut screen = Screen::titled(if is_open { Tone::Warning } else { Tone::Info }, title);
    if page.alerts.is_empty() {
        screen = screen.say(empty(listing));
    } else {
        let lines: Vec<_> = page.alerts.iter().map(|alert| line(alert, locale)).collect();
        screen = screen.say(lines.join("\n"));
    }
    let end = last_page(page.total);
    if end > 0 {
        let (shown, pages) = (u32::from(list.page) + 1, u32::from(end) + 1);
        screen = screen.say(say!(locale, "page-of", page = shown, pages = pages));
    }
    if !page.alerts.is_empty() {
        screen = screen.menu(menu(listing));
    }
    let turn = |place, page: Option<u16>, label: String| {
        let target = AlertList { page: page.unwrap_or(list.page), ..list };
        AlertPress::List(place, target).button(Style::Secondary, label).enabled(page.is_some())
    };
    let next = list.page.checked_add(1).filter(|page| *page <= end);
    screen.buttons(vec![
        turn(Place::Previous, list.page.checked_sub(1), say!(locale, "button-previous")),
        turn(Place::Next, next, say!(locale, "button-next")),
        turn(Place::Refresh, Some(list.page), say!(locale, "desk-button-refresh")),
    ])
}

fn empty(listing: &AlertListing<'_>) -> String {
    let locale = listing.locale;
    match (listing.list.span, listing.last_answer) {
        (AlertSpan::Open, Some(at)) => say!(locale, "alerts-none-since", at = relative(at)),
        (AlertSpan::Open, None) => say!(locale, "alerts-none"),
        (AlertSpan::WeekBefore(_), _) => say!(locale, "alerts-none-week"),
    }
}

fn line(alert: &Alert, locale: Locale) -> String {
    let mut parts = vec![
        format!("{} `{}` {}", sign(alert.level), alert.id, clock_time(alert.opened_at)),
        kind_name(alert.kind, locale),
    ];
    match (&alert.session, &alert.customer) {
        (Some(session), _) => parts.push(format!("`{}`", session.short())),
        (None, Some(customer)) => parts.push(customer.short()),
        (None, None) => {}
    }
    parts.extend(alert.agent.map(mention));
    if alert.count > 1 {
        parts.push(format!("{}×", alert.count));
    }
    if alert.state != AlertState::Open {
        parts.push(say!(locale, "alert-state", state = alert.state.name()));
    }
    parts.join(" · ")
}

fn menu(listing: &AlertListing<'_>) -> Menu {
    let locale = listing.locale;
    // A menu shows no markup, so no times of Discord.
    let option = |alert: &Alert| Choice {
        value: alert.id.to_string(),
        label: clip(&format!("{} · {}", alert.id, kind_name(alert.kind, locale)), MAX_LABEL),
        description: say!(locale, "alert-level", level = alert.level.name()),
    };
    Menu {
        custom_id: AlertPress::Choose(listing.list).to_string(),
        placeholder: say!(locale, "alerts-look-at"),
        options: listing.page.alerts.iter().map(option).collect(),
        enabled: true,
    }
}
