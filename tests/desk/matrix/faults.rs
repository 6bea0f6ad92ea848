//! Faults as data: where each can happen, and what must hold after it.

use std::time::Duration;

use commands::model::timers::IDLE_CLOSE;

use super::step::{Call, CallKind, CoreUse, Step, StepKind};
use crate::store::Engine;

/// Duration of a call that the bot gives up.
pub const HANGING_CALL: Duration = Duration::from_secs(20);

/// A fault that is injected once, in one step. [`GROUPS`](super::groups::GROUPS) describes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    KilledBefore,
    KilledBetween,
    KilledAfter,
    Stopped,
    StoreGoneBefore,
    StoreGoneBetween,
    FailoverBefore,
    FailoverBetween,
    KilledBeforeCard,
    KilledAfterCard,
    CardFails,
    CoreRefuses,
    CoreSilent,
    CoreReplaced,
    CoreMissing,
    CoreColumnMissing,
    CallSlow,
    CallHangs,
    CallFails,
    CallServerError,
    CallGarbage,
    CallThrottled,
    CallReplyCut,
    AnswerRateLimited,
    AnswerServerError,
    AnswerCut,
    AnswerNever,
    AnswerRateLimitedLong,
    AnswerLost,
    AnswerRefused,
    EditRateLimited,
    EditServerError,
    EditLost,
    EditNever,
    EditRateLimitedLong,
    EditRefused,
    SocketBefore,
    SocketDuring,
    ReconnectRequested,
    ReplayedLate,
    InvalidResumable,
    InvalidClickLost,
    DeliveredTwice,
}

use Fault::{
    AnswerCut, AnswerLost, AnswerNever, AnswerRateLimited, AnswerRateLimitedLong, AnswerRefused,
    AnswerServerError, CallFails, CallGarbage, CallHangs, CallReplyCut, CallServerError, CallSlow,
    CallThrottled, CardFails, CoreColumnMissing, CoreMissing, CoreRefuses, CoreReplaced,
    CoreSilent, DeliveredTwice, EditLost, EditNever, EditRateLimited, EditRateLimitedLong,
    EditRefused, EditServerError, FailoverBefore, FailoverBetween, InvalidClickLost,
    InvalidResumable, KilledAfter, KilledAfterCard, KilledBefore, KilledBeforeCard, KilledBetween,
    ReconnectRequested, ReplayedLate, SocketBefore, SocketDuring, Stopped, StoreGoneBefore,
    StoreGoneBetween,
};

/// Position in a scenario after a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResumePoint {
    /// The step is done. The next one follows.
    Next,
    /// The step is not done. The person repeats it.
    Same,
    /// The step is not done. The person takes the step's alternative.
    Alternative,
}

use ResumePoint::{Alternative, Next, Same};

impl Fault {
    /// Returns true if the fault can happen at this step and call. A fault that concerns no call
    /// runs only with the `first` call of a step.
    pub fn applies(self, step: &Step, call: Option<&Call>, first: bool) -> bool {
        let in_discord = !step.action.is_on_page();
        match self {
            KilledBefore | KilledBetween | CallSlow | CallFails | CallServerError
            | CallThrottled | CallReplyCut => call.is_some(),
            // A session that ends while the call hangs cannot go on.
            CallHangs => call.is_some() && step.wait + HANGING_CALL < IDLE_CLOSE,
            StoreGoneBetween | FailoverBetween => {
                call.is_some_and(|call| call.kind != CallKind::Read)
            }
            // The reply of these two operations is empty: only its status counts.
            CallGarbage => call.is_some_and(|call| {
                !matches!(call.function, "ConfirmForgotPassword" | "AdminUserGlobalSignOut")
            }),
            CoreRefuses | CoreSilent | CoreReplaced | CoreMissing | CoreColumnMissing => {
                first && step.core != CoreUse::Unread
            }
            EditRateLimited | EditServerError | EditLost | EditNever | EditRateLimitedLong
            | EditRefused => {
                in_discord
                    && call.is_some_and(|call| {
                        matches!(call.kind, CallKind::Read | CallKind::Blocking)
                    })
            }
            KilledBeforeCard | KilledAfterCard | CardFails => first && step.raises,
            Stopped => call.is_some() || in_discord,
            SocketDuring => in_discord,
            KilledAfter | StoreGoneBefore | FailoverBefore => first,
            AnswerRateLimited
            | AnswerRefused
            | AnswerServerError
            | AnswerCut
            | AnswerNever
            | AnswerRateLimitedLong
            | AnswerLost
            | SocketBefore
            | ReconnectRequested
            | ReplayedLate
            | InvalidResumable
            | InvalidClickLost
            | DeliveredTwice => first && in_discord,
        }
    }

