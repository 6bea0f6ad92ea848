//! Parsers for the rows of Core's views.
//!
//! Lenient where that is safe: a missing text or an invalid JSON list is empty, an unknown word is
//! `Unknown`, a value of another type is missing. A row without its id, address or role costs that
//! row only. PostgreSQL types its columns: a column of another type there fails the whole query.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use commands::model::customer::{
    CustomerRecord, Ecosystem, Period, Plan, PlanStatus, Role, Status,
};
use commands::model::email::canonical;
use commands::model::normalize::{normalize, normalize_lines};
use commands::model::succession::{StepStatus, Succession, SuccessionStep};
use commands::model::time::Timestamp;
use commands::model::words::Locale;
use commands::screens::screen::MAX_LABEL;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{Any, Decode, Row, Type};

/// Maximum length of an unknown word that is logged, in characters. A longer text is not a word.
const MAX_LOGGED_WORD: usize = 40;
/// Maximum number of distinct unknown words that a process logs, because more would flood the log.
const MAX_LOGGED_WORDS: usize = 100;

/// Parses rows, and remembers which unknown words it has logged.
#[derive(Debug, Default)]
pub(super) struct RowParser {
    logged: Mutex<HashSet<(&'static str, String)>>,
}

impl RowParser {
    /// Parses a row of `support_users`. Leaves ecosystems and successions empty. Returns `None` for
    /// a row without a readable id or address.
    pub(super) fn parse_user(&self, row: &AnyRow) -> Option<CustomerRecord> {
        let (Some(user_id), Some(email)) = (id(row, "user_id"), id(row, "email")) else {
            self.log_row("support_users", "no id or no address");
            return None;
        };
        let status = match self.word(row, "status").as_str() {
            "active" => Status::Active,
            "pending" => Status::Pending,
            "suspended" => Status::Suspended,
            "closed" => Status::Closed,
            word => self.unknown("support_users.status", word, Status::Unknown),
        };
        Some(CustomerRecord {
            user_id,
            email: canonical(&email),
            full_name: self.text(row, "full_name"),
            status,
            locale: Locale::from_tag(&self.word(row, "locale")),
            created_at: self.time(row, "created_at"),
            ecosystems: Vec::new(),
            successions: Vec::new(),
        })
    }

    /// Parses the rows of the customer's ecosystems.
    ///
    /// Several rows for one ecosystem are one entry, and the weaker role counts. An unknown role is
    /// the weakest: the ecosystem is left out, because a guess could grant rights.
    pub(super) fn parse_ecosystems(&self, rows: &[AnyRow]) -> Vec<Ecosystem> {
        let mut ecosystems: Vec<Ecosystem> = Vec::new();
        let mut seen: HashMap<String, Option<usize>> = HashMap::new();
        for row in rows {
            let Some(id) = self.parse_id(row, "support_memberships", "ecosystem_id") else {
                continue;
            };
            let role = self.parse_role(row);
            if let Some(earlier) = seen.get(&id) {
                self.log_row("support_memberships", "several rows for one ecosystem");
                let known = earlier.and_then(|at| ecosystems.get_mut(at));
                match (known, role) {
                    (Some(known), Some(role)) => known.role = known.role.weaker(role),
                    (Some(_), None) => {
                        seen.insert(id, None);
                    }
                    (None, _) => {}
                }
                continue;
            }
            seen.insert(id.clone(), role.map(|_| ecosystems.len()));
            if let Some(role) = role {
                ecosystems.push(self.parse_ecosystem(row, id, role));
            }
        }
        ecosystems.retain(|ecosystem| seen.get(&ecosystem.id).is_some_and(Option::is_some));
        ecosystems
    }

    fn parse_role(&self, row: &AnyRow) -> Option<Role> {
        match self.word(row, "role").as_str() {
            "owner" => Some(Role::Owner),
            "member" => Some(Role::Member),
            word => self.unknown("support_memberships.role", word, None),
        }
    }

    fn parse_ecosystem(&self, row: &AnyRow, id: String, role: Role) -> Ecosystem {
        let status = match self.word(row, "plan_status").as_str() {
            "active" => PlanStatus::Active,
            "trial" => PlanStatus::Trial,
            "past_due" => PlanStatus::PastDue,
            "cancelled" => PlanStatus::Cancelled,
            word => self.unknown("support_ecosystems.plan_status", word, PlanStatus::Unknown),
        };
        let period = match self.word(row, "plan_period").as_str() {
            "month" => Period::Month,
            "year" => Period::Year,
            word => self.unknown("support_ecosystems.plan_period", word, Period::Unknown),
        };
        let features = self.word(row, "plan_features");
        let plan = Plan {
            name: self.text(row, "plan_name"),
            status,
            price_cents: self.number(row, "plan_price_cents"),
            currency: self.text(row, "plan_currency"),
            period,
            renews_at: self.time(row, "plan_renews_at"),
            features: self.parse_texts("support_ecosystems.plan_features", &features),
        };
        let name = name_or_id(self.text(row, "name"), &id);
        Ecosystem { id, name, role, plan }
    }

