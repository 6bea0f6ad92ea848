//! Rows as released versions wrote them: each later version must read them.
//!
//! `tests/rows/VERSION/rows.json` has the rows of every table, made from the sample below under the
//! test's keys. After a change of what is stored, write those of the coming version:
//!
//! `SUPPORT_DESK_WRITE_ROWS=1 bash tests/run.sh -E 'test(golden_rows::)'`

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use commands::model::account::AccountLink;
use commands::model::customer::{Case, CaseSubject, Role};
use commands::model::delivery::{BounceReason, Delivery, DeliveryState};
use commands::model::effect::Effect;
use commands::model::flow_state::{FoundAccount, LinkState, SupportState};
use commands::model::limit::{LimitUse, Lockout, LockoutReason};
use commands::model::report::Opened;
use commands::model::scope::Scope;
use commands::model::session::{AccessLink, Session, Work};
use commands::model::ticket::Ticket;
use commands::model::time::minutes;
use commands::model::trail::{TrailEvent, kind};
use commands::model::unknown_fields::UnknownFields;
use commands::model::verification::Challenge;
use commands::model::words::{Limit, Purpose, SupportKind, Target};
use commands::ports::account_links::AccountLinks as _;
use commands::ports::claims::Claim;
use commands::ports::customers::Customers as _;
use commands::ports::sessions::{Commit, Sessions as _};
use serde_json::{Map, Value, json};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Column as _, Row as _};

use crate::store::Database;
use crate::store::testing::{
    NOON, closed, commit_of, empty_commit, event, findings, found, id, on_both, recovering, save,
    started, with_pending,
};
use crate::trail::event::Head;
use crate::trail::keys::test_trail_key;
use crate::trail::pruned;
use crate::trail::rotation::{self, OPERATOR, Rotation};

/// Tables whose rows are kept. Claims, counters and daily work live for a day.
const TABLES: [&str; 11] = [
    "subjects",
    "subject_keys",
    "sessions",
    "account_links",
    "limit_uses",
    "lockouts",
    "events",
    "chains",
    "checkpoints",
    "trail_keys",
    "pruned",
];
/// Chain of which the retention has removed three events.
const PRUNED: &str = "discord:8";
/// Core's id of the sample's customer.
const CORE_ID: &str = "core-id-of-julia";

fn link() -> AccountLink {
    AccountLink {
        discord_id: 7,
        agent_id: "sub-7".to_owned(),
        name: "Ana".to_owned(),
        email: "a•••@w•••.example".to_owned(),
        email_mac: "mac-of-the-mailbox".to_owned(),
        linked_at: NOON,
    }
}

/// Returns a session that attends a customer, in the state that `state` makes of a case.
fn attending(n: u8, state: impl Fn(Case) -> SupportState) -> Session {
    let mut session = started(found(n, 7, &format!("customer-{n}")), NOON);
    let Work::Support(_, SupportState::Choosing { customer }) = session.work else {
        panic!("a started session chooses")
    };
    let case = Case {
        customer,
        ecosystem: "eco-casa-luz".to_owned(),
        ecosystem_name: "Casa Luz".to_owned(),
        subject: CaseSubject::Membership(Role::Owner),
        unknown: UnknownFields::NONE,
    };
    session.work = Work::Support(SupportKind::Technical, state(case));
    session.customer.challenge = Some(Box::new(Challenge {
        id: "challenge".to_owned(),
        nth: 1,
        destination: "j•••@e•••.com".to_owned(),
        expires_at: NOON + minutes(10),
        delivery: Some(Delivery {
            state: DeliveryState::Bounced,
            at: NOON,
            seconds: 4,
            reason: Some(BounceReason::NoSuchMailbox),
            unknown: UnknownFields::NONE,
        }),
        unknown: UnknownFields::NONE,
    }));
    session.report_record_mut().agent_verified_at = Some(NOON);
    session.report_record_mut().customer_verified_at = Some(NOON);
    session.report_record_mut().customer_bounced_at = Some(NOON);
    session.record_mailed(Purpose::CustomerConsent, NOON);
    let opened = Opened { target: Target::Successor, at: NOON, unknown: UnknownFields::NONE };
    session.report_record_mut().opened.push(opened);
    session.access_links.push(AccessLink {
        target: Target::Successor,
        nth: 1,
        mailed_to: Some("j•••@e•••.com".to_owned()),
        expires_at: NOON + minutes(10),
        unknown: UnknownFields::NONE,
    });
    with_pending(session, Effect::Revoke { nth: 1 })
}

