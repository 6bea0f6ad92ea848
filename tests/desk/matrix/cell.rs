//! One cell of the matrix: a scenario up to a step, a fault in it, and the rest of the scenario.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use commands::model::time::minutes;
use commands::model::verification::RESEND_WAIT;
use futures_util::FutureExt as _;
use sandbox::discord::Person;
use support_desk::demo_marks;

use super::actions::{Action, takes_no_click};
use super::check::{Tolerance, check, check_left};
use super::faults::{Fault, ResumePoint, may_repeat};
use super::groups::ReturnVia;
use super::inject::{EDIT_RETRY, Injection, NO_PAGE};
use super::leave::leave;
use super::step::{Call, CallKind, Scenario, Step, StepKind, rows};
use crate::store::Engine;
use crate::world::{LOOK, World};

/// Longest wait until the bot repeats a background effect.
const BACKGROUND_RETRY: Duration = Duration::from_secs(65);
/// Text of the client for an interaction without an answer.
const FAILED: &str = "This interaction failed";
/// Text of an internal error.
pub const FAULT: &str = "Something failed on our side.";
/// Mark of an error on a panel or a page.
const WARNING: &str = "⚠️";
/// Title of the panel that replaces one that Discord refuses.
const MINIMAL: &str = "without details";
/// Texts of a closed session.
const CLOSED: [&str; 2] = ["This session is closed", "This session was finished"];
/// Text of an empty menu while Core fails.
const UNREAD: &str = "could not be loaded";
/// Text for a click on an old panel. The bot then draws the current panel.
pub const OLDER: &str = "That was already done. This is the current state.";
/// Text for a click on an old panel after the check of a code was interrupted.
const INTERRUPTED: &str = "The code check was interrupted. Enter the code again";

/// Address of a cell: scenario, row and column.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub scenario: &'static Scenario,
    /// Index of the step.
    pub step: usize,
    /// Index of the call within the step. `None` if the step makes none.
    pub call: Option<usize>,
    pub fault: Fault,
    pub via: ReturnVia,
    pub engine: Engine,
}

/// Word for the table, or the reason of the failure.
pub type CellResult = Result<String, String>;

impl Cell {
    /// Returns the cells of a fault: one for each call of each tested step, and one for each tested
    /// step without a call.
    pub fn all(
        scenario: &'static Scenario,
        fault: Fault,
        via: ReturnVia,
        engine: Engine,
    ) -> Vec<Self> {
        rows(scenario)
            .into_iter()
            .map(|(step, call)| Self { scenario, step, call, fault, via, engine })
            .filter(Self::applies)
            .collect()
    }

    pub fn applies(&self) -> bool {
        // A scenario that is not resumable always returns through the old panel.
        (self.via == ReturnVia::Resume || self.scenario.resumable)
            && self.fault.applies(self.step(), self.called(), self.call.unwrap_or(0) == 0)
    }

