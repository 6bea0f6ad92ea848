//! Limits in rolling windows, and lockouts.
//!
//! One row holds the times of all uses in a window. Adding a use locks the row, so that concurrent
//! commits count one after the other. A refused commit rolls its use back.

use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::limit::{LimitUse, Lockout};
use commands::model::time::Timestamp;
use commands::model::words::Limit;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use super::engine::Pools;
use super::retry::{retry, to_fault};

/// Time for which uses are kept after the newest one. No window is longer than a day.
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
        Limit::Sends => "sends",
        Limit::WrongCodes => "wrong_codes",
        Limit::LinkRequests => "link_requests",
        Limit::LinkMails => "link_mails",
        Limit::RecoverRequests => "recover_requests",
        Limit::RecoverConfirms => "recover_confirms",
    }
}

/// Adds a use and checks the limit. After `Exceeded` the caller must roll back.
pub(super) async fn add_use(
    on: &mut AnyConnection,
    limit_use: &LimitUse,
    now: Timestamp,
) -> Result<LimitCheck, sqlx::Error> {
    let row = sqlx::query(
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
    let all = parse_times(row.try_get(0)?);
    let window: Vec<i64> =
        all.iter().copied().filter(|at| Timestamp(*at) + limit_use.window > now).collect();
    let check = check_window(&window, limit_use, now);
    if matches!(check, LimitCheck::Within(_)) && window.len() < all.len() {
        save_times(on, limit_use.limit, &limit_use.subject, &window).await?;
    }
    Ok(check)
}

/// Counts the uses in the window, without adding one.
pub(super) async fn count(
    pools: &Pools,
    limit_use: &LimitUse,
    now: Timestamp,
) -> Result<u32, Fault> {
    const DOING: &str = "counting uses of a limit";
    let row = retry(DOING, || {
        sqlx::query("select times from limit_uses where kind = $1 and subject = $2")
            .bind(name(limit_use.limit))
            .bind(&limit_use.subject)
            .fetch_optional(&pools.reads)
    })
    .await?;
    let Some(row) = row else { return Ok(0) };
    let times = parse_times(row.try_get(0).map_err(to_fault(DOING))?);
    let window = times.into_iter().filter(|at| Timestamp(*at) + limit_use.window > now);
    Ok(u32::try_from(window.count()).unwrap_or(u32::MAX))
}

/// Checks a window that already contains the new use, as its newest time.
fn check_window(window: &[i64], limit_use: &LimitUse, now: Timestamp) -> LimitCheck {
    let allowed = usize::try_from(limit_use.allowed).unwrap_or(usize::MAX);
    if window.len() <= allowed {
        return LimitCheck::Within(u32::try_from(window.len()).unwrap_or(u32::MAX));
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
    let row = sqlx::query(
        "update limit_uses set newest = newest where kind = $1 and subject = $2 returning times",
    )
    .bind(name(limit))
    .bind(subject)
    .fetch_optional(&mut *on)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let mut times = parse_times(row.try_get(0)?);
    if times.pop().is_some() {
        save_times(on, limit, subject, &times).await?;
    }
    Ok(())
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

/// Returns the end of the longest lockout among the subjects; `None` if all are unlocked.
pub(super) async fn locked_out_until(
    on: &mut AnyConnection,
    subjects: &[String],
    now: Timestamp,
) -> Result<Option<Timestamp>, sqlx::Error> {
    if subjects.is_empty() {
        return Ok(None);
    }
    let placeholders =
        (2..subjects.len() + 2).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    // The text consists of constants and placeholder numbers.
    let sql = AssertSqlSafe(format!(
        "select until from lockouts where until > $1 and subject in ({placeholders})
         order by until desc limit 1"
    ));
    let mut query = sqlx::query(sql).bind(now.0);
    for subject in subjects {
        query = query.bind(subject);
    }
    query.fetch_optional(on).await?.map(|row| row.try_get(0).map(Timestamp)).transpose()
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

/// Deletes old uses and past lockouts.
pub(super) async fn purge(pools: &Pools, now: Timestamp) -> Result<(), Fault> {
    for (statement, before) in [
        ("delete from limit_uses where newest < $1", now - USE_RETENTION),
        ("delete from lockouts where until < $1", now),
    ] {
        retry("purging limits", || sqlx::query(statement).bind(before.0).execute(&pools.writes))
            .await?;
    }
    Ok(())
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
