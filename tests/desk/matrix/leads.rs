//! The tests of the leads' scenarios: one for each column of [`super::lead_groups`].

use super::{Engine, Fault, ReturnVia, every_step, lead_scenarios as scenarios};

/// Creates one test for each fault of a lead's scenario.
macro_rules! matrix_of_leads {
    ($($module:ident: $scenario:ident;)*) => {
        $(
            mod $module {
                use super::{Engine, Fault, ReturnVia, every_step, scenarios};

                each_fault! {
                    $scenario on Sqlite:
                    killed_before: KilledBefore via Resume;
                    killed_between: KilledBetween via Resume;
                    killed_after: KilledAfter via Resume;
                    killed_before_card: KilledBeforeCard via Resume;
                    killed_after_card: KilledAfterCard via Resume;
                    stopped: Stopped via Resume;
                    store_gone_before: StoreGoneBefore via Resume;
                    store_gone_between: StoreGoneBetween via Resume;
                    call_hangs: CallHangs via Resume;
                    call_fails: CallFails via Resume;
                    call_throttled: CallThrottled via Resume;
                    call_reply_cut: CallReplyCut via Resume;
                    answer_never_accepted: AnswerNever via Resume;
                    answer_rate_limited_for_long: AnswerRateLimitedLong via Resume;
                    answer_lost: AnswerLost via Resume;
                    answer_refused: AnswerRefused via Resume;
                    edit_lost: EditLost via Resume;
                    edit_never_accepted: EditNever via Resume;
                    edit_refused: EditRefused via Resume;
                    card_fails: CardFails via Resume;
                    socket_dropped_during: SocketDuring via Resume;
                    click_replayed_late: ReplayedLate via Resume;
                    gateway_session_invalid_click_lost: InvalidClickLost via Resume;
                    delivered_twice: DeliveredTwice via Resume;
                }

                mod on_postgres {
                    use super::{Engine, Fault, ReturnVia, every_step, scenarios};

                    each_fault! {
                        $scenario on Postgres:
                        killed_between: KilledBetween via Resume;
                        killed_after_card: KilledAfterCard via Resume;
                        store_gone_between: StoreGoneBetween via Resume;
                        delivered_twice: DeliveredTwice via Resume;
                    }
                }
            }
        )*
    };
}

matrix_of_leads! {
    close: CLOSE;
    close_button: CLOSE_BUTTON;
    take_over: TAKE_OVER;
    unlink: UNLINK;
    lock_out: LOCK_OUT;
    verdicts: VERDICTS;
    erasure: ERASURE;
}

mod take_over_old_panel {
    use super::{Engine, Fault, ReturnVia, every_step, scenarios};

    each_fault! {
        TAKE_OVER on Sqlite:
        killed_between: KilledBetween via OldPanel;
        answer_never_accepted: AnswerNever via OldPanel;
        edit_never_accepted: EditNever via OldPanel;
    }
}
