//! Events of the trail, the append-only audit log. They hold ids and masked values, never a code, a
//! token, a proof or a full address. What could tell who or what an event is about is sealed.

use serde_json::Value;

use crate::model::pseudonym::Pseudonym;
use crate::model::time::Timestamp;
use crate::model::words::SessionId;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct TrailEvent {
    pub at: Timestamp,
    /// `discord:…`, `clock` for a timer, or `customer` or `agent` for a report through their mail.
    pub actor: String,
    /// `None` outside a session, such as for a look-up without a result.
    pub session: Option<SessionId>,
    /// One of [`kind`].
    pub kind: &'static str,
    /// Ids, numbers and words.
    pub details: Value,
    /// Customer whose key seals `about`. `None`: the key that all events without a customer share.
    pub customer: Option<Pseudonym>,
    /// Who or what the event is about: masked values, ids of Core and reasons. The store seals it.
    /// `Null` if there is nothing.
    pub about: Value,
}

/// Kinds of events. The words are stored, so they never change.
pub mod kind {
    pub const LOOKED_UP: &str = "looked_up";
    /// The agent pressed Start and attends the customer.
    pub const STARTED: &str = "started";
    /// An ecosystem or succession was chosen.
    pub const CHOSEN: &str = "ecosystem_chosen";
    /// The agent went back to the choice.
    pub const CHANGED: &str = "ecosystem_changed";
    /// A code was requested.
    pub const CODE_ASKED: &str = "code_asked";
    pub const CODE_SENT: &str = "code_sent";
    pub const CODE_NOT_SENT: &str = "code_not_sent";
    /// The recipient's mail server took the mail of a code.
    pub const CODE_DELIVERED: &str = "code_delivered";
    /// No mail server took the mail of a code within a minute.
    pub const CODE_LATE: &str = "code_late";
    /// The recipient's mail server refused the mail of a code.
    pub const CODE_BOUNCED: &str = "code_bounced";
    /// The recipient reported the mail of a code as spam.
    pub const CODE_COMPLAINED: &str = "code_complained";
    /// A typed code is being checked.
    pub const CODE_TYPED: &str = "code_typed";
    pub const CODE_RIGHT: &str = "code_right";
    pub const CODE_WRONG: &str = "code_wrong";
    /// The typed code cost no attempt: it was malformed or expired, or the check failed.
    pub const CODE_NOT_COUNTED: &str = "code_not_counted";
    /// The plan of the ecosystem was shown to the agent.
    pub const PLAN_SHOWN: &str = "plan_shown";
    /// A step of the succession was shown to the agent, in full.
    pub const STEP_SHOWN: &str = "step_shown";
    /// An access link was requested.
    pub const ACCESS_ASKED: &str = "access_asked";
    /// An access link was issued and handed over.
    pub const ACCESS_OPENED: &str = "access_opened";
    /// An access link was issued and mailed to the successor.
    pub const ACCESS_MAILED: &str = "access_mailed";
    /// The access link was not issued, handed over or mailed.
    pub const ACCESS_NOT_OPENED: &str = "access_not_opened";
    /// The revocation of the session's access links was requested.
    pub const REVOKE_ASKED: &str = "revoke_asked";
    /// The revocation ended, with the result in the details.
    pub const REVOKED: &str = "revoked";
    /// A request was refused.
    pub const REFUSED: &str = "refused";
    /// The panel was drawn again.
    pub const RESUMED: &str = "resumed";
    pub const STAYED: &str = "stayed";
    pub const CLOSED: &str = "closed";
    /// The owner of a mailbox did not ask for a mail.
    pub const REPORTED: &str = "reported";
    pub const TAKEN_OVER: &str = "taken_over";
    /// The owner of a mailbox confirmed a mail on its report page.
    pub const REPORT_CLEARED: &str = "report_cleared";
    /// A subject was locked out after a report, or by a lead.
    pub const LOCKED_OUT: &str = "locked_out";
    /// The operator or a lead ended the lockout of a subject.
    pub const UNLOCKED: &str = "unlocked";
    /// A lead removed the link of an agent's account.
    pub const UNLINKED: &str = "unlinked";
    /// The operator replaced a key of the trail.
    pub const KEY_ROTATED: &str = "key_rotated";
    /// The operator erased a customer.
    pub const CUSTOMER_ERASED: &str = "customer_erased";
    /// The operator wrote a copy of what is stored about a customer.
    pub const CUSTOMER_EXPORTED: &str = "customer_exported";
    /// A link of accounts was requested.
    pub const LINK_ASKED: &str = "link_asked";
    pub const LINKED: &str = "linked";
    /// A password recovery was requested.
    pub const RECOVERY_ASKED: &str = "recovery_asked";
    /// A new password was submitted on the page.
    pub const PASSWORD_TYPED: &str = "password_typed";
    pub const PASSWORD_CHANGED: &str = "password_changed";
    /// The new password was not set, or the result is unknown.
    pub const PASSWORD_NOT_CHANGED: &str = "password_not_changed";
    /// A sign-out everywhere ended, with the result in the details.
    pub const SIGNED_OUT: &str = "signed_out";
    /// A notice ended, with the result in the details.
    pub const NOTIFIED: &str = "notified";
    /// A lead opened a view of `/desk`.
    pub const DESK_READ: &str = "desk_read";
    /// A lead asked for a copy of what is stored about a customer.
    pub const COPY_ASKED: &str = "copy_asked";
    /// A lead asked for the erasure of a customer.
    pub const ERASURE_ASKED: &str = "erasure_asked";
    /// A lead posted the launcher.
    pub const LAUNCHER_POSTED: &str = "launcher_posted";
    /// A lead took events or figures as a file.
    pub const DESK_FILE: &str = "desk_file";
    /// An alert of the leads ended, with the result in the details.
    pub const ALERTED: &str = "alerted";
    /// An alert was raised that was not open.
    pub const ALERT_OPENED: &str = "alert_opened";
    /// The card of an alert was posted in the leads' channel.
    pub const ALERT_TOLD: &str = "alert_told";
    pub const ALERT_HANDLED: &str = "alert_handled";
    pub const ALERT_FALSE: &str = "alert_false";
    pub const ALERT_REOPENED: &str = "alert_reopened";
}
