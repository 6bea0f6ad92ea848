//! A few cells of the matrix in real time: a real process that gets real signals, and a PostgreSQL
//! that is stopped and started.
//!
//! The roads, the rules and the judgement are those of the matrix. Whoever waits in a road does not
//! wait here.

use std::time::Duration;

use sandbox::aws;
use sandbox::discord::Person;

use super::acts::Act;
use super::cell::{Cell, FAULT, OLDER};
use super::faults::{Fault, Place as At, Way, may_repeat};
use super::judge::{judge, pending};
use super::postgres::Postgres;
use super::roads::{LINK, OWNER, SUCCESSOR};
use super::step::{Road, Step};
use crate::program::{KEY, Place};
use crate::store::Engine;

/// How long PostgreSQL is gone.
const GONE: Duration = Duration::from_secs(5);

/// How often, and for how long, it is looked whether anything is still to be done.
const LOOK: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(10);

/// The cell of a step, by its name, and of one of its calls.
fn cell(road: &'static Road, name: &str, asks: &str, fault: Fault) -> Cell {
    let step = road.steps.iter().position(|step| step.name == name).unwrap();
    let ask = road.steps[step].asks.iter().position(|ask| ask.of == asks);
    assert_eq!(ask.is_none(), asks.is_empty());
    Cell { road, step, ask, fault, way: Way::Resume, engine: Engine::Sqlite }
}

/// Does a step and reads what comes of it. A link is there a moment before its panel is drawn:
/// whoever is faster is told so, and does it again.
async fn acts(place: &Place, who: &Person, step: &Step) -> String {
    act(place, who, step.act).await;
    let mut seen = who.sees().await;
    if seen.contains(OLDER) {
        act(place, who, step.act).await;
        seen.push_str(&who.sees().await);
    }
    seen
}

async fn act(place: &Place, who: &Person, act: Act) {
    match act {
        Act::Types(line) => who.types(line).await,
        Act::Presses(label) => who.presses(label).await,
        Act::Selects(option) => who.selects(option).await,
        Act::Code(of) => {
            let mail = async {
                loop {
                    match place.sandbox.mail.last_code_for(of) {
                        Some(code) => return code,
                        None => tokio::time::sleep(LOOK).await,
                    }
                }
            };
            let code =
                tokio::time::timeout(PATIENCE, mail).await.expect("no code was mailed there");
            who.submits([code.as_str()]).await;
        }
        other => panic!("{other:?} is not done here"),
    }
}

async fn walks(place: &Place, who: &Person, cell: Cell, from: usize, to: usize) {
    for step in cell.road.steps.get(from..to).unwrap_or_default() {
        acts(place, who, step).await;
    }
}

