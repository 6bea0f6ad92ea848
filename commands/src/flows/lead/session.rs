//! The card of one session: agent, masked customer, proofs, access links and codes.

use crate::flows::lead::parts::{close_word, mention, stage, target_name};
use crate::flows::lead::trail::trail_button;
use crate::flows::support::identity::masked_case;
use crate::model::customer::MaskedCustomer;
use crate::model::flow_state::SupportState;
use crate::model::pseudonym::Pseudonym;
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::trail_filter::TrailAbout;
use crate::model::verification::Verification;
use crate::model::words::{CloseReason, Locale, Purpose};
use crate::ports::session_search::SessionEvent;
use crate::say;
use crate::screens::agent_id::AgentCard;
use crate::screens::desk_id::{DeskId, Place, SessionList};
use crate::screens::screen::{Screen, Style, Tone, escape};
use crate::screens::text::{clock_time, relative};

/// Kinds of events that the card is drawn from.
pub const CARD_EVENTS: [&str; 9] = [
    kind::LOOKED_UP,
    kind::CODE_RIGHT,
    kind::CODE_DELIVERED,
    kind::CODE_LATE,
    kind::CODE_BOUNCED,
    kind::CODE_COMPLAINED,
    kind::ACCESS_OPENED,
    kind::ACCESS_MAILED,
    kind::CLOSED,
];

/// Input of the card.
pub struct Card<'a> {
    pub session: &'a Session,
    /// Events of [`CARD_EVENTS`], oldest first.
    pub events: &'a [SessionEvent],
    /// The list to go back to.
    pub list: SessionList,
    /// Discord id of the lead who reads it.
    pub reader: u64,
    pub now: Timestamp,
    pub locale: Locale,
}

/// Renders the card.
pub fn render(card: &Card<'_>) -> Screen {
    let Card { session, list, locale, .. } = *card;
    let closed = session.closed();
    let tone = if closed.is_some() { Tone::Danger } else { Tone::Info };
    let title = say!(locale, "desk-session", session = session.id.short());
    let lines = [agent_line(card), customer_line(card), proof_line(card), code_line(card)];
    let mut buttons = Vec::new();
    if closed.is_none() {
        let ask = DeskId::AskReason(session.id.clone(), list);
        buttons.push(ask.button(Style::Danger, say!(locale, "desk-button-close")));
        if session.attending().is_some() && session.actor.discord_id != card.reader {
            let ask = DeskId::AskTakeOver(session.id.clone(), list);
            buttons.push(ask.button(Style::Secondary, say!(locale, "desk-button-take-over")));
        }
    }
    buttons.push(trail_button(TrailAbout::Session(session.id.clone()), locale));
    let agent = DeskId::Agent(AgentCard { agent: session.actor.discord_id, page: 0 });
    buttons.push(agent.button(Style::Secondary, say!(locale, "desk-button-agent")));
    buttons.push(back_button(list, locale));
    Screen::titled(tone, title).say(lines.join("\n")).buttons(buttons)
}

pub(super) fn back_button(list: SessionList, locale: Locale) -> crate::screens::screen::Button {
    DeskId::List(Place::Back, list).button(Style::Secondary, say!(locale, "button-back"))
}

fn agent_line(card: &Card<'_>) -> String {
    let Card { session, locale, .. } = *card;
    let agent = format!("{} ({})", mention(session.actor.discord_id), escape(&session.actor.name));
    let mut parts = vec![say!(locale, "desk-card-agent", agent = agent)];
    if let Work::Support(kind, _) = session.work {
        parts.push(kind.title(locale));
    }
    parts.extend(session.ticket.as_ref().map(|ticket| escape(ticket.as_str())));
    let since = clock_time(session.clocks.opened_at);
    parts.push(say!(locale, "desk-card-since", at = since));
    parts.push(match session.closed() {
        None => say!(locale, "desk-ends", at = relative(session.clocks.end())),
        Some((reason, at)) => closed_words(card, reason, at),
    });
    parts.join(" · ")
}

/// Returns when and why the session closed, with the lead who closed it.
fn closed_words(card: &Card<'_>, reason: CloseReason, at: Timestamp) -> String {
    let locale = card.locale;
    let (why, at) = (close_word(reason, locale), clock_time(at));
    let is_by_lead = matches!(reason, CloseReason::ByLead | CloseReason::TakenOver);
    let lead = closed_by(card.events).filter(|_| is_by_lead);
    if let Some(lead) = lead {
        say!(locale, "desk-closed-by", at = at, lead = mention(lead))
    } else {
        say!(locale, "desk-closed-why", at = at, why = why)
    }
}

/// Returns the Discord id of the person who closed the session.
pub fn closed_by(events: &[SessionEvent]) -> Option<u64> {
    let closed = events.iter().rfind(|event| event.kind == kind::CLOSED)?;
    closed.actor.strip_prefix("discord:")?.parse().ok()
}

