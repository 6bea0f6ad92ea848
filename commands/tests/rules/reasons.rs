//! The reason of a cancel: its length, the stages that accept it, and its masked form in the trail.

use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::refusal::Refusal;
use secrecy::ExposeSecret;

use crate::screen_text::screen_text;
use crate::session_driver::SessionDriver;

fn cancel(driver: &SessionDriver, reason: &str) -> (Option<Refusal>, String) {
    let mut driver = driver.clone();
    let step = driver.click(Event::Cancel(reason.to_owned()));
    (step.refusal, driver.stage())
}

#[test]
fn reason_of_10_to_500_characters_closes() {
    let drivers = [
        SessionDriver::choosing(),
        SessionDriver::proving_agent(),
        SessionDriver::announcing(),
        SessionDriver::proving_customer(),
        SessionDriver::acting(Role::Member),
    ];
    for driver in drivers {
        let stage = driver.stage();
        assert_eq!(cancel(&driver, ""), (Some(Refusal::ReasonTooShort), stage.clone()));
        assert_eq!(cancel(&driver, &"ñ".repeat(9)), (Some(Refusal::ReasonTooShort), stage.clone()));
        assert_eq!(cancel(&driver, &"ñ".repeat(10)), (None, "closed(cancelled)".to_owned()));
        assert_eq!(cancel(&driver, &"ñ".repeat(500)), (None, "closed(cancelled)".to_owned()));
        assert_eq!(cancel(&driver, &"ñ".repeat(501)), (Some(Refusal::ReasonTooLong), stage));
    }
}

#[test]
fn blank_reason_is_too_short() {
    assert_eq!(
        cancel(&SessionDriver::choosing(), &" \n".repeat(20)).0,
        Some(Refusal::ReasonTooShort)
    );
}

#[test]
fn cancel_before_start_or_while_linking_is_refused() {
    for driver in [SessionDriver::found(), SessionDriver::linking_looked_up(true)] {
        let stage = driver.stage();
        assert_eq!(cancel(&driver, "the customer hung up"), (Some(Refusal::AlreadyDone), stage));
    }
}

#[test]
fn refused_reason_prefills_the_form() {
    let driver = SessionDriver::choosing().then(Event::Cancel("not now".to_owned()));
    assert_eq!(
        driver.session.secrets.draft.as_ref().map(ExposeSecret::expose_secret),
        Some("not now")
    );
    assert_eq!(
        commands::engine::panel::cancel_form(&driver.session).inputs[0].value.as_deref(),
        Some("not now")
    );
    let screen = screen_text(&driver.panel(Some(&Refusal::ReasonTooShort)));
    assert!(screen.ends_with("[Try again] [Back]"), "{screen}");
}

#[test]
fn trail_masks_reason() {
    let mut driver = SessionDriver::proving_customer();
    let step = driver.click(Event::Cancel("julia@example.com read out 123456".to_owned()));
    let closed = step.events.iter().find(|event| event.kind == "closed").unwrap();
    assert_eq!(closed.about["reason"], "j•••@e•••.com read out ••••••");
    assert_eq!(
        closed.details,
        serde_json::json!({ "stage": "proving_customer", "why": "cancelled" })
    );
    assert_eq!(closed.actor, "discord:501");
}
