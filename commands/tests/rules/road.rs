//! A session on its road, moved as the desk moves it: clicks raise the generation and are activity,
//! outcomes and clocks are not.

use std::sync::Arc;
use std::time::Duration;

use commands::flows::step::{Facts, Step};
use commands::flows::{link, recover, step};
use commands::model::customer::{CustomerRecord, MaskedCustomer, Role};
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::flow_state::{Attended, FoundAccount, LinkState, RecoverState, SupportState};
use commands::model::outcome::{CodeCheck, EffectError, Sent};
use commands::model::refusal::Refusal;
use commands::model::session::{Secrets, Session, Work};
use commands::model::time::{Timestamp, minutes};
use commands::model::timers::{Clocks, IDLE_CLOSE};
use commands::model::verification::Verification;
use commands::model::words::{Actor, Locale, Purpose, SupportKind};
use commands::screens::screen::Screen;

use crate::people::{JOINED, OWNED, julia, sofia};

/// When every road begins.
pub(crate) const NOW: Timestamp = Timestamp(1_786_000_000_000);
/// Keyed hash of a code, as the desk would make it.
pub(crate) const MAC: &str = "mac-of-123456";
/// The agent's Discord id.
pub(crate) const BEN: u64 = 501;

/// A session, the time, and what Core knows.
#[derive(Clone, Debug)]
pub(crate) struct SessionDriver {
    pub(crate) session: Session,
    pub(crate) now: Timestamp,
    pub(crate) record: Option<Arc<CustomerRecord>>,
}

impl SessionDriver {
    /// The customer was looked up just now.
    pub(crate) fn found() -> Self {
        Self::found_as(julia())
    }

    /// Likewise, whoever it is.
    pub(crate) fn found_as(record: CustomerRecord) -> Self {
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
        let session = Session { customer_id: Some(record.user_id.clone()), work, ..opened() };
        Self { session, now: NOW, record: Some(Arc::new(record)) }
    }

    /// Start was pressed.
    pub(crate) fn choosing() -> Self {
        Self::found().then(Event::Start)
    }

    /// An ecosystem was chosen; no code is on its way yet.
    pub(crate) fn chosen() -> Self {
        Self::choosing().then(Event::Choose(OWNED.to_owned()))
    }

    /// The agent's first code was mailed.
    pub(crate) fn proving_agent() -> Self {
        let mut road = Self::chosen();
        road.mails();
        road
    }

    /// The agent's code was right.
    pub(crate) fn announcing() -> Self {
        let mut road = Self::proving_agent();
        road.types_right();
        road
    }

    /// The customer's first code was mailed.
    pub(crate) fn proving_customer() -> Self {
        let mut road = Self::announcing().then(Event::Send);
        road.mails();
        road
    }

    /// Both are verified, in an ecosystem of which the customer has this role.
    pub(crate) fn acting(role: Role) -> Self {
        let mut road = Self::choosing();
        road.does(Event::Choose(if role == Role::Owner { OWNED } else { JOINED }.to_owned()));
        road.mails();
        road.types_right();
        road.does(Event::Send);
        road.mails();
        road.types_right();
        assert_eq!(road.stage(), "acting");
        road
    }

    /// Both are verified, in the only succession of the customer.
    pub(crate) fn succeeding() -> Self {
        let mut road = Self::found_as(sofia(1)).then(Event::Start);
        road.mails();
        road.types_right();
        road.does(Event::Send);
        road.mails();
        road.types_right();
        assert_eq!(road.stage(), "acting");
        road
    }

    /// Linking was asked for, and nothing looked up yet.
    pub(crate) fn linking() -> Self {
        let state = LinkState::CodeRequested {
            to: "b•••@w•••.example".to_owned(),
            found: None,
            valid_until: Timestamp::default(),
        };
        let actor = Actor { discord_id: BEN, agent_id: String::new(), name: String::new() };
        let mut session = Session { actor, work: Work::Link(state), ..opened() };
        session.secrets.draft = Some("ben@waizant.example".to_owned().into());
        Self { session: link::begin(&session, NOW).session, now: NOW, record: None }
    }

