//! The faults as data: where each can happen, and what is to be expected after it.

use super::roads::{OWNER, ROADS};
use super::step::{Ask, Core, Nature, Part, Road, Step};
use crate::store::Engine;

/// What goes wrong, once, in one step. [`GROUPS`] tells what each is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    KilledBefore,
    KilledBetween,
    KilledAfter,
    Stopped,
    StoreGoneBefore,
    StoreGoneBetween,
    CoreRefuses,
    CoreSilent,
    Late,
    Hangs,
    Fails,
    ServerError,
    Garbage,
    Throttled,
    AnswerCut,
    Busy,
    Stumbles,
    NeverTaken,
    BusyForLong,
    AnswerLost,
    EditBusy,
    EditStumbles,
    EditNever,
    EditBusyForLong,
    FollowUpLost,
    FollowUpNever,
    SocketBefore,
    SocketOver,
    ReplayedLate,
    InvalidResumable,
    InvalidUnheard,
    Twice,
}

use Fault::{
    AnswerCut, AnswerLost, Busy, BusyForLong, CoreRefuses, CoreSilent, EditBusy, EditBusyForLong,
    EditNever, EditStumbles, Fails, FollowUpLost, FollowUpNever, Garbage, Hangs, InvalidResumable,
    InvalidUnheard, KilledAfter, KilledBefore, KilledBetween, Late, NeverTaken, ReplayedLate,
    ServerError, SocketBefore, SocketOver, Stopped, StoreGoneBefore, StoreGoneBetween, Stumbles,
    Throttled, Twice,
};

/// How somebody comes back after a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The client was restarted, and nothing is on the screen: `/support resume`. On roads that
    /// cannot be resumed, likewise [`OldPanel`](Self::OldPanel).
    Resume,
    /// What is on the screen is pressed again.
    OldPanel,
}

/// Faults of one kind: a part of the table.
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// How somebody comes back.
    pub way: Way,
    /// The store.
    pub engine: Engine,
    /// The roads that are walked.
    pub roads: &'static [&'static Road],
    /// Whom the bot asks, where that is the same in every row.
    pub asks: Option<&'static str>,
    /// Each fault, its heading, and what it is in full.
    pub faults: &'static [(Fault, &'static str, &'static str)],
}

/// The roads that are walked with the store in PostgreSQL too.
const ON_POSTGRES: [&Road; 1] = [&OWNER];

