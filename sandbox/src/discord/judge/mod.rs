//! Judging what the bot sends, by twilight's reading of the protocol and by what that leaves out.
//!
//! A body is read into `twilight-model`'s types and measured by `twilight-validate`. Neither looks
//! at modal titles and ids, unique custom ids, link addresses, empty labels, which files an edit
//! keeps, or what may be combined: those rules are ours.

pub(crate) mod command;
pub(crate) mod components;
pub(crate) mod message;
pub(crate) mod modal;

use std::error::Error;

/// Longest `custom_id`, and it may not be empty (Discord documentation, "Component Reference").
pub(crate) const CUSTOM_ID_MAX: usize = 100;

/// An error and everything below it in one line: twilight keeps the telling part in the source.
pub(crate) fn told(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        line.push_str(": ");
        line.push_str(&inner.to_string());
        source = inner.source();
    }
    line
}
