//! Open sessions by the hundred thousand: one is written by the product's own store and multiplied
//! in the database.

use std::time::Duration;

use anyhow::Context as _;
use commands::model::customer::{Case, CaseSubject, MaskedCustomer, Role, Status};
use commands::model::flow_state::SupportState;
use commands::model::session::{Secrets, Session, Work};
use commands::model::time::Timestamp;
use commands::model::timers::{Clocks, IDLE_CLOSE};
use commands::model::verification::{Challenge, Verification};
use commands::model::words::{Actor, Locale, SessionId, SupportKind};
use commands::ports::sessions::{Commit, Committed, Sessions as _};
use futures_util::{StreamExt as _, TryStreamExt as _};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use support_desk::store::Database;

use crate::databases::Databases;

/// Commits at a time, while a store is filled.
const AT_A_TIME: usize = 256;
/// About as long as Discord's interaction tokens are, in characters.
const TOKEN: usize = 200;
/// The id of the session that is multiplied.
const ONE: &str = "the-one-that-is-copied";
/// The ids of its copies.
pub const COPIES: &str = "copy-%";
/// When it was opened: a number that stands for nothing else in its row.
const OPENED: Timestamp = Timestamp(1_111_111_111_111);

/// So many sessions that wait for the agent's code, all to be warned at once and to be closed by
/// nobody for an hour.
///
/// Their idle timeout is longer than any in production; the warning scales with it. Their tokens
/// are too old to be drawn with.
pub async fn all_to_be_warned(
    store: &Database,
    databases: &Databases,
    count: usize,
    now: Timestamp,
) -> anyhow::Result<()> {
    const IDLE: Duration = Duration::from_hours(10);
    /// After the warning, which is two hours before the end, and before anything else.
    const AGO: Duration = Duration::from_hours(9);
    let opened = now - AGO;
    let due = Clocks::starting(opened, IDLE).warn_at();
    multiply(
        store,
        databases,
        Clocks::starting(OPENED, IDLE),
        count,
        IDLE,
        &(opened + IDLE).0.to_string(),
        &due.0.to_string(),
    )
    .await?;
    // Only the store can seal, and it seals for one session alone: each is written once more.
    let one = |n: usize| async move {
        let id = format!("copy-{n:017}").parse()?;
        let live = store.find(&id).await?.context("a copy is not there")?;
        let mut session = (*live.session()).clone();
        session.secrets.panel = Some((format!("{n:0TOKEN$}").into(), opened));
        save(store, session, now).await
    };
    futures_util::stream::iter(0..count).map(one).buffer_unordered(AT_A_TIME).try_collect().await
}

/// So many sessions whose idle clocks end them one after the other within `within` from `first`,
/// warned and stripped long ago.
pub async fn all_to_be_closed(
    store: &Database,
    databases: &Databases,
    count: usize,
    first: Timestamp,
    within: Duration,
) -> anyhow::Result<()> {
    let mut clocks = Clocks::starting(OPENED, IDLE_CLOSE);
    clocks.warned_of = Some(clocks.end());
    clocks.stripped_for = clocks.warned_of;
    clocks.stripped = true;
    let end = format!("({} + n.i * {} / {count})", first.0, within.as_millis());
    multiply(store, databases, clocks, count, IDLE_CLOSE, &end, &end).await
}

