//! Alerts for the leads: what raises them, what their cards say, and when a card needs work. All is
//! pure.

pub mod card;
mod causes;
pub mod lead_acts;
pub mod list;
pub mod raise;
mod signals;
pub mod timing;
