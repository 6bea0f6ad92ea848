//! Pseudonyms of customers.

use async_trait::async_trait;

use crate::model::fault::Fault;
use crate::model::limit::LockoutReason;
use crate::model::past::Past;
use crate::model::pseudonym::Pseudonym;
use crate::model::time::Timestamp;

/// A customer as the store knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCustomer {
    pub pseudonym: Pseudonym,
    /// A linked agent has an address of the customer's mailbox.
    pub is_colleague: bool,
    /// Discord id of the agent whose open session attends the customer.
    pub attended_by: Option<u64>,
    /// End and reason of the customer's lockout, which can have ended.
    pub lockout: Option<(Timestamp, LockoutReason)>,
    /// Earlier sessions. `None` for a new customer.
    pub past: Option<Box<Past>>,
}

/// Register of the customers who were looked up. It alone knows whom a pseudonym stands for.
#[async_trait]
pub trait Customers: Send + Sync + 'static {
    /// Returns the customer with this id of Core and this mailbox. Makes a pseudonym at the first
    /// call for the id.
    async fn look_up(&self, core_id: &str, mailbox: &str) -> Result<KnownCustomer, Fault>;
    /// Returns the customer's pseudonym. `None` if no look-up has found the customer yet, or if the
    /// customer was erased since.
    async fn find_pseudonym(&self, core_id: &str) -> Result<Option<Pseudonym>, Fault>;
    /// Returns true if the customer was erased.
    async fn is_erased(&self, pseudonym: &Pseudonym) -> Result<bool, Fault>;
}
