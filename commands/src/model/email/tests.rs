//! Addresses as people type and paste them.

use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> Option<String> {
    Email::parse(text).ok().map(|email| email.as_str().to_owned())
}

#[test]
fn dot_atoms_are_accepted() {
    for address in [
        "o'name@example.com",
        "'@example.com",
        "a+b.c_d%e@sub.example.co",
        "!#$%&'*+-/=?^_`{|}~.x@example.com",
        "{x@example.com",
        "josé.ñandú@correo.españa.es",
        "用户@例子.公司",
    ] {
        assert_eq!(parsed(address).as_deref(), Some(address));
    }
}

#[test]
fn equal_looking_addresses_are_equal() {
    for (address, texts) in [
        ("o'name@example.com", ["O\u{2019}Name@Example.COM", "o\u{2bc}name@example.com"]),
        ("josé@example.com", ["jose\u{301}@example.com", "JOSE\u{301}@example.com"]),
        ("j-p@example.com", ["j\u{2011}p@example.com", "j\u{2010}p@example.com"]),
        ("j-p@example.com", ["j\u{2212}p@example.com", "j\u{2015}p@example.com"]),
        ("o'name@example.com", ["o\u{b4}name@example.com", "o\u{2032}name@example.com"]),
        ("julia@example.com", ["julia@example\u{3002}com", "julia\u{fe6b}example\u{ff61}com"]),
        ("ana@españa.es", ["ana@xn--espaa-rta.es", "Ana@XN--ESPAA-RTA.es"]),
        ("ana@españa.es", ["ana@ESPAÑA.es", "ana@espan\u{303}a\u{fe52}es"]),
        ("julia@example.com", ["\u{feff}ju\u{ad}lia@exam\u{200b}ple.com", "julia＠example．com"]),
        (
            "julia@example.com",
            ["\u{202a}julia@example.com\u{202c}", "\u{a0}julia@example.com\u{0}"],
        ),
    ] {
        for text in texts {
            assert_eq!(parsed(text).as_deref(), Some(address), "{text:?}");
        }
    }
}

#[test]
fn pasted_address_is_found_in_its_surroundings() {
    for text in [
        "  Julia@Example.COM ",
        "<julia@example.com>",
        "Julia Peña <julia@example.com>;",
        "\"Peña, Julia\" <julia@example.com>",
        "mailto:julia@example.com",
        "<MAILTO:julia@example.com?subject=Help>",
        "(julia@example.com).",
        "[julia@example.com]",
        "\"julia@example.com\"",
        "“julia@example.com”,",
        "«julia@example.com»",
        "'julia@example.com'",
        "‘julia@example.com’.",
        "`julia@example.com`",
        "**julia@example.com**",
        "{julia@example.com}",
        "julia@example.com.",
        "julia@example.com;",
        "julia@example.com ?!",
        "julia@example.com <julia@example.com>",
        "\"x @ y\" <julia@example.com>",
        "[julia@example.com](mailto:julia@example.com)",
        "[Julia](mailto:julia@example.com)",
        "<mailto:julia@example.com|julia@example.com>",
        "mailto:julia%40example.com",
        "mailto:julia@example.com?body=x@y.z",
        "Correo: julia@example.com",
        "E-mail: julia@example.com",
        "Correo:julia@example.com",
        "- julia@example.com",
        "julia@example.com (Julia)",
        "Julia (julia@example.com)",
        "¿julia@example.com?",
        "•julia@example.com",
        "• julia@example.com",
        "\u{fffc}julia@example.com",
        "📧 julia@example.com",
        "Julia <julia@example.com",
        "julia@example.com, julia@example.com;",
    ] {
        assert_eq!(parsed(text).as_deref(), Some("julia@example.com"), "{text:?}");
    }
}

