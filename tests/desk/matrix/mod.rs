//! The fault matrix: every fault at every step of every road.
//!
//! [`roads`] are data, and so are [`faults`], with the rule of where somebody has to be after each.
//! A [`cell`] walks a road up to a step, lets the fault [`strike`] there, comes back, walks on to
//! the end, and has [`judge`] look whether everything happened once. Each test is one fault on one
//! road; together they write the [`table`] into `target/tmp/faults/faults.md`.

pub mod acts;
mod cell;
mod faults;
mod judge;
mod postgres;
mod processes;
mod roads;
mod step;
mod strike;
mod table;
mod wire;

use cell::Cell;
use faults::{Fault, Way};
use futures_util::StreamExt as _;
use step::Road;

use crate::store::Engine;

/// How many cells that wait in real time are tried at once: they cost nothing but the wait.
const AT_ONCE: usize = 8;

/// Tries a fault at every step of a road.
async fn every_step(road: &'static Road, fault: Fault, way: Way, engine: Engine) {
    // A server has more to do with each world than a file has.
    let at_once = if fault.waits() && engine == Engine::Sqlite { AT_ONCE } else { 1 };
    let verdicts: Vec<_> = futures_util::stream::iter(Cell::all(road, fault, way, engine))
        .map(async |cell| (cell, cell.is_tried().await))
        .buffered(at_once)
        .collect()
        .await;
    table::keep(road, fault, way, engine, &verdicts);
    let wrong: Vec<_> = verdicts
        .into_iter()
        .filter_map(|(cell, verdict)| {
            let step = &cell.road.steps[cell.step];
            let asks = cell.ask.map_or("", |ask| step.asks[ask].of);
            verdict
                .err()
                .map(|why| format!("{}, {} {asks}, {:?}: {why}", road.name, step.name, cell.fault))
        })
        .collect();
    assert!(wrong.is_empty(), "{} cells:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// One test for each fault on a road.
macro_rules! matrix {
    ($($module:ident: $road:ident;)*) => {
        $(
            mod $module {
                use super::{Engine, Fault, Way, every_step, roads};

                each_fault! {
                    $road on Sqlite:
                    killed_before: KilledBefore then Resume;
                    killed_between: KilledBetween then Resume;
                    killed_after: KilledAfter then Resume;
                    stopped: Stopped then Resume;
                    the_store_gone_before: StoreGoneBefore then Resume;
                    the_store_gone_between: StoreGoneBetween then Resume;
                    core_refusing: CoreRefuses then Resume;
                    core_silent: CoreSilent then Resume;
                    late: Late then Resume;
                    hanging: Hangs then Resume;
                    failing: Fails then Resume;
                    a_server_error: ServerError then Resume;
                    garbage: Garbage then Resume;
                    throttled: Throttled then Resume;
                    an_answer_cut: AnswerCut then Resume;
                    discord_busy: Busy then Resume;
                    discord_stumbling: Stumbles then Resume;
                    an_answer_never_taken: NeverTaken then Resume;
                    discord_busy_for_long: BusyForLong then Resume;
                    an_answer_lost: AnswerLost then Resume;
                    an_edit_while_discord_is_busy: EditBusy then Resume;
                    an_edit_over_which_discord_stumbles: EditStumbles then Resume;
                    an_edit_never_taken: EditNever then Resume;
                    an_edit_while_discord_is_busy_for_long: EditBusyForLong then Resume;
                    a_link_lost_on_the_way_back: FollowUpLost then Resume;
                    a_link_never_taken: FollowUpNever then Resume;
                    the_socket_dropped_before: SocketBefore then Resume;
                    the_socket_dropped_over_it: SocketOver then Resume;
                    a_late_replay: ReplayedLate then Resume;
                    an_invalid_session: InvalidResumable then Resume;
                    an_invalid_session_and_a_click_that_nobody_hears: InvalidUnheard then Resume;
                    delivered_twice: Twice then Resume;
                    killed_before_and_pressed_again: KilledBefore then OldPanel;
                    killed_between_and_pressed_again: KilledBetween then OldPanel;
                    the_store_gone_between_and_pressed_again: StoreGoneBetween then OldPanel;
                    an_answer_never_taken_and_pressed_again: NeverTaken then OldPanel;
                    an_edit_never_taken_and_pressed_again: EditNever then OldPanel;
                    a_late_replay_and_pressed_again: ReplayedLate then OldPanel;
                }
            }
        )*
    };
}

/// Likewise, for each whose outcome depends on the store's engine.
macro_rules! matrix_on_postgres {
    ($($module:ident: $road:ident;)*) => {
        $(
            mod $module {
                use super::{Engine, Fault, Way, every_step, roads};

                each_fault! {
                    $road on Postgres:
                    killed_before: KilledBefore then Resume;
                    killed_between: KilledBetween then Resume;
                    killed_after: KilledAfter then Resume;
                    stopped: Stopped then Resume;
                    the_store_gone_before: StoreGoneBefore then Resume;
                    the_store_gone_between: StoreGoneBetween then Resume;
                    a_late_replay: ReplayedLate then Resume;
                    delivered_twice: Twice then Resume;
                }
            }
        )*
    };
}

macro_rules! each_fault {
    ($road:ident on $engine:ident: $($name:ident: $fault:ident then $way:ident;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                every_step(&roads::$road, Fault::$fault, Way::$way, Engine::$engine).await;
            }
        )*
    };
}

matrix! {
    owner: OWNER;
    member: MEMBER;
    aside: ASIDE;
    successor: SUCCESSOR;
    resume: RESUME;
    link: LINK;
    recover: RECOVER;
}

matrix_on_postgres! {
    owner_on_postgres: OWNER;
}
