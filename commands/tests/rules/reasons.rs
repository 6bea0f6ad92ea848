//! Cancelling: how long a reason has to be, where it can be given, and what is kept of it.

use commands::customer::Role;
use commands::error::Refusal;
use commands::step::Event;
use secrecy::ExposeSecret;

use crate::road::Road;

fn cancels(road: &Road, reason: &str) -> (Option<Refusal>, String) {
    let mut road = road.clone();
    let step = road.does(Event::Cancel(reason.to_owned()));
    (step.refusal, road.stage())
}

#[test]
fn ten_to_five_hundred_characters_close_at_every_stage_from_start_on() {
    let roads = [
        Road::choosing(),
        Road::proving_agent(),
        Road::announcing(),
        Road::proving_customer(),
        Road::acting(Role::Member),
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
    assert_eq!(cancels(&Road::choosing(), &" \n".repeat(20)).0, Some(Refusal::ReasonTooShort));
}

#[test]
fn before_start_and_while_linking_there_is_nothing_to_cancel() {
    for road in [Road::found(), Road::linking_looked_up(true)] {
        let stays = road.stage();
        assert_eq!(cancels(&road, "the customer hung up"), (Some(Refusal::AlreadyDone), stays));
    }
}

#[test]
fn what_was_refused_stands_in_the_modal_again() {
    let road = Road::choosing().then(Event::Cancel("not now".to_owned()));
    assert_eq!(
        road.session.secrets.draft.as_ref().map(ExposeSecret::expose_secret),
        Some("not now")
    );
    assert_eq!(commands::face::why(&road.session).value.as_deref(), Some("not now"));
    let screen = road.face(Some(&Refusal::ReasonTooShort)).to_string();
    assert!(screen.ends_with("[Try again] [Back]"), "{screen}");
}

#[test]
fn the_trail_keeps_the_reason_masked() {
    let mut road = Road::proving_customer();
    let step = road.does(Event::Cancel("julia@example.com read out 123456".to_owned()));
    let closed = step.acts.iter().find(|act| act.what == "closed").unwrap();
    assert_eq!(closed.detail["reason"], "j•••@e•••.com read out ••••••");
    assert_eq!(closed.detail["stage"], "proving_customer");
    assert_eq!(closed.who, "discord:501");
}
