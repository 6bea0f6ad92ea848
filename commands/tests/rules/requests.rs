//! Requests of the agent as the gateway hands them to the desk.

use commands::engine::interaction::{InteractionContext, Request};
use commands::model::session::Session;
use commands::model::words::{Locale, Purpose, SupportKind};
use commands::ports::chat::ReplyHandle;
use commands::screens::custom_id::{Action, CustomId};

use crate::fakes::AGENT_ROLE;
use crate::people::OWNED;
use crate::session_driver::{BEN, NOW};

/// Interaction id of [`click`].
pub(crate) const CLICK: u64 = 9_001;
/// Interaction id of a click that another process received.
pub(crate) const OTHER_CLICK: u64 = 8_000;

/// The agent's click on a panel.
pub(crate) fn click() -> InteractionContext {
    InteractionContext {
        reply: ReplyHandle {
            interaction_id: CLICK,
            token: "token".to_owned().into(),
            from_message: true,
            from_public: false,
        },
        user: BEN,
        roles: vec![AGENT_ROLE],
        guild: Some(1),
        channel: 2,
        locale: Locale::En,
        file_limit: 10 * 1024 * 1024,
        guild_locale: Locale::En,
        at: NOW,
    }
}

/// A click right after [`click`].
pub(crate) fn next_click() -> InteractionContext {
    let mut next = click();
    next.reply.interaction_id += 1;
    next
}

/// Presses a button of the session's newest panel.
pub(crate) fn press(session: &Session, action: Action) -> Request {
    Request::Press(custom_id(session, action), Vec::new())
}

/// Looks a customer up.
pub(crate) fn look_up(email: &str) -> Request {
    Request::LookUp { kind: SupportKind::Technical, email: email.to_owned(), ticket: None }
}

/// Chooses the ecosystem that the customer owns.
pub(crate) fn choose(session: &Session) -> Request {
    Request::Press(custom_id(session, Action::Choose), vec![OWNED.to_owned()])
}

/// Submits the agent's first code.
pub(crate) fn submit_code(session: &Session, code: &str) -> Request {
    let action = Action::SubmitCode(Purpose::AgentMfa, 1);
    Request::Submit(custom_id(session, action), vec![code.to_owned()])
}

fn custom_id(session: &Session, action: Action) -> String {
    CustomId { session: session.id.clone(), generation: session.generation, action }.to_string()
}

/// Marks the pending effects as requested by this interaction.
pub(crate) fn requested_by(interaction: u64, mut session: Session) -> Session {
    for pending in &mut session.pending {
        pending.requested_by = Some(interaction);
    }
    session
}

/// Returns the keyed hash of the agent's first code, as the desk computes it.
pub(crate) fn code_mac(session: &Session, code: &str) -> String {
    format!("mac(code:{}:agent_mfa:1:{code})", session.id)
}
