//! Every screen of Technical Assistance.

use secrecy::SecretString;

use super::{Attended, State};
use crate::address::Action;
use crate::customer::{Case, Customer, Dossier, Ecosystem, Period, Plan, PlanStatus, Role, Status};
use crate::error::Refusal;
use crate::say;
use crate::screen::{Button, Choice, LABEL, MENU_OPTIONS, Menu, Picture, Press, Screen, Style, Tone, clip, plain};
use crate::session::{Closing, Purpose, Session, Target};
use crate::text::{Locale, day, money, relative};
use crate::time::Timestamp;
use crate::verify::screens as verification;

/// The panel of a session, whole. `page` counts the ecosystems' menu, from 0.
#[must_use]
pub fn panel(session: &Session, state: &State, dossier: Option<&Dossier>, page: u16, now: Timestamp) -> Screen {
    let locale = session.locale;
    let screen = Screen::titled(Tone::Calm, say!(locale, "technical-title"));
    let mut screen = match state {
        State::Found { customer, attended } => found(session, screen, state, customer, *attended),
        State::Choosing { customer } => choosing(session, screen, customer, dossier, page),
        State::ProvingAgent { case } => {
            let screen = verification::waiting(session, masked(screen, locale, case), Purpose::AgentMfa, now);
            let mut buttons = verification::buttons(session, Purpose::AgentMfa, now);
            // Another ecosystem gives no further code: with the last one expired only Cancel is left.
            let leads_on = session.agent.live(now).is_some() || session.agent.may_resend();
            buttons.push(session.button(Action::Change, Style::Plain, say!(locale, "button-change")).enabled(leads_on));
            screen.buttons(with_cancel(session, buttons))
        }
        State::Announcing { case } => {
            let screen = verification::announcing(session, masked(screen, locale, case), &case.customer.email, now);
            screen.buttons(with_cancel(
                session,
                vec![
                    session.button(Action::Send, Style::Primary, say!(locale, "button-send")),
                    session.button(Action::Change, Style::Plain, say!(locale, "button-change")),
                ],
            ))
        }
        State::ProvingCustomer { case } => {
            let screen = verification::waiting(session, masked(screen, locale, case), Purpose::CustomerConsent, now);
            screen.buttons(with_cancel(session, verification::buttons(session, Purpose::CustomerConsent, now)))
        }
        State::Acting { case } => acting(session, screen, case, dossier),
        State::Closed(closing) => {
            let tone = if *closing == Closing::Finished { Tone::Good } else { Tone::Bad };
            let at = session.clocks.closed_at.unwrap_or(now);
            Screen::titled(tone, say!(locale, "closed-title")).say(Refusal::Closed(*closing, at).sentence(locale))
        }
    };
    screen.footer = Some(say!(locale, "technical-footer", session = session.id.short()));
    screen
}

fn with_cancel(session: &Session, mut buttons: Vec<Button>) -> Vec<Button> {
    buttons.push(session.button(Action::AskWhy, Style::Danger, say!(session.locale, "button-cancel")));
    buttons
}

fn found(session: &Session, screen: Screen, state: &State, customer: &Customer, attended: Attended) -> Screen {
    let locale = session.locale;
    let text = match customer.status {
        Status::Pending => say!(locale, "found-pending"),
        Status::Suspended => say!(locale, "found-suspended"),
        Status::Closed => say!(locale, "found-closed"),
        Status::Unknown => say!(locale, "found-unknown"),
        Status::Active if customer.ecosystems == 0 => say!(locale, "found-no-ecosystem"),
        Status::Active => match attended {
            Attended::No => say!(locale, "found-ready"),
            Attended::BySomebody => say!(locale, "found-attended"),
            Attended::By(agent) => say!(locale, "found-attended-by", agent = format!("<@{agent}>")),
        },
    };
    let mut screen = screen
        .say(text)
        .field(say!(locale, "field-customer"), plain(&customer.name))
        .field(say!(locale, "field-email"), plain(&customer.email))
        .wide(say!(locale, "field-state"), status(customer, locale))
        .field(say!(locale, "field-ecosystems"), customer.ecosystems.to_string());
    let mut buttons = Vec::new();
    if state.may_start() {
        buttons.push(session.button(Action::Start, Style::Primary, say!(locale, "button-start")));
    } else {
        screen.tone = Tone::Warning;
    }
    buttons.push(session.button(Action::Close, Style::Plain, say!(locale, "button-close")));
    screen.buttons(buttons)
}

