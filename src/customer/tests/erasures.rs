//! What is left after an erasure.

use commands::model::pseudonym::Pseudonym;
use commands::model::time::Timestamp;
use commands::ports::customers::Customers as _;
use sqlx::{AnyConnection, Connection as _, Executor as _};

use super::{JULIA, REASON, TOM, dump, execute, open_session, read_files, walk};
use crate::store::engine::Engine;
use crate::store::testing::{TestBed, count_rows, findings, on_both};
use crate::store::{CannotErase, Database, NotWiped, Occasion, event_binding, key_name_of};

/// Other customers, so that the rows of a table fill several pages.
const CROWD: usize = 300;

/// Adds customers with a key each, which SQLite moves between its pages.
async fn add_crowd(database: &Database) {
    for n in 0..CROWD {
        let pseudonym = database.look_up(&format!("usr-{n}"), "").await.unwrap().pseudonym;
        let name = crate::store::KeyName {
            subject: Some(pseudonym),
            quarter: format!("20{:02}Q1", n % 30).parse().unwrap(),
        };
        database.subject_key(name).await.unwrap();
    }
}

/// Returns everything that leads to a customer: hash and seal of Core's id, and the sealed keys.
async fn secrets(database: &Database, pseudonym: &Pseudonym) -> Vec<String> {
    let mut secrets: Vec<String> = sqlx::query_scalar(
        "select lookup from subjects where pseudonym = $1
         union all select sealed from subjects where pseudonym = $1
         union all select sealed from subject_keys where subject = $1",
    )
    .bind(pseudonym.as_str())
    .fetch_all(&database.pools.reads)
    .await
    .unwrap();
    assert!(secrets.len() >= 3, "{secrets:?}");
    secrets
        .extend([JULIA, "j•••@e•••.com", "J*** P***", "eco-casa-luz", REASON].map(str::to_owned));
    secrets
}

/// Returns the number of sealed details of a customer, and how many of them open.
async fn opened(database: &Database, pseudonym: &Pseudonym) -> (usize, usize) {
    let sealed: Vec<(String, String)> =
        sqlx::query_as("select id, about from sessions where about is not null")
            .fetch_all(&database.pools.reads)
            .await
            .unwrap();
    let events: Vec<(String, i64, String)> =
        sqlx::query_as("select chain, seq, about from events where about is not null")
            .fetch_all(&database.pools.reads)
            .await
            .unwrap();
    let events = events.into_iter().map(|(chain, seq, about)| (event_binding(&chain, seq), about));
    let (mut all, mut open) = (0, 0);
    for (binding, about) in sealed.into_iter().chain(events) {
        if key_name_of(&about).unwrap().subject.as_ref() == Some(pseudonym) {
            all += 1;
            open += usize::from(database.open_about(&binding, &about).await.unwrap().is_some());
        }
    }
    (all, open)
}

#[tokio::test]
async fn erased_customer_cannot_be_found_by_anybody() {
    on_both(async |bed| {
        let database = bed.open().await;
        add_crowd(&database).await;
        let julia = walk(&database, 1, JULIA).await;
        let tom = walk(&database, 2, TOM).await;
        let open = open_session(&database, 3, TOM).await;
        // The planner's statistics hold samples of the columns.
        execute(&database, "analyze".to_owned()).await;
        let secrets = secrets(&database, &julia).await;
        let is_in = |text: &str| secrets.iter().filter(|secret| text.contains(*secret)).count();
        assert!(is_in(&dump(&database).await) >= 3);
        assert_eq!(opened(&database, &julia).await, (3, 3));
        let customers = count_rows(&database, "subjects").await;

        let found = database.find_erasable(&julia, Occasion::Request).await.unwrap();
        assert_eq!((found.sessions, found.quarters.len()), (1, 1));
        assert_eq!(database.erase(&julia, Occasion::Request).await.unwrap(), found);
        database.wipe().await.unwrap();

        assert_eq!(is_in(&dump(&database).await), 0);
        assert_eq!(is_in(&read_files(&bed)), 0);
        assert_eq!(opened(&database, &julia).await, (3, 0));
        assert_eq!(database.core_id_of(&julia).await.unwrap(), None);
        assert_eq!(database.find_pseudonym(JULIA).await.unwrap(), None);
        assert_eq!(findings(&database, None).await, [""; 0]);
        // Nothing of the others changed.
        assert_eq!(count_rows(&database, "subjects").await, customers);
        assert_eq!(opened(&database, &tom).await, (4, 4));
        assert_eq!(database.core_id_of(&tom).await.unwrap().as_deref(), Some(TOM));
        for n in 0..CROWD {
            assert!(database.find_pseudonym(&format!("usr-{n}")).await.unwrap().is_some());
        }
        let restarted = bed.open().await;
        let loaded = commands::ports::sessions::Sessions::find(&*restarted, &open.id).await;
        assert_eq!(loaded.unwrap().unwrap().session().core_id(), Some(TOM));
        // The customer is a new one at the next look-up.
        let again = walk(&restarted, 4, JULIA).await;
        assert_ne!(again, julia);
        assert_eq!(opened(&restarted, &again).await, (3, 3));
        assert_eq!(opened(&restarted, &julia).await, (3, 0));
        assert_eq!(findings(&restarted, None).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn erasure_is_an_event_without_core_id() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        database.erase(&julia, Occasion::Request).await.unwrap();
        let event: (String, String, Option<String>) = sqlx::query_as(
            "select actor, details, about from events where kind = 'customer_erased'",
        )
        .fetch_one(&database.pools.reads)
        .await
        .unwrap();
        let details = format!(r#"{{"again":false,"customer":"{julia}","keys":1,"sessions":1}}"#);
        assert_eq!(event, ("operator".to_owned(), details, None));
    })
    .await;
}

#[tokio::test]
async fn last_customer_leaves_no_statistics() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        // Without a row, `analyze` would keep the older statistics.
        execute(&database, "delete from subject_keys where subject = 'nobody'".to_owned()).await;
        execute(&database, "analyze".to_owned()).await;
        let secrets = secrets(&database, &julia).await;
        database.erase(&julia, Occasion::Request).await.unwrap();
        database.wipe().await.unwrap();
        execute(&database, "analyze".to_owned()).await;
        let left = dump(&database).await;
        assert!(secrets.iter().all(|secret| !left.contains(secret)), "{left}");
        let files = read_files(&bed);
        assert!(secrets.iter().all(|secret| !files.contains(secret)));
    })
    .await;
}

