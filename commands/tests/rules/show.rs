//! The screen of `/account show`.

use std::sync::Arc;

use commands::flows::show::{MAX_GROUPS, MAX_SESSIONS, render};
use commands::model::account::{Account, AgentAccount};
use commands::model::customer::Role;
use commands::model::flow_state::SupportState;
use commands::model::scope::{Scope, SupportGroups};
use commands::model::session::{Session, Work};
use commands::model::words::Locale;
use commands::ports::figures::AgentDays;
use commands::screens::screen::Screen;

use crate::album::assert_album;
use crate::people::{GROUP, VERIFIERS, account, account_link};
use crate::screen_text::screen_text;
use crate::session_driver::SessionDriver;

/// Maximum description of an embed in Discord, in characters.
const DESCRIPTION: usize = 4096;

fn groups(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

pub(crate) fn linked(account: Account) -> AgentAccount {
    AgentAccount { link: Some(account_link()), account: Some(account), locked_until: None }
}

fn shown(agent: &AgentAccount, sessions: &[Arc<Session>], locale: Locale) -> Screen {
    let supporting = SupportGroups {
        agents: groups(&["Other", GROUP]),
        verifiers: groups(&[VERIFIERS]),
        ..SupportGroups::default()
    };
    render(agent, &supporting, sessions, AgentDays::default(), locale)
}

fn sessions() -> Vec<Arc<Session>> {
    [SessionDriver::found(), SessionDriver::proving_customer(), SessionDriver::acting(Role::Owner)]
        .map(|driver| Arc::new(driver.session))
        .to_vec()
}

#[test]
fn every_account_state() {
    let open = sessions();
    let outside = Account { scope: None, groups: groups(&["Customer_Service"]), ..account() };
    assert_album!(|page| {
        let locale = page.locale;
        page.screen("nothing open", &shown(&linked(account()), &[], locale));
        let verifier = Account {
            scope: Some(Scope::Verify),
            groups: groups(&["Archive", VERIFIERS]),
            ..account()
        };
        page.screen("verify only", &shown(&linked(verifier), &[], locale));
        page.screen("three open", &shown(&linked(account()), &open, locale));
        page.screen(
            "disabled",
            &shown(&linked(Account { enabled: false, ..account() }), &[], locale),
        );
        page.screen(
            "disabled, three open",
            &shown(&linked(Account { enabled: false, ..account() }), &open, locale),
        );
        page.screen("in another group", &shown(&linked(outside.clone()), &[], locale));
        page.screen(
            "in no group",
            &shown(&linked(Account { groups: Vec::new(), ..outside.clone() }), &[], locale),
        );
        page.screen(
            "not verified",
            &shown(&linked(Account { email_verified: false, ..account() }), &[], locale),
        );
        page.screen(
            "deleted",
            &shown(
                &AgentAccount { link: Some(account_link()), account: None, locked_until: None },
                &[],
                locale,
            ),
        );
        page.screen(
            "not linked",
            &shown(&AgentAccount { link: None, account: None, locked_until: None }, &[], locale),
        );
    });
}

#[test]
fn show_uses_current_account_data() {
    let renamed = Account {
        name: Some("Benjamín *Ríos*".to_owned()),
        email: "rios@waizant.example".to_owned(),
        ..account()
    };
    let text = screen_text(&shown(&linked(renamed), &[], Locale::En));
    assert!(text.contains(r"**Benjamín \*Ríos\*** · r•••\@w•••.example"), "{text}");
}

#[test]
fn counting_groups_come_first_of_ten() {
    let mut many: Vec<String> = (1..MAX_GROUPS).map(|n| format!("A{n}")).collect();
    many.push(GROUP.to_owned());
    let shown_groups = |groups: &[String]| {
        let screen =
            shown(&linked(Account { groups: groups.to_vec(), ..account() }), &[], Locale::En);
        screen.body.into_iter().find(|paragraph| paragraph.starts_with("**Groups**")).unwrap()
    };
    let lines = shown_groups(&many);
    assert!(
        lines.starts_with("**Groups**\nCustomerService (allows support)\nA1\n")
            && lines.ends_with("\nA9"),
        "{lines}"
    );
    many.push("Z".to_owned());
    assert!(shown_groups(&many).ends_with("\nA9\n… and 1 more"));
}

#[test]
fn fifteen_newest_sessions_fit_the_message() {
    let masked = "_*** ".repeat(30);
    let session = |n: usize| {
        let mut session = SessionDriver::announcing().session;
        session.id = format!("{n:022}").chars().rev().collect::<String>().parse().unwrap();
        if let Work::Support(_, SupportState::Announcing { case }) = &mut session.work {
            case.customer.name.clone_from(&masked);
        }
        Arc::new(session)
    };
    let long = Account {
        groups: vec!["*".repeat(128); MAX_GROUPS + 1],
        name: Some("_".repeat(200)),
        ..account()
    };
    let listed = |number: usize, locale| {
        shown(&linked(long.clone()), &(1..=number).map(session).collect::<Vec<_>>(), locale)
    };
    assert_eq!(listed(MAX_SESSIONS, Locale::En).footer, None);
    for locale in [Locale::En, Locale::Es] {
        let full = listed(MAX_SESSIONS + 1, locale);
        let lines = full.body.last().unwrap();
        assert_eq!(lines.lines().count(), 1 + MAX_SESSIONS);
        assert!(lines.contains("\n610000 ·") && lines.contains("\n200000 ·"), "{lines}");
        let footer = full.footer.as_deref().unwrap();
        assert!(
            footer.starts_with("One more session") || footer.starts_with("Hay una sesión"),
            "{footer}"
        );
        let description = full.body.join("\n\n").chars().count();
        assert!(description <= DESCRIPTION, "{description}");
    }
}
