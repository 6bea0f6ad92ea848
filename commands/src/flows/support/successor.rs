//! Ecosystem Admin: the part of the support flow that is about a succession.

use crate::model::customer::{Case, CaseSubject, CustomerRecord, MaskedCustomer};
use crate::model::session::Session;
use crate::model::succession::{StepStatus, Succession, SuccessionStep};
use crate::model::words::{CloseReason, Locale, Target};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Button, Screen, Style, Tone, clip, escape};
use crate::screens::text::{day, relative};
use crate::screens::widgets::{Pager, with_cancel};

/// Steps on a page. Their buttons fill two of Discord's five rows.
const STEPS_A_PAGE: usize = 10;

/// Maximum buttons in a row in Discord.
const BUTTONS_A_ROW: usize = 5;

/// Maximum length of a step's title, in characters. Ten titles and summaries stay below the 6000
/// characters of an embed in Discord.
const MAX_TITLE: usize = 80;

/// Maximum length of a summary, in characters. See [`MAX_TITLE`].
const MAX_SUMMARY: usize = 200;

/// Maximum length of the full text, in characters. With the reasons it stays below the 4096
/// characters of a description in Discord.
const MAX_DETAIL: usize = 2000;

/// Maximum length of all reasons together, in characters. See [`MAX_DETAIL`].
const MAX_REASONS: usize = 1400;

/// Returns the case for a succession of the customer.
pub(crate) fn case(customer: &MaskedCustomer, record: &CustomerRecord, id: &str) -> Option<Case> {
    record.find_succession(id).map(|succession| case_of(customer, succession))
}

/// Returns the case for the customer's only succession. `None` if there are several.
pub(crate) fn only_case(customer: &MaskedCustomer, record: &CustomerRecord) -> Option<Case> {
    match record.successions.as_slice() {
        [only] => Some(case_of(customer, only)),
        _ => None,
    }
}

fn case_of(customer: &MaskedCustomer, succession: &Succession) -> Case {
    Case {
        customer: customer.clone(),
        ecosystem: succession.ecosystem.clone(),
        ecosystem_name: succession.ecosystem_name.clone(),
        subject: CaseSubject::Succession(succession.id.clone()),
    }
}

/// Returns why the session must close, if the succession ended or has another successor.
pub(crate) fn close_reason(succession: &str, record: &CustomerRecord) -> Option<CloseReason> {
    record.find_succession(succession).is_none().then_some(CloseReason::SuccessionOver)
}

/// Adds the steps of the succession and the buttons. `page` counts the pages of steps, from 0.
pub(crate) fn with_actions(
    session: &Session,
    screen: Screen,
    succession: Option<&Succession>,
    page: u16,
) -> Screen {
    let locale = session.locale;
    let mut screen = screen.say(say!(locale, "succession-text"));
    screen.tone = Tone::Success;
    for link in &session.access_links {
        if let Some(to) = &link.mailed_to {
            let (to, until) = (escape(to), relative(link.expires_at));
            screen.body.push(say!(locale, "succession-mailed", to = to, until = until));
        }
    }
    let steps = succession.map_or(&[][..], |succession| &succession.steps);
    let pager = Pager::new(page, steps.len(), STEPS_A_PAGE);
    let mut buttons: Vec<Button> = Vec::new();
    if steps.is_empty() {
        screen.tone = Tone::Warning;
        screen.body.push(say!(locale, "succession-no-steps"));
    }
    if let Some((nth, step)) =
        steps.iter().enumerate().find(|(_, step)| step.status == StepStatus::Rejected)
    {
        screen.tone = Tone::Warning;
        let (number, title) = (nth + 1, escape(&title(step, locale)));
        screen.body.push(say!(locale, "succession-rejected", number = number, title = title));
    }
    screen.body.extend(pager.sentence(locale));
    for (nth, step) in steps.iter().enumerate().skip(pager.first()).take(STEPS_A_PAGE) {
        let value = match summary(step) {
            Some(summary) => format!("{}\n{summary}", state_line(step, locale)),
            None => state_line(step, locale),
        };
        screen = screen.wide_field(format!("{}. {}", nth + 1, escape(&title(step, locale))), value);
        let label = say!(locale, "button-details", number = nth + 1);
        buttons.push(details_button(session, nth, label));
    }
    for row in buttons.chunks(BUTTONS_A_ROW) {
        screen = screen.buttons(row.to_vec());
    }
    let show_qr = Action::Open(Target::Successor);
    let qr = vec![
        session.button(Action::MailLink, Style::Primary, say!(locale, "button-send-qr")),
        session.button(show_qr, Style::Primary, say!(locale, "button-show-qr")),
    ];
    let finish = session.button(Action::Finish, Style::Success, say!(locale, "button-finish"));
    screen.buttons(pager.buttons(session)).buttons(qr).buttons(with_cancel(session, vec![finish]))
}

