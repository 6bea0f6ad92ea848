//! The trail as leads read it: filters, what the store seals, and the verification of one chain.

use std::time::Duration;

use commands::model::pseudonym::Pseudonym;
use commands::model::session::Session;
use commands::model::ticket::Ticket;
use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::model::trail_filter::{TrailAbout, TrailDays, TrailFilter, TrailTopic};
use commands::model::words::SessionId;
use commands::ports::customers::Customers as _;
use commands::ports::sessions::{Commit, Sessions as _};
use commands::ports::trail_search::{ChainFinding, TrailLine, TrailPart, TrailSearch};
use serde_json::json;

use crate::store::testing::{
    NOON, closed, commit_of, empty_commit, event, found, id, moved, on_both, save,
};
use crate::store::{Database, Occasion};

/// A page of a view.
#[derive(Debug, PartialEq)]
pub(super) struct Page {
    pub(super) lines: Vec<TrailLine>,
    pub(super) total: u64,
}

pub(super) fn filter(about: TrailAbout) -> TrailFilter {
    let end = NOON + Duration::from_hours(24);
    TrailFilter { about, topic: TrailTopic::All, days: TrailDays::DEFAULT, end }
}

pub(super) async fn read(database: &Database, filter: &TrailFilter, skipped: u32) -> Page {
    let is_oldest_first = matches!(filter.about, TrailAbout::Session(_));
    let part = TrailPart { is_oldest_first, skipped, limit: 10, opens: true };
    let total = database.count(filter, u64::MAX).await.unwrap();
    Page { lines: database.lines(filter, part).await.unwrap(), total }
}

pub(super) fn kinds(page: &Page) -> Vec<&str> {
    page.lines.iter().map(|line| line.kind.as_str()).collect()
}

/// Returns an event of an actor outside sessions.
pub(super) fn act(n: u32) -> TrailEvent {
    TrailEvent {
        at: NOON + Duration::from_secs(n.into()),
        actor: format!("discord:{}", n % 10),
        details: json!({ "n": n }),
        ..event(None, kind::REFUSED)
    }
}

pub(super) async fn write(database: &Database, events: Vec<TrailEvent>) {
    database.commit(Commit { events, ..empty_commit(NOON) }).await.unwrap();
}

/// Sessions of two customers, and a look-up that opened none.
pub(super) async fn walk(database: &Database) -> (Pseudonym, Pseudonym) {
    let julia = database.look_up("usr-julia", "").await.unwrap().pseudonym;
    let tom = database.look_up("usr-tom", "").await.unwrap().pseudonym;
    let session = |n, customer: &Pseudonym, ticket: &str| Session {
        pseudonym: Some(customer.clone()),
        ticket: Some(Ticket::parse(ticket).unwrap()),
        ..found(n, 7, "usr-julia")
    };
    for (n, customer, ticket) in [(1, &julia, "zd-1"), (2, &tom, "zd-2")] {
        let session = session(n, customer, ticket);
        let about = |event: TrailEvent| TrailEvent {
            customer: Some(customer.clone()),
            about: json!({ "ecosystem": "eco-1" }),
            ..event
        };
        let at = NOON + Duration::from_secs(n.into());
        let looked_up = about(TrailEvent { at, ..event(Some(&session.id), kind::LOOKED_UP) });
        let commit = Commit { events: vec![looked_up], ..commit_of(session.clone()) };
        database.commit(commit).await.unwrap();
        // In the chain of the agent.
        let at = at + Duration::from_secs(10);
        let shown = about(TrailEvent { at, ..event(Some(&session.id), kind::PLAN_SHOWN) });
        write(database, vec![shown]).await;
    }
    let again = TrailEvent {
        at: NOON + Duration::from_mins(1),
        customer: Some(julia.clone()),
        about: json!({ "email_mac": "mac" }),
        ..event(None, kind::LOOKED_UP)
    };
    write(database, vec![again, act(70)]).await;
    (julia, tom)
}

