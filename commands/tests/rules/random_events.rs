//! Properties of events in any order, with any content, at any time, while Core's answers change.
//!
//! `random_walks.rs` clicks like a person. Here no order is more likely than another. Effects get
//! an outcome from time to time, and each walk starts at a stage that was honestly reached.

use std::collections::BTreeMap;
use std::sync::Arc;

use commands::engine::panel::render;
use commands::flows::step::Step;
use commands::flows::support::needs::needs_customer;
use commands::model::customer::{CustomerRecord, Role};
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::flow_state::SupportState;
use commands::model::limit::Attempts;
use commands::model::outcome::CodeCheck;
use commands::model::proof::{proofs, subject};
use commands::model::pseudonym::Pseudonym;
use commands::model::session::{Session, Work};
use commands::model::time::Timestamp;
use commands::model::timers::ABSOLUTE_CLOSE;
use commands::model::verification::{ATTEMPTS_A_SESSION, SENDS_A_SESSION};
use commands::model::words::{Purpose, Target};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::events::TARGETS;
use crate::people::{julia, pseudonym_of, sofia};
use crate::random_walks::forward;
use crate::screen_text::screen_text;
use crate::session_driver::SessionDriver;
use crate::strategies::{Answers, answers, event, time};

#[derive(Clone, Debug)]
enum Move {
    /// An event. `true`: a click.
    Any(Event, bool),
    /// The click that leads to the next stage.
    Forward,
    /// An outcome of the oldest pending effect.
    Outcome(Answers),
    /// The clock jumps by this many milliseconds.
    Jump(i64),
    /// The clock jumps to this time.
    At(Timestamp),
    /// Core's answers change to this record (see [`core_record`]).
    Core(u8),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let next = prop_oneof![
        8 => (event(), any::<bool>()).prop_map(|(event, click)| Move::Any(event, click)),
        8 => Just(Move::Forward),
        12 => answers().prop_map(Move::Outcome),
        3 => (-4_000_000_i64..4_000_000).prop_map(Move::Jump),
        1 => time().prop_map(Move::At),
        2 => (0_u8..6).prop_map(Move::Core),
    ];
    prop::collection::vec(next, 0..50)
}

fn starts() -> impl Strategy<Value = SessionDriver> {
    (0_usize..9).prop_map(|which| match which {
        0 => SessionDriver::found(),
        1 => SessionDriver::choosing(),
        2 => SessionDriver::proving_agent(),
        3 => SessionDriver::announcing(),
        4 => SessionDriver::proving_customer(),
        5 => SessionDriver::acting(Role::Owner),
        6 => SessionDriver::acting(Role::Member),
        7 => SessionDriver::found_with(sofia(2)),
        _ => SessionDriver::succeeding(),
    })
}

/// A walk, and the right codes on it: the subject and the time of each.
struct Walk {
    driver: SessionDriver,
    customer: Option<Pseudonym>,
    right: BTreeMap<&'static str, (String, Timestamp)>,
}

impl Walk {
    fn new(driver: SessionDriver) -> Self {
        let mut right = BTreeMap::new();
        let secrets = &driver.session.secrets;
        for (purpose, proof) in [
            (Purpose::AgentMfa, &secrets.agent_proof),
            (Purpose::CustomerConsent, &secrets.customer_proof),
        ] {
            if let Some(proof) = proof {
                right.insert(purpose.name(), (proof.bound.subject.clone(), driver.now));
            }
        }
        Self { customer: driver.session.pseudonym.clone(), driver, right }
    }

    fn make(&mut self, next: Move) {
        match next {
            Move::Any(event, click) => self.apply(event, click),
            Move::Forward => self.apply(forward(&self.driver.session), true),
            Move::Outcome(answers) => {
                let effect =
                    self.driver.session.pending.first().map(|pending| pending.effect.clone());
                if let Some(event) = effect.and_then(|effect| outcome_of(effect, answers)) {
                    self.apply(event, false);
                }
            }
            Move::Jump(by) => self.driver.now = Timestamp(self.driver.now.0.saturating_add(by)),
            Move::At(now) => self.driver.now = now,
            Move::Core(which) => self.driver.record = core_record(which),
        }
    }

    fn apply(&mut self, event: Event, click: bool) {
        let before = self.driver.session.clone();
        if let Event::Checked { purpose, outcome: Ok(CodeCheck::Verified(_)), .. } = &event
            && event.is_expected_by(&before)
        {
            self.right.insert(purpose.name(), (subject(&before, *purpose), self.driver.now));
        }
        let step = if click { self.driver.click(event) } else { self.driver.apply(event) };
        self.check(&before, &step);
    }

    /// Returns true if a code of this purpose was right: in this session, for its subject, within
    /// the last hour.
    fn proved(&self, purpose: Purpose) -> bool {
        let session = &self.driver.session;
        self.right.get(purpose.name()).is_some_and(|(whose, at)| {
            *whose == subject(session, purpose) && self.driver.now < *at + ABSOLUTE_CLOSE
        })
    }

