//! Eligibility of an agent, and sessions whose agent is no longer eligible.

use commands::engine::interaction::{InteractionContext, Request};
use commands::model::account::{Account, AgentAccount};
use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::refusal::Refusal;
use commands::model::words::{AccountProblem, CloseReason, NotEligible, Target};

use crate::fakes::{Scripted, World};
use crate::people::{account, account_link};
use crate::requests::click;
use crate::session_driver::SessionDriver;
use crate::show::linked;

pub(crate) const ACCOUNT_PROBLEMS: [AccountProblem; 4] = [
    AccountProblem::Gone,
    AccountProblem::Disabled,
    AccountProblem::NotInGroup,
    AccountProblem::Unverified,
];
/// Reasons why a user is not, or no longer, eligible as an agent.
pub(crate) const NOT_ELIGIBLE: [NotEligible; 7] = [
    NotEligible::Role,
    NotEligible::Link,
    NotEligible::Account(ACCOUNT_PROBLEMS[0]),
    NotEligible::Account(ACCOUNT_PROBLEMS[1]),
    NotEligible::Account(ACCOUNT_PROBLEMS[2]),
    NotEligible::Account(ACCOUNT_PROBLEMS[3]),
    NotEligible::VerifyOnly,
];

#[test]
fn eligibility_names_first_problem() {
    let problem = |agent: AgentAccount| agent.eligibility().err();
    assert_eq!(problem(linked(account())), None);
    assert_eq!(
        problem(linked(Account { enabled: false, ..account() })),
        Some(NotEligible::Account(AccountProblem::Disabled))
    );
    assert_eq!(
        problem(AgentAccount { link: Some(account_link()), account: None, locked_until: None }),
        Some(NotEligible::Account(AccountProblem::Gone))
    );
    // Without a link the account does not count.
    assert_eq!(
        problem(AgentAccount { link: None, account: Some(account()), locked_until: None }),
        Some(NotEligible::Link)
    );
}

#[test]
fn ineligible_agent_loses_session_with_reason() {
    for reason in NOT_ELIGIBLE {
        let mut driver = SessionDriver::acting(Role::Owner);
        driver.click(Event::Open(Target::Web));
        let step = driver.click(Event::AgentIneligible(reason));
        assert_eq!(
            driver.session.closed().map(|(reason, _)| reason),
            Some(CloseReason::AgentIneligible)
        );
        assert_eq!(step.refusal, Some(Refusal::AgentIneligible(reason)));
        let closed = step.events.iter().find(|event| event.kind == "closed").unwrap();
        assert_eq!(
            closed.details.to_string(),
            format!(r#"{{"lost":"{}","why":"agent_ineligible"}}"#, reason.name())
        );
        assert!(
            step.events.iter().any(|event| event.kind == "revoke_asked"),
            "the access links are not revoked"
        );
    }
}

#[test]
fn closed_session_is_not_closed_again() {
    let mut driver = SessionDriver::acting(Role::Owner).then(Event::Finish);
    let step = driver.click(Event::AgentIneligible(NotEligible::Role));
    assert!(matches!(step.refusal, Some(Refusal::Closed(CloseReason::Finished, _))));
    assert!(step.events.is_empty());
}

#[tokio::test]
async fn lost_role_closes_sessions_despite_failed_event() {
    let world = World::with(&SessionDriver::acting(Role::Owner).session);
    world.script([Scripted::Fault]);
    let without_role = InteractionContext { roles: Vec::new(), ..click() };
    world.desk().handle(without_role, Request::Show).await;
    let log = world.log();
    assert!(log.contains("fault\n") && log.contains("closed(agent_ineligible)"), "{log}");
}
