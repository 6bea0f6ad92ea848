//! Fields that a newer version stored: this version writes them back, or leaves the row alone.

use std::sync::Arc;

use commands::model::customer::{Case, CaseSubject, Role};
use commands::model::delivery::{BounceReason, Delivery, DeliveryState};
use commands::model::effect::{Effect, Failure, Pending};
use commands::model::flow_state::{
    FoundAccount, LastOutcome, LinkState, RecoverState, SupportState,
};
use commands::model::session::{AccessLink, Session, Work};
use commands::model::time::Timestamp;
use commands::model::unknown_fields::UnknownFields;
use commands::model::verification::{Challenge, Verification};
use commands::model::words::{Purpose, SupportKind, Target};
use commands::ports::sessions::Sessions as _;
use serde_json::{Map, Value, json};

use crate::store::Database;
use crate::store::about::{key_name_of, put_back, seal_about, take_about};
use crate::store::testing::{NOON, TestBed, found, id, moved, on_both, recovering, rewrite, save};

/// Beginning of the names of fields that this version does not know.
const NEW: &str = "new_";

const NONE: UnknownFields = UnknownFields::NONE;

fn verification(purpose: &str) -> Verification {
    let challenge = Challenge {
        id: format!("challenge of {purpose}"),
        nth: 2,
        destination: "j•••@e•••.com".to_owned(),
        expires_at: NOON,
        delivery: Some(Delivery {
            state: DeliveryState::Bounced,
            at: NOON,
            seconds: 4,
            reason: Some(BounceReason::MailboxFull),
            unknown: NONE,
        }),
        unknown: NONE,
    };
    Verification { sends: 2, challenge: Some(Box::new(challenge)), ..Verification::default() }
}

/// Sessions that together have every stored struct.
fn sessions() -> Vec<Session> {
    let found = |n| found(n, 7, &format!("customer {n}"));
    let Work::Support(_, SupportState::Found { customer, .. }) = found(1).work else {
        panic!("the state after a look-up")
    };
    let failure = Failure { why: "fault".to_owned(), calls: 1, retry_at: NOON, unknown: NONE };
    let verify = Effect::Verify {
        purpose: Purpose::CustomerConsent,
        nth: 1,
        challenge: Some("challenge".to_owned()),
        mac: "mac".to_owned(),
    };
    let link = |nth, mailed_to: Option<&str>| AccessLink {
        target: Target::Web,
        nth,
        mailed_to: mailed_to.map(str::to_owned),
        expires_at: NOON,
        unknown: NONE,
    };
    let case = Case {
        customer,
        ecosystem: "eco-1".to_owned(),
        ecosystem_name: "Casa Luz".to_owned(),
        subject: CaseSubject::Membership(Role::Owner),
        unknown: NONE,
    };
    let account = FoundAccount {
        agent_id: "sub-7".to_owned(),
        name: Some("Ana".to_owned()),
        email: "a•••@w•••.example".to_owned(),
        email_mac: "mac".to_owned(),
        unknown: NONE,
    };
    let linking = LinkState::CodeRequested {
        to: "a•••@w•••.example".to_owned(),
        found: Some(account),
        valid_until: NOON,
    };
    let recovery = RecoverState {
        last_outcome: Some(LastOutcome::MaybeSent(None)),
        ..RecoverState::new("mac".to_owned())
    };
    vec![
        found(1),
        Session {
            work: Work::Support(SupportKind::Technical, SupportState::Acting { case }),
            agent: verification("agent"),
            customer: verification("customer"),
            pending: vec![
                Pending { failure: Some(failure), ..Pending::new(Effect::Revoke { nth: 1 }, NOON) },
                Pending::new(verify, NOON),
            ],
            access_links: vec![link(1, None), link(2, Some("j•••@e•••.com"))],
            ..found(2)
        },
        Session { work: Work::Link(linking), ..found(3) },
        Session { work: Work::Recover(recovery), ..recovering(4, 7) },
    ]
}

/// Returns the pointers (RFC 6901) to all objects in a value, the value itself included.
fn objects(value: &Value, at: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(values) => {
            values.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => return Vec::new(),
    };
    let own = value.is_object().then(|| at.to_owned());
    let inner = inner.iter().flat_map(|(name, value)| objects(value, &format!("{at}/{name}")));
    own.into_iter().chain(inner).collect()
}

/// Adds unknown fields of every JSON type to the object at `pointer`.
fn add(state: &mut Value, pointer: &str) {
    let Value::Object(fields) = state.pointer_mut(pointer).unwrap() else {
        panic!("{pointer} is an object")
    };
    let large = json!(u64::MAX);
    let values = [json!(null), json!(true), large, json!(-1.5), json!("ñ"), json!([{}, []])];
    for (index, value) in values.into_iter().chain([json!({ "at": pointer })]).enumerate() {
        fields.insert(format!("{NEW}{index}"), value);
    }
}

