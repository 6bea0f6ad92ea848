//! The card of one customer: earlier sessions with agents and reasons, reports, and the lockout.
//! The customer stays masked.

use crate::flows::lead::agent::{Locks, lockout_line};
use crate::flows::lead::parts::{close_word, kind_name, mention, stage, target_name};
use crate::flows::lead::sessions::last_page;
use crate::flows::lead::trail::trail_button;
use crate::model::alert::{Alert, AlertState};
use crate::model::report::{Report, ReportChoice};
use crate::model::session::Session;
use crate::model::trail_filter::TrailAbout;
use crate::model::words::{CloseReason, Locale};
use crate::ports::history::{HistoryPage, HistorySummary, PastSession};
use crate::say;
use crate::screens::customer_id::{CustomerAct, CustomerCard};
use crate::screens::desk_id::DeskId;
use crate::screens::screen::{Button, MAX_LABEL, Screen, Style, Tone, clip, escape};
use crate::screens::text::{day, short_day};

/// Longest reason in a line, in characters.
const MAX_REASON: usize = 150;

/// Input of the card.
pub struct CustomerView<'a> {
    pub card: &'a CustomerCard,
    pub summary: &'a HistorySummary,
    pub page: &'a HistoryPage,
    /// Alerts about the reports of the page's sessions, as far as they are kept.
    pub alerts: &'a [(String, Alert)],
    pub locks: &'a Locks,
    pub locale: Locale,
}

/// Renders the card.
pub fn render(view: &CustomerView<'_>) -> Screen {
    let CustomerView { card, summary, page, locks, locale, .. } = *view;
    let short = card.customer.short();
    let name = page.sessions.iter().find_map(|past| past.customer.as_deref());
    let title = if let Some(name) = name {
        let name = clip(name, MAX_LABEL);
        say!(locale, "desk-customer-named", customer = short, name = name)
    } else {
        say!(locale, "desk-customer", customer = short)
    };
    let known = say!(locale, "desk-customer-known", since = day(summary.known_since, locale));
    let mut head = vec![format!("{known} · {}", counts(summary, locale))];
    head.extend(lockout_line(locks, locale));
    let mut screen = Screen::titled(Tone::Info, title).say(head.join("\n"));
    let lines: Vec<_> = page.sessions.iter().map(|past| line(past, locale)).collect();
    if !lines.is_empty() {
        screen = screen.say(lines.join("\n"));
    }
    let reports: Vec<_> = page.sessions.iter().flat_map(|past| reports(view, past)).collect();
    if !reports.is_empty() {
        screen = screen.say(reports.join("\n"));
    }
    let last = last_page(page.total);
    if last > 0 {
        let (shown, pages) = (u32::from(card.page) + 1, u32::from(last) + 1);
        screen = screen.say(say!(locale, "page-of", page = shown, pages = pages));
    }
    screen.buttons(act_buttons(view)).buttons(page_buttons(card, last, locale))
}

/// Returns how many sessions there were in 12 months, and how they ended.
fn counts(summary: &HistorySummary, locale: Locale) -> String {
    let HistorySummary { sessions, verified, others, .. } = summary;
    let mut ends = vec![say!(locale, "desk-customer-verified", count = *verified)];
    ends.extend(others.iter().map(|(why, count)| {
        let word = match why {
            Some(why) => say!(locale, "desk-close-word", why = why.as_str()),
            None => say!(locale, "desk-customer-open"),
        };
        format!("{count} {word}")
    }));
    format!("{}: {}", say!(locale, "desk-customer-sessions", count = *sessions), ends.join(", "))
}

/// Returns a session in one line: day, agent, kind, ecosystem, ticket, outcome and close.
fn line(past: &PastSession, locale: Locale) -> String {
    let PastSession { session, ecosystem, ticket, .. } = past;
    let or_dash = |text: &Option<String>| {
        text.as_deref().map_or_else(|| "–".to_owned(), |text| escape(&clip(text, MAX_LABEL)))
    };
    let mut parts = vec![
        short_day(session.clocks.opened_at, locale),
        mention(session.actor.discord_id),
        kind_name(session, locale),
        or_dash(ecosystem),
        or_dash(ticket),
    ];
    match session.closed() {
        Some((why, _)) => parts.extend([outcome(session, locale), end(past, why, locale)]),
        None => parts.push(stage(session, locale)),
    }
    parts.join(" · ")
}

