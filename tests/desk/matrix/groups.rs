//! Parts of the table: which faults form a part, and for which scenarios they run.

use super::faults::Fault::{
    self, AnswerCut, AnswerLost, AnswerNever, AnswerRateLimited, AnswerRateLimitedLong,
    AnswerRefused, AnswerServerError, CallFails, CallGarbage, CallHangs, CallReplyCut,
    CallServerError, CallSlow, CallThrottled, CoreColumnMissing, CoreMissing, CoreRefuses,
    CoreReplaced, CoreSilent, DeliveredTwice, EditLost, EditNever, EditRateLimited,
    EditRateLimitedLong, EditRefused, EditServerError, FailoverBefore, FailoverBetween,
    InvalidClickLost, InvalidResumable, KilledAfter, KilledBefore, KilledBetween,
    ReconnectRequested, ReplayedLate, SocketBefore, SocketDuring, Stopped, StoreGoneBefore,
    StoreGoneBetween,
};
use super::scenarios::{OWNER, SCENARIOS};
use super::step::Scenario;
use crate::store::Engine;

/// How a person returns to the session after a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnVia {
    /// The client restarts with an empty screen, and the person types `/support resume`. In a
    /// scenario that is not resumable the person continues with the messages on the screen.
    Resume,
    /// The person continues on the screen: presses the button on the old panel again, or a button
    /// of the minimal panel.
    OldPanel,
    /// The person leaves the session with the buttons on the screen.
    Leaving,
}

/// A fault as a column of the table.
pub struct Column {
    pub fault: Fault,
    pub heading: &'static str,
    /// Description below the table. Empty if an earlier part has it.
    pub meaning: &'static str,
}

/// A part of the table: faults of one kind.
pub struct Group {
    pub title: &'static str,
    pub via: ReturnVia,
    /// Engine of the store, or of Core if the faults concern Core.
    pub engine: Engine,
    pub scenarios: &'static [&'static Scenario],
    /// Name of the failing system, if it is the same in every row.
    pub callee: Option<&'static str>,
    pub columns: &'static [Column],
}

pub(super) const fn column(fault: Fault, heading: &'static str, meaning: &'static str) -> Column {
    Column { fault, heading, meaning }
}

/// Scenarios that also run with the store in PostgreSQL.
const ON_POSTGRES: [&Scenario; 1] = [&OWNER];

/// Columns of a Core that changes under a running bot.
const CHANGED_CORE: [Column; 3] = [
    column(
        CoreReplaced,
        "replaced",
        "The views are dropped and created again before the step, with other column order, widths and integer types.",
    ),
    column(
        CoreMissing,
        "missing",
        "The views are missing during the step, and come back as in *replaced*.",
    ),
    column(
        CoreColumnMissing,
        "column missing",
        "The view of users lacks a column during the step. Then all views are as in *replaced*.",
    ),
];

