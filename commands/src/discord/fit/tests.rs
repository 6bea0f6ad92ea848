//! Any screen becomes a message that keeps Discord's rules.

use std::collections::HashSet;

use proptest::prelude::*;
use proptest::sample::select;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::{EMPTY, Fitted, fit};
use crate::discord::render::{embed, modal, rows};
use crate::screens::screen::{
    Button, Choice, Field, Form, Input, Menu, Press, Row, Screen, Style, Tone,
};

/// Addresses that a link button cannot have.
const INVALID_LINKS: [&str; 9] = [
    "waizant://x",
    "HTTPS://web.example/x",
    "https:web.example/x",
    "https:/web.example/x",
    "https:///web.example/x",
    "https://",
    "https://web.example/ x",
    "https://web.example/ñ",
    "https://web.example/\"",
];

/// Returns any text that a row of Core can hold.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "\\PC{0,30}",
        1 => (75_usize..110).prop_map(long),
        1 => (1_000_usize..7_000).prop_map(long),
        2 => select(vec!["", " ", "\n", "\u{200b}", "\u{3164}", "\u{202e}"]).prop_map(str::to_owned),
    ]
}

fn long(length: usize) -> String {
    "🦀ñ*".chars().cycle().take(length).collect()
}

fn button() -> impl Strategy<Value = Button> {
    let id = prop_oneof![Just("same".to_owned()), "[a-z]{0,4}", text()];
    let url = prop_oneof![
        8 => select(vec!["https://web.example/x", "http://127.0.0.1:8400/%C3%B1?a=%22"])
            .prop_map(str::to_owned),
        1 => select(INVALID_LINKS.to_vec()).prop_map(str::to_owned),
        1 => text(),
    ];
    let press = prop_oneof![3 => id.prop_map(Press::Custom), 1 => url.prop_map(|url| Press::Link(url.into()))];
    (text(), press, any::<bool>()).prop_map(|(label, press, enabled)| Button {
        label,
        press,
        style: Style::Secondary,
        enabled,
    })
}

fn menu() -> impl Strategy<Value = Menu> {
    let value = prop_oneof![Just("same".to_owned()), "[a-z]{1,9}", text()];
    let option = (value, text(), text()).prop_map(|(value, label, description)| Choice {
        value,
        label,
        description,
    });
    (prop_oneof![Just("same".to_owned()), text()], text(), proptest::collection::vec(option, 0..30))
        .prop_map(|(custom_id, placeholder, options)| Menu {
            custom_id,
            placeholder,
            options,
            enabled: true,
        })
}

fn screen() -> impl Strategy<Value = Screen> {
    let field = (text(), text(), any::<bool>()).prop_map(|(name, value, inline)| Field {
        name,
        value,
        inline,
    });
    let row = prop_oneof![
        proptest::collection::vec(button(), 0..8).prop_map(Row::Buttons),
        menu().prop_map(Row::Menu),
    ];
    (
        text(),
        proptest::collection::vec(text(), 0..4),
        proptest::collection::vec(field, 0..30),
        proptest::option::of(text()),
        proptest::collection::vec(row, 0..8),
    )
        .prop_map(|(title, body, fields, footer, rows)| Screen {
            tone: Tone::Info,
            title,
            body,
            fields,
            footer,
            rows,
            picture: None,
            file: None,
        })
}

/// Returns the length of a text in code points, as Discord counts. 0 for one that is missing.
fn length(json: &Value) -> usize {
    json.as_str().map_or(0, |text| text.chars().count())
}

/// Returns true if the character shows nothing: white space, or one of the ignorable code points of
/// Unicode (`DerivedCoreProperties.txt`) that the texts of these tests can contain.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns true for an address that Discord takes in a link button.
fn is_link(url: &str) -> bool {
    let mut parts = url.splitn(3, '/');
    let scheme = matches!(parts.next(), Some("https:" | "http:"));
    let has_host = parts.next() == Some("")
        && parts.next().is_some_and(|rest| {
            rest.starts_with(|c| matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '['))
        });
    let is_encoded = url.chars().all(|c| matches!(c, '!' | '#'..='~'));
    scheme && has_host && is_encoded && url.chars().count() <= 512
}

