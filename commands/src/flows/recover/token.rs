//! Tokens in the addresses of recovery pages.

use secrecy::{ExposeSecret, SecretString};

use crate::model::words::SessionId;

/// Length of the secret half: 256 bits in base64url (ASVS 7.2.3 requires 128).
pub const SECRET_LENGTH: usize = 43;

/// `{session id}.{43 characters of base64url}`. Only its keyed hash is stored. `Debug` hides the
/// secret.
#[derive(Clone, Debug)]
pub struct PageToken {
    pub session: SessionId,
    secret: SecretString,
}

impl PageToken {
    /// Makes the token of a session from a new secret.
    pub fn new(session: SessionId, secret: SecretString) -> Self {
        Self { session, secret }
    }

    /// Parses the token of an address.
    pub fn parse(text: &str) -> Option<Self> {
        let (session, secret) = text.split_once('.')?;
        let fits = secret.len() == SECRET_LENGTH
            && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let session = session.parse().ok().filter(|_| fits)?;
        Some(Self { session, secret: secret.to_owned().into() })
    }

    fn text(&self) -> String {
        format!("{}.{}", self.session, self.secret.expose_secret())
    }

    /// Returns the address of the page. `pages` is the base address of all pages.
    pub fn url(&self, pages: &str) -> SecretString {
        format!("{pages}{}", self.text()).into()
    }

    /// Returns the text whose keyed hash is stored. Hashes are compared, never tokens, so the time
    /// of a comparison reveals nothing about the token.
    pub fn mac_input(&self) -> String {
        format!("the link to the recovery page {}", self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "AAAAAAAAAAAAAAAAAAAAAA.-_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";

    #[test]
    fn parse_accepts_only_written_tokens() {
        let token = PageToken::parse(TEXT).unwrap();
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
            assert!(PageToken::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn debug_hides_the_secret() {
        let text = format!("{:?}", PageToken::parse(TEXT).unwrap());
        assert!(text.contains("AAAA") && !text.contains("BBBB"), "{text}");
    }
}