#[tokio::test]
async fn filters_find_their_events() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let (julia, tom) = walk(&database).await;
        let seen = async |about| {
            let page = read(&database, &filter(about), 0).await;
            assert_eq!(page.total, u64::try_from(page.lines.len()).unwrap());
            kinds(&page).join(" ")
        };
        let ticket = |text| TrailAbout::Ticket(Ticket::parse(text).unwrap());
        let all = "refused looked_up plan_shown plan_shown looked_up looked_up";
        assert_eq!(seen(TrailAbout::Everything).await, all);
        assert_eq!(seen(TrailAbout::Session(id(1))).await, "looked_up plan_shown");
        assert_eq!(seen(TrailAbout::Session(id(3))).await, "");
        assert_eq!(seen(TrailAbout::Customer(julia)).await, "looked_up plan_shown looked_up");
        assert_eq!(seen(TrailAbout::Customer(tom)).await, "plan_shown looked_up");
        assert_eq!(seen(ticket("ZD-2")).await, "plan_shown looked_up");
        assert_eq!(seen(ticket("zd-2")).await, "plan_shown looked_up", "in any case");
        assert_eq!(seen(ticket("zd")).await, "", "the whole number");
        assert_eq!(seen(TrailAbout::Agent(0)).await, "refused");
        let everything = filter(TrailAbout::Everything);
        let only = TrailFilter { topic: TrailTopic::Refusals, ..everything.clone() };
        assert_eq!(kinds(&read(&database, &only, 0).await), ["refused"]);
        // The span: events before its end, and not older than its days. A session is shown whole.
        let early = NOON + Duration::from_secs(2);
        let until = |about| TrailFilter { end: early, ..filter(about) };
        assert_eq!(read(&database, &until(TrailAbout::Everything), 0).await.total, 1);
        let days = TrailDays::of(1).unwrap();
        let end = early + Duration::from_hours(24);
        let day = |about| TrailFilter { days, end, ..filter(about) };
        assert_eq!(read(&database, &day(TrailAbout::Everything), 0).await.total, 4);
        assert_eq!(read(&database, &day(TrailAbout::Session(id(1))), 0).await.total, 2);
    }))
    .await;
}

#[tokio::test]
async fn customer_is_found_whom_only_details_name() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let (julia, tom) = walk(&database).await;
        let about_julia = async || {
            let page = read(&database, &filter(TrailAbout::Customer(julia.clone())), 0).await;
            let names_julia = |line: &TrailLine| line.customer.as_ref() == Some(&julia);
            assert!(page.lines.iter().all(names_julia), "{page:?}");
            kinds(&page).join(" ")
        };
        let subject = format!("customer:{julia}");
        let named = [
            (kind::CUSTOMER_EXPORTED, json!({ "customer": julia })),
            (kind::LOCKED_OUT, json!({ "subject": subject })),
            (kind::LOCKED_OUT, json!({ "subject": format!("customer:{tom}") })),
            (kind::DESK_READ, json!({ "customer": julia, "view": "customer" })),
            (kind::REFUSED, json!({ "why": subject })),
        ];
        let events = named.into_iter().zip(1..).map(|((kind, details), seconds)| {
            let at = NOON + Duration::from_mins(2) + Duration::from_secs(seconds);
            TrailEvent { at, details, ..event(None, kind) }
        });
        write(&database, events.collect()).await;
        let found = "desk_read locked_out customer_exported looked_up plan_shown looked_up";
        assert_eq!(about_julia().await, found);
        let handle = database.find(&id(1)).await.unwrap().unwrap();
        let ended = closed(moved(Session::clone(&handle.session()), NOON), NOON);
        save(&database, ended).await;
        database.erase(&julia, Occasion::Request).await.unwrap();
        let page = read(&database, &filter(TrailAbout::Customer(julia.clone())), 0).await;
        assert!(kinds(&page).contains(&kind::CUSTOMER_ERASED), "{page:?}");
        assert!(page.lines.iter().all(|line| line.is_erased), "{page:?}");
    }))
    .await;
}

#[tokio::test]
async fn closes_by_leads_are_acts_of_leads() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let closes = ["by_lead", "taken_over", "cancelled", "idle"].into_iter().zip(0..);
        let events = closes.map(|(why, seconds)| TrailEvent {
            at: NOON + Duration::from_secs(seconds),
            details: json!({ "why": why }),
            ..event(None, kind::CLOSED)
        });
        let quoted = json!({ "why": r#"said "why":"by_lead""# });
        let quoted = TrailEvent { details: quoted, ..event(None, kind::CLOSED) };
        let other =
            TrailEvent { details: json!({ "why": "by_lead" }), ..event(None, kind::REFUSED) };
        let at = NOON - Duration::from_secs(1);
        let unlocked = TrailEvent { at, ..event(None, kind::UNLOCKED) };
        write(&database, events.chain([quoted, other, unlocked]).collect()).await;
        for about in [TrailAbout::Everything, TrailAbout::Agent(7)] {
            let leads = TrailFilter { topic: TrailTopic::Leads, ..filter(about) };
            let page = read(&database, &leads, 0).await;
            assert_eq!((kinds(&page), page.total), (vec!["closed", "closed", "unlocked"], 3));
            let whys: Vec<_> = page.lines.iter().map(|line| line.details["why"].as_str()).collect();
            assert_eq!(whys, [Some("taken_over"), Some("by_lead"), None]);
        }
    }))
    .await;
}

