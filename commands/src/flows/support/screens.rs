//! Panels of the support flow.

use std::collections::HashMap;

use crate::flows::support::{successor, technical};
use crate::flows::verify::screens as verification;
use crate::model::customer::{Case, CaseSubject, CustomerRecord, MaskedCustomer, Role, Status};
use crate::model::flow_state::{Attended, SupportState};
use crate::model::session::{Session, Work};
use crate::model::words::{Locale, Purpose, SupportKind};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{
    Button, Choice, MAX_LABEL, MENU_OPTIONS, Menu, Screen, Style, Tone, clip, escape,
};
use crate::screens::text::day;
use crate::screens::widgets::{Pager, PanelContext, closed_screen, ecosystem_name, with_cancel};

/// Characters of an id that tell equal options apart. With a role they fit an option.
const SHORT_ID: usize = 36;

pub fn panel(context: &PanelContext<'_>, kind: SupportKind, state: &SupportState) -> Screen {
    let PanelContext { session, record, page, now } = *context;
    let screen = Screen::titled(Tone::Info, kind.title(session.locale));
    let mut screen = match state {
        SupportState::Found { customer, attended } => {
            found_panel(session, kind, customer, *attended, state.may_start())
        }
        SupportState::Choosing { customer } => choosing_panel(context, kind, customer),
        SupportState::ProvingAgent { case } => {
            let screen = with_masked_identity(session, screen, case, record);
            let screen = verification::with_code_status(session, screen, Purpose::AgentMfa, now);
            let is_valid = session.agent.valid_challenge(now).is_some();
            let mut buttons = verification::code_buttons(session, Purpose::AgentMfa, is_valid);
            // Another choice gives no further code. When the last one has expired, only Cancel is
            // left.
            let can_continue = is_valid || session.agent.may_resend();
            buttons.extend(change_button(session, case).map(|button| button.enabled(can_continue)));
            screen.buttons(with_cancel(session, buttons))
        }
        SupportState::Announcing { case } => {
            let screen = with_masked_identity(session, screen, case, record);
            let to = &case.customer.email;
            let screen = verification::with_announcement(session, screen, to, now);
            let label = say!(session.locale, "button-send");
            let mut buttons = vec![session.button(Action::Send, Style::Primary, label)];
            buttons.extend(change_button(session, case));
            screen.buttons(with_cancel(session, buttons))
        }
        SupportState::ProvingCustomer { case } => {
            let purpose = Purpose::CustomerConsent;
            let screen = with_masked_identity(session, screen, case, record);
            let screen = verification::with_code_status(session, screen, purpose, now);
            let is_valid = session.customer.valid_challenge(now).is_some();
            let buttons = verification::code_buttons(session, purpose, is_valid);
            screen.buttons(with_cancel(session, buttons))
        }
        SupportState::Acting { case } => {
            let screen = with_identity(session, screen, case, record);
            match &case.subject {
                CaseSubject::Membership(role) => technical::with_actions(session, screen, *role),
                CaseSubject::Succession(id) => {
                    let succession = record.and_then(|record| record.find_succession(id));
                    successor::with_actions(session, screen, succession, page)
                }
            }
        }
        SupportState::Closed(reason) => closed_screen(session, *reason),
    };
    screen.footer = Some(say!(session.locale, "session-footer", session = session.id.short()));
    screen
}

fn found_panel(
    session: &Session,
    kind: SupportKind,
    customer: &MaskedCustomer,
    attended: Attended,
    may_start: bool,
) -> Screen {
    let locale = session.locale;
    let text = match customer.status {
        Status::Pending => say!(locale, "found-pending"),
        Status::Suspended => say!(locale, "found-suspended"),
        Status::Closed => say!(locale, "found-closed"),
        Status::Unknown => say!(locale, "found-unknown"),
        Status::Active if customer.choices == 0 => match kind {
            SupportKind::Technical => say!(locale, "found-no-ecosystem"),
            SupportKind::Successor => say!(locale, "found-no-succession"),
        },
        Status::Active => match attended {
            Attended::No => say!(locale, "found-ready"),
            Attended::ByAnotherAgent => say!(locale, "found-attended"),
            Attended::By(agent) => say!(locale, "found-attended-by", agent = format!("<@{agent}>")),
        },
    };
    let choices = match kind {
        SupportKind::Technical => say!(locale, "field-ecosystems"),
        SupportKind::Successor => say!(locale, "field-successions"),
    };
    let mut screen = Screen::titled(Tone::Info, kind.title(locale))
        .say(text)
        .field(say!(locale, "field-customer"), escape(&customer.name))
        .field(say!(locale, "field-email"), escape(&customer.email))
        .wide_field(say!(locale, "field-state"), status_line(customer, locale))
        .field(choices, customer.choices.to_string());
    let mut buttons = Vec::new();
    if may_start {
        buttons.push(session.button(Action::Start, Style::Primary, say!(locale, "button-start")));
    } else {
        screen.tone = Tone::Warning;
    }
    buttons.push(session.button(Action::Close, Style::Secondary, say!(locale, "button-close")));
    screen.buttons(buttons)
}

