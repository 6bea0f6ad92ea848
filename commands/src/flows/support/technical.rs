//! Technical Assistance: the part of the support flow that is about an ecosystem.

use crate::flows::support::access_screens;
use crate::flows::support::identity::{clear_name, footer, identity};
use crate::model::customer::{
    Case, CaseSubject, CustomerRecord, Ecosystem, MaskedCustomer, Period, Plan, PlanStatus, Role,
};
use crate::model::scope::Scope;
use crate::model::session::Session;
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::{CloseReason, Locale, SupportKind, Target};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{MAX_LABEL, Screen, Style, Tone, clip, escape};
use crate::screens::text::{day, money};
use crate::screens::widgets::{PanelContext, with_cancel};

/// Maximum length of all features together, in characters, so that Back stays near.
const MAX_FEATURES: usize = 1024;

/// Returns the case for an ecosystem of the customer.
pub(crate) fn case(customer: &MaskedCustomer, record: &CustomerRecord, id: &str) -> Option<Case> {
    record.find_ecosystem(id).map(|ecosystem| case_of(customer, ecosystem))
}

/// Returns the case for the customer's only ecosystem. `None` if there are several.
pub(crate) fn only_case(customer: &MaskedCustomer, record: &CustomerRecord) -> Option<Case> {
    match record.ecosystems.as_slice() {
        [only] => Some(case_of(customer, only)),
        _ => None,
    }
}

fn case_of(customer: &MaskedCustomer, ecosystem: &Ecosystem) -> Case {
    Case {
        customer: customer.clone(),
        ecosystem: ecosystem.id.clone(),
        ecosystem_name: ecosystem.name.clone(),
        subject: CaseSubject::Membership(ecosystem.role),
        unknown: UnknownFields::NONE,
    }
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

/// Returns the panel with the access links that scope and role allow.
pub(crate) fn panel(context: &PanelContext<'_>, case: &Case, role: Role) -> Screen {
    let PanelContext { session, record, now, .. } = *context;
    let locale = session.locale;
    let title = say!(locale, "acting-title", customer = clear_name(case, record));
    let mut screen = Screen::titled(Tone::Success, title).say(identity(context, case));
    let others = vec![
        session.button(Action::Plan, Style::Secondary, say!(locale, "button-plan")),
        session.button(Action::History, Style::Secondary, say!(locale, "button-history")),
        session.button(Action::Finish, Style::Success, say!(locale, "button-finish")),
    ];
    let others = with_cancel(session, others);
    if session.scope == Scope::Verify {
        return screen.say(say!(locale, "acting-verify-only")).buttons(others);
    }
    let ready = access_screens::ready_lines(session, now).join("\n");
    if let Some(progress) = context.progress {
        screen.body.push(progress.to_owned());
    } else if ready.is_empty() {
        screen.body.push(say!(locale, "acting-text"));
    }
    screen.body.extend(Some(ready).filter(|ready| !ready.is_empty()));
    let targets: &[Target] = match role {
        Role::Owner => &[Target::Store, Target::Web, Target::App],
        Role::Member => &[Target::Web, Target::App],
    };
    let links = targets.iter().map(|target| access_screens::button(session, *target, now));
    screen.buttons(links.collect()).buttons(others)
}

/// Returns the plan of the chosen ecosystem. It takes the place of the panel.
pub fn plan(session: &Session, case: &Case, record: Option<&CustomerRecord>) -> Screen {
    let locale = session.locale;
    let title = say!(locale, "plan-title", ecosystem = clip(&case.ecosystem_name, MAX_LABEL));
    let mut screen = Screen::titled(Tone::Info, title);
    match record.and_then(|record| record.find_ecosystem(&case.ecosystem)) {
        Some(ecosystem) => screen.body = plan_lines(&ecosystem.plan, locale),
        None => screen.body.push(say!(locale, "plan-gone")),
    }
    screen.footer = Some(footer(session, SupportKind::Technical));
    let back = session.button(Action::Back, Style::Primary, say!(locale, "button-back"));
    screen.buttons(vec![back])
}

fn plan_lines(plan: &Plan, locale: Locale) -> Vec<String> {
    let Plan { name, status, price_cents, currency, period, renews_at, features } = plan;
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
        (Some(price), Period::Unknown) => price,
    };
    let renewal = match renews_at.map(|at| day(at, locale)) {
        Some(at) if *status == PlanStatus::Cancelled => say!(locale, "plan-ends", at = at),
        Some(at) => say!(locale, "plan-renews", at = at),
        None => say!(locale, "plan-renews-never"),
    };
    let name = escape(&clip(name, MAX_LABEL));
    let mut lines = vec![format!("**{name}** · {state}\n{price} · {renewal}")];
    let features: Vec<_> =
        features.iter().map(|feature| format!("• {}", escape(feature))).collect();
    lines.push(if features.is_empty() {
        say!(locale, "plan-nothing")
    } else {
        let features = clip(&features.join("\n"), MAX_FEATURES);
        format!("{}\n{features}", say!(locale, "plan-includes"))
    });
    lines
}
