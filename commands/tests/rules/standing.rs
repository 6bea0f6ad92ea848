//! Who is an agent and who is none any more: what `/account show` tells, and what becomes of a
//! session.

use std::sync::Arc;

use commands::flows::show::{MAX_GROUPS, MAX_SESSIONS, render};
use commands::model::account::{Account, AccountLink, AccountStatus, AgentAccount};
use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::flow_state::SupportState;
use commands::model::refusal::Refusal;
use commands::model::session::{Session, Work};
use commands::model::time::minutes;
use commands::model::words::{AccountProblem, CloseReason, Locale, NotEligible, Target};
use commands::screens::screen::Screen;

use crate::events::LOSSES;
use crate::faces::Album;
use crate::road::{NOW, SessionDriver};

/// The group that counts.
const COUNTING: &str = "CustomerService";
/// Discord's limits: fields of an embed, characters of a field's value, and of an embed in all.
const FIELDS: usize = 25;
const VALUE: usize = 1024;
const WHOLE: usize = 6000;

fn groups(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn link() -> AccountLink {
    AccountLink {
        discord_id: 501,
        agent_id: "agent-ben".to_owned(),
        name: "Ben Ríos".to_owned(),
        email: "b•••@w•••.example".to_owned(),
        email_mac: "mac-of-ben".to_owned(),
        linked_at: NOW - minutes(90),
    }
}

fn account() -> Account {
    Account {
        agent_id: "agent-ben".to_owned(),
        name: "Ben Ríos".to_owned(),
        email: "ben@waizant.example".to_owned(),
        email_verified: true,
        enabled: true,
        in_group: true,
        groups: groups(&["Archive", COUNTING]),
        status: AccountStatus::Confirmed,
    }
}

fn standing(account: Account) -> AgentAccount {
    AgentAccount { link: Some(link()), account: Some(account) }
}

fn shown(standing: &AgentAccount, sessions: &[Arc<Session>], locale: Locale) -> Screen {
    render(standing, &groups(&["Other", COUNTING]), sessions, locale)
}

fn sessions() -> Vec<Arc<Session>> {
    [SessionDriver::found(), SessionDriver::proving_customer(), SessionDriver::acting(Role::Owner)]
        .map(|road| Arc::new(road.session))
        .to_vec()
}

#[test]
fn what_show_tells() {
    let open = sessions();
    let outside = Account { in_group: false, groups: groups(&["Customer_Service"]), ..account() };
    let album = Album::of(|page| {
        let locale = page.locale;
        page.screen("nothing open", &shown(&standing(account()), &[], locale));
        page.screen("three open", &shown(&standing(account()), &open, locale));
        page.screen(
            "disabled",
            &shown(&standing(Account { enabled: false, ..account() }), &[], locale),
        );
        page.screen(
            "disabled, three open",
            &shown(&standing(Account { enabled: false, ..account() }), &open, locale),
        );
        page.screen("in another group", &shown(&standing(outside.clone()), &[], locale));
        page.screen(
            "in no group",
            &shown(&standing(Account { groups: Vec::new(), ..outside.clone() }), &[], locale),
        );
        page.screen(
            "not verified",
            &shown(&standing(Account { email_verified: false, ..account() }), &[], locale),
        );
        page.screen(
            "deleted",
            &shown(&AgentAccount { link: Some(link()), account: None }, &[], locale),
        );
        page.screen("not linked", &shown(&AgentAccount { link: None, account: None }, &[], locale));
    });
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(album) });
}

#[test]
fn the_account_as_it_is_now_and_not_as_it_was_linked_is_shown() {
    let renamed = Account {
        name: "Benjamín *Ríos*".to_owned(),
        email: "rios@waizant.example".to_owned(),
        ..account()
    };
    let told = shown(&standing(renamed), &[], Locale::En).to_string();
    assert!(
        told.contains(r"Name: Benjamín \*Ríos\*") && told.contains(r"E-mail: r•••\@w•••.example"),
        "{told}"
    );
}

