//! Panels of the support flow. The title names the step, and the first line says what to do.

use crate::flows::support::choices::{only_name, options};
use crate::flows::support::identity::{footer, masked_identity};
use crate::flows::support::{history, successor, technical, verify_only};
use crate::flows::verify::screens as verification;
use crate::model::customer::{Case, CaseSubject, MaskedCustomer, Status};
use crate::model::flow_state::{Attended, SupportState};
use crate::model::session::{Session, Work};
use crate::model::words::{CloseReason, Locale, Purpose, SupportKind};
use crate::say;
use crate::screens::address_form::AddressForm;
use crate::screens::custom_id::Action;
use crate::screens::screen::{
    Button, MAX_LABEL, MENU_OPTIONS, Menu, Screen, Style, Tone, clip, escape,
};
use crate::screens::text::{clock_time, day};
use crate::screens::widgets::{Pager, PanelContext, closed_screen, ecosystem_name, with_cancel};

/// Longest name in the label of Start, in characters. With the words around it, it fits the 80
/// characters of a button.
const MAX_NAME_ON_BUTTON: usize = 40;

pub fn panel(context: &PanelContext<'_>, kind: SupportKind, state: &SupportState) -> Screen {
    let session = context.session;
    let mut screen = match state {
        SupportState::Found { customer, attended } => {
            found_panel(context, kind, customer, *attended, state.may_start())
        }
        SupportState::Choosing { customer } => choosing_panel(context, kind, customer),
        SupportState::ProvingAgent { case } => proving_agent_panel(context, case),
        SupportState::Announcing { case } => announcing_panel(context, case),
        SupportState::ProvingCustomer { case } => proving_customer_panel(context, case),
        SupportState::Acting { case } => match &case.subject {
            CaseSubject::Membership(role) => technical::panel(context, case, *role),
            CaseSubject::Succession(id) => successor::panel(context, case, id),
        },
        SupportState::Closed(reason) => closed_panel(context, kind, *reason),
    };
    screen.footer = Some(footer(session, kind));
    screen
}

fn found_panel(
    context: &PanelContext<'_>,
    kind: SupportKind,
    customer: &MaskedCustomer,
    attended: Attended,
    may_start: bool,
) -> Screen {
    let PanelContext { session, record, .. } = *context;
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
        SupportKind::Technical => say!(locale, "found-ecosystems", count = customer.choices),
        SupportKind::Successor => say!(locale, "found-successions", count = customer.choices),
    };
    let title = format!("{} · {}", customer.name, customer.email);
    let state = format!("{} · {choices}", status_line(customer, locale));
    let mut screen = Screen::titled(Tone::Info, title).say(format!("{state}\n{text}"));
    let past = session.past.as_deref().and_then(|past| history::before_consent(past, locale));
    screen.body.extend(past);
    let mut buttons = Vec::new();
    if may_start {
        screen.body.extend(verify_only::notice(session));
        let only = record.and_then(|record| only_name(kind, record));
        let label = match only.map(|name| clip(name, MAX_NAME_ON_BUTTON)) {
            Some(name) => say!(locale, "button-start-named", ecosystem = name),
            None => say!(locale, "button-start"),
        };
        buttons.push(session.button(Action::Start, Style::Primary, label));
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
    let choices = record.map_or_else(Vec::new, |record| options(kind, record, locale));
    let pager = Pager::new(page, choices.len(), MENU_OPTIONS);
    let options: Vec<_> = choices.into_iter().skip(pager.first()).take(MENU_OPTIONS).collect();
    let (title, text, placeholder) = match kind {
        SupportKind::Technical => (
            say!(locale, "choose-title"),
            say!(locale, "choose-text"),
            say!(locale, "choose-placeholder"),
        ),
        SupportKind::Successor => (
            say!(locale, "choose-succession-title"),
            say!(locale, "choose-succession-text"),
            say!(locale, "choose-succession-placeholder"),
        ),
    };
    let identity = format!("{} · {}", escape(&customer.name), escape(&customer.email));
    let mut screen = Screen::titled(Tone::Info, title).say(context.lead(text)).say(identity);
    screen.body.extend(pager.sentence(locale));
    if record.is_none() {
        screen.tone = Tone::Warning;
        screen.body.push(say!(locale, "choose-unread"));
    }
    if !options.is_empty() {
        let custom_id = session.custom_id(Action::Choose);
        screen = screen.menu(Menu { custom_id, placeholder, options, enabled: true });
    }
    screen.buttons(with_cancel(session, pager.buttons(session)))
}

