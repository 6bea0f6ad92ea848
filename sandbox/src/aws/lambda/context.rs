//! The services that a function works with, and its look-up of recipients.

use std::sync::{Mutex, PoisonError};

use super::refusal::Refusal;
use super::request::{Subject, SubjectKind};
use crate::aws::cognito::Pool;
use crate::core_db::Core;
use crate::mail::Mailbox;
use crate::shop::Shop;

/// The services that a function works with, and the time of its call.
pub(in crate::aws) struct CallContext<'a> {
    /// Milliseconds since the epoch.
    pub(in crate::aws) now: i64,
    pub(in crate::aws) pool: &'a Mutex<Pool>,
    pub(in crate::aws) core: &'a Core,
    pub(in crate::aws) mail: &'a Mailbox,
    pub(in crate::aws) shop: &'a Shop,
}

/// A recipient of mail.
pub(super) struct Recipient {
    pub(super) email: String,
    pub(super) name: String,
    /// A customer's language. `None` for an agent, whose language comes with the request.
    pub(super) locale: Option<String>,
}

impl CallContext<'_> {
    /// Finds the recipient for a subject. `None` for an unknown id and for a disabled account.
    pub(super) async fn find_recipient(
        &self,
        subject: &Subject,
    ) -> Result<Option<Recipient>, Refusal> {
        match subject.kind {
            SubjectKind::Agent => {
                let pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
                let staff = pool.find(&subject.id).filter(|staff| staff.enabled);
                Ok(staff.map(|staff| Recipient {
                    email: staff.email.clone(),
                    name: staff.name.clone(),
                    locale: None,
                }))
            }
            SubjectKind::Customer => {
                let user = self.core.find_user(&subject.id).await.map_err(Refusal::unavailable)?;
                Ok(user.map(|user| Recipient {
                    email: user.email,
                    name: user.name,
                    locale: Some(user.locale),
                }))
            }
        }
    }
}
