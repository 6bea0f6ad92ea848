//! The clocks: what renews the idle one, when a panel warns, is stripped and closes, and when links
//! end.

use std::time::Duration;

use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::outcome::CodeCheck;
use commands::model::time::{Timestamp, minutes};
use commands::model::timers::{IDLE_CLOSE, ORPHANED_AFTER};
use commands::model::words::{CloseReason, Target};

use crate::events::{clicks, named};
use crate::road::{MAC, NOW, SessionDriver};

const A_MILLISECOND: Duration = Duration::from_millis(1);

/// What shows of the clocks: warned, stripped, closed.
fn shows(road: &SessionDriver) -> (bool, bool, Option<CloseReason>) {
    (
        road.session.clocks.warns(),
        road.session.clocks.stripped,
        road.session.closed().map(|(closing, _)| closing),
    )
}

fn at(time: Duration) -> Timestamp {
    NOW + time
}

#[test]
fn an_idle_session_warns_at_12_00_strips_at_14_45_and_closes_at_15_00() {
    for mut road in [
        SessionDriver::found(),
        SessionDriver::proving_agent(),
        SessionDriver::proving_customer(),
        SessionDriver::acting(Role::Owner),
        SessionDriver::linking(),
    ] {
        let moments = [
            (minutes(12) - A_MILLISECOND, (false, false, None)),
            (minutes(12), (true, false, None)),
            (minutes(15) - Duration::from_secs(15) - A_MILLISECOND, (true, false, None)),
            (minutes(15) - Duration::from_secs(15), (true, true, None)),
            (minutes(15) - A_MILLISECOND, (true, true, None)),
        ];
        for (moment, shown) in moments {
            road.passes(at(moment).since(road.now));
            assert_eq!(shows(&road), shown, "{moment:?} in {}", road.stage());
        }
        road.passes(A_MILLISECOND);
        assert_eq!(road.session.closed(), Some((CloseReason::Idle, at(minutes(15)))));
    }
}

#[test]
fn the_absolute_end_comes_an_hour_after_start_whatever_moves() {
    let mut road = SessionDriver::acting(Role::Owner);
    for _ in 0..5 {
        road.passes(minutes(11));
        road.does(Event::Resume);
    }
    let moments = [
        (minutes(57) - A_MILLISECOND, (false, false, None)),
        (minutes(57), (true, false, None)),
        (minutes(60) - Duration::from_secs(15) - A_MILLISECOND, (true, false, None)),
        (minutes(60) - Duration::from_secs(15), (true, true, None)),
    ];
    for (moment, shown) in moments {
        road.passes(at(moment).since(road.now));
        assert_eq!(shows(&road), shown, "{moment:?}");
        road.session.clocks.renew(road.now);
        road.session.clocks.stripped = shown.1;
    }
    road.passes(Duration::from_secs(15));
    assert_eq!(road.session.closed(), Some((CloseReason::Absolute, at(minutes(60)))));
}

#[test]
fn a_look_up_has_no_absolute_end() {
    let mut road = SessionDriver::found();
    for _ in 0..10 {
        road.passes(minutes(11));
        road.does(Event::Stay);
    }
    assert_eq!(road.stage(), "found");
}

#[test]
fn a_click_ends_the_warning_and_a_stripped_panel_comes_back() {
    let mut road = SessionDriver::acting(Role::Owner);
    road.passes(minutes(12));
    road.does(Event::Stay);
    assert_eq!(shows(&road), (false, false, None));
    road.passes(minutes(15) - A_MILLISECOND);
    assert_eq!(shows(&road), (true, true, None));
    road.does(Event::Resume);
    assert_eq!(shows(&road), (false, false, None));
    assert_eq!(road.session.clocks.end(), road.now + IDLE_CLOSE);
}

#[test]
fn a_close_that_comes_late_is_still_one() {
    let mut road = SessionDriver::acting(Role::Owner);
    road.skips(minutes(200));
    road.hears(Event::TimerFired);
    assert_eq!(road.session.closed(), Some((CloseReason::Idle, at(minutes(200)))));
}

#[test]
fn a_session_that_slept_over_the_warning_is_stripped_at_once() {
    let mut road = SessionDriver::acting(Role::Owner);
    road.skips(minutes(15) - Duration::from_secs(10));
    road.hears(Event::TimerFired);
    assert_eq!(shows(&road), (true, true, None));
}

#[test]
fn every_click_renews_but_while_the_customer_s_code_is_awaited() {
    let mut announcing = SessionDriver::announcing();
    let mut awaiting = SessionDriver::proving_customer();
    announcing.skips(minutes(2));
    awaiting.skips(minutes(2));
    let renews = |road: &SessionDriver, event: &Event| {
        road.clone().then(event.clone()).session.clocks.active_at == road.now
    };
    let clicks: Vec<_> =
        clicks().into_iter().filter(|event| !matches!(event, Event::Cancel(_))).collect();
    for event in &clicks {
        assert!(renews(&announcing, event), "{}", named(event));
    }
    let renewing: Vec<_> =
        clicks.iter().filter(|event| renews(&awaiting, event)).map(named).collect();
    assert_eq!(renewing, ["Resend", "Typed"]);
}

