//! Traits that the root crate implements, each with its request and reply types.

pub mod access;
pub mod account_links;
pub mod chat;
pub mod claims;
pub mod clock;
pub mod codes;
pub mod directory;
pub mod function;
pub mod identity;
pub mod keys;
pub mod limits;
pub mod messages;
pub mod recovery;
pub mod sessions;

use std::sync::Arc;

use access::{Access, Pictures};
use account_links::AccountLinks;
use chat::Chat;
use claims::Claims;
use clock::Clock;
use codes::Codes;
use directory::Directory;
use identity::Identity;
use keys::Keys;
use limits::Limits;
use messages::Messages;
use recovery::Recovery;
use sessions::Sessions;

/// All ports of one desk.
#[derive(Clone)]
pub struct Ports {
    pub clock: Arc<dyn Clock>,
    pub keys: Arc<dyn Keys>,
    pub directory: Arc<dyn Directory>,
    pub identity: Arc<dyn Identity>,
    pub recovery: Arc<dyn Recovery>,
    pub codes: Arc<dyn Codes>,
    pub access: Arc<dyn Access>,
    pub messages: Arc<dyn Messages>,
    pub pictures: Arc<dyn Pictures>,
    pub chat: Arc<dyn Chat>,
    pub sessions: Arc<dyn Sessions>,
    pub claims: Arc<dyn Claims>,
    pub limits: Arc<dyn Limits>,
    pub account_links: Arc<dyn AccountLinks>,
}
