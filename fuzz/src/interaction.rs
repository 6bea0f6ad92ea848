//! Interactions: JSON as the gateway sends it, read by serenity and then by the skin; and what a
//! person typed, read by whoever it is for.

use commands::discord::read::{command_context, read_interaction};
use commands::engine::interaction::Request;
use commands::model::code::Code;
use commands::model::email::Email;
use commands::model::reason::{LONGEST_REASON, Reason, mask};
use commands::model::time::Timestamp;
use serenity::all::Interaction;

use super::custom_id;

const NOW: Timestamp = Timestamp(1_767_607_200_000);

/// Reads the bytes as an interaction.
pub fn run(bytes: &[u8]) {
    let Ok(interaction) = serde_json::from_slice::<Interaction>(bytes) else { return };
    if let Interaction::Command(command) = &interaction {
        let click = command_context(command, NOW);
        assert!(!click.reply.from_message, "no message is behind a command");
        assert_eq!(click.user, command.user.id.get());
    }
    let Some((click, request)) = read_interaction(&interaction, NOW) else { return };
    assert_eq!(click.at, NOW);
    match request {
        Request::Press(custom_id, values) => {
            custom_id::read(&custom_id);
            for value in &values {
                typed(value);
            }
        }
        Request::Submit(custom_id, value) => {
            custom_id::read(&custom_id);
            typed(&value);
        }
        _ => unreachable!("a component or a modal is one of these"),
    }
}

/// What a field of a modal, or a command's option, can be taken for.
fn typed(text: &str) {
    if let Some(code) = Code::parse(text) {
        assert!(
            code.expose().len() == 6 && code.expose().bytes().all(|byte| byte.is_ascii_digit())
        );
    }
    if let Some(email) = Email::parse(text) {
        assert!(
            email.as_str().len() <= text.trim().len() && !email.masked().contains(email.as_str())
        );
        assert_eq!(
            Email::parse(email.as_str()).map(|again| again.as_str().to_owned()).as_deref(),
            Some(email.as_str())
        );
    }
    if let Ok(reason) = Reason::parse(text) {
        assert!(reason.as_str().chars().count() <= LONGEST_REASON);
        let masked = mask(reason.as_str());
        // Whatever stands between them and is not read when a code is typed.
        let apart = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '.');
        let together: String = masked.chars().filter(|c| !apart(*c)).collect();
        let digits = together.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        assert!(digits < Some(6), "six digits in a row are left in {masked}");
    }
}