/// Returns one session in each state.
fn sessions() -> Vec<Session> {
    let account = FoundAccount {
        agent_id: "sub-7".to_owned(),
        name: Some("Ana".to_owned()),
        email: "a•••@w•••.example".to_owned(),
        email_mac: "mac-of-the-mailbox".to_owned(),
        unknown: UnknownFields::NONE,
    };
    let linking = LinkState::CodeRequested {
        to: "a•••@w•••.example".to_owned(),
        found: Some(account),
        valid_until: NOON + minutes(10),
    };
    let ticket = Some(Ticket::parse("ZD-1234").unwrap());
    vec![
        Session { ticket, ..found(1, 7, "customer-1") },
        started(found(2, 7, "customer-2"), NOON),
        attending(3, |case| SupportState::ProvingAgent { case }),
        attending(4, |case| SupportState::Announcing { case }),
        attending(5, |case| SupportState::ProvingCustomer { case }),
        Session { scope: Scope::Verify, ..attending(6, |case| SupportState::Acting { case }) },
        Session { work: Work::Link(linking), pseudonym: None, ..recovering(7, 7) },
        recovering(8, 7),
        closed(found(9, 7, "customer-9"), NOON),
    ]
}

/// Returns the event of the replacement of another key by the store's.
fn key_rotated(database: &Database) -> TrailEvent {
    let rotation = Rotation::signed(&test_trail_key(9), database.keys.trail.current());
    let event = event(None, kind::KEY_ROTATED);
    TrailEvent { actor: OPERATOR.to_owned(), details: json!(rotation), ..event }
}

async fn write_sample(database: &Database) {
    database.publish_trail_key().await.unwrap();
    database.look_up(CORE_ID, "").await.unwrap();
    for session in sessions() {
        let why = if session.closed().is_some() { kind::CLOSED } else { kind::STARTED };
        let own = TrailEvent {
            about: json!({ "to": "j•••@e•••.com" }),
            ..event(Some(&session.id), why)
        };
        let saved = save(database, session).await;
        database.commit(Commit { events: vec![own], ..commit_of(saved) }).await.unwrap();
    }
    let limit_use = LimitUse {
        limit: Limit::Lookups,
        subject: "agent:sub-7".to_owned(),
        allowed: 30,
        window: minutes(60),
        replaces: None,
    };
    let commit = Commit {
        claim: Claim::Whole(1),
        account_link: Some(Box::new(link())),
        limit_uses: vec![limit_use],
        lockouts: vec![Lockout {
            subject: "agent:sub-8".to_owned(),
            until: NOON + minutes(60),
            reason: LockoutReason::WrongCodes,
        }],
        events: vec![event(None, kind::REFUSED), key_rotated(database)],
        ..empty_commit(NOON)
    };
    database.commit(commit).await.unwrap();
    let mut connection = database.pools.writes.acquire().await.unwrap();
    let (key, last) = (database.keys.trail.current(), Head { seq: 3, ..Head::default() });
    pruned::write(&mut connection, key, PRUNED, last, NOON).await.unwrap();
    drop(connection);
    database.checkpoint(NOON).await.unwrap();
}

/// Reads all rows of a table.
async fn rows_of(database: &Database, table: &str) -> Vec<Value> {
    let select = AssertSqlSafe(format!("select * from {table}"));
    let rows: Vec<AnyRow> = sqlx::query(select).fetch_all(&database.pools.reads).await.unwrap();
    let cell = |row: &AnyRow, column: usize| {
        let text = row.try_get::<Option<String>, _>(column).map(Value::from);
        text.unwrap_or_else(|_| json!(row.get::<Option<i64>, _>(column)))
    };
    let to_object = |row: &AnyRow| {
        let columns = row
            .columns()
            .iter()
            .map(|column| (column.name().to_owned(), cell(row, column.ordinal())));
        Value::Object(columns.collect())
    };
    rows.iter().map(to_object).collect()
}

async fn insert(database: &Database, table: &str, row: &Map<String, Value>) {
    let names: Vec<_> = row.keys().map(String::as_str).collect();
    let places: Vec<_> = (1..=names.len()).map(|n| format!("${n}")).collect();
    let sql = format!("insert into {table} ({}) values ({})", names.join(", "), places.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in row.values() {
        query = match value {
            Value::Number(number) => query.bind(number.as_i64()),
            // Columns without a value are left out, because their type is unknown here.
            Value::String(text) => query.bind(text.clone()),
            other => panic!("{table} has {other}"),
        };
    }
    query.execute(&database.pools.writes).await.unwrap();
}

/// Returns the names of all fields below a JSON value, as paths.
fn fields(value: &Value, path: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let path = format!("{path}/{name}");
                fields(value, &path, into);
                into.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, path, into)),
        _ => {}
    }
}