/// Returns the link buttons of a screen.
fn links(screen: &Screen) -> Vec<&str> {
    fn buttons(row: &Row) -> &[Button] {
        match row {
            Row::Buttons(buttons) => buttons,
            Row::Menu(_) => &[],
        }
    }
    let buttons = screen.rows.iter().flat_map(buttons);
    buttons
        .filter_map(|button| match &button.press {
            Press::Link(url) => Some(url.expose_secret()),
            Press::Custom(_) => None,
        })
        .collect()
}

/// Returns the rules of Discord that a rendered message breaks.
fn broken_rules(fitted: &Fitted) -> Vec<String> {
    let mut broken = Vec::new();
    let mut check = |holds: bool, rule: String| {
        if !holds {
            broken.push(rule);
        }
    };
    let seen = |json: &Value, max: usize| {
        (1..=max).contains(&length(json))
            && !json.as_str().unwrap_or_default().chars().all(is_unseen)
    };
    let embed = serde_json::to_value(embed(fitted)).unwrap();
    let fields = embed["fields"].as_array().cloned().unwrap_or_default();
    let (title, description) = (&embed["title"], &embed["description"]);
    check(title.is_null() || seen(title, 256), "title".to_owned());
    check(description.is_null() || seen(description, 4096), "description".to_owned());
    check(fields.len() <= 25, "fields".to_owned());
    check(
        !(title.is_null() && description.is_null() && fields.is_empty()),
        "empty message".to_owned(),
    );
    let footer = &embed["footer"]["text"];
    check(footer.is_null() || seen(footer, 2048), "footer".to_owned());
    let mut all = length(title) + length(description) + length(footer);
    for field in &fields {
        check(seen(&field["name"], 256), format!("field name {field}"));
        check(seen(&field["value"], 1024), format!("field value {field}"));
        all += length(&field["name"]) + length(&field["value"]);
    }
    check(all <= 6000, format!("{all} characters"));
    let rows = serde_json::to_value(rows(fitted)).unwrap();
    let rows = rows.as_array().unwrap();
    check(rows.len() <= 5, "rows".to_owned());
    let mut ids = HashSet::new();
    for component in rows
        .iter()
        .flat_map(|row| {
            let components = row["components"].as_array().unwrap();
            check((1..=5).contains(&components.len()), "components of a row".to_owned());
            components
        })
        .collect::<Vec<_>>()
    {
        if component["style"] == 5 {
            let url = component["url"].as_str().unwrap();
            check(is_link(url), format!("url {url}"));
        } else {
            let id = &component["custom_id"];
            check(length(id) > 0 && length(id) <= 100, format!("custom id {id}"));
            check(ids.insert(id.to_string()), format!("custom id {id} twice"));
        }
        if component["type"] == 2 {
            check(seen(&component["label"], 80), format!("label of {component}"));
            continue;
        }
        check(length(&component["placeholder"]) <= 150, "placeholder".to_owned());
        let options = component["options"].as_array().unwrap();
        check((1..=25).contains(&options.len()), "options".to_owned());
        let mut values = HashSet::new();
        for option in options {
            check(seen(&option["label"], 100), format!("label of {option}"));
            check(seen(&option["value"], 100), format!("value of {option}"));
            check(values.insert(option["value"].to_string()), format!("value of {option} twice"));
            let description = &option["description"];
            check(
                description.is_null() || seen(description, 100),
                format!("description of {option}"),
            );
        }
    }
    broken
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_screen_becomes_a_valid_message(screen in screen()) {
        let is_too_large = screen.rows.len() > 5
            || screen.rows.iter().any(|row| matches!(row, Row::Buttons(buttons) if buttons.len() > 5));
        match fit(screen.clone()) {
            Ok(fitted) => {
                prop_assert_eq!(broken_rules(&fitted), Vec::<String>::new());
                prop_assert_eq!(links(fitted.screen()), links(&screen));
            }
            Err(_) => prop_assert!(is_too_large || !links(&screen).into_iter().all(is_link)),
        }
    }

    #[test]
    fn any_form_fits(title in text(), label in text(), placeholder in text(), value in text()) {
        let form = Form {
            custom_id: "form".to_owned(),
            title,
            inputs: vec![
                Input { label, placeholder, paragraph: true, value: Some(value), max_length: 1000 };
                2
            ],
        };
        let json = serde_json::to_value(modal(form)).unwrap();
        prop_assert!((1..=45).contains(&length(&json["title"])), "{}", json);
        let inputs = [0, 1].map(|nth| &json["components"][nth]["components"][0]);
        prop_assert_ne!(&inputs[0]["custom_id"], &inputs[1]["custom_id"]);
        for input in inputs {
            prop_assert!((1..=45).contains(&length(&input["label"])), "{}", json);
            let (placeholder, value) = (length(&input["placeholder"]), length(&input["value"]));
            prop_assert!(placeholder <= 100 && value <= 1000, "{}", json);
        }
    }
}

