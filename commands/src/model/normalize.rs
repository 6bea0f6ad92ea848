//! The normal form of text from outside: typed or pasted by people, or read from Core and Cognito.
//!
//! Two texts that people see as equal get the same normal form. Every text is normalized before it
//! is parsed, compared or shown. Passwords and ids are not text: they are never changed.

use unicode_normalization::UnicodeNormalization as _;

/// Returns the normal form of a text of one line.
///
/// Removes characters that are not seen or that turn the text around them, replaces each run of
/// white space and line breaks by one space, trims, and composes accents (NFC).
pub fn normalize(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_unseen(*c)).nfc().collect();
    visible.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns the normal form of a text of several lines. Drops empty lines.
pub fn normalize_lines(text: &str) -> String {
    let lines = text.split('\n').map(normalize).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns true for white space, and for the one visible character without ink (a Braille blank).
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// Returns true for characters without a form of their own.
///
/// They are control characters, format characters (category Cf, which includes the marks that
/// change the direction) and `Default_Ignorable_Code_Point` (Unicode 16). Joined emoji
/// fall apart into their parts, which is a price for one rule.
pub(crate) fn is_unseen(c: char) -> bool {
    let is_control = c.is_control() && !c.is_whitespace();
    is_control
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unseen_characters_and_line_breaks_disappear() {
        for (text, normal) in [
            ("Julia\u{200b} Pe\u{f1}a", "Julia Peña"),
            ("\u{feff}Julia Pen\u{303}a\u{ad}", "Julia Peña"),
            ("\u{202e}aluJ\u{2067} \u{200f}x\u{2069}", "aluJ x"),
            ("Casa\u{85}Luz\u{2028}uno\u{2029}dos\r\ntres\u{b}", "Casa Luz uno dos tres"),
            ("\u{a0}Casa \t\u{2003} Luz\u{3000}", "Casa Luz"),
            ("\u{0}\u{1b}[31mCasa\u{7}", "[31mCasa"),
            ("\u{3164}\u{115f} \u{2800}\u{e0041}\u{fe0f}", ""),
            ("Ñandú & Hijos 🌿", "Ñandú & Hijos 🌿"),
            ("\u{2066}\n\u{200b}", ""),
        ] {
            assert_eq!(normalize(text), normal, "{text:?}");
        }
    }

    #[test]
    fn lines_are_kept_and_empty_ones_dropped() {
        assert_eq!(normalize_lines(" one\r\n\n\u{200b}\n two\u{2028}three \n"), "one\ntwo three");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn normal_form_has_only_seen_characters(
            text in "[a-zñ\u{303}\\p{Cc}\\p{Cf}\\p{Zs}\\p{Zl}\\p{Zp}\\p{DI}&&[^\u{e0000}-\u{e0fff}]]{0,12}",
            any in "\\PC{0,12}",
        ) {
            for text in [&text, &any] {
                let normal = normalize(text);
                prop_assert!(!normal.chars().any(|c| is_unseen(c) || c.is_control()), "{:?}", normal);
                prop_assert!(!normal.contains("  ") && normal.trim() == normal, "{:?}", normal);
                prop_assert_eq!(&normalize(&normal), &normal);
            }
            let seen = |c: char| c.is_alphabetic() || c == '\u{303}';
            prop_assert!(normalize(&text).chars().all(|c| seen(c) || c == ' '), "{:?}", text);
        }

        #[test]
        fn tag_characters_disappear(text in "[\u{e0000}-\u{e0fff}]{1,4}") {
            prop_assert_eq!(normalize(&text), "");
        }

        #[test]
        fn composed_and_decomposed_text_are_equal(text in "[a-zA-ZÀ-ỹ가-힣 ]{0,20}") {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(normalize(&text), normalize(&decomposed));
        }
    }
}
