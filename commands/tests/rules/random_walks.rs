//! Properties of random walks: clicks and outcomes in any order.
//!
//! A walk clicks like a person, mostly forward. Its effects succeed or fail, unexpected outcomes
//! arrive, and time passes. `random_walks_reach_every_stage` shows that walks reach the states that
//! the properties are about.

use std::collections::BTreeSet;
use std::time::Duration;

use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::flow_state::SupportState;
use commands::model::outcome::CodeCheck;
use commands::model::proof::proofs;
use commands::model::scope::Scope;
use commands::model::session::{Session, Work};
use commands::model::time::Timestamp;
use commands::model::verification::{ATTEMPTS_A_SESSION, SENDS_A_SESSION};
use commands::model::words::{Purpose, SupportKind};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::events::{
    check_outcomes, clicks, confirm_outcomes, effect_of, failures, issue_outcomes, mail_outcomes,
    outcomes, reset_outcomes, send_outcomes,
};
use crate::names::event_name;
use crate::people::{OWNED, found_account, mailed, sofia};
use crate::session_driver::{MAC, SessionDriver};

#[derive(Clone, Debug)]
enum Move {
    /// The click that leads to the next stage.
    Forward,
    Click(Event),
    /// An outcome of the oldest pending effect, by its index. `None`: success.
    Outcome(Option<usize>),
    /// Any outcome or a timer.
    Unexpected(Event),
    Wait(Duration),
}

fn next() -> impl Strategy<Value = Move> {
    prop_oneof![
        6 => Just(Move::Forward),
        3 => select(clicks()).prop_map(Move::Click),
        8 => Just(Move::Outcome(None)),
        3 => any::<usize>().prop_map(|which| Move::Outcome(Some(which))),
        2 => select(outcomes()).prop_map(Move::Unexpected),
        1 => Just(Move::Unexpected(Event::TimerFired)),
        2 => (0_u64..130).prop_map(|seconds| Move::Wait(Duration::from_secs(seconds))),
    ]
}

fn walk() -> impl Strategy<Value = Vec<Move>> {
    proptest::collection::vec(next(), 0..60)
}

/// Returns the click that leads to the next stage.
pub(crate) fn forward(session: &Session) -> Event {
    match &session.work {
        Work::Support(_, SupportState::Found { .. }) => Event::Start,
        Work::Support(SupportKind::Technical, SupportState::Choosing { .. }) => {
            Event::Choose(OWNED.to_owned())
        }
        Work::Support(SupportKind::Successor, SupportState::Choosing { .. }) => {
            Event::Choose("succession-1".to_owned())
        }
        Work::Support(_, SupportState::Announcing { .. }) => Event::Send,
        Work::Support(_, SupportState::ProvingAgent { .. })
            if session.agent.challenge.is_none() =>
        {
            Event::Resend
        }
        Work::Support(_, SupportState::ProvingCustomer { .. })
            if session.customer.challenge.is_none() =>
        {
            Event::Resend
        }
        Work::Support(SupportKind::Technical, SupportState::Acting { .. }) => {
            Event::Open(commands::model::words::Target::Web)
        }
        Work::Support(SupportKind::Successor, SupportState::Acting { .. }) => Event::MailLink,
        _ => Event::Typed(Some(MAC.to_owned())),
    }
}

/// Returns the outcomes of an effect, with the success last.
fn outcomes_of(effect: &Effect, now: Timestamp) -> Vec<Event> {
    match effect {
        Effect::Send { purpose: Purpose::AgentLink, nth } => {
            let mut outcomes: Vec<_> = failures()
                .into_iter()
                .map(|why| Event::LinkCodeSent { nth: *nth, outcome: Err(why) })
                .collect();
            outcomes.extend(
                [Ok(None), Ok(Some((found_account(), mailed(now))))]
                    .map(|outcome| Event::LinkCodeSent { nth: *nth, outcome }),
            );
            outcomes
        }
        Effect::Send { purpose, nth } => {
            let mut outcomes = send_outcomes(*purpose, *nth);
            outcomes.push(Event::Sent { purpose: *purpose, nth: *nth, outcome: Ok(mailed(now)) });
            outcomes
        }
        Effect::Verify { purpose, nth, .. } => {
            let mut outcomes = check_outcomes(*purpose, *nth);
            outcomes.rotate_left(1);
            outcomes
        }
        Effect::Issue { target, nth } => issue_outcomes(*target, *nth),
        Effect::MailLink { nth } => mail_outcomes(*nth),
        Effect::Revoke { nth } => failures()
            .into_iter()
            .map(Err)
            .chain([Ok(1)])
            .map(|outcome| Event::Revoked { nth: *nth, outcome })
            .collect(),
        Effect::RequestReset { nth } => reset_outcomes(*nth),
        Effect::Confirm { nth } => confirm_outcomes(*nth),
        notice => failures()
            .into_iter()
            .map(Err)
            .chain([Ok(())])
            .map(|outcome| Event::NoticeSent(notice.clone(), outcome))
            .collect(),
    }
}