    /// Returns the position after the fault. This is the rule that the bot must meet.
    pub fn resume_point(self, step: &Step, call: Option<&Call>, engine: Engine) -> ResumePoint {
        let kind = call.map(|call| call.kind);
        // A panel that was never shown and cannot be resumed must be requested again.
        let unseen = if step.kind.is_unresumable() || step.kind.is_view() { Same } else { Next };
        let failed = match kind {
            Some(CallKind::Background) => Next,
            Some(CallKind::Blocking | CallKind::Hidden) if step.alternative.is_some() => {
                Alternative
            }
            _ => Same,
        };
        match self {
            KilledAfter | Stopped | CallSlow | AnswerRateLimited | AnswerServerError
            | AnswerCut | AnswerLost | EditRateLimited | EditServerError | EditLost
            | SocketBefore | SocketDuring | ReconnectRequested | InvalidResumable
            | DeliveredTwice | CoreReplaced | KilledBeforeCard | KilledAfterCard | CardFails => {
                Next
            }
            KilledBefore | KilledBetween | StoreGoneBetween | FailoverBetween => {
                match (kind, step.kind) {
                    (Some(CallKind::Background | CallKind::Hidden), _) => Next,
                    // The typed text is lost with the process, or with the click.
                    (Some(CallKind::Read), _)
                    | (
                        _,
                        StepKind::ChecksCode
                        | StepKind::StartsUnresumable
                        | StepKind::StartsRecovery,
                    ) => Same,
                    (_, StepKind::CallsCognito) => Alternative,
                    _ => Next,
                }
            }
            StoreGoneBefore | FailoverBefore if step.kind == StepKind::OpensForm => Next,
            // On PostgreSQL a click reads whether another process has moved the session.
            StoreGoneBefore if step.kind.only_shows() && engine == Engine::Sqlite => Next,
            // A read-only server answers the reads.
            FailoverBefore if step.kind.only_shows() => Next,
            CoreRefuses | CoreSilent if step.core == CoreUse::Shown => Next,
            CoreMissing | CoreColumnMissing if step.core != CoreUse::Reread => Next,
            StoreGoneBefore | FailoverBefore | InvalidClickLost | CoreRefuses | CoreSilent
            | CoreMissing | CoreColumnMissing => Same,
            // The minimal panel has no address and no names. A refused form opens without its text.
            AnswerRefused | EditRefused => match step.kind {
                StepKind::ShowsView if step.alternative.is_some() => Alternative,
                StepKind::StartsRecovery
                | StepKind::ListsSessions
                | StepKind::AsksLead
                | StepKind::ShowsView => Same,
                _ => Next,
            },
            CallHangs | CallFails | CallServerError | CallGarbage | CallThrottled => failed,
            // The SDK retries under the same key, except for calls that must not be repeated.
            CallReplyCut => match (kind, step.kind) {
                (
                    Some(CallKind::Blocking),
                    StepKind::StartsUnresumable | StepKind::StartsRecovery | StepKind::CallsCognito,
                ) => failed,
                _ => Next,
            },
            EditNever | EditRateLimitedLong => unseen,
            // Only the answer to this click can show a form or a detail.
            AnswerNever | AnswerRateLimitedLong | ReplayedLate => match step.kind {
                StepKind::OpensForm | StepKind::ShowsDetail | StepKind::ListsSessions => Same,
                _ => unseen,
            },
        }
    }

    /// Returns true if a message must explain the fault to the person.
    pub fn is_explained(self, step: &Step, call: Option<&Call>, point: ResumePoint) -> bool {
        let kind = call.map(|call| call.kind);
        match self {
            StoreGoneBefore | FailoverBefore | CoreRefuses | CoreSilent | CoreMissing
            | CoreColumnMissing => point != Next,
            CallHangs | CallFails | CallServerError | CallGarbage | CallThrottled
            | CallReplyCut => {
                point != Next && matches!(kind, Some(CallKind::Read | CallKind::Blocking))
            }
            // The recovery page shows an uncertain outcome in words of its own.
            StoreGoneBetween | FailoverBetween => {
                kind == Some(CallKind::Blocking) && step.kind != StepKind::CallsCognito
            }
            _ => false,
        }
    }

    /// Returns true if the client may say that the interaction failed. After every other fault the
    /// bot must answer in time.
    pub const fn may_go_unanswered(self) -> bool {
        matches!(
            self,
            KilledBefore
                | KilledBetween
                | AnswerNever
                | AnswerRateLimitedLong
                | ReplayedLate
                | InvalidClickLost
                | KilledBeforeCard
                | KilledAfterCard
        )
    }

    /// Returns true if the screen may stay unchanged: the bot answers, but cannot edit the panel.
    pub const fn may_go_unseen(self) -> bool {
        matches!(self, EditNever | EditRateLimitedLong)
    }

    /// Returns true if Discord refuses a panel, so that the bot must draw the minimal one.
    pub fn refuses_panel(self, step: &Step) -> bool {
        matches!(self, AnswerRefused | EditRefused) && step.kind != StepKind::OpensForm
    }

    /// Returns true if the fault concerns the card of an alert.
    pub const fn concerns_card(self) -> bool {
        matches!(self, KilledBeforeCard | KilledAfterCard | CardFails)
    }

    /// Returns true if the fault concerns Core. A cell's engine is then that of Core.
    pub const fn concerns_core(self) -> bool {
        matches!(self, CoreRefuses | CoreSilent | CoreReplaced | CoreMissing | CoreColumnMissing)
    }

    /// Returns true if a cell mostly waits in real time, for a lock or for the gateway.
    pub const fn waits(self) -> bool {
        matches!(self, StoreGoneBefore | StoreGoneBetween | CoreSilent | Stopped | InvalidClickLost)
    }
}

/// Returns true if repeating the step calls the other side under a new key. Then one more mail,
/// event or key is correct.
pub fn may_repeat(step: &Step, point: ResumePoint) -> bool {
    let new_key = matches!(
        step.kind,
        StepKind::StartsUnresumable
            | StepKind::ShowsLink
            | StepKind::StartsRecovery
            | StepKind::MailsLink
            | StepKind::CallsCognito
            | StepKind::SendsCode
    );
    new_key && point != Next
}
