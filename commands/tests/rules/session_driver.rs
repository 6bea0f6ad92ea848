//! Moves a session like the desk. A click raises the generation and is activity. An outcome or a
//! timer is neither.

use std::sync::Arc;
use std::time::Duration;

use commands::flows::step::{Facts, Step};
use commands::flows::{link, recover, step};
use commands::model::customer::{CustomerRecord, MaskedCustomer, Role};
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::flow_state::{Attended, LinkState, RecoverState, SupportState};
use commands::model::limit::Attempts;
use commands::model::outcome::{CodeCheck, EffectError, Sent};
use commands::model::refusal::Refusal;
use commands::model::scope::Scope;
use commands::model::session::{Secrets, Session, Work};
use commands::model::time::Timestamp;
use commands::model::timers::{Clocks, IDLE_CLOSE};
use commands::model::unknown_fields::UnknownFields;
use commands::model::verification::Verification;
use commands::model::words::{Actor, Locale, Purpose, SupportKind};
use commands::screens::screen::Screen;

use crate::names;
use crate::people::{JOINED, OWNED, found_account, julia, mailed, pseudonym_of, sofia};

/// Time at which every session opens.
pub(crate) const NOW: Timestamp = Timestamp(1_786_000_000_000);
/// Keyed hash of the typed code.
pub(crate) const MAC: &str = "mac-of-123456";
pub(crate) const A_MILLISECOND: Duration = Duration::from_millis(1);
/// Discord id of the agent.
pub(crate) const BEN: u64 = 501;

/// A session, the time, and the customer's record in Core.
#[derive(Clone, Debug)]
pub(crate) struct SessionDriver {
    pub(crate) session: Session,
    pub(crate) now: Timestamp,
    pub(crate) record: Option<Arc<CustomerRecord>>,
    /// What the agent's groups allow.
    pub(crate) scope: Scope,
}

impl SessionDriver {
    /// Returns a session after the look-up.
    pub(crate) fn found() -> Self {
        Self::found_with(julia())
    }

    /// Returns a session after the look-up of this customer.
    pub(crate) fn found_with(record: CustomerRecord) -> Self {
        let kind = if record.successions.is_empty() {
            SupportKind::Technical
        } else {
            SupportKind::Successor
        };
        let work = Work::Support(
            kind,
            SupportState::Found {
                customer: MaskedCustomer::of(&record, kind),
                attended: Attended::No,
            },
        );
        let pseudonym = Some(pseudonym_of(&record.user_id));
        let session = Session { pseudonym, work, ..new_session() };
        Self { session, now: NOW, record: Some(Arc::new(record)), scope: Scope::Act }
    }

    /// Returns a session in which the agent chooses an ecosystem.
    pub(crate) fn choosing() -> Self {
        Self::found().then(Event::Start)
    }

    /// Returns a session whose first code for the agent is pending.
    pub(crate) fn chosen() -> Self {
        Self::choosing().then(Event::Choose(OWNED.to_owned()))
    }

    /// Returns a session whose first code for the agent was mailed.
    pub(crate) fn proving_agent() -> Self {
        let mut driver = Self::chosen();
        driver.mail_code();
        driver
    }

    /// Returns a session whose agent is verified.
    pub(crate) fn announcing() -> Self {
        let mut driver = Self::proving_agent();
        driver.type_right_code();
        driver
    }

    /// Returns a session whose first code for the customer was mailed.
    pub(crate) fn proving_customer() -> Self {
        let mut driver = Self::announcing().then(Event::Send);
        driver.mail_code();
        driver
    }

    /// Returns a session with both proofs, in an ecosystem where the customer has this role.
    pub(crate) fn acting(role: Role) -> Self {
        let ecosystem = if role == Role::Owner { OWNED } else { JOINED };
        Self::choosing().then(Event::Choose(ecosystem.to_owned())).verify_both()
    }

    /// Returns a session with both proofs, in the customer's only succession.
    pub(crate) fn succeeding() -> Self {
        Self::found_with(sofia(1)).then(Event::Start).verify_both()
    }

