//! Fault matrix: every fault at every step of every scenario.
//!
//! [`scenarios`] and [`faults`] are data. A [`cell`] combines one step with one fault. [`inject`]
//! performs the step under the fault. [`check`](check::check) verifies the end of the scenario.
//! Each test runs one fault at all steps of one scenario. The tests collect their results in
//! `target/tmp/faults/faults.md` (see [`table`]).
//!
//! # One cell in detail
//!
//! Scenario `technical, owner`, step `Send code`, call `cs-otp-send`, fault `killed between`,
//! return through `/support resume`:
//!
//! 1. A new world starts. Ben performs the steps before `Send code`: he looks up Julia, starts the
//!    verification, chooses Casa Luz and enters his own code.
//! 2. Ben presses **Send code**. The function mails the code to Julia, and its reply hangs.
//! 3. The process is killed. The store still holds the effect as pending. The next process calls
//!    `cs-otp-send` again under the same key, so the function mails nothing. Ben's client says that
//!    the interaction failed.
//! 4. The rule `Fault::resume_point` returns `ResumePoint::Next`: the step counts as done. Ben
//!    restarts his client and types `/support resume`. The panel must show "A code was mailed to
//!    the **customer**", which is the text of the next step.
//! 5. Ben performs the remaining steps, up to **Finish**.
//! 6. The check passes: three mails, two keys for `cs-otp-send`, each trail event as often as the
//!    scenario says, a valid chain, no pending effect, no open session and no open link.
//! 7. The table shows `resume`: the step is done, and `/support resume` shows it.

/// Creates one test for each fault of a scenario.
macro_rules! each_fault {
    ($scenario:ident on $engine:ident: $($name:ident: $fault:ident via $via:ident;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                every_step(
                    &scenarios::$scenario,
                    Fault::$fault,
                    ReturnVia::$via,
                    Engine::$engine,
                )
                .await;
            }
        )*
    };
}

pub mod actions;
mod before;
mod cell;
mod check;
mod core_db;
mod faults;
mod groups;
mod inject;
mod lead_groups;
mod lead_scenarios;
mod leads;
mod leave;
mod postgres;
mod processes;
mod scenarios;
mod step;
mod steps;
mod table;
mod wire;

use cell::Cell;
use faults::Fault;
use futures_util::StreamExt as _;
use groups::ReturnVia;
use step::Scenario;

use crate::store::Engine;

/// Number of cells that run at once if they mostly wait in real time.
const CONCURRENT_CELLS: usize = 8;

/// Runs a fault at every step of a scenario. Panics with all cells that fail.
async fn every_step(scenario: &'static Scenario, fault: Fault, via: ReturnVia, engine: Engine) {
    // On PostgreSQL one at a time, because each world costs the server a database.
    let concurrent = if fault.waits() && engine == Engine::Sqlite { CONCURRENT_CELLS } else { 1 };
    let results: Vec<_> = futures_util::stream::iter(Cell::all(scenario, fault, via, engine))
        .map(async |cell| (cell, cell.run().await))
        .buffered(concurrent)
        .collect()
        .await;
    table::save_column(scenario, fault, via, engine, &results);
    let failed: Vec<_> = results
        .into_iter()
        .filter_map(|(cell, result)| result.err().map(|why| format!("{}: {why}", cell.name())))
        .collect();
    assert!(failed.is_empty(), "{} cells failed:\n\n{}", failed.len(), failed.join("\n\n"));
}

