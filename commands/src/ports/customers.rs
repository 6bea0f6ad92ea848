//! Pseudonyms of customers.

use async_trait::async_trait;

use crate::model::fault::Fault;
use crate::model::pseudonym::Pseudonym;

/// Register of the customers who were looked up. It alone knows whom a pseudonym stands for.
#[async_trait]
pub trait Customers: Send + Sync + 'static {
    /// Returns the customer's pseudonym, and makes one at the first call for this id of Core.
    async fn pseudonym_of(&self, core_id: &str) -> Result<Pseudonym, Fault>;
    /// Returns the customer's pseudonym. `None` if no look-up has found the customer yet, or if the
    /// customer was erased since.
    async fn find_pseudonym(&self, core_id: &str) -> Result<Option<Pseudonym>, Fault>;
}
