//! Random codes, tokens and ids from the operating system's generator.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

/// Number of possible codes: six digits.
const CODES: u32 = 1_000_000;
/// Bytes in a token: 256 bits, twice what OWASP ASVS 5.0 7.2.3 asks of a reference token.
const TOKEN_BYTES: usize = 32;
/// Bytes in an id that is no secret.
const ID_BYTES: usize = 9;

/// Generates a code of six digits. All codes are equally likely.
pub(crate) fn code() -> String {
    // The largest multiple of `CODES` in a u32. Numbers above it would make small codes more
    // likely.
    let limit = u32::MAX - u32::MAX % CODES;
    loop {
        let number = u32::from_be_bytes(bytes());
        if number < limit {
            return format!("{:06}", number % CODES);
        }
    }
}

/// Generates a secret with a prefix, by which leak tests find it.
pub(crate) fn token(marker: &str) -> String {
    format!("{marker}{}", URL_SAFE_NO_PAD.encode(bytes::<TOKEN_BYTES>()))
}

/// Generates an id that is not secret, such as `chl-…`.
pub(crate) fn id(prefix: &str) -> String {
    format!("{prefix}-{}", URL_SAFE_NO_PAD.encode(bytes::<ID_BYTES>()))
}

pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system has no random generator");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_six_digits_and_tokens_are_unique() {
        for _ in 0..200 {
            let code = code();
            assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
        }
        assert_ne!(token("x_"), token("x_"));
        assert!(token("x_").starts_with("x_"));
    }
}