#[test]
fn parse_rejects_other_texts() {
    for bad in [
        "",
        "julia",
        "@example.com",
        "julia@",
        "julia@localhost",
        "julia@@example.com",
        "julia@example.com@",
        "a b@example.com",
        "\"julia\"@example.com",
        "\"ju lia\"@example.com",
        "julia\\@example.com",
        "ju(x)lia@example.com",
        ".julia@example.com",
        "julia.@example.com",
        "ju..lia@example.com",
        "julia@example..com",
        "julia@-example.com",
        "julia@example-.com",
        "julia@[127.0.0.1]",
        "julia@exam_ple.com",
        "julia@example.com\nx",
        "julia@example.com'; drop table support_users; --",
        "' or 1=1 --@example.com",
        "Julia julia@example.com",
        "julia@example.com Julia",
        "https://julia@example.com",
        "julia@example.com <@1200000000000000100>",
        "julia@xn--a.com",
        "mailto:julia@example.com?cc=tom@example.com",
        "<@1200000000000000100>",
    ] {
        assert_eq!(Email::parse(bad), Err(Refusal::MalformedEmail), "{bad:?}");
    }
}

#[test]
fn percent_signs_are_decoded_only_after_mailto() {
    for (text, address) in [
        ("mailto:ana%2Bx@b.co", Some("ana+x@b.co")),
        ("mailto:o%27name@b.co", Some("o'name@b.co")),
        ("mailto:jos%C3%A9@b.co", Some("josé@b.co")),
        ("ana%2Bx@b.co", Some("ana%2bx@b.co")),
        ("mailto:ana%C3@b.co", None),
        ("mailto:ana%zz@b.co", None),
        ("mailto:a%20b@b.co", None),
    ] {
        assert_eq!(parsed(text).as_deref(), address, "{text:?}");
    }
}

#[test]
fn different_addresses_in_one_text_are_refused() {
    for text in [
        "julia@example.com, tom@example.com",
        "julia@example.com;tom@example.com",
        "julia@example.com or tom@example.com",
        "Julia <julia@example.com>, Tom <tom@example.com>",
        "tom@example.com <julia@example.com>",
        "[tom@example.com](mailto:julia@example.com)",
    ] {
        assert_eq!(Email::parse(text), Err(Refusal::SeveralEmails), "{text:?}");
    }
}

#[test]
fn typed_spelling_is_kept_for_searches() {
    for (text, typed) in [
        (" Ana@W.example ", "Ana@W.example"),
        ("Ana <Ana@W.example>", "Ana@W.example"),
        ("a\u{200b}na@w.example", "a\u{200b}na@w.example"),
        ("<o\u{2019}Neil@w.example>", "o'Neil@w.example"),
    ] {
        let email = Email::parse(text).unwrap();
        assert_eq!(email.typed(), typed, "{text:?}");
        assert!(email.spellings().contains(&typed.to_owned()));
        assert_eq!(Email::parse(email.typed()).unwrap().typed(), typed);
    }
}

#[test]
fn lengths_end_at_64_63_and_253_octets() {
    let domain = |n: usize| {
        format!(
            "{}{}",
            "d.".repeat((n - 4) / 2),
            if n.is_multiple_of(2) { "dcom" } else { "d.com" }
        )
    };
    let local = |n: usize| "l".repeat(n);
    for (text, fits) in [
        (format!("{}@example.com", local(64)), true),
        (format!("{}@example.com", local(65)), false),
        // Octets count, not characters.
        (format!("{}@example.com", "ñ".repeat(33)), false),
        (format!("julia@{}.com", local(63)), true),
        (format!("julia@{}.com", local(64)), false),
        (format!("{}@{}", local(64), domain(253)), true),
        (format!("{}@{}", local(64), domain(254)), false),
    ] {
        assert_eq!(Email::parse(&text).is_ok(), fits, "{text}");
    }
    assert_eq!((domain(253).len(), domain(254).len()), (253, 254));
}

