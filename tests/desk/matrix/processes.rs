//! Cells of the matrix in real time: the real program gets real signals, and PostgreSQL stops and
//! starts.
//!
//! Scenarios, rules and the final check are those of the matrix. Only the waits of the scenarios
//! are left out.

use std::time::Duration;

use sandbox::aws;
use sandbox::discord::Person;

use super::actions::Action;
use super::cell::{Cell, FAULT, OLDER};
use super::check::{Tolerance, check, pending_sessions};
use super::faults::{Fault, ResumePoint, may_repeat};
use super::groups::ReturnVia;
use super::postgres::Postgres;
use super::scenarios::{LINK, OWNER, SUCCESSOR};
use super::step::{Scenario, Step};
use crate::installation::{Installation, keyring};
use crate::program::Program;
use crate::store::Engine;

/// Duration of PostgreSQL's outage.
const OUTAGE: Duration = Duration::from_secs(5);
/// Interval between two looks at the mailbox or the store.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const MAIL_TIMEOUT: Duration = Duration::from_secs(10);
const PENDING_TIMEOUT: Duration = Duration::from_secs(10);

/// Returns the cell of a step and one of its calls, by their names. An empty name means no call.
fn cell(scenario: &'static Scenario, step: &str, function: &str, fault: Fault) -> Cell {
    let step = scenario.steps.iter().position(|other| other.name == step).unwrap();
    let call = scenario.steps[step].calls.iter().position(|call| call.function == function);
    assert_eq!(call.is_none(), function.is_empty());
    Cell { scenario, step, call, fault, via: ReturnVia::Resume, engine: Engine::Sqlite }
}

/// Performs a step and returns what the person sees. A link is shown before its panel is drawn, so
/// a fast click can meet the old panel. Then the person repeats it.
async fn perform(place: &Installation, who: &Person, step: &Step) -> String {
    take(place, who, step.action).await;
    let mut seen = who.sees().await;
    if seen.contains(OLDER) {
        take(place, who, step.action).await;
        seen.push_str(&who.sees().await);
    }
    seen
}

async fn take(place: &Installation, who: &Person, action: Action) {
    match action {
        Action::Types(line) => who.types(line).await,
        Action::Presses(label) => who.presses(label).await,
        Action::Selects(option) => who.selects(option).await,
        Action::Code(address) => {
            let mail = async {
                loop {
                    match place.sandbox.mail.last_code_for(address) {
                        Some(code) => return code,
                        None => tokio::time::sleep(POLL_INTERVAL).await,
                    }
                }
            };
            let code = tokio::time::timeout(MAIL_TIMEOUT, mail).await.expect("no code was mailed");
            who.submits([code.as_str()]).await;
        }
        other => panic!("{other:?} needs the test clock"),
    }
}

async fn walk(place: &Installation, who: &Person, cell: Cell, from: usize, to: usize) {
    for step in cell.scenario.steps.get(from..to).unwrap_or_default() {
        perform(place, who, step).await;
    }
}