#[test]
fn right_to_left_names_keep_their_places_in_raw_texts() {
    let option = Choice {
        value: "eco-1".to_owned(),
        label: "קפה · Ab12Cd".to_owned(),
        description: "Owner · Member".to_owned(),
    };
    let screen = Screen::titled(Tone::Info, "4 of 4 · נועה · קפה".to_owned()).menu(Menu {
        custom_id: "menu".to_owned(),
        placeholder: "Choose".to_owned(),
        options: vec![option],
        enabled: true,
    });
    let fitted = fit(screen).unwrap();
    let title = "\u{200e}4 of 4\u{200e} · \u{200e}נועה\u{200e} · \u{200e}קפה\u{200e}";
    assert_eq!(fitted.screen().title, title);
    let Row::Menu(menu) = &fitted.screen().rows[0] else { panic!("no menu") };
    assert_eq!(menu.options[0].label, "\u{200e}קפה\u{200e} · \u{200e}Ab12Cd\u{200e}");
    assert_eq!(menu.options[0].description, "Owner · Member");
}

#[test]
fn fitting_screen_is_unchanged() {
    let option = |value: &str| Choice {
        value: value.to_owned(),
        label: "Casa Luz".to_owned(),
        description: "Owner".to_owned(),
    };
    let screen = Screen::titled(Tone::Info, "Title".to_owned())
        .say("One".to_owned())
        .field("Name".to_owned(), "Value".to_owned())
        .menu(Menu {
            custom_id: "menu".to_owned(),
            placeholder: "Choose".to_owned(),
            options: vec![option("eco-1"), option("eco-2")],
            enabled: true,
        });
    let fitted = fit(screen.clone()).unwrap();
    assert_eq!(format!("{:?}", fitted.screen()), format!("{screen:?}"));
}

#[test]
fn duplicate_and_unusable_options_cost_only_themselves() {
    let option = |value: String, label: &str| Choice {
        value,
        label: label.to_owned(),
        description: String::new(),
    };
    let screen = Screen::default().menu(Menu {
        custom_id: "menu".to_owned(),
        placeholder: String::new(),
        options: vec![
            option("e1".to_owned(), "first"),
            option("e1".to_owned(), "duplicate"),
            option(String::new(), "empty"),
            option("e".repeat(101), "too long"),
            option("e".repeat(100), ""),
        ],
        enabled: true,
    });
    let fitted = fit(screen).unwrap();
    let Row::Menu(menu) = &fitted.screen().rows[0] else { panic!("no menu") };
    let labels: Vec<&str> = menu.options.iter().map(|option| option.label.as_str()).collect();
    assert_eq!(labels, ["first", EMPTY]);
}

#[test]
fn screen_without_its_link_button_is_refused() {
    let screen = |url: &str| {
        let link = Button::link("Open the web".to_owned(), url.to_owned().into());
        Screen::default().say("This opens Waizant Web".to_owned()).buttons(vec![link])
    };
    for url in INVALID_LINKS {
        let refused = fit(screen(url)).unwrap_err().to_string();
        assert!(!refused.contains("web"), "{url}: {refused}");
    }
    assert!(fit(screen(&format!("https://{}", "w".repeat(504)))).is_ok());
    assert!(fit(screen(&format!("https://{}", "w".repeat(505)))).is_err());
}
