//! The whole machine at a glance: what every state answers to every event.
//!
//! One snapshot a state, one line an event: where it leads, what is said, what is wanted, counted,
//! given back. For an outcome the effect that it belongs to is pending, as it is when the desk
//! hears of it; `outcomes.rs` holds that a stray one changes nothing.

use commands::flows::step;
use commands::flows::step::{Facts, Step};
use commands::model::customer::{Role, Status};
use commands::model::effect::{Effect, Pending};
use commands::model::event::Event;
use commands::model::session::Session;
use commands::model::verification::RESEND_WAIT;
use commands::model::words::{CloseReason, Target};

use crate::events::{clicks, effect_of, named, others, outcomes, wanted};
use crate::people::{julia, sofia};
use crate::road::{NOW, SessionDriver, stage};

/// What a state answers to an event.
fn answered(road: &SessionDriver, event: &Event) -> String {
    let mut before = road.session.clone();
    before.pending.extend(effect_of(event).map(|effect| Pending {
        effect,
        requested_at: NOW,
        requested_by: None,
    }));
    let step = step(&before, event.clone(), &Facts { now: road.now, record: road.record.clone() });
    answer(&before, &step)
}

fn answer(before: &Session, step: &Step) -> String {
    let after = &step.session;
    let mut words = vec![stage(after)];
    words.extend(step.refusal.as_ref().map(|refusal| format!("says {}", refusal.name())));
    for pending in &after.pending {
        let kept = before.pending.iter().any(|old| old.effect == pending.effect);
        let word = if kept { "keeps" } else { "wants" };
        words.push(format!("{word} {}", wanted(&pending.effect)));
    }
    words.extend(
        step.limit_uses
            .iter()
            .map(|limit_use| format!("counts {:?} of {}", limit_use.limit, limit_use.subject)),
    );
    words.extend(
        step.refunds.iter().map(|(limit, subject)| format!("gives back {limit:?} of {subject}")),
    );
    words.extend(step.lockouts.iter().map(|rest| {
        format!("lockouts {} for {} min", rest.subject, rest.until.since(step.now).as_secs() / 60)
    }));
    words.extend(step.account_link.iter().map(|link| format!("links {}", link.agent_id)));
    words.extend(
        step.expired.iter().map(|opened| format!("ends {} {}", opened.target.name(), opened.nth)),
    );
    words.join(", ")
}

/// Every event and what it does here, the outcomes of an effect that come to the same in one line.
fn table(road: &SessionDriver) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut unheard: Vec<String> = Vec::new();
    for event in clicks().into_iter().chain(others()).chain(outcomes()) {
        let (name, answer) = (named(&event), answered(road, &event));
        let (head, tail) = name.split_once(": ").unwrap_or((&name, ""));
        if effect_of(&event).is_some_and(|effect| is_unheard(road, &effect, &answer)) {
            if unheard.last().is_none_or(|last| last != head) {
                unheard.push(head.to_owned());
            }
        } else if let Some((names, _)) = lines.iter_mut().find(|(names, other)| {
            !tail.is_empty() && *other == answer && names.starts_with(&format!("{head}: "))
        }) {
            *names = format!("{names}, {tail}");
        } else {
            lines.push((name, answer));
        }
    }
    let mut lines: Vec<_> =
        lines.into_iter().map(|(names, answer)| format!("{names:<38} → {answer}")).collect();
    if !unheard.is_empty() {
        lines.push(format!("Outcomes that are refused and change nothing: {}", unheard.join(", ")));
    }
    lines.join("\n")
}

/// Whether an outcome is no business of this state: refused, its effect left to the desk, which
/// drops it.
fn is_unheard(road: &SessionDriver, effect: &Effect, answer: &str) -> bool {
    ["already_done", "closed"]
        .iter()
        .any(|word| answer == format!("{}, says {word}, keeps {}", road.stage(), wanted(effect)))
}

/// One test and one snapshot a state.
macro_rules! tables {
    ($($name:ident: $road:expr;)+) => {
        $(#[test]
        fn $name() {
            insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(table(&$road)) });
        })+
    };
}

tables! {
    found: SessionDriver::found();
    found_suspended: {
        let mut record = julia();
        record.status = Status::Suspended;
        SessionDriver::found_as(record)
    };
    choosing: SessionDriver::choosing();
    proving_agent: later(SessionDriver::proving_agent());
    announcing: later(SessionDriver::announcing());
    proving_customer: later(SessionDriver::proving_customer());
    acting_as_owner: with_a_link(SessionDriver::acting(Role::Owner));
    acting_as_member: SessionDriver::acting(Role::Member);
    found_successor: SessionDriver::found_as(sofia(1));
    choosing_succession: SessionDriver::found_as(sofia(2)).then(Event::Start);
    succeeding: SessionDriver::succeeding();
    closed: SessionDriver::acting(Role::Owner).then(Event::ForceClose(CloseReason::RoleChanged));
    linking: later(SessionDriver::linking_looked_up(true));
    linking_without_account: later(SessionDriver::linking_looked_up(false));
    linking_closed: SessionDriver::linking().then(Event::Dismiss);
    recovering: later(SessionDriver::recovering_mailed());
    recovering_closed: SessionDriver::recovering_mailed().then(Event::Dismiss);
}

/// When the next code may be sent.
fn later(mut road: SessionDriver) -> SessionDriver {
    road.skips(RESEND_WAIT);
    road
}

/// With a link to the web that was handed over.
fn with_a_link(mut road: SessionDriver) -> SessionDriver {
    road.does(Event::Open(Target::Web));
    let expires_at = NOW + RESEND_WAIT;
    road.hears(Event::Issued { target: Target::Web, nth: 1, outcome: Ok((Some(77), expires_at)) });
    road
}
