//! Error answers: what is kept of them, and what is not.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::calls::Call;
use crate::discord_api::failure::Answer;

/// Returns the words of the error for a body with this status.
fn words(status: u16, body: &str) -> String {
    let answer = Answer::new(status, &HeaderMap::new(), body.as_bytes().to_vec());
    answer.into_result().unwrap_err().into_error(Call::MessageEdit).to_string()
}

#[test]
fn refused_fields_are_named_without_values() {
    let field = |code: &str| json!({ "_errors": [{ "code": code, "message": "hush" }] });
    let errors = json!({ "data": { "components": { "0": {
        "custom_id": field("BASE_TYPE_BAD_LENGTH"),
        "label\u{1b} hush!": field("CODE hush"),
        "value": { "_errors": [{ "message": "hush without a code" }] },
    } } } });
    let body = json!({ "code": 50035, "message": "hush", "errors": errors });
    assert_eq!(
        words(400, &body.to_string()),
        "editing a message: Discord refused the content with code 50035: \
         data.components.0.custom_id BASE_TYPE_BAD_LENGTH data.components.0.labelhush CODEhush \
         data.components.0.value"
    );
}

#[test]
fn log_line_names_five_fields_at_most() {
    let field = json!({ "_errors": [{ "code": "X" }] });
    let errors: Value = (0..9).map(|n| (format!("f{n}"), field.clone())).collect();
    let words = words(400, &json!({ "code": 50035, "errors": errors }).to_string());
    assert!(words.ends_with("code 50035: f0 X f1 X f2 X f3 X f4 X"), "{words}");
}

#[test]
fn unreadable_error_has_no_code() {
    for body in
        ["", "{\"code\":", "<html>hush</html>", "[]", "7", "{\"code\":\"hush\"}", "{\"code\":1e99}"]
    {
        for (status, expected) in [
            (400, "Discord refused the content with no code"),
            (403, "Discord refused it with status 403 and no code"),
            (503, "Discord refused it with status 503 and no code"),
        ] {
            assert_eq!(words(status, body), format!("editing a message: {expected}"), "{body}");
        }
    }
}

#[test]
fn odd_errors_are_ignored() {
    for errors in [
        json!(null),
        json!([1]),
        json!("hush"),
        json!({ "_errors": "hush" }),
        json!({ "_errors": [7] }),
    ] {
        let words = words(400, &json!({ "code": 50035, "errors": errors }).to_string());
        assert!(words.contains("code 50035") && !words.contains("hush"), "{words}");
    }
}
