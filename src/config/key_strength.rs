//! Recognizes a `STORE_KEY` that was not made by a random generator.

/// Fewest different bytes in a key of 32. A random key has 30 on average, and fewer than 18 once in
/// hundreds of millions of keys. A pattern of 16 bytes, written twice, has at most 16.
const MIN_DISTINCT_BYTES: usize = 18;

/// Returns true for zeros, for a repeated pattern, and for text: a passphrase in base64, or a
/// passphrase that happens to be base64 itself.
pub(super) fn is_weak(base64: &str, bytes: &[u8]) -> bool {
    has_few_bytes(bytes) || is_text(bytes) || has_one_case(base64)
}

fn has_few_bytes(bytes: &[u8]) -> bool {
    let mut sorted = bytes.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len() < MIN_DISTINCT_BYTES
}

/// Returns true for UTF-8 without control characters. One random key in a hundred thousand million
/// is that.
fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| !text.chars().any(char::is_control))
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

    /// Returns 32 bytes, of which `count` are different. None is text.
    fn distinct(count: u8) -> Vec<u8> {
        (0..32).map(|n| 0x80 | (n % count).wrapping_mul(7)).collect()
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
        ] {
            assert_eq!(bytes.len(), 32);
            assert!(weak(&bytes), "{bytes:?}");
        }
        let passphrase = "correcthorsebatterystaplecorrecthorsebattes=";
        assert!(is_weak(passphrase, &STANDARD.decode(passphrase).unwrap()));
    }

    #[test]
    fn seventeen_different_bytes_are_weak() {
        assert!(weak(&distinct(17)) && !weak(&distinct(18)));
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