/// Returns to the session after the fault and walks to the end of the scenario.
async fn walk_to_end(place: &Installation, who: &Person, cell: Cell, point: ResumePoint) {
    let next = if point == ResumePoint::Next { cell.step + 1 } else { cell.step };
    if cell.scenario.resumable {
        who.reloads();
        who.types("/support resume").await;
        let text = match (point, cell.step().alternative) {
            (ResumePoint::Alternative, Some(alternative)) => alternative.panel_text,
            _ => cell.panel_text(next),
        };
        // A pending effect may draw the panel once more.
        who.sees_at_last(text).await;
    }
    let end = cell.scenario.steps.len();
    if let (ResumePoint::Alternative, Some(alternative)) = (point, cell.step().alternative) {
        for repeated in alternative.actions {
            take(place, who, *repeated).await;
            who.sees().await;
        }
        walk(place, who, cell, cell.entry(cell.step + 1), end).await;
    } else {
        walk(place, who, cell, cell.entry(next), end).await;
    }
    let background = async {
        while pending_sessions(&place.store_url()).await > 0 {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    };
    tokio::time::timeout(PENDING_TIMEOUT, background).await.expect("an effect stays pending");
}

/// Stops the program and checks the end of the scenario.
async fn stop_and_check(
    place: &Installation,
    who: &Person,
    cell: Cell,
    point: ResumePoint,
    program: Program,
) {
    who.sees().await;
    program.signal("-TERM");
    assert_eq!(program.ends().await.code, Some(0));
    let repeated = may_repeat(cell.step(), point);
    let tolerance = Tolerance { repeated, spent: false };
    check(&place.sandbox, &place.store_url(), keyring(), cell.scenario, tolerance).await;
    let mut violations = place.sandbox.discord.violations();
    // A process that continues a killed one cannot know whether the click was answered.
    violations.retain(|violation| {
        cell.fault != Fault::KilledBetween || !violation.what.starts_with("404 10015")
    });
    assert!(violations.is_empty(), "{violations:#?}");
    assert!(
        place.sandbox.aws.contract_violations().is_empty(),
        "{:#?}",
        place.sandbox.aws.contract_violations()
    );
}

/// Kills the process with SIGKILL after the other side has acted and before its reply.
async fn killed(scenario: &'static Scenario, step: &str, function: &str) {
    let cell = cell(scenario, step, function, Fault::KilledBetween);
    let place = Installation::new().await;
    place.link_agents().await;
    let program = place.running().await;
    let who = place.sandbox.discord.person(scenario.person);
    walk(&place, &who, cell, 0, cell.step).await;
    let faults = place.sandbox.aws.faults();
    let before = place.sandbox.aws.calls_of(function).len();
    faults.always(function, aws::Fault::HangAfterWork);
    tokio::select! {
        () = async { perform(&place, &who, cell.step()).await; std::future::pending().await } => {}
        () = faults.worked(function, before + 1) => {}
    }
    program.signal("-KILL");
    assert_eq!(program.ends().await.code, None, "the process was killed");
    faults.clear(function);
    faults.lose(function);
    let program = place.running().await;
    let point = cell.resume_point();
    walk_to_end(&place, &who, cell, point).await;
    stop_and_check(&place, &who, cell, point, program).await;
}

/// Sends SIGTERM during a call. The process answers, exits with 0, and starts again.
async fn terminated(scenario: &'static Scenario, step: &str, function: &str) {
    let cell = cell(scenario, step, function, Fault::Stopped);
    let place = Installation::new().await;
    place.link_agents().await;
    let program = place.running().await;
    let who = place.sandbox.discord.person(scenario.person);
    walk(&place, &who, cell, 0, cell.step).await;
    let faults = place.sandbox.aws.faults();
    let before = place.sandbox.aws.calls_of(function).len();
    faults.hold(function);
    let (seen, ()) = tokio::join!(perform(&place, &who, cell.step()), async {
        faults.arrived(function, before + 1).await;
        program.signal("-TERM");
        place.sandbox.discord.connected(0).await;
        faults.release(function);
    });
    assert!(!seen.is_empty(), "the click has no answer");
    assert_eq!(program.ends().await.code, Some(0));
    let program = place.running().await;
    walk_to_end(&place, &who, cell, ResumePoint::Next).await;
    stop_and_check(&place, &who, cell, ResumePoint::Next, program).await;
}

/// Stops PostgreSQL for five seconds, from the call on, or from before the step if it has no call.
async fn postgres_stopped(scenario: &'static Scenario, step: &str, function: &str) {
    let between = !function.is_empty();
    let mut postgres = Postgres::start();
    let fault = if between { Fault::StoreGoneBetween } else { Fault::StoreGoneBefore };
    let cell = cell(scenario, step, function, fault);
    let place = Installation::on(&postgres.url).await;
    place.link_agents().await;
    let program = place.running().await;
    let who = place.sandbox.discord.person(scenario.person);
    walk(&place, &who, cell, 0, cell.step).await;
    let faults = place.sandbox.aws.faults();
    let before = place.sandbox.aws.calls_of(function).len();
    if between {
        faults.hold(function);
    } else {
        postgres = postgres.stop().await;
    }
    let (seen, _postgres) = tokio::join!(perform(&place, &who, cell.step()), async {
        if between {
            faults.arrived(function, before + 1).await;
            postgres = postgres.stop().await;
            faults.release(function);
        }
        tokio::time::sleep(OUTAGE).await;
        postgres.restart().await
    });
    assert!(
        !seen.is_empty() && !seen.contains("This interaction failed"),
        "no answer in time: {seen}"
    );
    // The bot waits for its store for a moment. If that was too short, the person saw an error.
    let point =
        if between || !seen.contains(FAULT) { ResumePoint::Next } else { ResumePoint::Same };
    walk_to_end(&place, &who, cell, point).await;
    stop_and_check(&place, &who, cell, point, program).await;
}

macro_rules! in_real_time {
    ($($name:ident: $how:ident($scenario:ident, $step:literal, $function:literal);)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                $how(&$scenario, $step, $function).await;
            }
        )*
    };
}

in_real_time! {
    sigkill_while_customer_code_is_mailed: killed(OWNER, "Send code", "cs-otp-send");
    sigkill_while_code_is_checked: killed(OWNER, "customer's code", "cs-otp-verify");
    sigkill_while_link_is_issued: killed(OWNER, "Waizant Web", "cs-access");
    sigkill_while_links_are_revoked: killed(OWNER, "Finish", "cs-access");
    sigkill_while_qr_is_mailed: killed(SUCCESSOR, "Send QR", "cs-message");
    sigkill_while_link_notice_is_mailed: killed(LINK, "the code", "cs-message");
    sigterm_while_link_is_issued: terminated(OWNER, "Waizant Web", "cs-access");
    sigterm_while_qr_is_mailed: terminated(SUCCESSOR, "Send QR", "cs-message");
    sigterm_while_link_code_is_mailed: terminated(LINK, "/account link", "cs-otp-send");
    postgres_stopped_before_start: postgres_stopped(OWNER, "Start", "");
    postgres_stopped_before_finish: postgres_stopped(OWNER, "Finish", "");
    postgres_stopped_while_agent_code_is_mailed:
        postgres_stopped(OWNER, "choose an ecosystem", "cs-otp-send");
    postgres_stopped_while_link_is_issued: postgres_stopped(OWNER, "Waizant Web", "cs-access");
    postgres_stopped_while_qr_is_mailed: postgres_stopped(SUCCESSOR, "Send QR", "cs-message");
}