fn choosing_panel(
    context: &PanelContext<'_>,
    kind: SupportKind,
    customer: &MaskedCustomer,
) -> Screen {
    let PanelContext { session, record, page, .. } = *context;
    let locale = session.locale;
    let choices = record.map_or_else(Vec::new, |record| choices(kind, record, locale));
    let pager = Pager::new(page, choices.len(), MENU_OPTIONS);
    let options: Vec<_> = choices.into_iter().skip(pager.first()).take(MENU_OPTIONS).collect();
    let (text, placeholder) = match kind {
        SupportKind::Technical => (say!(locale, "choose-text"), say!(locale, "choose-placeholder")),
        SupportKind::Successor => {
            (say!(locale, "choose-succession-text"), say!(locale, "choose-succession-placeholder"))
        }
    };
    let mut screen = Screen::titled(Tone::Info, kind.title(locale))
        .say(text)
        .field(say!(locale, "field-customer"), escape(&customer.name))
        .field(say!(locale, "field-email"), escape(&customer.email));
    screen.body.extend(pager.sentence(locale));
    if record.is_none() {
        screen.tone = Tone::Warning;
        screen.body.push(say!(locale, "choose-unread"));
    }
    if !options.is_empty() {
        let custom_id = session.custom_id(Action::Choose);
        screen = screen.menu(Menu { custom_id, placeholder, options });
    }
    screen.buttons(with_cancel(session, pager.buttons(session)))
}

/// Returns the options of the menu: id, name, and the customer's role. Options that look the same
/// also name their id.
fn choices(kind: SupportKind, record: &CustomerRecord, locale: Locale) -> Vec<Choice> {
    let choices = plain_choices(kind, record, locale);
    let mut looks: HashMap<(&str, &str), usize> = HashMap::new();
    for choice in &choices {
        *looks.entry((&choice.label, &choice.description)).or_default() += 1;
    }
    let description = |choice: &Choice| {
        let Choice { value, label, description } = choice;
        let is_unique = looks.get(&(label.as_str(), description.as_str())) == Some(&1);
        if is_unique {
            description.clone()
        } else {
            format!("{description} · {}", short_id(value))
        }
    };
    let descriptions: Vec<String> = choices.iter().map(description).collect();
    let described = choices.into_iter().zip(descriptions);
    described.map(|(choice, description)| Choice { description, ..choice }).collect()
}

/// Returns the end of an id of Core, which differs more often than its beginning.
fn short_id(id: &str) -> String {
    let skipped = id.chars().count().saturating_sub(SHORT_ID);
    let end: String = id.chars().skip(skipped).collect();
    if skipped == 0 { end } else { format!("…{end}") }
}

fn plain_choices(kind: SupportKind, record: &CustomerRecord, locale: Locale) -> Vec<Choice> {
    let choice = |id: &str, name: &str, role: String| Choice {
        value: id.to_owned(),
        label: clip(name, MAX_LABEL),
        description: clip(&role, MAX_LABEL),
    };
    match kind {
        SupportKind::Technical => {
            let ecosystems = record.ecosystems.iter();
            let role = |role| role_name(&CaseSubject::Membership(role), locale);
            ecosystems.map(|own| choice(&own.id, &own.name, role(own.role))).collect()
        }
        SupportKind::Successor => {
            let successions = record.successions.iter();
            let role = || say!(locale, "role-successor");
            successions.map(|own| choice(&own.id, &own.ecosystem_name, role())).collect()
        }
    }
}