    /// The address had an account, and a code was mailed to it (or there is none).
    pub(crate) fn linking_looked_up(account: bool) -> Self {
        let mut road = Self::linking();
        let outcome = Ok(account.then(|| (ben(), mailed(road.now))));
        road.hears(Event::LinkCodeSent { nth: 1, outcome });
        road
    }

    /// A recovery was asked for; Cognito has not answered yet.
    pub(crate) fn recovering() -> Self {
        let state = RecoverState::new("mac-of-the-page".to_owned());
        let mut session = Session {
            work: Work::Recover(state.clone()),
            clocks: recover::clocks(NOW),
            ..opened()
        };
        session.secrets.page =
            Some("https://desk.example.com/recover/page-token".to_owned().into());
        Self { session: recover::begin(&session, &state, NOW).session, now: NOW, record: None }
    }

    /// The first code was mailed.
    pub(crate) fn recovering_mailed() -> Self {
        let mut road = Self::recovering();
        road.resets(Ok(Ok("b•••@w•••.example".to_owned())));
        road
    }

    /// Cognito answers to what it is asked for, or nobody knows.
    pub(crate) fn resets(
        &mut self,
        outcome: Result<Result<String, commands::model::outcome::ResetDenied>, EffectError>,
    ) -> Step {
        let nth = self.recovery().codes_requested;
        self.hears(Event::ResetRequested { nth, outcome })
    }

    /// A new password is sent, and answered.
    pub(crate) fn confirms(
        &mut self,
        outcome: Result<Result<(), commands::model::outcome::ConfirmDenied>, EffectError>,
    ) -> Step {
        self.hears(Event::Confirm);
        let nth = self.recovery().passwords_submitted;
        self.hears(Event::Confirmed { nth, outcome })
    }

    /// Where the recovery is.
    pub(crate) fn recovery(&self) -> RecoverState {
        let Work::Recover(state) = &self.session.work else { panic!("no recovery") };
        state.clone()
    }

    /// A click.
    pub(crate) fn does(&mut self, event: Event) -> Step {
        let mut step = self.decides(event);
        step.advance(&self.session);
        self.session = step.session.clone();
        step
    }

    /// Likewise, in a chain.
    pub(crate) fn then(mut self, event: Event) -> Self {
        self.does(event);
        self
    }

    /// An outcome, or a clock.
    pub(crate) fn hears(&mut self, event: Event) -> Step {
        let step = self.decides(event);
        self.session = step.session.clone();
        step
    }

    /// What would be decided.
    pub(crate) fn decides(&self, event: Event) -> Step {
        step(&self.session, event, &Facts { now: self.now, record: self.record.clone() })
    }

    /// Time passes, and the clocks act as often as they have to.
    pub(crate) fn passes(&mut self, duration: Duration) {
        let until = self.now + duration;
        while let Some(next) =
            self.session.next_at().filter(|next| *next <= until && self.session.closed().is_none())
        {
            self.now = self.now.max(next);
            self.hears(Event::TimerFired);
            if self.session.is_orphaned(self.now) {
                // Not the clock's: the desk finishes what is pending.
                break;
            }
        }
        self.now = until;
    }

    /// Time passes and nobody acts on it.
    pub(crate) fn skips(&mut self, duration: Duration) {
        self.now = self.now + duration;
    }

    /// The code that is to be mailed is mailed.
    pub(crate) fn mails(&mut self) -> Step {
        self.mails_as(mailed(self.now))
    }

    /// Likewise, with what the function says of it.
    pub(crate) fn mails_as(&mut self, sent: Sent) -> Step {
        let (purpose, nth) = self.awaited_send().expect("a code to be mailed");
        self.hears(Event::Sent { purpose, nth, outcome: Ok(sent) })
    }

