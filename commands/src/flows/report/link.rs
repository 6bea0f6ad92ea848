//! Links to report pages.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use crate::model::report::ReportedMail;
use crate::model::session::Session;
use crate::model::time::{Timestamp, minutes};
use crate::model::words::SessionId;

/// Time from the session's start for which its links work (Okta, Suspicious Activity Reporting).
pub const LINK_LIFE: Duration = minutes(7 * 24 * 60);

/// Length of the keyed hash: 256 bits in base64url (ASVS 7.2.3 requires 128).
const MAC_LENGTH: usize = 43;

/// `{session id}.{letter of the mail}.{43 characters of base64url}`.
///
/// Nothing of a link is stored. Its end is a keyed hash of its beginning, so it is the same on
/// every replica, and works for closed sessions. `Debug` hides the hash.
#[derive(Clone, Debug)]
pub struct ReportLink {
    pub session: SessionId,
    pub mail: ReportedMail,
    mac: SecretString,
}

impl ReportLink {
    /// Makes a link. `mac`: the keyed hash of [`ReportLink::mac_input`].
    pub fn new(session: SessionId, mail: ReportedMail, mac: SecretString) -> Self {
        Self { session, mail, mac }
    }

    /// Parses the last part of an address.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (session, letter, mac) = (parts.next()?, parts.next()?, parts.next()?);
        let is_base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if parts.next().is_some() || mac.len() != MAC_LENGTH || !mac.bytes().all(is_base64url) {
            return None;
        }
        let mail = ReportedMail::ALL.into_iter().find(|mail| {
            let mut letters = letter.chars();
            letters.next() == Some(mail.letter()) && letters.next().is_none()
        })?;
        Some(Self { session: session.parse().ok()?, mail, mac: mac.to_owned().into() })
    }

    /// Returns the address of the page. `pages` is the base address of all pages.
    pub fn url(&self, pages: &str) -> SecretString {
        let (session, letter) = (&self.session, self.mail.letter());
        format!("{pages}{session}.{letter}.{}", self.mac.expose_secret()).into()
    }

    /// Returns the text whose keyed hash the link has.
    pub fn mac_input(session: &SessionId, mail: ReportedMail) -> String {
        format!("report:{session}:{}", mail.letter())
    }

    pub fn expose_mac(&self) -> &str {
        self.mac.expose_secret()
    }
}

/// Returns true if the session's links still work.
pub fn is_valid(session: &Session, now: Timestamp) -> bool {
    let start = session.clocks.started_at.unwrap_or(session.clocks.opened_at);
    now < start + LINK_LIFE
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "AAAAAAAAAAAAAAAAAAAAAA.c.-_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";

    #[test]
    fn parse_accepts_only_written_links() {
        let link = ReportLink::parse(TEXT).unwrap();
        assert_eq!(link.mail, ReportedMail::Customer);
        let url = link.url("https://desk.example.com/report/");
        assert_eq!(url.expose_secret(), format!("https://desk.example.com/report/{TEXT}"));
        for mail in ReportedMail::ALL {
            let text = TEXT.replace(".c.", &format!(".{}.", mail.letter()));
            assert_eq!(ReportLink::parse(&text).unwrap().mail, mail);
        }
        for bad in [
            "",
            ".",
            "..",
            &TEXT[1..],
            &TEXT[..TEXT.len() - 1],
            &format!("{TEXT}B"),
            &format!("{TEXT}.c"),
            &TEXT.replace(".c.", ".x."),
            &TEXT.replace(".c.", ".cc."),
            &TEXT.replace(".c.", ".."),
            &TEXT.replace('-', "+"),
        ] {
            assert!(ReportLink::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn debug_hides_the_hash() {
        let text = format!("{:?}", ReportLink::parse(TEXT).unwrap());
        assert!(text.contains("AAAA") && !text.contains("BBBB"), "{text}");
    }
}
