//! The reply to one interaction. Discord wants its first answer within 3 s.

mod deferral;

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use crate::engine::interaction::InteractionContext;
use crate::engine::minimal;
use crate::model::click::{ClickKind, ClickOutcome, count_click, outcome_of, record_first_answer};
use crate::model::command_ids::CommandIds;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::session::Session;
use crate::model::span;
use crate::ports::Ports;
use crate::ports::chat::{ChatError, FirstAnswer};
use crate::ports::sessions::SessionHandle;
use crate::screens::address_form::AddressForm;
use crate::screens::command_mentions::with_mentions;
use crate::screens::screen::{Form, Screen};
use crate::screens::widgets;

/// Time before an answer is deferred, of Discord's 3 s. The rest is for two tries over the network.
pub(crate) const BUDGET: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Deferred,
    /// The deferral was not the first answer: another process answered, or it came too late.
    Overtaken,
    Answered,
    /// Another process owns the interaction.
    Yielded {
        deferred: bool,
    },
}

/// Outcome that is no success, with the word of a refusal.
type Unsuccessful = Option<(ClickOutcome, Option<&'static str>)>;

pub(crate) struct Reply<'a> {
    pub(crate) interaction: &'a InteractionContext,
    ports: &'a Ports,
    command_ids: &'a CommandIds,
    state: Mutex<State>,
    /// Every process gives the same answer, because no process claims the interaction.
    duplicate_allowed: AtomicBool,
    /// The session whose panel was clicked.
    clicked: OnceLock<Arc<SessionHandle>>,
    /// The form that the person can type another address into.
    address_form: OnceLock<AddressForm>,
    /// The clicked panel shows progress, and its buttons are disabled until it is drawn again.
    shows_progress: AtomicBool,
    kind: ClickKind,
    /// What the person was shown in place of a success.
    unsuccessful: std::sync::Mutex<Unsuccessful>,
}

impl<'a> Reply<'a> {
    pub(crate) fn new(
        ports: &'a Ports,
        command_ids: &'a CommandIds,
        interaction: &'a InteractionContext,
        kind: ClickKind,
    ) -> Self {
        Self {
            interaction,
            ports,
            command_ids,
            state: Mutex::new(State::Open),
            duplicate_allowed: AtomicBool::new(false),
            clicked: OnceLock::new(),
            address_form: OnceLock::new(),
            shows_progress: AtomicBool::new(false),
            kind,
            unsuccessful: std::sync::Mutex::default(),
        }
    }

    /// Notes that the answer is a refusal, for the metrics.
    pub(crate) fn note_refusal(&self, refusal: &Refusal) {
        self.unsuccessful().get_or_insert((outcome_of(refusal), Some(refusal.name())));
    }

    /// Counts the click in the metrics, once it has its answer.
    pub(crate) async fn count(&self) {
        let is_answered = *self.state.lock().await == State::Answered;
        let (outcome, refusal) = match *self.unsuccessful() {
            _ if !is_answered => (ClickOutcome::NotMine, None),
            Some(unsuccessful) => unsuccessful,
            None => (ClickOutcome::Done, None),
        };
        count_click(self.kind, outcome, refusal);
    }

    fn unsuccessful(&self) -> std::sync::MutexGuard<'_, Unsuccessful> {
        self.unsuccessful.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names the session that the interaction is about. A deferral then shows what the bot does.
    pub(crate) fn set_clicked(&self, handle: &Arc<SessionHandle>) {
        let _ = self.clicked.set(Arc::clone(handle));
    }

    /// Names the form for the address that was typed. A refusal of the address or the ticket number
    /// then offers it again, and replaces the message whose form was submitted.
    pub(crate) fn set_address_form(&self, form: AddressForm) {
        let _ = self.address_form.set(form);
    }

    /// Returns true if the answer replaces a message that is not known to be the older panel: a
    /// form for an address was submitted.
    pub(crate) fn replaces_message(&self) -> bool {
        self.interaction.reply.from_message && self.address_form.get().is_some()
    }

    /// Returns the session whose panel still shows progress, with disabled buttons.
    pub(crate) fn unfinished(&self) -> Option<&Arc<SessionHandle>> {
        self.clicked.get().filter(|_| self.shows_progress.load(Ordering::Relaxed))
    }

