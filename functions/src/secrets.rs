//! Secrets that derive from a keyed hash: codes, proofs and access links.
//!
//! Only the key service can derive them, so a reader of the storage learns none. The kind is part
//! of each message, so that a secret of one kind is never one of another.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use secrecy::SecretString;

use crate::contract::Purpose;
use crate::ports::{CodeMac, Fault, Random};
use crate::session_state::Nonce;

/// Beginning of every proof, by which leak tests find it.
pub const PROOF_MARKER: &str = "wzproof_";
/// Beginning of the secret in every access link, by which leak tests find it.
pub const LINK_MARKER: &str = "wzlink_";
/// Number of possible codes: six digits.
const CODES: u32 = 1_000_000;
/// Random bytes in an id and in a nonce: 144 bits.
const ID_BYTES: usize = 18;

/// Generates an id that is not secret, such as `lnk-…`.
pub(crate) fn random_id(random: &dyn Random, prefix: &str) -> String {
    format!("{prefix}-{}", random_text(random))
}

/// Generates random text: 144 bits.
pub(crate) fn random_text(random: &dyn Random) -> String {
    let mut bytes = [0; ID_BYTES];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Derives the code of a challenge: six digits, all equally likely. A code is for one purpose and
/// subject.
pub(crate) async fn code(
    mac: &dyn CodeMac,
    session_id: &str,
    purpose: Purpose,
    subject_id: &str,
    nonce: &Nonce,
) -> Result<String, Fault> {
    let parts = [session_id, purpose.name(), subject_id, &nonce.0];
    let mac = mac.mac(&message("code", &parts)).await?;
    Ok(digits(&mac))
}

/// Turns a keyed hash into six digits.
fn digits(mac: &[u8; 32]) -> String {
    // The largest multiple of `CODES` in a u32. Numbers above it would make small codes more
    // likely, so the next four bytes are used: one hash in 10^29 has none left.
    let limit = u32::MAX - u32::MAX % CODES;
    let (words, _) = mac.as_chunks::<4>();
    let numbers = words.iter().map(|word| u32::from_be_bytes(*word));
    let number = numbers.into_iter().find(|number| *number < limit).unwrap_or_default();
    format!("{:06}", number % CODES)
}

/// Derives the id of a challenge. It does not reveal the nonce.
pub(crate) fn challenge_id(session_id: &str, nonce: &Nonce) -> String {
    let hash = message("challenge", &[session_id, &nonce.0]);
    format!("chl-{}", URL_SAFE_NO_PAD.encode(&hash[..ID_BYTES]))
}

/// Returns the keyed hash of a code, as the storage keeps it.
pub(crate) async fn code_mac(
    mac: &dyn CodeMac,
    session_id: &str,
    challenge_id: &str,
    purpose: Purpose,
    code: &str,
) -> Result<String, Fault> {
    let parts = [session_id, challenge_id, purpose.name(), code];
    Ok(URL_SAFE_NO_PAD.encode(mac.mac(&message("stored code", &parts)).await?))
}

/// Derives the proof of a verified challenge: 256 bits.
pub(crate) async fn proof(
    mac: &dyn CodeMac,
    session_id: &str,
    challenge_id: &str,
) -> Result<SecretString, Fault> {
    let mac = mac.mac(&message("proof", &[session_id, challenge_id])).await?;
    Ok(format!("{}{}", PROOF_MARKER, URL_SAFE_NO_PAD.encode(mac)).into())
}

/// Derives the secret of an access link: 256 bits.
pub(crate) async fn link(
    mac: &dyn CodeMac,
    session_id: &str,
    link_id: &str,
) -> Result<SecretString, Fault> {
    let mac = mac.mac(&message("link", &[session_id, link_id])).await?;
    Ok(format!("{}{}", LINK_MARKER, URL_SAFE_NO_PAD.encode(mac)).into())
}

/// Returns the hash of a proof or link, as the storage keeps it.
pub(crate) fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, secret.as_bytes()))
}

/// Returns the message for a keyed hash: the SHA-256 of its kind and parts.
///
/// The parts are joined with their lengths, so that two lists never give one message. They are
/// hashed, because KMS takes 4,096 bytes at most.
fn message(kind: &str, parts: &[&str]) -> Vec<u8> {
    let parts = parts.iter().map(|part| format!("{}:{part}", part.len()));
    let all: Vec<String> = std::iter::once(kind.to_owned()).chain(parts).collect();
    digest::digest(&digest::SHA256, all.join("|").as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_six_digits_and_skip_unfair_numbers() {
        assert_eq!(digits(&[0; 32]), "000000");
        let mut mac = [0xff; 32];
        mac[28..].copy_from_slice(&123_456_u32.to_be_bytes());
        assert_eq!(digits(&mac), "123456", "seven numbers are above the limit");
        assert_eq!(digits(&[0xff; 32]), "000000");
    }

    #[test]
    fn codes_are_equally_likely() {
        // Chi-square over the first digit of 10,000 codes, 9 degrees of freedom: 27.9 is exceeded
        // once in 1,000 runs, and these runs are always the same.
        let mut counts = [0_u32; 10];
        for n in 0..10_000_u32 {
            let hash = digest::digest(&digest::SHA256, &n.to_be_bytes());
            let code = digits(hash.as_ref().try_into().unwrap());
            counts[usize::from(code.as_bytes()[0] - b'0')] += 1;
        }
        let chi: f64 =
            counts.iter().map(|count| (f64::from(*count) - 1_000.0).powi(2) / 1_000.0).sum();
        assert!(chi < 27.9, "{counts:?}");
    }

    #[test]
    fn messages_of_different_parts_differ() {
        assert_ne!(message("a", &["bc", "d"]), message("a", &["b", "cd"]));
        assert_ne!(message("a", &["1:b"]), message("a", &["", "b"]));
    }
}
