//! Erasures that are refused.

use std::sync::Arc;

use commands::model::time::minutes;
use commands::ports::clock::Clock;
use commands::ports::customers::Customers as _;

use super::{JULIA, TOM, dump, execute, open_session, walk};
use crate::customer::{self, CannotFind, CustomerKey};
use crate::keyring::{Keyring, test_keyring};
use crate::store::store_keys::{StoreKeys, test_store_key};
use crate::store::testing::{NOON, TestBed, closed, on_both, pseudonym, save};
use crate::store::{CannotErase, Database, Occasion};
use crate::trail::TrailKeys;
use crate::trail::keys::test_trail_key;

/// Asserts that an erasure is refused with a sentence and changes nothing.
async fn assert_refused(database: &Database, core_id: &str, sentence: &str) {
    let julia = database.look_up(core_id, "").await.unwrap().pseudonym;
    let before = dump(database).await;
    for refused in [
        database.find_erasable(&julia, Occasion::Request).await,
        database.erase(&julia, Occasion::Request).await,
    ] {
        let refused = refused.unwrap_err().to_string().replace(julia.as_str(), "PSEUDONYM");
        let refused = refused.replace(&julia.short(), "C-JULIA");
        assert_eq!(refused, sentence);
    }
    assert_eq!(dump(database).await, before);
}

#[tokio::test]
async fn open_session_and_lockout_refuse_an_erasure() {
    on_both(async |bed| {
        let database = bed.open().await;
        walk(&database, 1, JULIA).await;
        let open = open_session(&database, 2, JULIA).await;
        let sentence = "C-JULIA has 1 open session(s): erase the customer after the close, or \
             close them with `support-desk end-sessions`";
        assert_refused(&database, JULIA, sentence).await;
        save(&database, closed(open, NOON)).await;

        let julia = database.look_up(JULIA, "").await.unwrap().pseudonym;
        let until = NOON + minutes(5);
        let lockout = "insert into lockouts (subject, until) values";
        execute(&database, format!("{lockout} ('customer:{julia}', {})", until.0)).await;
        let sentence = "C-JULIA is locked out until 2023-11-14T22:18:20Z: erase the customer \
             afterwards, because a new pseudonym would start without the lockout; `support-desk \
             unlock customer:PSEUDONYM` ends it";
        assert_refused(&database, JULIA, sentence).await;
        // An older erasure is repeated, because the lockout comes from the backup.
        assert!(database.find_erasable(&julia, Occasion::Restore).await.is_ok());
        bed.clock.advance(minutes(5));
        database.erase(&julia, Occasion::Request).await.unwrap();
        assert_eq!(database.find_pseudonym(JULIA).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn unknown_and_erased_customers_are_refused() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        database.erase(&julia, Occasion::Request).await.unwrap();
        let before = dump(&database).await;
        for unknown in [julia, pseudonym("nobody")] {
            for occasion in [Occasion::Request, Occasion::Restore] {
                let refused = database.erase(&unknown, occasion).await.unwrap_err();
                assert!(matches!(refused, CannotErase::Unknown), "{refused}");
            }
        }
        assert_eq!(dump(&database).await, before);
    })
    .await;
}

async fn open_with(bed: &TestBed, byte: u8) -> Database {
    let clock = Arc::clone(&bed.clock) as Arc<dyn Clock>;
    Database::open(&bed.url, Arc::new(test_keyring(byte)), clock).await.unwrap()
}

#[tokio::test]
async fn keys_of_another_store_are_refused() {
    on_both(async |bed| {
        let database = bed.open().await;
        let tom = walk(&database, 1, TOM).await;
        let before = dump(&database).await;
        let foreign = open_with(&bed, 9).await;
        let refused = foreign.erase(&tom, Occasion::Request).await.unwrap_err();
        assert!(matches!(refused, CannotErase::ForeignKey(_)), "{refused}");
        assert!(refused.to_string().starts_with("STORE_KEY does not belong"), "{refused}");
        assert_eq!(dump(&database).await, before);
    })
    .await;
}

/// Opens the store with the keys of `STORE_KEY` and `STORE_KEY_OLD`.
async fn open_rotated(bed: &TestBed, current: u8, old: Vec<u8>) -> Database {
    let old = old.into_iter().map(test_store_key).collect();
    let trail = TrailKeys::new(test_trail_key(1), Vec::new());
    let keys = Keyring { store: StoreKeys::new(test_store_key(current), old), trail };
    let clock = Arc::clone(&bed.clock) as Arc<dyn Clock>;
    Database::open(&bed.url, Arc::new(keys), clock).await.unwrap()
}

#[tokio::test]
async fn missing_old_key_refuses_the_search() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = walk(&database, 1, JULIA).await;
        // The key was rotated, and a customer was added since then.
        let rotated = open_rotated(&bed, 2, vec![1]).await;
        walk(&rotated, 2, TOM).await;
        let search = async |database: &Database, core_id: &str| {
            customer::find(database, CustomerKey::CoreId(core_id.to_owned())).await
        };
        assert_eq!(search(&rotated, JULIA).await.unwrap().pseudonyms, [julia]);
        let without_old = open_rotated(&bed, 2, Vec::new()).await;
        assert_eq!(without_old.foreign_key().await.unwrap(), None);
        for core_id in [JULIA, TOM, "usr-nobody"] {
            let refused = search(&without_old, core_id).await.unwrap_err();
            assert!(matches!(refused, CannotFind::MissingKey), "{refused}");
            assert!(refused.to_string().contains("add that key to STORE_KEY_OLD"), "{refused}");
        }
        // A value that no key has sealed is no sign of another key.
        let old = test_store_key(1);
        let edit = format!("update subjects set sealed = 'x' where sealed like '{}.%'", old.id());
        execute(&rotated, edit).await;
        let unknown = search(&without_old, "usr-nobody").await.unwrap_err();
        assert!(matches!(unknown, CannotFind::NotInStore), "{unknown}");
    })
    .await;
}
