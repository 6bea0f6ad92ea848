//! Requests for a copy or an erasure of a customer: a lead asks, and an operator performs.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::model::alert::{AlertKind, AlertSubject, NewAlert};
use crate::model::pseudonym::{CROCKFORD, Pseudonym};
use crate::model::time::{Timestamp, minutes};

/// Life of a request: a person has to be answered within a month (GDPR Art. 12(3)).
pub const REQUEST_LIFE: Duration = minutes(30 * 24 * 60);

/// Id of a request, such as `E-7K2M9Q`. Parsing rejects any other text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    const PREFIX: &'static str = "E-";
    /// Letters after the prefix.
    pub const LETTERS: usize = 6;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("not the id of a request, such as E-7K2M9Q")]
pub struct NotARequestId;

impl FromStr for RequestId {
    type Err = NotARequestId;

    fn from_str(text: &str) -> Result<Self, NotARequestId> {
        let letters = text.strip_prefix(Self::PREFIX).ok_or(NotARequestId)?;
        let fits =
            letters.len() == Self::LETTERS && letters.bytes().all(|b| CROCKFORD.contains(&b));
        if fits { Ok(Self(text.to_owned())) } else { Err(NotARequestId) }
    }
}

/// Kind of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    Copy,
    Erasure,
}

impl RequestKind {
    /// Returns the word in the row.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Erasure => "erasure",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Self::Copy, Self::Erasure].into_iter().find(|kind| kind.name() == word)
    }

    /// Returns the word of the act on a card.
    const fn act(self) -> &'static str {
        match self {
            Self::Copy => "copy_asked",
            Self::Erasure => "erasure_asked",
        }
    }
}

/// A request of a lead, or the act of an operator without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRequest {
    pub id: RequestId,
    pub kind: RequestKind,
    pub customer: Pseudonym,
    /// Discord id of the lead. `None`: an operator acted without a request.
    pub asked_by: Option<u64>,
    pub asked_at: Timestamp,
    pub is_done: bool,
}

/// Outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestOutcome {
    Done,
    /// The word of the reason.
    Refused(&'static str),
}

impl CustomerRequest {
    /// Returns true from the end of the request's life on.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.asked_at + REQUEST_LIFE
    }

    /// Returns the notice for the leads. With an outcome it changes the card of the request.
    pub fn notice(&self, outcome: Option<(RequestOutcome, Timestamp)>) -> NewAlert {
        let subject = AlertSubject::Request(self.id.clone());
        let mut notice = NewAlert::new(AlertKind::LeadActed, subject)
            .with_customer(Some(self.customer.clone()))
            .with_fact("act", self.kind.act())
            .with_fact("request", self.id.as_str());
        if let Some(lead) = self.asked_by {
            notice = notice.with_agent(lead);
        }
        if let Some((outcome, at)) = outcome {
            notice = notice.with_fact("at", at.0);
            notice = match outcome {
                RequestOutcome::Done => notice.with_fact("outcome", "done"),
                RequestOutcome::Refused(why) => {
                    notice.with_fact("outcome", "refused").with_fact("why", why)
                }
            };
        }
        notice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_expires_after_thirty_days() {
        let request = CustomerRequest {
            id: "E-7K2M9Q".parse().unwrap(),
            kind: RequestKind::Erasure,
            customer: Pseudonym::from_bytes([7; Pseudonym::BYTES]),
            asked_by: Some(7),
            asked_at: Timestamp(1_000),
            is_done: false,
        };
        let end = Timestamp(1_000) + REQUEST_LIFE;
        assert!(!request.is_expired(end - Duration::from_millis(1)));
        assert!(request.is_expired(end));
        for wrong in ["", "E-", "E-7K2M9", "E-7K2M9QX", "R-7K2M9Q", "e-7k2m9q", "E-7K2M9I"] {
            assert!(wrong.parse::<RequestId>().is_err(), "{wrong}");
        }
    }
}
