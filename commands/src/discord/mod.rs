//! The only modules that know serenity and poise.

pub mod chat;
pub mod read;
mod render;
pub mod slash;
