//! Recipients of mail, and the masking of addresses.

use crate::contract::{Locale, Refusal, RefusalCode, Subject, SubjectKind};
use crate::functions::{Failure, Functions};
use crate::mail::Mail;
use crate::ports::{LookUpError, MailError, Recipient};

/// Wait after the mail service or a directory was overloaded, in seconds.
const RETRY_AFTER: u64 = 5;

impl Functions {
    /// Finds the recipient for a subject.
    pub(crate) async fn find_recipient(&self, subject: &Subject) -> Result<Recipient, Failure> {
        let found = match subject.kind {
            SubjectKind::Agent => self.ports.accounts.find(&subject.id).await,
            SubjectKind::Customer => self.ports.customers.find(&subject.id).await,
        };
        match found {
            Ok(Some(recipient)) => Ok(recipient),
            Ok(None) => Err(RefusalCode::NotFound.into()),
            Err(LookUpError) => Err(unavailable()),
        }
    }

    /// Sends a mail and returns the service's id of it.
    pub(crate) async fn send_mail(&self, mail: &Mail) -> Result<String, Failure> {
        self.ports.mailer.send(mail).await.map_err(|error| match error {
            MailError::Refused => RefusalCode::DeliveryFailed.into(),
            MailError::Throttled => unavailable(),
            MailError::Fault(fault) => Failure::Fault(fault),
        })
    }
}

impl Recipient {
    /// Returns the recipient's language, or that of the request.
    pub(crate) fn language(&self, requested: Locale) -> Locale {
        self.locale.unwrap_or(requested)
    }
}

pub(crate) fn unavailable() -> Failure {
    let mut refusal = Refusal::new(RefusalCode::Unavailable);
    refusal.retry_after_s = Some(RETRY_AFTER);
    refusal.into()
}

/// Masks an address, such as `j•••@e•••.com`.
pub(crate) fn mask(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let end = domain.rsplit_once('.').map_or("", |(_, end)| end);
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    format!("{}•••@{}•••.{end}", first(local), first(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mask_keeps_initials_and_top_level_domain() {
        assert_eq!(mask("julia@example.com"), "j•••@e•••.com");
        assert_eq!(mask("ñu@mail.example.es"), "ñ•••@m•••.es");
        assert_eq!(mask("\"a@b\"@example.com"), "\"•••@e•••.com");
    }
}