fn status(customer: &Customer, locale: Locale) -> String {
    let since = day(customer.since);
    match customer.status {
        Status::Active => say!(locale, "status-active", since = since),
        Status::Pending => say!(locale, "status-pending", since = since),
        Status::Suspended => say!(locale, "status-suspended", since = since),
        Status::Closed => say!(locale, "status-closed", since = since),
        Status::Unknown => say!(locale, "status-unknown", since = since),
    }
}

fn role(role: Role, locale: Locale) -> String {
    match role {
        Role::Owner => say!(locale, "role-owner"),
        Role::Member => say!(locale, "role-member"),
    }
}

/// Who it is about, before the customer has agreed: masked.
fn masked(screen: Screen, locale: Locale, case: &Case) -> Screen {
    screen
        .field(say!(locale, "field-customer"), plain(&case.customer.name))
        .field(say!(locale, "field-ecosystem"), ecosystem_name(&case.ecosystem_name))
        .field(say!(locale, "field-role"), role(case.role, locale))
}

/// A name can be as long as its owner likes.
fn ecosystem_name(name: &str) -> String {
    plain(&clip(name, LABEL))
}

fn choosing(session: &Session, screen: Screen, customer: &Customer, dossier: Option<&Dossier>, page: u16) -> Screen {
    let locale = session.locale;
    let ecosystems: &[Ecosystem] = dossier.map_or(&[], |dossier| &dossier.ecosystems);
    let pages = ecosystems.len().div_ceil(MENU_OPTIONS).max(1);
    let page = usize::from(page).min(pages - 1);
    let options = ecosystems
        .iter()
        .skip(page * MENU_OPTIONS)
        .take(MENU_OPTIONS)
        .map(|ecosystem| Choice {
            value: ecosystem.id.clone(),
            label: clip(&ecosystem.name, LABEL),
            description: clip(&role(ecosystem.role, locale), LABEL),
        })
        .collect::<Vec<_>>();
    let mut screen = screen
        .say(say!(locale, "choose-text"))
        .field(say!(locale, "field-customer"), plain(&customer.name))
        .field(say!(locale, "field-email"), plain(&customer.email));
    if pages > 1 {
        screen = screen.say(say!(locale, "choose-page", page = page + 1, pages = pages));
    }
    if !options.is_empty() {
        screen = screen.menu(Menu {
            custom_id: session.address(Action::Choose),
            placeholder: say!(locale, "choose-placeholder"),
            options,
        });
    }
    let mut buttons = Vec::new();
    if pages > 1 {
        let turn = |to: Option<usize>, label: String| {
            // A page that is not there keeps a custom id of its own, as no two in a message may be the same.
            let target = to.and_then(|to| u16::try_from(to).ok()).filter(|to| usize::from(*to) < pages);
            let absent = if to.is_none() { u16::MAX } else { u16::MAX - 1 };
            session.button(Action::Page(target.unwrap_or(absent)), Style::Plain, label).enabled(target.is_some())
        };
        buttons.push(turn(page.checked_sub(1), say!(locale, "button-previous")));
        buttons.push(turn(Some(page + 1), say!(locale, "button-next")));
    }
    screen.buttons(with_cancel(session, buttons))
}

