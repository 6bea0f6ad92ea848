//! Requests of leads that an operator performs.

use std::fs::File;
use std::process::Stdio;
use std::sync::Arc;

use commands::model::pseudonym::Pseudonym;
use commands::ports::customers::Customers as _;
use support_desk::clock::WallClock;
use support_desk::store::Database;

use super::{CORE_ID, JULIA, execute, pseudonym, with_two_sessions};
use crate::installation::{Installation, keyring};
use crate::program::Ended;

async fn asks(place: &Installation, id: &str, kind: &str, asked_at: &str) {
    asks_for(place, &pseudonym(place, CORE_ID).await, (id, kind), asked_at).await;
}

async fn asks_for(place: &Installation, customer: &str, (id, kind): (&str, &str), asked_at: &str) {
    let sql = format!(
        "insert into requests (id, kind, customer, asked_by, asked_at, state)
         values ('{id}', '{kind}', '{customer}', 7, {asked_at}, 'open')"
    );
    execute(&place.store_url(), sql).await;
}

async fn runs(place: &Installation, command: &str) -> Ended {
    place.start(&format!("customer {command}"), &[]).ends().await
}

const NOW: &str = "cast(strftime('%s', 'now') as integer) * 1000";
const LONG_AGO: &str = "cast(strftime('%s', 'now') as integer) * 1000 - 2592000000";

