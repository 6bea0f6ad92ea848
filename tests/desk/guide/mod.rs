//! The guides for agents and leads: their pictures, taken in a real browser by `docs/pictures.sh`,
//! and a check that they quote only texts of the bot.

pub mod catalog;
mod documents;
mod idle;
mod palette;
mod pictures;
mod screenshots;