/// Creates one test for each fault of a scenario, with the store in `SQLite`.
macro_rules! matrix {
    ($($module:ident: $scenario:ident;)*) => {
        $(
            mod $module {
                use super::{Engine, Fault, ReturnVia, every_step, scenarios};

                each_fault! {
                    $scenario on Sqlite:
                    killed_before: KilledBefore via Resume;
                    killed_between: KilledBetween via Resume;
                    killed_after: KilledAfter via Resume;
                    stopped: Stopped via Resume;
                    store_gone_before: StoreGoneBefore via Resume;
                    store_gone_between: StoreGoneBetween via Resume;
                    core_refuses: CoreRefuses via Resume;
                    core_silent: CoreSilent via Resume;
                    core_replaced: CoreReplaced via Resume;
                    core_missing: CoreMissing via Resume;
                    core_column_missing: CoreColumnMissing via Resume;
                    call_slow: CallSlow via Resume;
                    call_hangs: CallHangs via Resume;
                    call_fails: CallFails via Resume;
                    call_server_error: CallServerError via Resume;
                    call_garbage: CallGarbage via Resume;
                    call_throttled: CallThrottled via Resume;
                    call_reply_cut: CallReplyCut via Resume;
                    answer_rate_limited: AnswerRateLimited via Resume;
                    answer_server_error: AnswerServerError via Resume;
                    answer_cut: AnswerCut via Resume;
                    answer_never_accepted: AnswerNever via Resume;
                    answer_rate_limited_for_long: AnswerRateLimitedLong via Resume;
                    answer_lost: AnswerLost via Resume;
                    answer_refused: AnswerRefused via Resume;
                    edit_rate_limited: EditRateLimited via Resume;
                    edit_server_error: EditServerError via Resume;
                    edit_lost: EditLost via Resume;
                    edit_never_accepted: EditNever via Resume;
                    edit_rate_limited_for_long: EditRateLimitedLong via Resume;
                    edit_refused: EditRefused via Resume;
                    socket_dropped_before: SocketBefore via Resume;
                    socket_dropped_during: SocketDuring via Resume;
                    reconnect_requested: ReconnectRequested via Resume;
                    click_replayed_late: ReplayedLate via Resume;
                    gateway_session_invalid: InvalidResumable via Resume;
                    gateway_session_invalid_click_lost: InvalidClickLost via Resume;
                    delivered_twice: DeliveredTwice via Resume;
                    killed_before_old_panel: KilledBefore via OldPanel;
                    killed_between_old_panel: KilledBetween via OldPanel;
                    store_gone_between_old_panel: StoreGoneBetween via OldPanel;
                    answer_never_accepted_old_panel: AnswerNever via OldPanel;
                    edit_never_accepted_old_panel: EditNever via OldPanel;
                    click_replayed_late_old_panel: ReplayedLate via OldPanel;
                    answer_refused_old_panel: AnswerRefused via OldPanel;
                    edit_refused_old_panel: EditRefused via OldPanel;
                    answer_refused_leaving: AnswerRefused via Leaving;
                    edit_refused_leaving: EditRefused via Leaving;
                }
            }
        )*
    };
}

/// Creates one test for each fault whose result depends on the engine, with the store in
/// PostgreSQL.
macro_rules! matrix_on_postgres {
    ($($module:ident: $scenario:ident;)*) => {
        $(
            mod $module {
                use super::{Engine, Fault, ReturnVia, every_step, scenarios};

                each_fault! {
                    $scenario on Postgres:
                    killed_before: KilledBefore via Resume;
                    killed_between: KilledBetween via Resume;
                    killed_after: KilledAfter via Resume;
                    stopped: Stopped via Resume;
                    store_gone_before: StoreGoneBefore via Resume;
                    store_gone_between: StoreGoneBetween via Resume;
                    click_replayed_late: ReplayedLate via Resume;
                    delivered_twice: DeliveredTwice via Resume;
                }
            }
        )*
    };
}

/// Creates one test for each fault that concerns one database, with this database in PostgreSQL: a
/// failover of the store, or a change of Core.
macro_rules! matrix_of_database_on_postgres {
    ($($module:ident: $scenario:ident;)*) => {
        $(
            mod $module {
                use super::{Engine, Fault, ReturnVia, every_step, scenarios};

                each_fault! {
                    $scenario on Postgres:
                    failover_before: FailoverBefore via Resume;
                    failover_between: FailoverBetween via Resume;
                    core_replaced: CoreReplaced via Resume;
                    core_missing: CoreMissing via Resume;
                    core_column_missing: CoreColumnMissing via Resume;
                }
            }
        )*
    };
}

matrix! {
    owner: OWNER;
    member: MEMBER;
    detours: DETOURS;
    successor: SUCCESSOR;
    resume: RESUME;
    link: LINK;
    recover: RECOVER;
}

matrix_on_postgres! {
    owner_on_postgres: OWNER;
}

matrix_of_database_on_postgres! {
    owner_database: OWNER;
    member_database: MEMBER;
    detours_database: DETOURS;
    successor_database: SUCCESSOR;
    resume_database: RESUME;
    link_database: LINK;
    recover_database: RECOVER;
}