pub const GROUPS: [Group; 10] = [
    Group {
        title: "The process and its store, in SQLite",
        via: ReturnVia::Resume,
        engine: Engine::Sqlite,
        scenarios: &SCENARIOS,
        callee: None,
        columns: &[
            column(
                KilledBefore,
                "killed before",
                "The process is killed after its call was sent and before the other side acts.",
            ),
            column(
                KilledBetween,
                "killed between",
                "The process is killed after the other side has acted and before its reply.",
            ),
            column(
                KilledAfter,
                "killed after",
                "The process is killed after everything is saved and drawn.",
            ),
            column(Stopped, "stopped", "The process gets SIGTERM during the step and restarts."),
            column(
                StoreGoneBefore,
                "store gone before",
                "The store accepts no write for 5 s, from before the step.",
            ),
            column(
                StoreGoneBetween,
                "store gone between",
                "The store accepts no write for 5 s, from the call on.",
            ),
        ],
    },
    Group {
        title: "The same faults, return through the old panel",
        via: ReturnVia::OldPanel,
        engine: Engine::Sqlite,
        scenarios: &SCENARIOS,
        callee: None,
        columns: &[
            column(KilledBefore, "killed before", ""),
            column(KilledBetween, "killed between", ""),
            column(StoreGoneBetween, "store gone between", ""),
            column(AnswerNever, "never", ""),
            column(EditNever, "edit never", ""),
            column(ReplayedLate, "replay", ""),
            column(AnswerRefused, "refused", ""),
            column(EditRefused, "edit refused", ""),
        ],
    },
    Group {
        title: "The same faults, with the store in PostgreSQL",
        via: ReturnVia::Resume,
        engine: Engine::Postgres,
        scenarios: &ON_POSTGRES,
        callee: None,
        columns: &[
            column(KilledBefore, "killed before", ""),
            column(KilledBetween, "killed between", ""),
            column(KilledAfter, "killed after", ""),
            column(Stopped, "stopped", ""),
            column(
                StoreGoneBefore,
                "store gone before",
                "The database ends all connections and accepts none for 5 s, from before the step.",
            ),
            column(
                StoreGoneBetween,
                "store gone between",
                "The database ends all connections and accepts none for 5 s, from the call on.",
            ),
            column(ReplayedLate, "replay", ""),
            column(DeliveredTwice, "twice", ""),
        ],
    },
    Group {
        title: "A failover of the store in PostgreSQL",
        via: ReturnVia::Resume,
        engine: Engine::Postgres,
        scenarios: &SCENARIOS,
        callee: None,
        columns: &[
            column(
                FailoverBefore,
                "failover before",
                "All connections end, and new ones are read-only for 7 s, from before the step. After it no error is allowed.",
            ),
            column(FailoverBetween, "failover between", "As *failover before*, from the call on."),
        ],
    },
    Group {
        title: "Core, with a process whose cache is empty",
        via: ReturnVia::Resume,
        engine: Engine::Sqlite,
        scenarios: &SCENARIOS,
        callee: Some("Core"),
        columns: &[
            column(CoreRefuses, "Core refuses", "The views are missing during the step."),
            column(
                CoreSilent,
                "Core silent",
                "Another process locks the database for longer than the bot waits.",
            ),
        ],
    },
    Group {
        title: "Core changed under a running bot, in SQLite",
        via: ReturnVia::Resume,
        engine: Engine::Sqlite,
        scenarios: &SCENARIOS,
        callee: Some("Core"),
        columns: &CHANGED_CORE,
    },
    Group {
        title: "Core changed under a running bot, in PostgreSQL",
        via: ReturnVia::Resume,
        engine: Engine::Postgres,
        scenarios: &SCENARIOS,
        callee: Some("Core"),
        columns: &CHANGED_CORE,
    },
    Group {
        title: "Cognito and the functions",
        via: ReturnVia::Resume,
        engine: Engine::Sqlite,
        scenarios: &SCENARIOS,
        callee: None,
        columns: &[
            column(CallSlow, "2.9 s", "The reply takes 2.9 s."),
            column(CallHangs, "20 s", "The reply takes 20 s."),
            column(CallFails, "fails", "`FunctionError`, or an internal error of Cognito."),
            column(CallServerError, "500", "Status 500, twice."),
            column(CallGarbage, "garbage", "The reply is not JSON."),
            column(CallThrottled, "throttled", "`TooManyRequestsException`, twice."),
            column(
                CallReplyCut,
                "reply cut",
                "The other side acts, and the connection breaks before its reply.",
            ),
        ],
    },
    Group {
        title: "Discord",
        via: ReturnVia::Resume,
        engine: Engine::Sqlite,
        scenarios: &SCENARIOS,
        callee: None,
        columns: &[
            column(AnswerRateLimited, "429", "The first answer gets 429, twice."),
            column(
                AnswerServerError,
                "520",
                "The first answer gets 520 with Cloudflare's HTML, twice.",
            ),
            column(
                AnswerCut,
                "cut",
                "The connection breaks before Discord accepts the first answer, twice.",
            ),
            column(AnswerNever, "never", "The first answer gets 500 until its 3 s are over."),
            column(
                AnswerRateLimitedLong,
                "429 for long",
                "The first answer gets 429 with a Retry-After of 20 minutes.",
            ),
            column(
                AnswerLost,
                "lost",
                "Discord accepts the first answer, and the connection breaks.",
            ),
            column(
                AnswerRefused,
                "refused",
                "The first answer gets 400: Discord refuses the content. The bot draws the minimal panel.",
            ),
            column(
                EditRateLimited,
                "edit 429",
                "The edit of a deferred answer gets 429, four times.",
            ),
            column(
                EditServerError,
                "edit 502",
                "The edit gets 502 with half of Cloudflare's HTML, four times.",
            ),
            column(EditLost, "edit lost", "Discord accepts the edit, and the connection breaks."),
            column(
                EditNever,
                "edit never",
                "Every edit of that answer gets 500 while its token is valid.",
            ),
            column(
                EditRateLimitedLong,
                "edit 429 for long",
                "Every edit gets 429 with a Retry-After of 20 minutes.",
            ),
            column(
                EditRefused,
                "edit refused",
                "The edit gets 400. The bot draws the minimal panel.",
            ),
            column(SocketBefore, "socket", "The gateway's socket drops before the click."),
            column(
                SocketDuring,
                "socket during",
                "The gateway's socket drops while the bot handles the click.",
            ),
            column(
                ReconnectRequested,
                "reconnect",
                "The gateway asks the bot to reconnect (opcode 7), before the click.",
            ),
            column(
                ReplayedLate,
                "replay",
                "The socket drops, and Discord replays the click after its 3 s are over.",
            ),
            column(
                InvalidResumable,
                "invalid",
                "The gateway declares the bot's session invalid and resumable.",
            ),
            column(
                InvalidClickLost,
                "invalid, lost",
                "The gateway declares the bot's session invalid for good. The click is lost.",
            ),
            column(DeliveredTwice, "twice", "Discord delivers the click twice."),
        ],
    },
    Group {
        title: "Refused content, and the agent leaves the session",
        via: ReturnVia::Leaving,
        engine: Engine::Sqlite,
        scenarios: &SCENARIOS,
        callee: None,
        columns: &[column(AnswerRefused, "refused", ""), column(EditRefused, "edit refused", "")],
    },
];
