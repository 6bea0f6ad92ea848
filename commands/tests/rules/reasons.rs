//! Cancelling: how long a reason has to be, where it can be given, and what is kept of it.

use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::refusal::Refusal;
use secrecy::ExposeSecret;

use crate::road::SessionDriver;

fn cancels(road: &SessionDriver, reason: &str) -> (Option<Refusal>, String) {
    let mut road = road.clone();
    let step = road.does(Event::Cancel(reason.to_owned()));
    (step.refusal, road.stage())
}

#[test]
fn ten_to_five_hundred_characters_close_at_every_stage_from_start_on() {
    let roads = [
        SessionDriver::choosing(),
        SessionDriver::proving_agent(),
        SessionDriver::announcing(),
        SessionDriver::proving_customer(),
        SessionDriver::acting(Role::Member),
    ];
    for road in roads {
        let stays = road.stage();
        assert_eq!(cancels(&road, ""), (Some(Refusal::ReasonTooShort), stays.clone()));
        assert_eq!(cancels(&road, &"ñ".repeat(9)), (Some(Refusal::ReasonTooShort), stays.clone()));
        assert_eq!(cancels(&road, &"ñ".repeat(10)), (None, "closed(cancelled)".to_owned()));
        assert_eq!(cancels(&road, &"ñ".repeat(500)), (None, "closed(cancelled)".to_owned()));
        assert_eq!(cancels(&road, &"ñ".repeat(501)), (Some(Refusal::ReasonTooLong), stays));
    }
}

#[test]
fn white_space_is_no_reason() {
    assert_eq!(
        cancels(&SessionDriver::choosing(), &" \n".repeat(20)).0,
        Some(Refusal::ReasonTooShort)
    );
}

#[test]
fn before_start_and_while_linking_there_is_nothing_to_cancel() {
    for road in [SessionDriver::found(), SessionDriver::linking_looked_up(true)] {
        let stays = road.stage();
        assert_eq!(cancels(&road, "the customer hung up"), (Some(Refusal::AlreadyDone), stays));
    }
}

#[test]
fn what_was_refused_stands_in_the_modal_again() {
    let road = SessionDriver::choosing().then(Event::Cancel("not now".to_owned()));
    assert_eq!(
        road.session.secrets.draft.as_ref().map(ExposeSecret::expose_secret),
        Some("not now")
    );
    assert_eq!(
        commands::engine::panel::cancel_form(&road.session).value.as_deref(),
        Some("not now")
    );
    let screen = road.face(Some(&Refusal::ReasonTooShort)).to_string();
    assert!(screen.ends_with("[Try again] [Back]"), "{screen}");
}

#[test]
fn the_trail_keeps_the_reason_masked() {
    let mut road = SessionDriver::proving_customer();
    let step = road.does(Event::Cancel("julia@example.com read out 123456".to_owned()));
    let closed = step.events.iter().find(|act| act.kind == "closed").unwrap();
    assert_eq!(closed.details["reason"], "j•••@e•••.com read out ••••••");
    assert_eq!(closed.details["stage"], "proving_customer");
    assert_eq!(closed.actor, "discord:501");
}
