//! Timers: activity that renews the idle timer; when a panel warns, is stripped and closes; when
//! access links end.

use std::time::Duration;

use commands::model::customer::Role;
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::limit::Attempts;
use commands::model::outcome::CodeCheck;
use commands::model::time::{Timestamp, minutes};
use commands::model::timers::{IDLE_CLOSE, ORPHANED_AFTER};
use commands::model::words::{CloseReason, Purpose, Target};

use crate::events::clicks;
use crate::names::event_name;
use crate::screen_text::screen_text;
use crate::session_driver::{A_MILLISECOND, MAC, NOW, SessionDriver};

/// Returns whether the panel warns and is stripped, and the reason of a close.
fn shown(driver: &SessionDriver) -> (bool, bool, Option<CloseReason>) {
    (
        driver.session.clocks.warns(),
        driver.session.clocks.stripped,
        driver.session.closed().map(|(reason, _)| reason),
    )
}

fn at(time: Duration) -> Timestamp {
    NOW + time
}

#[test]
fn idle_session_warns_strips_and_closes_on_time() {
    for mut driver in [
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
        for (moment, expected) in moments {
            driver.advance(at(moment).since(driver.now));
            assert_eq!(shown(&driver), expected, "{moment:?} in {}", driver.stage());
        }
        driver.advance(A_MILLISECOND);
        assert_eq!(driver.session.closed(), Some((CloseReason::Idle, at(minutes(15)))));
    }
}

#[test]
fn active_session_ends_an_hour_after_start() {
    let mut driver = SessionDriver::acting(Role::Owner);
    for _ in 0..5 {
        driver.advance(minutes(11));
        driver.click(Event::Resume);
    }
    let moments = [
        (minutes(57) - A_MILLISECOND, (false, false, None)),
        (minutes(57), (true, false, None)),
        (minutes(60) - Duration::from_secs(15) - A_MILLISECOND, (true, false, None)),
        (minutes(60) - Duration::from_secs(15), (true, true, None)),
    ];
    for (moment, expected) in moments {
        driver.advance(at(moment).since(driver.now));
        assert_eq!(shown(&driver), expected, "{moment:?}");
        driver.session.clocks.renew(driver.now);
        driver.session.clocks.stripped = expected.1;
    }
    driver.advance(Duration::from_secs(15));
    assert_eq!(driver.session.closed(), Some((CloseReason::Absolute, at(minutes(60)))));
}

#[test]
fn wrong_codes_of_customer_do_not_move_the_absolute_end() {
    let mut driver = SessionDriver::proving_customer();
    driver.advance(minutes(9));
    driver.type_wrong_code();
    for _ in 0..2 {
        driver.advance(minutes(11));
        driver.click(Event::Resend);
        driver.mail_code();
        driver.advance(minutes(9));
        driver.type_wrong_code();
    }
    driver.advance(at(minutes(57)).since(driver.now));
    assert_eq!(shown(&driver), (true, false, None));
    driver.advance(minutes(3));
    assert_eq!(driver.session.closed(), Some((CloseReason::Absolute, at(minutes(60)))));
}

#[test]
fn absolute_end_counts_from_start() {
    let mut driver = SessionDriver::found();
    for _ in 0..10 {
        driver.advance(minutes(11));
        driver.click(Event::Stay);
    }
    assert_eq!(driver.stage(), "found");
    driver.click(Event::Start);
    driver.advance(minutes(11));
    assert_eq!(driver.stage(), "choosing");
}

#[test]
fn click_ends_warning_and_restores_stripped_panel() {
    let mut driver = SessionDriver::acting(Role::Owner);
    driver.advance(minutes(12));
    driver.click(Event::Stay);
    assert_eq!(shown(&driver), (false, false, None));
    driver.advance(minutes(15) - A_MILLISECOND);
    assert_eq!(shown(&driver), (true, true, None));
    driver.click(Event::Resume);
    assert_eq!(shown(&driver), (false, false, None));
    assert_eq!(driver.session.clocks.end(), driver.now + IDLE_CLOSE);
}

#[test]
fn late_timer_still_closes_session() {
    let mut driver = SessionDriver::acting(Role::Owner);
    driver.skip(minutes(200));
    driver.apply(Event::TimerFired);
    assert_eq!(driver.session.closed(), Some((CloseReason::Idle, at(minutes(200)))));

    // The last activity is at 55 minutes, so the idle timeout would follow at 70.
    let mut driver = SessionDriver::acting(Role::Owner);
    for _ in 0..5 {
        driver.advance(minutes(11));
        driver.click(Event::Resume);
    }
    driver.skip(minutes(6));
    driver.apply(Event::TimerFired);
    assert_eq!(driver.session.closed(), Some((CloseReason::Absolute, at(minutes(61)))));
}

#[test]
fn timer_after_missed_warning_strips_at_once() {
    let mut driver = SessionDriver::acting(Role::Owner);
    driver.skip(minutes(15) - Duration::from_secs(10));
    driver.apply(Event::TimerFired);
    assert_eq!(shown(&driver), (true, true, None));
}

#[test]
fn clicks_renew_unless_customer_code_is_awaited() {
    let mut announcing = SessionDriver::announcing();
    let mut awaiting = SessionDriver::proving_customer();
    announcing.skip(minutes(2));
    awaiting.skip(minutes(2));
    let renews = |driver: &SessionDriver, event: &Event| {
        driver.clone().then(event.clone()).session.clocks.active_at == driver.now
    };
    let clicks: Vec<_> =
        clicks().into_iter().filter(|event| !matches!(event, Event::Cancel(_))).collect();
    for event in &clicks {
        assert!(renews(&announcing, event), "{}", event_name(event));
    }
    let renewing: Vec<_> =
        clicks.iter().filter(|event| renews(&awaiting, event)).map(event_name).collect();
    assert_eq!(renewing, ["Resend", "Typed"]);
}

