//! Codes and tokens from the operating system's generator.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

/// How many different codes there are: six digits.
const CODES: u32 = 1_000_000;
/// Bytes in a token: 256 bits, twice what OWASP ASVS 5.0 7.2.3 asks of a reference token.
const TOKEN_BYTES: usize = 32;
/// Bytes in an id that is no secret.
const ID_BYTES: usize = 9;

/// A code of six digits, each equally likely.
pub(crate) fn code() -> String {
    // The largest multiple of the codes that a u32 holds: what lies above would favour the small
    // codes.
    let limit = u32::MAX - u32::MAX % CODES;
    loop {
        let number = u32::from_be_bytes(bytes());
        if number < limit {
            return format!("{:06}", number % CODES);
        }
    }
}

/// A secret that begins with a marker by which leak tests find it.
pub(crate) fn token(marker: &str) -> String {
    format!("{marker}{}", URL_SAFE_NO_PAD.encode(bytes::<TOKEN_BYTES>()))
}

/// An id that is no secret, such as `chl-…`.
pub(crate) fn id(prefix: &str) -> String {
    format!("{prefix}-{}", URL_SAFE_NO_PAD.encode(bytes::<ID_BYTES>()))
}

pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("a machine without randomness cannot make codes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_six_digits_and_tokens_differ() {
        for _ in 0..200 {
            let code = code();
            assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
        }
        assert_ne!(token("x_"), token("x_"));
        assert!(token("x_").starts_with("x_"));
    }
}