    pub fn step(&self) -> &'static Step {
        &self.scenario.steps[self.step]
    }

    pub fn called(&self) -> Option<&'static Call> {
        self.call.map(|call| &self.step().calls[call])
    }

    pub fn resume_point(&self) -> ResumePoint {
        self.fault.resume_point(self.step(), self.called(), self.engine)
    }

    /// Returns the engine of the store.
    fn store(&self) -> Engine {
        if self.fault.concerns_core() { Engine::Sqlite } else { self.engine }
    }

    /// Returns the cell's name for a failure message.
    pub fn name(&self) -> String {
        let function = self.called().map_or("", |call| call.function);
        format!("{}, {} {function}, {:?}", self.scenario.name, self.step().name, self.fault)
    }

    /// Runs the cell in a world of its own.
    pub async fn run(self) -> CellResult {
        let word = Arc::new(Mutex::new(String::new()));
        let result = Arc::clone(&word);
        let core = if self.fault.concerns_core() { self.engine } else { Engine::Sqlite };
        let store = self.store();
        let running = World::run_with_core_on(core, store, &[], async move |world| {
            let word = self.run_in(world).await;
            *result.lock().unwrap() = word;
        });
        match AssertUnwindSafe(running).catch_unwind().await {
            Ok(()) => Ok(word.lock().unwrap().clone()),
            Err(panic) => {
                let why = panic.downcast_ref::<String>().cloned();
                let why = why.or_else(|| panic.downcast_ref::<&str>().map(|why| (*why).to_owned()));
                Err(why.unwrap_or_else(|| "a panic without a message".to_owned()))
            }
        }
    }

    async fn run_in(self, world: &mut World) -> String {
        let who = world.person(self.scenario.person);
        let (step, call, fault, engine) = (self.step(), self.called(), self.fault, self.store());
        if fault == Fault::CoreSilent {
            world.sandbox.core.disable_wal().await.unwrap();
        }
        self.scenario.before.happens(world, self.scenario.person).await;
        self.walk(world, &who, 0, self.step).await;
        wait_before(world, &who, step).await;
        let seen = Injection { world, who: &who, step, call, fault, engine }.inject().await;

        let point = self.resume_point();
        self.assert_answered(point, &seen);
        let is_later = |call: &Call| matches!(call.kind, CallKind::Background | CallKind::Hidden);
        if point == ResumePoint::Next && (call.is_some_and(is_later) || fault.concerns_card()) {
            world.passes(BACKGROUND_RETRY).await;
            who.sees().await;
        }
        if self.via == ReturnVia::Leaving {
            leave(world, &who).await;
            world.passes(minutes(3)).await;
            who.sees().await;
            check_left(&world.sandbox, &world.database_url(), demo_marks::keyring()).await;
            return "left".to_owned();
        }
        let redrawn = self.come_back(world, &who, point, &seen).await;
        if step.kind == StepKind::SendsCode && point != ResumePoint::Next {
            // The code may have been mailed, so the next one has to wait.
            world.passes(RESEND_WAIT).await;
            who.sees().await;
        }
        let from = self.repeat(world, &who, point, redrawn).await;
        self.walk(world, &who, from, self.scenario.steps.len()).await;
        world.passes(minutes(3)).await;
        who.sees().await;
        self.scenario.before.reads(world).await;
        // A person who types the command again looks up the customer again.
        let looked_up_again =
            self.via == ReturnVia::OldPanel && step.kind == StepKind::StartsSession;
        let repeated = looked_up_again || may_repeat(step, point);
        let spent = step.name == "Resend" && point == ResumePoint::Same;
        let tolerance = Tolerance { repeated, spent };
        let (database, keys) = (world.database_url(), demo_marks::keyring());
        let new_key = check(&world.sandbox, &database, keys, self.scenario, tolerance).await;
        self.word(point, &seen, new_key)
    }

    /// Panics unless the person got an answer that fits the fault.
    fn assert_answered(self, point: ResumePoint, seen: &str) {
        assert!(!seen.is_empty() || self.fault.may_go_unseen(), "the screen shows nothing new");
        assert!(
            self.fault.may_go_unanswered() || !seen.contains(FAILED),
            "no answer in time: {seen}"
        );
        assert!(
            !self.fault.is_explained(self.step(), self.called(), point)
                || seen.contains(FAULT)
                || seen.contains(WARNING),
            "no message explains the fault: {seen}"
        );
        assert!(
            !self.fault.refuses_panel(self.step()) || seen.contains(MINIMAL),
            "no minimal panel: {seen}"
        );
        assert!(
            self.fault != Fault::DeliveredTwice || !seen.contains(OLDER),
            "the second delivery counts as an old click: {seen}"
        );
    }

    /// Brings the panel back and checks that it shows the right step. Returns true if the panel was
    /// drawn again, without the form that a step had opened.
    async fn come_back(self, world: &World, who: &Person, point: ResumePoint, seen: &str) -> bool {
        let text = match (point, self.step().alternative) {
            (ResumePoint::Alternative, Some(alternative)) => alternative.panel_text,
            (ResumePoint::Next, _) => self.panel_text(self.step + 1),
            _ => self.panel_text(self.step),
        };
        let is_shown = |panel: &str| {
            panel.contains(text) || CLOSED.iter().any(|closed| panel.contains(closed))
        };
        let resumes = self.via == ReturnVia::Resume && self.scenario.resumable;
        if resumes {
            who.reloads();
            who.types("/support resume").await;
        } else if self.via == ReturnVia::OldPanel && self.fault.refuses_panel(self.step()) {
            let next = self.scenario.steps.get(self.step + 1);
            if !next.is_some_and(|step| matches!(step.action, Action::Selects(_))) {
                return false;
            }
            // The minimal panel has no menu.
            who.types("/support resume").await;
        } else if self.via == ReturnVia::OldPanel && takes_no_click(seen) {
            // The panel still shows progress.
            who.types("/support resume").await;
        } else if self.via == ReturnVia::OldPanel
            && point == ResumePoint::Next
            && !seen.starts_with("Form ")
            && (seen.contains(FAILED) || !is_shown(seen))
        {
            // A click on the old panel draws the current one. If a form was taken, the person
            // presses the button that had opened it.
            let taken = self.fault.may_go_unseen() && self.step().action.fills_form();
            let step = &self.scenario.steps[self.step - usize::from(taken)];
            step.action.prepare(world, who).await.perform(who.clone()).await;
        } else {
            // An open form belongs to the old panel.
            who.dismisses();
            return false;
        }
        let panel = self.sees(world, who, true).await;
        assert!(
            panel.contains(text) || (!resumes && is_shown(&panel)),
            "expected {point:?} with {text:?}: {panel}"
        );
        assert!(!panel.contains(FAULT), "an error after the fault: {panel}");
        true
    }

    /// Performs the alternative of the step, if the scenario resumes there. Returns the index of
    /// the step with which the scenario continues.
    async fn repeat(self, world: &World, who: &Person, point: ResumePoint, redrawn: bool) -> usize {
        let entry = |step| if redrawn { self.entry(step) } else { self.entry_on_screen(step) };
        match (point, self.step().alternative) {
            (ResumePoint::Alternative, Some(alternative)) => {
                for action in alternative.actions {
                    action.prepare(world, who).await.perform(who.clone()).await;
                    who.sees().await;
                }
                entry(self.step + 1)
            }
            (ResumePoint::Next, _) => entry(self.step + 1),
            _ => entry(self.step),
        }
    }

    /// Returns the text of the panel on which this step is next. After the last step there is no
    /// session.
    pub fn panel_text(self, step: usize) -> &'static str {
        let entry = self.scenario.steps.get(self.entry(step));
        entry.and_then(|step| step.panel_text).unwrap_or("You have no open session")
    }

    /// Returns the step with which the scenario continues on a redrawn panel, to reach `step`.
    pub fn entry(self, step: usize) -> usize {
        let starts =
            |at: &usize| self.scenario.steps.get(*at).is_none_or(|step| step.panel_text.is_some());
        (0..=step).rev().find(starts).unwrap_or(0)
    }

    /// Returns the step with which the scenario continues on the old screen, to reach `step`.
    /// Only an open form is missing there.
    fn entry_on_screen(self, step: usize) -> usize {
        step - usize::from(
            self.scenario.steps.get(step).is_some_and(|step| step.action.fills_form()),
        )
    }

    async fn walk(self, world: &World, who: &Person, from: usize, to: usize) {
        let after_fault = to > self.step;
        for (number, step) in self.scenario.steps.iter().enumerate().take(to).skip(from) {
            // The wait before a step that is repeated on the old panel has passed.
            let waited = after_fault && number == self.step && self.via == ReturnVia::OldPanel;
            if !waited {
                wait_before(world, who, step).await;
            }
            step.action.prepare(world, who).await.perform(who.clone()).await;
            let mut seen = self.sees(world, who, after_fault).await;
            if seen.contains(OLDER) || seen.contains(INTERRUPTED) {
                // The panel was old. The bot has drawn the current one, so the same click works.
                step.action.prepare(world, who).await.perform(who.clone()).await;
                seen = self.sees(world, who, after_fault).await;
            }
            assert!(
                !seen.is_empty() && !seen.contains(OLDER),
                "{}: the screen shows nothing new: {seen}",
                step.name
            );
            assert!(
                !after_fault || !seen.contains(FAULT),
                "{}: an error after the fault: {seen}",
                step.name
            );
        }
    }

    /// Returns what the person sees. After the fault the bot may still retry the edit of an old
    /// panel, so the clock moves over its waits.
    async fn sees(self, world: &World, who: &Person, after_fault: bool) -> String {
        match self.store() {
            _ if after_fault && self.fault.may_go_unseen() => {
                world.with_moving_clock(EDIT_RETRY, who.sees()).await
            }
            Engine::Sqlite => who.sees().await,
            Engine::Postgres => world.with_moving_clock(LOOK, who.sees()).await,
        }
    }

    /// Returns the word for the table. [`super::table`] describes each.
    fn word(self, point: ResumePoint, seen: &str, new_key: bool) -> String {
        let failed = seen.contains(FAILED) || seen.contains(NO_PAGE) || self.fault.may_go_unseen();
        let error = seen.contains(FAULT) || seen.contains(WARNING);
        let ends = self.step + 1 == self.scenario.steps.len();
        let word = match point {
            ResumePoint::Next if seen.contains(MINIMAL) => "minimal",
            _ if seen.contains(MINIMAL) => "minimal, retry",
            ResumePoint::Next if failed && self.via == ReturnVia::OldPanel => "press",
            ResumePoint::Next if failed && self.scenario.resumable && !ends => "resume",
            ResumePoint::Next if failed => "unseen",
            ResumePoint::Next if seen.contains(FAULT) || seen.contains(UNREAD) => "error",
            ResumePoint::Next => "ok",
            ResumePoint::Same if error && new_key => "error, new key",
            ResumePoint::Same if new_key => "new key",
            ResumePoint::Same if error => "error, retry",
            ResumePoint::Same => "retry",
            ResumePoint::Alternative if error => "error, resend",
            ResumePoint::Alternative => "resend",
        };
        word.to_owned()
    }
}

async fn wait_before(world: &World, who: &Person, step: &Step) {
    if !step.wait.is_zero() {
        world.passes(step.wait).await;
        who.sees().await;
    }
}