/// Returns one step in full. It takes the place of the panel. `nth` counts from 0.
pub fn details(
    session: &Session,
    case: &Case,
    record: Option<&CustomerRecord>,
    nth: u16,
) -> Screen {
    let locale = session.locale;
    let nth = usize::from(nth);
    let steps = match &case.subject {
        CaseSubject::Succession(id) => {
            record.and_then(|record| record.find_succession(id)).map_or(&[][..], |own| &own.steps)
        }
        CaseSubject::Membership(_) => &[],
    };
    let mut screen = match steps.get(nth) {
        Some(step) => step_screen(step, nth, steps.len(), locale),
        None => Screen::titled(Tone::Warning, say!(locale, "successor-title"))
            .say(say!(locale, "succession-no-steps")),
    };
    screen.footer = Some(say!(locale, "session-footer", session = session.id.short()));
    let mut buttons = Vec::new();
    if let Some(before) = nth.checked_sub(1).filter(|before| *before < steps.len()) {
        buttons.push(details_button(session, before, say!(locale, "button-previous-step")));
    }
    if nth + 1 < steps.len() {
        buttons.push(details_button(session, nth + 1, say!(locale, "button-next-step")));
    }
    let page = Action::Page(clamp(nth / STEPS_A_PAGE));
    buttons.push(session.button(page, Style::Secondary, say!(locale, "button-back")));
    screen.buttons(buttons)
}

fn step_screen(step: &SuccessionStep, nth: usize, all: usize, locale: Locale) -> Screen {
    let tone = match step.status {
        StepStatus::Done => Tone::Success,
        StepStatus::Rejected => Tone::Warning,
        StepStatus::Current | StepStatus::Waiting | StepStatus::Unknown => Tone::Info,
    };
    // Discord renders no markup in the title of an embed.
    let title = title(step, locale);
    let heading = say!(locale, "succession-step", number = nth + 1, all = all, title = title);
    let mut screen = Screen::titled(tone, heading).say(state_line(step, locale));
    screen.body.extend(summary(step).map(|summary| format!("**{summary}**")));
    let paragraphs: Vec<_> =
        step.detail.lines().filter(|line| !line.trim().is_empty()).map(escape).collect();
    if !paragraphs.is_empty() {
        screen = screen.say(clip(&paragraphs.join("\n\n"), MAX_DETAIL));
    }
    if !step.reasons.is_empty() {
        let reasons: Vec<_> =
            step.reasons.iter().map(|reason| format!("• {}", escape(reason))).collect();
        let reasons = clip(&reasons.join("\n"), MAX_REASONS);
        screen = screen.say(format!("{}\n{reasons}", say!(locale, "succession-reasons")));
    }
    match step.status {
        StepStatus::Rejected => screen.say(say!(locale, "succession-rejected-next")),
        StepStatus::Current => screen.say(say!(locale, "succession-current-next")),
        StepStatus::Waiting => screen.say(say!(locale, "succession-waiting-next")),
        StepStatus::Done | StepStatus::Unknown => screen,
    }
}

fn title(step: &SuccessionStep, locale: Locale) -> String {
    if step.title.trim().is_empty() {
        return say!(locale, "succession-untitled");
    }
    clip(&step.title, MAX_TITLE)
}

fn summary(step: &SuccessionStep) -> Option<String> {
    Some(clip(&escape(&step.summary), MAX_SUMMARY)).filter(|summary| !summary.trim().is_empty())
}

/// Returns the state of a step and the time of its change.
fn state_line(step: &SuccessionStep, locale: Locale) -> String {
    let state = match step.status {
        StepStatus::Done => say!(locale, "step-done"),
        StepStatus::Current => say!(locale, "step-current"),
        StepStatus::Waiting => say!(locale, "step-waiting"),
        StepStatus::Rejected => say!(locale, "step-rejected"),
        StepStatus::Unknown => say!(locale, "step-unknown"),
    };
    step.updated_at.map_or(state.clone(), |at| format!("{state} · {}", day(at, locale)))
}

fn details_button(session: &Session, nth: usize, label: String) -> Button {
    session.button(Action::Details(clamp(nth)), Style::Secondary, label)
}

/// Clamps a number for a custom id. No succession has that many steps.
fn clamp(nth: usize) -> u16 {
    u16::try_from(nth).unwrap_or(u16::MAX)
}
