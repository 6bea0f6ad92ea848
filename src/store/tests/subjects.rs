//! Pseudonyms of customers, and the keys of their details.

use std::io;
use std::sync::{Arc, Mutex};

use commands::model::pseudonym::Pseudonym;
use commands::model::session::Session;
use commands::ports::clock::Clock;
use commands::ports::customers::Customers as _;
use commands::ports::sessions::Committed;
use futures_util::future::join_all;
use sqlx::AssertSqlSafe;
use tracing::subscriber::DefaultGuard;

use crate::keyring::Keyring;
use crate::store::engine::Engine;
use crate::store::store_keys::{StoreKeys, test_store_key};
use crate::store::subject_keys::{KeyName, NOBODY};
use crate::store::testing::{
    NOON, TestBed, commit_of, count_rows, found, on_both, quarters_of, saved,
};
use crate::store::{Database, Occasion, commit, quarter_of};
use crate::telemetry::{self, Format};
use crate::trail::TrailKeys;
use crate::trail::keys::test_trail_key;

const CORE_ID: &str = "usr-julia";

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start(&self) -> DefaultGuard {
        let log = self.clone();
        let subscriber = telemetry::subscriber("warn", Format::Json, move || log.clone()).unwrap();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Opens the store with the keys of `STORE_KEY` and `STORE_KEY_OLD`.
async fn open_with(bed: &TestBed, current: u8, old: &[u8]) -> Database {
    let old = old.iter().map(|byte| test_store_key(*byte)).collect();
    let keys = Keyring {
        store: StoreKeys::new(test_store_key(current), old),
        trail: TrailKeys::new(test_trail_key(1), Vec::new()),
    };
    let clock = Arc::clone(&bed.clock) as Arc<dyn Clock>;
    Database::open(&bed.url, Arc::new(keys), clock).await.unwrap()
}

async fn execute(database: &Database, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(&database.pools.writes).await.unwrap();
}

#[tokio::test]
async fn simultaneous_first_lookups_get_one_pseudonym() {
    on_both(async |bed| {
        let replicas = [bed.open().await, bed.open().await];
        for customer in 0..5 {
            let core_id = format!("usr-{customer}");
            let lookups = (0..8).map(|n| replicas[n % 2].look_up(&core_id, ""));
            let found: Vec<_> = join_all(lookups).await.into_iter().map(Result::unwrap).collect();
            assert!(found.iter().all(|customer| *customer == found[0]), "{found:?}");
        }
        assert_eq!(count_rows(&replicas[0], "subjects").await, 5);
    })
    .await;
}

#[tokio::test]
async fn pseudonym_leads_to_core_id_only_with_key() {
    on_both(async |bed| {
        let database = bed.open().await;
        assert_eq!(database.find_pseudonym(CORE_ID).await.unwrap(), None);
        assert_eq!(count_rows(&database, "subjects").await, 0, "finding adds nothing");
        let julia = database.look_up(CORE_ID, "").await.unwrap().pseudonym;
        let tom = database.look_up("usr-tom", "").await.unwrap().pseudonym;
        assert_ne!(julia, tom);
        assert_eq!(database.find_pseudonym(CORE_ID).await.unwrap(), Some(julia.clone()));
        assert_eq!(database.core_id_of(&julia).await.unwrap().as_deref(), Some(CORE_ID));

        let row = "select pseudonym || ' ' || lookup || ' ' || sealed from subjects";
        let rows: Vec<String> =
            sqlx::query_scalar(row).fetch_all(&database.pools.reads).await.unwrap();
        assert!(rows.iter().all(|row| !row.contains("usr-")), "{rows:?}");
        let foreign = open_with(&bed, 9, &[]).await;
        assert_eq!(foreign.find_pseudonym(CORE_ID).await.unwrap(), None);
        assert!(foreign.core_id_of(&julia).await.is_err());

        // An id that is moved to another pseudonym does not open.
        execute(&database, format!("update subjects set sealed = (select sealed from subjects where pseudonym = '{tom}') where pseudonym = '{julia}'")).await;
        assert!(database.core_id_of(&julia).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn customer_is_found_under_every_key() {
    on_both(async |bed| {
        let before = bed.open().await;
        let julia = before.look_up(CORE_ID, "").await.unwrap().pseudonym;
        let rotated = open_with(&bed, 2, &[1]).await;
        assert_eq!(rotated.look_up(CORE_ID, "").await.unwrap().pseudonym, julia);
        assert_eq!(rotated.core_id_of(&julia).await.unwrap().as_deref(), Some(CORE_ID));
        let tom = rotated.look_up("usr-tom", "").await.unwrap().pseudonym;
        let with_new_key = open_with(&bed, 2, &[]).await;
        assert_eq!(with_new_key.find_pseudonym("usr-tom").await.unwrap(), Some(tom));
        assert_eq!(with_new_key.find_pseudonym(CORE_ID).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn key_is_created_once_and_never_for_erased_customer() {
    on_both(async |bed| {
        let replicas = [bed.open().await, bed.open().await];
        let database = &replicas[0];
        let julia = database.look_up(CORE_ID, "").await.unwrap().pseudonym;
        let name = |subject| KeyName { subject, quarter: quarter_of(NOON) };
        assert_eq!(quarters_of(database, Some(&julia)).await, [quarter_of(NOON)], "a first key");
        execute(database, "delete from subject_keys".to_owned()).await;
        assert!(database.find_subject_key(&name(Some(julia.clone()))).await.unwrap().is_none());
        for subject in [Some(julia.clone()), None] {
            let keys = (0..8).map(|n| replicas[n % 2].subject_key(name(subject.clone())));
            let keys: Vec<_> = join_all(keys).await.into_iter().map(Result::unwrap).collect();
            let text = keys[0].seal("place", b"plain".to_vec()).unwrap();
            let sealed = text.rsplit_once('.').unwrap().1;
            assert!(keys.iter().all(|key| key.open("place", sealed).unwrap() == b"plain"));
        }
        assert_eq!(count_rows(database, "subject_keys").await, 2);
        let quarters = quarters_of(database, Some(&julia)).await;
        assert_eq!(quarters, [quarter_of(NOON)]);
        assert_eq!(quarters_of(database, None).await, quarters);

        // A key belongs to its customer and quarter.
        execute(database, format!("update subject_keys set sealed = (select sealed from subject_keys where subject = '{NOBODY}') where subject = '{julia}'")).await;
        assert!(database.find_subject_key(&name(Some(julia.clone()))).await.is_err());

        execute(database, "update subjects set lookup = null, sealed = null".to_owned()).await;
        execute(database, format!("delete from subject_keys where subject = '{julia}'")).await;
        let erased = database.subject_key(name(Some(julia.clone()))).await.unwrap_err();
        assert_eq!(erased.to_string(), "creating a customer's key: the customer was erased");
        assert_eq!(database.core_id_of(&julia).await.unwrap(), None);
        let again = database.look_up(CORE_ID, "").await.unwrap().pseudonym;
        assert_ne!(again, julia, "looked up again, the customer gets a new pseudonym");
    })
    .await;
}

#[tokio::test]
async fn new_session_of_erased_customer_is_stale() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = database.look_up(CORE_ID, "").await.unwrap().pseudonym;
        for (n, erases) in [(1, false), (2, true)] {
            let session = Session { pseudonym: Some(julia.clone()), ..found(n, 7, "julia") };
            let prepared = commit::prepare(&database, commit_of(session)).await.unwrap();
            if erases {
                // It stands for an erasure between the look-up and the transaction.
                let erase = "update subjects set lookup = null, sealed = null";
                execute(&database, erase.to_owned()).await;
            }
            let (_, committed) = database.batches.write(prepared).await.unwrap();
            assert_eq!(committed, if erases { Committed::Stale } else { saved(1) });
        }
        assert_eq!(count_rows(&database, "sessions").await, 1);
    })
    .await;
}

#[tokio::test]
async fn edited_row_is_reported_and_replaced() {
    on_both(async |bed| {
        let database = bed.open().await;
        let tom = database.look_up("usr-tom", "").await.unwrap().pseudonym;
        let sealed = format!("(select sealed from subjects where pseudonym = '{tom}')");
        let mut edits = vec!["'edited'", "null", "'AAAAAAAA.edited'", &sealed];
        if database.pools.engine == Engine::Sqlite {
            edits.extend(["x'00ff'", "cast(x'ff' as text)"]);
        }
        for (edited, n) in edits.into_iter().zip(1..) {
            let core_id = &format!("usr-{n}");
            let before = database.look_up(core_id, "").await.unwrap().pseudonym;
            let edit = async |pseudonym: &Pseudonym| {
                let set = format!("update subjects set sealed = {edited}");
                execute(&database, format!("{set} where pseudonym = '{pseudonym}'")).await;
            };
            edit(&before).await;
            let log = Log::default();
            let logging = log.start();
            let after = database.look_up(core_id, "").await.unwrap().pseudonym;
            let again = database.look_up(core_id, "").await.unwrap().pseudonym;
            drop(logging);
            assert_ne!(after, before, "{edited}");
            assert_eq!(
                (again, database.find_pseudonym(core_id).await.unwrap()),
                (after.clone(), Some(after.clone()))
            );
            let line = "a customer's row was edited in the database";
            assert_eq!(log.text().matches(line).count(), 1, "{}", log.text());
            let examined = database.find_erasable(&before, Occasion::Request).await.unwrap();
            assert_eq!(examined.pseudonym, before, "{edited}");
            edit(&after).await;
            let fault = database.look_up(core_id, "").await.unwrap_err().to_string();
            assert!(fault.contains("both of its rows were edited"), "{fault}");
        }
        // A hash that was moved to another customer's row leaves that customer's id.
        let hash = database.keys.store.mac(CORE_ID);
        execute(
            &database,
            format!("update subjects set lookup = '{hash}' where pseudonym = '{tom}'"),
        )
        .await;
        assert_ne!(database.look_up(CORE_ID, "").await.unwrap().pseudonym, tom);
        assert_eq!(database.core_id_of(&tom).await.unwrap().as_deref(), Some("usr-tom"));
    })
    .await;
}
