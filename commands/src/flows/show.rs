//! The screen of `/account show`: linked account, groups, open sessions.

use std::sync::Arc;

use crate::flows::support::screens::summary;
use crate::model::account::{Account, AgentAccount};
use crate::model::email::mask_email;
use crate::model::normalize::normalize;
use crate::model::refusal::Refusal;
use crate::model::session::Session;
use crate::model::words::{Locale, NotEligible};
use crate::say;
use crate::screens::screen::{Screen, Tone, clip, escape};
use crate::screens::text::{day, relative};
use crate::screens::widgets::link_button;

/// Maximum listed sessions. With a line each they fit Discord's 4096 characters.
pub const MAX_SESSIONS: usize = 15;

/// Maximum listed groups. With `MAX_NAME` characters each they leave room for the sessions.
pub const MAX_GROUPS: usize = 10;

/// Maximum length of a name, in characters, so that everything fits one message. A group name can
/// have 128.
const MAX_NAME: usize = 40;

/// Renders an agent's account. `eligible_groups` are the groups whose members are agents;
/// `sessions` are the open ones, oldest first.
pub fn render(
    agent: &AgentAccount,
    eligible_groups: &[String],
    sessions: &[Arc<Session>],
    locale: Locale,
) -> Screen {
    let mut screen = Screen::titled(Tone::Info, say!(locale, "show-title"));
    let Err(not_eligible) = agent.eligibility() else {
        screen = screen.say(say!(locale, "show-counts"));
        return with_sessions(with_link(screen, agent, eligible_groups, locale), sessions, locale);
    };
    screen.tone = Tone::Warning;
    screen = screen.say(Refusal::from(not_eligible).sentence(locale));
    if !sessions.is_empty() {
        screen = screen.say(say!(locale, "show-closing"));
    }
    if not_eligible == NotEligible::Link {
        screen = screen.buttons(vec![link_button(locale)]);
    }
    with_link(screen, agent, eligible_groups, locale)
}

/// Adds the linked account. Of a deleted account only the link is known.
fn with_link(
    screen: Screen,
    agent: &AgentAccount,
    eligible_groups: &[String],
    locale: Locale,
) -> Screen {
    let Some(link) = &agent.link else { return screen };
    let account = agent.account.as_ref();
    let name = account.map_or_else(|| link.name.clone(), Account::display_name);
    let email = account.map_or_else(|| link.email.clone(), |account| mask_email(&account.email));
    let (name, email) = (escape(&clip(&name, MAX_NAME)), escape(&email));
    let since = say!(locale, "show-since", since = day(link.linked_at, locale));
    let screen = screen.say(format!("**{name}** · {email}\n{since}"));
    match account {
        Some(account) => screen.say(group_lines(account, eligible_groups, locale)),
        None => screen,
    }
}

fn group_lines(account: &Account, eligible_groups: &[String], locale: Locale) -> String {
    if account.groups.is_empty() {
        return say!(locale, "show-no-groups");
    }
    let (eligible, others): (Vec<_>, Vec<_>) =
        account.groups.iter().partition(|group| eligible_groups.contains(group));
    let shown = |group: &String| escape(&clip(&normalize(group), MAX_NAME));
    let eligible =
        eligible.into_iter().map(|group| say!(locale, "show-group-counts", group = shown(group)));
    let mut lines: Vec<String> =
        eligible.chain(others.into_iter().map(shown)).take(MAX_GROUPS).collect();
    if account.groups.len() > MAX_GROUPS {
        lines.push(say!(locale, "show-more-groups", count = account.groups.len() - MAX_GROUPS));
    }
    format!("{}\n{}", say!(locale, "show-groups"), lines.join("\n"))
}

fn with_sessions(screen: Screen, sessions: &[Arc<Session>], locale: Locale) -> Screen {
    let heading = say!(locale, "show-sessions", count = sessions.len());
    let newest = sessions.iter().rev().take(MAX_SESSIONS);
    let lines: Vec<_> = newest.map(|session| describe_session(session, locale)).collect();
    let mut screen = screen.say([vec![heading], lines].concat().join("\n"));
    if sessions.len() > MAX_SESSIONS {
        screen.footer =
            Some(say!(locale, "show-more-sessions", count = sessions.len() - MAX_SESSIONS));
    }
    screen
}

fn describe_session(session: &Session, locale: Locale) -> String {
    let (kind, customer, stage) = summary(session, locale);
    let customer = escape(&clip(customer, MAX_NAME));
    let at = relative(session.clocks.end());
    let id = session.id.short();
    say!(
        locale,
        "show-session",
        session = id,
        kind = kind,
        customer = customer,
        stage = stage,
        at = at
    )
}
