//! Random walks: whatever is clicked and answered, in whatever order, these things hold.
//!
//! A walk clicks as people do (mostly forward, sometimes anything), has effects answered well or
//! badly, hears outcomes that nobody awaits, and lets time pass. `the_walks_get_everywhere` shows
//! that they reach what the properties are about.

use std::collections::BTreeSet;
use std::time::Duration;

use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::flow_state::SupportState;
use commands::model::outcome::CodeCheck;
use commands::model::proof::proofs;
use commands::model::session::{Session, Work};
use commands::model::time::Timestamp;
use commands::model::verification::{SENDS_A_SESSION, TRIES_A_SESSION};
use commands::model::words::{Purpose, SupportKind};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::events::{
    clicks, effect_of, failures, named, of_checking, of_confirming, of_issuing, of_mailing,
    of_resetting, of_sending, outcomes,
};
use crate::people::{OWNED, sofia};
use crate::road::{MAC, SessionDriver, ben, mailed};

/// One thing that happens on a walk.
#[derive(Clone, Debug)]
enum Happening {
    /// The click that leads on.
    Forward,
    /// Any click.
    Click(Event),
    /// The oldest pending effect is answered as hoped, or in some other way, by its place among
    /// all.
    Answered(Option<usize>),
    /// An outcome, awaited or not, or a clock.
    Stray(Event),
    /// Time passes; nobody acts on it.
    Later(Duration),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => Just(Happening::Forward),
        3 => select(clicks()).prop_map(Happening::Click),
        8 => Just(Happening::Answered(None)),
        3 => any::<usize>().prop_map(|which| Happening::Answered(Some(which))),
        2 => select(outcomes()).prop_map(Happening::Stray),
        1 => Just(Happening::Stray(Event::TimerFired)),
        2 => (0_u64..130).prop_map(|seconds| Happening::Later(Duration::from_secs(seconds))),
    ]
}

fn walk() -> impl Strategy<Value = Vec<Happening>> {
    proptest::collection::vec(happening(), 0..60)
}

/// The click that leads on from here.
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

/// The answers to an effect, the one that was hoped for last.
fn answers(effect: &Effect, now: Timestamp) -> Vec<Event> {
    match effect {
        Effect::Send { purpose: Purpose::AgentLink, nth } => {
            let mut answers: Vec<_> = failures()
                .into_iter()
                .map(|why| Event::LinkCodeSent { nth: *nth, outcome: Err(why) })
                .collect();
            answers.extend(
                [Ok(None), Ok(Some((ben(), mailed(now))))]
                    .map(|outcome| Event::LinkCodeSent { nth: *nth, outcome }),
            );
            answers
        }
        Effect::Send { purpose, nth } => {
            let mut answers = of_sending(*purpose, *nth);
            answers.push(Event::Sent { purpose: *purpose, nth: *nth, outcome: Ok(mailed(now)) });
            answers
        }
        Effect::Verify { purpose, nth, .. } => {
            let mut answers = of_checking(*purpose, *nth);
            answers.rotate_left(1);
            answers
        }
        Effect::Issue { target, nth } => of_issuing(*target, *nth),
        Effect::MailLink { nth } => of_mailing(*nth),
        Effect::Revoke => {
            failures().into_iter().map(Err).chain([Ok(1)]).map(Event::Revoked).collect()
        }
        Effect::RequestReset { nth } => of_resetting(*nth),
        Effect::Confirm { nth } => of_confirming(*nth),
        told => failures()
            .into_iter()
            .map(Err)
            .chain([Ok(())])
            .map(|outcome| Event::NoticeSent(told.clone(), outcome))
            .collect(),
    }
}

