//! The only modules that know serenity and poise.

pub mod chat;
mod fit;
pub mod read;
mod render;
pub mod slash;
