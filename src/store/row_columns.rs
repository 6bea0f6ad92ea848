//! The columns of a session's row, and the statement that reads them.

use commands::model::pseudonym::Pseudonym;
use commands::model::session::Session;
use sqlx::any::AnyRow;
use sqlx::{FromRow, SqlStr};

use super::engine::Engine;
use super::store_keys::{RowCheck, StoreKeys};
use crate::fields::Fields;
use crate::trail::columns::ColumnType::{self, Number, Text};
use crate::trail::columns::{self, number, text};
use crate::trail::event::Head;

/// The columns that the MAC covers, and the MAC, in the order of the fields of [`Columns`].
const COLUMNS: &str = "id, version, kind, discord_id, agent_id, agent_name, customer, \
    attending, state, sealed, about, next_at, opened_at, closed_at, closed_why, trail_seq, \
    trail_signature, mac";
/// The numbers among [`COLUMNS`].
const NUMBERS: [&str; 6] =
    ["version", "discord_id", "next_at", "opened_at", "closed_at", "trail_seq"];
/// The columns that can be null. An odd cell in one of them would read as the null that the MAC
/// covers.
const NULLABLE: [(&str, &str); 8] = [
    ("customer", "text"),
    ("attending", "text"),
    ("sealed", "text"),
    ("about", "text"),
    ("next_at", "integer"),
    ("closed_at", "integer"),
    ("closed_why", "text"),
    ("trail_signature", "text"),
];
/// Places in a row of [`select`].
const ID: usize = 0;
const NEXT_AT: usize = 11;
pub(super) const NEWEST_SIGNATURE: usize = 18;
pub(super) const ABOUT_KEY: usize = 19;
const IS_ODD: usize = 20;

/// Numbers after the head of a session's chain in which an event counts as its next one. A session
/// has a few dozen events. The forged ones beyond are ignored here, and `trail verify` reports
/// them. So the chain can always continue after its newest event.
pub(super) const REACH: i64 = 1 << 20;
/// The greatest number of an event that a chain continues after. No sum of such a number and
/// [`REACH`] overflows.
pub(super) const LAST_SEQ: i64 = 1 << 62;

/// Builds a statement that selects what [`decode`](super::rows::decode) needs, and continues with
/// `rest`.
///
/// A tampered cell does not fail the statement. It reads as null, see [`columns`].
pub(super) fn select(engine: Engine, rest: &str) -> SqlStr {
    let newest = columns::select(
        engine,
        &[("signature", Text)],
        &format!(
            "from events where chain = sessions.id and seq = cast(seq as bigint) \
             and seq <= case when trail_seq < {LAST_SEQ} then trail_seq + {REACH} \
             else trail_seq end order by seq desc limit 1"
        ),
    );
    // The text is compared by equality, because a key's row can hold the wildcards of a pattern.
    let about_key = columns::select(
        engine,
        &[("own.sealed", Text)],
        "from subject_keys own where sessions.closed_at is null \
         and own.subject = coalesce(sessions.customer, 'nobody') \
         and substr(sessions.about, 1, length(own.subject) + length(own.quarter) + 2) \
         = own.subject || '.' || own.quarter || '.' limit 1",
    );
    let is_odd = match engine {
        // PostgreSQL enforces the column's type.
        Engine::Postgres => "0".to_owned(),
        Engine::Sqlite => NULLABLE
            .map(|(name, kind)| format!("typeof({name}) not in ('null', '{kind}')"))
            .join(" or "),
    };
    let (newest, about_key) = (newest.as_str(), about_key.as_str());
    let rest = format!(", ({newest}), ({about_key}), {is_odd} from sessions {rest}");
    columns::select(engine, &cells(), &rest)
}

/// Returns [`COLUMNS`] with their types, which [`Columns`] is read from.
pub(super) fn cells() -> Vec<(&'static str, ColumnType)> {
    let typed = |name| (name, if NUMBERS.contains(&name) { Number } else { Text });
    COLUMNS.split(", ").map(typed).collect()
}

/// Returns the id and the next timer of a row of [`select`], if the cells hold a text and a number.
pub(super) fn timer(row: &AnyRow) -> (Option<String>, Option<i64>) {
    (text(row, ID), number(row, NEXT_AT))
}

/// Returns true if a nullable cell of a row of [`select`] holds a value of another type.
pub(super) fn is_odd(row: &AnyRow) -> bool {
    number(row, IS_ODD) == Some(1)
}

