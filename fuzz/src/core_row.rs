//! Rows of Core's views with any value in any column, read by a look-up and rendered.
//!
//! The bytes are lines, one for each column in the order of [`COLUMNS`]: `t` and a text, `i` and an
//! integer, `r` and a real number, `b` and bytes, or `n` for null. A missing line keeps the
//! default.

use std::cell::RefCell;

use commands::engine::panel::render;
use commands::flows::support::{successor, technical};
use commands::model::customer::{Case, CaseSubject, CustomerRecord, MaskedCustomer, Status};
use commands::model::email::Email;
use commands::model::flow_state::{Attended, LinkState, SupportState};
use commands::model::normalize::normalize;
use commands::model::scope::Scope;
use commands::model::session::{Secrets, Session, Work};
use commands::model::time::Timestamp;
use commands::model::timers::{Clocks, IDLE_CLOSE};
use commands::model::unknown_fields::UnknownFields;
use commands::model::verification::Verification;
use commands::model::words::{Actor, CloseReason, Locale, SupportKind};
use commands::ports::directory::{CustomerMatch, Directory as _};
use commands::screens::screen::{Row, Screen};
use secrecy::SecretString;
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Connection as _};
use support_desk::core_db::Core;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const NOW: Timestamp = Timestamp(1_767_607_200_000);
const EMAIL: &str = "julia@example.com";
/// Marks of direction, and line breaks that are not `\n`.
const TURNING: [char; 6] = ['\u{202e}', '\u{2066}', '\u{2067}', '\u{85}', '\u{2028}', '\u{2029}'];
/// Minimum length of a text that counts as quoted in a fault, in bytes.
const MIN_QUOTE: usize = 16;

/// Columns of the views with their default values. The first three decide if a customer gets help.
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

/// The views over a table of one row. Without types, so that SQLite keeps values of any type.
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

/// Writes the bytes into Core, looks up the customer for both support kinds and renders the result.
pub fn run(bytes: &[u8]) {
    let mut cells = COLUMNS.map(|(_, cell)| cell);
    for (cell, line) in cells.iter_mut().zip(bytes.split(|byte| *byte == b'\n')) {
        if let Some(parsed) = Cell::parse(line) {
            *cell = parsed;
        }
    }
    DATABASE.with_borrow_mut(|database| {
        let database = database.get_or_insert_with(Database::new);
        for kind in [SupportKind::Technical, SupportKind::Successor] {
            match database.look_up(&cells, kind) {
                Ok(found) => check(&cells, &found.expect("the address is known"), kind),
                Err(fault) => {
                    let quotes =
                        |cell: &Cell<'_>| matches!(cell, Cell::Text(text) if text.len() >= MIN_QUOTE && fault.contains(text));
                    assert!(!cells.iter().any(quotes), "a fault quotes the row: {fault}");
                }
            }
        }
    });
}

/// Checks that unknown words grant no rights, and that every screen renders the record.
fn check(cells: &[Cell<'_>], record: &CustomerRecord, kind: SupportKind) {
    assert_eq!(record.status == Status::Active, cells[1] == Cell::Text("active"));
    if kind == SupportKind::Technical {
        let role = matches!(cells[2], Cell::Text("owner" | "member"));
        assert!(role || record.ecosystems.is_empty(), "an unknown role grants an ecosystem");
    }
    let customer = MaskedCustomer::of(record, kind);
    assert!(!customer.email.contains(record.email.as_str()), "the address is not masked");
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
            unknown: UnknownFields::NONE,
        })
        .collect();
    let found = SupportState::Found { customer: customer.clone(), attended: Attended::No };
    let states = [found, SupportState::Choosing { customer }].into_iter();
    for state in states.chain(cases.iter().map(|case| SupportState::Acting { case: case.clone() }))
    {
        for locale in [Locale::En, Locale::Es] {
            let session = session(Work::Support(kind, state.clone()), locale);
            assert_no_markup(&render(&session, Some(record), None, 0, NOW));
            let SupportState::Acting { case } = &state else { continue };
            match kind {
                SupportKind::Technical => {
                    assert_no_markup(&technical::plan(&session, case, Some(record)));
                }
                SupportKind::Successor => {
                    assert_no_markup(&successor::details(&session, case, Some(record), 0));
                }
            }
        }
    }
}

