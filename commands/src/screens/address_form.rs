//! Buttons that open a form for an address, outside any session: Try another address, Help another
//! customer, Link my account.

use crate::model::words::{Locale, SupportKind};
use crate::say;
use crate::screens::screen::{Button, Form, Input, Press, Style};

/// What the bot does with the address that the agent types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressForm {
    /// Look the customer up, as `/support technical` and `/support successor` do.
    LookUp(SupportKind),
    /// Link the BackOffice account, as `/account link` does.
    Link,
}

/// Prefix of the buttons' custom ids. `d1` is the version of [`CustomId`](super::custom_id).
const BUTTON: &str = "d1.ask.";

/// Prefix of the forms' custom ids.
const FORM: &str = "d1.address.";

/// Maximum length of the typed text, in characters: an address has at most 254 (RFC 5321), and
/// people paste words around it.
const MAX_TYPED: u16 = 400;

/// Maximum length of the typed ticket number, in characters. It exceeds that of a ticket number, so
/// that the bot can explain the limit.
const MAX_TYPED_TICKET: u16 = 100;

impl AddressForm {
    pub const ALL: [Self; 3] =
        [Self::LookUp(SupportKind::Technical), Self::LookUp(SupportKind::Successor), Self::Link];

    const fn name(self) -> &'static str {
        match self {
            Self::LookUp(kind) => kind.name(),
            Self::Link => "link",
        }
    }

    /// Returns a button that opens the form.
    pub fn button(self, style: Style, label: String) -> Button {
        let custom_id = format!("{BUTTON}{}", self.name());
        Button { label, press: Press::Custom(custom_id), style, enabled: true }
    }

    /// Returns the form whose button has this custom id.
    pub fn of_button(custom_id: &str) -> Option<Self> {
        Self::named(custom_id.strip_prefix(BUTTON)?)
    }

    /// Returns the form. A look-up also asks for a ticket number. `press` is Discord's id of the
    /// press that opens it. It makes the custom id unique, because iOS shows the old text again in
    /// a form with a known one.
    pub fn form(self, press: u64, locale: Locale) -> Form {
        let (title, label) = match self {
            Self::LookUp(SupportKind::Technical) => {
                (say!(locale, "technical-title"), say!(locale, "form-customer-address"))
            }
            Self::LookUp(SupportKind::Successor) => {
                (say!(locale, "successor-title"), say!(locale, "form-successor-address"))
            }
            Self::Link => (say!(locale, "link-road"), say!(locale, "form-own-address")),
        };
        let input = |label, placeholder, max_length| Input {
            label,
            placeholder,
            paragraph: false,
            value: None,
            max_length,
        };
        let mut inputs = vec![input(label, say!(locale, "form-address-placeholder"), MAX_TYPED)];
        if matches!(self, Self::LookUp(_)) {
            let (label, placeholder) =
                (say!(locale, "form-ticket"), say!(locale, "form-ticket-placeholder"));
            inputs.push(input(label, placeholder, MAX_TYPED_TICKET));
        }
        Form { custom_id: format!("{FORM}{}.{press}", self.name()), title, inputs }
    }

    /// Returns what a submitted form with this custom id asks for.
    pub fn of_form(custom_id: &str) -> Option<Self> {
        let (name, press) = custom_id.strip_prefix(FORM)?.split_once('.')?;
        press.parse::<u64>().ok()?;
        Self::named(name)
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screens::custom_id::CustomId;

    #[test]
    fn custom_ids_parse_back_and_belong_to_no_session() {
        for form in AddressForm::ALL {
            let Press::Custom(button) = form.button(Style::Primary, String::new()).press else {
                panic!("a link")
            };
            let opened = form.form(u64::MAX, Locale::En).custom_id;
            assert_eq!(AddressForm::of_button(&button), Some(form));
            assert_eq!(AddressForm::of_form(&opened), Some(form));
            assert_eq!((CustomId::parse(&button), CustomId::parse(&opened)), (None, None));
            assert_ne!(opened, form.form(1, Locale::En).custom_id, "two presses");
        }
    }

    #[test]
    fn other_custom_ids_are_no_address_form() {
        for id in
            ["", "d1.ask.", "d1.ask.bank", "d1.address.link", "d1.address.link.x", "d0.ask.link"]
        {
            assert_eq!(
                (AddressForm::of_button(id), AddressForm::of_form(id)),
                (None, None),
                "{id}"
            );
        }
    }
}