/// After the fault: comes back, walks on to the end, and has everything judged.
async fn goes_on(place: &Place, who: &Person, cell: Cell, at: At) {
    let next = if at == At::Next { cell.step + 1 } else { cell.step };
    if cell.road.resumed {
        who.reloads();
        who.types("/support resume").await;
        let sign = match (at, cell.step().again) {
            (At::Again, Some(again)) => again.sign,
            _ => cell.sign(next),
        };
        // What was left pending may be drawn a moment later.
        who.sees_at_last(sign).await;
    }
    if let (At::Again, Some(again)) = (at, cell.step().again) {
        for again in again.acts {
            act(place, who, *again).await;
            who.sees().await;
        }
        walks(place, who, cell, cell.entry(cell.step + 1), cell.road.steps.len()).await;
    } else {
        walks(place, who, cell, cell.entry(next), cell.road.steps.len()).await;
    }
    // What nobody waits for may still be on its way.
    let rests = async {
        while pending(&place.store_url()).await > 0 {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, rests).await.expect("something stays pending");
}

async fn ends(place: &Place, who: &Person, cell: Cell, at: At, program: crate::program::Program) {
    who.sees().await;
    program.signal("-TERM");
    assert_eq!(program.ends().await.code, Some(0));
    judge(&place.sandbox, &place.store_url(), KEY, cell.road, may_repeat(cell.step(), at)).await;
    let mut violations = place.sandbox.discord.violations();
    // A bot that died over a click, and is back, cannot know whether it had answered.
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

/// The process gets SIGKILL when the other side has done its work and nobody knows.
async fn killed(road: &'static Road, name: &str, asks: &str) {
    let cell = cell(road, name, asks, Fault::KilledBetween);
    let place = Place::new().await;
    place.link_everybody().await;
    let program = place.running().await;
    let who = place.sandbox.discord.person(road.who);
    walks(&place, &who, cell, 0, cell.step).await;
    let faults = place.sandbox.aws.faults();
    let before = place.sandbox.aws.calls_of(asks).len();
    faults.always(asks, aws::Fault::HangAfterWork);
    tokio::select! {
        () = async { acts(&place, &who, cell.step()).await; std::future::pending().await } => {}
        () = faults.worked(asks, before + 1) => {}
    }
    program.signal("-KILL");
    assert_eq!(program.ends().await.code, None, "killed");
    faults.clear(asks);
    faults.lose(asks);
    let program = place.running().await;
    let at =
        cell.fault.leaves_at(cell.step(), cell.ask.map(|ask| &cell.step().asks[ask]), cell.engine);
    goes_on(&place, &who, cell, at).await;
    ends(&place, &who, cell, at, program).await;
}

/// The process gets SIGTERM while the other side works: it answers, ends well, and is started
/// again.
async fn terminated(road: &'static Road, name: &str, asks: &str) {
    let cell = cell(road, name, asks, Fault::Stopped);
    let place = Place::new().await;
    place.link_everybody().await;
    let program = place.running().await;
    let who = place.sandbox.discord.person(road.who);
    walks(&place, &who, cell, 0, cell.step).await;
    let faults = place.sandbox.aws.faults();
    let before = place.sandbox.aws.calls_of(asks).len();
    faults.hold(asks);
    let (seen, ()) = tokio::join!(acts(&place, &who, cell.step()), async {
        faults.arrived(asks, before + 1).await;
        program.signal("-TERM");
        place.sandbox.discord.connected(0).await;
        faults.release(asks);
    });
    assert!(!seen.is_empty(), "it is answered");
    assert_eq!(program.ends().await.code, Some(0));
    let program = place.running().await;
    goes_on(&place, &who, cell, At::Next).await;
    ends(&place, &who, cell, At::Next, program).await;
}

/// PostgreSQL is gone for five seconds, from before the step, or from when the other side was
/// asked.
async fn postgres_gone(road: &'static Road, name: &str, asks: &str) {
    let between = !asks.is_empty();
    let mut postgres = Postgres::start();
    let cell = cell(
        road,
        name,
        asks,
        if between { Fault::StoreGoneBetween } else { Fault::StoreGoneBefore },
    );
    let place = Place::on(&postgres.url).await;
    place.link_everybody().await;
    let program = place.running().await;
    let who = place.sandbox.discord.person(road.who);
    walks(&place, &who, cell, 0, cell.step).await;
    let faults = place.sandbox.aws.faults();
    let before = place.sandbox.aws.calls_of(asks).len();
    if between {
        faults.hold(asks);
    } else {
        postgres = postgres.goes().await;
    }
    let (seen, _postgres) = tokio::join!(acts(&place, &who, cell.step()), async {
        if between {
            faults.arrived(asks, before + 1).await;
            postgres = postgres.goes().await;
            faults.release(asks);
        }
        tokio::time::sleep(GONE).await;
        postgres.comes_back().await
    });
    assert!(
        !seen.is_empty() && !seen.contains("This interaction failed"),
        "it is answered in time: {seen}"
    );
    // Whoever had a moment's patience went through; everybody else was told.
    let at = if between || !seen.contains(FAULT) { At::Next } else { At::Same };
    goes_on(&place, &who, cell, at).await;
    ends(&place, &who, cell, at, program).await;
}

macro_rules! in_real_time {
    ($($name:ident: $how:ident($road:ident, $step:literal, $asks:literal);)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                $how(&$road, $step, $asks).await;
            }
        )*
    };
}

in_real_time! {
    sigkill_over_the_customers_code: killed(OWNER, "Send code", "cs-otp-send");
    sigkill_over_a_check: killed(OWNER, "customer's code", "cs-otp-verify");
    sigkill_over_a_link: killed(OWNER, "Waizant Web", "cs-access");
    sigkill_over_the_end: killed(OWNER, "Finish", "cs-access");
    sigkill_over_a_mailed_qr: killed(SUCCESSOR, "Send QR", "cs-message");
    sigkill_over_the_check_that_links: killed(LINK, "the code", "cs-message");
    sigterm_over_a_link: terminated(OWNER, "Waizant Web", "cs-access");
    sigterm_over_a_mailed_qr: terminated(SUCCESSOR, "Send QR", "cs-message");
    sigterm_over_the_code_that_links: terminated(LINK, "/account link", "cs-otp-send");
    postgres_gone_before_start: postgres_gone(OWNER, "Start", "");
    postgres_gone_before_finish: postgres_gone(OWNER, "Finish", "");
    postgres_gone_over_the_agents_code: postgres_gone(OWNER, "choose an ecosystem", "cs-otp-send");
    postgres_gone_over_a_link: postgres_gone(OWNER, "Waizant Web", "cs-access");
    postgres_gone_over_a_mailed_qr: postgres_gone(SUCCESSOR, "Send QR", "cs-message");
}
