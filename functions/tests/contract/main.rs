//! Conversations with the functions through their JSON, on ports in memory.

#![expect(clippy::unwrap_used, reason = "an unexpected value must fail the test")]
#![expect(unreachable_pub, reason = "a test binary exports nothing")]

mod access;
mod bad_input;
mod codes;
mod concurrency;
mod crashes;
mod delivery;
mod link_api;
mod messages;
mod redemption;
mod secrecy_at_rest;
mod services;
mod timing;
mod world;
