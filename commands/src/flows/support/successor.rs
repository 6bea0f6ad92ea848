//! Ecosystem Admin: the part of the support flow that is about a succession.

use crate::flows::support::access_screens;
use crate::flows::support::identity::{clear_name, footer};
use crate::flows::support::verify_only::verified_until;
use crate::model::customer::{Case, CaseSubject, CustomerRecord, MaskedCustomer};
use crate::model::scope::Scope;
use crate::model::session::Session;
use crate::model::succession::{StepStatus, Succession, SuccessionStep};
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::{CloseReason, Locale, SupportKind, Target};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Button, Choice, MAX_LABEL, Menu, Screen, Style, Tone, clip, escape};
use crate::screens::text::{day, short_day};
use crate::screens::widgets::{Pager, PanelContext, with_cancel};

/// Steps on a page. With a line each, the buttons below them stay on the screen of a phone.
const STEPS_A_PAGE: usize = 10;

/// Maximum length of a step's title, in characters: two lines on a phone.
const MAX_TITLE: usize = 80;

/// Maximum length of a summary, in characters.
const MAX_SUMMARY: usize = 200;

/// Maximum length of a step's reasons on the list, in characters. The details show more. See
/// [`STEPS_A_PAGE`].
const MAX_REASONS_ON_LIST: usize = 200;

/// Maximum number of rejected steps whose reasons the list shows. See [`STEPS_A_PAGE`].
const MAX_REJECTED_ON_LIST: usize = 3;

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
        unknown: UnknownFields::NONE,
    }
}

/// Returns why the session must close, if the succession ended or has another successor.
pub(crate) fn close_reason(succession: &str, record: &CustomerRecord) -> Option<CloseReason> {
    record.find_succession(succession).is_none().then_some(CloseReason::SuccessionOver)
}

/// Returns the panel with the steps of the succession.
pub(crate) fn panel(context: &PanelContext<'_>, case: &Case, succession: &str) -> Screen {
    let PanelContext { session, record, page, now, .. } = *context;
    let locale = session.locale;
    let customer = clear_name(case, record);
    let ecosystem = clip(&case.ecosystem_name, MAX_LABEL);
    let title = say!(locale, "succeeding-title", customer = customer, ecosystem = ecosystem);
    let mut screen = Screen::titled(Tone::Success, title);
    let ready = access_screens::ready_lines(session, now).join("\n");
    screen.body.extend(context.progress.map(str::to_owned));
    screen.body.extend(Some(ready).filter(|ready| !ready.is_empty()));
    screen.body.extend(verified(session));
    let succession = record.and_then(|record| record.find_succession(succession));
    let steps = succession.map_or(&[][..], |succession| &succession.steps);
    let pager = Pager::new(page, steps.len(), STEPS_A_PAGE);
    let rejected = rejected_steps(steps, locale);
    if steps.is_empty() || !rejected.is_empty() {
        screen.tone = Tone::Warning;
    }
    if steps.is_empty() {
        screen.body.push(say!(locale, "succession-no-steps"));
    }
    // On a phone the QR image and the steps together would push the buttons off the screen.
    let shows_steps = access_screens::qr_link(session, now).is_none();
    screen.body.extend(rejected.into_iter().filter(|_| shows_steps));
    let shown = || steps.iter().enumerate().skip(pager.first()).take(STEPS_A_PAGE);
    let lines: Vec<_> = shown().map(|(nth, step)| step_line(step, nth, locale)).collect();
    if !lines.is_empty() && shows_steps {
        screen.body.push(lines.join("\n"));
    }
    screen.body.extend(pager.sentence(locale).filter(|_| shows_steps));
    let options: Vec<_> = shown().map(|(nth, step)| step_option(step, nth, locale)).collect();
    if !options.is_empty() {
        let placeholder = say!(locale, "steps-placeholder");
        let custom_id = session.custom_id(Action::ChooseStep);
        screen = screen.menu(Menu { custom_id, placeholder, options, enabled: true });
    }
    let mut buttons = Vec::new();
    if session.scope == Scope::Act {
        let label = say!(locale, "button-send-qr");
        buttons.push(session.button(Action::MailLink, Style::Secondary, label));
        buttons.push(access_screens::button(session, Target::Successor, now));
    }
    let history = say!(locale, "button-history");
    buttons.push(session.button(Action::History, Style::Secondary, history));
    buttons.push(session.button(Action::Finish, Style::Success, say!(locale, "button-finish")));
    screen.buttons(pager.buttons(session)).buttons(with_cancel(session, buttons))
}

