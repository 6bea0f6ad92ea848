//! The leads' scenarios: acts on a session, on an agent, on an alert and on a customer.

use super::actions::Action::{Code, Presses, Reason, Selects, Types};
use super::before::Before;
use super::step::{CallKind, Scenario, Step, StepKind, call};
use super::steps::{
    AGENT_FORM, CHECKS_CODE, ELIGIBILITY_EXPIRES, MAILS_CODE, NO_CODE_YET, READS_ACCOUNT,
    REVOKES_LINKS,
};

const LEO: &str = "leo@waizant.example";
const REASON: &str = "the caller was rude to Ben";

const OPEN_SESSIONS: (&str, i64) = ("select count(*) from sessions where closed_at is null", 0);
const ALERTS: &str = "select count(*) from alerts";

const LIST: Step = Step::new(
    "/desk sessions",
    StepKind::ShowsView,
    Types("/desk sessions"),
    "You have no open session",
)
.calling(&[READS_ACCOUNT]);
/// A refused card leaves no menu, so the lead opens the list again.
const CARD: Step = Step::then("session", StepKind::ShowsView, Selects(""))
    .or_else("", &[Types("/desk sessions"), Selects("")]);
const AGENT_CARD: Step =
    Step::new("/desk agent", StepKind::ShowsView, Types("/desk agent agent:@ben"), "").untested();

