//! The screen of `/account show`: linked account, groups, open sessions.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::flows::lead::stats::agent_days_line;
use crate::flows::support::screens::summary;
use crate::model::account::{Account, AgentAccount};
use crate::model::email::mask_email;
use crate::model::normalize::normalize;
use crate::model::refusal::Refusal;
use crate::model::scope::{Scope, SupportGroups};
use crate::model::session::Session;
use crate::model::words::{Locale, NotEligible};
use crate::ports::figures::AgentDays;
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

/// Renders an agent's account. `groups` are those whose members support customers; `sessions` are
/// the open ones, oldest first; `days` counts those of 30 days.
pub fn render(
    agent: &AgentAccount,
    groups: &SupportGroups,
    sessions: &[Arc<Session>],
    days: AgentDays,
    locale: Locale,
) -> Screen {
    let mut screen = Screen::titled(Tone::Info, say!(locale, "show-title"));
    let not_eligible = match agent.link_eligibility() {
        Ok((_, account)) => {
            screen = screen.say(match account.scope {
                Some(Scope::Act) => say!(locale, "show-counts"),
                Some(Scope::Verify) => say!(locale, "show-verifies"),
                None => say!(locale, "show-leads"),
            });
            screen = with_link(screen, agent, groups, locale);
            if days != AgentDays::default() {
                screen = screen.say(agent_days_line(days, locale));
            }
            return with_sessions(screen, sessions, locale);
        }
        Err(not_eligible) => not_eligible,
    };
    screen.tone = Tone::Warning;
    screen = screen.say(Refusal::from(not_eligible).sentence(locale));
    if !sessions.is_empty() {
        screen = screen.say(say!(locale, "show-closing"));
    }
    if not_eligible == NotEligible::Link {
        screen = screen.buttons(vec![link_button(locale)]);
    }
    with_link(screen, agent, groups, locale)
}

/// Adds the linked account. Of a deleted account only the link is known.
fn with_link(
    screen: Screen,
    agent: &AgentAccount,
    groups: &SupportGroups,
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
        Some(account) => screen.say(group_lines(account, groups, locale)),
        None => screen,
    }
}

/// Returns a line for each group. Those of agents come first.
fn group_lines(account: &Account, groups: &SupportGroups, locale: Locale) -> String {
    if account.groups.is_empty() {
        return say!(locale, "show-no-groups");
    }
    let mut own: Vec<_> = account.groups.iter().map(|own| (groups.scope_of(own), own)).collect();
    own.sort_by_key(|(scope, _)| Reverse(*scope));
    let line = |(scope, own): (Option<Scope>, &String)| {
        let group = escape(&clip(&normalize(own), MAX_NAME));
        match scope {
            Some(Scope::Act) => say!(locale, "show-group-counts", group = group),
            Some(Scope::Verify) => say!(locale, "show-group-verifies", group = group),
            None if groups.leads.contains(own) => say!(locale, "show-group-leads", group = group),
            None => group,
        }
    };
    let mut lines: Vec<String> = own.into_iter().take(MAX_GROUPS).map(line).collect();
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
