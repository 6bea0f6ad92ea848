//! Ticket numbers: sealed in a session's row, with a copy that an index searches and that goes with
//! the customer's key.

use commands::model::session::Session;
use commands::model::ticket::Ticket;
use commands::model::time::Timestamp;
use commands::ports::customers::Customers as _;
use commands::ports::sessions::Sessions as _;
use sqlx::Row as _;

use super::rekey::{keyring, open};
use crate::store::engine::Engine;
use crate::store::testing::{NOON, closed, found, id, moved, on_both, save, started};
use crate::store::{Database, LostKeys, Occasion};

const JULIA: &str = "usr-julia";
const TOM: &str = "usr-tom";
/// End of the quarter of [`NOON`].
const QUARTER_END: Timestamp = Timestamp(1_704_067_200_000);

fn ticket(text: &str) -> Ticket {
    Ticket::parse(text).unwrap()
}

/// Saves a session of a customer with a ticket number, until its close.
async fn walk(database: &Database, n: u8, core_id: &str, number: &str) -> Session {
    let pseudonym = Some(database.look_up(core_id, "").await.unwrap().pseudonym);
    let session = Session { pseudonym, ticket: Some(ticket(number)), ..found(n, 7, core_id) };
    let session = save(database, session).await;
    let session = save(database, started(session, NOON)).await;
    save(database, closed(session, NOON)).await
}

async fn column(database: &Database, n: u8) -> Option<String> {
    let row = sqlx::query_scalar("select ticket from sessions where id = $1");
    row.bind(id(n).as_str()).fetch_one(&database.pools.reads).await.unwrap()
}

#[tokio::test]
async fn ticket_is_sealed_and_copied_in_upper_case() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = Session { ticket: Some(ticket("zd-12a")), ..found(1, 7, JULIA) };
        let session = save(&database, session).await;
        assert_eq!(column(&database, 1).await.as_deref(), Some("ZD-12A"));
        let state: String = sqlx::query_scalar("select state from sessions")
            .fetch_one(&database.pools.reads)
            .await
            .unwrap();
        assert!(!state.to_lowercase().contains("zd-12a"), "{state}");
        // Another process reads it as it was typed.
        let read = bed.open().await.find(&id(1)).await.unwrap().unwrap().session();
        assert_eq!(read.ticket, Some(ticket("zd-12a")));

        // A column that was edited in the database decides nothing, and the next write repairs it.
        let edit = "update sessions set ticket = 'ZD-99'";
        sqlx::query(edit).execute(&database.pools.writes).await.unwrap();
        let session = save(&database, moved(session, NOON)).await;
        assert_eq!(column(&database, 1).await.as_deref(), Some("ZD-12A"));
        save(&database, closed(session, NOON)).await;
        assert_eq!(column(&database, 1).await.as_deref(), Some("ZD-12A"));
        save(&database, found(2, 7, TOM)).await;
        assert_eq!(column(&database, 2).await, None);
    })
    .await;
}

#[tokio::test]
async fn index_serves_the_search() {
    on_both(async |bed| {
        let database = bed.open().await;
        let search = "select id from sessions where ticket = 'ZD-1234'";
        let mut connection = database.pools.writes.acquire().await.unwrap();
        let explain = match database.pools.engine {
            Engine::Sqlite => format!("explain query plan {search}"),
            Engine::Postgres => {
                // A table of a few rows is read without an index.
                let setting = "set enable_seqscan = off";
                sqlx::query(setting).execute(&mut *connection).await.unwrap();
                format!("explain {search}")
            }
        };
        let plan = sqlx::query(sqlx::AssertSqlSafe(explain)).fetch_all(&mut *connection).await;
        let plan: Vec<String> = plan
            .unwrap()
            .iter()
            .map(|row| row.try_get::<String, _>("detail").unwrap_or_else(|_| row.get(0)))
            .collect();
        assert!(plan.join("\n").contains("sessions_ticket"), "{plan:?}");
    })
    .await;
}

#[tokio::test]
async fn erasure_clears_the_tickets_of_its_customer() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA, "ZD-1").await;
        walk(&database, 2, TOM, "ZD-2").await;
        let pseudonym = julia.pseudonym.clone().unwrap();
        database.erase(&pseudonym, Occasion::Request).await.unwrap();
        assert_eq!(column(&database, 1).await, None);
        assert_eq!(column(&database, 2).await.as_deref(), Some("ZD-2"));

        // A process that has the closed session in memory saves a late outcome.
        assert_eq!(julia.ticket, Some(ticket("ZD-1")));
        save(&database, julia).await;
        assert_eq!(column(&database, 1).await, None);
    })
    .await;
}

#[tokio::test]
async fn ticket_goes_with_the_key_of_its_quarter() {
    on_both(async |bed| {
        let database = bed.open().await;
        walk(&database, 1, JULIA, "ZD-1").await;
        // A millisecond before its end the quarter is not over.
        assert_eq!(database.destroy_old_keys(Timestamp(QUARTER_END.0 - 1)).await.unwrap(), 0);
        assert_eq!(column(&database, 1).await.as_deref(), Some("ZD-1"));
        let mut later = found(2, 7, JULIA);
        later.pseudonym = Some(database.look_up(JULIA, "").await.unwrap().pseudonym);
        later.ticket = Some(ticket("ZD-2"));
        later.clocks.opened_at = QUARTER_END;
        save(&database, later).await;

        assert_eq!(database.destroy_old_keys(QUARTER_END).await.unwrap(), 1);
        assert_eq!(column(&database, 1).await, None);
        assert_eq!(column(&database, 2).await.as_deref(), Some("ZD-2"), "it has another key");
    })
    .await;
}

#[tokio::test]
async fn ticket_goes_with_a_key_that_rekey_gives_up() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        walk(&database, 1, JULIA, "ZD-1").await;
        let after = open(&bed, keyring(2, &[1])).await;
        assert_eq!(after.rekey(LostKeys::default()).await.unwrap().left, 0);
        assert_eq!(column(&after, 1).await.as_deref(), Some("ZD-1"), "the key is kept");

        let lost = open(&bed, keyring(3, &[])).await;
        lost.rekey(LostKeys { store: true, trail: true }).await.unwrap();
        assert_eq!(column(&lost, 1).await, None);
    }))
    .await;
}
