//! The stored data and the events that can change it. No file here imports another layer.

pub mod account;
pub mod code;
pub mod command_ids;
pub mod customer;
pub mod effect;
pub mod email;
pub mod event;
pub mod fault;
pub mod flow_state;
pub(crate) mod fold;
pub mod limit;
pub mod normalize;
pub mod outcome;
pub mod proof;
pub mod pseudonym;
pub mod reason;
pub mod refusal;
pub mod session;
pub mod succession;
pub mod ticket;
pub mod time;
pub mod timers;
pub mod trail;
pub mod unknown_fields;
pub mod verification;
pub mod words;
