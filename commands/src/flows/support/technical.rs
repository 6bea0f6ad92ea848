//! Technical Assistance: what is apart on the road of `/support` when it is about an ecosystem of
//! the customer's.

use crate::model::customer::{
    Case, CaseSubject, CustomerRecord, Ecosystem, MaskedCustomer, Period, Plan, PlanStatus, Role,
};
use crate::model::session::Session;
use crate::model::words::{CloseReason, Locale, Target};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{LABEL, Screen, Style, Tone, clip, plain};
use crate::screens::text::{day, money};
use crate::screens::widgets::{ecosystem_name, with_cancel};

/// The customer in one of their ecosystems.
pub(crate) fn case(customer: &MaskedCustomer, record: &CustomerRecord, id: &str) -> Option<Case> {
    let ecosystem = record.find_ecosystem(id)?;
    Some(Case {
        customer: customer.clone(),
        ecosystem: ecosystem.id.clone(),
        ecosystem_name: ecosystem.name.clone(),
        subject: CaseSubject::Membership(ecosystem.role),
    })
}

/// Whether the customer's role in the ecosystem is another by now, or gone.
pub(crate) fn lost(ecosystem: &str, role: Role, record: &CustomerRecord) -> Option<CloseReason> {
    let same = record.find_ecosystem(ecosystem).is_some_and(|ecosystem| ecosystem.role == role);
    (!same).then_some(CloseReason::RoleChanged)
}

/// What can be opened for a customer of this role.
pub(crate) fn acting(session: &Session, screen: Screen, role: Role) -> Screen {
    let locale = session.locale;
    let mut screen = screen.say(say!(locale, "acting-text")).say(if role == Role::Owner {
        say!(locale, "acting-owner")
    } else {
        say!(locale, "acting-member")
    });
    screen.tone = Tone::Good;
    let mut open = Vec::new();
    if role == Role::Owner {
        open.push(session.button(
            Action::Open(Target::Store),
            Style::Primary,
            say!(locale, "button-store"),
        ));
    }
    open.push(session.button(
        Action::Open(Target::Web),
        Style::Primary,
        say!(locale, "button-web"),
    ));
    open.push(session.button(
        Action::Open(Target::App),
        Style::Primary,
        say!(locale, "button-app"),
    ));
    let rest = vec![
        session.button(Action::Plan, Style::Plain, say!(locale, "button-plan")),
        session.button(Action::Finish, Style::Good, say!(locale, "button-finish")),
    ];
    screen.buttons(open).buttons(with_cancel(session, rest))
}

/// The plan of the chosen ecosystem, in place of the panel.
#[must_use]
pub fn plan(session: &Session, case: &Case, record: Option<&CustomerRecord>) -> Screen {
    let locale = session.locale;
    let mut screen = Screen::titled(Tone::Calm, say!(locale, "plan-heading"));
    screen = match record.and_then(|record| record.find_ecosystem(&case.ecosystem)) {
        Some(ecosystem) => describe(screen, ecosystem, locale),
        None => screen.say(say!(locale, "plan-gone")),
    };
    screen.footer = Some(say!(locale, "session-footer", session = session.id.short()));
    screen.buttons(vec![session.button(Action::Back, Style::Plain, say!(locale, "button-back"))])
}

/// The longest value of an embed's field that Discord takes, in characters.
const FIELD_VALUE: usize = 1024;

fn describe(screen: Screen, ecosystem: &Ecosystem, locale: Locale) -> Screen {
    let Plan { name, status, price_cents, currency, period, renews_at, features } = &ecosystem.plan;
    let state = match status {
        PlanStatus::Active => say!(locale, "plan-status-active"),
        PlanStatus::Trial => say!(locale, "plan-status-trial"),
        PlanStatus::PastDue => say!(locale, "plan-status-past-due"),
        PlanStatus::Cancelled => say!(locale, "plan-status-cancelled"),
        PlanStatus::Unknown => say!(locale, "plan-status-unknown"),
    };
    let price = money(locale, *price_cents, &plain(currency));
    let price = match period {
        Period::Month => say!(locale, "plan-month", price = price),
        Period::Year => say!(locale, "plan-year", price = price),
        Period::Unknown => say!(locale, "plan-other", price = price),
    };
    let ends = *status == PlanStatus::Cancelled && renews_at.is_some();
    let next = if ends { say!(locale, "plan-ends") } else { say!(locale, "plan-renews") };
    let renews = renews_at.map_or_else(|| say!(locale, "plan-renews-never"), day);
    let includes = if features.is_empty() {
        say!(locale, "plan-nothing")
    } else {
        let lines: Vec<_> =
            features.iter().map(|feature| format!("• {}", plain(feature))).collect();
        clip(&lines.join("\n"), FIELD_VALUE)
    };
    screen
        .field(say!(locale, "field-ecosystem"), ecosystem_name(&ecosystem.name))
        .field(say!(locale, "plan-name"), plain(&clip(name, LABEL)))
        .field(say!(locale, "plan-state"), state)
        .field(say!(locale, "plan-price"), price)
        .field(next, renews)
        .wide(say!(locale, "plan-includes"), includes)
}
