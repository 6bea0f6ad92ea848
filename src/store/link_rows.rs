//! Rows of account links.

use commands::model::account::AccountLink;
use commands::model::time::Timestamp;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::bulk::{self, BulkStatement};
use super::store_keys::{RowCheck, StoreKeys};
use crate::fields::Fields;
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{ColumnType, number, text};

/// The row of a link.
pub(super) struct LinkRow {
    pub(super) discord_id: i64,
    agent_id: String,
    name: String,
    email: String,
    email_mac: String,
    linked_at: i64,
    pub(super) mac: String,
}

/// The columns that [`LinkRow::read`] reads.
pub(super) const SELECTED: [(&str, ColumnType); 7] = [
    ("discord_id", Number),
    ("agent_id", Text),
    ("name", Text),
    ("email", Text),
    ("email_mac", Text),
    ("linked_at", Number),
    ("mac", Text),
];

impl LinkRow {
    /// Reads [`SELECTED`]; `None` if a cell is unreadable.
    pub(super) fn read(row: &AnyRow) -> Option<Self> {
        Some(Self {
            discord_id: number(row, 0)?,
            agent_id: text(row, 1)?,
            name: text(row, 2)?,
            email: text(row, 3)?,
            email_mac: text(row, 4)?,
            linked_at: number(row, 5)?,
            mac: text(row, 6)?,
        })
    }

    pub(super) fn into_link(self) -> AccountLink {
        AccountLink {
            discord_id: self.discord_id.cast_unsigned(),
            agent_id: self.agent_id,
            name: self.name,
            email: self.email,
            email_mac: self.email_mac,
            linked_at: Timestamp(self.linked_at),
        }
    }
}

/// Returns the bytes that the MAC of a link covers.
fn fields(link: &AccountLink) -> Fields {
    let AccountLink { discord_id, agent_id, name, email, email_mac, linked_at } = link;
    let mut fields = Fields::of("support-desk account link 1");
    fields.number(discord_id.cast_signed()).text(Some(agent_id)).text(Some(name));
    fields.text(Some(email)).text(Some(email_mac)).number(linked_at.0);
    fields
}

/// Checks the MAC of a link.
pub(super) fn check(keys: &StoreKeys, link: &AccountLink, mac: &str) -> RowCheck {
    keys.check_row(fields(link).as_bytes(), mac)
}

/// Returns the MAC of a link under the current key.
pub(super) fn sign(keys: &StoreKeys, link: &AccountLink) -> String {
    keys.sign_row(fields(link).as_bytes())
}

/// Returns the accounts of `links` that are linked already, with the account at the other end.
pub(super) async fn read_linked(
    on: &mut AnyConnection,
    links: &[&AccountLink],
) -> Result<Vec<(u64, String)>, sqlx::Error> {
    static LINKED: BulkStatement = BulkStatement::new(
        "with new (new_user, new_agent) as (values ",
        2,
        ") select discord_id, agent_id from new join account_links on discord_id = new_user
         union all
         select discord_id, agent_id from new join account_links on agent_id = new_agent",
    );
    let mut linked: Vec<(i64, String)> = Vec::new();
    for chunk in bulk::chunks(links) {
        let query = sqlx::query_as(LINKED.sql(chunk));
        let query = chunk.iter().fold(query, |query, link| {
            query.bind(link.discord_id.cast_signed()).bind(&link.agent_id)
        });
        linked.extend(query.fetch_all(&mut *on).await?);
    }
    Ok(linked.into_iter().map(|(user, agent)| (user.cast_unsigned(), agent)).collect())
}

/// Adds links. Returns the number of those whose accounts were not linked yet.
pub(super) async fn add(
    on: &mut AnyConnection,
    links: &[&AccountLink],
    keys: &StoreKeys,
) -> Result<u64, sqlx::Error> {
    static ADD: BulkStatement = BulkStatement::new(
        "insert into account_links (discord_id, agent_id, name, email, email_mac, linked_at, mac)
         values ",
        7,
        " on conflict do nothing",
    );
    let mut links = links.to_vec();
    // Add in the order of the ids, so that two replicas do not deadlock.
    links.sort_unstable_by_key(|link| link.discord_id);
    let mut added = 0;
    for chunk in bulk::chunks(&links) {
        let mut query = sqlx::query(ADD.sql(chunk));
        for link in chunk {
            query = query
                .bind(link.discord_id.cast_signed())
                .bind(&link.agent_id)
                .bind(&link.name)
                .bind(&link.email)
                .bind(&link.email_mac)
                .bind(link.linked_at.0)
                .bind(sign(keys, link));
        }
        added += query.execute(&mut *on).await?.rows_affected();
    }
    Ok(added)
}

/// Removes links. Returns the number of those that existed.
pub(super) async fn remove(
    on: &mut AnyConnection,
    links: &[&AccountLink],
) -> Result<u64, sqlx::Error> {
    static REMOVE: BulkStatement = BulkStatement::new(
        "delete from account_links where (discord_id, agent_id) in (values ",
        2,
        ")",
    );
    let mut links = links.to_vec();
    links.sort_unstable_by_key(|link| link.discord_id);
    let mut removed = 0;
    for chunk in bulk::chunks(&links) {
        let query = sqlx::query(REMOVE.sql(chunk));
        let query = chunk.iter().fold(query, |query, link| {
            query.bind(link.discord_id.cast_signed()).bind(&link.agent_id)
        });
        removed += query.execute(&mut *on).await?.rows_affected();
    }
    Ok(removed)
}