    /// Verifies the agent, then the customer.
    pub(crate) fn verify_both(mut self) -> Self {
        self.mail_code();
        self.type_right_code();
        self.click(Event::Send);
        self.mail_code();
        self.type_right_code();
        assert_eq!(self.stage(), "acting");
        self
    }

    /// Returns a link session before the look-up.
    pub(crate) fn linking() -> Self {
        let state = LinkState::CodeRequested {
            to: "b•••@w•••.example".to_owned(),
            found: None,
            valid_until: Timestamp::default(),
        };
        let actor = Actor {
            discord_id: BEN,
            agent_id: String::new(),
            name: String::new(),
            unknown: UnknownFields::NONE,
        };
        let mut session = Session { actor, work: Work::Link(state), ..new_session() };
        session.secrets.draft = Some("ben@waizant.example".to_owned().into());
        Self::without_customer(link::begin(&session, NOW).session)
    }

    /// Returns a link session after the look-up. A code was mailed if the address has an account.
    pub(crate) fn linking_looked_up(account: bool) -> Self {
        let mut driver = Self::linking();
        let outcome = Ok(account.then(|| (found_account(), mailed(driver.now))));
        driver.apply(Event::LinkCodeSent { nth: 1, outcome });
        driver
    }

    /// Returns a recovery before Cognito's answer.
    pub(crate) fn recovering() -> Self {
        let state = RecoverState::new("mac-of-the-page".to_owned());
        let mut session = Session {
            work: Work::Recover(state.clone()),
            clocks: recover::clocks(NOW),
            ..new_session()
        };
        session.secrets.page = Some("https://desk.example.com/recover/page-token".into());
        Self::without_customer(recover::begin(&session, &state, NOW).session)
    }

    fn without_customer(session: Session) -> Self {
        Self { session, now: NOW, record: None, scope: Scope::Act }
    }

    /// Returns a recovery whose first code was mailed.
    pub(crate) fn recovering_mailed() -> Self {
        let mut driver = Self::recovering();
        driver.finish_reset(Ok(Ok("b•••@w•••.example".to_owned())));
        driver
    }

    /// Applies the outcome of the pending reset.
    pub(crate) fn finish_reset(
        &mut self,
        outcome: Result<Result<String, commands::model::outcome::ResetDenied>, EffectError>,
    ) -> Step {
        let nth = self.recover_state().codes_requested;
        self.apply(Event::ResetRequested { nth, outcome })
    }

    /// Submits a new password and applies the outcome.
    pub(crate) fn finish_confirm(
        &mut self,
        outcome: Result<Result<(), commands::model::outcome::ConfirmDenied>, EffectError>,
    ) -> Step {
        self.apply(Event::Confirm);
        let nth = self.recover_state().passwords_submitted;
        self.apply(Event::Confirmed { nth, outcome, wrong_in_a_day: 1 })
    }

    pub(crate) fn recover_state(&self) -> RecoverState {
        let Work::Recover(state) = &self.session.work else { panic!("not a recovery") };
        state.clone()
    }

    /// Applies an event of a click.
    pub(crate) fn click(&mut self, event: Event) -> Step {
        let mut step = self.decide(event);
        step.advance(&self.session);
        self.session = step.session.clone();
        step
    }

    /// Applies an event of a click and returns the driver.
    pub(crate) fn then(mut self, event: Event) -> Self {
        self.click(event);
        self
    }

    /// Applies an outcome or a timer.
    pub(crate) fn apply(&mut self, event: Event) -> Step {
        let step = self.decide(event);
        self.session = step.session.clone();
        step
    }

    /// Decides an event without applying it.
    pub(crate) fn decide(&self, event: Event) -> Step {
        step(&self.session, event, &self.facts())
    }

    pub(crate) fn facts(&self) -> Facts {
        Facts { now: self.now, record: self.record.clone(), scope: Some(self.scope) }
    }

