//! Parts of the table about leads.

use super::faults::Fault::{
    AnswerLost, AnswerNever, AnswerRateLimitedLong, AnswerRefused, CallFails, CallHangs,
    CallReplyCut, CallThrottled, CardFails, DeliveredTwice, EditLost, EditNever, EditRefused,
    InvalidClickLost, KilledAfter, KilledAfterCard, KilledBefore, KilledBeforeCard, KilledBetween,
    ReplayedLate, SocketDuring, Stopped, StoreGoneBefore, StoreGoneBetween,
};
use super::groups::{Group, ReturnVia, column};
use super::lead_scenarios::{LEAD_SCENARIOS, TAKE_OVER};
use super::step::Scenario;
use crate::store::Engine;

/// Scenarios whose lead gets a panel, and can return through an old one.
const WITH_PANEL: [&Scenario; 1] = [&TAKE_OVER];

pub const LEAD_GROUPS: [Group; 5] = [
    Group {
        title: "Leads: the process and its store, in SQLite",
        via: ReturnVia::Resume,
        engine: Engine::Sqlite,
        scenarios: &LEAD_SCENARIOS,
        callee: None,
        columns: &[
            column(KilledBefore, "killed before", ""),
            column(KilledBetween, "killed between", ""),
            column(KilledAfter, "killed after", ""),
            column(
                KilledBeforeCard,
                "killed before the card",
                "The process is killed after it has sent the card of the step's alert, and before Discord posts it.",
            ),
            column(
                KilledAfterCard,
                "killed after the card",
                "The process is killed after Discord has posted the card, and before its reply.",
            ),
            column(Stopped, "stopped", ""),
            column(StoreGoneBefore, "store gone before", ""),
            column(StoreGoneBetween, "store gone between", ""),
        ],
    },
    Group {
        title: "Leads: the same faults, return through the old panel",
        via: ReturnVia::OldPanel,
        engine: Engine::Sqlite,
        scenarios: &WITH_PANEL,
        callee: None,
        columns: &[
            column(KilledBetween, "killed between", ""),
            column(AnswerNever, "never", ""),
            column(EditNever, "edit never", ""),
        ],
    },
    Group {
        title: "Leads: the same faults, with the store in PostgreSQL",
        via: ReturnVia::Resume,
        engine: Engine::Postgres,
        scenarios: &LEAD_SCENARIOS,
        callee: None,
        columns: &[
            column(KilledBetween, "killed between", ""),
            column(KilledAfterCard, "killed after the card", ""),
            column(StoreGoneBetween, "store gone between", ""),
            column(DeliveredTwice, "twice", ""),
        ],
    },
    Group {
        title: "Leads: Cognito and the functions",
        via: ReturnVia::Resume,
        engine: Engine::Sqlite,
        scenarios: &LEAD_SCENARIOS,
        callee: None,
        columns: &[
            column(CallHangs, "20 s", ""),
            column(CallFails, "fails", ""),
            column(CallThrottled, "throttled", ""),
            column(CallReplyCut, "reply cut", ""),
        ],
    },
    Group {
        title: "Leads: Discord",
        via: ReturnVia::Resume,
        engine: Engine::Sqlite,
        scenarios: &LEAD_SCENARIOS,
        callee: None,
        columns: &[
            column(AnswerNever, "never", ""),
            column(AnswerRateLimitedLong, "429 for long", ""),
            column(AnswerLost, "lost", ""),
            column(AnswerRefused, "refused", ""),
            column(EditLost, "edit lost", ""),
            column(EditNever, "edit never", ""),
            column(EditRefused, "edit refused", ""),
            column(
                CardFails,
                "card fails",
                "Every attempt to post the card of the step's alert gets 500. A sweep posts it.",
            ),
            column(SocketDuring, "socket during", ""),
            column(ReplayedLate, "replay", ""),
            column(InvalidClickLost, "invalid, lost", ""),
            column(DeliveredTwice, "twice", ""),
        ],
    },
];
