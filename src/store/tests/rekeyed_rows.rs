//! Rows that `rekey` writes again: those of one customer, those that others write, and many.

use std::time::Duration;

use commands::ports::account_links::AccountLinks as _;
use commands::ports::customers::Customers as _;
use commands::ports::sessions::Sessions as _;
use sqlx::AssertSqlSafe;

use super::rekey::{keyring, link, open, write};
use crate::store::engine::Engine;
use crate::store::testing::{NOON, found, id, on_both, rewrite, save};
use crate::store::{Database, LostKeys};
use crate::trail::event::Head;
use crate::trail::keys::test_trail_key;
use crate::trail::pruned;

#[tokio::test]
async fn two_rows_of_one_customer_are_both_rekeyed() {
    Box::pin(on_both(async |bed| {
        let first = write(&bed).await;
        let older = first.find_pseudonym("core-id").await.unwrap().unwrap();
        // A replica with another key alone finds no row of the customer, and adds a second one.
        bed.clock.advance(Duration::from_secs(1));
        let second = open(&bed, keyring(2, &[])).await;
        let younger = second.look_up("core-id", "").await.unwrap().pseudonym;
        assert_ne!(older, younger);
        for (current, old) in [(2, [1].as_slice()), (3, [2].as_slice())] {
            let database = open(&bed, keyring(current, old)).await;
            let done = database.rekey(LostKeys::default()).await.unwrap();
            assert_eq!((done.left, done.tampered, done.foreign), (0, 0, 0));
            let after = open(&bed, keyring(current, &[])).await;
            let found = after.find_pseudonyms("core-id").await.unwrap();
            assert_eq!(found, [older.clone(), younger.clone()]);
            assert_eq!(
                after.look_up("core-id", "").await.unwrap().pseudonym,
                older,
                "the older one counts"
            );
        }
    }))
    .await;
}

/// Creates a trigger on a table of the store. `sqlite` and `postgres` are what it does.
async fn create_trigger(database: &Database, when: &str, sqlite: &str, postgres: &str) {
    let statements = match database.pools.engine {
        Engine::Sqlite => format!("create trigger odd {when} begin {sqlite}; end"),
        Engine::Postgres => format!(
            "create function odd() returns trigger language plpgsql as 'begin {postgres}; end';
             create trigger odd {when} for each row execute function odd()"
        ),
    };
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&database.pools.writes).await.unwrap();
}

#[tokio::test]
async fn row_that_is_not_written_counts_as_left() {
    Box::pin(on_both(async |bed| {
        write(&bed).await;
        let database = open(&bed, keyring(2, &[1])).await;
        // It stands for a process that changes the row between the read and the write.
        let when = "before update on account_links";
        create_trigger(&database, when, "select raise(ignore)", "return null").await;
        let done = database.rekey(LostKeys::default()).await.unwrap();
        assert_eq!(done.left, 1, "the account link: {done:?}");
        let drop = match database.pools.engine {
            Engine::Sqlite => "drop trigger odd",
            Engine::Postgres => "drop trigger odd on account_links",
        };
        sqlx::query(drop).execute(&database.pools.writes).await.unwrap();
        let done = database.rekey(LostKeys::default()).await.unwrap();
        assert_eq!((done.rows, done.left), (1, 0));
    }))
    .await;
}

#[tokio::test]
async fn row_written_under_old_key_meanwhile_is_rekeyed() {
    Box::pin(on_both(async |bed| {
        write(&bed).await;
        let database = open(&bed, keyring(2, &[1])).await;
        let copy = "create table copy as select mac from account_links";
        sqlx::query(copy).execute(&database.pools.writes).await.unwrap();
        // It stands for a replica that writes the link under the old key, after the link was
        // rekeyed.
        let old = "update account_links set mac = (select mac from copy)";
        let when = "after update on subjects";
        create_trigger(&database, when, old, &format!("{old}; return null")).await;
        let done = database.rekey(LostKeys::default()).await.unwrap();
        assert_eq!(done.left, 0);
        let after = open(&bed, keyring(2, &[])).await;
        assert_eq!(after.of_discord(7).await.unwrap(), Some(link()));
    }))
    .await;
}

#[tokio::test]
async fn pruned_rows_are_signed_again_in_pages() {
    Box::pin(on_both(async |bed| {
        let database = write(&bed).await;
        let (old, new) = (test_trail_key(1), test_trail_key(2));
        let mut connection = database.pools.writes.acquire().await.unwrap();
        for n in 1..=250 {
            let head = Head { seq: n, ..Head::default() };
            let chain = format!("discord:{n:03}");
            pruned::write(&mut connection, &old, &chain, head, NOON).await.unwrap();
        }
        // The last row cannot be signed again while this row and this index exist.
        let head = Head { seq: 250, ..Head::default() };
        pruned::write(&mut connection, &new, "clock", head, NOON).await.unwrap();
        let index = "create unique index odd on pruned (key, seq)";
        sqlx::query(index).execute(&mut *connection).await.unwrap();
        drop(connection);

        let database = open(&bed, keyring(2, &[1])).await;
        let count = async || -> i64 {
            sqlx::query_scalar("select count(*) from pruned where key = $1")
                .bind(new.id().as_str())
                .fetch_one(&database.pools.reads)
                .await
                .unwrap()
        };
        assert!(database.rekey(LostKeys::default()).await.is_err());
        assert_eq!(count().await, 200, "the first page of rows");
        sqlx::query("drop index odd").execute(&database.pools.writes).await.unwrap();
        database.rekey(LostKeys::default()).await.unwrap();
        assert_eq!(count().await, 251);
    }))
    .await;
}

#[tokio::test]
async fn row_that_does_not_open_stops_no_other() {
    Box::pin(on_both(async |bed| {
        let database = write(&bed).await;
        // A person with the leaked key can write rows with a right MAC.
        for (n, sealed) in [(8, "x"), (9, "AAAAAAAA.x")] {
            save(&database, found(n, n.into(), &format!("cust-{n}"))).await;
            rewrite(&database, &id(n), |columns| columns.sealed = Some(sealed.to_owned())).await;
        }
        let database = open(&bed, keyring(2, &[1])).await;
        let done = database.rekey(LostKeys::default()).await.unwrap();
        assert_eq!((done.tampered, done.foreign, done.left), (0, 1, 0), "{done:?}");
        let closed = database.find(&id(8)).await.unwrap().unwrap();
        assert!(closed.session().closed().is_some());
        assert_eq!(done.replaced.len(), 1, "the replacement of the trail's key is recorded");
        let lost = LostKeys { store: true, trail: false };
        let done = database.rekey(lost).await.unwrap();
        assert_eq!((done.tampered, done.foreign), (0, 1), "{done:?}");
        let given_up = database.find(&id(9)).await.unwrap().unwrap();
        assert!(given_up.session().closed().is_some());
    }))
    .await;
}