/// Returns true if the look-up found that the customer is an agent.
pub fn is_colleague(event: &SessionEvent) -> bool {
    event.kind == kind::LOOKED_UP && event.details["colleague"] == true
}

fn customer_line(card: &Card<'_>) -> String {
    let Card { session, locale, .. } = *card;
    let pseudonym = session.pseudonym.as_ref().map(Pseudonym::short);
    let pseudonym = pseudonym.unwrap_or_else(|| "–".to_owned());
    let mut parts = vec![say!(locale, "desk-card-customer", customer = pseudonym)];
    if let Work::Support(_, state) = &session.work {
        let masked =
            |customer: &MaskedCustomer| [&customer.name, &customer.email].map(|it| escape(it));
        parts.extend(state.customer().into_iter().flat_map(masked));
        parts.extend(match state {
            SupportState::ProvingAgent { case }
            | SupportState::Announcing { case }
            | SupportState::ProvingCustomer { case }
            | SupportState::Acting { case } => Some(masked_case(case, locale)),
            SupportState::Found { .. }
            | SupportState::Choosing { .. }
            | SupportState::Closed(_) => None,
        });
    }
    if card.events.iter().any(is_colleague) {
        parts.push(say!(locale, "desk-mark-colleague"));
    }
    parts.join(" · ")
}

/// Returns the stage, the times of the proofs and the access links.
fn proof_line(card: &Card<'_>) -> String {
    let Card { session, events, locale, .. } = *card;
    let proven = |purpose: Purpose| {
        let is_right = |event: &&SessionEvent| {
            event.kind == kind::CODE_RIGHT && event.details["purpose"] == purpose.name()
        };
        events.iter().rfind(is_right).map(|event| clock_time(event.at))
    };
    let agent = proven(Purpose::AgentMfa).map(|at| say!(locale, "desk-card-agent-at", at = at));
    let customer =
        proven(Purpose::CustomerConsent).map(|at| say!(locale, "desk-card-customer-at", at = at));
    let proofs: Vec<_> = agent.into_iter().chain(customer).collect();
    let mut words = match session.closed() {
        // The links follow, so they are not counted here.
        None if session.shows_customer_in_clear() => say!(locale, "desk-stage-acting", links = 0),
        None => stage(session, locale),
        Some(_) if proofs.is_empty() => say!(locale, "desk-card-unproven"),
        Some(_) => say!(locale, "desk-card-proven"),
    };
    if !proofs.is_empty() {
        words = format!("{words} ({})", proofs.join(", "));
    }
    let links: Vec<_> = events.iter().filter_map(|event| link_words(card, event)).collect();
    if links.is_empty() {
        words
    } else {
        format!("{words}. {}", say!(locale, "desk-card-links", links = links.join(", ")))
    }
}

fn link_words(card: &Card<'_>, event: &SessionEvent) -> Option<String> {
    let Card { session, now, locale, .. } = *card;
    if event.kind != kind::ACCESS_OPENED && event.kind != kind::ACCESS_MAILED {
        return None;
    }
    let place = target_name(event.details["target"].as_str().unwrap_or_default(), locale);
    let nth = event.details["nth"].as_u64();
    let works = session
        .access_links
        .iter()
        .find(|link| Some(u64::from(link.nth)) == nth && link.works(now));
    let at = clock_time(event.at);
    Some(if let Some(link) = works {
        say!(locale, "desk-link", place = place, at = at, end = relative(link.expires_at))
    } else {
        say!(locale, "desk-link-ended", place = place, at = at)
    })
}

fn code_line(card: &Card<'_>) -> String {
    let Card { session, locale, .. } = *card;
    let words = |purpose: Purpose, verification: &Verification| {
        let mut words = vec![say!(locale, "desk-codes-mailed", count = verification.sends)];
        words.extend(mail_words(card, purpose));
        words.push(say!(locale, "desk-mark-wrong", count = verification.wrong));
        words.join(", ")
    };
    say!(
        locale,
        "desk-card-codes",
        agent = words(Purpose::AgentMfa, &session.agent),
        customer = words(Purpose::CustomerConsent, &session.customer)
    )
}

/// Returns what became of the newest mail of a code. `None` if nothing is known.
fn mail_words(card: &Card<'_>, purpose: Purpose) -> Option<String> {
    let locale = card.locale;
    let of_mail = |event: &&SessionEvent| {
        event.kind.starts_with("code_")
            && event.details["purpose"] == purpose.name()
            && event.details["seconds"].is_u64()
    };
    let event = card.events.iter().rfind(of_mail)?;
    let seconds = event.details["seconds"].as_u64().unwrap_or_default();
    match event.kind.as_str() {
        kind::CODE_DELIVERED => Some(say!(locale, "desk-mail-delivered", seconds = seconds)),
        kind::CODE_LATE => Some(say!(locale, "desk-mail-late")),
        kind::CODE_BOUNCED => Some(say!(locale, "desk-mark-bounced")),
        kind::CODE_COMPLAINED => Some(say!(locale, "desk-mail-complained")),
        _ => None,
    }
}