    /// Parses rows of `support_successions`. Leaves the steps empty.
    ///
    /// Equal rows are one entry. A succession in two ecosystems is left out, because the right one
    /// is unknown.
    pub(super) fn parse_successions(&self, rows: &[AnyRow]) -> Vec<Succession> {
        let mut successions: Vec<Succession> = Vec::new();
        let mut contradictory: HashSet<String> = HashSet::new();
        for row in rows {
            let view = "support_successions";
            let Some(id) = self.parse_id(row, view, "succession_id") else { continue };
            let Some(ecosystem) = self.parse_id(row, view, "ecosystem_id") else { continue };
            if let Some(known) = successions.iter().find(|known| known.id == id) {
                self.log_row(view, "several rows for one succession");
                if known.ecosystem != ecosystem {
                    contradictory.insert(id);
                }
                continue;
            }
            successions.push(Succession {
                id,
                ecosystem_name: name_or_id(self.text(row, "name"), &ecosystem),
                ecosystem,
                started_at: self.time(row, "started_at").unwrap_or_default(),
                steps: Vec::new(),
            });
        }
        successions.retain(|succession| !contradictory.contains(&succession.id));
        successions
    }

    /// Parses an id that becomes the value of a menu option. Returns `None` if Discord would refuse
    /// or change it.
    fn parse_id(&self, row: &AnyRow, view: &'static str, column: &str) -> Option<String> {
        let id = id(row, column)
            .filter(|id| (1..=MAX_LABEL).contains(&id.chars().count()) && normalize(id) == *id);
        if id.is_none() {
            self.log_row(view, "an id that is empty, too long or not plain text");
        }
        id
    }

    /// Parses a row of `support_succession_steps`. Returns the succession's id and the step, and
    /// `None` without a readable id.
    pub(super) fn parse_step(&self, row: &AnyRow) -> Option<(String, SuccessionStep)> {
        let Some(succession_id) = id(row, "succession_id") else {
            self.log_row("support_succession_steps", "no succession_id");
            return None;
        };
        let status = match self.word(row, "status").as_str() {
            "done" => StepStatus::Done,
            "current" => StepStatus::Current,
            "waiting" => StepStatus::Waiting,
            "rejected" => StepStatus::Rejected,
            word => self.unknown("support_succession_steps.status", word, StepStatus::Unknown),
        };
        let reasons = self.word(row, "reasons");
        let step = SuccessionStep {
            title: self.text(row, "title"),
            status,
            summary: self.text(row, "summary"),
            detail: normalize_lines(&self.word(row, "detail")),
            reasons: self.parse_texts("support_succession_steps.reasons", &reasons),
            updated_at: self.time(row, "updated_at"),
        };
        Some((succession_id, step))
    }

    /// Returns a text for people, in its normal form.
    fn text(&self, row: &AnyRow, column: &'static str) -> String {
        normalize(&self.word(row, column))
    }

    /// Returns a text for the program, unchanged. A missing or unreadable one is empty.
    fn word(&self, row: &AnyRow, column: &'static str) -> String {
        self.optional(row, column).unwrap_or_default()
    }

    fn time(&self, row: &AnyRow, column: &'static str) -> Option<Timestamp> {
        self.number(row, column).filter(|at| *at > 0).map(Timestamp)
    }

    fn number(&self, row: &AnyRow, column: &'static str) -> Option<i64> {
        self.optional(row, column)
    }

    /// Reads an optional value. One of another type is missing, because SQLite allows any type in
    /// any column.
    fn optional<T>(&self, row: &AnyRow, column: &'static str) -> Option<T>
    where
        T: for<'row> Decode<'row, Any> + Type<Any>,
    {
        row.try_get(column).unwrap_or_else(|_| {
            self.log_once(column, "(of another type)");
            None
        })
    }

    /// Parses a JSON array of text. Skips items that are not text, or of which nothing is seen.
    fn parse_texts(&self, column: &'static str, json: &str) -> Vec<String> {
        match serde_json::from_str::<Vec<Value>>(json) {
            Ok(list) => list
                .iter()
                .filter_map(Value::as_str)
                .map(normalize)
                .filter(|text| !text.is_empty())
                .collect(),
            Err(_) if json.trim().is_empty() => Vec::new(),
            // The text is not logged, because it can contain anything.
            Err(_) => {
                self.log_once(column, "(not a JSON array)");
                Vec::new()
            }
        }
    }

    /// Logs an unknown word once and returns `fallback`.
    fn unknown<T>(&self, column: &'static str, word: &str, fallback: T) -> T {
        let is_word = word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        // Other text is not logged, because a view with two columns swapped would log names.
        let word = if is_word && word.len() <= MAX_LOGGED_WORD { word } else { "(not a word)" };
        self.log_once(column, word);
        fallback
    }

    fn log_once(&self, column: &'static str, word: &str) {
        if self.is_new(column, word) {
            tracing::warn!(column, word, "unknown value in a Core column: shown as 'unknown'");
        }
    }

    /// Logs once that rows of a view were left out.
    pub(super) fn log_row(&self, view: &'static str, why: &'static str) {
        if self.is_new(view, why) {
            tracing::warn!(view, why, "invalid row in Core: left out");
        }
    }

    fn is_new(&self, place: &'static str, word: &str) -> bool {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        logged.len() < MAX_LOGGED_WORDS && logged.insert((place, word.to_owned()))
    }

    #[cfg(test)]
    pub(super) fn logged(&self) -> Vec<(&'static str, String)> {
        let mut logged: Vec<_> = self.logged.lock().unwrap().iter().cloned().collect();
        logged.sort();
        logged
    }
}

/// Returns the id of an ecosystem that has no name.
fn name_or_id(name: String, id: &str) -> String {
    if name.is_empty() { id.to_owned() } else { name }
}

/// Returns an id or an address, unchanged. `None` if it is missing or of another type.
fn id(row: &AnyRow, column: &str) -> Option<String> {
    row.try_get(column).ok().flatten()
}