/// Returns the unknown fields at `pointer`.
fn unknown(state: &Value, pointer: &str) -> Map<String, Value> {
    let fields = state.pointer(pointer).and_then(Value::as_object).cloned().unwrap_or_default();
    fields.into_iter().filter(|(name, _)| name.starts_with(NEW)).collect()
}

/// Reads the stored state, with its sealed part.
async fn read_state(database: &Database, n: u8) -> Value {
    let id = id(n);
    let query = sqlx::query_as("select state, about from sessions where id = $1").bind(id.as_str());
    let (state, about): (String, Option<String>) =
        query.fetch_one(&database.pools.reads).await.unwrap();
    let mut state = serde_json::from_str(&state).unwrap();
    if let Some(about) = about {
        put_back(&mut state, database.open_about(id.as_str(), &about).await.unwrap().unwrap());
    }
    state
}

/// Replaces the stored state, as a newer version does.
async fn write_state(bed: &TestBed, n: u8, state: &Value) -> Arc<Database> {
    // It has no session in its cache.
    let database = bed.open().await;
    let (id, mut state) = (id(n), state.clone());
    let about = take_about(&mut state);
    let before = sqlx::query_scalar("select about from sessions where id = $1").bind(id.as_str());
    let before: Option<String> = before.fetch_one(&database.pools.reads).await.unwrap();
    let mut sealed = None;
    if let Some(before) = before {
        let key = database.find_subject_key(&key_name_of(&before).unwrap()).await.unwrap().unwrap();
        sealed = Some(seal_about(&key, id.as_str(), &about).unwrap());
    }
    rewrite(&database, &id, |columns| {
        columns.state = state.to_string();
        columns.about.clone_from(&sealed);
    })
    .await;
    database
}

/// Loads a session, moves it, and stores it.
async fn moves(database: &Database, n: u8) {
    let handle = database.find(&id(n)).await.unwrap().unwrap();
    let mut session = moved((*handle.session()).clone(), NOON);
    session.links_issued += 1;
    session.agent.wrong += 1;
    for pending in &mut session.pending {
        pending.requested_at = Timestamp(NOON.0 + 1);
    }
    save(database, session).await;
}

#[tokio::test]
async fn unknown_field_of_each_struct_survives_a_move() {
    on_both(async |bed| {
        let first = bed.open().await;
        let mut levels = 0;
        let mut left_alone = Vec::new();
        for (n, session) in (1..).zip(sessions()) {
            save(&first, session).await;
            let known = read_state(&first, n).await;
            let mut newer = known.clone();
            let mut structs = Vec::new();
            for pointer in objects(&known, "") {
                let mut with_fields = known.clone();
                add(&mut with_fields, &pointer);
                if serde_json::from_value::<Session>(with_fields).is_ok() {
                    add(&mut newer, &pointer);
                    structs.push(pointer);
                } else {
                    left_alone.push((n, pointer));
                }
            }
            let database = write_state(&bed, n, &newer).await;
            moves(&database, n).await;
            // A second move starts from the cache.
            moves(&database, n).await;
            let after = read_state(&database, n).await;
            assert_eq!(after["links_issued"], 2, "the session has moved");
            for pointer in &structs {
                assert_eq!(unknown(&newer, pointer).len(), 7);
                assert_eq!(unknown(&after, pointer), unknown(&newer, pointer), "{n}: {pointer}");
            }
            levels += structs.len();
        }
        assert_eq!(levels, 34, "update this number with the sessions");
        let pointers: Vec<_> = left_alone.iter().map(|(_, pointer)| pointer.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/work",
                "/work/support/1",
                "/work/support/1/found",
                "/pending/0/effect",
                "/pending/0/effect/revoke",
                "/pending/1/effect",
                "/pending/1/effect/verify",
                "/work",
                "/work/support/1",
                "/work/support/1/acting",
                "/work/support/1/acting/case/subject",
                "/work",
                "/work/link",
                "/work/link/code_requested",
                "/work",
                "/work/recover/last_outcome",
            ],
            "enums and their variants"
        );
        for (n, pointer) in left_alone {
            let mut newer = read_state(&first, n).await;
            add(&mut newer, &pointer);
            let database = write_state(&bed, n, &newer).await;
            let fault = database.find(&id(n)).await.unwrap_err().to_string();
            assert!(fault.contains("another version of the bot"), "{n}: {pointer}: {fault}");
            let after = read_state(&database, n).await;
            assert_eq!(unknown(&after, &pointer).len(), 7, "{n}: {pointer}");
            let mut known = after;
            let Value::Object(fields) = known.pointer_mut(&pointer).unwrap() else { continue };
            fields.retain(|name, _| !name.starts_with(NEW));
            write_state(&bed, n, &known).await;
        }
    })
    .await;
}
