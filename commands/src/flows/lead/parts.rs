//! Parts that several views of the leads share.

use crate::model::flow_state::SupportState;
use crate::model::pseudonym::Pseudonym;
use crate::model::session::{Session, Work};
use crate::model::words::{CloseReason, Locale, SupportKind, Target};
use crate::say;
use crate::screens::desk_id::DeskId;
use crate::screens::screen::{Button, Press, Style};

impl DeskId {
    /// Returns a button with this custom id.
    pub(super) fn button(&self, style: Style, label: String) -> Button {
        Button { label, press: Press::Custom(self.to_string()), style, enabled: true }
    }
}

/// Returns the mention of a Discord user.
pub(in crate::flows) fn mention(discord_id: u64) -> String {
    format!("<@{discord_id}>")
}

/// Returns the short name of a session's support kind. Empty without a customer.
pub(super) fn kind_name(session: &Session, locale: Locale) -> String {
    match session.work {
        Work::Support(SupportKind::Technical, _) => say!(locale, "desk-technical"),
        Work::Support(SupportKind::Successor, _) => say!(locale, "desk-successor"),
        Work::Link(_) | Work::Recover(_) => String::new(),
    }
}

/// Returns the masked name of a session's customer. After the close only the pseudonym is left.
pub(super) fn customer_name(session: &Session) -> String {
    let masked = match &session.work {
        Work::Support(_, state) => state.customer().map(|customer| customer.name.clone()),
        Work::Link(_) | Work::Recover(_) => None,
    };
    let pseudonym = || session.pseudonym.as_ref().map(Pseudonym::short);
    masked.or_else(pseudonym).unwrap_or_else(|| "–".to_owned())
}

/// Returns what an open session waits for, or what has been proven.
pub(super) fn stage(session: &Session, locale: Locale) -> String {
    let Work::Support(_, state) = &session.work else { return String::new() };
    match state {
        SupportState::Found { .. } => say!(locale, "desk-stage-found"),
        SupportState::Choosing { .. } => say!(locale, "desk-stage-choosing"),
        SupportState::ProvingAgent { .. } => say!(locale, "desk-stage-proving-agent"),
        SupportState::Announcing { .. } => say!(locale, "desk-stage-announcing"),
        SupportState::ProvingCustomer { .. } => say!(locale, "desk-stage-proving-customer"),
        SupportState::Acting { .. } => {
            let links = session.links_issued.saturating_sub(session.links_denied);
            say!(locale, "desk-stage-acting", links = links)
        }
        SupportState::Closed(reason) => close_word(*reason, locale),
    }
}

/// Returns a reason of a close in a word or two.
pub(super) fn close_word(reason: CloseReason, locale: Locale) -> String {
    close_word_of(reason.name(), locale)
}

/// Returns a stored reason of a close in a word or two. One of a newer version is another reason.
pub(super) fn close_word_of(reason: &str, locale: Locale) -> String {
    say!(locale, "desk-close-word", why = reason)
}

/// Returns the name of the place that an access link opens.
pub(in crate::flows) fn target_name(target: &str, locale: Locale) -> String {
    let targets = [Target::Store, Target::Web, Target::App, Target::Successor];
    let is_known = targets.iter().any(|known| known.name() == target);
    if is_known { say!(locale, "desk-target", target = target) } else { "–".to_owned() }
}
