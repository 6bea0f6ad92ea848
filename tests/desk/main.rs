//! Conversations: the real bot, over a real websocket and real HTTP, with people and services of
//! the sandbox.
//!
//! Each test is told by what a person types, presses and sees. [`world::World`] holds both sides;
//! the clock is moved by hand, and a message that nobody read, or anything illegal that was sent,
//! fails the test.

#![expect(unreachable_pub, reason = "a test binary has no outside")]
#![expect(
    clippy::unwrap_used,
    clippy::unchecked_time_subtraction,
    reason = "a test ends where something it needs is missing"
)]

mod absolute;
mod access;
mod access_faults;
mod adapters;
mod at_once;
mod attended;
mod browser;
mod buttons;
mod cancel;
mod clocks;
mod codes;
mod corners;
mod crashes;
mod discord_faults;
mod door;
mod ecosystems;
mod fuzzed;
mod gateway;
mod guesses;
mod guide;
mod lambda_faults;
mod language;
mod layers;
mod leaks;
mod linking;
mod locks;
mod log;
mod lookup;
mod matrix;
mod member;
mod names;
mod neutral;
mod owner;
mod page;
mod process;
mod program;
mod promises;
mod recover;
mod replicas;
mod resume;
mod rights;
mod sends;
mod show;
mod spanish;
mod store;
mod strangers;
mod successor;
mod successor_choice;
mod successor_faults;
mod successor_spanish;
mod trail_program;
mod twice;
mod violations;
mod world;