/// Returns what an agent can do in a verify-only session, and until when. `None` in other sessions.
fn verified(session: &Session) -> Option<String> {
    let until = verified_until(session)?;
    Some(say!(session.locale, "succession-verify-only", until = until))
}

/// Returns a paragraph for each of the first rejected steps: when, and why.
fn rejected_steps(steps: &[SuccessionStep], locale: Locale) -> Vec<String> {
    let rejected = steps.iter().enumerate().filter(|(_, step)| step.status == StepStatus::Rejected);
    let paragraph = |(nth, step): (usize, &SuccessionStep)| {
        let (number, title) = (nth + 1, escape(&title(step, locale)));
        let at = step.updated_at.map(|at| day(at, locale));
        let heading = at.map_or_else(
            || say!(locale, "succession-rejected", number = number, title = title.as_str()),
            |at| {
                let title = title.as_str();
                say!(locale, "succession-rejected-on", number = number, title = title, at = at)
            },
        );
        let reasons = clip(&reason_lines(step), MAX_REASONS_ON_LIST);
        if reasons.is_empty() { heading } else { format!("{heading}\n{reasons}") }
    };
    rejected.take(MAX_REJECTED_ON_LIST).map(paragraph).collect()
}

fn reason_lines(step: &SuccessionStep) -> String {
    let reasons: Vec<_> =
        step.reasons.iter().map(|reason| format!("• {}", escape(reason))).collect();
    reasons.join("\n")
}

/// Returns a step in one line: state, number, title and date.
fn step_line(step: &SuccessionStep, nth: usize, locale: Locale) -> String {
    let line = format!("{} {} {}", icon(step.status), nth + 1, escape(&title(step, locale)));
    step.updated_at.map_or(line.clone(), |at| format!("{line} · {}", short_day(at, locale)))
}

fn step_option(step: &SuccessionStep, nth: usize, locale: Locale) -> Choice {
    Choice {
        value: nth.to_string(),
        label: clip(&format!("{}. {}", nth + 1, title(step, locale)), MAX_LABEL),
        description: status_name(step.status, locale),
    }
}

const fn icon(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Done => "✅",
        StepStatus::Current => "🔵",
        StepStatus::Waiting => "⚪",
        StepStatus::Rejected => "❌",
        StepStatus::Unknown => "❔",
    }
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
        Some(step) => step_screen(session, step, nth, steps.len()),
        None => Screen::titled(Tone::Warning, say!(locale, "successor-title"))
            .say(say!(locale, "succession-no-steps")),
    };
    screen.footer = Some(footer(session, SupportKind::Successor));
    let mut buttons = Vec::new();
    if let Some(before) = nth.checked_sub(1).filter(|before| *before < steps.len()) {
        buttons.push(details_button(session, before, say!(locale, "button-previous-step")));
    }
    if nth + 1 < steps.len() {
        buttons.push(details_button(session, nth + 1, say!(locale, "button-next-step")));
    }
    let page = Action::Page(clamp(nth / STEPS_A_PAGE));
    buttons.push(session.button(page, Style::Primary, say!(locale, "button-back")));
    screen.buttons(buttons)
}

fn step_screen(session: &Session, step: &SuccessionStep, nth: usize, all: usize) -> Screen {
    let locale = session.locale;
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
        let reasons = clip(&reason_lines(step), MAX_REASONS);
        screen = screen.say(format!("{}\n{reasons}", say!(locale, "succession-reasons")));
    }
    match step.status {
        StepStatus::Rejected => screen.say(match session.scope {
            Scope::Act => say!(locale, "succession-rejected-next"),
            Scope::Verify => say!(locale, "succession-rejected-verify-only"),
        }),
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
    let state = format!("{} {}", icon(step.status), status_name(step.status, locale));
    step.updated_at.map_or(state.clone(), |at| format!("{state} · {}", day(at, locale)))
}

fn status_name(status: StepStatus, locale: Locale) -> String {
    match status {
        StepStatus::Done => say!(locale, "step-done"),
        StepStatus::Current => say!(locale, "step-current"),
        StepStatus::Waiting => say!(locale, "step-waiting"),
        StepStatus::Rejected => say!(locale, "step-rejected"),
        StepStatus::Unknown => say!(locale, "step-unknown"),
    }
}

fn details_button(session: &Session, nth: usize, label: String) -> Button {
    session.button(Action::Details(clamp(nth)), Style::Secondary, label)
}

/// Clamps a number for a custom id. No succession has that many steps.
fn clamp(nth: usize) -> u16 {
    u16::try_from(nth).unwrap_or(u16::MAX)
}