    /// Runs the work, and defers the answer if the work exceeds [`BUDGET`].
    pub(crate) async fn within_budget<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = self.ports.clock.sleep(BUDGET) => {}
        }
        tokio::join!(self.defer(), work).1
    }

    /// Leaves the reply to the process that claimed the interaction.
    pub(crate) async fn yield_reply(&self) {
        let mut state = self.state.lock().await;
        *state = State::Yielded { deferred: *state != State::Open };
    }

    /// Takes the reply over from a dead process. Defers at once, because most of the 3 s has
    /// passed.
    pub(crate) async fn take_over_reply(&self) {
        let mut state = self.state.lock().await;
        if let State::Yielded { deferred } = *state {
            *state = if deferred { State::Deferred } else { State::Open };
        }
        drop(state);
        self.defer().await;
    }

    /// Defers, and returns true if the first answer came from this process.
    pub(crate) async fn is_first(&self) -> bool {
        self.defer().await;
        matches!(*self.state.lock().await, State::Deferred | State::Answered)
    }

    /// Allows another replica to answer first, because no process claims this interaction and every
    /// process gives the same answer.
    pub(crate) fn allow_duplicate(&self) {
        self.duplicate_allowed.store(true, Ordering::Relaxed);
    }

    /// Sends the first answer to Discord, and records its time.
    async fn answer_first(&self, answer: FirstAnswer) -> Result<(), ChatError> {
        let answered = self.ports.chat.answer(&self.interaction.reply, answer).await;
        if answered.is_ok() {
            record_first_answer(self.kind, self.interaction.id(), self.ports.clock.now());
        }
        answered
    }

    /// Shows the panel: in place of the clicked message, or as the answer to a command. If Discord
    /// refuses its content, a minimal panel is shown, so that the session can be left.
    pub(crate) async fn panel(&self, session: &Session, screen: Screen) {
        let Some(mut state) = self.lock().await else { return };
        let replacements = minimal::replacements(session, &screen);
        let mut drawn = self.draw(*state, screen, FirstAnswer::Panel).await;
        for replacement in replacements {
            let refused @ Err(ChatError::Refused(_)) = drawn else { break };
            self.log(refused);
            drawn = self.draw(*state, replacement, FirstAnswer::Panel).await;
        }
        if drawn.is_ok() {
            self.shows_progress.store(false, Ordering::Relaxed);
        }
        self.end(drawn, &mut state);
    }

    async fn draw(
        &self,
        state: State,
        screen: Screen,
        first: fn(Screen) -> FirstAnswer,
    ) -> Result<(), ChatError> {
        if state == State::Open {
            match self.answer_first(first(screen.clone())).await {
                Err(ChatError::Answered) if self.must_be_first() => {}
                result => return result,
            }
        }
        // This process has deferred, or another one before it saw the claim.
        self.ports.chat.edit(&self.interaction.reply.token, screen).await
    }

    /// Shows a refusal. One of an address or a ticket replaces the message with the form's button.
    pub(crate) async fn refuse(&self, refusal: &Refusal) {
        self.note_refusal(refusal);
        span::record_refusal(refusal);
        let locale = self.interaction.locale;
        let again = self.address_form.get().filter(|_| refusal.is_of_form());
        let buttons = widgets::refusal_buttons(refusal, again.copied(), locale);
        let note = widgets::note(refusal, locale).buttons(buttons);
        self.show_text(note, again.is_some() && self.interaction.reply.from_message).await;
    }

    /// Shows a note beside the panel. If Discord refuses its content, a minimal note is shown.
    pub(crate) async fn note(&self, screen: Screen) {
        self.show_text(screen, false).await;
    }

    /// Shows a view of a lead: in place of the message that the interaction came from, or in a new
    /// one. A message that everybody sees stays, and the view is beside it.
    pub(crate) async fn view(&self, screen: Screen) {
        self.show_text(screen, self.interaction.reply.from_message).await;
    }

    /// Replaces the clicked message, which everybody in the channel sees. If Discord refuses its
    /// content, a minimal note is shown to the person alone.
    pub(crate) async fn card(&self, screen: Screen) {
        let Some(mut state) = self.lock().await else { return };
        let minimal = minimal::note(&screen, self.interaction.locale);
        let mut shown = self.draw(*state, screen, FirstAnswer::Card).await;
        if matches!(shown, Err(ChatError::Refused(_))) {
            self.log(shown);
            shown = self.show_note(*state, minimal, false).await;
        }
        self.end(shown, &mut state);
    }

    /// Shows a note beside the clicked message, or in its place.
    async fn show_text(&self, screen: Screen, in_place: bool) {
        let Some(mut state) = self.lock().await else { return };
        let mention =
            |text: String| with_mentions(&text, self.command_ids, self.interaction.locale);
        let body = screen.body.into_iter().map(mention).collect();
        let screen = Screen { body, ..screen };
        let minimal = minimal::note(&screen, self.interaction.locale);
        let mut shown = self.show_note(*state, screen, in_place).await;
        if matches!(shown, Err(ChatError::Refused(_))) {
            self.log(shown);
            shown = self.show_note(*state, minimal, in_place).await;
        }
        self.end(shown, &mut state);
    }

    async fn show_note(
        &self,
        state: State,
        screen: Screen,
        in_place: bool,
    ) -> Result<(), ChatError> {
        if state == State::Open {
            let first = if in_place { FirstAnswer::Panel } else { FirstAnswer::Note };
            match self.answer_first(first(screen.clone())).await {
                Err(ChatError::Answered) if self.must_be_first() => {}
                result => return result,
            }
        }
        let token = &self.interaction.reply.token;
        let beside = self.interaction.reply.from_message && !in_place;
        if state == State::Answered || beside {
            return self.ports.chat.follow_up(token, screen).await;
        }
        // A deferred command has an empty message to fill. A deferred click has its panel.
        self.ports.chat.edit(token, screen).await
    }

    /// Opens a form. It must be the first answer. If Discord refuses its content, the form opens
    /// without the former text, or else a note says that it failed.
    pub(crate) async fn form(&self, form: Form) {
        let mut state = self.state.lock().await;
        if *state != State::Open {
            return;
        }
        let mut empty = form.clone();
        empty.inputs.iter_mut().for_each(|input| input.value = None);
        let mut opened = self.answer_first(FirstAnswer::Form(form)).await;
        if let Err(ChatError::Refused(fault)) = &opened {
            self.log_fault(fault);
            opened = self.answer_first(FirstAnswer::Form(empty)).await;
        }
        if let Err(ChatError::Refused(fault)) = &opened {
            let refusal = Refusal::Failed(self.log_fault(fault));
            let note = widgets::note(&refusal, self.interaction.locale);
            opened = self.answer_first(FirstAnswer::Note(note)).await;
        }
        self.end(opened, &mut state);
    }

    /// Locks the state. `None` if another process owns the interaction.
    async fn lock(&self) -> Option<MutexGuard<'_, State>> {
        Some(self.state.lock().await).filter(|state| !matches!(**state, State::Yielded { .. }))
    }

    /// Returns true if an answer of another process must be replaced by this one's.
    fn must_be_first(&self) -> bool {
        !self.duplicate_allowed.load(Ordering::Relaxed)
    }

    /// Ends the reply with the result of its answer.
    fn end(&self, result: Result<(), ChatError>, state: &mut State) {
        let outcome = match &result {
            Ok(()) => None,
            Err(ChatError::Answered) => Some(ClickOutcome::NotMine),
            Err(_) => Some(ClickOutcome::Fault),
        };
        if let Some(outcome) = outcome {
            *self.unsuccessful() = Some((outcome, None));
        }
        self.log(result);
        *state = State::Answered;
    }

    /// Logs a failed reply. The saved state stands, and the next click or `/support resume` draws
    /// it.
    fn log(&self, result: Result<(), ChatError>) {
        match result {
            Ok(()) => {}
            Err(ChatError::Answered) => tracing::debug!("interaction already answered"),
            Err(ChatError::Gone) => tracing::warn!("reply came too late for Discord"),
            Err(
                ChatError::Fault(fault) | ChatError::Refused(fault) | ChatError::Forbidden(fault),
            ) => {
                self.log_fault(&fault);
            }
        }
    }

    /// Logs a fault and returns its reference.
    fn log_fault(&self, fault: &Fault) -> String {
        let reference = self.ports.keys.reference();
        fault.log(&reference);
        reference
    }
}
