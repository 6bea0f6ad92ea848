//! A lead's acts on a customer: the form for the reason, and the answers.

use crate::flows::lead::close::reason_input;
use crate::model::pseudonym::Pseudonym;
use crate::model::refusal::Refusal;
use crate::model::words::Locale;
use crate::say;
use crate::screens::customer_id::{CustomerAct, CustomerCard};
use crate::screens::desk_id::DeskId;
use crate::screens::screen::{Button, Form, Screen, Style, Tone};

/// Returns the subject of the customer's lockouts and limits.
pub fn subject(customer: &Pseudonym) -> String {
    format!("customer:{customer}")
}

/// Returns the form for the reason of an unlock, with the text of the former attempt.
pub fn reason_form(card: &CustomerCard, press: u64, draft: Option<String>, locale: Locale) -> Form {
    let act = CustomerAct::Unlock;
    Form {
        custom_id: DeskId::ActOnCustomer(act, press, card.clone()).to_string(),
        title: title(act, card, locale),
        inputs: vec![reason_input(say!(locale, "desk-act-label"), draft, locale)],
    }
}

/// Returns the answer to a refused text. Try again opens the form.
pub fn try_again(
    act: CustomerAct,
    card: &CustomerCard,
    refusal: &Refusal,
    locale: Locale,
) -> Screen {
    let ask = DeskId::AskCustomer(act, card.clone());
    Screen::titled(Tone::Warning, title(act, card, locale)).say(refusal.sentence(locale)).buttons(
        vec![ask.button(Style::Primary, say!(locale, "button-try-again")), back(card, locale)],
    )
}

/// Returns the answer to an unlock.
pub fn unlocked(card: &CustomerCard, locale: Locale) -> Screen {
    let customer = card.customer.short();
    Screen { tone: Tone::Success, ..Screen::default() }
        .say(say!(locale, "desk-customer-unlocked", customer = customer))
        .buttons(vec![back(card, locale)])
}

/// Returns the answer about a customer who is unknown or was erased.
pub fn unknown(locale: Locale) -> Screen {
    Screen::default().say(say!(locale, "desk-customer-none"))
}

pub(super) fn title(act: CustomerAct, card: &CustomerCard, locale: Locale) -> String {
    let act = say!(locale, "desk-customer-act", act = act.name());
    format!("{act} · {}", card.customer.short())
}

pub(super) fn back(card: &CustomerCard, locale: Locale) -> Button {
    DeskId::Customer(card.clone()).button(Style::Secondary, say!(locale, "button-back"))
}
