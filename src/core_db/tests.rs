//! Core as SQLite files with the views of the contract.

use commands::model::customer::{Period, PlanStatus, Role, Status};
use commands::model::succession::StepStatus;
use commands::model::time::Timestamp;
use commands::model::words::{Locale, SupportKind};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tempfile::TempDir;

use super::*;
use crate::store::testing::on_both;

mod connections;
mod rows;

const SCHEMA: &str = "
    create table users (id text primary key, mail text, full_name text, status text, locale text, created_at bigint);
    create view support_users as select id as user_id, mail as email, full_name, status, locale, created_at from users;
    create table support_ecosystems (ecosystem_id text, name text, plan_name text, plan_status text, plan_price_cents bigint,
        plan_currency text, plan_period text, plan_renews_at bigint, plan_features text);
    create table support_memberships (ecosystem_id text, user_id text, role text);
    create table support_successions (succession_id text, ecosystem_id text, successor_user_id text, started_at bigint);
    create table support_succession_steps (succession_id text, position bigint, title text, status text, summary text, detail text,
        reasons text, updated_at bigint);
    insert into users values
        ('u1', 'julia@example.com', 'Julia Pérez', 'active', 'es', 1700000000000),
        ('u2', 'odd@example.com', null, 'frozen', 'fr', null),
        ('u3', 'nora@example.com', 'Nora', 'pending', 'en', 1),
        ('u4', 'swapped@example.com', 'active', 'Sofía Peña', 'es', 1),
        ('u5', 'long@example.com', 'Long', 'a_word_of_more_than_forty_letters_is_none', 'es', 1);
    insert into support_ecosystems values
        ('e2', 'Beta', 'Pro', 'past_due', 4900, 'EUR', 'month', 1800000000000, '[\"Store\",\"App\"]'),
        ('e1', 'Alfa', 'Free', 'trial', 0, 'USD', 'year', null, ''),
        ('e3', 'Gamma', null, 'frozen', null, null, 'decade', 0, '{broken'),
        ('e4', 'Delta', 'Pro', 'active', 1, 'EUR', 'month', 1, '[1, \"App\", null]');
    insert into support_memberships values ('e2', 'u1', 'owner'), ('e1', 'u1', 'member'), ('e4', 'u1', 'accountant'), ('e3', 'u2', 'owner');
    ";

struct World {
    core: Core,
    admin: AnyConnection,
    _folder: TempDir,
}

async fn world(schema: &str) -> World {
    sqlx::any::install_default_drivers();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("core.db").display());
    let mut admin = AnyConnection::connect(&url).await.unwrap();
    admin.execute(AssertSqlSafe(schema.to_owned())).await.unwrap();
    World { core: Core::open(&SecretString::from(url)).unwrap(), admin, _folder: folder }
}

impl World {
    /// Looks up an address that at most one customer has.
    async fn find(&self, address: &str, kind: SupportKind) -> Option<CustomerRecord> {
        match self.core.find(&email(address), kind).await.unwrap() {
            CustomerMatch::None => None,
            CustomerMatch::One(record) => Some(*record),
            CustomerMatch::Several => panic!("several customers have {address}"),
        }
    }
}

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

#[tokio::test]
async fn customer_is_found_by_address_and_id() {
    let world = world(SCHEMA).await;
    let julia = world.find("Julia@Example.com", SupportKind::Technical).await.unwrap();
    assert_eq!(
        (julia.user_id.as_str(), julia.full_name.as_str(), julia.status),
        ("u1", "Julia Pérez", Status::Active)
    );
    assert_eq!((julia.locale, julia.created_at), (Locale::Es, Some(Timestamp(1_700_000_000_000))));
    let names: Vec<_> = julia
        .ecosystems
        .iter()
        .map(|e| (e.name.as_str(), e.role, e.plan.status, e.plan.period))
        .collect();
    assert_eq!(
        names,
        [
            ("Alfa", Role::Member, PlanStatus::Trial, Period::Year),
            ("Beta", Role::Owner, PlanStatus::PastDue, Period::Month)
        ]
    );
    let plan = &julia.ecosystems[1].plan;
    assert_eq!(
        (plan.name.as_str(), plan.price_cents, plan.currency.as_str()),
        ("Pro", Some(4900), "EUR")
    );
    assert_eq!(
        (plan.renews_at, plan.features.as_slice()),
        (Some(Timestamp(1_800_000_000_000)), &["Store".to_owned(), "App".to_owned()][..])
    );
    assert!(world.core.read("u1", SupportKind::Technical).await.unwrap().unwrap() == julia);
    assert!(world.core.read("u9", SupportKind::Technical).await.unwrap().is_none());
    assert!(world.find("unknown@example.com", SupportKind::Technical).await.is_none());
}

