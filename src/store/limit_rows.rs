//! The rows of limits during a batch: locked, counted in memory, and saved.

use std::borrow::Cow;
use std::collections::BTreeMap;

use commands::model::limit::LimitUse;
use commands::model::time::Timestamp;
use commands::model::words::Limit;
use sqlx::AnyConnection;

use super::bulk::{self, BulkStatement};
use super::limit_windows::{LimitCheck, check_window, in_window, parse_times};
use super::prepared::PreparedCommit;

/// Kind of the row that a Start locks. Starts of one agent count one after the other. It holds no
/// uses.
const OPEN_SESSIONS: &str = "open_sessions";

/// Stored name of a limit, and subject. Rows are locked in this order.
type Key<'a> = (&'static str, Cow<'a, str>);

/// The locked rows of a batch. A row without uses is deleted when they are saved.
#[derive(Debug, Default)]
pub(super) struct LimitRows<'a>(BTreeMap<Key<'a>, LimitRow>);

#[derive(Debug, Default)]
struct LimitRow {
    /// Times that the lock has appended, as the column's text.
    appended: String,
    /// The column after the lock.
    stored: String,
    /// Times of the uses by the commits that are decided, and before. Sorted.
    times: Vec<i64>,
}

impl<'a> LimitRows<'a> {
    /// Locks the rows that the commits need.
    ///
    /// The lock appends all uses of the commits at once, because most are allowed. So a batch in
    /// which no use is refused or expired needs no second statement.
    pub(super) async fn lock(
        on: &mut AnyConnection,
        commits: &[&'a PreparedCommit],
    ) -> Result<Self, sqlx::Error> {
        static LOCK: BulkStatement = BulkStatement::new(
            "insert into limit_uses (kind, subject, times, newest) values ",
            4,
            " on conflict (kind, subject) do update set
                 times = case when excluded.times = '' then limit_uses.times
                     when limit_uses.times = '' then excluded.times
                     else limit_uses.times || ',' || excluded.times end,
                 newest = case when excluded.newest > limit_uses.newest then excluded.newest
                     else limit_uses.newest end
             returning kind, subject, times",
        );
        let mut limits = Self::default();
        for commit in commits {
            limits.add_rows_of(commit);
        }
        let rows: Vec<_> = limits.0.iter().collect();
        let mut returned: Vec<(String, String, String)> = Vec::with_capacity(rows.len());
        for chunk in bulk::chunks(&rows) {
            let mut query = sqlx::query_as(LOCK.sql(chunk));
            for ((kind, subject), row) in chunk {
                let newest = parse_times(&row.appended).last().copied().unwrap_or_default();
                query = query.bind(*kind).bind(&**subject).bind(&row.appended).bind(newest);
            }
            returned.extend(query.fetch_all(&mut *on).await?);
        }
        // Both lists then have the order of the keys.
        returned.sort_unstable();
        for (row, (_, _, stored)) in limits.0.values_mut().zip(returned) {
            row.times = parse_times(stored.strip_suffix(&row.appended).unwrap_or(&stored));
            row.stored = stored;
        }
        Ok(limits)
    }

    fn add_rows_of(&mut self, commit: &'a PreparedCommit) {
        let rest = &commit.rest;
        for limit_use in &rest.limit_uses {
            let appended = &mut self.row(limit_use.limit, &limit_use.subject).appended;
            if !appended.is_empty() {
                appended.push(',');
            }
            appended.push_str(&rest.now.0.to_string());
        }
        for (limit, subject) in rest.refunds.iter().chain(&rest.resets) {
            self.row(*limit, subject);
        }
        if let Some(started) = commit.started() {
            let subject = format!("discord:{}", started.session.actor.discord_id);
            self.0.entry((OPEN_SESSIONS, subject.into())).or_default();
        }
    }

    fn row(&mut self, limit: Limit, subject: &'a str) -> &mut LimitRow {
        self.0.entry(key(limit, subject)).or_default()
    }

    /// Adds the uses of a commit, and removes those that they replace. Returns their counts in the
    /// order of the uses.
    ///
    /// If one exceeds its limit, returns the first one in the order of the rows, and changes
    /// nothing.
    pub(super) fn count(
        &mut self,
        limit_uses: &'a [LimitUse],
        now: Timestamp,
    ) -> Result<Vec<u32>, (Limit, Timestamp)> {
        let mut ordered: Vec<_> = limit_uses.iter().enumerate().collect();
        ordered.sort_by_key(|(_, limit_use)| (limit_use.limit.name(), &limit_use.subject));
        let mut counts = vec![0; limit_uses.len()];
        let mut changed: BTreeMap<Key<'a>, Vec<i64>> = BTreeMap::new();
        for (index, limit_use) in ordered {
            let key = key(limit_use.limit, &limit_use.subject);
            let before = self.0.get(&key).map(|row| &row.times);
            let times = changed.entry(key).or_insert_with(|| before.cloned().unwrap_or_default());
            if let Some(at) = limit_use.replaces
                && let Ok(replaced) = times.binary_search(&at.0)
            {
                times.remove(replaced);
            }
            times.push(now.0);
            times.sort_unstable();
            *times = in_window(times, limit_use, now);
            match check_window(times, limit_use, now) {
                LimitCheck::Within(count) => counts[index] = count,
                LimitCheck::Exceeded { retry_at } => return Err((limit_use.limit, retry_at)),
            }
        }
        for (key, times) in changed {
            self.0.entry(key).or_default().times = times;
        }
        Ok(counts)
    }

    /// Removes the newest use of each refund, and all uses of each reset.
    pub(super) fn give_back(
        &mut self,
        refunds: &'a [(Limit, String)],
        resets: &'a [(Limit, String)],
    ) {
        for (limit, subject) in refunds {
            self.row(*limit, subject).times.pop();
        }
        for (limit, subject) in resets {
            self.row(*limit, subject).times.clear();
        }
    }

    /// Writes the rows that differ from what the lock wrote.
    pub(super) async fn save(&self, on: &mut AnyConnection) -> Result<(), sqlx::Error> {
        static UPDATE: BulkStatement = BulkStatement::new(
            "with new (kind, subject, times, newest) as (values ",
            4,
            ") update limit_uses set times = new.times, newest = new.newest
             from new where limit_uses.kind = new.kind and limit_uses.subject = new.subject",
        );
        static DELETE: BulkStatement =
            BulkStatement::new("delete from limit_uses where (kind, subject) in (values ", 2, ")");
        let (mut changed, mut unused) = (Vec::new(), Vec::new());
        for (key, row) in &self.0 {
            let Some(newest) = row.times.last() else {
                unused.push(key);
                continue;
            };
            let times = row.times.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
            if times != row.stored {
                changed.push((key, times, *newest));
            }
        }
        for chunk in bulk::chunks(&changed) {
            let mut query = sqlx::query(UPDATE.sql(chunk));
            for ((kind, subject), times, newest) in chunk {
                query = query.bind(*kind).bind(&**subject).bind(times).bind(*newest);
            }
            query.execute(&mut *on).await?;
        }
        for chunk in bulk::chunks(&unused) {
            let query = sqlx::query(DELETE.sql(chunk));
            let query = chunk
                .iter()
                .fold(query, |query, (kind, subject)| query.bind(*kind).bind(&**subject));
            query.execute(&mut *on).await?;
        }
        Ok(())
    }
}

fn key(limit: Limit, subject: &str) -> Key<'_> {
    (limit.name(), Cow::Borrowed(subject))
}
