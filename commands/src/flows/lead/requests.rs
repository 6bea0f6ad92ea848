//! A lead's request for a copy or an erasure: the form for its reference, the answers, and the
//! sentences of its card.

use crate::flows::lead::customer_acts::{back, title};
use crate::flows::lead::parts::mention;
use crate::model::alert::Alert;
use crate::model::pseudonym::Pseudonym;
use crate::model::request::{REQUEST_LIFE, RequestId};
use crate::model::ticket::LONGEST_TICKET;
use crate::model::time::Timestamp;
use crate::model::words::Locale;
use crate::say;
use crate::screens::customer_id::{CustomerAct, CustomerCard};
use crate::screens::desk_id::DeskId;
use crate::screens::screen::{Form, Input, Screen, Tone};
use crate::screens::text::clock_time;

/// Maximum length in the form, in characters. It exceeds that of a reference, so that the bot can
/// explain the limit.
const LONGEST_TYPED: u16 = 100;
const _: () = assert!(LONGEST_TYPED as usize > LONGEST_TICKET);

/// Returns the form for the reference of the person's request, with the text of the former attempt.
pub fn form(
    act: CustomerAct,
    card: &CustomerCard,
    press: u64,
    draft: Option<String>,
    locale: Locale,
) -> Form {
    let input = Input {
        label: say!(locale, "request-reference"),
        placeholder: say!(locale, "form-ticket-placeholder"),
        paragraph: false,
        value: draft,
        max_length: LONGEST_TYPED,
    };
    Form {
        custom_id: DeskId::ActOnCustomer(act, press, card.clone()).to_string(),
        title: title(act, card, locale),
        inputs: vec![input],
    }
}

/// Returns the answer to a request.
pub fn asked(act: CustomerAct, card: &CustomerCard, id: &RequestId, locale: Locale) -> Screen {
    let text = say!(
        locale,
        "request-made",
        act = act.name(),
        customer = card.customer.short(),
        request = id.as_str()
    );
    Screen { tone: Tone::Success, ..Screen::default() }.say(text).buttons(vec![back(card, locale)])
}

/// Returns the sentences of the card of a request. `None` for another alert.
pub fn sentences(alert: &Alert, now: Timestamp, locale: Locale) -> Option<Vec<String>> {
    let facts = &alert.facts;
    let request = facts.word("request");
    if request.is_empty() {
        return None;
    }
    let customer = alert.customer.as_ref().map_or_else(|| "–".to_owned(), Pseudonym::short);
    let act = facts.word("act");
    let mut sentences = vec![match alert.agent {
        Some(lead) => {
            let lead = mention(lead);
            say!(
                locale,
                "request-asked",
                act = act,
                lead = lead,
                customer = customer,
                request = request
            )
        }
        None => {
            say!(locale, "request-of-operator", act = act, customer = customer, request = request)
        }
    }];
    let at = clock_time(facts.time("at").unwrap_or_default());
    match facts.word("outcome") {
        "done" => sentences.push(say!(locale, "request-done", at = at)),
        "refused" => {
            sentences.push(say!(locale, "request-refused", at = at, why = facts.word("why")));
        }
        _ if now >= alert.opened_at + REQUEST_LIFE => {
            sentences.push(say!(locale, "request-expired"));
        }
        _ => sentences.push(say!(locale, "request-waits")),
    }
    Some(sentences)
}