/// Asserts that no value of Core becomes markup of Discord (a mention, a link, a list), turns the
/// text around it or breaks its line.
fn assert_no_markup(screen: &Screen) {
    let fields = screen.fields.iter().flat_map(|field| [&field.name, &field.value]);
    for text in screen.body.iter().chain(fields) {
        assert!(!text.contains("<@") && !text.contains("]("), "markup in {text}");
        assert!(
            !text.lines().any(|line| line.starts_with("- ") || line.starts_with("+ ")),
            "a list in {text}"
        );
        assert!(!text.contains(TURNING), "{text:?}");
    }
    for row in &screen.rows {
        let Row::Menu(menu) = row else { continue };
        for option in &menu.options {
            for part in option.label.split(" · ") {
                assert_eq!(normalize(part), part.trim_end(), "a label of the menu");
            }
        }
    }
}

fn session(work: Work, locale: Locale) -> Session {
    // A placeholder that is replaced below.
    let placeholder = Work::Link(LinkState::Closed(CloseReason::Dismissed));
    let mut session = Session {
        id: "AAAAAAAAAAAAAAAAAAAAAA".parse().expect("an id"),
        actor: Actor {
            discord_id: 1,
            agent_id: "agent".to_owned(),
            name: "Ben".to_owned(),
            unknown: UnknownFields::NONE,
        },
        locale,
        version: 0,
        generation: 0,
        pseudonym: None,
        ticket: None,
        scope: Scope::Act,
        work: placeholder,
        clocks: Clocks::starting(NOW, IDLE_CLOSE),
        agent: Verification::default(),
        customer: Verification::default(),
        pending: Vec::new(),
        access_links: Vec::new(),
        links_issued: 0,
        links_denied: 0,
        report_record: None,
        taken_over_by: None,
        may_be_proven: false,
        past: None,
        revocations: 0,
        secrets: Secrets::default(),
        unknown: UnknownFields::NONE,
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
    /// Parses a line. `None` keeps the default.
    fn parse(line: &'a [u8]) -> Option<Self> {
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

    fn bind_to(self, query: Query<'a, Any, AnyArguments>) -> Query<'a, Any, AnyArguments> {
        match self {
            Self::Null => query.bind(None::<String>),
            Self::Text(text) => query.bind(text),
            Self::Integer(number) => query.bind(number),
            Self::Real(number) => query.bind(number),
            Self::Blob(bytes) => query.bind(bytes),
        }
    }
}

/// A Core database with one row.
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
            // Without durability, because the file lives only as long as the process.
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
        // The default row must be readable, or the target would test nothing.
        let cells = COLUMNS.map(|(_, cell)| cell);
        let technical = database
            .look_up(&cells, SupportKind::Technical)
            .expect("the default row is readable")
            .expect("the address is known");
        let successor = database
            .look_up(&cells, SupportKind::Successor)
            .expect("the default row is readable")
            .expect("the address is known");
        assert_eq!((technical.ecosystems.len(), successor.successions[0].steps.len()), (1, 1));
        database
    }

    /// Looks up the customer of this row. Fails with the text of the fault.
    fn look_up(
        &mut self,
        cells: &[Cell<'_>],
        kind: SupportKind,
    ) -> Result<Option<CustomerRecord>, String> {
        let Self { runtime, core, admin, update, .. } = self;
        runtime.block_on(async {
            let mut query = sqlx::query(AssertSqlSafe(update.as_str()));
            for cell in cells {
                query = cell.bind_to(query);
            }
            query.execute(admin).await.expect("a row takes any value");
            let email = Email::parse(EMAIL).expect("an address");
            match core.find(&email, kind).await.map_err(|fault| fault.to_string())? {
                CustomerMatch::None => Ok(None),
                CustomerMatch::One(record) => Ok(Some(*record)),
                CustomerMatch::Several => unreachable!("the view has one row"),
            }
        })
    }
}
