//! Limits: how many of something a subject had in a rolling window, and who rests.
//!
//! A tally is one row that holds the times of its window. Adding to it locks the row, so that
//! nobody counts at the same moment, and a commit that is refused takes its own hit back by rolling
//! back.

use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::limit::{LimitUse, Lockout};
use commands::model::time::Timestamp;
use commands::model::words::Limit;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use super::Database;
use super::fault::{again, failed};

/// How long a tally is kept after its newest hit: no window is longer than a day.
pub(super) const KEPT: Duration = Duration::from_hours(24);

/// The word in the row.
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

/// Counts one more: how many there are now in the window, or, when that is too many, from when on
/// there is room.
pub(super) async fn count(
    on: &mut AnyConnection,
    limit_use: &LimitUse,
    now: Timestamp,
) -> Result<Result<u32, Timestamp>, sqlx::Error> {
    let row = sqlx::query(
        "insert into limit_uses (kind, subject, times, newest) values ($1, $2, $3, $4)
         on conflict (kind, subject) do update set
             times = case when limit_uses.times = '' then excluded.times else limit_uses.times || ',' || excluded.times end,
             newest = case when excluded.newest > limit_uses.newest then excluded.newest else limit_uses.newest end
         returning times",
    )
    .bind(name(limit_use.limit))
    .bind(&limit_use.subject)
    .bind(now.0.to_string())
    .bind(now.0)
    .fetch_one(&mut *on)
    .await?;
    let all = parse(row.try_get(0)?);
    let window: Vec<i64> =
        all.iter().copied().filter(|at| Timestamp(*at) + limit_use.window > now).collect();
    if let Some(at) = room(&window, limit_use) {
        return Ok(Err(at.unwrap_or(now + limit_use.window)));
    }
    if window.len() < all.len() {
        write(on, limit_use.limit, &limit_use.subject, &window).await?;
    }
    Ok(Ok(u32::try_from(window.len()).unwrap_or(u32::MAX)))
}

/// How many there are in the window.
pub(super) async fn counted(
    database: &Database,
    limit_use: &LimitUse,
    now: Timestamp,
) -> Result<u32, Fault> {
    const DOING: &str = "reading a tally";
    let row = again(DOING, || {
        sqlx::query("select times from limit_uses where kind = $1 and subject = $2")
            .bind(name(limit_use.limit))
            .bind(&limit_use.subject)
            .fetch_optional(&database.pools.reads)
    })
    .await?;
    let Some(row) = row else { return Ok(0) };
    let times = parse(row.try_get(0).map_err(failed(DOING))?);
    let window = times.into_iter().filter(|at| Timestamp(*at) + limit_use.window > now);
    Ok(u32::try_from(window.count()).unwrap_or(u32::MAX))
}

/// From when on there is room, once the newest of `window` is one too many: when the oldest that
/// stands in its way leaves.
#[expect(clippy::option_option, reason = "too many, and then whether time alone makes room")]
fn room(window: &[i64], limit_use: &LimitUse) -> Option<Option<Timestamp>> {
    let allowed = usize::try_from(limit_use.allowed).unwrap_or(usize::MAX);
    if window.len() <= allowed {
        return None;
    }
    // Without the newest, which is refused, so many have to leave that one more fits.
    let earlier = &window[..window.len() - 1];
    Some(earlier.get(earlier.len() - allowed).map(|at| Timestamp(*at) + limit_use.window))
}

/// Takes the newest hit back.
pub(super) async fn refund(
    on: &mut AnyConnection,
    limit: Limit,
    subject: &str,
) -> Result<(), sqlx::Error> {
    // Written unchanged, so that the row is locked before it is read.
    let row = sqlx::query(
        "update limit_uses set newest = newest where kind = $1 and subject = $2 returning times",
    )
    .bind(name(limit))
    .bind(subject)
    .fetch_optional(&mut *on)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let mut times = parse(row.try_get(0)?);
    if times.pop().is_some() {
        write(on, limit, subject, &times).await?;
    }
    Ok(())
}

async fn write(
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

/// In order: replicas' clocks may differ by a little.
fn parse(times: &str) -> Vec<i64> {
    let mut times: Vec<i64> = times.split(',').filter_map(|at| at.parse().ok()).collect();
    times.sort_unstable();
    times
}

/// Until when the longest-resting of the subjects rests; `None` when all are awake.
pub(super) async fn resting(
    on: &mut AnyConnection,
    subjects: &[String],
    now: Timestamp,
) -> Result<Option<Timestamp>, sqlx::Error> {
    if subjects.is_empty() {
        return Ok(None);
    }
    let places = (2..subjects.len() + 2).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    // Only numbers of placeholders are put into the text.
    let sql = AssertSqlSafe(format!(
        "select until from lockouts where until > $1 and subject in ({places}) order by until desc limit 1"
    ));
    let mut query = sqlx::query(sql).bind(now.0);
    for subject in subjects {
        query = query.bind(subject);
    }
    query.fetch_optional(on).await?.map(|row| row.try_get(0).map(Timestamp)).transpose()
}

/// Has a subject rest. A longer rest is never made shorter.
pub(super) async fn rest(on: &mut AnyConnection, rest: &Lockout) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into lockouts (subject, until) values ($1, $2)
         on conflict (subject) do update set until = case when excluded.until > lockouts.until then excluded.until else lockouts.until end",
    )
    .bind(&rest.subject)
    .bind(rest.until.0)
    .execute(on)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit_use(allowed: u32) -> LimitUse {
        LimitUse {
            limit: Limit::Sends,
            subject: String::new(),
            allowed,
            window: Duration::from_millis(100),
        }
    }

    #[test]
    fn there_is_room_until_there_are_too_many() {
        assert_eq!(room(&[1, 2, 3], &limit_use(3)), None);
        assert_eq!(room(&[1, 2, 3, 4], &limit_use(3)), Some(Some(Timestamp(101))));
    }

    #[test]
    fn a_limit_that_was_lowered_waits_for_as_many_as_it_takes() {
        assert_eq!(room(&[1, 2, 3, 4], &limit_use(1)), Some(Some(Timestamp(103))));
        assert_eq!(room(&[4], &limit_use(0)), Some(None));
    }

    #[test]
    fn times_are_read_in_order() {
        assert_eq!(parse("3,1,2"), [1, 2, 3]);
        assert_eq!(parse(""), [0; 0]);
    }
}
