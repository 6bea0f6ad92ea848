//! Reference of an alert, which leads type and cards show.

use std::fmt;
use std::str::FromStr;

use crate::model::pseudonym::CROCKFORD;

/// Reference of an alert, such as `A-3KQ7MX`. Parsing rejects any other text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AlertId(String);

impl AlertId {
    const PREFIX: &'static str = "A-";
    /// Letters after the prefix.
    pub const LETTERS: usize = 6;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the letters after the prefix, for custom ids.
    pub fn letters(&self) -> &str {
        &self.0[Self::PREFIX.len()..]
    }

    /// Reads the letters after the prefix.
    pub fn of_letters(letters: &str) -> Option<Self> {
        format!("{}{letters}", Self::PREFIX).parse().ok()
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("not a reference of an alert")]
pub struct NotAnAlertId;

impl FromStr for AlertId {
    type Err = NotAnAlertId;

    fn from_str(text: &str) -> Result<Self, NotAnAlertId> {
        let letters = text.strip_prefix(Self::PREFIX).ok_or(NotAnAlertId)?;
        let fits =
            letters.len() == Self::LETTERS && letters.bytes().all(|b| CROCKFORD.contains(&b));
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAnAlertId) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alert_id_has_six_letters_of_crockford() {
        let id: AlertId = "A-3KQ7MX".parse().unwrap();
        assert_eq!(AlertId::of_letters(id.letters()), Some(id));
        for wrong in ["A-3KQ7M", "A-3KQ7MXX", "R-3KQ7MX", "A-3kq7mx", "A-3KQ7MI", "A-3KQ7Mñ", ""] {
            assert!(wrong.parse::<AlertId>().is_err(), "{wrong}");
        }
    }
}
