//! Codes with which the gateway closes a connection (Discord documentation, "Opcodes and Status
//! Codes").

pub(super) const UNKNOWN_OPCODE: u16 = 4001;
pub(super) const DECODE_ERROR: u16 = 4002;
pub(super) const NOT_AUTHENTICATED: u16 = 4003;
pub(super) const AUTHENTICATION_FAILED: u16 = 4004;
pub(super) const ALREADY_AUTHENTICATED: u16 = 4005;
pub(super) const RATE_LIMITED: u16 = 4008;
pub(super) const INVALID_API_VERSION: u16 = 4012;
pub(super) const INVALID_INTENTS: u16 = 4013;
