//! The submit of a form: what the client lets a person send.

use serde_json::json;

use super::client::{ActionError, NewInteraction};
use super::interaction::Kind;
use super::state::OpenModal;

/// Builds the submit of a form. Fails if the client would not let it pass.
pub(super) fn new_submit(
    modal: &OpenModal,
    values: &[&str],
) -> Result<NewInteraction, ActionError> {
    if modal.inputs.len() != values.len() {
        let why = format!(
            "the form {:?} has {} inputs, not {}",
            modal.title,
            modal.inputs.len(),
            values.len()
        );
        return Err(ActionError::new(why));
    }
    let mut rows = Vec::new();
    // Discord numbers the components of a form: each row, then its input.
    for ((input, value), id) in modal.inputs.iter().zip(values).zip((1..).step_by(2)) {
        let length = value.chars().count();
        let (min, max) = (usize::from(input.min_length), usize::from(input.max_length));
        if value.is_empty() && input.required {
            return Err(ActionError::new(format!("{:?} is required", input.label)));
        }
        if !value.is_empty() && !(min..=max).contains(&length) {
            return Err(ActionError::new(format!(
                "{:?} takes {min} to {max} characters",
                input.label
            )));
        }
        if !input.paragraph && value.contains('\n') {
            return Err(ActionError::new(format!("{:?} is one line", input.label)));
        }
        rows.push(json!({
            "type": 1, "id": id, "components": [{ "type": 4, "id": id + 1, "custom_id": input.custom_id, "value": value }]
        }));
    }
    Ok(NewInteraction {
        kind: Kind::ModalSubmit,
        channel: modal.channel,
        data: json!({ "custom_id": modal.custom_id, "components": rows }),
        source: modal.source,
        via: None,
        opened_by: Some(modal.opened_by),
    })
}