fn proving_agent_panel(context: &PanelContext<'_>, case: &Case) -> Screen {
    let PanelContext { session, now, .. } = *context;
    let locale = session.locale;
    let screen = Screen::titled(Tone::Info, say!(locale, "agent-title"));
    let screen = verification::with_code_status(context, screen, Purpose::AgentMfa);
    let is_valid = session.agent.valid_challenge(now).is_some();
    let buttons = verification::code_buttons(context, Purpose::AgentMfa, is_valid);
    // Another choice gives no further code. When the last one has expired, only Cancel is left.
    let can_continue = is_valid || session.agent.may_resend();
    let change = change_button(session, case).map(|button| button.enabled(can_continue));
    screen
        .say(masked_identity(context, case))
        .buttons(with_cancel(session, buttons))
        .buttons(change.into_iter().collect())
}

fn announcing_panel(context: &PanelContext<'_>, case: &Case) -> Screen {
    let PanelContext { session, now, .. } = *context;
    let locale = session.locale;
    let may_resend = session.customer.may_resend();
    let to_do = if may_resend {
        say!(locale, "customer-announce", ecosystem = ecosystem_name(&case.ecosystem_name))
    } else {
        say!(locale, "code-expired-last")
    };
    let goes_to = say!(locale, "customer-goes-to", to = escape(&case.customer.email));
    let mut screen = Screen::titled(Tone::Info, say!(locale, "customer-title"))
        .say(context.lead(to_do))
        .say(format!("{} · {goes_to}", masked_identity(context, case)));
    screen.body.extend(verify_only::notice(session));
    screen.body.extend(verification::long_wait(session, Purpose::CustomerConsent, now));
    let may_send = may_resend && session.customer.resend_at.is_none_or(|at| at <= now);
    let send = session.button(Action::Send, Style::Primary, say!(locale, "button-send"));
    screen
        .buttons(with_cancel(session, vec![send.enabled(may_send)]))
        .buttons(change_button(session, case).into_iter().collect())
}

fn proving_customer_panel(context: &PanelContext<'_>, case: &Case) -> Screen {
    let PanelContext { session, now, .. } = *context;
    let purpose = Purpose::CustomerConsent;
    let screen = Screen::titled(Tone::Info, say!(session.locale, "customer-title"));
    let is_valid = session.customer.valid_challenge(now).is_some();
    let buttons = verification::code_buttons(context, purpose, is_valid);
    verification::with_code_status(context, screen, purpose)
        .say(masked_identity(context, case))
        .buttons(with_cancel(session, buttons))
}

/// Returns the panel of a closed session. A finished one names the customer, if the name is at
/// hand.
fn closed_panel(context: &PanelContext<'_>, kind: SupportKind, reason: CloseReason) -> Screen {
    let PanelContext { session, record, .. } = *context;
    let locale = session.locale;
    let mut screen = if reason == CloseReason::Finished {
        let name = record.map(|record| clip(&record.full_name, MAX_LABEL));
        let title = match name {
            Some(name) => say!(locale, "done-title-named", customer = name),
            None => say!(locale, "done-title"),
        };
        let text = say!(locale, "done-text", at = clock_time(session.closed_at()));
        Screen::titled(Tone::Success, title).say(text)
    } else {
        closed_screen(session, reason)
    };
    if session.links_issued > session.links_denied {
        screen.body.push(say!(locale, "done-links"));
    }
    let can_help = reason != CloseReason::AgentIneligible;
    let again = can_help.then(|| {
        let label = say!(locale, "button-help-another");
        AddressForm::LookUp(kind).button(Style::Primary, label)
    });
    screen.buttons(again.into_iter().collect())
}

/// Returns the button back to the choice, if there is another choice.
fn change_button(session: &Session, case: &Case) -> Option<Button> {
    if case.customer.choices < 2 {
        return None;
    }
    let label = match case.subject {
        CaseSubject::Membership(_) => say!(session.locale, "button-change"),
        CaseSubject::Succession(_) => say!(session.locale, "button-change-succession"),
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