/// Writes one session with these clocks, and copies it in the database: each copy has an id of its
/// own, the idle end `end` and the next clock `next`, in SQL with the copy's number `n.i`. The
/// original goes.
async fn multiply(
    store: &Database,
    databases: &Databases,
    clocks: Clocks,
    count: usize,
    idle: Duration,
    end: &str,
    next: &str,
) -> anyhow::Result<()> {
    save(store, session(ONE.parse()?, clocks), OPENED).await?;
    let mut connection = databases.look().await?;
    let one = sqlx::query("select * from sessions where id = $1")
        .bind(ONE)
        .fetch_one(&mut connection)
        .await?;
    let names: Vec<&str> = one.columns().iter().map(sqlx::Column::name).collect();
    let idle = i64::try_from(idle.as_millis())?;
    let number = "cast(n.i as text)";
    let id = format!("substr('copy-00000000000000000', 1, 22 - length({number})) || {number}");
    let state = format!(
        "replace(replace(replace(s.state, '{ONE}', {id}), '{}', cast({end} as text)), '{}', cast({end} - {idle} as text))",
        OPENED.0 + idle,
        OPENED.0,
    );
    let value = |name: &&str| match *name {
        "id" => id.clone(),
        "state" => state.clone(),
        "next_at" => next.to_owned(),
        "opened_at" => format!("{end} - {idle}"),
        name => format!("s.{name}"),
    };
    let values: Vec<String> = names.iter().map(value).collect();
    let sql = format!(
        "with recursive n(i) as (select cast(0 as bigint) union all select i + 1 from n where i < {count} - 1)
         insert into sessions ({}) select {} from n, sessions s where s.id = '{ONE}'",
        names.join(", "),
        values.join(", "),
    );
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.context("copying a session")?;
    sqlx::query("delete from sessions where id = $1").bind(ONE).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// How late each of the sessions with such ids was closed, by the time in its row; they were idle
/// from the beginning.
pub async fn lateness(
    databases: &Databases,
    ids: &str,
    idle: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let mut connection = databases.look().await?;
    let idle = i64::try_from(idle.as_millis())?;
    let sql = format!(
        "select closed_at - opened_at - {idle} from sessions where closed_at is not null and id like $1"
    );
    let late: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(ids.to_owned())
        .fetch_all(&mut connection)
        .await?;
    Ok(late
        .into_iter()
        .map(|late| Duration::from_millis(u64::try_from(late).unwrap_or(0)))
        .collect())
}

async fn save(store: &Database, session: Session, now: Timestamp) -> anyhow::Result<()> {
    let committed =
        store.commit(Commit { now, session: Some(session), ..Commit::default() }).await?;
    anyhow::ensure!(
        matches!(committed, Committed::Saved { .. }),
        "a session could not be written: {committed:?}"
    );
    Ok(())
}

/// A session whose agent was mailed a code.
fn session(id: SessionId, clocks: Clocks) -> Session {
    let since = clocks.opened_at;
    let customer = MaskedCustomer {
        id: "usr-0000000".to_owned(),
        name: "C******* N*****".to_owned(),
        email: "c•••@e•••.com".to_owned(),
        status: Status::Active,
        locale: Locale::Es,
        since: Timestamp(0),
        choices: 2,
    };
    let challenge = Challenge {
        id: format!("ch-{:020}", 1),
        nth: 1,
        destination: "a•••@w•••.example".to_owned(),
        expires_at: Timestamp(1),
    };
    Session {
        id,
        actor: Actor {
            discord_id: 1_400_000_000_000_000_000,
            agent_id: "0a1c7a52-5d0e-4c1b-9a61-000000000000".to_owned(),
            name: "Agent agent0000".to_owned(),
        },
        locale: Locale::En,
        version: 0,
        generation: 3,
        customer_id: Some(customer.id.clone()),
        work: Work::Support(
            SupportKind::Technical,
            SupportState::ProvingAgent {
                case: Case {
                    customer,
                    ecosystem: "eco-0000000".to_owned(),
                    ecosystem_name: "Casa 0000000".to_owned(),
                    subject: CaseSubject::Membership(Role::Owner),
                },
            },
        ),
        clocks,
        agent: Verification {
            sends: 1,
            attempt: 1,
            counted: 1,
            wrong: 0,
            resend_at: Some(since),
            challenge: Some(challenge),
        },
        customer: Verification::default(),
        pending: Vec::new(),
        access_links: Vec::new(),
        links_issued: 0,
        secrets: Secrets::default(),
    }
}
