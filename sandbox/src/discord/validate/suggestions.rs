//! Validation of suggestions, the answer to an autocomplete.

use std::collections::HashSet;

use serde_json::Value;

use crate::discord::interaction::Suggestion;
use crate::discord::refusal::Refusal;

/// Most suggestions (Discord documentation, "Autocomplete").
const SUGGESTIONS_MAX: usize = 25;

/// Longest name, and longest value of a string option.
const LENGTH_MAX: usize = 100;

/// Parses and validates the `data` of an answer of type 8, for an option with a text.
pub(crate) fn parse_suggestions(data: &Value) -> Result<Vec<Suggestion>, Refusal> {
    let at = "data.choices";
    let choices = data.get("choices").and_then(Value::as_array);
    let choices =
        choices.ok_or_else(|| Refusal::form(at, "BASE_TYPE_REQUIRED", "This field is required"))?;
    if choices.len() > SUGGESTIONS_MAX {
        return Err(Refusal::form(at, "BASE_TYPE_BAD_LENGTH", "Must be 25 or fewer in length."));
    }
    let mut names = HashSet::new();
    let mut suggestions = Vec::with_capacity(choices.len());
    for (index, choice) in choices.iter().enumerate() {
        let text = |field: &str| {
            let at = format!("{at}.{index}.{field}");
            let text = choice.get(field).and_then(Value::as_str).unwrap_or_default();
            if text.is_empty() || text.chars().count() > LENGTH_MAX {
                let why = "Must be between 1 and 100 in length.";
                return Err(Refusal::form(&at, "BASE_TYPE_BAD_LENGTH", why));
            }
            Ok(text.to_owned())
        };
        let suggestion = Suggestion { name: text("name")?, value: text("value")? };
        if !names.insert(suggestion.name.clone()) {
            let at = format!("{at}.{index}.name");
            let why = "Option name already exists";
            return Err(Refusal::form(&at, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", why));
        }
        suggestions.push(suggestion);
    }
    Ok(suggestions)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn suggestions_are_measured() {
        let parse = |count: usize, length: usize| {
            let choice =
                |nth: usize| json!({ "name": format!("{nth:03}"), "value": "v".repeat(length) });
            parse_suggestions(&json!({ "choices": (0..count).map(choice).collect::<Vec<_>>() }))
        };
        assert_eq!(parse(0, 1).unwrap(), []);
        assert_eq!(parse(25, 100).unwrap().len(), 25);
        assert!(parse(26, 1).is_err());
        assert!(parse(1, 0).is_err());
        assert!(parse(1, 101).is_err());
        assert!(parse_suggestions(&json!({})).is_err());
        let same =
            json!({ "choices": [{ "name": "a", "value": "1" }, { "name": "a", "value": "2" }] });
        assert!(parse_suggestions(&same).unwrap_err().line().contains("NAME_ALREADY_EXISTS"));
    }
}
