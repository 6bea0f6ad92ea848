//! One cell: a road is walked as far as a step, something goes wrong in it, somebody comes back,
//! and the road is walked to its end.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use commands::model::time::minutes;
use futures_util::FutureExt as _;
use sandbox::discord::Person;
use support_desk::demo_marks::STORE_KEY;

use super::faults::{Fault, Place, Way, may_repeat};
use super::judge::judge;
use super::step::{Nature, Part, Road, Step};
use super::strike::{LATER_AGAIN, NO_PAGE, Scene};
use crate::store::Engine;
use crate::world::{LOOK, World};

/// How long what nobody waits for takes at most until it is asked for again.
const ASKED_AGAIN: std::time::Duration = std::time::Duration::from_secs(65);
/// What a client says of an interaction that was not answered.
const FAILED: &str = "This interaction failed";
/// What is said of a fault.
pub const FAULT: &str = "Something failed on our side.";
/// What is said of a session that is over.
const CLOSED: &str = "This session is closed";
/// What is said of a menu without anything in it, as Core does not answer.
const UNREAD: &str = "could not be loaded";
/// What is said to a click on an older panel, which then is drawn as it is.
pub const OLDER: &str = "That was already done. This is the current state.";
/// Likewise, where a code was being checked when something went wrong.
const INTERRUPTED: &str = "The code check was interrupted. Enter the code again";

/// Which cell of a road's table.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub road: &'static Road,
    pub step: usize,
    /// Which of the step's calls; `None` when it makes none.
    pub ask: Option<usize>,
    pub fault: Fault,
    pub way: Way,
    pub engine: Engine,
}

/// What became of it: the word for the table, or why it failed.
pub type Verdict = Result<String, String>;

impl Cell {
    /// All cells of a fault on a road: one for each call of each step, and for each step that makes
    /// none.
    pub fn all(road: &'static Road, fault: Fault, way: Way, engine: Engine) -> Vec<Self> {
        rows(road)
            .into_iter()
            .map(|(step, ask)| Self { road, step, ask, fault, way, engine })
            .filter(Self::applies)
            .collect()
    }

    /// Whether there is anything to try.
    pub fn applies(&self) -> bool {
        let step = self.step();
        // Where nothing is resumed everybody goes on with what is on the screen.
        (self.way == Way::Resume || self.road.resumed)
            && self.fault.applies(
                step,
                self.ask.map(|ask| &step.asks[ask]),
                self.ask.unwrap_or(0) == 0,
            )
    }