/// The parts of the table.
pub const GROUPS: [Group; 6] = [
    Group {
        title: "The process and its store, in SQLite",
        way: Way::Resume,
        engine: Engine::Sqlite,
        roads: &ROADS,
        asks: None,
        faults: &[
            (
                KilledBefore,
                "killed before",
                "the process dies when the other side was asked and has done nothing",
            ),
            (
                KilledBetween,
                "killed between",
                "it dies when the other side has done it and nobody knows",
            ),
            (KilledAfter, "killed after", "it dies when everything is saved and drawn"),
            (Stopped, "stopped", "SIGTERM while it is at work, and a new start"),
            (
                StoreGoneBefore,
                "store gone before",
                "the store takes no write for 5 s, from before the step",
            ),
            (
                StoreGoneBetween,
                "store gone between",
                "likewise, from when the other side was asked",
            ),
        ],
    },
    Group {
        title: "The same, and back over the old panel",
        way: Way::OldPanel,
        engine: Engine::Sqlite,
        roads: &ROADS,
        asks: None,
        faults: &[
            (KilledBefore, "killed before", ""),
            (KilledBetween, "killed between", ""),
            (StoreGoneBetween, "store gone between", ""),
            (NeverTaken, "never", ""),
            (EditNever, "edit never", ""),
            (ReplayedLate, "replay", ""),
        ],
    },
    Group {
        title: "The same, with the store in PostgreSQL",
        way: Way::Resume,
        engine: Engine::Postgres,
        roads: &ON_POSTGRES,
        asks: None,
        faults: &[
            (KilledBefore, "killed before", ""),
            (KilledBetween, "killed between", ""),
            (KilledAfter, "killed after", ""),
            (Stopped, "stopped", ""),
            (
                StoreGoneBefore,
                "store gone before",
                "the database cuts everybody off and lets nobody in for 5 s, from before the step",
            ),
            (
                StoreGoneBetween,
                "store gone between",
                "likewise, from when the other side was asked",
            ),
            (ReplayedLate, "replay", ""),
            (Twice, "twice", ""),
        ],
    },
    Group {
        title: "Core, of which a process that has just begun remembers nothing",
        way: Way::Resume,
        engine: Engine::Sqlite,
        roads: &ROADS,
        asks: Some("Core"),
        faults: &[
            (CoreRefuses, "Core refuses", "the views are gone, for this step"),
            (
                CoreSilent,
                "Core silent",
                "another process has its lock, for longer than the bot waits",
            ),
        ],
    },
    Group {
        title: "Cognito and the functions",
        way: Way::Resume,
        engine: Engine::Sqlite,
        roads: &ROADS,
        asks: None,
        faults: &[
            (Late, "2.9 s", "the answer takes 2.9 s"),
            (Hangs, "20 s", "the answer takes 20 s"),
            (Fails, "fails", "`FunctionError`, or an internal error of Cognito's"),
            (ServerError, "500", "status 500, twice"),
            (Garbage, "garbage", "an answer that is none"),
            (Throttled, "throttled", "`TooManyRequestsException`, twice"),
            (AnswerCut, "answer cut", "it is done, and the connection breaks"),
        ],
    },
    Group {
        title: "Discord",
        way: Way::Resume,
        engine: Engine::Sqlite,
        roads: &ROADS,
        asks: None,
        faults: &[
            (Busy, "429", "429 to the first answer, twice"),
            (Stumbles, "500", "500 to the first answer, twice"),
            (NeverTaken, "never", "500 to the first answer until its 3 s are over"),
            (BusyForLong, "429 for long", "429 to it, with a Retry-After of 20 minutes"),
            (AnswerLost, "lost", "the first answer is taken, and the connection breaks"),
            (EditBusy, "edit 429", "429 to the edit of a deferred answer, four times"),
            (EditStumbles, "edit 500", "500 to it, four times"),
            (
                EditNever,
                "edit never",
                "500 to every edit of that answer, as long as its token lives",
            ),
            (
                EditBusyForLong,
                "edit 429 for long",
                "429 to every one, with a Retry-After of 20 minutes",
            ),
            (
                FollowUpLost,
                "link lost",
                "the message with the link is taken, and the connection breaks",
            ),
            (FollowUpNever, "link never", "500 to that message, five times"),
            (SocketBefore, "socket", "the gateway's socket drops before the click"),
            (SocketOver, "socket over", "it drops while the click is worked on"),
            (ReplayedLate, "replay", "it drops, and the click is replayed when its 3 s are over"),
            (InvalidResumable, "invalid", "the gateway's session is declared invalid, resumable"),
            (InvalidUnheard, "invalid, lost", "likewise for good, and nobody hears the click"),
            (Twice, "twice", "the click is delivered twice"),
        ],
    },
];

/// Where somebody is after a fault, once they have come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the next step: what was asked for is done.
    Next,
    /// At the same step, to be done as before.
    Same,
    /// At the same step, to be done in the other way that the step has for it.
    Again,
}

use Place::{Again, Next, Same};

impl Fault {
    /// Whether it can happen here. What does not concern a call to the outside is tried in the
    /// first row of a step.
    pub fn applies(self, step: &Step, ask: Option<&Ask>, first: bool) -> bool {
        let in_discord = !step.act.is_on_page();
        match self {
            KilledBefore | KilledBetween | Late | Hangs | Fails | ServerError | Throttled
            | AnswerCut => ask.is_some(),
            StoreGoneBetween => ask.is_some_and(|ask| ask.part != Part::Read),
            // These answer with nothing but their status.
            Garbage => ask.is_some_and(|ask| {
                !matches!(ask.of, "ConfirmForgotPassword" | "AdminUserGlobalSignOut")
            }),
            CoreRefuses | CoreSilent => first && step.core != Core::Unread,
            EditBusy | EditStumbles | EditNever | EditBusyForLong => {
                in_discord && ask.is_some_and(|ask| matches!(ask.part, Part::Read | Part::Effect))
            }
            FollowUpLost | FollowUpNever => {
                step.nature == Nature::Opens && ask.is_some_and(|ask| ask.part == Part::Effect)
            }
            Stopped => ask.is_some() || in_discord,
            SocketOver => in_discord,
            KilledAfter | StoreGoneBefore => first,
            Busy | Stumbles | NeverTaken | BusyForLong | AnswerLost | SocketBefore
            | ReplayedLate | InvalidResumable | InvalidUnheard | Twice => first && in_discord,
        }
    }