/// Returns the button back to the choice, if there is another choice.
fn change_button(session: &Session, case: &Case) -> Option<Button> {
    let label = match case.subject {
        CaseSubject::Membership(_) => say!(session.locale, "button-change"),
        CaseSubject::Succession(_) if case.customer.choices > 1 => {
            say!(session.locale, "button-change-succession")
        }
        CaseSubject::Succession(_) => return None,
    };
    Some(session.button(Action::Change, Style::Secondary, label))
}

fn status_line(customer: &MaskedCustomer, locale: Locale) -> String {
    let since = customer.since.map(|since| day(since, locale));
    let since = since.unwrap_or_else(|| say!(locale, "date-unknown"));
    match customer.status {
        Status::Active => say!(locale, "status-active", since = since),
        Status::Pending => say!(locale, "status-pending", since = since),
        Status::Suspended => say!(locale, "status-suspended", since = since),
        Status::Closed => say!(locale, "status-closed", since = since),
        Status::Unknown => say!(locale, "status-unknown", since = since),
    }
}

fn role_name(subject: &CaseSubject, locale: Locale) -> String {
    match subject {
        CaseSubject::Membership(Role::Owner) => say!(locale, "role-owner"),
        CaseSubject::Membership(Role::Member) => say!(locale, "role-member"),
        CaseSubject::Succession(_) => say!(locale, "role-successor"),
    }
}

/// Adds customer and ecosystem, masked. Used before the customer has agreed.
fn with_masked_identity(
    session: &Session,
    screen: Screen,
    case: &Case,
    record: Option<&CustomerRecord>,
) -> Screen {
    let locale = session.locale;
    screen
        .field(say!(locale, "field-customer"), escape(&case.customer.name))
        .field(say!(locale, "field-ecosystem"), ecosystem_of(case, record))
        .field(say!(locale, "field-role"), role_name(&case.subject, locale))
}

/// Adds customer and ecosystem, in clear. Used after the customer has agreed.
fn with_identity(
    session: &Session,
    screen: Screen,
    case: &Case,
    record: Option<&CustomerRecord>,
) -> Screen {
    let locale = session.locale;
    // Without the record the masked identity is enough. It is no reason to refuse an action.
    let name = record.map_or(&case.customer.name, |record| &record.full_name);
    let email = record.map_or(&case.customer.email, |record| &record.email);
    screen
        .field(say!(locale, "field-customer"), escape(&clip(name, MAX_LABEL)))
        .field(say!(locale, "field-email"), escape(email))
        .field(say!(locale, "field-ecosystem"), ecosystem_of(case, record))
}

/// Returns the name of the chosen ecosystem, with its id if another choice has the same name.
fn ecosystem_of(case: &Case, record: Option<&CustomerRecord>) -> String {
    let name = ecosystem_name(&case.ecosystem_name);
    let (id, names): (_, Vec<&str>) = match (&case.subject, record) {
        (_, None) => return name,
        (CaseSubject::Membership(_), Some(record)) => {
            (&case.ecosystem, record.ecosystems.iter().map(|own| own.name.as_str()).collect())
        }
        (CaseSubject::Succession(id), Some(record)) => {
            (id, record.successions.iter().map(|own| own.ecosystem_name.as_str()).collect())
        }
    };
    let equal = names.into_iter().filter(|other| ecosystem_name(other) == name).count();
    if equal > 1 { format!("{name} · {}", escape(&short_id(id))) } else { name }
}

/// Returns kind, masked customer and stage of a session with a customer, as a list of open sessions
/// names them.
pub(crate) fn summary(session: &Session, locale: Locale) -> (String, &str, String) {
    let Work::Support(kind, support_state) = &session.work else {
        return (String::new(), "", String::new());
    };
    let stage = match support_state {
        SupportState::Found { .. } => say!(locale, "stage-found"),
        SupportState::Choosing { .. } => match kind {
            SupportKind::Technical => say!(locale, "stage-choosing"),
            SupportKind::Successor => say!(locale, "stage-choosing-succession"),
        },
        SupportState::ProvingAgent { .. } => say!(locale, "stage-proving-agent"),
        SupportState::Announcing { .. } => say!(locale, "stage-announcing"),
        SupportState::ProvingCustomer { .. } => say!(locale, "stage-proving-customer"),
        SupportState::Acting { .. } => say!(locale, "stage-acting"),
        SupportState::Closed(_) => String::new(),
    };
    let customer = support_state.customer().map_or("", |customer| customer.name.as_str());
    (kind.title(locale), customer, stage)
}
