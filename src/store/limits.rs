//! Limits in rolling windows, and lockouts.
//!
//! One row holds the times of all uses in a window. Adding a use locks the row, so that concurrent
//! commits count one after the other. A refused commit rolls its use back.

use std::time::Duration;

use async_trait::async_trait;
use commands::model::fault::Fault;
use commands::model::limit::{LimitUse, Lockout};
use commands::model::time::Timestamp;
use commands::model::words::Limit;
use commands::ports::limits::Limits;
use sqlx::AnyConnection;
use sqlx::query::QueryAs;

use super::bulk::{self, BulkStatement};
use super::database::Database;
use super::retry::retry;

/// Time for which uses are kept after the newest one. No window that ends is longer than a day.
const USE_RETENTION: Duration = Duration::from_hours(24);

/// Result of counting a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitCheck {
    /// Number of uses in the window, including the new one.
    Within(u32),
    Exceeded {
        retry_at: Timestamp,
    },
}

/// Returns the stored name of a limit.
pub(super) const fn name(limit: Limit) -> &'static str {
    match limit {
        Limit::Lookups => "lookups",
        Limit::DailyLookups => "daily_lookups",
        Limit::LookupAlerts => "lookup_alerts",
        Limit::Sends => "sends",
        Limit::AgentSends => "agent_sends",
        Limit::WrongCodes => "wrong_codes",
        Limit::WrongInARow => "wrong_in_a_row",
        Limit::LinkRequests => "link_requests",
        Limit::LinkMails => "link_mails",
        Limit::RecoverRequests => "recover_requests",
        Limit::RecoverConfirms => "recover_confirms",
        Limit::WrongResetCodes => "wrong_reset_codes",
    }
}

/// Adds a use and checks the limit. After `Exceeded` the caller must roll back.
pub(super) async fn add_use(
    on: &mut AnyConnection,
    limit_use: &LimitUse,
    now: Timestamp,
) -> Result<LimitCheck, sqlx::Error> {
    let times: String = sqlx::query_scalar(
        "insert into limit_uses (kind, subject, times, newest) values ($1, $2, $3, $4)
         on conflict (kind, subject) do update set
             times = case when limit_uses.times = '' then excluded.times
             else limit_uses.times || ',' || excluded.times end,
             newest = case when excluded.newest > limit_uses.newest then excluded.newest
             else limit_uses.newest end
         returning times",
    )
    .bind(name(limit_use.limit))
    .bind(&limit_use.subject)
    .bind(now.0.to_string())
    .bind(now.0)
    .fetch_one(&mut *on)
    .await?;
    let all = parse_times(&times);
    let window = in_window(&all, limit_use, now);
    let check = check_window(&window, limit_use, now);
    if matches!(check, LimitCheck::Within(_)) && window.len() < all.len() {
        save_times(on, limit_use.limit, &limit_use.subject, &window).await?;
    }
    Ok(check)
}

/// Returns the times of the uses that are still in the window.
fn in_window(times: &[i64], limit_use: &LimitUse, now: Timestamp) -> Vec<i64> {
    times.iter().copied().filter(|at| Timestamp(*at) + limit_use.window > now).collect()
}

fn count(window: &[i64]) -> u32 {
    u32::try_from(window.len()).unwrap_or(u32::MAX)
}

/// Checks a window that already contains the new use, as its newest time.
fn check_window(window: &[i64], limit_use: &LimitUse, now: Timestamp) -> LimitCheck {
    let allowed = usize::try_from(limit_use.allowed).unwrap_or(usize::MAX);
    if window.len() <= allowed {
        return LimitCheck::Within(count(window));
    }
    // The new use is refused. It fits once all but `allowed - 1` of the earlier uses have left the
    // window.
    let earlier = &window[..window.len() - 1];
    let last_to_leave = earlier.get(earlier.len() - allowed).map_or(now, |at| Timestamp(*at));
    LimitCheck::Exceeded { retry_at: last_to_leave + limit_use.window }
}

/// Removes the newest use.
pub(super) async fn refund(
    on: &mut AnyConnection,
    limit: Limit,
    subject: &str,
) -> Result<(), sqlx::Error> {
    // An update that changes nothing locks the row and returns its times.
    let times: Option<String> = sqlx::query_scalar(
        "update limit_uses set newest = newest where kind = $1 and subject = $2 returning times",
    )
    .bind(name(limit))
    .bind(subject)
    .fetch_optional(&mut *on)
    .await?;
    let mut times = parse_times(&times.unwrap_or_default());
    if times.pop().is_some() {
        save_times(on, limit, subject, &times).await?;
    }
    Ok(())
}

/// Removes all uses of a limit. Returns the number of rows, 0 or 1.
pub(super) async fn reset(
    on: &mut AnyConnection,
    limit: Limit,
    subject: &str,
) -> Result<u64, sqlx::Error> {
    let removed = sqlx::query("delete from limit_uses where kind = $1 and subject = $2")
        .bind(name(limit))
        .bind(subject)
        .execute(on)
        .await?;
    Ok(removed.rows_affected())
}

async fn save_times(
    on: &mut AnyConnection,
    limit: Limit,
    subject: &str,
    times: &[i64],
) -> Result<(), sqlx::Error> {
    let text = times.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    sqlx::query("update limit_uses set times = $3 where kind = $1 and subject = $2")
        .bind(name(limit))
        .bind(subject)
        .bind(text)
        .execute(on)
        .await?;
    Ok(())
}

