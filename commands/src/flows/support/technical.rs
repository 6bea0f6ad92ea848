//! Technical Assistance: the part of the support flow that is about an ecosystem.

use crate::model::customer::{
    Case, CaseSubject, CustomerRecord, Ecosystem, MaskedCustomer, Period, Plan, PlanStatus, Role,
};
use crate::model::session::Session;
use crate::model::words::{CloseReason, Locale, Target};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{MAX_LABEL, Screen, Style, Tone, clip, escape};
use crate::screens::text::{day, money};
use crate::screens::widgets::{ecosystem_name, with_cancel};

/// Maximum value of an embed field in Discord, in characters.
const MAX_FIELD_VALUE: usize = 1024;

/// Returns the case for an ecosystem of the customer.
pub(crate) fn case(customer: &MaskedCustomer, record: &CustomerRecord, id: &str) -> Option<Case> {
    let ecosystem = record.find_ecosystem(id)?;
    Some(Case {
        customer: customer.clone(),
        ecosystem: ecosystem.id.clone(),
        ecosystem_name: ecosystem.name.clone(),
        subject: CaseSubject::Membership(ecosystem.role),
    })
}

/// Returns why the session must close, if the customer's role changed or ended.
pub(crate) fn close_reason(
    ecosystem: &str,
    role: Role,
    record: &CustomerRecord,
) -> Option<CloseReason> {
    let same = record.find_ecosystem(ecosystem).is_some_and(|ecosystem| ecosystem.role == role);
    (!same).then_some(CloseReason::RoleChanged)
}

/// Adds the access links that this role allows.
pub(crate) fn with_actions(session: &Session, screen: Screen, role: Role) -> Screen {
    let locale = session.locale;
    let mut screen = screen.say(say!(locale, "acting-text")).say(match role {
        Role::Owner => say!(locale, "acting-owner"),
        Role::Member => say!(locale, "acting-member"),
    });
    screen.tone = Tone::Success;
    let button = |target, label| session.button(Action::Open(target), Style::Primary, label);
    let mut links = Vec::new();
    if role == Role::Owner {
        links.push(button(Target::Store, say!(locale, "button-store")));
    }
    links.push(button(Target::Web, say!(locale, "button-web")));
    links.push(button(Target::App, say!(locale, "button-app")));
    let others = vec![
        session.button(Action::Plan, Style::Secondary, say!(locale, "button-plan")),
        session.button(Action::Finish, Style::Success, say!(locale, "button-finish")),
    ];
    screen.buttons(links).buttons(with_cancel(session, others))
}

/// Returns the plan of the chosen ecosystem. It takes the place of the panel.
pub fn plan(session: &Session, case: &Case, record: Option<&CustomerRecord>) -> Screen {
    let locale = session.locale;
    let mut screen = Screen::titled(Tone::Info, say!(locale, "plan-heading"));
    screen = match record.and_then(|record| record.find_ecosystem(&case.ecosystem)) {
        Some(ecosystem) => with_plan(screen, ecosystem, locale),
        None => screen.say(say!(locale, "plan-gone")),
    };
    screen.footer = Some(say!(locale, "session-footer", session = session.id.short()));
    let back = session.button(Action::Back, Style::Secondary, say!(locale, "button-back"));
    screen.buttons(vec![back])
}

fn with_plan(screen: Screen, ecosystem: &Ecosystem, locale: Locale) -> Screen {
    let Plan { name, status, price_cents, currency, period, renews_at, features } = &ecosystem.plan;
    let state = match status {
        PlanStatus::Active => say!(locale, "plan-status-active"),
        PlanStatus::Trial => say!(locale, "plan-status-trial"),
        PlanStatus::PastDue => say!(locale, "plan-status-past-due"),
        PlanStatus::Cancelled => say!(locale, "plan-status-cancelled"),
        PlanStatus::Unknown => say!(locale, "plan-status-unknown"),
    };
    let price = price_cents.map(|cents| money(locale, cents, &escape(currency)));
    let price = match (price, period) {
        (None, _) => say!(locale, "plan-price-unknown"),
        (Some(price), Period::Month) => say!(locale, "plan-month", price = price),
        (Some(price), Period::Year) => say!(locale, "plan-year", price = price),
        (Some(price), Period::Unknown) => say!(locale, "plan-other", price = price),
    };
    let ends = *status == PlanStatus::Cancelled && renews_at.is_some();
    let next = if ends { say!(locale, "plan-ends") } else { say!(locale, "plan-renews") };
    let renews = renews_at.map_or_else(|| say!(locale, "plan-renews-never"), |at| day(at, locale));
    let includes = if features.is_empty() {
        say!(locale, "plan-nothing")
    } else {
        let lines: Vec<_> =
            features.iter().map(|feature| format!("• {}", escape(feature))).collect();
        clip(&lines.join("\n"), MAX_FIELD_VALUE)
    };
    screen
        .field(say!(locale, "field-ecosystem"), ecosystem_name(&ecosystem.name))
        .field(say!(locale, "plan-name"), escape(&clip(name, MAX_LABEL)))
        .field(say!(locale, "plan-state"), state)
        .field(say!(locale, "plan-price"), price)
        .field(next, renews)
        .wide_field(say!(locale, "plan-includes"), includes)
}
