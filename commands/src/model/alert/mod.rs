//! Alerts for the leads: their subjects, levels, answers and cards.

mod id;
mod kind;
mod raised;
mod row;

pub use id::{AlertId, NotAnAlertId};
pub use kind::{AlertKind, AlertLevel};
pub use raised::{AlertFacts, AlertSubject, NewAlert};
pub use row::{Alert, AlertCard, AlertChange, AlertState, NO_MORE_REMINDERS, Ping, Verdict};
