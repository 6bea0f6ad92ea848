//! The answer of every state to every event.
//!
//! One snapshot for each state, one line for each event: the next stage, the refusal, the requested
//! effects, the counted uses and the refunds. The effect of an outcome is pending, as in the
//! desk. `outcomes.rs` tests unexpected outcomes.

use commands::flows::step;
use commands::flows::step::Step;
use commands::model::customer::{Role, Status};
use commands::model::effect::{Effect, Pending};
use commands::model::event::Event;
use commands::model::session::Session;
use commands::model::verification::{Challenge, RESEND_WAIT, Verification};
use commands::model::words::{CloseReason, Target};

use crate::events::{clicks, effect_of, outcomes, system_events};
use crate::names::stage;
use crate::names::{effect_name, event_name};
use crate::people::{julia, sofia};
use crate::session_driver::{NOW, SessionDriver};

/// Returns the answer of a state to an event.
fn answer(driver: &SessionDriver, event: &Event) -> String {
    let mut before = driver.session.clone();
    before.pending.extend(effect_of(event).map(|effect| Pending::new(effect, NOW)));
    let step = step(&before, event.clone(), &driver.facts());
    describe(&before, &step)
}

fn describe(before: &Session, step: &Step) -> String {
    let after = &step.session;
    let mut words = vec![stage(after)];
    words.extend(step.refusal.as_ref().map(|refusal| format!("refuses {}", refusal.name())));
    for pending in &after.pending {
        let kept = before.pending.iter().any(|old| old.effect == pending.effect);
        let word = if kept { "keeps" } else { "requests" };
        words.push(format!("{word} {}", effect_name(&pending.effect)));
    }
    words.extend(
        step.limit_uses
            .iter()
            .map(|limit_use| format!("counts {:?} of {}", limit_use.limit, limit_use.subject)),
    );
    words.extend(
        step.refunds.iter().map(|(limit, subject)| format!("refunds {limit:?} of {subject}")),
    );
    words.extend(step.lockouts.iter().map(|lockout| {
        let minutes = lockout.until.since(step.now).as_secs() / 60;
        format!("locks out {} for {minutes} min", lockout.subject)
    }));
    let mails = [&before.agent, &before.customer].into_iter().zip([&after.agent, &after.customer]);
    let state_of = |verification: &Verification| {
        verification.challenge.as_deref().and_then(Challenge::delivery_state)
    };
    words.extend(mails.filter_map(|(before, after)| {
        let state = state_of(after).filter(|state| state_of(before) != Some(*state))?;
        Some(format!("knows {state:?}"))
    }));
    words.extend(step.alerts.iter().map(|alert| format!("raises {}", alert.kind.name())));
    words.extend(step.account_link.iter().map(|link| format!("links {}", link.agent_id)));
    words.join(", ")
}

/// Returns one line for each event. Outcomes of an effect with the same answer share a line.
fn table(driver: &SessionDriver) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut refused: Vec<String> = Vec::new();
    for event in clicks().into_iter().chain(system_events()).chain(outcomes()) {
        let (name, answer) = (event_name(&event), answer(driver, &event));
        let (head, tail) = name.split_once(": ").unwrap_or((&name, ""));
        if effect_of(&event).is_some_and(|effect| is_refused(driver, &effect, &answer)) {
            if refused.last().is_none_or(|last| last != head) {
                refused.push(head.to_owned());
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
    if !refused.is_empty() {
        lines.push(format!("Outcomes that are refused and change nothing: {}", refused.join(", ")));
    }
    lines.join("\n")
}

/// Returns true if the state refuses an outcome and leaves its effect to the desk, which drops it.
fn is_refused(driver: &SessionDriver, effect: &Effect, answer: &str) -> bool {
    ["already_done", "closed"].iter().any(|word| {
        answer == format!("{}, refuses {word}, keeps {}", driver.stage(), effect_name(effect))
    })
}

/// Defines one test with one snapshot for each state.
macro_rules! tables {
    ($($name:ident: $driver:expr;)+) => {
        $(#[test]
        fn $name() {
            let table = table(&$driver);
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(table)
            });
        })+
    };
}

tables! {
    found: SessionDriver::found();
    found_suspended: {
        let mut record = julia();
        record.status = Status::Suspended;
        SessionDriver::found_with(record)
    };
    choosing: SessionDriver::choosing();
    proving_agent: later(SessionDriver::proving_agent());
    announcing: later(SessionDriver::announcing());
    proving_customer: later(SessionDriver::proving_customer());
    acting_as_owner: with_a_link(SessionDriver::acting(Role::Owner));
    acting_as_member: SessionDriver::acting(Role::Member);
    found_successor: SessionDriver::found_with(sofia(1));
    choosing_succession: SessionDriver::found_with(sofia(2)).then(Event::Start);
    succeeding: SessionDriver::succeeding();
    closed: SessionDriver::acting(Role::Owner).then(Event::ForceClose(CloseReason::RoleChanged));
    linking: later(SessionDriver::linking_looked_up(true));
    linking_without_account: later(SessionDriver::linking_looked_up(false));
    linking_closed: SessionDriver::linking().then(Event::Dismiss);
    recovering: later(SessionDriver::recovering_mailed());
    recovering_closed: SessionDriver::recovering_mailed().then(Event::Dismiss);
}

/// Waits until the next code can be sent.
fn later(mut driver: SessionDriver) -> SessionDriver {
    driver.skip(RESEND_WAIT);
    driver
}

/// Opens an access link to the web.
fn with_a_link(mut driver: SessionDriver) -> SessionDriver {
    driver.click(Event::Open(Target::Web));
    let expires_at = NOW + RESEND_WAIT;
    driver.apply(Event::Issued {
        target: Target::Web,
        nth: 1,
        outcome: Ok(("https://shop.example/in".into(), expires_at)),
    });
    driver
}
