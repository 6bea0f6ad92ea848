//! Account links: which Discord account belongs to which BackOffice account.

use commands::model::account::AccountLink;
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use super::engine::Pools;
use super::retry::{retry, to_fault};

const READING: &str = "reading an account link";

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

/// Finds the link of a Discord account.
pub(super) async fn of_discord(
    pools: &Pools,
    discord_id: u64,
) -> Result<Option<AccountLink>, Fault> {
    let row = retry(READING, || {
        sqlx::query(
            "select discord_id, agent_id, name, email, email_mac, linked_at from account_links
             where discord_id = $1",
        )
        .bind(discord_id.cast_signed())
        .fetch_optional(&pools.reads)
    })
    .await?;
    row.as_ref().map(decode).transpose()
}

/// Finds the link of a BackOffice account.
pub(super) async fn of_agent(pools: &Pools, agent_id: &str) -> Result<Option<AccountLink>, Fault> {
    let row = retry(READING, || {
        sqlx::query(
            "select discord_id, agent_id, name, email, email_mac, linked_at from account_links
             where agent_id = $1",
        )
        .bind(agent_id)
        .fetch_optional(&pools.reads)
    })
    .await?;
    row.as_ref().map(decode).transpose()
}

/// Returns true if a linked agent has the address with this keyed hash.
pub(super) async fn has_address(pools: &Pools, email_mac: &str) -> Result<bool, Fault> {
    let row = retry(READING, || {
        sqlx::query("select discord_id from account_links where email_mac = $1 limit 1")
            .bind(email_mac)
            .fetch_optional(&pools.reads)
    })
    .await?;
    Ok(row.is_some())
}

fn decode(row: &AnyRow) -> Result<AccountLink, Fault> {
    let columns = || {
        Ok(AccountLink {
            discord_id: row.try_get::<i64, _>(0)?.cast_unsigned(),
            agent_id: row.try_get(1)?,
            name: row.try_get(2)?,
            email: row.try_get(3)?,
            email_mac: row.try_get(4)?,
            linked_at: Timestamp(row.try_get(5)?),
        })
    };
    columns().map_err(to_fault::<sqlx::Error>(READING))
}
