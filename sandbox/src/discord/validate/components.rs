//! Validation of rows, buttons and selects of a message.

use std::collections::HashSet;

use twilight_model::channel::message::Component;
use twilight_model::channel::message::component::{Button, ButtonStyle, SelectMenu};

use super::error_chain::error_chain;
use crate::discord::refusal::Refusal;

/// Longest `custom_id`, which must not be empty (Discord documentation, "Component Reference").
const CUSTOM_ID_MAX: usize = 100;

/// Longest address of a link button (Discord documentation, "Button").
const URL_MAX: usize = 512;

/// Schemes of a link button (Discord documentation, "Button"). Other schemes are refused.
const LINK_SCHEMES: [&str; 3] = ["https://", "http://", "discord://"];

/// Validates the components of a message, found at `path`.
pub(crate) fn validate_components(components: &[Component], path: &str) -> Result<(), Refusal> {
    twilight_validate::message::components(components, false)
        .map_err(|error| Refusal::form(path, "COMPONENT_VALIDATION_FAILED", error_chain(&error)))?;
    let mut seen = HashSet::new();
    for (index, component) in components.iter().enumerate() {
        let at = format!("{path}.{index}.components");
        let Component::ActionRow(row) = component else {
            return Err(Refusal::form(path, "BASE_TYPE_CHOICES", "Value must be one of {1}."));
        };
        if row.components.is_empty() {
            return Err(Refusal::form(
                &at,
                "BASE_TYPE_BAD_LENGTH",
                "Must be between 1 and 5 in length.",
            ));
        }
        let selects =
            row.components.iter().filter(|child| matches!(child, Component::SelectMenu(_)));
        if selects.count() > 0 && row.components.len() > 1 {
            let why = "A select menu takes the whole row.";
            return Err(Refusal::form(&at, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", why));
        }
        for (position, child) in row.components.iter().enumerate() {
            let at = format!("{at}.{position}");
            let id = match child {
                Component::Button(button) => validate_button(button, &at)?,
                Component::SelectMenu(select) => Some(validate_select(select, &at)?),
                _ => {
                    let why = "Value must be one of {2, 3, 5, 6, 7, 8}.";
                    return Err(Refusal::form(&at, "BASE_TYPE_CHOICES", why));
                }
            };
            if let Some(id) = id
                && !seen.insert(id.to_owned())
            {
                let why = "Component custom id cannot be duplicated";
                return Err(Refusal::form(&at, "COMPONENT_CUSTOM_ID_DUPLICATED", why));
            }
        }
    }
    Ok(())
}

/// Numbers the rows and their components that have no id, as Discord does.
pub(crate) fn number(components: &mut [Component]) {
    let mut taken = HashSet::new();
    for_each_id(components, &mut |id| taken.extend(*id));
    let mut free = (1..).filter(|id| !taken.contains(id));
    for_each_id(components, &mut |id| *id = id.or_else(|| free.next()));
}

fn for_each_id(components: &mut [Component], act: &mut impl FnMut(&mut Option<i32>)) {
    for component in components {
        match component {
            Component::ActionRow(row) => {
                act(&mut row.id);
                for_each_id(&mut row.components, act);
            }
            Component::Button(button) => act(&mut button.id),
            Component::SelectMenu(menu) => act(&mut menu.id),
            _ => {}
        }
    }
}

fn validate_button<'a>(button: &'a Button, at: &str) -> Result<Option<&'a str>, Refusal> {
    let nameless = button.label.as_deref().is_none_or(|label| label.trim().is_empty());
    if nameless && button.emoji.is_none() {
        let why = "A button needs a label or an emoji.";
        return Err(Refusal::form(at, "BUTTON_COMPONENT_INVALID_LABEL", why));
    }
    if button.style != ButtonStyle::Link {
        let id = button.custom_id.as_deref().unwrap_or_default();
        validate_custom_id(id, at)?;
        return Ok(Some(id));
    }
    let url = button.url.as_deref().unwrap_or_default();
    let at = format!("{at}.url");
    if url.chars().count() > URL_MAX {
        return Err(Refusal::form(&at, "BASE_TYPE_MAX_LENGTH", "Must be 512 or fewer in length."));
    }
    let rest = LINK_SCHEMES.iter().find_map(|scheme| url.strip_prefix(scheme));
    // Unknown on Discord: a missing host, and characters that a URL must encode (RFC 3986).
    let is_plain = |rest: &str| {
        !rest.is_empty()
            && !rest.starts_with('/')
            && rest.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\'))
    };
    if !rest.is_some_and(is_plain) {
        let why = "Scheme must be one of ('http', 'https', 'discord').";
        return Err(Refusal::form(&at, "URL_TYPE_INVALID_SCHEME", why));
    }
    Ok(None)
}

