//! Every decision of the bot: what an agent can do, what the screens show, what is saved.
//!
//! Seven layers. A file imports only from its own layer and from lower ones. From bottom to top:
//!
//! 1. [`model`]: what is stored and what can happen. Plain data and pure rules.
//! 2. [`screens`]: panels, forms and texts as plain data, and the codec of custom ids.
//! 3. [`ports`]: traits that the root crate implements, with their request and reply types.
//! 4. [`flows`]: pure decisions. `step(session, event, facts)` returns a `Step`.
//! 5. [`engine`]: runs a click: claims, decides, saves, performs effects, draws.
//! 6. [`handlers`]: one file a command, and the recovery page.
//! 7. `discord`: the only modules that know serenity and poise, behind the feature `discord`.
//!
//! The glossary is in `docs/architecture.md`.

#[cfg(feature = "discord")]
pub mod discord;
pub mod engine;
pub mod flows;
pub mod handlers;
pub mod model;
pub mod ports;
pub mod screens;