#[tokio::test]
async fn text_that_is_not_a_word_is_not_logged() {
    let world = world(SCHEMA).await;
    for address in ["swapped@example.com", "long@example.com"] {
        let odd = world.find(address, SupportKind::Technical).await.unwrap();
        assert_eq!(odd.status, Status::Unknown);
    }
    assert_eq!(world.core.parser.logged(), [("support_users.status", "(not a word)".to_owned())]);
}

#[tokio::test]
async fn unknown_words_and_lists_are_logged_once() {
    let world = world(SCHEMA).await;
    for _ in 0..2 {
        let odd = world.find("odd@example.com", SupportKind::Technical).await.unwrap();
        assert_eq!(
            (odd.status, odd.full_name.as_str(), odd.locale),
            (Status::Unknown, "", Locale::En)
        );
        let plan = &odd.ecosystems[0].plan;
        assert_eq!(
            (plan.status, plan.period, plan.renews_at),
            (PlanStatus::Unknown, Period::Unknown, None)
        );
        assert!(plan.features.is_empty());
    }
    let logged: Vec<String> = world
        .core
        .parser
        .logged()
        .into_iter()
        .map(|(column, word)| format!("{column}={word}"))
        .collect();
    assert_eq!(
        logged,
        [
            "support_ecosystems.plan_features=(not a JSON array)",
            "support_ecosystems.plan_period=decade",
            "support_ecosystems.plan_status=frozen",
            "support_users.status=frozen",
        ]
    );
}

#[tokio::test]
async fn change_in_core_is_visible_at_once() {
    let mut world = world(SCHEMA).await;
    assert_eq!(
        world.core.read("u1", SupportKind::Technical).await.unwrap().unwrap().status,
        Status::Active
    );
    world.admin.execute("update users set status = 'suspended' where id = 'u1'").await.unwrap();
    assert_eq!(
        world.core.read("u1", SupportKind::Technical).await.unwrap().unwrap().status,
        Status::Suspended
    );
}

#[tokio::test]
async fn core_is_read_only() {
    let world = world(SCHEMA).await;
    assert!(world.core.pool.execute("delete from users").await.is_err());
    assert!(world.core.read("u1", SupportKind::Technical).await.unwrap().is_some());
}

#[tokio::test]
async fn check_names_wrong_views_and_columns() {
    let mut world = world(SCHEMA).await;
    assert!(world.core.check().await.unwrap().iter().all(|check| check.problems.is_empty()));
    for change in [
        "drop view support_users; create view support_users as select id as user_id, mail as email, full_name, status, created_at from users",
        "drop table support_successions",
        "drop table support_memberships; create table support_memberships (ecosystem_id text, user_id bigint, role text)",
        "drop table support_succession_steps; create view support_succession_steps as select 'a' as succession_id, 'one' as position, \
         'a' as title, 'a' as status, 'a' as summary, 'a' as detail, '[]' as reasons, 1 as updated_at",
    ] {
        world.admin.execute(AssertSqlSafe(change.to_owned())).await.unwrap();
    }
    let checks = world.core.check().await.unwrap();
    let problems: Vec<_> = checks
        .iter()
        .flat_map(|check| check.problems.iter().map(|problem| format!("{} {problem}", check.view)))
        .collect();
    assert_eq!(
        problems,
        [
            "support_users has no column locale (text)",
            "support_memberships column user_id is bigint, not text: cast it in the view",
            "support_successions does not exist, or this user may not read it",
            "support_succession_steps column position does not hold bigint: cast it in the view",
        ]
    );
}