#[test]
fn groups_that_count_come_first_and_the_tenth_is_the_last() {
    let mut many: Vec<String> = (1..MAX_GROUPS).map(|n| format!("A{n}")).collect();
    many.push(COUNTING.to_owned());
    let told = |groups: &[String]| {
        let screen =
            shown(&standing(Account { groups: groups.to_vec(), ..account() }), &[], Locale::En);
        screen.fields.iter().find(|field| field.name == "Groups").unwrap().value.clone()
    };
    let lines = told(&many);
    assert!(
        lines.starts_with("CustomerService (allows support)\nA1\n") && lines.ends_with("\nA9"),
        "{lines}"
    );
    many.push("Z".to_owned());
    assert!(told(&many).ends_with("\nA9\n… and 1 more"));
}

#[test]
fn twenty_sessions_are_listed_the_newest_first_and_whatever_they_are_called_it_fits_a_message() {
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
        name: "_".repeat(200),
        ..account()
    };
    let listed = |number: usize, locale| {
        shown(&standing(long.clone()), &(1..=number).map(session).collect::<Vec<_>>(), locale)
    };
    assert_eq!(listed(MAX_SESSIONS, Locale::En).footer, None);
    for locale in [Locale::En, Locale::Es] {
        let most = listed(MAX_SESSIONS + 1, locale);
        assert_eq!(most.fields.len(), FIELDS);
        assert!(
            most.fields[5].name.ends_with(" 120000") && most.fields[24].name.ends_with(" 200000"),
            "{most}"
        );
        let footer = most.footer.as_deref().unwrap();
        assert!(
            footer.starts_with("One more session") || footer.starts_with("Hay una sesión"),
            "{footer}"
        );
        assert!(most.fields.iter().all(|field| field.value.chars().count() <= VALUE));
        let texts = most.body.iter().chain(&most.footer).chain([&most.title]);
        let all: usize = texts
            .chain(most.fields.iter().flat_map(|field| [&field.name, &field.value]))
            .map(|text| text.chars().count())
            .sum();
        assert!(all <= WHOLE, "{all}");
    }
}

#[test]
fn what_is_lacking_is_told_in_the_order_in_which_it_has_to_be_mended() {
    let lack = |standing: AgentAccount| standing.eligibility().err();
    assert_eq!(lack(standing(account())), None);
    assert_eq!(
        lack(standing(Account { enabled: false, ..account() })),
        Some(NotEligible::Account(AccountProblem::Disabled))
    );
    assert_eq!(
        lack(AgentAccount { link: Some(link()), account: None }),
        Some(NotEligible::Account(AccountProblem::Gone))
    );
    // An account without a link to it is nobody's.
    assert_eq!(
        lack(AgentAccount { link: None, account: Some(account()) }),
        Some(NotEligible::Link)
    );
}

#[test]
fn who_is_no_agent_any_more_loses_the_session_and_the_trail_says_why() {
    for loss in LOSSES {
        let mut road = SessionDriver::acting(Role::Owner);
        road.does(Event::Open(Target::Web));
        let step = road.does(Event::AgentIneligible(loss));
        assert_eq!(
            road.session.closed().map(|(closing, _)| closing),
            Some(CloseReason::AgentIneligible)
        );
        assert_eq!(step.refusal, Some(Refusal::AgentIneligible(loss)));
        let closed = step.events.iter().find(|act| act.kind == "closed").unwrap();
        assert_eq!(
            closed.details.to_string(),
            format!(r#"{{"lost":"{}","why":"agent_ineligible"}}"#, loss.name())
        );
        assert!(
            step.events.iter().any(|act| act.kind == "revoke_asked"),
            "what it opened is revoked"
        );
    }
}

#[test]
fn what_is_closed_is_not_lost_again() {
    let mut road = SessionDriver::acting(Role::Owner).then(Event::Finish);
    let step = road.does(Event::AgentIneligible(NotEligible::Role));
    assert!(matches!(step.refusal, Some(Refusal::Closed(CloseReason::Finished, _))));
    assert!(step.events.is_empty());
}