#[tokio::test]
async fn operator_performs_a_request_once() {
    let place = with_two_sessions().await;
    asks(&place, "E-AAAAAA", "copy", NOW).await;
    asks(&place, "E-BBBBBB", "erasure", NOW).await;
    asks(&place, "E-CCCCCC", "erasure", LONG_AGO).await;
    for (command, why) in [
        ("erase --yes --request E-ZZZZZZ", "there is no request E-ZZZZZZ"),
        ("erase --yes --request E-AAAAAA", "asks for a copy: use `support-desk customer export`"),
        ("export --request E-BBBBBB", "asks for an erasure: use `support-desk customer erase`"),
        ("erase --yes --request E-CCCCCC", "is older than 30 days: let a lead ask again"),
        ("erase --yes --request nonsense", "not the id of a request"),
    ] {
        let refused = runs(&place, command).await;
        assert_ne!(refused.code, Some(0), "{command}");
        assert!(refused.stderr.contains(why), "{command}: {refused:?}");
    }
    let full = Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let lost = place.start_into("customer export --request E-AAAAAA", full).ends().await;
    assert!(lost.stderr.contains("the copy was not written to its end"), "{lost:?}");
    let copy = runs(&place, "export --request E-AAAAAA").await;
    assert!(copy.code == Some(0) && copy.stdout.contains("Casa Luz"), "{copy:?}");
    let shown = runs(&place, "erase --request E-BBBBBB").await;
    assert!(shown.stdout.contains("nothing was erased"), "{shown:?}");
    // A report that is not handled yet keeps its evidence.
    let customer = pseudonym(&place, CORE_ID).await;
    let report = format!(
        "insert into alerts (id, open_key, kind, subject, level, customer, reference, facts, count,
             opened_at, last_at, state, version, posts, drawn, reminders, reminder_ids)
         values ('A-AAAAAA', 'k', 'reported', 's', 'urgent', '{customer}', 'R-7K2M9Q', '{{}}', 1,
             1, 1, 'open', 1, 0, 0, 0, '')"
    );
    execute(&place.store_url(), report).await;
    let refused = runs(&place, "erase --yes --request E-BBBBBB").await;
    assert!(refused.stderr.contains("is open (R-7K2M9Q)"), "{refused:?}");
    let erased = runs(&place, "erase --yes --despite-report --request E-BBBBBB").await;
    assert_eq!(erased.code, Some(0), "{erased:?}");
    let again = runs(&place, "erase --yes --request E-BBBBBB").await;
    assert!(again.stderr.contains("E-BBBBBB was done before"), "{again:?}");
    // The process ended after the erasure, and before it saved the outcome.
    execute(&place.store_url(), "update requests set state = 'open' where id = 'E-BBBBBB'".into())
        .await;
    let again = runs(&place, "erase --yes --request E-BBBBBB").await;
    assert!(again.code == Some(0), "{again:?}");
    assert!(again.stdout.contains("this customer was erased before"), "{again:?}");
    let state = "select state from requests where id = 'E-BBBBBB'";
    assert_eq!(select(&place, state).await, "done");
    let card = "select facts from alerts where subject = 'request:E-BBBBBB'";
    let facts = select(&place, card).await;
    assert!(facts.contains(r#""outcome":"done""#) && facts.contains("erasure_asked"), "{facts}");
}

#[tokio::test]
async fn erasure_without_a_request_raises_its_card() {
    let place = with_two_sessions().await;
    let erased = runs(&place, &format!("erase --yes < {JULIA}")).await;
    assert_eq!(erased.code, Some(0), "{erased:?}");
    let facts = select(&place, "select facts from alerts where kind = 'lead_acted'").await;
    assert!(facts.contains(r#""outcome":"done""#), "{facts}");
    let asked_by = "select coalesce(asked_by, 'nobody') || state from requests";
    assert_eq!(select(&place, asked_by).await, "nobodydone");
}

/// Gives the customer a second pseudonym, as two replicas with different keys do. Returns both.
async fn gets_second_pseudonym(place: &Installation) -> [String; 2] {
    let first = pseudonym(place, CORE_ID).await;
    let set =
        |lookup: &str| format!("update subjects set lookup = {lookup} where pseudonym = '{first}'");
    execute(&place.store_url(), set("lookup || '.hidden'")).await;
    let clock = Arc::new(WallClock);
    let store = Database::open(&place.store_url(), Arc::new(keyring()), clock).await.unwrap();
    let second = store.look_up(CORE_ID, "").await.unwrap().pseudonym.to_string();
    store.close().await;
    execute(&place.store_url(), set("replace(lookup, '.hidden', '.2')")).await;
    [first, second]
}

#[tokio::test]
async fn request_is_about_all_pseudonyms_of_its_customer() {
    for asked_for in [0, 1] {
        let place = with_two_sessions().await;
        let both = gets_second_pseudonym(&place).await;
        asks_for(&place, &both[asked_for], ("E-AAAAAA", "copy"), NOW).await;
        asks_for(&place, &both[asked_for], ("E-BBBBBB", "erasure"), NOW).await;
        let copy = runs(&place, "export --format json --request E-AAAAAA").await;
        assert!(copy.code == Some(0) && copy.stdout.contains("Casa Luz"), "{copy:?}");
        let erased = runs(&place, "erase --yes --request E-BBBBBB").await;
        assert_eq!(erased.code, Some(0), "{erased:?}");
        for pseudonym in &both {
            assert!(copy.stdout.contains(pseudonym.as_str()), "{copy:?}");
            let short = pseudonym.parse::<Pseudonym>().unwrap().short();
            assert!(erased.stdout.contains(&format!("erased {short}:")), "{erased:?}");
        }
        let known = "select 'known: ' || count(*) from subjects where lookup is not null";
        assert_eq!(select(&place, known).await, "known: 0");
        let keys = "select 'keys: ' || count(*) from subject_keys where subject <> 'nobody'";
        assert_eq!(select(&place, keys).await, "keys: 0");
        // One card for each request, about the customer as the lead knows them.
        let cards = "select group_concat(customer || ' ' || json_extract(facts, '$.outcome'))
            from alerts where subject like 'request:%'";
        let card = format!("{} done", both[asked_for]);
        assert_eq!(select(&place, cards).await, format!("{card},{card}"));
        let states = "select group_concat(state) from requests";
        assert_eq!(select(&place, states).await, "done,done");
    }
}

/// Returns the text that a statement selects.
async fn select(place: &Installation, sql: &'static str) -> String {
    use sqlx::Connection as _;
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&place.store_url()).await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
}
