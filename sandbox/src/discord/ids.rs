//! Snowflakes and interaction tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

/// Discord's epoch, the first second of 2015, in milliseconds since the Unix epoch (Discord
/// documentation, "Snowflakes").
const DISCORD_EPOCH: i64 = 1_420_070_400_000;

/// Bits of a snowflake that follow the time: worker, process and increment.
const BITS_AFTER_TIME: u32 = 22;

/// What every interaction token begins with ("interaction:" in base64, as Discord's do). Grep for
/// it to find a leaked token.
pub const TOKEN_MARKER: &str = "aW50ZXJhY3Rpb246";

/// Random bytes in a token; with the marker that is 96 characters.
const TOKEN_BYTES: usize = 60;

/// An id made at `now` (milliseconds since the epoch), the `counter`th of its kind.
pub(crate) fn snowflake(now: i64, counter: u64) -> u64 {
    let since = u64::try_from(now - DISCORD_EPOCH).unwrap_or(0);
    (since << BITS_AFTER_TIME) | (counter & ((1 << BITS_AFTER_TIME) - 1))
}

/// A fresh interaction token.
pub(crate) fn token() -> String {
    let mut bytes = [0_u8; TOKEN_BYTES];
    // The system's generator does not fail on the platforms we run on; were it to, the counter in
    // the id still tells tokens apart.
    let _ = SystemRandom::new().fill(&mut bytes);
    format!("{TOKEN_MARKER}{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snowflake_tells_its_time_and_ids_of_one_moment_differ() {
        let now = 1_786_000_000_000;
        let (first, second) = (snowflake(now, 1), snowflake(now, 2));
        assert!(first < second);
        assert_eq!(i64::try_from(first >> 22).unwrap() + DISCORD_EPOCH, now);
    }

    #[test]
    fn tokens_are_long_marked_and_different() {
        let (one, other) = (token(), token());
        assert!(one.len() >= 60 && one.starts_with(TOKEN_MARKER));
        assert_ne!(one, other);
    }
}
