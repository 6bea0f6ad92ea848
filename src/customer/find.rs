//! From a customer to the pseudonyms.

use std::io::{self, Read};

use commands::model::email::Email;
use commands::model::fault::Fault;
use commands::model::pseudonym::Pseudonym;
use commands::model::words::{Locale, SupportKind};
use commands::ports::directory::{CustomerMatch, Directory as _};

use crate::core_db::Core;
use crate::store::Database;

/// Longest address or id of Core that is read, in bytes.
const MAX_INPUT: u64 = 1_024;

/// What a customer is looked up by.
#[derive(Debug)]
pub enum CustomerKey<'a> {
    /// An address, which leads to Core's id in Core.
    Email(Email, &'a Core),
    /// Core's id, for a customer whom Core has deleted.
    CoreId(String),
}

/// A customer whom the store knows.
#[derive(Clone, Debug)]
pub struct FoundCustomer {
    /// At least one. Two replicas can have made two.
    pub pseudonyms: Vec<Pseudonym>,
    /// Language in Core; `None` if Core was not asked.
    pub locale: Option<Locale>,
}

/// Reason why a customer was not found.
#[derive(Debug, thiserror::Error)]
pub enum CannotFind {
    #[error(
        "no customer in Core has this address; if Core has deleted the customer, use --core-id \
         with Core's id on standard input"
    )]
    NotInCore,
    #[error(
        "several customers in Core have this address; use --core-id with the id of the one who \
         asks on standard input"
    )]
    Several,
    #[error("nothing is stored about this customer")]
    NotInStore,
    #[error(
        "customers are stored under a STORE_KEY that this process does not have, so this one may \
         not be found: add that key to STORE_KEY_OLD and finish `support-desk rekey`; if the key \
         is lost, use `support-desk rekey --lost-store-key`"
    )]
    MissingKey,
    #[error("standard input must have one line: {0}")]
    NotOneLine(&'static str),
    #[error("standard input cannot be read: {0}")]
    Unreadable(io::Error),
    #[error(transparent)]
    Failed(#[from] Fault),
}

/// Finds a customer in the store.
///
/// Fails if a customer of the store, known or not, is under a key that this process does not have,
/// because "nothing is stored" could be wrong then.
pub async fn find(database: &Database, key: CustomerKey<'_>) -> Result<FoundCustomer, CannotFind> {
    let (core_id, locale) = match key {
        CustomerKey::CoreId(id) => (id, None),
        // Either kind of support finds the same customer.
        CustomerKey::Email(email, core) => match core.find(&email, SupportKind::Technical).await? {
            CustomerMatch::None => return Err(CannotFind::NotInCore),
            CustomerMatch::Several => return Err(CannotFind::Several),
            CustomerMatch::One(record) => (record.user_id.clone(), Some(record.locale)),
        },
    };
    if database.has_customers_under_unknown_key().await? {
        return Err(CannotFind::MissingKey);
    }
    let pseudonyms = database.find_pseudonyms(&core_id).await?;
    if pseudonyms.is_empty() {
        return Err(CannotFind::NotInStore);
    }
    Ok(FoundCustomer { pseudonyms, locale })
}

/// Reads one line, which is `what` in an error. White space around it is ignored.
pub fn read_line(input: impl Read, what: &'static str) -> Result<String, CannotFind> {
    let mut bytes = Vec::new();
    input.take(MAX_INPUT + 1).read_to_end(&mut bytes).map_err(CannotFind::Unreadable)?;
    let fits = bytes.len() as u64 <= MAX_INPUT;
    let text = String::from_utf8(bytes).ok().filter(|_| fits);
    let line = text.as_deref().map(str::trim).unwrap_or_default();
    if line.is_empty() || line.chars().any(char::is_control) {
        return Err(CannotFind::NotOneLine(what));
    }
    Ok(line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_one_line() {
        for input in ["usr-julia", "usr-julia\n", "  usr-julia\r\n"] {
            assert_eq!(read_line(input.as_bytes(), "an id").unwrap(), "usr-julia");
        }
        let long = "a".repeat(1_025);
        for input in [&b""[..], b" \n", b"usr-julia\nusr-tom\n", b"\xff", long.as_bytes()] {
            let refused = read_line(input, "an id").unwrap_err().to_string();
            assert_eq!(refused, "standard input must have one line: an id");
        }
        assert_eq!(read_line(&long.as_bytes()[1..], "an id").unwrap().len(), 1_024);
    }
}
