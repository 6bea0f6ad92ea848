//! Every screen that both roads of `/support` share, and the place where the others come in.

use crate::flows::support::{successor, technical};
use crate::flows::verify::screens as verification;
use crate::model::customer::{Case, CaseSubject, CustomerRecord, MaskedCustomer, Role, Status};
use crate::model::flow_state::{Attended, SupportState};
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::words::{CloseReason, Locale, Purpose, SupportKind};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{
    Button, Choice, LABEL, MENU_OPTIONS, Menu, Screen, Style, Tone, clip, plain,
};
use crate::screens::text::day;
use crate::screens::widgets::{Pager, ecosystem_name, with_cancel};

/// The panel of a session, whole. `page` counts the pages of a menu or a list, from 0.
#[must_use]
pub fn panel(
    session: &Session,
    kind: SupportKind,
    state: &SupportState,
    record: Option<&CustomerRecord>,
    page: u16,
    now: Timestamp,
) -> Screen {
    let locale = session.locale;
    let screen = Screen::titled(Tone::Calm, kind.title(locale));
    let mut screen = match state {
        SupportState::Found { customer, attended } => {
            found(session, screen, kind, customer, *attended, state.may_start())
        }
        SupportState::Choosing { customer } => {
            choosing(session, screen, kind, customer, record, page)
        }
        SupportState::ProvingAgent { case } => {
            let screen = verification::waiting(
                session,
                masked(screen, locale, case),
                Purpose::AgentMfa,
                now,
            );
            let mut buttons = verification::buttons(session, Purpose::AgentMfa, now);
            // Another choice gives no further code: with the last one expired only Cancel is left.
            let leads_on = session.agent.live(now).is_some() || session.agent.may_resend();
            buttons.extend(change(session, case).map(|button| button.enabled(leads_on)));
            screen.buttons(with_cancel(session, buttons))
        }
        SupportState::Announcing { case } => {
            let screen = verification::announcing(
                session,
                masked(screen, locale, case),
                &case.customer.email,
                now,
            );
            let mut buttons =
                vec![session.button(Action::Send, Style::Primary, say!(locale, "button-send"))];
            buttons.extend(change(session, case));
            screen.buttons(with_cancel(session, buttons))
        }
        SupportState::ProvingCustomer { case } => {
            let screen = verification::waiting(
                session,
                masked(screen, locale, case),
                Purpose::CustomerConsent,
                now,
            );
            screen.buttons(with_cancel(
                session,
                verification::buttons(session, Purpose::CustomerConsent, now),
            ))
        }
        SupportState::Acting { case } => {
            let screen = identity(screen, locale, case, record);
            match &case.subject {
                CaseSubject::Membership(role) => technical::acting(session, screen, *role),
                CaseSubject::Succession(id) => {
                    let succession = record.and_then(|record| record.find_succession(id));
                    successor::acting(session, screen, succession, page)
                }
            }
        }
        SupportState::Closed(closing) => {
            let tone = if *closing == CloseReason::Finished { Tone::Good } else { Tone::Bad };
            let at = session.clocks.closed_at.unwrap_or(now);
            Screen::titled(tone, say!(locale, "closed-title"))
                .say(Refusal::Closed(*closing, at).sentence(locale))
        }
    };
    screen.footer = Some(say!(locale, "session-footer", session = session.id.short()));
    screen
}

/// Another choice, where there is one.
fn change(session: &Session, case: &Case) -> Option<Button> {
    let label = match case.subject {
        CaseSubject::Membership(_) => say!(session.locale, "button-change"),
        CaseSubject::Succession(_) if case.customer.choices > 1 => {
            say!(session.locale, "button-change-succession")
        }
        CaseSubject::Succession(_) => return None,
    };
    Some(session.button(Action::Change, Style::Plain, label))
}

fn found(
    session: &Session,
    screen: Screen,
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
            Attended::BySomebody => say!(locale, "found-attended"),
            Attended::By(agent) => say!(locale, "found-attended-by", agent = format!("<@{agent}>")),
        },
    };
    let choices = match kind {
        SupportKind::Technical => say!(locale, "field-ecosystems"),
        SupportKind::Successor => say!(locale, "field-successions"),
    };
    let mut screen = screen
        .say(text)
        .field(say!(locale, "field-customer"), plain(&customer.name))
        .field(say!(locale, "field-email"), plain(&customer.email))
        .wide(say!(locale, "field-state"), status(customer, locale))
        .field(choices, customer.choices.to_string());
    let mut buttons = Vec::new();
    if may_start {
        buttons.push(session.button(Action::Start, Style::Primary, say!(locale, "button-start")));
    } else {
        screen.tone = Tone::Warning;
    }
    buttons.push(session.button(Action::Close, Style::Plain, say!(locale, "button-close")));
    screen.buttons(buttons)
}

