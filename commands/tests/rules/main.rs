//! The rules of the flows: pure `step` and pure screens, without Discord, a database or a clock
//! that runs.
//!
//! [`road`] walks a session as the desk would; [`events`] names everything that can happen to it.
//! Each other file holds one theme.

#![expect(
    clippy::unchecked_time_subtraction,
    reason = "the spans are constants, and too much taken away should fail a test"
)]
#![expect(unused_must_use, reason = "many tests move a session only for its new state")]
#![expect(clippy::unwrap_used, reason = "what a test has built itself is there")]

mod anything;
mod clocks;
mod codes;
mod cognito;
mod contract;
mod desk;
mod events;
mod faces;
mod limits;
mod moved;
mod mutated;
mod outcomes;
mod people;
mod ports;
mod proofs;
mod reasons;
mod recovering;
mod recovering_faces;
mod road;
mod sends;
mod standing;
mod stored;
mod succession;
mod sweeps;
mod table;
mod tries;
mod walks;
mod wild;
