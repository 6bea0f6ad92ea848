//! Validation of modals.
//!
//! Only rows with one text input each are supported. The bot's library has no builders for the
//! newer label components, and would lose a value inside a label.

use std::collections::HashSet;

use serde::{Deserialize as _, Serialize};
use serde_json::Value;
use twilight_model::channel::message::Component;
use twilight_model::channel::message::component::{TextInput, TextInputStyle};
use twilight_model::http::interaction::InteractionResponseData;

use super::components;
use super::error_chain::error_chain;
use crate::discord::refusal::Refusal;

/// Longest title (Discord documentation, "Modal").
const TITLE_MAX: usize = 45;

/// Most inputs in a modal.
const INPUTS_MAX: usize = 5;

/// Longest value, also the default maximum.
pub(crate) const VALUE_MAX: u16 = 4000;

/// An input of a modal, as the client shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputView {
    /// The bot's id of the input.
    pub custom_id: String,
    /// The text above the input.
    pub label: String,
    /// True for several lines.
    pub paragraph: bool,
    /// Shown while the input is empty.
    pub placeholder: Option<String>,
    /// True if the client refuses an empty value.
    pub required: bool,
    /// Fewest characters that the client accepts.
    pub min_length: u16,
    /// Most characters that the client accepts.
    pub max_length: u16,
    /// The initial value.
    pub value: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Modal {
    pub(crate) custom_id: String,
    pub(crate) title: String,
    pub(crate) inputs: Vec<InputView>,
}

/// Parses and validates the `data` of an answer of type 9.
pub(crate) fn parse_modal(value: &Value) -> Result<Modal, Refusal> {
    let data: InteractionResponseData = InteractionResponseData::deserialize(value)
        .map_err(|error| Refusal::form("data", "MODEL", error.to_string()))?;
    let title = data.title.unwrap_or_default();
    if title.trim().is_empty() || title.chars().count() > TITLE_MAX {
        let why = "Must be between 1 and 45 in length.";
        return Err(Refusal::form("data.title", "BASE_TYPE_BAD_LENGTH", why));
    }
    let custom_id = data.custom_id.unwrap_or_default();
    components::validate_custom_id(&custom_id, "data")?;
    let rows = data.components.unwrap_or_default();
    let path = "data.components";
    if !(1..=INPUTS_MAX).contains(&rows.len()) {
        let why = "Must be between 1 and 5 in length.";
        return Err(Refusal::form(path, "BASE_TYPE_BAD_LENGTH", why));
    }
    twilight_validate::message::components(&rows, false)
        .map_err(|error| Refusal::form(path, "COMPONENT_VALIDATION_FAILED", error_chain(&error)))?;
    let mut inputs = Vec::new();
    let mut seen = HashSet::new();
    for (index, row) in rows.iter().enumerate() {
        let at = format!("{path}.{index}.components");
        let [Component::TextInput(input)] = children(row) else {
            let why = "A row of a modal holds one text input.";
            return Err(Refusal::form(&at, "BASE_TYPE_CHOICES", why));
        };
        let at = format!("{at}.0");
        let input = parse_input(input, &at)?;
        if !seen.insert(input.custom_id.clone()) {
            let why = "Component custom id cannot be duplicated";
            return Err(Refusal::form(&at, "COMPONENT_CUSTOM_ID_DUPLICATED", why));
        }
        inputs.push(input);
    }
    Ok(Modal { custom_id, title, inputs })
}

fn children(row: &Component) -> &[Component] {
    match row {
        Component::ActionRow(row) => &row.components,
        _ => &[],
    }
}

fn parse_input(input: &TextInput, at: &str) -> Result<InputView, Refusal> {
    components::validate_custom_id(&input.custom_id, at)?;
    #[expect(deprecated, reason = "the newer label component has no builder in the bot's library")]
    let label = input.label.clone().unwrap_or_default();
    if label.trim().is_empty() {
        let at = format!("{at}.label");
        return Err(Refusal::form(&at, "BASE_TYPE_REQUIRED", "This field is required"));
    }
    let min_length = input.min_length.unwrap_or(0);
    let max_length = input.max_length.unwrap_or(VALUE_MAX);
    let value = input.value.clone().unwrap_or_default();
    if min_length > max_length {
        let why = "min_length is greater than max_length.";
        return Err(Refusal::form(at, "BASE_TYPE_BAD_LENGTH", why));
    }
    if value.chars().count() > usize::from(max_length) {
        let at = format!("{at}.value");
        let why = format!("Must be {max_length} or fewer in length.");
        return Err(Refusal::form(&at, "BASE_TYPE_MAX_LENGTH", why));
    }
    Ok(InputView {
        custom_id: input.custom_id.clone(),
        label,
        paragraph: input.style == TextInputStyle::Paragraph,
        placeholder: input.placeholder.clone(),
        required: input.required.unwrap_or(true),
        min_length,
        max_length,
        value,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn modal(title: &str, id: &str, inputs: &[Value]) -> Value {
        let rows: Vec<Value> =
            inputs.iter().map(|input| json!({ "type": 1, "components": [input] })).collect();
        json!({ "title": title, "custom_id": id, "components": rows })
    }

    fn parse(value: &Value) -> Result<Modal, String> {
        parse_modal(value).map_err(|refusal| refusal.line())
    }

    #[test]
    fn valid_modal_is_parsed() {
        let code = json!({ "type": 4, "custom_id": "code", "style": 1, "label": "Code", "max_length": 20 });
        let modal = parse(&modal("Enter code", "m", &[code])).unwrap();
        assert_eq!(modal.inputs[0].max_length, 20);
        assert!(modal.inputs[0].required && !modal.inputs[0].paragraph);
    }

    #[test]
    fn invalid_title_id_or_inputs_are_refused() {
        let input = |id: &str| json!({ "type": 4, "custom_id": id, "style": 1, "label": "Code" });
        assert!(parse(&modal(&"t".repeat(46), "m", &[input("a")])).unwrap_err().contains("title"));
        assert!(parse(&modal("t", "", &[input("a")])).unwrap_err().contains("custom_id"));
        assert!(parse(&modal("t", "m", &[])).is_err());
        assert!(
            parse(&modal("t", "m", &[input("a"), input("a")])).unwrap_err().contains("DUPLICATED")
        );
        let long = json!({ "type": 4, "custom_id": "a", "style": 1, "label": "l".repeat(46) });
        assert!(parse(&modal("t", "m", &[long])).is_err());
        let button = json!({ "type": 2, "style": 1, "label": "Go", "custom_id": "b" });
        assert!(parse(&modal("t", "m", &[button])).is_err());
    }
}
