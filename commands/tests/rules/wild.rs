//! Wild orders of events: any event with anything in it, at any time, clocks that jump, and Core
//! saying something else each time.
//!
//! `walks.rs` clicks as people do; here nothing is likely. A walk gets anywhere because effects are
//! answered now and then, and each begins somewhere on the road, behind what was honestly proved
//! until there.

use std::collections::BTreeMap;
use std::sync::Arc;

use commands::engine::panel::render;
use commands::flows::step::Step;
use commands::flows::support::needs::needs;
use commands::model::customer::{CustomerRecord, Role};
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::flow_state::SupportState;
use commands::model::outcome::CodeCheck;
use commands::model::proof::{proofs, subject};
use commands::model::session::{Session, Work};
use commands::model::time::Timestamp;
use commands::model::timers::ABSOLUTE_CLOSE;
use commands::model::verification::{SENDS_A_SESSION, TRIES_A_SESSION};
use commands::model::words::{Purpose, Target};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::anything::{Answers, answers, event, time};
use crate::events::TARGETS;
use crate::people::{julia, sofia};
use crate::road::SessionDriver;
use crate::walks::forward;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Happening {
    /// An event, as a click or not.
    Any(Event, bool),
    /// The click that leads on.
    Forward,
    /// The oldest pending effect has its outcome.
    Outcome(Answers),
    /// The clock jumps to and fro, in milliseconds.
    Jump(i64),
    /// The clock shows another time altogether.
    At(Timestamp),
    /// Core says from now on: the customer as ever, otherwise, somebody else, nobody.
    Core(u8),
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let happening = prop_oneof![
        8 => (event(), any::<bool>()).prop_map(|(event, click)| Happening::Any(event, click)),
        8 => Just(Happening::Forward),
        12 => answers().prop_map(Happening::Outcome),
        3 => (-4_000_000_i64..4_000_000).prop_map(Happening::Jump),
        1 => time().prop_map(Happening::At),
        2 => (0_u8..6).prop_map(Happening::Core),
    ];
    prop::collection::vec(happening, 0..50)
}

/// Where a wild walk begins.
fn beginnings() -> impl Strategy<Value = SessionDriver> {
    (0_usize..9).prop_map(|which| match which {
        0 => SessionDriver::found(),
        1 => SessionDriver::choosing(),
        2 => SessionDriver::proving_agent(),
        3 => SessionDriver::announcing(),
        4 => SessionDriver::proving_customer(),
        5 => SessionDriver::acting(Role::Owner),
        6 => SessionDriver::acting(Role::Member),
        7 => SessionDriver::found_as(sofia(2)),
        _ => SessionDriver::succeeding(),
    })
}

/// A walk, with the codes that turned out right on it: whose they were, and when.
struct Wild {
    road: SessionDriver,
    customer: Option<String>,
    right: BTreeMap<&'static str, (String, Timestamp)>,
}

impl Wild {
    fn new(road: SessionDriver) -> Self {
        let mut right = BTreeMap::new();
        let secrets = &road.session.secrets;
        for (purpose, proof) in [
            (Purpose::AgentMfa, &secrets.agent_proof),
            (Purpose::CustomerConsent, &secrets.customer_proof),
        ] {
            if let Some(proof) = proof {
                right.insert(purpose.name(), (proof.bound.subject.clone(), road.now));
            }
        }
        Self { customer: road.session.customer_id.clone(), road, right }
    }

    fn meets(&mut self, happening: Happening) {
        match happening {
            Happening::Any(event, true) => self.hears(event, true),
            Happening::Any(event, false) => self.hears(event, false),
            Happening::Forward => self.hears(forward(&self.road.session), true),
            Happening::Outcome(answers) => {
                let wanted =
                    self.road.session.pending.first().map(|pending| pending.effect.clone());
                if let Some(event) = wanted.and_then(|wanted| outcome_of(wanted, answers)) {
                    self.hears(event, false);
                }
            }
            Happening::Jump(by) => self.road.now = Timestamp(self.road.now.0.saturating_add(by)),
            Happening::At(now) => self.road.now = now,
            Happening::Core(which) => self.road.record = core_says(which),
        }
    }

    fn hears(&mut self, event: Event, click: bool) {
        let before = self.road.session.clone();
        if let Event::Checked { purpose, outcome: Ok(CodeCheck::Verified(_)), .. } = &event
            && event.is_expected_by(&before)
        {
            self.right.insert(purpose.name(), (subject(&before, *purpose), self.road.now));
        }
        let step = if click { self.road.does(event) } else { self.road.hears(event) };
        self.holds(&before, &step);
    }

    /// Whether the code of this purpose was right: in this session, for its subject, within the
    /// hour before.
    fn proved(&self, purpose: Purpose) -> bool {
        let session = &self.road.session;
        self.right.get(purpose.name()).is_some_and(|(whose, at)| {
            *whose == subject(session, purpose) && self.road.now < *at + ABSOLUTE_CLOSE
        })
    }