/// Returns whether both were verified, and what was opened or how often a code was wrong.
fn outcome(session: &Session, locale: Locale) -> String {
    if session.verified_at().is_some() {
        let mut words = vec![say!(locale, "history-verified")];
        for opened in session.opened() {
            let place = target_name(opened.target.name(), locale);
            if !words.contains(&place) {
                words.push(place);
            }
        }
        words.join(", ")
    } else if session.customer.wrong > 0 {
        say!(locale, "desk-customer-wrong", count = session.customer.wrong)
    } else if session.clocks.started_at.is_some() {
        say!(locale, "history-unverified")
    } else {
        say!(locale, "desk-customer-not-started")
    }
}

/// Returns why the session closed, with the reason that was given.
fn end(past: &PastSession, why: CloseReason, locale: Locale) -> String {
    let why = close_word(why, locale);
    match &past.reason {
        Some(reason) => {
            let reason = escape(&clip(reason, MAX_REASON));
            say!(locale, "desk-customer-closed-why", why = why, reason = reason)
        }
        None => why,
    }
}

/// Returns a line for each report of the customer about the session.
fn reports(view: &CustomerView<'_>, past: &PastSession) -> Vec<String> {
    let record = past.session.report_record.iter();
    let reports = record.flat_map(|record| &record.reports);
    let is_shown = |report: &&Report| {
        report.mail.is_for_customer() && report.choice != ReportChoice::Me && !report.erased
    };
    reports.filter(is_shown).map(|report| report_line(view, report)).collect()
}

fn report_line(view: &CustomerView<'_>, report: &Report) -> String {
    let locale = view.locale;
    let mut notes = vec![report.reference.clone()];
    if report.quick {
        notes.push(say!(locale, "desk-report-quick"));
    }
    let alert = view.alerts.iter().find(|(reference, _)| *reference == report.reference);
    notes.extend(alert.and_then(|(_, alert)| verdict(alert.state, locale)));
    let (at, choice) = (short_day(report.at, locale), report.choice.name());
    say!(locale, "desk-report", at = at, choice = choice, notes = notes.join(", "))
}

fn verdict(state: AlertState, locale: Locale) -> Option<String> {
    match state {
        AlertState::Handled(verdict) => {
            Some(say!(locale, "desk-report-handled", lead = mention(verdict.by)))
        }
        AlertState::FalseAlarm(verdict) => {
            Some(say!(locale, "desk-report-false", lead = mention(verdict.by)))
        }
        AlertState::Open => Some(say!(locale, "desk-report-open")),
        AlertState::Expired => None,
    }
}

fn act_buttons(view: &CustomerView<'_>) -> Vec<Button> {
    let CustomerView { card, locks, locale, .. } = *view;
    let label = |act: CustomerAct| say!(locale, "desk-customer-act", act = act.name());
    let ask = |act: CustomerAct| {
        DeskId::AskCustomer(act, card.clone()).button(Style::Secondary, label(act))
    };
    let mut buttons = Vec::new();
    if locks.needs_reason() {
        buttons.push(ask(CustomerAct::Unlock));
    } else if locks.can_unlock() {
        let unlock = DeskId::UnlockCustomer(card.clone());
        buttons.push(unlock.button(Style::Secondary, label(CustomerAct::Unlock)));
    }
    buttons.extend([ask(CustomerAct::Copy), ask(CustomerAct::Erasure)]);
    buttons.push(trail_button(TrailAbout::Customer(card.customer.clone()), locale));
    buttons
}

fn page_buttons(card: &CustomerCard, last: u16, locale: Locale) -> Vec<Button> {
    if last == 0 {
        return Vec::new();
    }
    let to = |page: u16| DeskId::Customer(CustomerCard { page, ..card.clone() });
    let older = to(card.page.saturating_add(1))
        .button(Style::Secondary, say!(locale, "desk-customer-older"))
        .enabled(card.page < last);
    // The ids of the two buttons differ on every page, also where one is off.
    let newer = if card.page == 0 { last.saturating_add(2) } else { card.page - 1 };
    let newer = to(newer)
        .button(Style::Secondary, say!(locale, "desk-customer-newer"))
        .enabled(card.page > 0);
    vec![older, newer]
}