#[tokio::test]
async fn unreachable_core_is_a_fault() {
    let core = Core::open(&SecretString::from("sqlite:///nowhere/at/all.db")).unwrap();
    let fault = core.read("u1", SupportKind::Technical).await.unwrap_err();
    assert!(fault.to_string().starts_with("reading a customer in Core"), "{fault}");
    assert!(core.check().await.is_err());
}

#[test]
fn sqlite_mode_in_url_is_replaced() {
    assert_eq!(in_mode("sqlite://core.db", "ro"), "sqlite://core.db?mode=ro");
    assert_eq!(
        in_mode("sqlite://core.db?mode=rwc&cache=private", "ro"),
        "sqlite://core.db?cache=private&mode=ro"
    );
    assert_eq!(in_mode("postgres://h/d?sslmode=require", "ro"), "postgres://h/d?sslmode=require");
}

const SUCCESSIONS: &str = "
    insert into support_successions values ('s2', 'e2', 'u1', 1700000000000), ('s9', 'e9', 'u1', null), ('s3', 'e3', 'u2', 1);
    insert into support_succession_steps values
        ('s2', 10, 'Transfer', 'waiting', null, null, null, null),
        ('s2', 2, 'Validation', 'rejected', 'Rejected by Waizant', 'Send it again', '[\"Expired\", \"Cut off\"]', 1700000001000),
        ('s2', 1, 'Opened', 'done', 'Named', '', '[]', 1700000000000),
        ('s9', 1, 'Odd', 'paused', '', '', '{broken', 0),
        ('s3', 1, 'Of another customer', 'done', '', '', '[]', 1);
    ";

#[tokio::test]
async fn successions_are_read_with_steps_in_order() {
    let world = world(&format!("{SCHEMA}{SUCCESSIONS}")).await;
    let julia = world.find("julia@example.com", SupportKind::Successor).await.unwrap();
    assert!(julia.ecosystems.is_empty(), "a successor look-up reads no ecosystems");
    let successions: Vec<_> = julia
        .successions
        .iter()
        .map(|s| (s.id.as_str(), s.ecosystem.as_str(), s.ecosystem_name.as_str()))
        .collect();
    // The id replaces a missing name of an ecosystem.
    assert_eq!(successions, [("s9", "e9", "e9"), ("s2", "e2", "Beta")]);
    let succession = &julia.successions[1];
    assert_eq!(succession.started_at, Timestamp(1_700_000_000_000));
    let steps: Vec<_> = succession
        .steps
        .iter()
        .map(|step| (step.title.as_str(), step.status, step.updated_at))
        .collect();
    assert_eq!(
        steps,
        [
            ("Opened", StepStatus::Done, Some(Timestamp(1_700_000_000_000))),
            ("Validation", StepStatus::Rejected, Some(Timestamp(1_700_000_001_000))),
            ("Transfer", StepStatus::Waiting, None),
        ]
    );
    let rejected = &succession.steps[1];
    assert_eq!(
        (rejected.summary.as_str(), rejected.detail.as_str()),
        ("Rejected by Waizant", "Send it again")
    );
    assert_eq!(rejected.reasons, ["Expired", "Cut off"]);
    let odd = &julia.successions[0].steps[0];
    assert_eq!((odd.status, odd.updated_at, odd.reasons.len()), (StepStatus::Unknown, None, 0));
    let logged = world.core.parser.logged();
    let columns: Vec<_> = logged.iter().map(|(column, _)| *column).collect();
    assert_eq!(columns, ["support_succession_steps.reasons", "support_succession_steps.status"]);
    let nora = world.find("nora@example.com", SupportKind::Successor).await.unwrap();
    assert!(nora.successions.is_empty());
}
