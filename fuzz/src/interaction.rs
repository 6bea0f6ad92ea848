//! Interactions: JSON of the gateway, parsed by serenity and then by `commands::discord`, and the
//! parsers for what a user types.

use commands::discord::read::{command_context, read_interaction};
use commands::engine::interaction::Request;
use commands::model::code::Code;
use commands::model::email::Email;
use commands::model::reason::{LONGEST_REASON, Reason, mask};
use commands::model::ticket::{LONGEST_TICKET, Ticket};
use commands::model::time::Timestamp;
use serenity::all::Interaction;

use super::custom_id;

const NOW: Timestamp = Timestamp(1_767_607_200_000);

/// Parses the bytes as an interaction.
pub fn run(bytes: &[u8]) {
    let Ok(interaction) = serde_json::from_slice::<Interaction>(bytes) else { return };
    if let Interaction::Command(command) = &interaction {
        let context = command_context(command, NOW);
        assert!(!context.reply.from_message, "a command has no message");
        assert_eq!(context.user, command.user.id.get());
    }
    let Some((context, request)) = read_interaction(&interaction, NOW) else { return };
    assert_eq!(context.at, NOW);
    match request {
        Request::Press(custom_id, values) => {
            custom_id::check(&custom_id);
            for value in &values {
                check_typed(value);
            }
        }
        Request::Submit(custom_id, texts) => {
            custom_id::check(&custom_id);
            for text in &texts {
                check_typed(text);
            }
        }
        Request::Suggest(typed) => check_typed(&typed),
        _ => unreachable!("not a component, a modal or an option that is typed"),
    }
}

/// Parses a text as each kind of input that a user can type.
fn check_typed(text: &str) {
    if let Some(code) = Code::parse(text) {
        assert!(
            code.expose().len() == 6 && code.expose().bytes().all(|byte| byte.is_ascii_digit())
        );
    }
    if let Ok(email) = Email::parse(text) {
        assert!(!email.masked().contains(email.as_str()));
        for spelling in [email.as_str(), email.typed()] {
            assert_eq!(Email::parse(spelling).as_ref(), Ok(&email));
        }
    }
    if let Ok(ticket) = Ticket::parse(text) {
        assert!((1..=LONGEST_TICKET).contains(&ticket.as_str().len()));
        assert!(ticket.as_str().bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@'));
    }
    if let Ok(reason) = Reason::parse(text) {
        assert!(reason.as_str().chars().count() <= LONGEST_REASON);
        let masked = mask(reason.as_str());
        assert!(Code::parse(&masked).is_none(), "a code in {masked}");
    }
}