/// The answer to the oldest pending effect: the one that was hoped for, or whichever.
fn answer(road: &SessionDriver, which: Option<usize>) -> Option<Event> {
    let mut answers = answers(&road.session.pending.first()?.effect, road.now);
    let last = answers.len() - 1;
    Some(answers.swap_remove(which.map_or(last, |which| which % answers.len())))
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

/// A walk, with what has been proved on it.
struct Walker {
    road: SessionDriver,
    proved: BTreeSet<&'static str>,
    seen: BTreeSet<String>,
}

impl Walker {
    fn new(successor: bool) -> Self {
        let road =
            if successor { SessionDriver::found_as(sofia(2)) } else { SessionDriver::found() };
        Self { road, proved: BTreeSet::new(), seen: BTreeSet::new() }
    }

    /// Lets something happen, and holds what has to hold of any step.
    fn meets(&mut self, happening: &Happening) {
        let before = self.road.session.clone();
        match happening {
            Happening::Forward => drop(self.road.does(forward(&before))),
            Happening::Click(event) => drop(self.road.does(event.clone())),
            Happening::Later(duration) => self.road.skips(*duration),
            Happening::Stray(event) => self.hears(event.clone()),
            Happening::Answered(which) => {
                if let Some(event) = answer(&self.road, *which) {
                    self.hears(event);
                }
            }
        }
        self.holds(&before, happening);
        self.seen.insert(self.road.stage());
    }

    fn hears(&mut self, event: Event) {
        let pending = |effect: &Effect| same_kind(&event, effect);
        let awaited = self.road.session.pending.iter().any(|other| pending(&other.effect));
        if let Event::Checked { purpose, outcome: Ok(CodeCheck::Verified(_)), .. } = &event
            && awaited
        {
            self.proved.insert(purpose.name());
        }
        let name = named(&event);
        let before = self.road.session.generation;
        self.road.hears(event);
        assert_eq!(self.road.session.generation, before, "{name} raised the generation");
    }

    fn holds(&self, before: &Session, happening: &Happening) {
        let after = &self.road.session;
        assert!(after.generation >= before.generation, "the generation fell");
        for (old, new) in [(&before.agent, &after.agent), (&before.customer, &after.customer)] {
            assert!(
                new.wrong >= old.wrong && new.sends >= old.sends,
                "a count fell at {happening:?}"
            );
            assert!(new.sends <= SENDS_A_SESSION, "{} codes were sent", new.sends);
            assert!(new.wrong <= TRIES_A_SESSION, "{} wrong codes", new.wrong);
        }
        let awaited = after.pending.iter().filter(|pending| pending.effect.blocks_panel()).count();
        assert!(awaited <= 1, "{awaited} effects are awaited after {happening:?}");
        let both = self.proved.len() == 2;
        let acting = matches!(after.work, Work::Support(_, SupportState::Acting { .. }));
        assert!(both || !acting, "acting with {:?} only", self.proved);
        assert!(
            both || proofs(after, self.road.now).is_none(),
            "proofs with {:?} only",
            self.proved
        );
        let issues = after.pending.iter().any(|pending| {
            matches!(pending.effect, Effect::Issue { .. } | Effect::MailLink { .. })
        });
        assert!(acting || !issues, "something is being opened in {}", self.road.stage());
        assert!(after.links_issued >= before.links_issued && (both || after.links_issued == 0));
        for stored in
            [&after.secrets.agent_proof, &after.secrets.customer_proof].into_iter().flatten()
        {
            assert_eq!(stored.bound.session, after.id);
        }
        if before.closed().is_some() {
            self.stays_closed(before);
        }
    }

    /// Of a closed session nothing changes but what is still pending of it.
    fn stays_closed(&self, before: &Session) {
        let mut after = self.road.session.clone();
        assert!(
            after
                .pending
                .iter()
                .all(|new| before.pending.iter().any(|old| old.effect == new.effect)),
            "a closed session wants more"
        );
        after.pending.clone_from(&before.pending);
        after.generation = before.generation;
        assert_eq!(format!("{after:?}"), format!("{before:?}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nobody_acts_without_both_proofs_and_no_count_ever_falls(walk in walk(), successor: bool) {
        let mut walker = Walker::new(successor);
        for happening in &walk {
            walker.meets(happening);
        }
    }

    #[test]
    fn linking_never_links_without_a_right_code(walk in walk(), account: bool) {
        let mut road = SessionDriver::linking_looked_up(account);
        for happening in &walk {
            let before = road.session.clone();
            let (linked, right) = match happening {
                Happening::Click(event) => (road.does(event.clone()).account_link, false),
                Happening::Stray(event) => {
                    let right = is_right(event) && event.is_expected_by(&before);
                    (road.hears(event.clone()).account_link, right)
                }
                Happening::Forward => (road.does(Event::Typed(Some(MAC.to_owned()))).account_link, false),
                Happening::Later(duration) => {
                    road.skips(*duration);
                    (None, false)
                }
                Happening::Answered(which) => {
                    let Some(event) = answer(&road, *which) else { continue };
                    let right = is_right(&event);
                    (road.hears(event).account_link, right)
                }
            };
            prop_assert!(linked.is_none() || right);
            prop_assert!(road.session.agent.sends <= SENDS_A_SESSION);
            prop_assert!(road.session.agent.wrong >= before.agent.wrong && road.session.generation >= before.generation);
        }
    }
}

#[test]
fn the_walks_get_everywhere() {
    let mut runner = TestRunner::deterministic();
    let (mut seen, mut opened) = (BTreeSet::new(), 0);
    for n in 0..400 {
        let walk = walk().new_tree(&mut runner).unwrap().current();
        let mut walker = Walker::new(n % 2 == 1);
        for happening in &walk {
            walker.meets(happening);
        }
        opened += u32::from(walker.road.session.links_issued > 0);
        seen.append(&mut walker.seen);
    }
    assert!(opened > 20, "only {opened} walks opened anything");
    insta::assert_snapshot!(seen.into_iter().collect::<Vec<_>>().join(", "), @"acting, announcing, choosing, closed(agent_locked_out), closed(cancelled), closed(customer_locked_out), closed(dismissed), closed(finished), closed(proof_invalid), found, proving_agent, proving_customer");
}

/// The purposes that a session of Technical Assistance proves.
#[test]
fn what_counts_as_both() {
    let mut walker = Walker::new(false);
    for happening in [
        Happening::Forward,
        Happening::Forward,
        Happening::Answered(None),
        Happening::Forward,
        Happening::Answered(None),
    ] {
        walker.meets(&happening);
    }
    assert_eq!(walker.proved, BTreeSet::from([Purpose::AgentMfa.name()]));
    for happening in [
        Happening::Forward,
        Happening::Answered(None),
        Happening::Forward,
        Happening::Answered(None),
    ] {
        walker.meets(&happening);
    }
    assert_eq!(walker.road.stage(), "acting");
}