#[test]
fn outcomes_and_timers_renew_nothing() {
    let mut driver = SessionDriver::proving_agent();
    driver.click(Event::Typed(Some(MAC.to_owned())));
    driver.advance(minutes(1));
    let outcome = Ok(CodeCheck::Mismatch);
    driver.apply(Event::Checked {
        purpose: Purpose::AgentMfa,
        nth: 1,
        outcome,
        attempts: Attempts::default(),
    });
    driver.apply(Event::TimerFired);
    assert_eq!(driver.session.clocks.active_at, NOW);
}

#[test]
fn sends_and_codes_renew_while_customer_is_awaited() {
    let mut driver = SessionDriver::proving_customer();
    driver.advance(minutes(5));
    driver.click(Event::Resend);
    assert_eq!(driver.session.clocks.active_at, driver.now);
    driver.mail_code();
    driver.advance(Duration::from_secs(30));
    driver.click(Event::Resend);
    assert_ne!(driver.session.clocks.active_at, driver.now, "too early to send");
    driver.type_wrong_code();
    assert_eq!(driver.session.clocks.active_at, driver.now);
    driver.advance(minutes(9));
    let active = driver.session.clocks.active_at;
    driver.click(Event::Typed(None));
    assert_eq!(driver.session.clocks.active_at, active, "malformed");
}

#[test]
fn stay_is_hidden_where_it_cannot_renew() {
    let warned_panel = |mut driver: SessionDriver| {
        driver.advance(minutes(12));
        screen_text(&driver.panel(None))
    };
    for driver in [
        SessionDriver::found(),
        SessionDriver::proving_agent(),
        SessionDriver::announcing(),
        SessionDriver::acting(Role::Owner),
        SessionDriver::linking(),
    ] {
        assert!(warned_panel(driver.clone()).contains("[Stay]"), "{}", driver.stage());
        assert_eq!(driver.clone().click(Event::Stay).refusal, None, "{}", driver.stage());
    }
    let awaiting = warned_panel(SessionDriver::proving_customer());
    assert!(awaiting.contains("⏳") && !awaiting.contains("[Stay]"), "{awaiting}");
    let mut driver = SessionDriver::acting(Role::Owner);
    for _ in 0..5 {
        driver.advance(minutes(11));
        driver.click(Event::Resume);
    }
    driver.advance(minutes(3));
    let screen = screen_text(&driver.panel(None));
    assert!(screen.contains("reaches its limit") && !screen.contains("[Stay]"), "{screen}");
}

#[test]
fn access_link_ends_on_time_and_at_close() {
    let with_link = |expires| {
        let mut driver = SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web));
        driver.apply(Event::Issued {
            target: Target::Web,
            nth: 1,
            outcome: Ok(("https://shop.example/in".into(), at(expires))),
        });
        driver
    };
    let mut driver = with_link(Duration::from_mins(1));
    assert_eq!(driver.session.next_at(), Some(at(Duration::from_mins(1))));
    driver.skip(Duration::from_mins(1) - A_MILLISECOND);
    driver.apply(Event::TimerFired);
    assert!(screen_text(&driver.panel(None)).contains("[Open Waizant Web"));
    driver.skip(A_MILLISECOND);
    driver.apply(Event::TimerFired);
    assert!(screen_text(&driver.panel(None)).contains("[Waizant Web]"));
    assert!(driver.session.secrets.access_urls.is_empty());
    for close in crate::events::CLOSE_REASONS {
        let step = with_link(minutes(2)).click(Event::ForceClose(close));
        assert!(step.session.access_links.is_empty(), "{close:?}");
        assert!(step.session.secrets.access_urls.is_empty(), "{close:?}");
        assert!(
            step.session
                .pending
                .iter()
                .any(|pending| matches!(pending.effect, Effect::Revoke { .. }))
        );
    }
}

#[test]
fn short_idle_timeout_scales_its_warnings() {
    let mut driver = SessionDriver::acting(Role::Owner);
    driver.session.clocks.idle_ms = 60_000;
    // The last activity is just before the absolute warning.
    driver.skip(minutes(57) + Duration::from_secs(30));
    driver.session.clocks.renew(driver.now);
    assert_eq!(driver.session.clocks.warn_at(), driver.now + Duration::from_secs(48));
    assert_eq!(driver.session.clocks.strip_at(), driver.now + Duration::from_secs(59));
}

#[test]
fn blocking_effect_is_orphaned_after_a_minute() {
    let mut driver = SessionDriver::proving_agent();
    driver.click(Event::Typed(Some(MAC.to_owned())));
    let orphaned_at = driver.now + ORPHANED_AFTER;
    assert_eq!(driver.session.next_at(), Some(orphaned_at));
    assert!(!driver.session.is_orphaned(orphaned_at - A_MILLISECOND));
    assert!(driver.session.is_orphaned(orphaned_at));
    let outcome = Ok(CodeCheck::Mismatch);
    driver.apply(Event::Checked {
        purpose: Purpose::AgentMfa,
        nth: 1,
        outcome,
        attempts: Attempts::default(),
    });
    assert!(!driver.session.is_orphaned(orphaned_at), "the effect has its outcome");
    let mut closed = SessionDriver::proving_agent();
    closed.click(Event::Typed(Some(MAC.to_owned())));
    closed.apply(Event::ForceClose(CloseReason::RoleChanged));
    assert!(!closed.session.is_orphaned(orphaned_at), "the session is closed");
}