#[tokio::test]
async fn simultaneous_session_is_seen_or_excluded() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        // A commit that has not ended makes a session open.
        let mut other = AnyConnection::connect(&bed.url).await.unwrap();
        let mut opening = other.begin_with(database.pools.engine.begin()).await.unwrap();
        opening.execute("update sessions set closed_at = null").await.unwrap();
        let erasing = database.erase(&julia, Occasion::Request);
        let committing = async {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            opening.commit().await.unwrap();
        };
        let (erased, ()) = tokio::join!(erasing, committing);
        // Its row has no MAC for that.
        assert!(matches!(erased, Err(CannotErase::Unverified { open: 1, .. })), "{erased:?}");
        assert_eq!(opened(&database, &julia).await.1, 3);
    })
    .await;
}

#[tokio::test]
async fn reader_of_the_log_file_is_reported() {
    on_both(async |bed| {
        let database = bed.open().await;
        if database.pools.engine == Engine::Postgres {
            return;
        }
        let julia = walk(&database, 1, JULIA).await;
        let mut other = AnyConnection::connect(&bed.url).await.unwrap();
        let mut reading = other.begin().await.unwrap();
        reading.fetch_all("select * from subjects").await.unwrap();
        database.erase(&julia, Occasion::Request).await.unwrap();
        let refused = database.wipe().await.unwrap_err();
        assert!(matches!(refused, NotWiped::ReadByOthers(_)), "{refused}");
        assert!(refused.to_string().contains("desk.db-wal can still hold them"), "{refused}");
        reading.rollback().await.unwrap();
        database.wipe().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn retention_leaves_no_key_in_the_files() {
    on_both(async |bed| {
        // NOON is in 2023Q4, which ends at this time.
        let end = Timestamp(1_704_067_200_000);
        let database = bed.open().await;
        add_crowd(&database).await;
        let julia = walk(&database, 1, JULIA).await;
        execute(&database, "analyze".to_owned()).await;
        let secrets = secrets(&database, &julia).await;
        assert!(database.destroy_old_keys(end).await.unwrap() > 0);
        let left = dump(&database).await;
        assert!(secrets.iter().all(|secret| !left.contains(secret)), "{left}");
        let files = read_files(&bed);
        assert!(secrets.iter().all(|secret| !files.contains(secret)));
        let wal = wal_length(&bed);
        assert_eq!(wal, wal.map(|_| 0));

        // A customer whose last key goes is forgotten, with the same care.
        let tom = database.look_up(TOM, "").await.unwrap().pseudonym;
        let lookup = database.keys.store.mac(TOM);
        assert!(dump(&database).await.contains(&lookup));
        assert_eq!(database.destroy_old_keys(end).await.unwrap(), 1);
        assert_eq!(database.core_id_of(&tom).await.unwrap(), None);
        assert!(!read_files(&bed).contains(&lookup));
        assert_eq!(wal_length(&bed), wal);
        assert!(!dump(&database).await.contains(&lookup));
        assert_eq!(findings(&database, None).await, [""; 0]);
    })
    .await;
}

/// Returns the length of SQLite's write-ahead log; nothing on PostgreSQL.
fn wal_length(bed: &TestBed) -> Option<u64> {
    let file = bed.url.strip_prefix("sqlite://")?.split('?').next()?;
    Some(std::fs::metadata(format!("{file}-wal")).unwrap().len())
}

#[test]
fn sentence_about_postgres_names_all_statements() {
    let error = NotWiped::NotVacuumed(sqlx::Error::PoolTimedOut.into()).to_string();
    for words in ["pg_stats", "alter table subjects ", "alter table subject_keys ", "(full)"] {
        assert!(error.contains(words), "{words}: {error}");
    }
}
