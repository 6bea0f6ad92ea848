//! Validation of what the bot sends.
//!
//! Each body is parsed into the types of `twilight-model` and checked by `twilight-validate`. The
//! modules add the rules that twilight leaves out: modal titles and ids, unique custom ids, link
//! addresses, empty labels, the files that an edit keeps, and which parts can be combined.

pub(crate) mod attachments;
pub(crate) mod command;
pub(crate) mod components;
mod error_chain;
pub(crate) mod keys;
pub(crate) mod message;
pub(crate) mod modal;
pub(crate) mod suggestions;
