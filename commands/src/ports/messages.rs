//! Mails without a code.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::model::customer::Case;
use crate::model::proof::AccessGrant;
use crate::model::report::Opened;
use crate::ports::function::{Answer, Origin};

/// A support session that opened something, for the mail to its customer.
#[derive(Clone, Debug)]
pub struct Visit<'a> {
    pub case: &'a Case,
    pub opened: &'a [Opened],
    pub report_url: Option<SecretString>,
}

/// Mails of the Lambda function `message`. `report_url`: address of the report page, `None` if
/// there are no pages.
#[async_trait]
pub trait Messages: Send + Sync + 'static {
    /// Notifies the owner of a BackOffice account that it was linked.
    async fn account_linked(
        &self,
        origin: Origin,
        agent_id: &str,
        report_url: Option<SecretString>,
    ) -> Answer<()>;
    /// Notifies the owner of a BackOffice account that a lead removed its link.
    async fn account_unlinked(&self, origin: Origin, agent_id: &str) -> Answer<()>;
    /// Mails a successor the QR code of an issued link. Returns the masked address.
    async fn successor_qr(
        &self,
        origin: Origin,
        link_id: &str,
        grant: &AccessGrant<'_>,
    ) -> Answer<String>;
    /// Notifies a customer of what a support session opened.
    async fn support_visit(&self, origin: Origin, visit: Visit<'_>) -> Answer<()>;
    /// Notifies the owner of a BackOffice account that its password was changed.
    async fn password_changed(
        &self,
        origin: Origin,
        agent_id: &str,
        report_url: Option<SecretString>,
    ) -> Answer<()>;
}
