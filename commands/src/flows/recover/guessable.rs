//! Rejects passwords that the pool's policy accepts and an attacker guesses early.
//!
//! NIST SP 800-63B-4 3.1.1.2 and ASVS 6.2.4 and 6.2.11 require a list of common passwords and of
//! words that belong to the service and the account.

use unicode_normalization::UnicodeNormalization as _;
use zxcvbn::zxcvbn;

/// Names of the company, its products and this bot (ASVS 6.1.2), without spaces.
pub const COMPANY_WORDS: [&str; 4] = ["waizant", "backoffice", "supportdesk", "ecosystem"];

/// Shortest word of the account that a password must not contain, in characters. Shorter names,
/// such as Ana, are part of too many other words.
pub const SHORTEST_ACCOUNT_WORD: usize = 4;

/// Fewest guesses that a password must withstand, as a power of ten.
///
/// zxcvbn rates `Summer2026!` at 7.4 and eight random characters at 8.0.
pub const FEWEST_GUESSES: f64 = 7.5;

/// Number of characters that are rated. The rating of a prefix is a lower limit for the password,
/// and the time to rate one grows with the square of its length.
const RATED_CHARACTERS: usize = 64;

/// Words of common Spanish passwords. zxcvbn's own lists are English.
const SPANISH_WORDS: [&str; 40] = [
    "contraseña",
    "contrasena",
    "clave",
    "hola",
    "bienvenido",
    "bienvenida",
    "secreto",
    "acceso",
    "usuario",
    "soporte",
    "empresa",
    "cliente",
    "verano",
    "invierno",
    "otoño",
    "otono",
    "primavera",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
    "teamo",
    "españa",
    "mexico",
    "colombia",
];

/// Returns true if the password contains a word of the company or of the account, or withstands
/// fewer than 10^[`FEWEST_GUESSES`] guesses.
///
/// `account` holds texts that an attacker knows of the account, such as its name and address.
pub fn is_guessable(password: &str, account: &[&str]) -> bool {
    let typed = fold(password);
    let words = account.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let is_contained = |word: &str| {
        let word = fold(word);
        word.chars().count() >= SHORTEST_ACCOUNT_WORD && typed.contains(&word)
    };
    if words.iter().chain(&COMPANY_WORDS).any(|word| is_contained(word)) {
        return true;
    }
    let known = [&words[..], &COMPANY_WORDS, &SPANISH_WORDS].concat();
    let rated: String = password.chars().take(RATED_CHARACTERS).collect();
    zxcvbn(&rated, &known).guesses_log10() < FEWEST_GUESSES
}

/// Returns the letters and digits of a text, without case and accents. Letters, digits and signs
/// that commonly stand for each other become one letter.
fn fold(text: &str) -> String {
    let lower = text.nfkd().flat_map(char::to_lowercase);
    lower
        .filter_map(|c| match c {
            '4' | '@' => Some('a'),
            '8' => Some('b'),
            '3' => Some('e'),
            '1' | '!' | '|' | 'l' => Some('i'),
            '0' => Some('o'),
            '5' | '$' => Some('s'),
            '7' | '+' => Some('t'),
            c => c.is_alphanumeric().then_some(c),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BEN: [&str; 2] = ["Ben Carter", "ben.c@waizant.example"];

    #[test]
    fn common_passwords_are_guessable() {
        for password in [
            "Password1!",
            "P@ssw0rd!",
            "Passw0rd!",
            "Qwerty123!",
            "Abcdef1!",
            "Welcome1!",
            "Admin123!",
            "Aa123456!",
            "Zaq1@wsx",
            "Summer2026!",
            "Contraseña1!",
            "Contrasena1!",
            "Verano2026!",
            "Hola1234!",
            "Noviembre26!",
            "Aa1!aaaa",
            "Asdf1234!",
        ] {
            assert!(is_guessable(password, &BEN), "{password}");
        }
    }

    #[test]
    fn words_of_company_and_account_are_guessable() {
        for password in [
            "Waizant2026!",
            "xK9#waizant-qVr7",
            "W4iz@nt-7kQm",
            "W-A-I-Z-A-N-T-7kq",
            "B4ck0ff1ce-kQ7m",
            "Support.Desk-7kQm",
            "Carter-7kQm2x!",
            "CÁRTER-7kQm2x!",
            "c4rt3r-7KQm2x!",
            "Example-7kQm2x!",
        ] {
            assert!(is_guessable(password, &BEN), "{password}");
        }
    }

    #[test]
    fn account_word_counts_from_four_characters() {
        assert!(!is_guessable("Ana-7kQm2x!", &["Ana"]));
        assert!(is_guessable("Anna-7kQm2x!", &["Anna"]));
        // A shorter word is rated as known to the attacker.
        assert!(!is_guessable("Xyu-8162", &[]) && is_guessable("Xyu-8162", &["Xyu"]));
    }

    #[test]
    fn rating_decides_at_its_edge() {
        let rating = |password| zxcvbn(password, &[]).guesses_log10();
        assert!(rating("Kx7#qP2") < FEWEST_GUESSES && is_guessable("Kx7#qP2", &[]));
        assert!(rating("Kx7#qP2m") >= FEWEST_GUESSES && !is_guessable("Kx7#qP2m", &[]));
    }

    #[test]
    fn passwords_that_are_hard_to_guess_pass() {
        for password in ["Kx7#qP2m", "Another-Password-2", "Correct-Horse-7", "tR7!vq92Lp"] {
            assert!(!is_guessable(password, &BEN), "{password}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_rated(password in "\\PC{0,300}", name in "\\PC{0,40}") {
            is_guessable(&password, &[&name]);
        }
    }
}
