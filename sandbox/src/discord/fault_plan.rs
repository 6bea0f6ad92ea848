//! The faults that are planned for the local Discord.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::rate_limits::INVALID_MAX;

/// The default heartbeat interval in HELLO, which is Discord's usual value.
const HEARTBEAT: Duration = Duration::from_millis(41_250);

/// A fault of one REST call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestFault {
    /// 429 of a limit of this route, with `Retry-After` and Discord's body. The call is not
    /// processed.
    TooMany {
        /// The wait that the answer asks for.
        retry_after: Duration,
    },
    /// As `TooMany`, for a limit of this scope.
    Limited {
        scope: Scope,
        /// The wait that the answer asks for.
        retry_after: Duration,
    },
    /// 429 with Cloudflare's HTML. Every call gets it for this long.
    Blocked {
        /// The wait that the answer asks for.
        retry_after: Duration,
    },
    /// A server error with Discord's JSON, such as 500. The call is not processed.
    Status(u16),
    /// A server error that does not come from Discord itself, such as 502 or 520 to 524. The call
    /// is not processed.
    ServerError { status: u16, body: ErrorBody },
    /// The call is processed, then answered with this status and Cloudflare's HTML.
    ErrorAfterWork(u16),
    /// 400 with code 50035: Discord refuses the content. The call is not processed.
    InvalidForm,
    /// As `InvalidForm`, with errors that carry no code, which serenity cannot read.
    UnreadableForm,
    /// The call gets no answer and is not processed. The connection stays open.
    Hang,
    /// The connection is cut before the call is processed.
    Cut,
    /// The call is processed, then the connection is cut. The bot does not learn that it worked.
    AnswerLost,
    /// The call is processed, and the connection is cut in the middle of its answer.
    AnswerCutShort,
    /// The call waits this long on the sandbox's clock before it is processed.
    Late(Duration),
    /// The call is processed at once. Its answer waits this long on the sandbox's clock.
    AnswerLate(Duration),
}

/// The calls that a rate limit concerns, as `X-RateLimit-Scope` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The bot's calls of one route.
    User,
    /// The calls of all bots on one resource. Such a 429 is not an invalid request.
    Shared,
    /// All calls of the bot, except those of interactions.
    Global,
}

/// The body of a server error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorBody {
    /// Cloudflare's page.
    Html,
    Empty,
    /// Cloudflare's page, up to its middle. Then the connection is cut.
    CutShort,
}

/// The gateway's reply to a client that begins or resumes a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Greeting {
    /// READY or RESUMED.
    #[default]
    Ready,
    /// No reply. Heartbeats are acknowledged.
    Nothing,
    /// Invalid session (opcode 9), not resumable.
    Invalid,
}

#[derive(Debug)]
pub(super) struct PlannedFault {
    /// A part of the method and path of the calls that it applies to.
    pub(super) route: String,
    pub(super) fault: RestFault,
    /// Matching calls that pass before the fault applies.
    pub(super) after: u32,
    /// Calls left to fail. `None`: until cleared.
    pub(super) left: Option<u32>,
}

impl PlannedFault {
    /// Returns true if the fault applies to this call. Counts a matching call that passes.
    fn applies(&mut self, route: &str) -> bool {
        let matches = route.contains(&self.route);
        let applies = matches && self.after == 0;
        self.after -= u32::from(matches && !applies);
        applies
    }
}

#[derive(Debug)]
pub(super) struct Plan {
    pub(super) rest: VecDeque<PlannedFault>,
    /// Interactions still to deliver twice.
    pub(super) twice: u32,
    pub(super) to_one: bool,
    pub(super) starts_left: Option<u64>,
    pub(super) token_refused: bool,
    pub(super) upgrades_held: bool,
    pub(super) greeting: Greeting,
    pub(super) heartbeat: Duration,
    /// Invalid requests within ten minutes that block the bot.
    pub(super) invalid_max: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            rest: VecDeque::new(),
            twice: 0,
            to_one: false,
            starts_left: None,
            token_refused: false,
            upgrades_held: false,
            greeting: Greeting::Ready,
            heartbeat: HEARTBEAT,
            invalid_max: INVALID_MAX,
        }
    }
}

/// The planned faults, behind a lock.
#[derive(Debug)]
pub(super) struct FaultPlan {
    plan: Mutex<Plan>,
}

impl FaultPlan {
    pub(super) fn new() -> Self {
        Self { plan: Mutex::new(Plan::default()) }
    }

    pub(super) fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the fault planned for a call, named like `POST /api/v10/interactions/…`.
    pub(super) fn take(&self, route: &str) -> Option<RestFault> {
        let mut plan = self.plan();
        let index = plan.rest.iter_mut().position(|planned| planned.applies(route))?;
        let planned = plan.rest.get_mut(index)?;
        let fault = planned.fault;
        if let Some(left) = &mut planned.left {
            *left -= 1;
            if *left == 0 {
                plan.rest.remove(index);
            }
        }
        Some(fault)
    }

    pub(super) fn refuses_token(&self) -> bool {
        self.plan().token_refused
    }

    pub(super) fn holds_upgrades(&self) -> bool {
        self.plan().upgrades_held
    }

    pub(super) fn greeting(&self) -> Greeting {
        self.plan().greeting
    }

    pub(super) fn heartbeat(&self) -> Duration {
        self.plan().heartbeat
    }

    pub(super) fn invalid_max(&self) -> usize {
        self.plan().invalid_max
    }

    /// Returns the number of session starts to report, or `None` for the real number.
    pub(super) fn starts_left(&self) -> Option<u64> {
        self.plan().starts_left
    }

    /// Returns true if only one connection receives interactions.
    pub(super) fn delivers_to_one(&self) -> bool {
        self.plan().to_one
    }

    /// Takes the number of deliveries of the next interaction.
    pub(super) fn take_copies(&self) -> u32 {
        let mut plan = self.plan();
        if plan.twice > 0 {
            plan.twice -= 1;
            2
        } else {
            1
        }
    }
}