    /// Advances the time and fires every timer that becomes due.
    pub(crate) fn advance(&mut self, duration: Duration) {
        let until = self.now + duration;
        while let Some(next) =
            self.session.next_at().filter(|next| *next <= until && self.session.closed().is_none())
        {
            self.now = self.now.max(next);
            self.apply(Event::TimerFired);
            if self.session.is_orphaned(self.now) {
                // The desk finishes an orphaned effect without a timer.
                break;
            }
        }
        self.now = until;
    }

    /// Advances the time without firing a timer.
    pub(crate) fn skip(&mut self, duration: Duration) {
        self.now = self.now + duration;
    }

    /// Applies the success of the pending send.
    pub(crate) fn mail_code(&mut self) -> Step {
        self.mail_code_as(mailed(self.now))
    }

    /// Applies this answer of the function to the pending send.
    pub(crate) fn mail_code_as(&mut self, sent: Sent) -> Step {
        let (purpose, nth) = self.pending_send().expect("a pending send");
        self.apply(Event::Sent { purpose, nth, outcome: Ok(sent) })
    }

    /// Applies an error of the pending send.
    pub(crate) fn fail_to_mail(&mut self, why: EffectError) -> Step {
        let (purpose, nth) = self.pending_send().expect("a pending send");
        self.apply(Event::Sent { purpose, nth, outcome: Err(why) })
    }

    /// Types a code and applies the outcome of its check. `count`: attempts in the hour.
    pub(crate) fn type_code(
        &mut self,
        outcome: Result<CodeCheck, EffectError>,
        count: u32,
    ) -> Step {
        self.click(Event::Typed(Some(MAC.to_owned())));
        let (purpose, nth) = self.pending_check().expect("a pending check");
        let attempts = Attempts { in_an_hour: count, in_a_row: 1 };
        self.apply(Event::Checked { purpose, nth, outcome, attempts })
    }

    pub(crate) fn type_right_code(&mut self) -> Step {
        self.type_code(Ok(CodeCheck::Verified("proof".to_owned().into())), 1)
    }

    /// Types the first wrong code of the hour.
    pub(crate) fn type_wrong_code(&mut self) -> Step {
        self.type_code(Ok(CodeCheck::Mismatch), 1)
    }

    /// Returns the pending effects.
    pub(crate) fn effects(&self) -> Vec<Effect> {
        self.session.pending.iter().map(|pending| pending.effect.clone()).collect()
    }

    fn pending_send(&self) -> Option<(Purpose, u32)> {
        self.session.pending.iter().find_map(|pending| match pending.effect {
            Effect::Send { purpose, nth } => Some((purpose, nth)),
            _ => None,
        })
    }

    fn pending_check(&self) -> Option<(Purpose, u32)> {
        self.session.pending.iter().find_map(|pending| match pending.effect {
            Effect::Verify { purpose, nth, .. } => Some((purpose, nth)),
            _ => None,
        })
    }

    /// Returns the stage in the trail's words.
    pub(crate) fn stage(&self) -> String {
        names::stage(&self.session)
    }

    pub(crate) fn panel(&self, refusal: Option<&Refusal>) -> Screen {
        commands::engine::panel::render(&self.session, self.record.as_deref(), refusal, 0, self.now)
    }
}

pub(crate) fn new_session() -> Session {
    Session {
        id: "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap(),
        actor: found_account().actor(BEN),
        locale: Locale::En,
        version: 0,
        generation: 0,
        pseudonym: None,
        ticket: None,
        scope: Scope::Act,
        work: Work::Link(LinkState::Closed(commands::model::words::CloseReason::Dismissed)),
        clocks: Clocks::starting(NOW, IDLE_CLOSE),
        agent: Verification::default(),
        customer: Verification::default(),
        pending: Vec::new(),
        access_links: Vec::new(),
        links_issued: 0,
        links_denied: 0,
        report_record: None,
        taken_over_by: None,
        may_be_proven: false,
        past: None,
        revocations: 0,
        secrets: Secrets { panel: Some(("token".to_owned().into(), NOW)), ..Secrets::default() },
        unknown: UnknownFields::NONE,
    }
}
