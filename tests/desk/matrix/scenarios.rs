//! Scenarios as data: the action of each step, the calls that the bot makes, and the expected end.

use std::time::Duration;

use super::actions::Action::{Code, Presses, Reason, Resends, Saves, Selects, Types, Waits};
use super::before::Before;
use super::step::{CallKind, CoreUse, Scenario, Step, StepKind, call};
use super::steps::{
    AGENT_CODE, AGENT_FORM, AGENT_PANEL, BEN, CHECKS_CODE, CHOOSE, CUSTOMER_FORM,
    ELIGIBILITY_EXPIRES, ISSUES_LINK, JULIA, LOOK_UP, MAILS_CODE, NO_CODE_YET, READS_ACCOUNT,
    RESEND_WAIT, REVOKES_LINKS, SEND, SOFIA, START, TOM, customer_code,
};
use crate::recover::visit::NEW;

const OLGA: &str = "olga@waizant.example";
/// Password for a second change. If it is unknown whether [`NEW`] was set, `NEW` cannot be used
/// again, because the pool rejects former passwords.
const NEWER: &str = "Yet-Another-3";

/// Technical Assistance for an owner, from the look-up to **Finish**.
pub const OWNER: Scenario = Scenario {
    name: "technical, owner",
    person: "ben",
    before: Before::Nothing,
    resumable: true,
    steps: &[
        LOOK_UP,
        START,
        CHOOSE,
        AGENT_FORM,
        AGENT_CODE,
        SEND,
        CUSTOMER_FORM,
        customer_code(JULIA),
        Step::new(
            "See plan details",
            StepKind::ShowsDetail,
            Presses("See plan details"),
            "[See plan details]",
        )
        .reading(CoreUse::Needed),
        Step::then("Back", StepKind::ShowsDetail, Presses("Back")),
        Step::new("Waizant Web", StepKind::ShowsLink, Presses("Waizant Web"), "[Waizant Web]")
            .after(ELIGIBILITY_EXPIRES)
            .calling(&[READS_ACCOUNT, ISSUES_LINK])
            .reading(CoreUse::Reread),
        Step::new(
            "Waizant Store",
            StepKind::ShowsLink,
            Presses("Waizant Store"),
            "[Waizant Store]",
        )
        .calling(&[ISSUES_LINK])
        .untested(),
        Step::new("Finish", StepKind::ClosesSession, Presses("Finish"), "[Finish]")
            .calling(&[REVOKES_LINKS]),
    ],
    mails: 3,
    trail: &[
        ("looked_up", 1),
        ("started", 1),
        ("ecosystem_chosen", 1),
        ("code_sent", 2),
        ("code_right", 2),
        ("code_wrong", 0),
        ("access_opened", 2),
        (r#"closed {"why":"finished"}"#, 1),
        ("closed", 1),
        ("revoke_asked", 1),
        (r#"revoked {"outcome":"done""#, 1),
        (r#"notified {"outcome":"done""#, 1),
    ],
    keys: &[("cs-otp-send", 2), ("cs-otp-verify", 2), ("cs-access", 3), ("cs-message", 1)],
    rows: &[],
};

/// Technical Assistance for a member. Tests only what differs from [`OWNER`].
pub const MEMBER: Scenario = Scenario {
    name: "technical, member",
    person: "ben",
    before: Before::Nothing,
    resumable: true,
    steps: &[
        Step { action: Types("/support technical email:tom@example.com"), ..LOOK_UP }.untested(),
        START.untested(),
        CHOOSE.untested(),
        AGENT_FORM.untested(),
        AGENT_CODE.untested(),
        SEND.untested(),
        CUSTOMER_FORM.untested(),
        customer_code(TOM).untested(),
        Step::new("Waizant App", StepKind::ShowsLink, Presses("Waizant App"), "[Waizant App]")
            .calling(&[ISSUES_LINK])
            .reading(CoreUse::Reread),
        Step::new("Finish", StepKind::ClosesSession, Presses("Finish"), "[Finish]")
            .calling(&[REVOKES_LINKS])
            .untested(),
    ],
    mails: 3,
    trail: &[
        ("access_opened", 1),
        (r#"closed {"why":"finished"}"#, 1),
        (r#"revoked {"outcome":"done""#, 1),
        (r#"notified {"outcome":"done""#, 1),
    ],
    keys: &[("cs-otp-send", 2), ("cs-otp-verify", 2), ("cs-access", 2), ("cs-message", 1)],
    rows: &[],
};

/// Technical Assistance with detours: another code, another ecosystem, **Stay**, **Resume**, and
/// **Cancel** with a reason that is first too short.
pub const DETOURS: Scenario = Scenario {
    name: "detours and cancel",
    person: "ben",
    before: Before::Nothing,
    resumable: true,
    steps: &[
        LOOK_UP.untested(),
        START.untested(),
        CHOOSE.untested(),
        Step::new("Resend", StepKind::SendsCode, Presses("Resend"), AGENT_PANEL)
            .after(RESEND_WAIT)
            .calling(&[READS_ACCOUNT, MAILS_CODE]),
        Step::new(
            "Change ecosystem",
            StepKind::Moves,
            Presses("Change ecosystem"),
            "[Change ecosystem]",
        )
        .reading(CoreUse::Shown),
        Step { action: Selects("Taller Sol"), ..CHOOSE }.after(RESEND_WAIT).untested(),
        Step::new("Stay", StepKind::Moves, Presses("Stay"), "[Cancel]")
            .after(Duration::from_mins(12))
            .calling(&[READS_ACCOUNT]),
        Step::new("Resume", StepKind::Moves, Presses("Resume"), "[Cancel]")
            .after(Duration::from_secs(14 * 60 + 45))
            .calling(&[READS_ACCOUNT]),
        Step::new("Cancel", StepKind::OpensForm, Presses("Cancel"), "[Cancel]"),
        Step::then("a reason too short", StepKind::Moves, Reason("no")),
        Step::then("Try again", StepKind::OpensForm, Presses("Try again")),
        Step::then(
            "the reason",
            StepKind::ClosesSession,
            Reason("The customer has to find a passport first"),
        ),
    ],
    mails: 3,
    trail: &[
        ("started", 1),
        ("ecosystem_changed", 1),
        ("ecosystem_chosen", 2),
        ("code_sent", 3),
        ("stayed", 1),
        ("closed", 1),
    ],
    keys: &[("cs-otp-send", 3)],
    rows: &[],
};

/// Ecosystem Admin for a successor. Tests only what differs from [`OWNER`].
pub const SUCCESSOR: Scenario = Scenario {
    name: "successor",
    person: "ben",
    before: Before::Nothing,
    resumable: true,
    steps: &[
        Step { action: Types("/support successor email:sofia@example.com"), ..LOOK_UP },
        Step::new("Start", StepKind::SendsCode, Presses("Start"), "[Start verification")
            .after(ELIGIBILITY_EXPIRES)
            .calling(&[READS_ACCOUNT, MAILS_CODE])
            .reading(CoreUse::Reread)
            .or_else(NO_CODE_YET, &[Presses("Resend")]),
        AGENT_FORM.untested(),
        AGENT_CODE.untested(),
        SEND.untested(),
        CUSTOMER_FORM.untested(),
        customer_code(SOFIA).untested(),
        Step::new("See details", StepKind::ShowsDetail, Selects("2. Validation"), "<See details")
            .reading(CoreUse::Needed),
        Step::then("Back", StepKind::ShowsDetail, Presses("Back")).untested(),
        Step::new("Send QR", StepKind::MailsLink, Presses("Send QR"), "[Send QR]")
            .calling(&[ISSUES_LINK, call("cs-message", CallKind::Blocking)])
            .reading(CoreUse::Reread),
        Step::new("Show QR", StepKind::ShowsLink, Presses("Show QR"), "[Show QR]")
            .calling(&[ISSUES_LINK])
            .reading(CoreUse::Reread),
        Step::new("Finish", StepKind::ClosesSession, Presses("Finish"), "[Finish]")
            .calling(&[REVOKES_LINKS]),
    ],
    mails: 4,
    trail: &[
        ("started", 1),
        ("ecosystem_chosen", 1),
        ("code_sent", 2),
        ("code_right", 2),
        ("code_wrong", 0),
        ("access_mailed", 1),
        ("access_opened", 1),
        ("closed", 1),
        (r#"revoked {"outcome":"done""#, 1),
        (r#"notified {"outcome":"done""#, 1),
    ],
    keys: &[("cs-otp-send", 2), ("cs-otp-verify", 2), ("cs-access", 3), ("cs-message", 2)],
    rows: &[],
};

/// `/support resume` with one open session, and with two.
pub const RESUME: Scenario = Scenario {
    name: "resume",
    person: "ben",
    before: Before::Nothing,
    resumable: false,
    steps: &[
        LOOK_UP.untested(),
        START.untested(),
        CHOOSE.untested(),
        Step::new("/support resume", StepKind::Moves, Types("/support resume"), AGENT_PANEL),
        Step { action: Types("/support technical email:tom@example.com"), ..LOOK_UP }.untested(),
        Step::new(
            "/support resume, of two",
            StepKind::ListsSessions,
            Types("/support resume"),
            AGENT_PANEL,
        ),
        Step::new("the one to resume", StepKind::Moves, Selects("J*** P***"), "Choose a session"),
        Step::new(
            "look up again",
            StepKind::Moves,
            Types("/support technical email:julia@example.com"),
            AGENT_PANEL,
        )
        .calling(&[READS_ACCOUNT])
        .reading(CoreUse::Reread)
        .after(ELIGIBILITY_EXPIRES),
    ],
    mails: 1,
    trail: &[("started", 1), ("code_sent", 1), ("closed", 0)],
    keys: &[("cs-otp-send", 1)],
    rows: &[],
};

/// `/account link`.
pub const LINK: Scenario = Scenario {
    name: "link",
    person: "olga",
    before: Before::Nothing,
    resumable: false,
    steps: &[
        Step::new(
            "/account link",
            StepKind::StartsUnresumable,
            Types("/account link email:olga@waizant.example"),
            "",
        )
        .calling(&[call("AdminGetUser", CallKind::Hidden), call("cs-otp-send", CallKind::Hidden)])
        .or_else("is on its way to it", &[Waits(RESEND_WAIT), Presses("Resend")]),
        Step::new("Enter code", StepKind::OpensForm, Presses("Enter code"), "is on its way to it"),
        Step::then("the code", StepKind::ChecksCode, Code(OLGA))
            .calling(&[CHECKS_CODE, call("cs-message", CallKind::Background)]),
    ],
    mails: 2,
    trail: &[
        ("linked", 1),
        ("code_right", 1),
        ("code_wrong", 0),
        (r#"closed {"why":"finished"}"#, 1),
        (r#"notified {"outcome":"done""#, 1),
    ],
    keys: &[("cs-otp-send", 1), ("cs-otp-verify", 1), ("cs-message", 1)],
    rows: &[],
};

/// `/account recover` and the recovery page.
pub const RECOVER: Scenario = Scenario {
    name: "recover",
    person: "ben",
    before: Before::Nothing,
    resumable: false,
    steps: &[
        Step::new(
            "/account recover",
            StepKind::StartsRecovery,
            Types("/account recover email:ben@waizant.example"),
            "",
        )
        .calling(&[READS_ACCOUNT, call("ForgotPassword", CallKind::Blocking)]),
        Step::new("Resend, on the page", StepKind::CallsCognito, Resends, "[Open the page ↗]")
            .after(RESEND_WAIT)
            .calling(&[READS_ACCOUNT, call("ForgotPassword", CallKind::Blocking)])
            .or_else("[Open the page ↗]", &[Waits(RESEND_WAIT), Resends]),
        Step::new("the new password", StepKind::CallsCognito, Saves(BEN, NEW), "[Open the page ↗]")
            .calling(&[
                call("ConfirmForgotPassword", CallKind::Blocking),
                call("AdminUserGlobalSignOut", CallKind::Background),
                call("cs-message", CallKind::Background),
            ])
            .or_else("[Open the page ↗]", &[Waits(RESEND_WAIT), Resends, Saves(BEN, NEWER)]),
    ],
    mails: 3,
    trail: &[
        ("password_changed", 1),
        (r#"closed {"why":"finished"}"#, 1),
        (r#"signed_out {"outcome":"done""#, 1),
        (r#"notified {"outcome":"done""#, 1),
    ],
    keys: &[("cs-message", 1)],
    rows: &[],
};

/// All scenarios, in the order of the table.
pub const SCENARIOS: [&Scenario; 7] =
    [&OWNER, &MEMBER, &DETOURS, &SUCCESSOR, &RESUME, &LINK, &RECOVER];