/// Returns the columns of all tables, and the fields of the stored JSON.
fn shape(rows: &BTreeMap<String, Vec<Value>>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (table, rows) in rows {
        for row in rows {
            fields(row, table, &mut names);
            for column in ["state", "details"] {
                if let Some(text) = row.get(column).and_then(Value::as_str) {
                    let value: Value = serde_json::from_str(text).unwrap();
                    fields(&value, &format!("{table}/{column}"), &mut names);
                }
            }
        }
    }
    names
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rows")
}

fn golden(version: &str) -> BTreeMap<String, Vec<Value>> {
    let text = std::fs::read_to_string(folder().join(version).join("rows.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn rows_of_every_version_are_read() {
    if std::env::var_os("SUPPORT_DESK_WRITE_ROWS").is_some() {
        return;
    }
    for version in std::fs::read_dir(folder()).unwrap() {
        let version = version.unwrap().file_name().into_string().unwrap();
        on_both(async |bed| {
            let database = bed.open().await;
            for (table, rows) in &golden(&version) {
                for row in rows {
                    let row = row.as_object().unwrap();
                    let present = row.iter().filter(|(_, value)| !value.is_null());
                    let row = present.map(|(name, value)| (name.clone(), value.clone())).collect();
                    insert(&database, table, &row).await;
                }
            }
            for session in sessions() {
                let read = database.find(&session.id).await.unwrap().unwrap().session();
                assert_eq!(read.work, session.work, "{version}");
                assert_eq!(read.scope, session.scope, "{version}");
                assert_eq!(read.pending, session.pending, "{version}");
                assert_eq!(read.ticket, session.ticket, "{version}");
                assert_eq!(read.access_links.len(), session.access_links.len(), "{version}");
                let is_open = session.closed().is_none();
                let panel = read.secrets.panel.is_some() || read.secrets.page.is_some();
                assert_eq!(panel, is_open, "{version}: secrets of {}", session.id);
            }
            assert_eq!(database.of_discord(7).await.unwrap(), Some(link()), "{version}");
            assert!(database.find_pseudonym(CORE_ID).await.unwrap().is_some(), "{version}");
            assert_eq!(database.foreign_key().await.unwrap(), None, "{version}");
            assert_eq!(findings(&database, None).await, [""; 0], "{version}");
            let mut connection = database.pools.reads.acquire().await.unwrap();
            let (engine, keys) = (database.pools.engine, database.keys.trail.public());
            let removed = pruned::of_actors(&mut connection, engine, &keys).await.unwrap();
            assert_eq!(removed.get(PRUNED).map(|head| head.seq), Some(3), "{version}");
            let replaced = rotation::held(&mut connection, engine, &keys).await.unwrap();
            assert_eq!(replaced.len(), 1, "{version}");
            let about: Option<String> =
                sqlx::query_scalar("select about from events where chain = $1 and seq = 1")
                    .bind(id(6).as_str())
                    .fetch_one(&database.pools.reads)
                    .await
                    .unwrap();
            let binding = crate::store::about::event_binding(id(6).as_str(), 1);
            let about = database.open_about(&binding, &about.unwrap()).await.unwrap();
            assert_eq!(about, Some(json!({ "to": "j•••@e•••.com" })), "{version}");
        })
        .await;
    }
}

#[tokio::test]
async fn newest_rows_are_those_of_this_version() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_sample(&database).await;
        let mut rows = BTreeMap::new();
        for table in TABLES {
            rows.insert(table.to_owned(), rows_of(&database, table).await);
        }
        let own = folder().join(env!("CARGO_PKG_VERSION"));
        if std::env::var_os("SUPPORT_DESK_WRITE_ROWS").is_some() {
            std::fs::create_dir_all(&own).unwrap();
            let text = serde_json::to_string_pretty(&rows).unwrap();
            std::fs::write(own.join("rows.json"), text + "\n").unwrap();
            return;
        }
        assert_eq!(
            shape(&rows),
            shape(&golden(env!("CARGO_PKG_VERSION"))),
            "what is stored has changed: write rows of the coming version, see above"
        );
    })
    .await;
}
