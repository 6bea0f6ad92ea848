//! Pseudonyms of customers, which stand for Core's id in everything that is stored in clear.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Crockford's base 32: digits and letters without I, L, O and U, because people read them out.
pub const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Bits of a letter.
const LETTER_BITS: usize = 5;

/// 128 random bits in 26 letters of Crockford's base 32. Parsing rejects any other text.
///
/// The bot makes one at the first look-up that finds the customer. Only the store knows which
/// customer it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Pseudonym(String);

impl Pseudonym {
    /// Number of letters.
    pub const LENGTH: usize = 26;
    /// Number of random bytes.
    pub const BYTES: usize = 16;

    /// Encodes random bytes.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let bits = u128::from_be_bytes(bytes);
        let letter = |nth: usize| {
            // The last letter has three bits, so it is padded with two zeros.
            let end = (nth + 1) * LETTER_BITS;
            let bits = if end <= 128 { bits >> (128 - end) } else { bits << (end - 128) };
            char::from(CROCKFORD[(bits & 0b11111) as usize])
        };
        Self((0..Self::LENGTH).map(letter).collect())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what people see: `C-` and the first six letters.
    pub fn short(&self) -> String {
        format!("C-{}", &self.0[..6])
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("not a pseudonym")]
pub struct NotAPseudonym;

impl FromStr for Pseudonym {
    type Err = NotAPseudonym;

    fn from_str(text: &str) -> Result<Self, NotAPseudonym> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for Pseudonym {
    type Error = NotAPseudonym;

    fn try_from(text: String) -> Result<Self, NotAPseudonym> {
        let fits =
            text.len() == Self::LENGTH && text.bytes().all(|letter| CROCKFORD.contains(&letter));
        if fits { Ok(Self(text)) } else { Err(NotAPseudonym) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_26_letters() {
        let text = |bytes| Pseudonym::from_bytes(bytes).to_string();
        assert_eq!(text([0; 16]), "0".repeat(26));
        assert_eq!(text([0xFF; 16]), format!("{}W", "Z".repeat(25)));
        // The lowest bit is the third one of the last letter.
        assert_eq!(text(1_u128.to_be_bytes()), format!("{}4", "0".repeat(25)));
    }

    #[test]
    fn every_bit_counts() {
        let texts: std::collections::HashSet<_> =
            (0..128).map(|bit| Pseudonym::from_bytes((1_u128 << bit).to_be_bytes())).collect();
        assert_eq!(texts.len(), 128);
    }

    #[test]
    fn only_26_letters_are_parsed() {
        let good = "4FQ2MN0000000000000000000W";
        assert_eq!(good.parse::<Pseudonym>().unwrap().short(), "C-4FQ2MN");
        for bad in ["", "nobody", &good[1..], &format!("{good}0"), &good.replace('W', "U")] {
            assert!(bad.parse::<Pseudonym>().is_err(), "{bad}");
        }
        assert!(good.to_lowercase().parse::<Pseudonym>().is_err(), "a pseudonym has one spelling");
        let json = format!("\"{good}\"");
        let parsed: Pseudonym = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&parsed).unwrap(), json);
        assert!(serde_json::from_str::<Pseudonym>("\"short\"").is_err());
    }
}
