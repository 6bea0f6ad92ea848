//! The customer whom a command is about.

use std::io::IsTerminal as _;

use clap::Args;
use commands::model::email::Email;
use commands::model::request::{CustomerRequest, RequestId, RequestKind};
use commands::ports::clock::Clock as _;
use secrecy::SecretString;

use crate::clock::WallClock;
use crate::core_db::Core;
use crate::customer::{self, CannotFind, CustomerKey, FoundCustomer};
use crate::store::Database;

/// The customer whom a command is about. Standard input names the customer, because other users of
/// the machine can see the arguments, and a shell keeps them.
#[derive(Clone, Args)]
pub(super) struct Who {
    /// Read Core's id of the customer instead of the address, where Core has deleted the customer
    #[arg(long)]
    core_id: bool,
    /// The request of a lead names the customer, in place of standard input
    #[arg(long, value_name = "ID", conflicts_with = "core_id")]
    request: Option<RequestId>,
}

/// The customer whom standard input names.
pub(super) enum ParsedWho {
    Email(Email),
    CoreId(String),
    Request(RequestId),
}

/// The customer, and the request of a lead that names them.
pub(super) struct Asked {
    pub(super) customer: FoundCustomer,
    pub(super) request: Option<CustomerRequest>,
}

impl Who {
    pub(super) fn read(self) -> anyhow::Result<ParsedWho> {
        if let Some(request) = self.request {
            return Ok(ParsedWho::Request(request));
        }
        let what =
            if self.core_id { "Core's id of the customer" } else { "the customer's address" };
        let input = std::io::stdin().lock();
        if input.is_terminal() {
            eprintln!("{what}, then Ctrl-D:");
        }
        let line = customer::read_line(input, what)?;
        if self.core_id {
            return Ok(ParsedWho::CoreId(line));
        }
        // The refusal is a text for agents in Discord.
        let email = Email::parse(&line);
        let email = email.map_err(|_| anyhow::anyhow!("standard input is no address"))?;
        Ok(ParsedWho::Email(email))
    }
}

impl ParsedWho {
    pub(super) const fn needs_core(&self) -> bool {
        matches!(self, Self::Email(_))
    }

    pub(super) async fn find(
        self,
        database: &Database,
        core: Option<&SecretString>,
        kind: RequestKind,
    ) -> anyhow::Result<Asked> {
        let found: Result<_, CannotFind> = match (self, core) {
            (Self::Email(email), Some(url)) => {
                let core = Core::open(url)?;
                customer::find(database, CustomerKey::Email(email, &core)).await
            }
            (Self::Email(_), None) => anyhow::bail!("CORE_DATABASE_URL was not read"),
            (Self::CoreId(id), _) => customer::find(database, CustomerKey::CoreId(id)).await,
            (Self::Request(id), _) => {
                let request = open_request(database, &id, kind).await?;
                let customer = customer_of(database, &request).await?;
                return Ok(Asked { customer, request: Some(request) });
            }
        };
        Ok(Asked { customer: found?, request: None })
    }
}

/// Returns the customer of a request under every pseudonym. That of the request is the last one, so
/// that an erasure that was interrupted still leads to the others.
async fn customer_of(
    database: &Database,
    request: &CustomerRequest,
) -> anyhow::Result<FoundCustomer> {
    let Some(core_id) = database.core_id_of(&request.customer).await? else {
        // Erased before.
        return Ok(FoundCustomer { pseudonyms: vec![request.customer.clone()], locale: None });
    };
    let mut found = customer::find(database, CustomerKey::CoreId(core_id)).await?;
    found.pseudonyms.retain(|pseudonym| *pseudonym != request.customer);
    found.pseudonyms.push(request.customer.clone());
    Ok(found)
}

/// Returns a request that an operator can perform.
async fn open_request(
    database: &Database,
    id: &RequestId,
    kind: RequestKind,
) -> anyhow::Result<CustomerRequest> {
    let Some(request) = database.find_request(id).await? else {
        anyhow::bail!("there is no request {id}: ask the lead for its id");
    };
    if request.kind != kind {
        let (asked, other) = match request.kind {
            RequestKind::Copy => ("a copy", "export"),
            RequestKind::Erasure => ("an erasure", "erase"),
        };
        anyhow::bail!("{id} asks for {asked}: use `support-desk customer {other}`");
    }
    if request.is_done {
        anyhow::bail!("{id} was done before");
    }
    if request.is_expired(WallClock.now()) {
        anyhow::bail!("{id} is older than 30 days: let a lead ask again");
    }
    Ok(request)
}
