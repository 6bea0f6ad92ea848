//! The adapters to AWS, tried against two other sides: our own sandbox, and an emulator that nobody
//! here wrote.
//!
//! One suite for both, so that what we believe of Cognito and Lambda is not only what we wrote into
//! the sandbox ourselves.

mod functions;
mod identity;
mod recovery;
mod sides;
