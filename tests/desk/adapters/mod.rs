//! The AWS adapters against two backends: the sandbox and a third-party emulator.
//!
//! One suite for both, because the sandbox only shows how its authors understand Cognito and
//! Lambda.

mod backends;
mod functions;
mod identity;
mod recovery;

pub use backends::emulator_url;
