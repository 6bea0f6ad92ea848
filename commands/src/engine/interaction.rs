//! Runs a click, from Discord's event to the panel that answers it.
//!
//! Who may, claim, decide, save, do, save what became of it, draw: `docs/architecture.md` tells the
//! whole life of a click. Effects are saved before they are performed and keyed, so that a crash at
//! any moment loses nothing and does nothing twice.

use crate::model::time::Timestamp;
use crate::model::words::{Locale, SupportKind};
use crate::ports::chat::ReplyHandle;

/// An interaction, as the flows see it.
#[derive(Clone, Debug)]
pub struct InteractionContext {
    /// How to answer it.
    pub reply: ReplyHandle,
    /// Discord user id.
    pub user: u64,
    /// The roles of the member, from the payload.
    pub roles: Vec<u64>,
    /// The guild; `None` in a direct message.
    pub guild: Option<u64>,
    /// The channel.
    pub channel: u64,
    /// The language of the person's client.
    pub locale: Locale,
    /// When it was received.
    pub at: Timestamp,
}

/// What a person wants.
#[derive(Clone, Debug)]
pub enum Request {
    /// `/support technical` or `/support successor`: the address as it was typed.
    LookUp(SupportKind, String),
    /// `/support resume`.
    Resume,
    /// `/account link`: the address as it was typed.
    Link(String),
    /// `/account show`.
    Show,
    /// `/account recover`: the address as it was typed.
    Recover(String),
    /// A button or menu: its custom id and what was chosen.
    Press(String, Vec<String>),
    /// A modal: its custom id and what was typed.
    Submit(String, String),
}