#[tokio::test]
async fn sealed_details_open_until_the_customer_is_erased() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let (julia, _) = walk(&database).await;
        let session = TrailAbout::Session(id(1));
        let line = async |about: TrailAbout, opens| {
            let part = TrailPart { is_oldest_first: true, skipped: 0, limit: 1, opens };
            database.lines(&filter(about), part).await.unwrap().remove(0)
        };
        let open = line(session.clone(), true).await;
        let shown = |line: &TrailLine| {
            (line.customer.clone(), line.is_erased, line.ticket.clone(), line.about.clone())
        };
        let (customer, ticket) = (Some(julia.clone()), Some("ZD-1".to_owned()));
        let about = json!({ "ecosystem": "eco-1" });
        assert_eq!(shown(&open), (customer.clone(), false, ticket.clone(), about));
        let unopened = line(session.clone(), false).await;
        assert_eq!(shown(&unopened), (customer.clone(), false, ticket, json!(null)));
        let handle = database.find(&id(1)).await.unwrap().unwrap();
        let ended = closed(moved(Session::clone(&handle.session()), NOON), NOON);
        save(&database, ended).await;
        database.erase(&julia, Occasion::Request).await.unwrap();
        let erased = line(session, true).await;
        assert_eq!(shown(&erased), (customer.clone(), true, None, json!(null)));
        let whole = read(&database, &filter(TrailAbout::Customer(julia)), 0).await;
        assert!(whole.total >= 3 && whole.lines.iter().all(|line| line.is_erased), "{whole:?}");
    }))
    .await;
}

#[tokio::test]
async fn view_is_found_by_lead_details_and_time() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let details = json!({ "view": "trail", "days": 7, "what": "all" });
        let view = TrailEvent { details: details.clone(), ..event(None, kind::DESK_READ) };
        write(&database, vec![view]).await;
        let second = NOON..Timestamp(NOON.0 + 1_000);
        assert!(database.has_read(7, second.clone(), &details).await.unwrap());
        assert!(!database.has_read(8, second.clone(), &details).await.unwrap());
        let later = Timestamp(NOON.0 + 1)..second.end;
        assert!(!database.has_read(7, later, &details).await.unwrap());
        let earlier = Timestamp(NOON.0 - 1_000)..NOON;
        assert!(!database.has_read(7, earlier, &details).await.unwrap());
        let other = json!({ "view": "trail", "days": 30, "what": "all" });
        assert!(!database.has_read(7, second, &other).await.unwrap());
    }))
    .await;
}

#[tokio::test]
async fn chain_of_a_session_is_verified() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "usr-julia")).await;
        for kind in [kind::STARTED, kind::CHOSEN, kind::CODE_ASKED] {
            let session = database.find(&session.id).await.unwrap().unwrap().session();
            let session = moved(Session::clone(&session), NOON);
            let events = vec![event(Some(&session.id), kind)];
            database.commit(Commit { events, ..commit_of(session) }).await.unwrap();
        }
        database.checkpoint(NOON).await.unwrap();
        let verify = async |id: &SessionId| database.verify(id).await.unwrap();
        let intact = verify(&id(1)).await.unwrap();
        let events = intact.events;
        assert!(events >= 3 && intact.findings.is_empty(), "{intact:?}");
        assert_eq!(verify(&id(2)).await, None);

        let execute = async |sql: &'static str| {
            sqlx::query(sql).execute(&database.pools.writes).await.unwrap();
        };
        let findings = async || verify(&id(1)).await.unwrap().findings;
        let finding = |word, first, last| ChainFinding { word, first, last };
        execute("update sessions set discord_id = 8").await;
        assert_eq!(findings().await, [finding("owner", 0, 0)]);
        execute("update sessions set discord_id = 7, closed_why = 'idle'").await;
        assert_eq!(findings().await, [finding("close", 0, 0)]);
        execute("update sessions set closed_why = null").await;
        execute("update events set at = at + 1 where seq = 2").await;
        assert_eq!(findings().await, [finding("changed", 2, 2)]);
        execute("delete from events where seq = 2").await;
        assert_eq!(findings().await, [finding("removed", 2, 2)]);
        let last = i64::try_from(events).unwrap();
        execute("delete from events where seq >= 2").await;
        assert_eq!(findings().await.first(), Some(&finding("cut_off", 1, last)));
        execute(
            "update sessions set trail_seq = 1, trail_signature =
            (select signature from events where seq = 1)",
        )
        .await;
        assert_eq!(findings().await, [finding("cut_off", 1, last)], "a checkpoint names it");
    }))
    .await;
}
