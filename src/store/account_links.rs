//! Account links: which Discord account belongs to which BackOffice account.
//!
//! A link is believed only if its MAC is authentic. Another one is reported and does not count.

use async_trait::async_trait;
use commands::flows::alerts::raise::link_broken;
use commands::model::account::AccountLink;
use commands::model::fault::{ALERTS, Fault};
use commands::model::time::Timestamp;
use commands::ports::account_links::AccountLinks;
use commands::ports::sessions::Commit;
use sqlx::any::AnyRow;

use super::commit;
use super::database::Database;
use super::link_rows::{self, LinkRow, check, sign};
use super::retry::retry;
use super::store_keys::RowCheck;
use crate::metrics;
use crate::trail::columns::{self, ColumnType};

const READING: &str = "reading an account link";

#[async_trait]
impl AccountLinks for Database {
    async fn of_discord(&self, discord_id: u64) -> Result<Option<AccountLink>, Fault> {
        let rest = "from account_links where discord_id = $1";
        let statement = columns::select(self.pools.engine, &link_rows::SELECTED, rest);
        let row = retry(&self.pools, READING, || {
            sqlx::query(statement.clone())
                .bind(discord_id.cast_signed())
                .fetch_optional(&self.pools.reads)
        });
        self.believe(row.await?.as_ref()).await
    }

    async fn with_lockout(
        &self,
        discord_id: u64,
    ) -> Result<Option<(AccountLink, Option<Timestamp>)>, Fault> {
        const LOCKED_UNTIL: &str = "(select max(barred_until) from lockouts where
            subject in ('agent:' || agent_id, 'discord:' || discord_id))";
        let cells = [&link_rows::SELECTED[..], &[(LOCKED_UNTIL, ColumnType::Number)]].concat();
        let rest = "from account_links where discord_id = $1";
        let statement = columns::select(self.pools.engine, &cells, rest);
        let row = retry(&self.pools, READING, || {
            sqlx::query(statement.clone())
                .bind(discord_id.cast_signed())
                .fetch_optional(&self.pools.reads)
        })
        .await?;
        let link = self.believe(row.as_ref()).await?;
        let until = row.and_then(|row| columns::number(&row, link_rows::SELECTED.len()));
        Ok(link.map(|link| (link, until.map(Timestamp))))
    }

    async fn of_agent(&self, agent_id: &str) -> Result<Option<AccountLink>, Fault> {
        let rest = "from account_links where agent_id = $1";
        let statement = columns::select(self.pools.engine, &link_rows::SELECTED, rest);
        let row = retry(&self.pools, READING, || {
            sqlx::query(statement.clone()).bind(agent_id).fetch_optional(&self.pools.reads)
        });
        self.believe(row.await?.as_ref()).await
    }

    async fn page(&self, skipped: u32, limit: u32) -> Result<(Vec<AccountLink>, u64), Fault> {
        const LISTING: &str = "listing account links";
        let rest = "from account_links order by lower(name), discord_id limit $1 offset $2";
        let statement = columns::select(self.pools.engine, &link_rows::SELECTED, rest);
        let rows = retry(&self.pools, LISTING, || {
            sqlx::query(statement.clone())
                .bind(i64::from(limit))
                .bind(i64::from(skipped))
                .fetch_all(&self.pools.reads)
        })
        .await?;
        let total: i64 = retry(&self.pools, LISTING, || {
            sqlx::query_scalar("select count(*) from account_links").fetch_one(&self.pools.reads)
        })
        .await?;
        let mut links = Vec::with_capacity(rows.len());
        for row in &rows {
            links.extend(self.believe(Some(row)).await?);
        }
        Ok((links, u64::try_from(total).unwrap_or_default()))
    }

    async fn renew_mailbox(&self, link: &AccountLink, mailbox: &str) -> Result<(), Fault> {
        let email_mac = self.keys.store.mac(mailbox);
        if email_mac == link.email_mac {
            return Ok(());
        }
        let renewed = AccountLink { email_mac, ..link.clone() };
        let mac = sign(&self.keys.store, &renewed);
        // Another replica can have renewed it.
        retry(&self.pools, "renewing an account link", || {
            sqlx::query(
                "update account_links set email_mac = $3, mac = $4
                 where discord_id = $1 and email_mac = $2",
            )
            .bind(link.discord_id.cast_signed())
            .bind(&link.email_mac)
            .bind(&renewed.email_mac)
            .bind(&mac)
            .execute(&self.pools.writes)
        })
        .await
        .map(drop)
    }
}

impl Database {
    /// Returns the link of a row, if its MAC is authentic. Alerts the leads of an edited one.
    async fn believe(&self, row: Option<&AnyRow>) -> Result<Option<AccountLink>, Fault> {
        let Some(row) = row else { return Ok(None) };
        let Some(row) = LinkRow::read(row) else {
            report_edited(None);
            return Ok(None);
        };
        let mac = row.mac.clone();
        let link = row.into_link();
        match check(&self.keys.store, &link, &mac) {
            RowCheck::Authentic => Ok(Some(link)),
            RowCheck::UnknownKey => {
                metrics::count_foreign_row();
                let why = "it was written under a STORE_KEY that this process does not have";
                Err(Fault::new(READING, why))
            }
            RowCheck::Forged => {
                report_edited(Some(link.discord_id));
                let alerts = vec![link_broken(link.discord_id, link.linked_at)];
                let now = self.clock.now();
                commit::commit(self, Commit { now, alerts, ..Commit::default() }).await?;
                Ok(None)
            }
        }
    }
}

fn report_edited(discord_id: Option<u64>) {
    metrics::count_tampered_row();
    tracing::error!(
        target: ALERTS,
        discord_id,
        "account link was edited in the database: it does not count"
    );
}
