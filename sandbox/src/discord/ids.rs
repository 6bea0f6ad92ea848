//! Snowflakes and interaction tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

/// Discord's epoch, the first second of 2015, in milliseconds since the Unix epoch (Discord
/// documentation, "Snowflakes").
const DISCORD_EPOCH: i64 = 1_420_070_400_000;

/// Bits of a snowflake that follow the time: worker, process and increment.
const BITS_AFTER_TIME: u32 = 22;

/// Prefix of every interaction token: "interaction:" in base64, as in Discord's. Grep for it to
/// find a leaked token.
pub const TOKEN_MARKER: &str = "aW50ZXJhY3Rpb246";

/// Random bytes in a token, which has 96 characters with its marker.
const TOKEN_BYTES: usize = 60;

/// Builds an id from `now` (milliseconds since the epoch) and a counter.
pub(crate) fn snowflake(now: i64, counter: u64) -> u64 {
    let since = u64::try_from(now - DISCORD_EPOCH).unwrap_or(0);
    (since << BITS_AFTER_TIME) | (counter & ((1 << BITS_AFTER_TIME) - 1))
}

/// Generates an interaction token.
pub(crate) fn token() -> String {
    let mut bytes = [0_u8; TOKEN_BYTES];
    // Ignore a failure, because the system's generator does not fail on supported platforms.
    let _ = SystemRandom::new().fill(&mut bytes);
    format!("{TOKEN_MARKER}{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snowflake_holds_its_time_and_counter() {
        let now = 1_786_000_000_000;
        let (first, second) = (snowflake(now, 1), snowflake(now, 2));
        assert!(first < second);
        assert_eq!(i64::try_from(first >> 22).unwrap() + DISCORD_EPOCH, now);
    }

    #[test]
    fn tokens_are_long_marked_and_unique() {
        let (one, other) = (token(), token());
        assert!(one.len() >= 60 && one.starts_with(TOKEN_MARKER));
        assert_ne!(one, other);
    }
}
