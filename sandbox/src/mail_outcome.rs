//! What becomes of a mail that the mail service accepted.

use functions::contract::{Delivery, DeliveryReason};

/// What the mail service reports about a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailOutcome {
    /// The mail server is not reached yet.
    Delayed,
    /// The mail server took it.
    Delivered,
    /// The recipient reported it as spam.
    Complained,
    /// The mail server returned it, at once or later.
    Bounced(DeliveryReason),
}

impl MailOutcome {
    pub const ALL: [Self; 7] = [
        Self::Delayed,
        Self::Delivered,
        Self::Complained,
        Self::Bounced(DeliveryReason::NoSuchMailbox),
        Self::Bounced(DeliveryReason::MailboxFull),
        Self::Bounced(DeliveryReason::Blocked),
        Self::Bounced(DeliveryReason::Other),
    ];

    /// Returns the word of the page: the state, or the reason of a bounce.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::Complained => "complained",
            Self::Bounced(DeliveryReason::NoSuchMailbox) => "no_such_mailbox",
            Self::Bounced(DeliveryReason::MailboxFull) => "mailbox_full",
            Self::Bounced(DeliveryReason::Blocked) => "blocked",
            Self::Bounced(DeliveryReason::Other) => "other",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// Returns true if a report of `other` replaces this one.
    pub fn is_weaker_than(self, other: Self) -> bool {
        self.state() < other.state()
    }

    fn state(self) -> Delivery {
        match self {
            Self::Delayed => Delivery::Delayed,
            Self::Delivered => Delivery::Delivered,
            Self::Complained => Delivery::Complained,
            Self::Bounced(_) => Delivery::Bounced,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parsed() {
        for outcome in MailOutcome::ALL {
            assert_eq!(MailOutcome::parse(outcome.name()), Some(outcome));
        }
        assert_eq!(MailOutcome::parse("read"), None);
    }
}