/// Returns an outcome of the oldest pending effect. `None`: success.
fn outcome(driver: &SessionDriver, which: Option<usize>) -> Option<Event> {
    let mut outcomes = outcomes_of(&driver.session.pending.first()?.effect, driver.now);
    let last = outcomes.len() - 1;
    Some(outcomes.swap_remove(which.map_or(last, |which| which % outcomes.len())))
}

fn is_right(event: &Event) -> bool {
    matches!(event, Event::Checked { outcome: Ok(CodeCheck::Verified(_)), .. })
}

fn same_kind(event: &Event, effect: &Effect) -> bool {
    effect_of(event).is_some_and(|other| match (&other, effect) {
        (Effect::Verify { purpose: a, nth: n, .. }, Effect::Verify { purpose: b, nth: m, .. }) => {
            (a, n) == (b, m)
        }
        _ => other == *effect,
    })
}

/// A walk, the purposes that were proved, and the stages that were seen.
struct Walker {
    driver: SessionDriver,
    proved: BTreeSet<&'static str>,
    seen: BTreeSet<String>,
}

impl Walker {
    fn new(successor: bool, scope: Scope) -> Self {
        let mut driver =
            if successor { SessionDriver::found_with(sofia(2)) } else { SessionDriver::found() };
        driver.scope = scope;
        driver.session.scope = scope;
        Self { driver, proved: BTreeSet::new(), seen: BTreeSet::new() }
    }

    /// Makes a move and checks the properties of every step.
    fn make(&mut self, next: &Move) {
        let before = self.driver.session.clone();
        match next {
            Move::Forward => drop(self.driver.click(forward(&before))),
            Move::Click(event) => drop(self.driver.click(event.clone())),
            Move::Wait(duration) => self.driver.skip(*duration),
            Move::Unexpected(event) => self.apply(event.clone()),
            Move::Outcome(which) => {
                if let Some(event) = outcome(&self.driver, *which) {
                    self.apply(event);
                }
            }
        }
        self.check(&before, next);
        self.seen.insert(self.driver.stage());
    }

    fn apply(&mut self, event: Event) {
        let pending = |effect: &Effect| same_kind(&event, effect);
        let expected = self.driver.session.pending.iter().any(|other| pending(&other.effect));
        if let Event::Checked { purpose, outcome: Ok(CodeCheck::Verified(_)), .. } = &event
            && expected
        {
            self.proved.insert(purpose.name());
        }
        let name = event_name(&event);
        let before = self.driver.session.generation;
        self.driver.apply(event);
        assert_eq!(self.driver.session.generation, before, "{name} raised the generation");
    }

    fn check(&self, before: &Session, next: &Move) {
        let after = &self.driver.session;
        assert!(after.generation >= before.generation, "the generation fell");
        for (old, new) in [(&before.agent, &after.agent), (&before.customer, &after.customer)] {
            assert!(new.wrong >= old.wrong && new.sends >= old.sends, "a count fell at {next:?}");
            assert!(new.sends <= SENDS_A_SESSION, "{} codes were sent", new.sends);
            assert!(new.wrong <= ATTEMPTS_A_SESSION, "{} wrong codes", new.wrong);
        }
        let blocking = after.pending.iter().filter(|pending| pending.effect.blocks_panel()).count();
        assert!(blocking <= 1, "{blocking} blocking effects after {next:?}");
        let both = self.proved.len() == 2;
        let acting = matches!(after.work, Work::Support(_, SupportState::Acting { .. }));
        assert!(both || !acting, "acting with {:?} only", self.proved);
        assert!(
            both || proofs(after, self.driver.now).is_none(),
            "proofs with {:?} only",
            self.proved
        );
        let issues = after.pending.iter().any(|pending| {
            matches!(pending.effect, Effect::Issue { .. } | Effect::MailLink { .. })
        });
        let may_issue = acting && after.scope == Scope::Act;
        assert!(may_issue || !issues, "an access link is issued in {}", self.driver.stage());
        let may_have_issued = both && after.scope == Scope::Act;
        assert!(after.links_issued >= before.links_issued);
        assert!(may_have_issued || after.links_issued == 0);
        assert_eq!(after.scope, before.scope, "the scope changed at {next:?}");
        for stored in
            [&after.secrets.agent_proof, &after.secrets.customer_proof].into_iter().flatten()
        {
            assert_eq!(stored.bound.session, after.id);
        }
        if before.closed().is_some() {
            self.check_closed(before);
        }
    }