/// Parses the column `times` and sorts it, because the clocks of replicas differ a little.
fn parse_times(times: &str) -> Vec<i64> {
    let mut times: Vec<i64> = times.split(',').filter_map(|at| at.parse().ok()).collect();
    times.sort_unstable();
    times
}

/// Counts the open sessions of an agent that attend a customer, including those that this
/// transaction has written. Locks a row of the agent, so that concurrent starts count one after the
/// other.
pub(super) async fn count_open_sessions(
    on: &mut AnyConnection,
    discord_id: u64,
    now: Timestamp,
) -> Result<i64, sqlx::Error> {
    sqlx::query(
        "insert into limit_uses (kind, subject, times, newest) values ('open_sessions', $1, '', $2)
         on conflict (kind, subject) do update set newest = excluded.newest",
    )
    .bind(format!("discord:{discord_id}"))
    .bind(now.0)
    .execute(&mut *on)
    .await?;
    sqlx::query_scalar(
        "select count(*) from sessions
         where discord_id = $1 and closed_at is null and attending is not null",
    )
    .bind(discord_id.cast_signed())
    .fetch_one(on)
    .await
}

/// Returns the longest lockout among the subjects; `None` if all are unlocked.
pub(super) async fn longest_lockout(
    on: &mut AnyConnection,
    subjects: &[String],
    now: Timestamp,
) -> Result<Option<Lockout>, sqlx::Error> {
    static LONGEST: BulkStatement = BulkStatement::new(
        "select until, subject from lockouts where subject in (values ",
        1,
        ") order by until desc limit 1",
    );
    let mut longest: Option<(i64, String)> = None;
    for chunk in bulk::chunks(subjects) {
        let query = sqlx::query_as(LONGEST.sql(chunk));
        let query = chunk.iter().fold(query, QueryAs::bind);
        longest = longest.max(query.fetch_optional(&mut *on).await?);
    }
    let lockout = longest.map(|(until, subject)| Lockout { subject, until: Timestamp(until) });
    Ok(lockout.filter(|lockout| lockout.until > now))
}

/// Locks a subject out. A longer lockout is never shortened.
pub(super) async fn lock_out(on: &mut AnyConnection, lockout: &Lockout) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into lockouts (subject, until) values ($1, $2)
         on conflict (subject) do update set
             until = case when excluded.until > lockouts.until then excluded.until
             else lockouts.until end",
    )
    .bind(&lockout.subject)
    .bind(lockout.until.0)
    .execute(on)
    .await?;
    Ok(())
}

/// Reads the times of the uses that are still in the window.
async fn read_window(
    database: &Database,
    limit_use: &LimitUse,
    now: Timestamp,
) -> Result<Vec<i64>, Fault> {
    let times: Option<String> = retry(&database.pools, "counting uses of a limit", || {
        sqlx::query_scalar("select times from limit_uses where kind = $1 and subject = $2")
            .bind(name(limit_use.limit))
            .bind(&limit_use.subject)
            .fetch_optional(&database.pools.reads)
    })
    .await?;
    Ok(in_window(&parse_times(&times.unwrap_or_default()), limit_use, now))
}

#[async_trait]
impl Limits for Database {
    async fn count(&self, limit_use: &LimitUse, now: Timestamp) -> Result<u32, Fault> {
        Ok(count(&read_window(self, limit_use, now).await?))
    }

    async fn exceeded(
        &self,
        limit_uses: &[LimitUse],
        now: Timestamp,
    ) -> Result<Option<(Limit, Timestamp)>, Fault> {
        for limit_use in limit_uses {
            let mut window = read_window(self, limit_use, now).await?;
            window.push(now.0);
            if let LimitCheck::Exceeded { retry_at } = check_window(&window, limit_use, now) {
                return Ok(Some((limit_use.limit, retry_at)));
            }
        }
        Ok(None)
    }

    async fn purge_limits(&self, now: Timestamp) -> Result<(), Fault> {
        for (statement, before) in [
            // Wrong codes in a row have no window: only a right code or an unlock ends them.
            (
                "delete from limit_uses
                 where newest < $1 and (kind <> 'wrong_in_a_row' or times = '')",
                now - USE_RETENTION,
            ),
            ("delete from lockouts where until < $1", now),
        ] {
            retry(&self.pools, "purging limits", || {
                sqlx::query(statement).bind(before.0).execute(&self.pools.writes)
            })
            .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(4);

    fn check(window: &[i64], allowed: u32) -> LimitCheck {
        let limit_use = LimitUse {
            limit: Limit::Sends,
            subject: String::new(),
            allowed,
            window: Duration::from_millis(100),
        };
        check_window(window, &limit_use, NOW)
    }

    fn exceeded(retry_at: i64) -> LimitCheck {
        LimitCheck::Exceeded { retry_at: Timestamp(retry_at) }
    }

    #[test]
    fn window_over_limit_waits_for_oldest_use() {
        assert_eq!(check(&[1, 2, 3], 3), LimitCheck::Within(3));
        assert_eq!(check(&[1, 2, 3, 4], 3), exceeded(101));
    }

    #[test]
    fn lowered_limit_waits_for_several_uses() {
        assert_eq!(check(&[1, 2, 3, 4], 1), exceeded(103));
    }

    #[test]
    fn limit_of_zero_waits_a_whole_window() {
        assert_eq!(check(&[4], 0), exceeded(104));
    }

    #[test]
    fn times_are_sorted() {
        assert_eq!(parse_times("3,1,2"), [1, 2, 3]);
        assert_eq!(parse_times(""), [0; 0]);
    }
}
