//! Custom ids of the launcher's buttons. They name no session, so they work after every restart.

use crate::model::words::{Locale, SupportKind};
use crate::say;
use crate::screens::screen::{Button, Press, Style};

/// Target of a button of the launcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Launch {
    /// Opens the form of a look-up.
    LookUp(SupportKind),
    /// As `/support resume`.
    Sessions,
    /// As `/account show`.
    Account,
}

/// Prefix of the custom ids. `d1` is the version of [`CustomId`](super::custom_id).
const PREFIX: &str = "d1.launch.";

impl Launch {
    pub const ALL: [Self; 4] = [
        Self::LookUp(SupportKind::Technical),
        Self::LookUp(SupportKind::Successor),
        Self::Sessions,
        Self::Account,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::LookUp(kind) => kind.name(),
            Self::Sessions => "sessions",
            Self::Account => "account",
        }
    }

    /// Parses a custom id of this version.
    pub fn parse(custom_id: &str) -> Option<Self> {
        let name = custom_id.strip_prefix(PREFIX)?;
        Self::ALL.into_iter().find(|launch| launch.name() == name)
    }

    /// Returns the button. The first one of the launcher is the primary one.
    pub fn button(self, locale: Locale) -> Button {
        let (style, label) = match self {
            Self::LookUp(SupportKind::Technical) => {
                (Style::Primary, say!(locale, "technical-title"))
            }
            Self::LookUp(SupportKind::Successor) => {
                (Style::Secondary, say!(locale, "successor-title"))
            }
            Self::Sessions => (Style::Secondary, say!(locale, "launcher-sessions")),
            Self::Account => (Style::Secondary, say!(locale, "launcher-account")),
        };
        let press = Press::Custom(format!("{PREFIX}{}", self.name()));
        Button { label, press, style, enabled: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screens::address_form::AddressForm;
    use crate::screens::custom_id::CustomId;
    use crate::screens::desk_id::DeskId;

    #[test]
    fn custom_ids_parse_back_and_are_no_other() {
        for launch in Launch::ALL {
            let Press::Custom(id) = launch.button(Locale::Es).press else { panic!("a link") };
            assert_eq!(Launch::parse(&id), Some(launch));
            assert_eq!((CustomId::parse(&id), DeskId::parse(&id)), (None, None));
            assert_eq!((AddressForm::of_button(&id), AddressForm::of_form(&id)), (None, None));
        }
        for id in ["", "d1.launch.", "d1.launch.bank", "d1.launch.account.1", "d0.launch.account"] {
            assert_eq!(Launch::parse(id), None, "{id}");
        }
    }
}