    /// Checks that only the pending effects of a closed session changed.
    fn check_closed(&self, before: &Session) {
        let mut after = self.driver.session.clone();
        assert!(
            after
                .pending
                .iter()
                .all(|new| before.pending.iter().any(|old| old.effect == new.effect)),
            "a closed session requested an effect"
        );
        after.pending.clone_from(&before.pending);
        after.generation = before.generation;
        // The time of a notice.
        after.report_record.clone_from(&before.report_record);
        assert_eq!(format!("{after:?}"), format!("{before:?}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn acting_requires_both_proofs_on_any_walk(
        walk in walk(),
        successor: bool,
        scope in select(vec![Scope::Act, Scope::Verify]),
    ) {
        let mut walker = Walker::new(successor, scope);
        for next in &walk {
            walker.make(next);
        }
    }

    #[test]
    fn linking_requires_right_code_on_any_walk(walk in walk(), account: bool) {
        let mut driver = SessionDriver::linking_looked_up(account);
        for next in &walk {
            let before = driver.session.clone();
            let (linked, right) = match next {
                Move::Click(event) => (driver.click(event.clone()).account_link, false),
                Move::Unexpected(event) => {
                    let right = is_right(event) && event.is_expected_by(&before);
                    (driver.apply(event.clone()).account_link, right)
                }
                Move::Forward => (driver.click(Event::Typed(Some(MAC.to_owned()))).account_link, false),
                Move::Wait(duration) => {
                    driver.skip(*duration);
                    (None, false)
                }
                Move::Outcome(which) => {
                    let Some(event) = outcome(&driver, *which) else { continue };
                    let right = is_right(&event);
                    (driver.apply(event).account_link, right)
                }
            };
            prop_assert!(linked.is_none() || right);
            prop_assert!(driver.session.agent.sends <= SENDS_A_SESSION);
            prop_assert!(driver.session.agent.wrong >= before.agent.wrong);
            prop_assert!(driver.session.generation >= before.generation);
        }
    }
}

#[test]
fn random_walks_reach_every_stage() {
    let mut runner = TestRunner::deterministic();
    let (mut seen, mut opened) = (BTreeSet::new(), 0);
    for n in 0..400 {
        let walk = walk().new_tree(&mut runner).unwrap().current();
        let mut walker = Walker::new(n % 2 == 1, Scope::Act);
        for next in &walk {
            walker.make(next);
        }
        opened += u32::from(walker.driver.session.links_issued > 0);
        seen.append(&mut walker.seen);
    }
    assert!(opened > 20, "only {opened} walks issued an access link");
    insta::assert_snapshot!(seen.into_iter().collect::<Vec<_>>().join(", "), @"acting, announcing, choosing, closed(agent_locked_out), closed(cancelled), closed(customer_locked_out), closed(dismissed), closed(finished), closed(proof_invalid), found, proving_agent, proving_customer");
}

#[test]
fn walker_records_both_purposes() {
    let mut walker = Walker::new(false, Scope::Act);
    for next in
        [Move::Forward, Move::Forward, Move::Outcome(None), Move::Forward, Move::Outcome(None)]
    {
        walker.make(&next);
    }
    assert_eq!(walker.proved, BTreeSet::from([Purpose::AgentMfa.name()]));
    for next in [Move::Forward, Move::Outcome(None), Move::Forward, Move::Outcome(None)] {
        walker.make(&next);
    }
    assert_eq!(walker.driver.stage(), "acting");
}
