//! Recognizes a `STORE_KEY` that was not made by a random generator.

/// Fewest different bytes in a key of 32. A random key has 30 on average, and fewer than 18 once in
/// hundreds of millions of keys. A pattern of 16 bytes, written twice, has at most 16.
const MIN_DISTINCT_BYTES: usize = 18;

/// Fewest different steps from one byte to the next. A random key has 29 on average. A row such as
/// 0, 1, 2 … has one.
const MIN_DISTINCT_STEPS: usize = 16;
/// Most bytes of a random key that are text in ASCII. One key in hundreds of millions has more. A
/// text in Latin-1 has accents in few places.
const MAX_TEXT_BYTES: usize = 28;

/// Returns true for zeros, for a repeated pattern, for a row, and for text: a passphrase in base64,
/// or a passphrase that happens to be base64 itself.
pub(super) fn is_weak(base64: &str, bytes: &[u8]) -> bool {
    let steps: Vec<u8> = bytes.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    distinct(bytes) < MIN_DISTINCT_BYTES
        || distinct(&steps) < MIN_DISTINCT_STEPS
        || is_text(bytes)
        || has_one_case(base64)
        || is_words(base64)
}

fn distinct(bytes: &[u8]) -> usize {
    let mut sorted = bytes.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len()
}

/// Returns true for UTF-8 without control characters, and for text in ASCII with a few other bytes,
/// such as the line end of `echo` or NUL as padding.
fn is_text(bytes: &[u8]) -> bool {
    let is_ascii_text =
        |byte: &&u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace() || **byte == 0;
    std::str::from_utf8(bytes).is_ok_and(|text| !text.chars().any(char::is_control))
        || bytes.iter().filter(is_ascii_text).count() > MAX_TEXT_BYTES
}

/// Returns true for letters in which no capital follows another, such as `CorrectHorseBattery`. One
/// random key in tens of millions is that.
fn is_words(base64: &str) -> bool {
    let letters = base64.trim_end_matches('=').as_bytes();
    letters.iter().all(u8::is_ascii_alphabetic)
        && !letters.windows(2).any(|pair| pair.iter().all(u8::is_ascii_uppercase))
}

/// Returns true if the base64 text lacks capitals or small letters. The 43 characters of a random
/// key have both, except in one of thousands of millions.
fn has_one_case(base64: &str) -> bool {
    !base64.contains(|c: char| c.is_ascii_uppercase())
        || !base64.contains(|c: char| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::store::StoreKey;

    fn weak(bytes: &[u8]) -> bool {
        is_weak(&STANDARD.encode(bytes), bytes)
    }

    /// Returns 32 bytes, of which `count` are different. None is text, and the steps differ.
    fn bytes_of(count: u32) -> Vec<u8> {
        let triangular = |n: u32| u8::try_from(n * (n + 1) / 2 % 128).unwrap();
        (0..32).map(|n| 0x80 | triangular(n % count)).collect()
    }

    #[test]
    fn zeros_patterns_and_passphrases_are_weak() {
        for bytes in [
            [0; 32].to_vec(),
            [0xff; 32].to_vec(),
            [0xde, 0xad, 0xbe, 0xef].repeat(8),
            b"our secret key of the support de".to_vec(),
            b"0123456789abcdef0123456789abcdef".to_vec(),
            "contraseña de la mesa de ayuda!".as_bytes().to_vec(),
            b"public store key of our demo, 32".to_vec(),
            b"a passphrase of 31 characters !\n".to_vec(),
            b"a short passphrase\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
            b"contrase\xf1a de la mesa de ayuda 1".to_vec(),
            (0..32).collect(),
            (0..32).map(|n: u8| n.wrapping_mul(37).wrapping_add(200)).collect(),
        ] {
            assert_eq!(bytes.len(), 32);
            assert!(weak(&bytes), "{bytes:?}");
        }
        for passphrase in [
            "correcthorsebatterystaplecorrecthorsebattes=",
            "CorrectHorseBatteryStapleCorrectHorseBattes=",
        ] {
            assert!(is_weak(passphrase, &STANDARD.decode(passphrase).unwrap()), "{passphrase}");
        }
    }

    #[test]
    fn seventeen_different_bytes_are_weak() {
        assert_eq!((distinct(&bytes_of(17)), distinct(&bytes_of(18))), (17, 18));
        assert!(weak(&bytes_of(17)) && !weak(&bytes_of(18)));
    }

    #[test]
    fn generated_keys_are_strong() {
        for _ in 0..10_000 {
            let key = StoreKey::generate().unwrap();
            let text = key.expose_secret();
            assert!(!is_weak(text, &STANDARD.decode(text).unwrap()), "{text}");
        }
    }
}