fn validate_select<'a>(select: &'a SelectMenu, at: &str) -> Result<&'a str, Refusal> {
    validate_custom_id(&select.custom_id, at)?;
    let Some(options) = &select.options else {
        return Ok(&select.custom_id);
    };
    let at = format!("{at}.options");
    if options.is_empty() {
        return Err(Refusal::form(
            &at,
            "BASE_TYPE_BAD_LENGTH",
            "Must be between 1 and 25 in length.",
        ));
    }
    let mut values = HashSet::new();
    for (index, option) in options.iter().enumerate() {
        let at = format!("{at}.{index}");
        if option.label.trim().is_empty() || option.value.is_empty() {
            return Err(Refusal::form(&at, "BASE_TYPE_REQUIRED", "This field is required"));
        }
        if !values.insert(&option.value) {
            let why = "The specified option value is already used";
            return Err(Refusal::form(&at, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", why));
        }
    }
    let (min, max) = (select.min_values.unwrap_or(1), select.max_values.unwrap_or(1));
    let preset = options.iter().filter(|option| option.default).count();
    if min > max || usize::from(max) > options.len() || preset > usize::from(max) {
        let why = "min_values, max_values, the options and the defaults do not fit together.";
        return Err(Refusal::form(&at, "SELECT_COMPONENT_VALUES", why));
    }
    Ok(&select.custom_id)
}

/// Requires 1 to 100 characters, because twilight accepts an empty id.
pub(super) fn validate_custom_id(id: &str, at: &str) -> Result<(), Refusal> {
    if (1..=CUSTOM_ID_MAX).contains(&id.chars().count()) {
        return Ok(());
    }
    let at = format!("{at}.custom_id");
    Err(Refusal::form(&at, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length."))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn validate(rows: Value) -> Result<(), String> {
        let components: Vec<Component> = serde_json::from_value(rows).unwrap();
        validate_components(&components, "components").map_err(|refusal| refusal.line())
    }

    fn row(children: &Value) -> Value {
        json!([{ "type": 1, "components": children }])
    }

    #[test]
    fn link_button_requires_web_address() {
        let link =
            |url: &str| row(&json!([{ "type": 2, "style": 5, "label": "Open", "url": url }]));
        validate(link("https://shop.example/enter?token=x")).unwrap();
        assert!(validate(link("waizant://open")).unwrap_err().contains("INVALID_SCHEME"));
        for url in ["https://", "https:///shop.example", "HTTPS://shop.example", "https://a/ñ\""] {
            assert!(validate(link(url)).unwrap_err().contains("INVALID_SCHEME"), "{url}");
        }
        let long = format!("https://shop.example/{}", "x".repeat(512));
        assert!(validate(link(&long)).unwrap_err().contains("512"));
    }

    #[test]
    fn components_without_id_are_numbered() {
        let button = json!({ "type": 2, "style": 1, "label": "Go", "custom_id": "a" });
        let own = json!({ "type": 2, "id": 2, "style": 1, "label": "Go", "custom_id": "b" });
        let mut rows: Vec<Component> =
            serde_json::from_value(row(&json!([button, own, button]))).unwrap();
        number(&mut rows);
        let rows = json!(rows);
        let id = |path: &str| rows.pointer(path).and_then(Value::as_i64);
        let ids = ["/0/id", "/0/components/0/id", "/0/components/1/id", "/0/components/2/id"];
        assert_eq!(ids.map(id), [Some(1), Some(3), Some(2), Some(4)]);
    }

    #[test]
    fn invalid_custom_ids_are_refused() {
        let button = |id: &str| json!({ "type": 2, "style": 1, "label": "Go", "custom_id": id });
        validate(row(&json!([button("a"), button("b")]))).unwrap();
        assert!(
            validate(row(&json!([button("a"), button("a")]))).unwrap_err().contains("DUPLICATED")
        );
        assert!(validate(row(&json!([button("")]))).is_err());
        assert!(validate(row(&json!([button(&"x".repeat(101))]))).is_err());
    }

    #[test]
    fn row_holds_five_buttons_or_one_select() {
        let button = |id: usize| json!({ "type": 2, "style": 1, "label": "Go", "custom_id": id.to_string() });
        let select =
            json!({ "type": 3, "custom_id": "s", "options": [{ "label": "One", "value": "1" }] });
        validate(row(&json!([select]))).unwrap();
        assert!(validate(row(&json!([select, button(0)]))).unwrap_err().contains("WIDTH"));
        assert!(validate(row(&(0..6).map(button).collect())).is_err());
        assert!(validate(row(&json!([]))).is_err());
        let empty = json!({ "type": 3, "custom_id": "s", "options": [] });
        assert!(validate(row(&json!([empty]))).is_err());
        let input = json!({ "type": 4, "custom_id": "i", "style": 1, "label": "Code" });
        assert!(validate(row(&json!([input]))).is_err(), "text inputs belong in modals");
    }
}
