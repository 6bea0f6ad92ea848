//! Alerts for the leads: what they are about, how urgent they are, and what became of them.

mod id;
mod kind;
mod raised;
mod row;

pub use id::{AlertId, NotAnAlertId};
pub use kind::{AlertKind, AlertLevel};
pub use raised::{AlertFacts, AlertSubject, NewAlert};
pub use row::{Alert, AlertCard, AlertChange, AlertState, NO_MORE_REMINDERS, Ping, Verdict};
