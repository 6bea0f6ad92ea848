//! The reply to one interaction. Discord wants the first answer within 3 s, however long the work
//! behind it takes.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use crate::engine::interaction::InteractionContext;
use crate::engine::picture::with_qr;
use crate::engine::{minimal, panel};
use crate::model::command_ids::CommandIds;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::session::Session;
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
}

impl<'a> Reply<'a> {
    pub(crate) fn new(
        ports: &'a Ports,
        command_ids: &'a CommandIds,
        interaction: &'a InteractionContext,
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
        }
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

    /// Defers the answer, unless one was given.
    pub(crate) async fn defer(&self) {
        let mut state = self.state.lock().await;
        if *state == State::Open {
            *state = self.send_deferral().await;
        }
    }

    async fn send_deferral(&self) -> State {
        let handle = &self.interaction.reply;
        let mut answered = match self.progress() {
            Some(screen) => {
                self.shows_progress.store(true, Ordering::Relaxed);
                self.ports.chat.answer(handle, FirstAnswer::Progress(screen)).await
            }
            None => self.ports.chat.answer(handle, FirstAnswer::Defer).await,
        };
        if matches!(answered, Err(ChatError::Refused(_))) {
            self.log(answered);
            self.shows_progress.store(false, Ordering::Relaxed);
            answered = self.ports.chat.answer(handle, FirstAnswer::Defer).await;
        }
        match answered {
            Err(error @ (ChatError::Answered | ChatError::Gone)) => {
                self.log(Err(error));
                self.shows_progress.store(false, Ordering::Relaxed);
                State::Overtaken
            }
            result => {
                self.log(result);
                State::Deferred
            }
        }
    }

    /// Returns the clicked panel while its effect is pending.
    fn progress(&self) -> Option<Screen> {
        let handle = self.clicked.get().filter(|_| self.interaction.reply.from_message)?;
        let (session, record) = (handle.session(), handle.customer_record());
        // Another click can have begun this effect. The agent of this click may have lost the right
        // to see its panel since.
        let effect = session.blocking_effect()?;
        if effect.requested_by != Some(self.interaction.id()) {
            return None;
        }
        let (page, now) = (handle.page(session.generation), self.ports.clock.now());
        let screen = panel::render_progress(&session, record.as_deref(), page, now)?;
        Some(with_qr(self.ports, &session, screen))
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
        self.log(drawn);
        *state = State::Answered;
    }

    async fn draw(
        &self,
        state: State,
        screen: Screen,
        first: fn(Screen) -> FirstAnswer,
    ) -> Result<(), ChatError> {
        if state == State::Open {
            match self.ports.chat.answer(&self.interaction.reply, first(screen.clone())).await {
                Err(ChatError::Answered) if self.must_be_first() => {}
                result => return result,
            }
        }
        // This process has deferred, or another one before it saw the claim.
        self.ports.chat.edit(&self.interaction.reply.token, screen).await
    }

    /// Shows a refusal. One of the address or the ticket number replaces the message whose form was
    /// submitted.
    pub(crate) async fn refuse(&self, refusal: &Refusal) {
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
        self.log(shown);
        *state = State::Answered;
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
        self.log(shown);
        *state = State::Answered;
    }

    async fn show_note(
        &self,
        state: State,
        screen: Screen,
        in_place: bool,
    ) -> Result<(), ChatError> {
        if state == State::Open {
            let first = if in_place { FirstAnswer::Panel } else { FirstAnswer::Note };
            match self.ports.chat.answer(&self.interaction.reply, first(screen.clone())).await {
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
        let handle = &self.interaction.reply;
        let mut empty = form.clone();
        empty.inputs.iter_mut().for_each(|input| input.value = None);
        let mut opened = self.ports.chat.answer(handle, FirstAnswer::Form(form)).await;
        if let Err(ChatError::Refused(fault)) = &opened {
            self.log_fault(fault);
            opened = self.ports.chat.answer(handle, FirstAnswer::Form(empty)).await;
        }
        if let Err(ChatError::Refused(fault)) = &opened {
            let refusal = Refusal::Failed(self.log_fault(fault));
            let note = widgets::note(&refusal, self.interaction.locale);
            opened = self.ports.chat.answer(handle, FirstAnswer::Note(note)).await;
        }
        self.log(opened);
        *state = State::Answered;
    }

    /// Locks the state. `None` if another process owns the interaction.
    async fn lock(&self) -> Option<MutexGuard<'_, State>> {
        Some(self.state.lock().await).filter(|state| !matches!(**state, State::Yielded { .. }))
    }

    /// Returns true if an answer of another process must be replaced by this one's.
    fn must_be_first(&self) -> bool {
        !self.duplicate_allowed.load(Ordering::Relaxed)
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
