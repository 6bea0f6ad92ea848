//! The part of `support-desk rekey` that concerns account links, customers and their keys.
//!
//! A row is only written if nobody else has changed it since it was read.

use commands::model::fault::Fault;
use sqlx::any::AnyRow;

use super::database::Database;
use super::link_rows::{self, LinkRow};
use super::rekey::REKEYING;
use super::rekeyed::{LostKeys, Rekeyed};
use super::retry::{retry, retry_unless_taken};
use super::store_keys::RowCheck;
use super::subjects::lookups_of;
use super::tickets;
use crate::trail::columns::ColumnType::{self, Text};
use crate::trail::columns::{self, text};

impl Database {
    async fn read_all(
        &self,
        selected: &[(&str, ColumnType)],
        rest: &str,
    ) -> Result<Vec<AnyRow>, Fault> {
        let statement = columns::select(self.pools.engine, selected, rest);
        retry(&self.pools, REKEYING, || sqlx::query(statement.clone()).fetch_all(&self.pools.reads))
            .await
    }

    /// Writes the MACs of account links again.
    pub(super) async fn rekey_links(
        &self,
        lost: LostKeys,
        done: &mut Rekeyed,
    ) -> Result<(), Fault> {
        let rows = self.read_all(&link_rows::SELECTED, "from account_links order by discord_id");
        for row in rows.await? {
            let Some(row) = LinkRow::read(&row) else {
                done.tampered += 1;
                continue;
            };
            if self.keys.store.is_current(&row.mac) {
                continue;
            }
            let (discord_id, old_mac) = (row.discord_id, row.mac.clone());
            let link = row.into_link();
            match link_rows::check(&self.keys.store, &link, &old_mac) {
                RowCheck::Forged => done.tampered += 1,
                RowCheck::UnknownKey => {
                    done.foreign += 1;
                    if lost.store {
                        let deleted = retry(&self.pools, REKEYING, || {
                            sqlx::query(
                                "delete from account_links where discord_id = $1 and mac = $2",
                            )
                            .bind(discord_id)
                            .bind(&old_mac)
                            .execute(&self.pools.writes)
                        });
                        done.count_given_up(deleted.await?.rows_affected());
                    }
                }
                RowCheck::Authentic => {
                    let mac = link_rows::sign(&self.keys.store, &link);
                    let updated = retry(&self.pools, REKEYING, || {
                        sqlx::query(
                            "update account_links set mac = $2 where discord_id = $1 and mac = $3",
                        )
                        .bind(discord_id)
                        .bind(&mac)
                        .bind(&old_mac)
                        .execute(&self.pools.writes)
                    });
                    done.count_row(updated.await?.rows_affected());
                }
            }
        }
        Ok(())
    }

    /// Writes the hash and the sealed form of Core's ids again.
    pub(super) async fn rekey_subjects(
        &self,
        lost: LostKeys,
        done: &mut Rekeyed,
    ) -> Result<(), Fault> {
        let rows = self.read_all(
            &[("pseudonym", Text), ("sealed", Text)],
            "from subjects where sealed is not null order by added_at, subjects.pseudonym",
        );
        for row in rows.await? {
            let (Some(pseudonym), Some(sealed)) = (text(&row, 0), text(&row, 1)) else {
                done.tampered += 1;
                continue;
            };
            if self.keys.store.is_current(&sealed) {
                continue;
            }
            match self.keys.store.open(&pseudonym, &sealed) {
                Ok(plain) => {
                    let core_id = String::from_utf8_lossy(&plain).into_owned();
                    let resealed = self.keys.store.seal(&pseudonym, plain);
                    let resealed = resealed.map_err(|error| Fault::new(REKEYING, error))?;
                    let lookups = lookups_of(&self.keys.store, &core_id);
                    let written =
                        self.reseal_subject(&pseudonym, &sealed, &lookups, &resealed).await?;
                    done.count_row(u64::from(written));
                }
                Err(error) if !done.give_up(error, lost) => {}
                Err(_) => {
                    let erased = retry(&self.pools, REKEYING, || {
                        sqlx::query(
                            "update subjects set lookup = null, sealed = null
                             where pseudonym = $1 and sealed = $2",
                        )
                        .bind(&pseudonym)
                        .bind(&sealed)
                        .execute(&self.pools.writes)
                    });
                    done.count_given_up(erased.await?.rows_affected());
                }
            }
        }
        Ok(())
    }

    /// Writes a customer's row again, under the first of `lookups` that no other row has. Returns
    /// false if another process has changed the row, or if every hash is taken.
    async fn reseal_subject(
        &self,
        pseudonym: &str,
        sealed: &str,
        lookups: &[String],
        resealed: &str,
    ) -> Result<bool, Fault> {
        for lookup in lookups {
            let updated = retry_unless_taken(&self.pools, REKEYING, || {
                sqlx::query(
                    "update subjects set lookup = $2, sealed = $3
                     where pseudonym = $1 and sealed = $4",
                )
                .bind(pseudonym)
                .bind(lookup)
                .bind(resealed)
                .bind(sealed)
                .execute(&self.pools.writes)
            });
            if let Some(updated) = updated.await? {
                return Ok(updated.rows_affected() > 0);
            }
        }
        Ok(false)
    }

    /// Seals the customers' keys again. A ticket number goes with the key of its session.
    pub(super) async fn rekey_subject_keys(
        &self,
        lost: LostKeys,
        done: &mut Rekeyed,
    ) -> Result<(), Fault> {
        let selected = [("subject", Text), ("quarter", Text), ("sealed", Text)];
        for row in self.read_all(&selected, "from subject_keys").await? {
            let cells = (text(&row, 0), text(&row, 1), text(&row, 2));
            let (Some(subject), Some(quarter), Some(sealed)) = cells else {
                done.tampered += 1;
                continue;
            };
            if self.keys.store.is_current(&sealed) {
                continue;
            }
            let bound_to = format!("{subject}:{quarter}");
            match self.keys.store.open(&bound_to, &sealed) {
                Ok(plain) => {
                    let resealed = self.keys.store.seal(&bound_to, plain);
                    let resealed = resealed.map_err(|error| Fault::new(REKEYING, error))?;
                    let updated = retry(&self.pools, REKEYING, || {
                        sqlx::query(
                            "update subject_keys set sealed = $4
                             where subject = $1 and quarter = $2 and sealed = $3",
                        )
                        .bind(&subject)
                        .bind(&quarter)
                        .bind(&sealed)
                        .bind(&resealed)
                        .execute(&self.pools.writes)
                    });
                    done.count_row(updated.await?.rows_affected());
                }
                Err(error) if !done.give_up(error, lost) => {}
                Err(_) => {
                    let deleted = retry(&self.pools, REKEYING, || {
                        sqlx::query(
                            "delete from subject_keys
                             where subject = $1 and quarter = $2 and sealed = $3",
                        )
                        .bind(&subject)
                        .bind(&quarter)
                        .bind(&sealed)
                        .execute(&self.pools.writes)
                    });
                    done.count_given_up(deleted.await?.rows_affected());
                }
            }
        }
        if lost.store {
            retry(&self.pools, REKEYING, || async {
                tickets::clear_without_key(&mut *self.pools.writes.acquire().await?).await
            })
            .await?;
        }
        Ok(())
    }
}
