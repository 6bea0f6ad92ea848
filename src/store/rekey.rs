//! `support-desk rekey`: everything under an earlier key is written again under the current one.
//!
//! The bot can run meanwhile: a row is only written if no other process has changed it. The hash of
//! an agent's address cannot be computed again, because the address is not stored; it is renewed
//! when the account is read.

use commands::model::fault::{ALERTS, Fault};
use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};
use serde_json::{Value, json};
use sqlx::FromRow as _;

use super::database::Database;
use super::rekeyed::{CannotRekey, LostKeys, Rekeyed};
use super::retry::retry;
use super::row_columns::{self, Columns};
use super::store_keys::{CannotOpen, RowCheck};
use super::unusable_rows;
use crate::escape;
use crate::trail::columns::{self, text};
use crate::trail::rotation::{OPERATOR, Rotation};
use crate::trail::{pruned, trusted};

pub(super) const REKEYING: &str = "changing the keys of the store";
/// Rows that are read at a time.
const PAGE: i64 = 200;
/// Maximum passes over the rows. A replica that writes under an earlier key meanwhile makes another
/// pass necessary.
const MAX_PASSES: usize = 5;

impl Database {
    /// Writes everything that is under an earlier key again under the current one, and records the
    /// replacement of the trail's keys.
    ///
    /// Makes up to five passes, until one finds nothing under an earlier key. Rows that the last
    /// one still finds count as left.
    pub async fn rekey(&self, lost: LostKeys) -> Result<Rekeyed, CannotRekey> {
        let rotations = self.rotations(lost).await?;
        let mut done = Rekeyed::default();
        for nth in 1..=MAX_PASSES {
            let mut pass = Rekeyed::default();
            self.rekey_sessions(lost, &mut pass).await?;
            self.rekey_links(lost, &mut pass).await?;
            self.rekey_subjects(lost, &mut pass).await?;
            self.rekey_subject_keys(lost, &mut pass).await?;
            done.add(&pass, lost);
            if pass.rows + pass.left == 0 {
                break;
            }
            if nth == MAX_PASSES {
                done.left += pass.rows;
            }
        }
        trusted::add(&self.pools, self.keys.trail.current().public(), self.clock.now()).await?;
        if !rotations.is_empty() {
            pruned::sign_again(&self.pools, &self.keys.trail).await?;
        }
        done.replaced = rotations.iter().map(|rotation| rotation.old.clone()).collect();
        self.record(rotations).await?;
        Ok(done)
    }

    /// Returns the replacements of the trail's keys that are not in the trail yet.
    async fn rotations(&self, lost: LostKeys) -> Result<Vec<Rotation>, CannotRekey> {
        let keys = &self.keys.trail;
        let mut rotations = Vec::new();
        let own = keys.public();
        trusted::publish_signers(&self.pools, &own, self.clock.now()).await?;
        for key in trusted::unreplaced(&self.pools, &own).await?.0 {
            let id = key.id().as_str();
            if id == keys.current().id().as_str() {
                continue;
            }
            match keys.pair(id) {
                Some(old) => rotations.push(Rotation::signed(old, keys.current())),
                None if lost.trail => rotations.push(Rotation::of_lost(id, keys.current())),
                None => return Err(CannotRekey::MissingTrailKey(id.to_owned())),
            }
        }
        Ok(rotations)
    }

    async fn rekey_sessions(&self, lost: LostKeys, done: &mut Rekeyed) -> Result<(), Fault> {
        let mut after = String::new();
        // Rows after that id that were read and have no readable one.
        let mut skip = 0;
        loop {
            let rest =
                format!("from sessions where id > $1 order by id limit {PAGE} offset {skip}");
            let rows = retry(&self.pools, REKEYING, || {
                let page = columns::select(self.pools.engine, &row_columns::cells(), &rest);
                sqlx::query(page).bind(after.clone()).fetch_all(&self.pools.reads)
            })
            .await?;
            for row in &rows {
                match text(row, 0) {
                    Some(id) => (after, skip) = (id, 0),
                    None => skip += 1,
                }
                let Ok(mut columns) = Columns::from_row(row) else {
                    done.tampered += 1;
                    continue;
                };
                if self.keys.store.is_current(&columns.mac) {
                    continue;
                }
                match self.keys.store.check_row(columns.fields().as_bytes(), &columns.mac) {
                    RowCheck::Forged => done.tampered += 1,
                    RowCheck::UnknownKey => {
                        self.give_up_foreign(&columns.id, lost, done).await?;
                    }
                    RowCheck::Authentic => {
                        let old_mac = columns.mac.clone();
                        let opened = columns
                            .sealed
                            .as_ref()
                            .map(|sealed| self.keys.store.open(&columns.id, sealed))
                            .transpose();
                        // A person with a leaked key can write a row that does not open.
                        let plain = match opened {
                            Ok(plain) => plain,
                            Err(CannotOpen::Tampered) => {
                                tracing::error!(
                                    target: ALERTS,
                                    session = escape::for_terminal(&columns.id),
                                    "session was tampered with in the database: it does not open"
                                );
                                if !self.give_up_session(&columns.id, done).await? {
                                    done.tampered += 1;
                                }
                                continue;
                            }
                            Err(CannotOpen::UnknownKey) => {
                                self.give_up_foreign(&columns.id, lost, done).await?;
                                continue;
                            }
                        };
                        let reseal = |plain| self.keys.store.seal(&columns.id, plain);
                        columns.sealed = plain
                            .map(reseal)
                            .transpose()
                            .map_err(|error| Fault::new(REKEYING, error))?;
                        let mac = self.keys.store.sign_row(columns.fields().as_bytes());
                        let updated = retry(&self.pools, REKEYING, || {
                            sqlx::query(
                                "update sessions set sealed = $2, mac = $3
                                 where id = $1 and mac = $4",
                            )
                            .bind(&columns.id)
                            .bind(columns.sealed.as_deref())
                            .bind(&mac)
                            .bind(&old_mac)
                            .execute(&self.pools.writes)
                        })
                        .await?;
                        done.count_row(updated.rows_affected());
                    }
                }
            }
            if rows.is_empty() {
                return Ok(());
            }
        }
    }

    /// Counts a session whose key this process does not have, and closes it if the key is lost. A
    /// row with an id that the bot never gives counts as edited then.
    async fn give_up_foreign(
        &self,
        id: &str,
        lost: LostKeys,
        done: &mut Rekeyed,
    ) -> Result<(), Fault> {
        if done.give_up(CannotOpen::UnknownKey, lost) && !self.give_up_session(id, done).await? {
            done.foreign -= 1;
            done.tampered += 1;
        }
        Ok(())
    }

    /// Closes a session that does not open. Returns false for an id that the bot never gives, whose
    /// row no close can name.
    async fn give_up_session(&self, id: &str, done: &mut Rekeyed) -> Result<bool, Fault> {
        let Ok(id) = id.parse() else { return Ok(false) };
        let is_closed = unusable_rows::give_up(self, &id).await?;
        done.count_given_up(u64::from(is_closed));
        Ok(true)
    }

    /// Records the replacements of the trail's keys.
    async fn record(&self, rotations: Vec<Rotation>) -> Result<(), Fault> {
        if rotations.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let event = |rotation: Rotation| TrailEvent {
            at: now,
            actor: OPERATOR.to_owned(),
            session: None,
            kind: kind::KEY_ROTATED,
            details: json!(rotation),
            customer: None,
            about: Value::Null,
        };
        let events = rotations.into_iter().map(event).collect();
        self.commit(Commit { now, events, ..Commit::default() }).await.map(drop)
    }
}
