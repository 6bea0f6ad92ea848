//! Traits that the root crate implements, each with its request and reply types.

pub mod access;
pub mod account_links;
pub mod alerts;
pub mod chat;
pub mod claims;
pub mod clock;
pub mod codes;
pub mod customers;
pub mod directory;
pub mod figures;
pub mod function;
pub mod history;
pub mod identity;
pub mod keys;
pub mod limits;
pub mod member_roles;
pub mod messages;
pub mod recovery;
pub mod session_search;
pub mod sessions;
pub mod trail_search;
pub mod watched;

use std::sync::Arc;

/// All ports of one desk.
#[derive(Clone)]
pub struct Ports {
    pub clock: Arc<dyn clock::Clock>,
    pub keys: Arc<dyn keys::Keys>,
    pub customers: Arc<dyn customers::Customers>,
    pub directory: Arc<dyn directory::Directory>,
    pub history: Arc<dyn history::History>,
    pub identity: Arc<dyn identity::Identity>,
    pub recovery: Arc<dyn recovery::Recovery>,
    pub codes: Arc<dyn codes::Codes>,
    pub access: Arc<dyn access::Access>,
    pub messages: Arc<dyn messages::Messages>,
    pub pictures: Arc<dyn access::Pictures>,
    pub chat: Arc<dyn chat::Chat>,
    pub sessions: Arc<dyn sessions::Sessions>,
    pub figures: Arc<dyn figures::FigureSource>,
    pub session_search: Arc<dyn session_search::SessionSearch>,
    pub trail_search: Arc<dyn trail_search::TrailSearch>,
    pub claims: Arc<dyn claims::Claims>,
    pub limits: Arc<dyn limits::Limits>,
    pub account_links: Arc<dyn account_links::AccountLinks>,
    pub alerts: Arc<dyn alerts::Alerts>,
    pub watched: Arc<dyn watched::Watched>,
    pub member_roles: Arc<dyn member_roles::MemberRoles>,
}