/// Returns the version that follows. A row whose version was set to the greatest number starts
/// again.
pub(super) fn next_version(version: i64) -> i64 {
    version.checked_add(1).unwrap_or(1)
}

/// The columns of a row that its MAC covers, and the MAC.
pub(crate) struct Columns {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) kind: String,
    pub(crate) discord_id: i64,
    pub(crate) agent_id: String,
    pub(crate) agent_name: String,
    pub(crate) customer: Option<String>,
    pub(crate) attending: Option<String>,
    pub(crate) state: String,
    pub(crate) sealed: Option<String>,
    pub(crate) about: Option<String>,
    pub(crate) next_at: Option<i64>,
    pub(crate) opened_at: i64,
    pub(crate) closed_at: Option<i64>,
    pub(crate) closed_why: Option<String>,
    pub(crate) trail_seq: i64,
    pub(crate) trail_signature: Option<String>,
    pub(crate) mac: String,
}

impl FromRow<'_, AnyRow> for Columns {
    /// Reads [`COLUMNS`]. Fails if a cell that is never null holds no value of its type.
    fn from_row(row: &AnyRow) -> Result<Self, sqlx::Error> {
        let missing = || sqlx::Error::Decode("a cell holds no value of its type".into());
        let text_at = |column| text(row, column).ok_or_else(missing);
        let number_at = |column| number(row, column).ok_or_else(missing);
        Ok(Self {
            id: text_at(ID)?,
            version: number_at(1)?,
            kind: text_at(2)?,
            discord_id: number_at(3)?,
            agent_id: text_at(4)?,
            agent_name: text_at(5)?,
            customer: text(row, 6),
            attending: text(row, 7),
            state: text_at(8)?,
            sealed: text(row, 9),
            about: text(row, 10),
            next_at: number(row, NEXT_AT),
            opened_at: number_at(12)?,
            closed_at: number(row, 13),
            closed_why: text(row, 14),
            trail_seq: number_at(15)?,
            trail_signature: text(row, 16),
            mac: text_at(17)?,
        })
    }
}

impl Columns {
    /// Reads a row of [`cells`]; `None` if its MAC is not authentic.
    pub(super) fn read_authentic(row: &AnyRow, keys: &StoreKeys) -> Option<Self> {
        let columns = Self::from_row(row).ok()?;
        let check = keys.check_row(columns.fields().as_bytes(), &columns.mac);
        (check == RowCheck::Authentic).then_some(columns)
    }

    /// Returns the bytes that the MAC covers: everything that decides who may do what. A column
    /// that a later version adds is a copy for queries, because what decides stands in the state.
    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::of("support-desk session 1");
        fields.text(Some(&self.id)).number(self.version).text(Some(&self.kind));
        fields.number(self.discord_id).text(Some(&self.agent_id)).text(Some(&self.agent_name));
        fields.text(self.customer.as_deref()).text(self.attending.as_deref());
        fields.text(Some(&self.state)).text(self.sealed.as_deref()).text(self.about.as_deref());
        fields.optional(self.next_at).number(self.opened_at).optional(self.closed_at);
        fields.text(self.closed_why.as_deref()).number(self.trail_seq);
        fields.text(self.trail_signature.as_deref());
        fields
    }

    /// Returns the columns of a session in its new version. `mac` is empty.
    pub(super) fn of(
        session: &Session,
        state: String,
        sealed: Option<String>,
        about: Option<String>,
        head: Head,
    ) -> Self {
        let closed = session.closed();
        let actor = &session.actor;
        Self {
            id: session.id.to_string(),
            version: next_version(session.version),
            kind: session.kind().to_owned(),
            discord_id: actor.discord_id.cast_signed(),
            agent_id: actor.agent_id.clone(),
            agent_name: actor.name.clone(),
            customer: session.pseudonym.as_ref().map(Pseudonym::to_string),
            attending: session.attending().map(Pseudonym::to_string),
            state,
            sealed,
            about,
            next_at: session.next_at().map(|at| at.0),
            opened_at: session.clocks.opened_at.0,
            closed_at: closed.map(|(_, at)| at.0),
            closed_why: closed.map(|(why, _)| why.name().to_owned()),
            trail_seq: head.seq,
            trail_signature: head.to_column(),
            mac: String::new(),
        }
    }
}