    /// It is not.
    pub(crate) fn fails_to_mail(&mut self, why: EffectError) -> Step {
        let (purpose, nth) = self.awaited_send().expect("a code to be mailed");
        self.hears(Event::Sent { purpose, nth, outcome: Err(why) })
    }

    /// A code is typed and checked; so many tries has the subject had in this hour.
    pub(crate) fn types(&mut self, outcome: Result<CodeCheck, EffectError>, count: u32) -> Step {
        self.does(Event::Typed(Some(MAC.to_owned())));
        let (purpose, nth) = self.awaited_check().expect("a code to be checked");
        self.hears(Event::Checked { purpose, nth, outcome, count })
    }

    /// The right code.
    pub(crate) fn types_right(&mut self) -> Step {
        self.types(Ok(CodeCheck::Verified("proof".to_owned().into())), 1)
    }

    /// A wrong code, the first of this hour.
    pub(crate) fn types_wrong(&mut self) -> Step {
        self.types(Ok(CodeCheck::Mismatch), 1)
    }

    fn awaited_send(&self) -> Option<(Purpose, u32)> {
        self.session.pending.iter().find_map(|pending| match pending.effect {
            Effect::Send { purpose, nth } => Some((purpose, nth)),
            _ => None,
        })
    }

    fn awaited_check(&self) -> Option<(Purpose, u32)> {
        self.session.pending.iter().find_map(|pending| match pending.effect {
            Effect::Verify { purpose, nth, .. } => Some((purpose, nth)),
            _ => None,
        })
    }

    /// Where it is, as the trail calls it.
    pub(crate) fn stage(&self) -> String {
        stage(&self.session)
    }

    /// Its panel.
    pub(crate) fn face(&self, refusal: Option<&Refusal>) -> Screen {
        commands::engine::panel::render(&self.session, self.record.as_deref(), refusal, 0, self.now)
    }
}

/// Where a session is, with the reason when it is over.
pub(crate) fn stage(session: &Session) -> String {
    match &session.work {
        Work::Support(_, SupportState::Closed(closing))
        | Work::Link(LinkState::Closed(closing)) => {
            format!("closed({})", closing.name())
        }
        Work::Recover(RecoverState { closed: Some(closing), .. }) => {
            format!("closed({})", closing.name())
        }
        Work::Recover(_) => "recovering".to_owned(),
        Work::Support(_, state) => state.name().to_owned(),
        Work::Link(LinkState::CodeRequested { .. }) => "asked".to_owned(),
    }
}

/// A code that was mailed just now, as the function tells it.
pub(crate) fn mailed(now: Timestamp) -> Sent {
    Sent {
        challenge_id: format!("challenge-{}", now.0),
        destination: "b•••@w•••.example".to_owned(),
        expires_at: now + minutes(10),
        resend_after: Duration::from_mins(1),
    }
}

/// The account that is linked.
pub(crate) fn ben() -> FoundAccount {
    FoundAccount {
        agent_id: "agent-ben".to_owned(),
        name: "Ben Ríos".to_owned(),
        email: "b•••@w•••.example".to_owned(),
        email_mac: "mac-of-ben".to_owned(),
    }
}

/// A session that nothing has happened to.
fn opened() -> Session {
    Session {
        id: "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap(),
        actor: Actor {
            discord_id: BEN,
            agent_id: "agent-ben".to_owned(),
            name: "Ben Ríos".to_owned(),
        },
        locale: Locale::En,
        version: 0,
        generation: 0,
        customer_id: None,
        work: Work::Link(LinkState::Closed(commands::model::words::CloseReason::Dismissed)),
        clocks: Clocks::starting(NOW, IDLE_CLOSE),
        agent: Verification::default(),
        customer: Verification::default(),
        pending: Vec::new(),
        access_links: Vec::new(),
        links_issued: 0,
        secrets: Secrets { panel: Some(("token".to_owned().into(), NOW)), ..Secrets::default() },
    }
}
