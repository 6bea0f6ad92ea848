//! Ecosystem Admin: what is apart on the road of `/support` when it is about a succession in which
//! the customer is the successor.

use crate::model::customer::{Case, CaseSubject, CustomerRecord, MaskedCustomer};
use crate::model::session::Session;
use crate::model::succession::{StepStatus, Succession, SuccessionStep};
use crate::model::words::{CloseReason, Locale, Target};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Button, Screen, Style, Tone, clip, plain};
use crate::screens::text::{day, relative};
use crate::screens::widgets::{Pager, with_cancel};

/// The customer in one of their successions.
pub(crate) fn case(customer: &MaskedCustomer, record: &CustomerRecord, id: &str) -> Option<Case> {
    record.find_succession(id).map(|succession| case_of(customer, succession))
}

/// The customer in the only succession there is.
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

/// Whether the succession is over by now, or somebody else's.
pub(crate) fn lost(succession: &str, record: &CustomerRecord) -> Option<CloseReason> {
    record.find_succession(succession).is_none().then_some(CloseReason::SuccessionOver)
}

/// Steps on a page: two of Discord's five rows are theirs, of five buttons each.
pub const STEPS_A_PAGE: usize = 10;

/// Buttons in one of Discord's rows.
const ROW: usize = 5;

/// Characters of a title: ten of them with their summaries stay below the 6000 that Discord takes
/// in an embed.
const TITLE: usize = 80;

/// Characters of a summary, likewise.
const SUMMARY: usize = 200;

/// Characters of the fuller text: with the reasons it stays below the 4096 that Discord takes in a
/// description.
const DETAIL: usize = 2000;

/// Characters of all reasons together, likewise.
const REASONS: usize = 1400;

/// How the succession stands, and what can be done. `page` counts the pages of steps, from 0.
pub(crate) fn acting(
    session: &Session,
    screen: Screen,
    succession: Option<&Succession>,
    page: u16,
) -> Screen {
    let locale = session.locale;
    let mut screen = screen.say(say!(locale, "succession-text"));
    screen.tone = Tone::Good;
    for opened in &session.access_links {
        if let Some(to) = &opened.mailed_to {
            screen.body.push(say!(
                locale,
                "succession-mailed",
                to = plain(to),
                until = relative(opened.expires_at)
            ));
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
        screen.body.push(say!(
            locale,
            "succession-rejected",
            number = nth + 1,
            title = title(step)
        ));
    }
    screen.body.extend(pager.sentence(locale));
    for (nth, step) in steps.iter().enumerate().skip(pager.first()).take(STEPS_A_PAGE) {
        let value = match summary(step) {
            Some(summary) => format!("{}\n{summary}", standing(step, locale)),
            None => standing(step, locale),
        };
        screen = screen.wide(format!("{}. {}", nth + 1, title(step)), value);
        buttons.push(to_details(session, nth, say!(locale, "button-details", number = nth + 1)));
    }
    for row in buttons.chunks(ROW) {
        screen = screen.buttons(row.to_vec());
    }
    let qr = vec![
        session.button(Action::Mail, Style::Primary, say!(locale, "button-send-qr")),
        session.button(
            Action::Open(Target::Successor),
            Style::Primary,
            say!(locale, "button-show-qr"),
        ),
    ];
    let finish = session.button(Action::Finish, Style::Good, say!(locale, "button-finish"));
    screen.buttons(pager.buttons(session)).buttons(qr).buttons(with_cancel(session, vec![finish]))
}

/// One step in full, in place of the panel. `nth` counts from 0.
#[must_use]
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
        Some(step) => describe(step, nth, steps.len(), locale),
        None => Screen::titled(Tone::Warning, say!(locale, "successor-title"))
            .say(say!(locale, "succession-no-steps")),
    };
    screen.footer = Some(say!(locale, "session-footer", session = session.id.short()));
    let mut buttons = Vec::new();
    if let Some(before) = nth.checked_sub(1).filter(|before| *before < steps.len()) {
        buttons.push(to_details(session, before, say!(locale, "button-previous-step")));
    }
    if nth + 1 < steps.len() {
        buttons.push(to_details(session, nth + 1, say!(locale, "button-next-step")));
    }
    let page = Action::Page(small(nth / STEPS_A_PAGE));
    buttons.push(session.button(page, Style::Plain, say!(locale, "button-back")));
    screen.buttons(buttons)
}

fn describe(step: &SuccessionStep, nth: usize, all: usize, locale: Locale) -> Screen {
    let tone = match step.status {
        StepStatus::Done => Tone::Good,
        StepStatus::Rejected => Tone::Warning,
        StepStatus::Current | StepStatus::Waiting | StepStatus::Unknown => Tone::Calm,
    };
    let heading = say!(locale, "succession-step", number = nth + 1, all = all, title = title(step));
    let mut screen = Screen::titled(tone, heading).say(standing(step, locale));
    screen.body.extend(summary(step).map(|summary| format!("**{summary}**")));
    let paragraphs: Vec<_> =
        step.detail.lines().filter(|line| !line.trim().is_empty()).map(plain).collect();
    if !paragraphs.is_empty() {
        screen = screen.say(clip(&paragraphs.join("\n\n"), DETAIL));
    }
    if !step.reasons.is_empty() {
        let reasons: Vec<_> =
            step.reasons.iter().map(|reason| format!("• {}", plain(reason))).collect();
        screen = screen.say(format!(
            "{}\n{}",
            say!(locale, "succession-reasons"),
            clip(&reasons.join("\n"), REASONS)
        ));
    }
    match step.status {
        StepStatus::Rejected => screen.say(say!(locale, "succession-rejected-next")),
        StepStatus::Current => screen.say(say!(locale, "succession-current-next")),
        StepStatus::Waiting => screen.say(say!(locale, "succession-waiting-next")),
        StepStatus::Done | StepStatus::Unknown => screen,
    }
}

fn title(step: &SuccessionStep) -> String {
    clip(&plain(&step.title), TITLE)
}

fn summary(step: &SuccessionStep) -> Option<String> {
    Some(clip(&plain(&step.summary), SUMMARY)).filter(|summary| !summary.trim().is_empty())
}

/// The state of a step and since when.
fn standing(step: &SuccessionStep, locale: Locale) -> String {
    let state = match step.status {
        StepStatus::Done => say!(locale, "step-done"),
        StepStatus::Current => say!(locale, "step-current"),
        StepStatus::Waiting => say!(locale, "step-waiting"),
        StepStatus::Rejected => say!(locale, "step-rejected"),
        StepStatus::Unknown => say!(locale, "step-unknown"),
    };
    step.updated_at.map_or(state.clone(), |at| format!("{state} · {}", day(at)))
}

fn to_details(session: &Session, nth: usize, label: String) -> Button {
    session.button(Action::Details(small(nth)), Style::Plain, label)
}

/// No succession has so many steps that its number would not fit.
fn small(nth: usize) -> u16 {
    u16::try_from(nth).unwrap_or(u16::MAX)
}
