//! `/account show`: what is linked, whether it counts, and which sessions are open.
//!
//! It looks nobody up and moves nothing. Only who turns out to be no agent any more loses the open
//! sessions, as with any other command.

use std::sync::Arc;

use crate::flows::support::screens::stage;
use crate::model::account::{Account, AgentAccount};
use crate::model::email::mask_email;
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::words::Locale;
use crate::say;
use crate::screens::screen::{Screen, Tone, clip, plain};
use crate::screens::text::{day, relative};

/// Sessions that are listed, the newest first: with the five fields above them Discord's 25 fields
/// are full.
pub const SESSIONS: usize = 20;

/// Groups that are listed, those that count first: with [`NAME`] characters each they fit one
/// field, however they are escaped.
pub const GROUPS: usize = 10;

/// The most that is shown of a name, in characters, so that everything together fits one message. A
/// group's may have 128.
pub const NAME: usize = 40;

/// What is shown. `counting` are the groups that make an agent, `sessions` the open ones, oldest
/// first.
#[must_use]
pub fn screen(
    standing: &AgentAccount,
    counting: &[String],
    sessions: &[Arc<Session>],
    locale: Locale,
) -> Screen {
    let mut screen = Screen::titled(Tone::Calm, say!(locale, "show-title"));
    let not_eligible = standing.eligibility().err();
    if let Some(not_eligible) = not_eligible {
        screen.tone = Tone::Warning;
        screen = screen.say(Refusal::from(not_eligible).sentence(locale));
        if !sessions.is_empty() {
            screen = screen.say(say!(locale, "show-closing"));
        }
    } else {
        screen = screen.say(say!(locale, "show-counts"));
    }
    screen = linked(screen, standing, counting, locale);
    if not_eligible.is_none() { open(screen, sessions, locale) } else { screen }
}

/// What is linked. Of an account that is gone only the link itself can tell.
fn linked(screen: Screen, standing: &AgentAccount, counting: &[String], locale: Locale) -> Screen {
    let Some(link) = &standing.link else { return screen };
    let account = standing.account.as_ref();
    let name = account.map_or(&link.name, |account| &account.name);
    let email = account.map_or_else(|| link.email.clone(), |account| mask_email(&account.email));
    let screen = screen
        .field(say!(locale, "show-name"), plain(&clip(name, NAME)))
        .field(say!(locale, "show-email"), plain(&email))
        .field(say!(locale, "show-since"), day(link.linked_at));
    match account {
        Some(account) => {
            screen.wide(say!(locale, "show-groups"), groups(account, counting, locale))
        }
        None => screen,
    }
}

fn groups(account: &Account, counting: &[String], locale: Locale) -> String {
    if account.groups.is_empty() {
        return say!(locale, "show-no-groups");
    }
    let (count, others): (Vec<_>, Vec<_>) =
        account.groups.iter().partition(|group| counting.contains(group));
    let shown = |group: &String| plain(&clip(group, NAME));
    let count =
        count.into_iter().map(|group| say!(locale, "show-group-counts", group = shown(group)));
    let mut lines: Vec<String> = count.chain(others.into_iter().map(shown)).take(GROUPS).collect();
    if account.groups.len() > GROUPS {
        lines.push(say!(locale, "show-more-groups", count = account.groups.len() - GROUPS));
    }
    lines.join("\n")
}

fn open(screen: Screen, sessions: &[Arc<Session>], locale: Locale) -> Screen {
    let number = if sessions.is_empty() {
        say!(locale, "show-no-sessions")
    } else {
        sessions.len().to_string()
    };
    let mut screen = screen.wide(say!(locale, "show-sessions"), number);
    for session in sessions.iter().rev().take(SESSIONS) {
        screen = screen.wide(
            say!(locale, "show-session", session = session.id.short()),
            about(session, locale),
        );
    }
    if sessions.len() > SESSIONS {
        screen.footer = Some(say!(locale, "show-more-sessions", count = sessions.len() - SESSIONS));
    }
    screen
}

fn about(session: &Session, locale: Locale) -> String {
    let (kind, customer) = match &session.work {
        Work::Support(kind, state) => {
            (kind.title(locale), state.customer().map_or("", |customer| customer.name.as_str()))
        }
        Work::Link(_) => (say!(locale, "link-title"), ""),
        Work::Recover(_) => (say!(locale, "recover-title"), ""),
    };
    say!(
        locale,
        "show-session-about",
        kind = kind,
        customer = plain(&clip(customer, NAME)),
        stage = stage(session, locale),
        at = relative(session.clocks.end())
    )
}
