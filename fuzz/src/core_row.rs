//! Rows of Core's views, with a value of any type in any column, read as a look-up reads them and
//! then shown.
//!
//! The bytes are lines, one a column in the order of [`COLUMNS`]: `t` and a text, `i` and a number,
//! `r` and a number, `b` and bytes, or `n`. Lines that are missing are as they ought to be.

use std::cell::RefCell;

use commands::engine::panel::render;
use commands::flows::support::{successor, technical};
use commands::model::customer::{Case, CaseSubject, CustomerRecord, MaskedCustomer, Status};
use commands::model::email::Email;
use commands::model::flow_state::{Attended, LinkState, SupportState};
use commands::model::session::{Secrets, Session, Work};
use commands::model::time::Timestamp;
use commands::model::timers::{Clocks, IDLE_CLOSE};
use commands::model::verification::Verification;
use commands::model::words::{Actor, CloseReason, Locale, SupportKind};
use commands::ports::directory::Directory as _;
use commands::screens::screen::Screen;
use secrecy::SecretString;
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Connection as _};
use support_desk::core::Core;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const NOW: Timestamp = Timestamp(1_767_607_200_000);
const EMAIL: &str = "julia@example.com";
/// Characters of a text from which on a fault that has it in it quotes it.
const QUOTED: usize = 16;

