//! The work that waits in the store: open sessions, effects without an outcome, and alerts without
//! a card. For the metrics.

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use sqlx::Row as _;

use super::database::Database;
use super::retry::retry;
use crate::health::StoreLoad;
use crate::metrics::{EFFECT_KINDS, SESSION_KINDS};
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, number, text};

/// Activity that a fault names.
const READING: &str = "reading the load of the store";

/// Sessions whose effects are counted, the oldest first. Ours: far more than wait in an ordinary
/// outage, and their states are read in milliseconds.
const MOST_SESSIONS: u32 = 1_000;

/// The part of a session's state that is read.
#[derive(Deserialize)]
struct State {
    pending: Vec<Pending>,
}

#[derive(Deserialize)]
struct Pending {
    effect: Value,
}

impl Database {
    /// Reads the load of the store.
    pub(super) async fn load(&self) -> Result<StoreLoad, Fault> {
        let mut load = StoreLoad {
            undelivered_alert: self.oldest_undelivered_alert().await?,
            ..StoreLoad::default()
        };
        let open = retry(&self.pools, READING, || {
            sqlx::query("select kind, count(*) from sessions where closed_at is null group by kind")
                .fetch_all(&self.pools.reads)
        })
        .await?;
        for row in &open {
            let kind = row.try_get::<String, _>(0).unwrap_or_default();
            let count = row.try_get::<i64, _>(1).unwrap_or_default();
            if let Some(nth) = SESSION_KINDS.iter().position(|known| *known == kind) {
                load.sessions_open[nth] = u32::try_from(count).unwrap_or(u32::MAX);
            }
        }
        let engine = self.pools.engine;
        let rest = format!(
            "from sessions where pending_since > 0 and {}
             order by pending_since limit {MOST_SESSIONS}",
            columns::is_number(engine, "pending_since")
        );
        let cells = [("state", Text), ("pending_since", Number)];
        let statement = columns::select(engine, &cells, &rest);
        let waiting = retry(&self.pools, READING, || {
            sqlx::query(statement.clone()).fetch_all(&self.pools.reads)
        })
        .await?;
        for row in &waiting {
            let state = text(row, 0).unwrap_or_default();
            let since = Timestamp(number(row, 1).unwrap_or_default());
            let state = serde_json::from_str(&state).unwrap_or(State { pending: Vec::new() });
            for pending in &state.pending {
                let (count, oldest) = &mut load.effects[nth_kind(&pending.effect)];
                *count = count.saturating_add(1);
                // The rows come in the order of their age.
                oldest.get_or_insert(since);
            }
        }
        Ok(load)
    }

    /// Returns when the oldest open alert was raised that has no card, and that no card collects.
    async fn oldest_undelivered_alert(&self) -> Result<Option<Timestamp>, Fault> {
        let oldest: Option<i64> = retry(&self.pools, READING, || {
            sqlx::query_scalar(
                "select min(opened_at) from alerts
                 where state = 'open' and posts = 0 and drawn = 0",
            )
            .fetch_one(&self.pools.reads)
        })
        .await?;
        Ok(oldest.map(Timestamp))
    }
}

/// Returns the position of an effect's kind in [`EFFECT_KINDS`]. A stored effect is a word, or an
/// object with that word as its only field.
fn nth_kind(effect: &Value) -> usize {
    let word = effect.as_str().or_else(|| effect.as_object()?.keys().next().map(String::as_str));
    let kind = match word.unwrap_or_default() {
        word @ ("send" | "verify" | "issue" | "mail_link" | "revoke") => word,
        "notify_linked" | "notify_unlinked" | "notify_changed" | "notify_visit" => "notice",
        "request_reset" | "confirm" | "sign_out" => "password",
        "count_reporters" | "alert_locked" | "alert_reset_locked" | "alert_wrong_reset_codes" => {
            "report"
        }
        _ => "unknown",
    };
    EFFECT_KINDS.iter().position(|known| *known == kind).unwrap_or(EFFECT_KINDS.len() - 1)
}

#[cfg(test)]
mod tests {
    use commands::model::effect::Effect;
    use commands::model::report::ReportedMail;
    use commands::model::words::{Purpose, Target};

    use super::*;

    #[test]
    fn every_effect_has_a_kind() {
        let agent_id = || "sub".to_owned();
        for (effect, kind) in [
            (Effect::Send { purpose: Purpose::AgentMfa, nth: 1 }, "send"),
            (
                Effect::Verify {
                    purpose: Purpose::AgentMfa,
                    nth: 1,
                    challenge: None,
                    mac: String::new(),
                },
                "verify",
            ),
            (Effect::Issue { target: Target::Web, nth: 1 }, "issue"),
            (Effect::MailLink { nth: 1 }, "mail_link"),
            (Effect::Revoke { nth: 1 }, "revoke"),
            (Effect::NotifyLinked { agent_id: agent_id() }, "notice"),
            (Effect::NotifyUnlinked { agent_id: agent_id() }, "notice"),
            (Effect::NotifyChanged { agent_id: agent_id(), nth: 1 }, "notice"),
            (Effect::NotifyVisit, "notice"),
            (Effect::RequestReset { nth: 1 }, "password"),
            (Effect::Confirm { nth: 1 }, "password"),
            (Effect::SignOut { agent_id: agent_id(), nth: 1 }, "password"),
            (Effect::CountReporters { mail: ReportedMail::of_code(Purpose::AgentMfa) }, "report"),
            (Effect::AlertResetLocked, "report"),
            (Effect::AlertWrongResetCodes { count: 3 }, "report"),
        ] {
            let stored = serde_json::to_value(&effect).unwrap();
            assert_eq!(EFFECT_KINDS[nth_kind(&stored)], kind, "{stored}");
        }
        assert_eq!(EFFECT_KINDS[nth_kind(&Value::from("newer"))], "unknown");
    }
}
