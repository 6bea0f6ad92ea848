//! Account links: which Discord account belongs to which BackOffice account.

use async_trait::async_trait;
use commands::model::account::AccountLink;
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::ports::account_links::AccountLinks;
use sqlx::AnyConnection;

use super::database::Database;
use super::retry::retry;

const READING: &str = "reading an account link";

/// The columns of a link, in the order of the table.
type LinkRow = (i64, String, String, String, String, i64);

/// Adds a link. Returns false if one of the two accounts is already linked.
pub(super) async fn add(on: &mut AnyConnection, link: &AccountLink) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "insert into account_links (discord_id, agent_id, name, email, email_mac, linked_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(link.discord_id.cast_signed())
    .bind(&link.agent_id)
    .bind(&link.name)
    .bind(&link.email)
    .bind(&link.email_mac)
    .bind(link.linked_at.0)
    .execute(on)
    .await?;
    Ok(done.rows_affected() == 1)
}

#[async_trait]
impl AccountLinks for Database {
    async fn of_discord(&self, discord_id: u64) -> Result<Option<AccountLink>, Fault> {
        let row = retry(&self.pools, READING, || {
            sqlx::query_as(
                "select discord_id, agent_id, name, email, email_mac, linked_at
                 from account_links where discord_id = $1",
            )
            .bind(discord_id.cast_signed())
            .fetch_optional(&self.pools.reads)
        });
        Ok(row.await?.map(from_row))
    }

    async fn of_agent(&self, agent_id: &str) -> Result<Option<AccountLink>, Fault> {
        let row = retry(&self.pools, READING, || {
            sqlx::query_as(
                "select discord_id, agent_id, name, email, email_mac, linked_at
                 from account_links where agent_id = $1",
            )
            .bind(agent_id)
            .fetch_optional(&self.pools.reads)
        });
        Ok(row.await?.map(from_row))
    }

    async fn has_address(&self, email_mac: &str) -> Result<bool, Fault> {
        let row = retry(&self.pools, READING, || {
            sqlx::query("select discord_id from account_links where email_mac = $1 limit 1")
                .bind(email_mac)
                .fetch_optional(&self.pools.reads)
        });
        Ok(row.await?.is_some())
    }
}

fn from_row((discord_id, agent_id, name, email, email_mac, linked_at): LinkRow) -> AccountLink {
    let (discord_id, linked_at) = (discord_id.cast_unsigned(), Timestamp(linked_at));
    AccountLink { discord_id, agent_id, name, email, email_mac, linked_at }
}
