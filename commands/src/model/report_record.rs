//! What the report pages of a session and its lists need of the codes and links, also after its
//! close.

use serde::{Deserialize, Serialize};

use crate::model::effect::{Effect, Pending};
use crate::model::report::{Opened, Report, ReportedMail};
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::Purpose;

/// Facts for the report pages of a session, and for the lists of sessions. They stay after the
/// close.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRecord {
    /// Time of the newest code that was mailed to the agent, or may have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_mailed_at: Option<Timestamp>,
    /// Time of the newest code that was mailed to the customer, or may have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_mailed_at: Option<Timestamp>,
    /// Time of the right code that verified the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_verified_at: Option<Timestamp>,
    /// Time of the right code that verified the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_verified_at: Option<Timestamp>,
    /// Time at which the newest mail to the customer with a known result came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_bounced_at: Option<Timestamp>,
    /// Time of the notice: of a linked or unlinked account, a new password or a visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noticed_at: Option<Timestamp>,
    /// What the access links opened, oldest first. A link counts once it was handed over, and a
    /// mailed one also if the result of its mail is unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened: Vec<Opened>,
    /// Answers to the report pages: at most one a mail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<Report>,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

impl Session {
    /// Returns what the session's report pages need, mutably.
    pub fn report_record_mut(&mut self) -> &mut ReportRecord {
        self.report_record.get_or_insert_default()
    }

    /// Returns what the session's access links opened, oldest first.
    pub fn opened(&self) -> &[Opened] {
        self.report_record.as_ref().map_or(&[], |record| &record.opened)
    }

    /// Returns the answer to the report page of a mail.
    pub fn report(&self, mail: ReportedMail) -> Option<&Report> {
        self.report_record.as_ref()?.reports.iter().find(|report| report.mail == mail)
    }

    /// Returns true if an access link of the session was handed over, or is being issued.
    pub fn may_have_opened(&self) -> bool {
        let is_issuing = |pending: &Pending| {
            matches!(pending.effect, Effect::Issue { .. } | Effect::MailLink { .. })
        };
        !self.opened().is_empty() || self.pending.iter().any(is_issuing)
    }

    /// Returns the time of the newest report of the customer that counts against the agent.
    pub fn reported_at(&self) -> Option<Timestamp> {
        let reports = self.report_record.iter().flat_map(|record| &record.reports);
        reports.filter(|report| report.counts_against_agent()).map(|report| report.at).max()
    }

    /// Returns the time of the newest code that was mailed to the customer, or may have been.
    pub fn customer_mailed_at(&self) -> Option<Timestamp> {
        self.report_record.as_ref()?.customer_mailed_at
    }

    /// Returns the time at which agent and customer were verified.
    pub fn verified_at(&self) -> Option<Timestamp> {
        self.report_record.as_ref()?.customer_verified_at
    }

    /// Returns the time of the newest mail of this kind, as far as it is known.
    pub fn mailed_at(&self, mail: ReportedMail) -> Timestamp {
        let record = self.report_record.as_ref();
        let known = match mail {
            ReportedMail::Customer => record.and_then(|record| record.customer_mailed_at),
            ReportedMail::Agent | ReportedMail::Linking => {
                record.and_then(|record| record.agent_mailed_at)
            }
            ReportedMail::Notice | ReportedMail::Visit => {
                record.and_then(|record| record.noticed_at).or(self.clocks.closed_at)
            }
        };
        known.unwrap_or(self.clocks.opened_at)
    }

    /// Records that a right code verified a subject. A link code gives no proof.
    pub fn record_verified(&mut self, purpose: Purpose, now: Timestamp) {
        let record = self.report_record_mut();
        match purpose {
            Purpose::AgentMfa => record.agent_verified_at = Some(now),
            Purpose::CustomerConsent => record.customer_verified_at = Some(now),
            Purpose::AgentLink => {}
        }
    }

    /// Records that a code was mailed, or may have been.
    pub fn record_mailed(&mut self, purpose: Purpose, now: Timestamp) {
        let record = self.report_record_mut();
        match purpose {
            Purpose::AgentMfa | Purpose::AgentLink => record.agent_mailed_at = Some(now),
            Purpose::CustomerConsent => record.customer_mailed_at = Some(now),
        }
    }
}
