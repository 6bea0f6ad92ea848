//! Conversations: the real bot, over a real websocket and real HTTP, with people and services of the sandbox.
//!
//! Each test is told by what a person types, presses and sees. [`world::World`] holds both sides; the clock is moved by hand, and a
//! message that nobody read, or anything illegal that was sent, fails the test.

#![expect(unreachable_pub, reason = "a test binary has no outside")]

mod owner;
mod world;
