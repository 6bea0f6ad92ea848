//! The token in the address of the recovery page.

use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};

use crate::model::words::SessionId;

/// Characters of the secret half: 256 bits in base64url (ASVS 7.2.3 wants 128).
pub const SECRET_LENGTH: usize = 43;

/// `{session id}.{43 characters of base64url}`. What is stored of it is its keyed hash; `Debug`
/// shows nothing of the secret.
#[derive(Clone, Debug)]
pub struct PageToken {
    /// The session that it belongs to.
    pub session: SessionId,
    secret: SecretString,
}

impl PageToken {
    /// The token of a session, with a secret that was just drawn.
    #[must_use]
    pub fn new(session: SessionId, secret: SecretString) -> Self {
        Self { session, secret }
    }

    fn text(&self) -> String {
        format!("{}.{}", self.session, self.secret.expose_secret())
    }

    /// The address of its page, below that of all of them.
    #[must_use]
    pub fn url(&self, pages: &str) -> SecretString {
        format!("{pages}{}", self.text()).into()
    }

    /// Returns the text whose keyed hash is stored. Hashes are compared, never tokens, so the time
    /// of a comparison reveals nothing about the token.
    pub fn mac_input(&self) -> String {
        format!("the link to the recovery page {}", self.text())
    }
}

/// The text is no token.
#[derive(Debug, thiserror::Error)]
#[error("not a token of the recovery page")]
pub struct NotAToken;

impl FromStr for PageToken {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let (session, secret) = text.split_once('.').ok_or(NotAToken)?;
        let fits = secret.len() == SECRET_LENGTH
            && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let session = session.parse().ok().filter(|_| fits).ok_or(NotAToken)?;
        Ok(Self { session, secret: secret.to_owned().into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "AAAAAAAAAAAAAAAAAAAAAA.-_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        let token: PageToken = TEXT.parse().unwrap();
        assert_eq!(
            token.url("https://desk.example.com/recover/").expose_secret(),
            format!("https://desk.example.com/recover/{TEXT}")
        );
        for bad in [
            "",
            ".",
            &TEXT[1..],
            &TEXT[..TEXT.len() - 1],
            &format!("{TEXT}B"),
            &TEXT.replace('.', "B"),
            &TEXT.replace('-', "+"),
        ] {
            assert!(bad.parse::<PageToken>().is_err(), "{bad}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let told = format!("{:?}", TEXT.parse::<PageToken>().unwrap());
        assert!(told.contains("AAAA") && !told.contains("BBBB"), "{told}");
    }
}
