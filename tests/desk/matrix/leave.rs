//! Leaving a session with the buttons on the screen.

use sandbox::discord::Person;

use super::inject::EDIT_RETRY;
use crate::world::World;

/// Buttons that end a session.
const END: [&str; 3] = ["Finish", "Close", "Cancel"];
/// Buttons that lead back to a panel with a button of [`END`].
const BACK: [&str; 2] = ["Back", "Resume"];
/// Reason in the form of **Cancel**.
const REASON: &str = "The panel cannot be shown";

/// Leaves the session with the buttons on the screen. A closed session has none.
///
/// # Panics
/// If no button ends the session, and none leads back to one that does.
pub(super) async fn leave(world: &World, who: &Person) {
    let offers = |label: &&&str| who.find_button(label).is_some();
    for _ in 0..=BACK.len() {
        let end = END.iter().find(offers);
        let Some(label) = end.or_else(|| BACK.iter().find(offers)) else { return };
        who.presses(label).await;
        if *label == "Cancel" {
            who.submits([REASON]).await;
        }
        let seen = world.with_moving_clock(EDIT_RETRY, who.sees()).await;
        if end.is_some() {
            let ends = ["This session is closed", "This session was finished"];
            let has_ended = ends.iter().any(|end| seen.contains(end));
            assert!(has_ended, "{label} does not leave: {seen}");
            return;
        }
    }
    panic!("the buttons lead to no end of the session");
}