#[test]
fn outcomes_and_clocks_renew_nothing() {
    let mut road = SessionDriver::proving_agent();
    road.does(Event::Typed(Some(MAC.to_owned())));
    road.passes(minutes(1));
    let outcome = Ok(CodeCheck::Mismatch);
    road.hears(Event::Checked {
        purpose: commands::model::words::Purpose::AgentMfa,
        nth: 1,
        outcome,
        count: 1,
    });
    road.hears(Event::TimerFired);
    assert_eq!(road.session.clocks.active_at, NOW);
}

#[test]
fn while_the_customer_s_code_is_awaited_a_resend_in_time_and_well_formed_codes_renew() {
    let mut road = SessionDriver::proving_customer();
    road.passes(minutes(5));
    road.does(Event::Resend);
    assert_eq!(road.session.clocks.active_at, road.now);
    road.mails();
    road.passes(Duration::from_secs(30));
    road.does(Event::Resend);
    assert_ne!(road.session.clocks.active_at, road.now, "too early: nothing was sent");
    road.types_wrong();
    assert_eq!(road.session.clocks.active_at, road.now);
    road.passes(minutes(9));
    let active = road.session.clocks.active_at;
    road.does(Event::Typed(None));
    assert_eq!(road.session.clocks.active_at, active, "malformed");
}

#[test]
fn stay_is_not_offered_while_the_customer_s_code_is_awaited_nor_at_the_absolute_end() {
    let stays = |mut road: SessionDriver| {
        road.passes(minutes(12));
        road.face(None).to_string()
    };
    for road in [
        SessionDriver::found(),
        SessionDriver::proving_agent(),
        SessionDriver::announcing(),
        SessionDriver::acting(Role::Owner),
        SessionDriver::linking(),
    ] {
        assert!(stays(road.clone()).contains("[Stay]"), "{}", road.stage());
        assert_eq!(road.clone().does(Event::Stay).refusal, None, "{}", road.stage());
    }
    assert!(!stays(SessionDriver::proving_customer()).contains("[Stay]"));
    let mut road = SessionDriver::acting(Role::Owner);
    for _ in 0..5 {
        road.passes(minutes(11));
        road.does(Event::Resume);
    }
    road.passes(minutes(3));
    let screen = road.face(None).to_string();
    assert!(screen.contains("reaches its limit") && !screen.contains("[Stay]"), "{screen}");
}

#[test]
fn a_link_ends_at_its_time_and_at_any_close() {
    let opened = |expires| {
        let mut road = SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web));
        road.hears(Event::Issued {
            target: Target::Web,
            nth: 1,
            outcome: Ok((Some(77), at(expires))),
        });
        road
    };
    let mut road = opened(Duration::from_mins(1));
    assert_eq!(road.session.next_at(), Some(at(Duration::from_mins(1))));
    road.skips(Duration::from_mins(1) - A_MILLISECOND);
    assert!(road.hears(Event::TimerFired).expired.is_empty());
    road.skips(A_MILLISECOND);
    assert_eq!(road.hears(Event::TimerFired).expired.len(), 1);
    assert!(road.session.access_links.is_empty());
    for close in crate::events::CLOSINGS {
        let step = opened(minutes(2)).does(Event::ForceClose(close));
        assert_eq!(step.expired.len(), 1, "{close:?}");
        assert!(
            step.session
                .pending
                .iter()
                .any(|pending| pending.effect == commands::model::effect::Effect::Revoke)
        );
    }
}

#[test]
fn in_trials_the_warning_comes_with_the_shorter_idle_timeout_until_the_end() {
    let mut road = SessionDriver::acting(Role::Owner);
    road.session.clocks.idle_ms = 60_000;
    // Busy until just before the absolute clock would warn.
    road.skips(minutes(57) + Duration::from_secs(30));
    road.session.clocks.renew(road.now);
    assert_eq!(road.session.clocks.warn_at(), road.now + Duration::from_secs(48));
    assert_eq!(road.session.clocks.strip_at(), road.now + Duration::from_secs(59));
}

#[test]
fn what_the_panel_waits_for_is_looked_at_a_minute_after_it_was_asked() {
    let mut road = SessionDriver::proving_agent();
    road.does(Event::Typed(Some(MAC.to_owned())));
    let orphaned_at = road.now + ORPHANED_AFTER;
    assert_eq!(road.session.next_at(), Some(orphaned_at));
    assert!(!road.session.is_orphaned(orphaned_at - A_MILLISECOND));
    assert!(road.session.is_orphaned(orphaned_at));
    let outcome = Ok(CodeCheck::Mismatch);
    road.hears(Event::Checked {
        purpose: commands::model::words::Purpose::AgentMfa,
        nth: 1,
        outcome,
        count: 1,
    });
    assert!(!road.session.is_orphaned(orphaned_at), "it has its outcome");
    let mut closed = SessionDriver::proving_agent();
    closed.does(Event::Typed(Some(MAC.to_owned())));
    closed.hears(Event::ForceClose(CloseReason::RoleChanged));
    assert!(!closed.session.is_orphaned(orphaned_at), "nobody waits for it any more");
}