    fn check(&self, before: &Session, step: &Step) {
        let after = &self.driver.session;
        assert_eq!(after.pseudonym, self.customer, "the customer of the session changed");
        assert_eq!((&after.id, &after.actor), (&before.id, &before.actor));
        let both = self.proved(Purpose::AgentMfa) && self.proved(Purpose::CustomerConsent);
        assert!(
            both || proofs(after, self.driver.now).is_none(),
            "proofs with {:?} only, at {:?}",
            self.right,
            self.driver.now
        );
        for pending in &after.pending {
            if before.pending.contains(pending) {
                continue;
            }
            let targets = [Target::Store, Target::Web, Target::App, Target::Successor];
            let target = match pending.effect {
                Effect::Issue { target, .. } => target,
                Effect::MailLink { .. } => Target::Successor,
                _ => continue,
            };
            assert!(
                both && targets.contains(&target),
                "{target:?} issued with {:?} only",
                self.right
            );
            let Work::Support(_, SupportState::Acting { case }) = &after.work else {
                panic!("{target:?} in {}", self.driver.stage())
            };
            assert_eq!(
                Some(pseudonym_of(&case.customer.id)),
                self.customer,
                "issued for another customer"
            );
            assert!(
                after.links_issued > before.links_issued,
                "an access link has no number of its own"
            );
        }
        assert!(after.links_issued == 0 || before.links_issued > 0 || both);
        assert!(step.account_link.is_none(), "a support session linked an account");
        for (old, new) in [(&before.agent, &after.agent), (&before.customer, &after.customer)] {
            assert!(new.wrong >= old.wrong && new.sends >= old.sends, "a count fell");
            assert!(new.wrong <= ATTEMPTS_A_SESSION && new.sends <= SENDS_A_SESSION);
        }
        if before.closed().is_some() {
            assert_eq!(before.closed(), after.closed(), "a closed session opened again");
        }
        draw(&self.driver);
    }
}

/// Draws the panel of any session, which must not panic.
pub(crate) fn draw(driver: &SessionDriver) {
    let (session, record) = (&driver.session, driver.record.as_deref());
    for page in [0, 1, u16::MAX] {
        assert!(!screen_text(&render(session, record, None, page, driver.now)).is_empty());
    }
    let _ = (session.next_at(), session.clocks.warns(), session.panel_token(driver.now));
    if let Work::Support(_, state) = &session.work {
        let _ = needs_customer(state, &Event::MailLink);
    }
}

/// Returns the outcome of an effect of a support session.
fn outcome_of(effect: Effect, answers: Answers) -> Option<Event> {
    Some(match effect {
        Effect::Send { purpose, nth } => Event::Sent { purpose, nth, outcome: answers.sent },
        Effect::Verify { purpose, nth, .. } => {
            let attempts = Attempts { in_an_hour: answers.count, in_a_row: answers.count };
            Event::Checked { purpose, nth, outcome: answers.checked, attempts }
        }
        Effect::Issue { target, nth } => Event::Issued { target, nth, outcome: answers.opened },
        Effect::MailLink { nth } => {
            Event::Mailed { nth, outcome: answers.opened.map(|(_, until)| (String::new(), until)) }
        }
        Effect::Revoke { nth } => {
            Event::Revoked { nth, outcome: answers.opened.map(|_| answers.count) }
        }
        notice @ (Effect::AlertLocked { .. } | Effect::AlertResetLocked) => {
            Event::NoticeSent(notice, answers.opened.map(drop))
        }
        _ => return None,
    })
}

fn core_record(which: u8) -> Option<Arc<CustomerRecord>> {
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
    fn access_requires_both_codes_of_session(driver in starts(), moves in moves()) {
        let mut walk = Walk::new(driver);
        for next in moves {
            walk.make(next);
        }
    }

    /// Copies the proofs of one session into another.
    #[test]
    fn proof_is_void_in_other_session(one in starts(), other in starts(), same_customer: bool) {
        let mut mixed = one.clone();
        mixed.session.id = "BBBBBBBBBBBBBBBBBBBBBB".parse().unwrap();
        if !same_customer {
            mixed.session.pseudonym = Some(pseudonym_of("user-marta"));
        }
        mixed.session.secrets = other.session.secrets.clone();
        prop_assert!(proofs(&mixed.session, mixed.now).is_none());
        for target in TARGETS {
            let step = mixed.decide(Event::Open(target));
            let before = &mixed.session.pending;
            let requested = step.session.pending.iter().filter(|new| !before.contains(new));
            let mut effects = requested.map(|new| &new.effect);
            let issues = |effect| matches!(effect, &Effect::Issue { .. } | &Effect::MailLink { .. });
            prop_assert!(!effects.any(issues));
        }
    }
}

/// Shows that the properties above are not vacuous.
#[test]
fn random_events_prove_and_open() {
    let mut runner = TestRunner::deterministic();
    let (mut proved, mut opened) = (0, 0);
    for _ in 0..200 {
        let (driver, moves) = (starts(), moves()).new_tree(&mut runner).unwrap().current();
        let mut walk = Walk::new(driver);
        let (right, issued) = (walk.right.clone(), walk.driver.session.links_issued);
        for next in moves {
            walk.make(next);
        }
        proved += u32::from(walk.right != right);
        opened += u32::from(walk.driver.session.links_issued > issued);
    }
    assert!(
        proved > 20 && opened > 20,
        "{proved} walks proved a code, {opened} walks issued a link"
    );
}