/// What the views have, with what stands there when nothing is said. The first three decide who may
/// be helped.
const COLUMNS: [(&str, Cell<'static>); 21] = [
    ("user_id", Cell::Text("u1")),
    ("status", Cell::Text("active")),
    ("role", Cell::Text("owner")),
    ("full_name", Cell::Text("Julia Pérez")),
    ("locale", Cell::Text("es")),
    ("created_at", Cell::Integer(1_700_000_000_000)),
    ("ecosystem_id", Cell::Text("e1")),
    ("name", Cell::Text("Casa Luz")),
    ("plan_name", Cell::Text("Pro")),
    ("plan_status", Cell::Text("trial")),
    ("plan_price_cents", Cell::Integer(4900)),
    ("plan_currency", Cell::Text("EUR")),
    ("plan_period", Cell::Text("month")),
    ("plan_renews_at", Cell::Integer(1_800_000_000_000)),
    ("plan_features", Cell::Text("[\"Store\"]")),
    ("title", Cell::Text("Validation")),
    ("step_status", Cell::Text("rejected")),
    ("summary", Cell::Text("It was rejected")),
    ("detail", Cell::Text("At length.")),
    ("reasons", Cell::Text("[\"Too dark\"]")),
    ("updated_at", Cell::Integer(1_750_000_000_000)),
];

/// The views, over one table of one row. Without types, so that SQLite keeps what it is given.
const SCHEMA: &str = "
    create view support_users as select user_id, 'julia@example.com' as email, full_name, status, locale, created_at from row;
    create view support_ecosystems as select ecosystem_id, name, plan_name, plan_status, plan_price_cents, plan_currency,
        plan_period, plan_renews_at, plan_features from row;
    create view support_memberships as select ecosystem_id, user_id, role from row;
    create view support_successions as select 's1' as succession_id, ecosystem_id, user_id as successor_user_id, created_at as started_at
        from row;
    create view support_succession_steps as select 's1' as succession_id, 1 as position, title, step_status as status, summary, detail,
        reasons, updated_at from row;";

thread_local! {
    static DATABASE: RefCell<Option<Database>> = const { RefCell::new(None) };
}

/// Writes the bytes into Core, looks the customer up on both roads and shows what comes.
pub fn run(bytes: &[u8]) {
    let mut cells = COLUMNS.map(|(_, cell)| cell);
    for (cell, line) in cells.iter_mut().zip(bytes.split(|byte| *byte == b'\n')) {
        if let Some(read) = Cell::read(line) {
            *cell = read;
        }
    }
    DATABASE.with_borrow_mut(|database| {
        let database = database.get_or_insert_with(Database::new);
        for road in [SupportKind::Technical, SupportKind::Successor] {
            match database.looks_up(&cells, road) {
                Ok(found) => holds(&cells, &found.expect("somebody has that address"), road),
                Err(said) => {
                    let quotes =
                        |cell: &Cell<'_>| matches!(cell, Cell::Text(text) if text.len() >= QUOTED && said.contains(text));
                    assert!(!cells.iter().any(quotes), "a fault quotes what it read: {said}");
                }
            }
        }
    });
}

/// What was read gives nobody rights by guessing, and everything that shows it can show it.
fn holds(cells: &[Cell<'_>], record: &CustomerRecord, road: SupportKind) {
    assert_eq!(record.status == Status::Active, cells[1] == Cell::Text("active"));
    if road == SupportKind::Technical {
        let role = matches!(cells[2], Cell::Text("owner" | "member"));
        assert!(role || record.ecosystems.is_empty(), "a role by guessing");
    }
    let customer = MaskedCustomer::of(record, road);
    assert!(!customer.email.contains(record.email.as_str()), "an address in clear");
    let cases = record
        .ecosystems
        .iter()
        .map(|ecosystem| (&ecosystem.id, &ecosystem.name, CaseSubject::Membership(ecosystem.role)));
    let successions = record.successions.iter();
    let cases =
        cases.chain(successions.map(|one| {
            (&one.ecosystem, &one.ecosystem_name, CaseSubject::Succession(one.id.clone()))
        }));
    let cases: Vec<Case> = cases
        .map(|(id, name, subject)| Case {
            customer: customer.clone(),
            ecosystem: id.clone(),
            ecosystem_name: name.clone(),
            subject,
        })
        .collect();
    let found = SupportState::Found { customer: customer.clone(), attended: Attended::No };
    let states = [found, SupportState::Choosing { customer }].into_iter();
    for state in states.chain(cases.iter().map(|case| SupportState::Acting { case: case.clone() }))
    {
        for locale in [Locale::En, Locale::Es] {
            let session = session(Work::Support(road, state.clone()), locale);
            is_harmless(&render(&session, Some(record), None, 0, NOW));
            let SupportState::Acting { case } = &state else { continue };
            match road {
                SupportKind::Technical => {
                    is_harmless(&technical::plan(&session, case, Some(record)))
                }
                SupportKind::Successor => {
                    is_harmless(&successor::details(&session, case, Some(record), 0))
                }
            }
        }
    }
}

/// Nothing of Core's is taken for Discord's markup: no mention, no link with a text of its own.
fn is_harmless(screen: &Screen) {
    let fields = screen.fields.iter().flat_map(|field| [&field.name, &field.value]);
    for text in screen.body.iter().chain(fields) {
        assert!(!text.contains("<@") && !text.contains("]("), "markup in {text}");
    }
}

fn session(work: Work, locale: Locale) -> Session {
    // Replaced at once: it only has to be something.
    let nothing = Work::Link(LinkState::Closed(CloseReason::Dismissed));
    let mut session = Session {
        id: "AAAAAAAAAAAAAAAAAAAAAA".parse().expect("an id"),
        actor: Actor { discord_id: 1, agent_id: "agent".to_owned(), name: "Ben".to_owned() },
        locale,
        version: 0,
        generation: 0,
        customer_id: Some("u1".to_owned()),
        work: nothing,
        clocks: Clocks::starting(NOW, IDLE_CLOSE),
        agent: Verification::default(),
        customer: Verification::default(),
        pending: Vec::new(),
        access_links: Vec::new(),
        links_issued: 0,
        secrets: Secrets::default(),
    };
    session.work = work;
    session
}

/// A value in a column.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cell<'a> {
    Null,
    Text(&'a str),
    Integer(i64),
    Real(f64),
    Blob(&'a [u8]),
}

impl<'a> Cell<'a> {
    /// Reads a line; `None` leaves the column as it ought to be.
    fn read(line: &'a [u8]) -> Option<Self> {
        let (kind, value) = line.split_first()?;
        let text = std::str::from_utf8(value).ok();
        Some(match kind {
            b'n' => Self::Null,
            b't' => Self::Text(text?),
            b'i' => Self::Integer(text?.parse().ok()?),
            b'r' => Self::Real(text?.parse().ok()?),
            b'b' => Self::Blob(value),
            _ => return None,
        })
    }

    fn bound(self, query: Query<'a, Any, AnyArguments>) -> Query<'a, Any, AnyArguments> {
        match self {
            Self::Null => query.bind(None::<String>),
            Self::Text(text) => query.bind(text),
            Self::Integer(number) => query.bind(number),
            Self::Real(number) => query.bind(number),
            Self::Blob(bytes) => query.bind(bytes),
        }
    }
}

/// A Core of one row.
struct Database {
    runtime: Runtime,
    core: Core,
    admin: AnyConnection,
    update: String,
    _folder: TempDir,
}

impl Database {
    fn new() -> Self {
        let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        let set: Vec<String> =
            names.iter().zip(1..).map(|(name, n)| format!("{name} = ${n}")).collect();
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("core.db").display());
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (core, admin) = runtime.block_on(async {
            let core = Core::open(&SecretString::from(url.as_str())).expect("an address");
            let mut admin = AnyConnection::connect(&url).await.expect("a file");
            // Nothing here outlives the process, so nothing has to reach the disk.
            let table = format!(
                "pragma synchronous = off; pragma journal_mode = memory; create table row ({}); {SCHEMA}",
                names.join(", ")
            );
            sqlx::raw_sql(AssertSqlSafe(table)).execute(&mut admin).await.expect("its tables");
            sqlx::query("insert into row (name) values (null)").execute(&mut admin).await.expect("its row");
            (core, admin)
        });
        let mut database = Self {
            runtime,
            core,
            admin,
            update: format!("update row set {}", set.join(", ")),
            _folder: folder,
        };
        // Otherwise every row would be as good as none.
        let cells = COLUMNS.map(|(_, cell)| cell);
        let technical = database
            .looks_up(&cells, SupportKind::Technical)
            .expect("it can be read")
            .expect("somebody");
        let successor = database
            .looks_up(&cells, SupportKind::Successor)
            .expect("it can be read")
            .expect("somebody");
        assert_eq!((technical.ecosystems.len(), successor.successions[0].steps.len()), (1, 1));
        database
    }

    /// The customer of this row, or what the fault says.
    fn looks_up(
        &mut self,
        cells: &[Cell<'_>],
        road: SupportKind,
    ) -> Result<Option<CustomerRecord>, String> {
        let Self { runtime, core, admin, update, .. } = self;
        runtime.block_on(async {
            let mut query = sqlx::query(AssertSqlSafe(update.as_str()));
            for cell in cells {
                query = cell.bound(query);
            }
            query.execute(admin).await.expect("a row takes any values");
            let email = Email::parse(EMAIL).expect("an address");
            core.find(&email, road).await.map_err(|fault| fault.to_string())
        })
    }
}
