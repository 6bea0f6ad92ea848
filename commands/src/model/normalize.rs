//! The normal form of text from outside: typed or pasted by people, or read from Core and Cognito.
//!
//! Texts that differ only in unseen characters, white space or the composition of accents have one
//! normal form. The module `fold` unites what else looks equal: apostrophes, hyphens,
//! full-width forms. Neither unites equal-looking letters of different scripts. Passwords, ids and
//! Core's words are not text: they are compared unchanged.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;
use unicode_properties::{
    GeneralCategory, GeneralCategoryGroup, UnicodeEmoji as _, UnicodeGeneralCategory as _,
};

/// Maximum number of marks on a base character. No living language writes more; stacks of marks
/// cover the lines around them.
const MAX_MARKS: usize = 3;

/// Symbols with which the bot itself speaks on panels. In a name they would look like its words.
const MARKS_OF_THE_BOT: [char; 12] =
    ['✅', '❌', '❔', '⚠', '⏳', '⚪', '🔵', '📨', '🔗', '🔒', '⛔', '📱'];

/// Separator of the bot between two values on a line.
const SEPARATOR: &str = "·";

/// Canonical combining class of a virama, which forms conjuncts (Unicode, table 4-3).
const VIRAMA: u8 = 9;

/// Returns the normal form of a text of one line.
///
/// Removes characters that are not seen, that turn or cover the text around them, or with which
/// the bot speaks. Replaces each run of white space and line breaks by one space, trims, and
/// composes accents (NFC). A mark without a base character, and each mark after the third on one,
/// is removed. A middle dot between two spaces, which separates values on panels, becomes a hyphen.
pub fn normalize(text: &str) -> String {
    let is_kept = |c: &char| is_joiner(*c) || !(is_unseen(*c) || is_misleading(*c));
    let chars: Vec<char> = text.chars().filter(is_kept).collect();
    let at = |at: Option<usize>| at.and_then(|at| chars.get(at)).copied();
    let visible = chars.iter().enumerate().filter(|(nth, c)| {
        !is_joiner(**c) || joins(at(nth.checked_sub(1)), **c, at(nth.checked_add(1)))
    });
    let mut marks = MAX_MARKS;
    let visible = visible.map(|(_, c)| *c).nfc().filter(|c| {
        marks = match *c {
            c if is_blank(c) => MAX_MARKS,
            c if is_mark(c) => marks + 1,
            c if is_joiner(c) => marks,
            _ => 0,
        };
        marks <= MAX_MARKS || !is_mark(*c)
    });
    let visible: String = visible.collect();
    let words = visible.split(is_blank).filter(|word| !word.is_empty());
    words.map(|word| if word == SEPARATOR { "-" } else { word }).collect::<Vec<_>>().join(" ")
}

/// Returns the normal form of a text of several lines. Drops empty lines.
pub fn normalize_lines(text: &str) -> String {
    let lines = text.split('\n').map(normalize).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns true for white space, and for the one visible character without ink (a Braille blank).
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// Returns true for a character that is drawn on the one before it, such as an accent.
pub(crate) fn is_mark(c: char) -> bool {
    !c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Mark
}

/// Returns true for a character that covers its neighbours (an enclosing mark, except that of a
/// keycap), or with which the bot speaks.
fn is_misleading(c: char) -> bool {
    let is_enclosing =
        !c.is_ascii() && c.general_category() == GeneralCategory::EnclosingMark && c != '\u{20e3}';
    is_enclosing || MARKS_OF_THE_BOT.contains(&c)
}

/// Returns true for a letter that is written from right to left: of the blocks that Unicode
/// reserves for such scripts (`DerivedBidiClass.txt`, default classes R and AL).
pub(crate) fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Returns true for the two characters that shape their neighbours: ZWNJ and ZWJ.
pub(crate) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Returns true if a joiner between two characters can be seen: after a virama, between emoji, or,
/// for ZWNJ, between letters of the Arabic script (as in RFC 5892, A.1 and A.2).
fn joins(before: Option<char>, joiner: char, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let is_emoji = |c: char| !c.is_ascii() && c.is_emoji_char();
    let is_arabic = |c: char| matches!(c, '\u{620}'..='\u{6d5}' | '\u{750}'..='\u{8ff}');
    canonical_combining_class(before) == VIRAMA
        || if joiner == '\u{200d}' {
            is_emoji(before) && is_emoji(after)
        } else {
            is_arabic(before) && is_arabic(after)
        }
}

/// Returns true for characters without a form of their own.
///
/// They are control characters, format characters (category Cf, which includes the marks that
/// change the direction), `Default_Ignorable_Code_Point` (Unicode 16), and the blanks among letters
/// and symbols: the place of an object, of a note head, and of hieroglyphs.
pub fn is_unseen(c: char) -> bool {
    let is_control = c.is_control() && !c.is_whitespace();
    is_control
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{13441}'..='\u{13446}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'
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
            ("👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥", "👨\u{200d}👩\u{200d}👧 ❤\u{200d}🔥"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("ශ\u{dca}\u{200d}රී", "ශ\u{dca}\u{200d}රී"),
            ("Ju\u{200d}l\u{200c}ia\u{200d} 👨\u{200d}", "Julia 👨"),
            ("\u{301}\u{323} \u{20dd}", ""),
            ("\u{301}Zo\u{308}e", "Zöe"),
            ("x\u{323}\u{302}\u{301}\u{300}\u{20dd}y", "x\u{323}\u{302}\u{301}y"),
            ("J\u{489}u\u{488}l\u{20e0}ia \u{1abe}1\u{fe0f}\u{20e3}", "Julia 1\u{20e3}"),
            ("\u{fff9}Casa\u{fffa}Luz\u{fffb}\u{fffc}", "CasaLuz"),
            ("\u{13441}\u{13442}\u{1d159}\u{e0100}\u{fe0f}", ""),
            ("Julia ✅ Active \u{26a0}\u{fe0f}⏳", "Julia Active"),
            ("Julia · owner · Cal·la ·", "Julia - owner - Cal·la -"),
            ("נועה \u{200f}כהן\u{200e}", "נועה כהן"),
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
            any in "([✅⏳· \u{489}\u{20dd}]|\\PC){0,12}",
        ) {
            for text in [&text, &any] {
                let normal = normalize(text);
                let is_hidden = |c: char| (is_unseen(c) && !is_joiner(c)) || c.is_control();
                prop_assert!(!normal.chars().any(is_hidden), "{:?}", normal);
                prop_assert!(!normal.chars().any(is_misleading), "{:?}", normal);
                prop_assert!(!format!(" {normal} ").contains(" · "), "{:?}", normal);
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
