//! Fakes of what the leads' views and the watch read. No test of the rules reads much of it.

use std::collections::HashSet;
use std::ops::Range;

use async_trait::async_trait;
use commands::model::alert::{Alert, AlertCard, AlertId, AlertSubject, NewAlert};
use commands::model::fault::Fault;
use commands::model::session::Session;
use commands::model::time::Timestamp;
use commands::model::trail_filter::TrailFilter;
use commands::model::words::SessionId;
use commands::ports::alerts::{AlertFilter, AlertPage, Alerts};
use commands::ports::figures::{
    AgentDays, AlertFigures, CodeFigures, CountedSession, FigureFilter, FigureSource,
};
use commands::ports::session_search::{SessionEvent, SessionFilter, SessionPage, SessionSearch};
use commands::ports::trail_search::{ChainVerdict, TrailLine, TrailPart, TrailSearch};
use commands::ports::watched::{
    CustomerMail, StuckRevocation, UnknownLookup, Watched, WatchedGroup, WatchedSession, WrongCode,
};
use serde_json::Value;

use crate::fakes::World;

/// No test of the rules reads alerts back.
#[async_trait]
impl Alerts for World {
    async fn find(&self, _: &AlertId) -> Result<Option<Alert>, Fault> {
        Ok(None)
    }

    async fn of_report(&self, _: &str) -> Result<Option<Alert>, Fault> {
        Ok(None)
    }

    async fn alerted_of(&self, _: &[SessionId]) -> Result<HashSet<SessionId>, Fault> {
        Ok(HashSet::new())
    }

    async fn has_other_report(&self, _: &Alert) -> Result<bool, Fault> {
        Ok(false)
    }

    async fn page(&self, _: AlertFilter, _: u32, _: u32) -> Result<AlertPage, Fault> {
        Ok(AlertPage::default())
    }

    async fn last_answer(&self) -> Result<Option<Timestamp>, Fault> {
        Ok(None)
    }

    async fn count_open(&self) -> Result<u64, Fault> {
        Ok(0)
    }

    async fn due(&self, _: Timestamp, _: u32) -> Result<Vec<Alert>, Fault> {
        Ok(Vec::new())
    }

    async fn lease(&self, _: &Alert, _: Timestamp) -> Result<bool, Fault> {
        Ok(false)
    }

    async fn save_card(&self, _: &Alert, _: &AlertCard, _: Timestamp) -> Result<(), Fault> {
        Ok(())
    }

    async fn end_reminders(&self, _: &AlertId) -> Result<(), Fault> {
        Ok(())
    }

    async fn note_act(&self, _: &AlertSubject, _: u64, _: Timestamp) -> Result<(), Fault> {
        Ok(())
    }
}

/// No test of the rules runs the watch.
#[async_trait]
impl Watched for World {
    async fn take_watch(&self, _: Timestamp) -> Result<bool, Fault> {
        Ok(false)
    }

    async fn sessions(&self, _: WatchedGroup) -> Result<Vec<WatchedSession>, Fault> {
        Ok(Vec::new())
    }

    async fn unknown_lookups(&self, _: Timestamp) -> Result<Vec<UnknownLookup>, Fault> {
        Ok(Vec::new())
    }

    async fn wrong_codes(&self, _: Timestamp) -> Result<Vec<WrongCode>, Fault> {
        Ok(Vec::new())
    }

    async fn customer_mails(&self, _: Timestamp) -> Result<Vec<CustomerMail>, Fault> {
        Ok(Vec::new())
    }

    async fn stuck_revocations(&self, _: Timestamp) -> Result<Vec<StuckRevocation>, Fault> {
        Ok(Vec::new())
    }

    async fn checkpoint_overdue_since(&self, _: Timestamp) -> Result<Option<Timestamp>, Fault> {
        Ok(None)
    }

    async fn mail_alert_is_open(&self) -> Result<bool, Fault> {
        Ok(false)
    }

    async fn news(&self, alerts: Vec<NewAlert>, _: Timestamp) -> Result<Vec<NewAlert>, Fault> {
        Ok(alerts)
    }
}

/// No test of the rules lists sessions for a lead.
#[async_trait]
impl SessionSearch for World {
    async fn page(&self, _: SessionFilter, _: u32, _: u32) -> Result<SessionPage, Fault> {
        Ok(SessionPage::default())
    }

    async fn containing(&self, _: &str, _: Timestamp, _: u32) -> Result<Vec<Session>, Fault> {
        Ok(Vec::new())
    }

    async fn beginning_with(&self, _: &str, _: Timestamp, _: u32) -> Result<Vec<Session>, Fault> {
        Ok(Vec::new())
    }

    async fn last_close(&self) -> Result<Option<Timestamp>, Fault> {
        Ok(None)
    }

    async fn lockout_reason(&self, _: u64, _: &str) -> Result<Option<String>, Fault> {
        Ok(None)
    }

    async fn events(&self, _: &[SessionId], _: &[&str]) -> Result<Vec<SessionEvent>, Fault> {
        Ok(Vec::new())
    }
}

/// No test of the rules counts sessions, except those of an agent's account.
#[async_trait]
impl FigureSource for World {
    async fn sessions(&self, _: FigureFilter, _: u32) -> Result<Vec<CountedSession>, Fault> {
        unreachable!("no test counts sessions")
    }

    async fn count(&self, _: FigureFilter) -> Result<u64, Fault> {
        unreachable!("no test counts sessions")
    }

    async fn codes(&self, _: FigureFilter) -> Result<CodeFigures, Fault> {
        unreachable!("no test counts codes")
    }

    async fn alerts(&self, _: Timestamp, _: Timestamp) -> Result<Vec<AlertFigures>, Fault> {
        unreachable!("no test counts alerts")
    }

    async fn agent_signals(&self, _: u64, _: Timestamp) -> Result<Vec<AlertFigures>, Fault> {
        Ok(Vec::new())
    }

    async fn agent_days(&self, _: u64, _: Timestamp) -> Result<AgentDays, Fault> {
        Ok(AgentDays::default())
    }
}

/// No test of the rules reads the trail for a lead.
#[async_trait]
impl TrailSearch for World {
    async fn lines(&self, _: &TrailFilter, _: TrailPart) -> Result<Vec<TrailLine>, Fault> {
        Ok(Vec::new())
    }

    async fn count(&self, _: &TrailFilter, _: u64) -> Result<u64, Fault> {
        Ok(0)
    }

    async fn has_read(&self, _: u64, _: Range<Timestamp>, _: &Value) -> Result<bool, Fault> {
        Ok(true)
    }

    async fn verify(&self, _: &SessionId) -> Result<Option<ChainVerdict>, Fault> {
        Ok(None)
    }
}
