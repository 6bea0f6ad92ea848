//! The customer whom a command is about.

use std::io::IsTerminal as _;

use clap::Args;
use commands::model::email::Email;
use secrecy::SecretString;

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
}

/// The customer whom standard input names.
pub(super) enum ParsedWho {
    Email(Email),
    CoreId(String),
}

impl Who {
    pub(super) fn read(self) -> anyhow::Result<ParsedWho> {
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
    ) -> anyhow::Result<FoundCustomer> {
        let found: Result<_, CannotFind> = match (self, core) {
            (Self::Email(email), Some(url)) => {
                let core = Core::open(url)?;
                customer::find(database, CustomerKey::Email(email, &core)).await
            }
            (Self::Email(_), None) => anyhow::bail!("CORE_DATABASE_URL was not read"),
            (Self::CoreId(id), _) => customer::find(database, CustomerKey::CoreId(id)).await,
        };
        Ok(found?)
    }
}