    /// Where somebody has to be after it. This is the rule that the matrix holds the product to.
    pub fn leaves_at(self, step: &Step, ask: Option<&Ask>, engine: Engine) -> Place {
        let part = ask.map(|ask| ask.part);
        // Whose panel never showed up, and cannot be resumed, asks anew.
        let unseen = if step.nature == Nature::BeginsUnresumed { Same } else { Next };
        let failed = match part {
            Some(Part::Quiet) => Next,
            Some(Part::Effect | Part::Silent) if step.again.is_some() => Again,
            _ => Same,
        };
        match self {
            KilledAfter | Stopped | Late | Busy | Stumbles | AnswerLost | EditBusy
            | EditStumbles | FollowUpLost | SocketBefore | SocketOver | InvalidResumable
            | Twice => Next,
            KilledBefore | KilledBetween | StoreGoneBetween => match (part, step.nature) {
                (Some(Part::Quiet | Part::Silent), _) => Next,
                // What was typed is gone with the process, or with the click.
                (Some(Part::Read), _) | (_, Nature::Checks | Nature::BeginsUnresumed) => Same,
                (_, Nature::AsksCognito) => Again,
                _ => Next,
            },
            StoreGoneBefore if step.nature == Nature::Asks => Next,
            // PostgreSQL is asked whether another process has moved the session.
            StoreGoneBefore if step.nature == Nature::Draws && engine == Engine::Sqlite => Next,
            CoreRefuses | CoreSilent if step.core == Core::Shown => Next,
            StoreGoneBefore | InvalidUnheard | FollowUpNever | CoreRefuses | CoreSilent => Same,
            Hangs | Fails | ServerError | Garbage | Throttled => failed,
            // The SDK tries again under the same key, but for what must not be repeated.
            AnswerCut => match (part, step.nature) {
                (Some(Part::Effect), Nature::BeginsUnresumed | Nature::AsksCognito) => failed,
                _ => Next,
            },
            EditNever | EditBusyForLong => unseen,
            // A form, a detail and a link can only be the answer to this very click.
            NeverTaken | BusyForLong | ReplayedLate => match step.nature {
                Nature::Asks | Nature::Draws | Nature::Opens => Same,
                _ => unseen,
            },
        }
    }

    /// Whether the client may have to say that the interaction failed. After all the others there
    /// is a panel or a sentence.
    pub const fn may_go_unanswered(self) -> bool {
        matches!(
            self,
            KilledBefore | KilledBetween | NeverTaken | BusyForLong | ReplayedLate | InvalidUnheard
        )
    }

    /// Whether nothing may be to be seen: the click was taken, and its panel stays as it was.
    pub const fn may_go_unseen(self) -> bool {
        matches!(self, EditNever | EditBusyForLong)
    }

    /// Whether a cell takes seconds of real time, nearly all of it waiting: for a lock, or for the
    /// gateway's client.
    pub const fn waits(self) -> bool {
        matches!(self, StoreGoneBefore | StoreGoneBetween | CoreSilent | Stopped | InvalidUnheard)
    }
}

/// Whether what was asked for is asked anew under another key, because the step begins again: once
/// more is no fault then.
pub fn may_repeat(step: &Step, place: Place) -> bool {
    let anew = matches!(
        step.nature,
        Nature::BeginsUnresumed | Nature::Opens | Nature::Mails | Nature::AsksCognito
    );
    anew && place != Next
}