    /// The step.
    pub fn step(&self) -> &'static Step {
        &self.road.steps[self.step]
    }

    /// Tries it, in a world of its own.
    pub async fn is_tried(self) -> Verdict {
        let word = Arc::new(Mutex::new(String::new()));
        let told = Arc::clone(&word);
        let trying = World::run_on(self.engine, &[], async move |world| {
            let word = self.plays(world).await;
            *told.lock().unwrap() = word;
        });
        match AssertUnwindSafe(trying).catch_unwind().await {
            Ok(()) => Ok(word.lock().unwrap().clone()),
            Err(panic) => {
                let why = panic.downcast_ref::<String>().cloned();
                let why = why.or_else(|| panic.downcast_ref::<&str>().map(|why| (*why).to_owned()));
                Err(why.unwrap_or_else(|| "a panic without words".to_owned()))
            }
        }
    }

    async fn plays(self, world: &mut World) -> String {
        let who = world.person(self.road.who);
        let step = self.step();
        let ask = self.ask.map(|ask| &step.asks[ask]);
        if self.fault == Fault::CoreSilent {
            world.sandbox.core.disable_wal().await.unwrap();
        }
        self.walks(world, &who, 0, self.step).await;
        waits(world, &who, step).await;
        let seen = Scene { world, who: &who, step, ask, fault: self.fault, engine: self.engine }
            .strikes()
            .await;
        assert!(!seen.is_empty() || self.fault.may_go_unseen(), "nothing is to be seen");
        assert!(
            self.fault.may_go_unanswered() || !seen.contains(FAILED),
            "it was not answered in time: {seen}"
        );

        let place = self.fault.leaves_at(step, ask, self.engine);
        if place == Place::Next
            && ask.is_some_and(|ask| matches!(ask.part, Part::Quiet | Part::Silent))
        {
            world.passes(ASKED_AGAIN).await;
            who.sees().await;
        }
        let drawn_anew = self.comes_back(world, &who, place, &seen).await;
        let entry = |step| if drawn_anew { self.entry(step) } else { self.left_at(step) };
        let from = match (place, step.again) {
            (Place::Again, Some(again)) => {
                for act in again.acts {
                    act.prepared(world, &who).await.does(who.clone()).await;
                    who.sees().await;
                }
                entry(self.step + 1)
            }
            (Place::Next, _) => entry(self.step + 1),
            _ => entry(self.step),
        };
        self.walks(world, &who, from, self.road.steps.len()).await;
        // Whoever types a command again looks up again.
        let again = self.way == Way::OldPanel && step.nature == Nature::Begins;
        world.passes(minutes(3)).await;
        who.sees().await;
        let anew = judge(
            &world.sandbox,
            &world.database_url(),
            STORE_KEY,
            self.road,
            again || may_repeat(step, place),
        )
        .await;
        self.word(place, &seen, anew)
    }

    /// The panel is brought back, and shows where the session has to be. Whether it was drawn anew,
    /// without what a step had opened.
    async fn comes_back(self, world: &World, who: &Person, place: Place, seen: &str) -> bool {
        let sign = match (place, self.step().again) {
            (Place::Again, Some(again)) => again.sign,
            (Place::Next, _) => self.sign(self.step + 1),
            _ => self.sign(self.step),
        };
        let shown = |panel: &str| panel.contains(sign) || panel.contains(CLOSED);
        let resumes = self.way == Way::Resume && self.road.resumed;
        if resumes {
            who.reloads();
            who.types("/support resume").await;
        } else if self.way == Way::OldPanel
            && place == Place::Next
            && (seen.contains(FAILED) || !shown(seen))
        {
            // The same click again, on the panel as it was, shows the panel as it is; where a form
            // was taken, that which opened it.
            let taken = self.fault.may_go_unseen() && self.step().act.fills_form();
            let step = &self.road.steps[self.step - usize::from(taken)];
            step.act.prepared(world, who).await.does(who.clone()).await;
        } else {
            // A form that is still open belongs to the panel as it was.
            who.dismisses();
            return false;
        }
        let panel = self.sees(world, who, true).await;
        assert!(
            panel.contains(sign) || (!resumes && shown(&panel)),
            "{place:?}, so {sign:?} was expected: {panel}"
        );
        true
    }

    /// What the panel shows when this step is next; at the end there is no session.
    pub fn sign(self, step: usize) -> &'static str {
        let entry = self.road.steps.get(self.entry(step));
        entry.and_then(|step| step.sign).unwrap_or("You have no open session")
    }

    /// Where the road is taken up so that this step comes, from a panel that was drawn anew.
    pub fn entry(self, step: usize) -> usize {
        let begins = |at: &usize| self.road.steps.get(*at).is_none_or(|step| step.sign.is_some());
        (0..=step).rev().find(begins).unwrap_or(0)
    }

    /// Likewise, from what is on the screen: all is there but a form.
    fn left_at(self, step: usize) -> usize {
        step - usize::from(self.road.steps.get(step).is_some_and(|step| step.act.fills_form()))
    }

    async fn walks(self, world: &World, who: &Person, from: usize, to: usize) {
        for step in self.road.steps.get(from..to).unwrap_or_default() {
            waits(world, who, step).await;
            step.act.prepared(world, who).await.does(who.clone()).await;
            let mut seen = self.sees(world, who, to > self.step).await;
            if seen.contains(OLDER) || seen.contains(INTERRUPTED) {
                // The panel was behind: now it is not, and the same click does it.
                step.act.prepared(world, who).await.does(who.clone()).await;
                seen = self.sees(world, who, to > self.step).await;
            }
            assert!(
                !seen.is_empty() && !seen.contains(OLDER),
                "{}: nothing new is to be seen: {seen}",
                step.name
            );
        }
    }

    /// What is seen. `after` the fault, a panel that can never be edited is tried again on the way.
    async fn sees(self, world: &World, who: &Person, after: bool) -> String {
        match self.engine {
            _ if after && self.fault.may_go_unseen() => world.dozing(LATER_AGAIN, who.sees()).await,
            Engine::Sqlite => who.sees().await,
            Engine::Postgres => world.dozing(LOOK, who.sees()).await,
        }
    }

    fn word(self, place: Place, seen: &str, anew: bool) -> String {
        let failed = seen.contains(FAILED) || seen.contains(NO_PAGE) || self.fault.may_go_unseen();
        let fault = seen.contains(FAULT);
        let said = fault || seen.contains("⚠️");
        let word = match place {
            Place::Next if self.fault == Fault::FollowUpLost => "shown twice",
            Place::Next if failed && self.way == Way::OldPanel => "press",
            Place::Next if failed && self.road.resumed && self.step + 1 < self.road.steps.len() => {
                "resume"
            }
            Place::Next if failed => "unseen",
            Place::Next if fault || seen.contains(UNREAD) => "said",
            Place::Next => "ok",
            Place::Same if said && anew => "said, anew",
            Place::Same if anew => "anew",
            Place::Same if said => "said, again",
            Place::Same => "again",
            Place::Again if said => "said, resend",
            Place::Again => "resend",
        };
        word.to_owned()
    }
}

/// The rows of a road: each call of each step that is tried, by their numbers.
pub fn rows(road: &Road) -> Vec<(usize, Option<usize>)> {
    let mut rows = Vec::new();
    for (number, step) in road.steps.iter().enumerate().filter(|(_, step)| step.struck) {
        if step.asks.is_empty() {
            rows.push((number, None));
        }
        rows.extend((0..step.asks.len()).map(|ask| (number, Some(ask))));
    }
    rows
}

async fn waits(world: &World, who: &Person, step: &Step) {
    if !step.wait.is_zero() {
        world.passes(step.wait).await;
        who.sees().await;
    }
}
