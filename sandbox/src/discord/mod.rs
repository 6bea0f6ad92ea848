//! The local Discord: REST, the gateway, validation of what the bot sends, and people who use it.
//!
//! Reading order: `person` (actions of a test or the page), `message` and `interaction` (what is
//! stored), `callback` and `webhook` (answers to an interaction), `gateway` and `session` (its
//! delivery), `validate` (Discord's rules), `intercept` (what each call passes), `faults`.

mod body;
mod callback;
mod channel_kinds;
mod channels;
mod client;
mod close_codes;
mod command_limit;
mod command_line;
mod commands;
mod compression;
mod environment;
mod environment_faults;
mod failures;
mod fault_plan;
mod faults;
mod form;
mod gateway;
mod gateway_limits;
mod heartbeat;
mod ids;
mod injection;
mod interaction;
mod intercept;
mod leaks;
mod lost_answers;
mod members;
mod message;
mod payload;
mod person;
mod rate_limits;
mod refusal;
mod render;
mod rest;
mod routes;
mod screen_text;
mod service;
mod session;
mod state;
mod validate;
mod view;
mod wait;
mod webhook;
mod zlib_stream;

pub use self::body::SentBody;
pub use self::client::{ActionError, Button, KeptModal};
pub use self::environment::Lacking;
pub use self::fault_plan::{ErrorBody, Greeting, RestFault, Scope};
pub use self::faults::Faults;
pub use self::ids::TOKEN_MARKER;
pub use self::interaction::{LostFollowUps, Suggestion};
pub use self::message::MessageId;
pub use self::payload::CHANNELS;
pub use self::person::Person;
pub use self::refusal::Violation;
pub use self::routes::router;
pub use self::service::Discord;
pub use self::validate::modal::InputView;
pub use self::view::{MessageView, ModalView};
