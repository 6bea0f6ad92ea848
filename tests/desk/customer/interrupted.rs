//! An erasure that ended before it wrote the files of the store again, and one at a terminal.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::Arc;

use commands::ports::customers::Customers as _;
use sqlx::{AnyConnection, Connection as _};
use support_desk::clock::WallClock;
use support_desk::store::{Database, Occasion};

use super::{CORE_ID, TOM};
use crate::installation::{Installation, keyring};
use crate::program::BINARY;
use crate::replicas::postgres::Postgres;

/// Runs a command with a terminal as standard error, whose text goes to standard output.
const AT_A_TERMINAL: &str = "
import os, subprocess, sys
reads, writes = os.openpty()
code = subprocess.run(sys.argv[1:], stderr=writes, stdout=subprocess.DEVNULL).returncode
print(os.read(reads, 65536).decode())
sys.exit(code)";

async fn open(place: &Installation) -> Database {
    let url = place.store_url();
    let database = Database::open(&url, Arc::new(keyring()), Arc::new(WallClock)).await.unwrap();
    database.migrate().await.unwrap();
    database
}

/// Returns the number of PostgreSQL's file of the keys, which changes when the table is written
/// again; on SQLite the length of the write-ahead log.
async fn file_of_keys(place: &Installation) -> String {
    if place.store_url().starts_with("sqlite") {
        return fs::metadata(place.store_file("-wal")).unwrap().len().to_string();
    }
    let mut connection = AnyConnection::connect(&place.store_url()).await.unwrap();
    let file = "select relfilenode::text from pg_class where oid = 'subject_keys'::regclass";
    sqlx::query_scalar(file).fetch_one(&mut connection).await.unwrap()
}

/// Erases customers without the end of the command, and lets the command run again.
async fn repeats(place: &Installation) {
    let database = open(place).await;
    let tom = database.look_up(TOM, "").await.unwrap().pseudonym;
    for core_id in [CORE_ID, "usr-eva"] {
        let pseudonym = database.look_up(core_id, "").await.unwrap().pseudonym;
        database.erase(&pseudonym, Occasion::Request).await.unwrap();
    }
    // Open, because the last connection to a SQLite file empties the log.
    let files = file_of_keys(place).await;
    let erase = format!("customer erase --core-id --yes < {CORE_ID}");
    let shown = place.start(&erase.replace("--yes ", ""), &[]).ends().await;
    assert!(shown.sentence().contains("nothing is stored about this customer"), "{shown:?}");
    assert_eq!(file_of_keys(place).await, files, "without --yes nothing changes");
    let again = place.start(&erase, &[]).ends().await;
    assert!(again.sentence().ends_with("nothing is stored about this customer\n"), "{again:?}");
    let wiped = file_of_keys(place).await;
    assert_ne!(wiped, files);

    // A log that names nobody of this store.
    let line = format!(
        r#"{{"target":"{}","kind":"customer_erased","details":"{{\"customer\":\"{}\"}}"}}"#,
        support_desk::trail::TRAIL,
        "0".repeat(26)
    );
    fs::write(place.folder.path().join("log"), line).unwrap();
    database.look_up("usr-max", "").await.unwrap();
    let files = file_of_keys(place).await;
    let again = place.start("customer erase --from-log log --yes", &[]).ends().await;
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_ne!(file_of_keys(place).await, files);
    assert_eq!(database.find_pseudonym(TOM).await.unwrap(), Some(tom));
    database.close().await;
}

#[tokio::test]
async fn interrupted_erasure_is_completed_on_sqlite() {
    repeats(&Installation::new().await).await;
}

#[tokio::test]
async fn interrupted_erasure_is_completed_on_postgres() {
    let postgres = Postgres::new().await;
    repeats(&Installation::on(&postgres.url).await).await;
    postgres.drops().await;
}

#[tokio::test]
async fn erasure_at_a_terminal_has_its_log_line() {
    let place = Installation::new().await;
    let database = open(&place).await;
    let julia = database.look_up(CORE_ID, "").await.unwrap().pseudonym;
    let input = place.folder.path().join("id");
    fs::write(&input, CORE_ID).unwrap();
    let ended = Command::new("python3")
        .args(["-c", AT_A_TERMINAL, BINARY, "customer", "erase", "--core-id", "--yes"])
        .envs(place.variables(&[]))
        .stdin(Stdio::from(fs::File::open(&input).unwrap()))
        .output()
        .unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(database.find_pseudonym(CORE_ID).await.unwrap(), None);
    // The line as the command prints it suffices after a restore.
    let erased = support_desk::customer::read_erased(&ended.stdout[..]).unwrap();
    assert_eq!(erased.pseudonyms, [julia], "{ended:?}");
    database.close().await;
}