    fn holds(&self, before: &Session, step: &Step) {
        let after = &self.road.session;
        assert_eq!(after.customer_id, self.customer, "the session is about somebody else");
        assert_eq!((&after.id, &after.actor), (&before.id, &before.actor));
        let both = self.proved(Purpose::AgentMfa) && self.proved(Purpose::CustomerConsent);
        assert!(
            both || proofs(after, self.road.now).is_none(),
            "proofs with {:?} only, at {:?}",
            self.right,
            self.road.now
        );
        for pending in &after.pending {
            if before.pending.contains(pending) {
                continue;
            }
            let ways_in = [Target::Store, Target::Web, Target::App, Target::Successor];
            let target = match pending.effect {
                Effect::Issue { target, .. } => target,
                Effect::MailLink { .. } => Target::Successor,
                _ => continue,
            };
            assert!(
                both && ways_in.contains(&target),
                "{target:?} is opened with {:?} only",
                self.right
            );
            let Work::Support(_, SupportState::Acting { case }) = &after.work else {
                panic!("{target:?} in {}", self.road.stage())
            };
            assert_eq!(
                Some(&case.customer.id),
                self.customer.as_ref(),
                "opened for another customer"
            );
            assert!(
                after.links_issued > before.links_issued,
                "a way in without a number of its own"
            );
        }
        assert!(after.links_issued == 0 || before.links_issued > 0 || both);
        assert!(step.account_link.is_none(), "this road links nobody");
        for (old, new) in [(&before.agent, &after.agent), (&before.customer, &after.customer)] {
            assert!(new.wrong >= old.wrong && new.sends >= old.sends, "a count fell");
            assert!(new.wrong <= TRIES_A_SESSION && new.sends <= SENDS_A_SESSION);
        }
        if before.closed().is_some() {
            assert_eq!(before.closed(), after.closed(), "a closed session opened again");
        }
        shown(&self.road);
    }
}

/// Whatever a session is, its panel can be drawn.
pub(crate) fn shown(road: &SessionDriver) {
    let (session, record) = (&road.session, road.record.as_deref());
    for page in [0, 1, u16::MAX] {
        assert!(!render(session, record, None, page, road.now).to_string().is_empty());
    }
    let _ = (session.next_at(), session.clocks.warns(), session.panel_token(road.now));
    if let Work::Support(_, state) = &session.work {
        let _ = needs(state, &Event::MailLink);
    }
}

/// The outcome of an effect of this road.
fn outcome_of(effect: Effect, answers: Answers) -> Option<Event> {
    Some(match effect {
        Effect::Send { purpose, nth } => Event::Sent { purpose, nth, outcome: answers.sent },
        Effect::Verify { purpose, nth, .. } => {
            Event::Checked { purpose, nth, outcome: answers.checked, count: answers.count }
        }
        Effect::Issue { target, nth } => Event::Issued { target, nth, outcome: answers.opened },
        Effect::MailLink { nth } => {
            Event::Mailed { nth, outcome: answers.opened.map(|(_, until)| (String::new(), until)) }
        }
        Effect::Revoke => Event::Revoked(answers.opened.map(|_| answers.count)),
        told @ Effect::AlertLocked { .. } => Event::NoticeSent(told, answers.opened.map(drop)),
        _ => return None,
    })
}

fn core_says(which: u8) -> Option<Arc<CustomerRecord>> {
    let record = match which {
        0 | 1 => julia(),
        2 => sofia(2),
        3 => CustomerRecord { ecosystems: Vec::new(), ..julia() },
        4 => {
            let mut swapped = julia();
            let role = swapped.ecosystems[0].role;
            swapped.ecosystems[0].role = swapped.ecosystems[1].role;
            swapped.ecosystems[1].role = role;
            swapped
        }
        _ => return None,
    };
    Some(Arc::new(record))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_events_opens_anything_without_both_codes_of_this_session(road in beginnings(), happenings in happenings()) {
        let mut wild = Wild::new(road);
        for happening in happenings {
            wild.meets(happening);
        }
    }

    /// Two sessions side by side: what was proved in one is worth nothing in the other, however it
    /// got there.
    #[test]
    fn no_proof_is_worth_anything_in_another_session(ours in beginnings(), theirs in beginnings(), same_customer: bool) {
        let mut mixed = ours.clone();
        mixed.session.id = "BBBBBBBBBBBBBBBBBBBBBB".parse().unwrap();
        if !same_customer {
            mixed.session.customer_id = Some("user-marta".to_owned());
        }
        mixed.session.secrets = theirs.session.secrets.clone();
        prop_assert!(proofs(&mixed.session, mixed.now).is_none());
        for target in TARGETS {
            let step = mixed.decides(Event::Open(target));
            let asked = |effect: &Effect| matches!(effect, Effect::Issue { .. } | Effect::MailLink { .. });
            let news = step.session.pending.iter().filter(|pending| !mixed.session.pending.contains(pending));
            prop_assert_eq!(news.filter(|pending| asked(&pending.effect)).count(), 0);
        }
    }
}

/// Otherwise the properties above would be about nothing.
#[test]
fn the_wild_walks_prove_and_open_things() {
    let mut runner = TestRunner::deterministic();
    let (mut proved, mut opened) = (0, 0);
    for _ in 0..200 {
        let (road, happenings) =
            (beginnings(), happenings()).new_tree(&mut runner).unwrap().current();
        let mut wild = Wild::new(road);
        let (right, issued) = (wild.right.clone(), wild.road.session.links_issued);
        for happening in happenings {
            wild.meets(happening);
        }
        proved += u32::from(wild.right != right);
        opened += u32::from(wild.road.session.links_issued > issued);
    }
    assert!(proved > 20 && opened > 20, "{proved} proved something and {opened} opened something");
}
