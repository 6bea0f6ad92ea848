//! The trail: every act is an append-only event. Ids and masked values, never a code, a token, a
//! proof or a full address.

use serde_json::Value;

use crate::model::time::Timestamp;
use crate::model::words::SessionId;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct TrailEvent {
    /// When.
    pub at: Timestamp,
    /// Who: `discord:…`, or `clock` when nobody clicked.
    pub actor: String,
    /// In which session; `None` for acts outside of any, such as a look-up that found nobody.
    pub session: Option<SessionId>,
    /// What, as a word that does not change.
    pub kind: &'static str,
    /// The circumstances: ids, numbers, masked values.
    pub details: Value,
}

/// The words of the trail.
pub mod kind {
    /// An address was looked up.
    pub const LOOKED_UP: &str = "looked_up";
    /// Start was pressed: the customer is attended.
    pub const STARTED: &str = "started";
    /// An ecosystem was chosen, or another.
    pub const CHOSEN: &str = "ecosystem_chosen";
    /// Another ecosystem shall be chosen.
    pub const CHANGED: &str = "ecosystem_changed";
    /// A code shall be mailed.
    pub const CODE_ASKED: &str = "code_asked";
    /// It was mailed.
    pub const CODE_SENT: &str = "code_sent";
    /// It was not.
    pub const CODE_NOT_SENT: &str = "code_not_sent";
    /// A code was typed and is being checked.
    pub const CODE_TYPED: &str = "code_typed";
    /// It was right.
    pub const CODE_RIGHT: &str = "code_right";
    /// It was wrong.
    pub const CODE_WRONG: &str = "code_wrong";
    /// It was not counted: malformed, expired, or nobody could tell.
    pub const CODE_NOT_COUNTED: &str = "code_not_counted";
    /// Something shall be opened for the customer.
    pub const ACCESS_ASKED: &str = "access_asked";
    /// It was opened.
    pub const ACCESS_OPENED: &str = "access_opened";
    /// It was opened, and mailed to the successor.
    pub const ACCESS_MAILED: &str = "access_mailed";
    /// It was not.
    pub const ACCESS_NOT_OPENED: &str = "access_not_opened";
    /// All that the session opened shall be revoked.
    pub const REVOKE_ASKED: &str = "revoke_asked";
    /// It was revoked.
    pub const REVOKED: &str = "revoked";
    /// Something was refused.
    pub const REFUSED: &str = "refused";
    /// The panel was drawn again.
    pub const RESUMED: &str = "resumed";
    /// Stay was pressed.
    pub const STAYED: &str = "stayed";
    /// The session closed.
    pub const CLOSED: &str = "closed";
    /// Linking was asked for.
    pub const LINK_ASKED: &str = "link_asked";
    /// An account was linked.
    pub const LINKED: &str = "linked";
    /// Recovering the password was asked for.
    pub const RECOVERY_ASKED: &str = "recovery_asked";
    /// A new password was typed into the page and is being set.
    pub const PASSWORD_TYPED: &str = "password_typed";
    /// It was set.
    pub const PASSWORD_CHANGED: &str = "password_changed";
    /// It was not, or nobody knows.
    pub const PASSWORD_NOT_CHANGED: &str = "password_not_changed";
    /// An account was signed out everywhere.
    pub const SIGNED_OUT: &str = "signed_out";
    /// A notice was mailed.
    pub const NOTIFIED: &str = "notified";
    /// The leads were told, or not: a fault, or no channel for them.
    pub const ALERTED: &str = "alerted";
}