fn status(customer: &MaskedCustomer, locale: Locale) -> String {
    let since = day(customer.since);
    match customer.status {
        Status::Active => say!(locale, "status-active", since = since),
        Status::Pending => say!(locale, "status-pending", since = since),
        Status::Suspended => say!(locale, "status-suspended", since = since),
        Status::Closed => say!(locale, "status-closed", since = since),
        Status::Unknown => say!(locale, "status-unknown", since = since),
    }
}

fn role(subject: &CaseSubject, locale: Locale) -> String {
    match subject {
        CaseSubject::Membership(Role::Owner) => say!(locale, "role-owner"),
        CaseSubject::Membership(Role::Member) => say!(locale, "role-member"),
        CaseSubject::Succession(_) => say!(locale, "role-successor"),
    }
}

/// Who it is about, before the customer has agreed: masked.
fn masked(screen: Screen, locale: Locale, case: &Case) -> Screen {
    screen
        .field(say!(locale, "field-customer"), plain(&case.customer.name))
        .field(say!(locale, "field-ecosystem"), ecosystem_name(&case.ecosystem_name))
        .field(say!(locale, "field-role"), role(&case.subject, locale))
}

/// Who it is about, once the customer has agreed: in clear.
fn identity(
    screen: Screen,
    locale: Locale,
    case: &Case,
    record: Option<&CustomerRecord>,
) -> Screen {
    // Without the customer's record at hand the masked identity has to do: nothing is refused for
    // it.
    let name = record.map_or_else(|| case.customer.name.clone(), |record| record.full_name.clone());
    let email = record.map_or_else(|| case.customer.email.clone(), |record| record.email.clone());
    screen
        .field(say!(locale, "field-customer"), plain(&clip(&name, LABEL)))
        .field(say!(locale, "field-email"), plain(&email))
        .field(say!(locale, "field-ecosystem"), ecosystem_name(&case.ecosystem_name))
}

/// What can be chosen: its id, its name, and what the customer has to do with it.
fn choices(kind: SupportKind, record: &CustomerRecord, locale: Locale) -> Vec<Choice> {
    let choice = |id: &str, name: &str, subject: &CaseSubject| Choice {
        value: id.to_owned(),
        label: clip(name, LABEL),
        description: clip(&role(subject, locale), LABEL),
    };
    match kind {
        SupportKind::Technical => {
            let ecosystems = record.ecosystems.iter();
            ecosystems
                .map(|own| choice(&own.id, &own.name, &CaseSubject::Membership(own.role)))
                .collect()
        }
        SupportKind::Successor => {
            let successions = record.successions.iter();
            successions
                .map(|own| {
                    choice(&own.id, &own.ecosystem_name, &CaseSubject::Succession(own.id.clone()))
                })
                .collect()
        }
    }
}

fn choosing(
    session: &Session,
    screen: Screen,
    kind: SupportKind,
    customer: &MaskedCustomer,
    record: Option<&CustomerRecord>,
    page: u16,
) -> Screen {
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
    let mut screen = screen
        .say(text)
        .field(say!(locale, "field-customer"), plain(&customer.name))
        .field(say!(locale, "field-email"), plain(&customer.email));
    screen.body.extend(pager.sentence(locale));
    if record.is_none() {
        screen.tone = Tone::Warning;
        screen.body.push(say!(locale, "choose-unread"));
    }
    if !options.is_empty() {
        screen = screen.menu(Menu {
            custom_id: session.custom_id(Action::Choose),
            placeholder,
            options,
        });
    }
    screen.buttons(with_cancel(session, pager.buttons(session)))
}

/// Where a session is, in words.
pub(crate) fn stage(session: &Session, locale: Locale) -> String {
    match &session.work {
        Work::Support(_, SupportState::Found { .. }) => say!(locale, "stage-found"),
        Work::Support(SupportKind::Technical, SupportState::Choosing { .. }) => {
            say!(locale, "stage-choosing")
        }
        Work::Support(SupportKind::Successor, SupportState::Choosing { .. }) => {
            say!(locale, "stage-choosing-succession")
        }
        Work::Support(_, SupportState::ProvingAgent { .. }) => say!(locale, "stage-proving-agent"),
        Work::Support(_, SupportState::Announcing { .. }) => say!(locale, "stage-announcing"),
        Work::Support(_, SupportState::ProvingCustomer { .. }) => {
            say!(locale, "stage-proving-customer")
        }
        Work::Support(_, SupportState::Acting { .. }) => say!(locale, "stage-acting"),
        Work::Support(_, SupportState::Closed(_)) | Work::Link(_) | Work::Recover(_) => {
            String::new()
        }
    }
}