/// `/desk close`.
pub const CLOSE: Scenario = Scenario {
    name: "lead closes",
    person: "leo",
    before: Before::LinkOpen,
    resumable: false,
    steps: &[Step::new(
        "/desk close",
        StepKind::Moves,
        Types("/desk close session:{session} reason:the caller was rude to Ben"),
        "",
    )
    .calling(&[READS_ACCOUNT, REVOKES_LINKS])],
    mails: 3,
    trail: &[
        (r#"closed {"why":"by_lead"}"#, 1),
        ("closed", 1),
        ("revoke_asked", 1),
        (r#"revoked {"outcome":"done""#, 1),
        (r#"notified {"outcome":"done""#, 1),
    ],
    keys: &[("cs-access", 2), ("cs-message", 1)],
    rows: &[OPEN_SESSIONS, (ALERTS, 0)],
};

/// The button of a session's card, with its form.
pub const CLOSE_BUTTON: Scenario = Scenario {
    name: "lead closes, button",
    steps: &[
        LIST,
        CARD,
        Step::then("Close session", StepKind::OpensForm, Presses("Close session")),
        Step::then("the reason", StepKind::Moves, Reason(REASON)).calling(&[REVOKES_LINKS]),
    ],
    ..CLOSE
};

/// Take over, up to the lead's code.
pub const TAKE_OVER: Scenario = Scenario {
    name: "take over",
    resumable: true,
    steps: &[
        LIST.untested(),
        CARD.untested(),
        Step::then("Take over, asked", StepKind::AsksLead, Presses("Take over")),
        Step::then("Take over", StepKind::SendsCode, Presses("Take over"))
            .after(ELIGIBILITY_EXPIRES)
            .calling(&[READS_ACCOUNT, MAILS_CODE, REVOKES_LINKS])
            .redrawing()
            .or_else(NO_CODE_YET, &[Presses("Resend")]),
        AGENT_FORM.untested(),
        Step::then("lead's code", StepKind::ChecksCode, Code(LEO)).calling(&[CHECKS_CODE]),
        Step::new("Cancel", StepKind::OpensForm, Presses("Cancel"), "[Cancel]").untested(),
        Step::then("the reason", StepKind::ClosesSession, Reason("the customer has hung up"))
            .untested(),
    ],
    mails: 4,
    trail: &[
        (r#"closed {"to":"#, 1),
        ("closed", 2),
        ("taken_over", 1),
        ("started", 2),
        ("code_sent", 3),
        ("code_right", 3),
        ("code_wrong", 0),
        ("revoke_asked", 2),
        (r#"revoked {"outcome":"done""#, 2),
        (r#"notified {"outcome":"done""#, 1),
    ],
    keys: &[("cs-otp-send", 3), ("cs-otp-verify", 3), ("cs-access", 3), ("cs-message", 1)],
    ..CLOSE
};

/// `/desk unlink`.
pub const UNLINK: Scenario = Scenario {
    name: "lead unlinks",
    before: Before::Verified,
    steps: &[Step::new(
        "/desk unlink",
        StepKind::Moves,
        Types("/desk unlink agent:@ben reason:the caller was rude to Ben"),
        "",
    )
    .calling(&[READS_ACCOUNT, REVOKES_LINKS, call("cs-message", CallKind::Background)])
    .redrawing()
    .raising()],
    trail: &[
        ("unlinked", 1),
        (r#"closed {"lost":"no_link"#, 1),
        (r#"closed {"why":"finished"}"#, 1),
        ("revoke_asked", 1),
        (r#"revoked {"outcome":"done""#, 1),
        (
            r#"notified {"agent":"0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0002","outcome":"done","template":"account_unlinked"}"#,
            1,
        ),
        ("alert_opened", 2),
        ("alert_told", 2),
    ],
    keys: &[("cs-access", 1), ("cs-message", 1)],
    rows: &[OPEN_SESSIONS, (ALERTS, 2)],
    ..CLOSE
};

/// Lock out, and unlock.
pub const LOCK_OUT: Scenario = Scenario {
    name: "lead locks out",
    steps: &[
        AGENT_CARD,
        Step::then("Lock out", StepKind::OpensForm, Presses("Lock out 1 hour")).untested(),
        Step::then("Lock out, the reason", StepKind::Moves, Reason(REASON))
            .calling(&[REVOKES_LINKS])
            .raising(),
        AGENT_CARD,
        Step::then("Unlock", StepKind::Moves, Presses("Unlock"))
            .after(ELIGIBILITY_EXPIRES)
            .calling(&[READS_ACCOUNT])
            .raising(),
    ],
    trail: &[
        ("locked_out", 2),
        ("unlocked", 2),
        ("closed", 1),
        ("revoke_asked", 1),
        (r#"revoked {"outcome":"done""#, 1),
        (r#"notified {"outcome":"done""#, 1),
        ("alert_opened", 2),
        ("alert_told", 2),
    ],
    rows: &[OPEN_SESSIONS, (ALERTS, 2), ("select count(*) from lockouts", 0)],
    ..CLOSE
};

/// Verdicts on two cards. A false alarm ends the lockout of a reported session's customer.
pub const VERDICTS: Scenario = Scenario {
    name: "verdicts",
    before: Before::Alerts,
    steps: &[
        Step::new("Handled", StepKind::AnswersAlert, Presses("Handled"), "")
            .calling(&[READS_ACCOUNT]),
        // By then a sweep has drawn the card of the first one.
        Step::new("False alarm", StepKind::AnswersAlert, Presses("False alarm"), "")
            .after(ELIGIBILITY_EXPIRES)
            .calling(&[READS_ACCOUNT]),
    ],
    mails: 2,
    trail: &[
        ("alert_handled", 1),
        ("alert_false", 1),
        ("alert_opened", 2),
        ("alert_told", 2),
        ("unlocked", 1),
        ("closed", 1),
    ],
    keys: &[("cs-otp-send", 2)],
    rows: &[
        OPEN_SESSIONS,
        (ALERTS, 2),
        ("select count(*) from alerts where state = 'handled' and kind = 'lookup_limit'", 1),
        ("select count(*) from alerts where state = 'false' and kind = 'reported'", 1),
        ("select count(*) from lockouts", 0),
    ],
    ..CLOSE
};

/// A lead asks for an erasure.
pub const ERASURE: Scenario = Scenario {
    name: "lead asks for an erasure",
    before: Before::LookedUp,
    steps: &[
        Step::new(
            "/desk customer",
            StepKind::ShowsView,
            Types("/desk customer email:julia@example.com"),
            "",
        )
        .calling(&[READS_ACCOUNT]),
        Step::then("Ask for erasure", StepKind::OpensForm, Presses("Ask for erasure")).untested(),
        Step::then("the reference", StepKind::Moves, Reason("ZD-77"))
            .after(ELIGIBILITY_EXPIRES)
            .calling(&[READS_ACCOUNT])
            .raising(),
    ],
    mails: 0,
    trail: &[("erasure_asked", 1), ("alert_opened", 1), ("alert_told", 1)],
    keys: &[],
    rows: &[OPEN_SESSIONS, (ALERTS, 1), ("select count(*) from requests", 1)],
    ..CLOSE
};

/// All scenarios of leads, in the order of the table.
pub const LEAD_SCENARIOS: [&Scenario; 7] =
    [&CLOSE, &CLOSE_BUTTON, &TAKE_OVER, &UNLINK, &LOCK_OUT, &VERDICTS, &ERASURE];