fn acting(session: &Session, screen: Screen, case: &Case, dossier: Option<&Dossier>) -> Screen {
    let locale = session.locale;
    // Without the customer's record at hand the masked identity has to do: nothing is refused for it.
    let name = dossier.map_or_else(|| case.customer.name.clone(), |dossier| dossier.full_name.clone());
    let email = dossier.map_or_else(|| case.customer.email.clone(), |dossier| dossier.email.clone());
    let mut screen = screen
        .say(say!(locale, "acting-text"))
        .say(if case.role == Role::Owner { say!(locale, "acting-owner") } else { say!(locale, "acting-member") })
        .field(say!(locale, "field-customer"), plain(&clip(&name, LABEL)))
        .field(say!(locale, "field-email"), plain(&email))
        .field(say!(locale, "field-ecosystem"), ecosystem_name(&case.ecosystem_name));
    screen.tone = Tone::Good;
    let mut open = Vec::new();
    if case.role == Role::Owner {
        open.push(session.button(Action::Open(Target::Store), Style::Primary, say!(locale, "button-store")));
    }
    open.push(session.button(Action::Open(Target::Web), Style::Primary, say!(locale, "button-web")));
    open.push(session.button(Action::Open(Target::App), Style::Primary, say!(locale, "button-app")));
    let rest = vec![
        session.button(Action::Plan, Style::Plain, say!(locale, "button-plan")),
        session.button(Action::Finish, Style::Good, say!(locale, "button-finish")),
    ];
    screen.buttons(open).buttons(with_cancel(session, rest))
}

/// The plan of the chosen ecosystem, in place of the panel.
#[must_use]
pub fn plan(session: &Session, case: &Case, dossier: Option<&Dossier>) -> Screen {
    let locale = session.locale;
    let mut screen = Screen::titled(Tone::Calm, say!(locale, "plan-heading"));
    screen = match dossier.and_then(|dossier| dossier.find_ecosystem(&case.ecosystem)) {
        Some(ecosystem) => describe(screen, ecosystem, locale),
        None => screen.say(say!(locale, "plan-gone")),
    };
    screen.footer = Some(say!(locale, "technical-footer", session = session.id.short()));
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
        let lines: Vec<_> = features.iter().map(|feature| format!("• {}", plain(feature))).collect();
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

/// Where something leads, in words.
#[must_use]
pub fn target_name(target: Target, locale: Locale) -> String {
    match target {
        Target::Store => say!(locale, "opened-store"),
        Target::Web => say!(locale, "opened-web"),
        Target::App => say!(locale, "opened-app"),
    }
}

/// What stands where a link or QR was: it expired by itself, or ended with the session.
#[must_use]
pub fn opened_expired(session: &Session, target: Target) -> Screen {
    let locale = session.locale;
    let text = if session.closed().is_some() { say!(locale, "opened-ended") } else { say!(locale, "opened-expired") };
    Screen::titled(Tone::Bad, target_name(target, locale)).say(text)
}

/// The message that hands over a link: a button that opens it in the browser.
#[must_use]
pub fn opened_link(target: Target, url: SecretString, until: Timestamp, locale: Locale) -> Screen {
    let place = target_name(target, locale);
    let label = if target == Target::Store { say!(locale, "open-store") } else { say!(locale, "open-web") };
    Screen::titled(Tone::Good, place.clone())
        .say(say!(locale, "opened-link", place = place, until = relative(until)))
        .buttons(vec![Button { label, press: Press::Link(url), style: Style::Plain, enabled: true }])
}

/// The message that hands over a QR image.
#[must_use]
pub fn opened_qr(target: Target, png: Vec<u8>, until: Timestamp, locale: Locale) -> Screen {
    let mut screen =
        Screen::titled(Tone::Good, target_name(target, locale)).say(say!(locale, "opened-qr", until = relative(until)));
    screen.picture = Some(Picture { name: "qr.png", description: say!(locale, "opened-qr-alt"), bytes: png });
    screen
}