#[test]
fn spellings_have_both_forms_of_each_part() {
    let email = Email::parse("o'josé@example.com").unwrap();
    let all = email.spellings();
    for spelling in [
        "o'josé@example.com",
        "o\u{2019}josé@example.com",
        "o'jose\u{301}@example.com",
        "o\u{2019}jose\u{301}@example.com",
    ] {
        assert!(all.iter().any(|one| one == spelling), "{spelling:?}");
        assert_eq!(canonical(spelling), email.as_str());
    }
    let all = Email::parse("O'José@españa.es").unwrap().spellings();
    // `lower` in the C locale makes the last one of `JOSÉ`.
    for spelling in [
        "o'josé@xn--espaa-rta.es",
        "o'josé@españa.es",
        "O'José@españa.es",
        "o'josÉ@xn--espaa-rta.es",
    ] {
        assert!(all.iter().any(|one| one == spelling), "{spelling:?}");
    }
}

#[test]
fn mailbox_ends_at_the_plus() {
    for (address, of) in [
        ("ana@waizant.example", "ana@waizant.example"),
        ("Ana+shop@Waizant.example", "ana@waizant.example"),
        ("ana+a+b@waizant.example", "ana@waizant.example"),
        ("ana+@waizant.example", "ana@waizant.example"),
        ("ana+x@xn--espaa-rta.es", "ana@españa.es"),
        ("o\u{2019}name+x@waizant.example", "o'name@waizant.example"),
        // Nothing before the plus: it is the name.
        ("+ana@waizant.example", "+ana@waizant.example"),
        ("ana@b+c", "ana@b+c"),
        ("none", "none"),
    ] {
        assert_eq!(mailbox(address), of, "{address}");
    }
}

#[test]
fn mask_keeps_first_letters() {
    assert_eq!(mask_email("julia@example.com"), "j•••@e•••.com");
    assert_eq!(mask_email("é@x.y.org"), "é•••@x•••.org");
    assert_eq!(mask_name("Julia Pérez  Ñandú"), "J*** P*** Ñ***");
    assert_eq!(format!("{:?}", Email::parse("julia@example.com").unwrap()), "Email(j•••@e•••.com)");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Every dot-atom is accepted and unchanged. The text around it is removed.
    #[test]
    fn dot_atom_survives_paste(
        local in "[a-z0-9!#$%&'*+/=?^_`{|}~ñü-]{1,10}(\\.[a-z0-9'+_ñ-]{1,8}){0,2}",
        domain in "[a-zñ0-9]{1,9}(-[a-z0-9]{1,5})?\\.[a-z]{2,5}",
        before in "[ \u{200b}\u{feff}\u{ad}]{0,3}",
        around in prop::sample::select(vec![("", ""), ("<", ">"), ("(", ")."), ("mailto:", ""), ("\"", "\",")]),
    ) {
        let address = format!("{local}@{domain}");
        // A quote that is closed behind the address is a quote.
        prop_assume!(!local.starts_with(['\'', '`', '*', '_', '{']));
        // In a link a percent sign escapes.
        prop_assume!(around.0 != "mailto:" || !local.contains('%'));
        let pasted = format!("{before}{}{before}{address}{before}{}{before}", around.0, around.1);
        let email = parsed(&pasted);
        prop_assert_eq!(email.as_deref(), Some(address.as_str()), "{:?}", pasted);
        prop_assert_eq!(parsed(&address), email);
    }

    #[test]
    fn parsed_address_is_stable(text in "\\PC{0,20}@\\PC{0,20}\\.com[.>'\\)]{0,2}") {
        if let Ok(email) = Email::parse(&text) {
            for spelling in [email.as_str(), email.typed()] {
                prop_assert_eq!(Email::parse(spelling), Ok(email.clone()));
            }
            prop_assert_eq!(canonical(email.as_str()), email.as_str());
            for spelling in email.spellings() {
                prop_assert_eq!(canonical(&spelling), email.as_str());
            }
        }
    }
}
