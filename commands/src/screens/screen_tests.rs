//! Shortened and escaped texts.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn escaped_text_is_one_line_of_seen_characters(
        text in "([\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}א-ת\u{627}-\u{64a}+. -]|\\PC){0,12}",
    ) {
        let escaped = escape(&text);
        let inner = escaped.strip_prefix(LEFT_TO_RIGHT).unwrap_or(&escaped);
        let inner = inner.strip_suffix(LEFT_TO_RIGHT).unwrap_or(inner);
        let is_hidden = |c: char| c.is_control() || (is_unseen(c) && !is_joiner(c));
        prop_assert!(!inner.contains(is_hidden), "{:?}", escaped);
        let is_bounded = inner.len() + 2 * LEFT_TO_RIGHT.len_utf8() == escaped.len();
        prop_assert_eq!(is_bounded, text.contains(is_right_to_left), "{:?}", escaped);
        let starts_list = ["- ", "+ ", "# ", "> ", "* "].iter().any(|mark| inner.trim_start().starts_with(mark));
        prop_assert!(!starts_list, "{:?}", escaped);
    }
}

#[test]
fn clip_cuts_no_joiner() {
    assert_eq!(clip("👨\u{200d}👩\u{200d}👧", 4), "👨\u{200d}👩…");
    assert_eq!(clip("👨\u{200d}👩\u{200d}👧", 5), "👨\u{200d}👩\u{200d}👧");
}

#[test]
fn clip_keeps_text_of_maximum_length() {
    assert_eq!(clip("ñañ", 3), "ñañ");
    assert_eq!(clip("ñaño", 3), "ña…");
}

#[test]
fn right_to_left_text_is_bounded() {
    assert_eq!(escape("נועה"), "\u{200e}נועה\u{200e}");
    assert_eq!(escape("- قهوة"), "\u{200e}\\- قهوة\u{200e}");
    assert_eq!(escape("\u{200f}Noa Ñandú 漢字"), "Noa Ñandú 漢字");
}

#[test]
fn escape_disarms_markup() {
    for (text, escaped) in [
        ("- Casa", "\\- Casa"),
        ("+ Casa", "\\+ Casa"),
        ("+\tCasa", "\\+ Casa"),
        ("-\u{200b} Casa", "\\- Casa"),
        (" 12. Casa", " 12\\. Casa"),
        ("-# Casa", "-\\# Casa"),
        ("# Casa", "\\# Casa"),
        ("> Casa", "\\> Casa"),
        ("Casa - 1. a", "Casa - 1. a"),
        ("1.5 GB", "1.5 GB"),
        ("a\nb\u{85}c\u{2028}d\te", "a b c d e"),
        ("a\u{202e}b\u{200b}c\u{1b}d\u{2066}", "abcd"),
        ("👨\u{200d}👩", "👨\u{200d}👩"),
    ] {
        assert_eq!(escape(text), escaped);
    }
    assert_eq!(escape("**J** <@1> [x](y)"), "\\*\\*J\\*\\* \\<\\@1\\> \\[x\\]\\(y\\)");
}
