//! The only modules that know serenity and poise.

mod fit;
pub mod payload;
pub mod read;
mod render;
pub mod slash;
