//! The roads as data: what somebody does in each step, whom the bot asks for it, and what has to be
//! there once at the end.

use std::time::Duration;

use super::acts::Act::{Code, Presses, Reason, Resends, Saves, Selects, Types, Waits};
use super::step::{Ask, Core, Nature, Part, Road, Step, ask};
use crate::recover::visit::NEW;

const BEN: &str = "ben@waizant.example";
const OLGA: &str = "olga@waizant.example";
const JULIA: &str = "julia@example.com";
const TOM: &str = "tom@example.com";
const SOFIA: &str = "sofia@example.com";

/// The account of an agent is remembered for a minute: after that it is read again.
const RIGHTS_ARE_READ_AGAIN: Duration = Duration::from_secs(61);
/// Another code can be asked for after a minute.
const RESEND: Duration = Duration::from_secs(61);
/// The password after [`NEW`], should nobody know whether that one is set: the pool takes none that
/// was there before.
const NEWER: &str = "Yet-Another-3";

const ACCOUNT: Ask = ask("AdminGetUser", Part::Read);
const MAILS_CODE: Ask = ask("cs-otp-send", Part::Effect);
const CHECKS_CODE: Ask = ask("cs-otp-verify", Part::Effect);
const OPENS: Ask = ask("cs-access", Part::Effect);
const REVOKES: Ask = ask("cs-access", Part::Quiet);

const NO_CODE_YET: &str = "No code has been sent to you yet.";
const AGENT: &str = "Step 1 of 2: internal verification";
const CUSTOMER: &str = "A code was mailed to the **customer**";

const LOOK_UP: Step = Step::new(
    "look up",
    Nature::Begins,
    Types("/support technical email:julia@example.com"),
    "You have no open session",
)
.asking(&[ACCOUNT])
.reading(Core::Needed);
const START: Step =
    Step::new("Start", Nature::Moves, Presses("Start"), "[Start verification process]")
        .after(RIGHTS_ARE_READ_AGAIN)
        .asking(&[ACCOUNT])
        .reading(Core::Shown);
const CHOOSE: Step =
    Step::new("choose an ecosystem", Nature::Sends, Selects("Casa Luz"), "<Choose an ecosystem")
        .asking(&[MAILS_CODE])
        .reading(Core::Needed)
        .again(NO_CODE_YET, &[Presses("Resend")]);
const AGENT_FORM: Step = Step::new("Enter code", Nature::Asks, Presses("Enter code"), AGENT);
const AGENT_CODE: Step =
    Step::then("agent's code", Nature::Checks, Code(BEN)).asking(&[CHECKS_CODE]);
const SEND: Step = Step::new("Send code", Nature::Sends, Presses("Send code"), "[Send code]")
    .asking(&[MAILS_CODE])
    .reading(Core::Needed);
const CUSTOMER_FORM: Step =
    Step::new("Enter code, customer's", Nature::Asks, Presses("Enter code"), CUSTOMER);

const fn customer_code(of: &'static str) -> Step {
    Step::then("customer's code", Nature::Checks, Code(of))
        .asking(&[CHECKS_CODE])
        .reading(Core::Shown)
}

/// Technical Assistance of an owner, from the look-up to Finish.
pub const OWNER: Road = Road {
    name: "technical, owner",
    who: "ben",
    resumed: true,
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
            Nature::Draws,
            Presses("See plan details"),
            "[See plan details]",
        )
        .reading(Core::Needed),
        Step::then("Back", Nature::Draws, Presses("Back")),
        Step::new("Waizant Web", Nature::Opens, Presses("Waizant Web"), "[Waizant Web]")
            .after(RIGHTS_ARE_READ_AGAIN)
            .asking(&[ACCOUNT, OPENS])
            .reading(Core::Needed),
        Step::new("Waizant Store", Nature::Opens, Presses("Waizant Store"), "[Waizant Store]")
            .asking(&[OPENS])
            .walked(),
        Step::new("Finish", Nature::Ends, Presses("Finish"), "[Finish]").asking(&[REVOKES]),
    ],
    mails: 2,
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
    ],
    keys: &[("cs-otp-send", 2), ("cs-otp-verify", 2), ("cs-access", 3)],
};

/// Technical Assistance of a member: what is apart from the owner's.
pub const MEMBER: Road = Road {
    name: "technical, member",
    who: "ben",
    resumed: true,
    steps: &[
        Step { act: Types("/support technical email:tom@example.com"), ..LOOK_UP }.walked(),
        START.walked(),
        CHOOSE.walked(),
        AGENT_FORM.walked(),
        AGENT_CODE.walked(),
        SEND.walked(),
        CUSTOMER_FORM.walked(),
        customer_code(TOM).walked(),
        Step::new("Waizant App", Nature::Opens, Presses("Waizant App"), "[Waizant App]")
            .asking(&[OPENS])
            .reading(Core::Needed),
        Step::new("Finish", Nature::Ends, Presses("Finish"), "[Finish]")
            .asking(&[REVOKES])
            .walked(),
    ],
    mails: 2,
    trail: &[
        ("access_opened", 1),
        (r#"closed {"why":"finished"}"#, 1),
        (r#"revoked {"outcome":"done""#, 1),
    ],
    keys: &[("cs-otp-send", 2), ("cs-otp-verify", 2), ("cs-access", 2)],
};

/// What leads aside: another code, another ecosystem, Stay, Resume, and Cancel with a reason that
/// is refused first.
pub const ASIDE: Road = Road {
    name: "aside, and cancel",
    who: "ben",
    resumed: true,
    steps: &[
        LOOK_UP.walked(),
        START.walked(),
        CHOOSE.walked(),
        Step::new("Resend", Nature::Sends, Presses("Resend"), AGENT)
            .after(RESEND)
            .asking(&[MAILS_CODE]),
        Step::new(
            "Change ecosystem",
            Nature::Moves,
            Presses("Change ecosystem"),
            "[Change ecosystem]",
        )
        .reading(Core::Shown),
        Step { act: Selects("Taller Sol"), ..CHOOSE }.after(RESEND).walked(),
        Step::new("Stay", Nature::Moves, Presses("Stay"), "[Cancel]")
            .after(Duration::from_mins(12)),
        Step::new("Resume", Nature::Moves, Presses("Resume"), "[Cancel]")
            .after(Duration::from_secs(14 * 60 + 45)),
        Step::new("Cancel", Nature::Asks, Presses("Cancel"), "[Cancel]"),
        Step::then("a reason too short", Nature::Moves, Reason("no")),
        Step::then("Try again", Nature::Asks, Presses("Try again")),
        Step::then("the reason", Nature::Ends, Reason("The customer has to find a passport first")),
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
};

/// Ecosystem Admin: what is apart from Technical Assistance.
pub const SUCCESSOR: Road = Road {
    name: "successor",
    who: "ben",
    resumed: true,
    steps: &[
        Step { act: Types("/support successor email:sofia@example.com"), ..LOOK_UP },
        Step::new("Start", Nature::Sends, Presses("Start"), "[Start verification process]")
            .after(RIGHTS_ARE_READ_AGAIN)
            .asking(&[ACCOUNT, MAILS_CODE])
            .reading(Core::Needed)
            .again(NO_CODE_YET, &[Presses("Resend")]),
        AGENT_FORM.walked(),
        AGENT_CODE.walked(),
        SEND.walked(),
        CUSTOMER_FORM.walked(),
        customer_code(SOFIA).walked(),
        Step::new("See details", Nature::Draws, Presses("2. See details"), "[2. See details]")
            .reading(Core::Needed),
        Step::then("Back", Nature::Draws, Presses("Back")).walked(),
        Step::new("Send QR", Nature::Mails, Presses("Send QR"), "[Send QR]")
            .asking(&[OPENS, ask("cs-message", Part::Effect)])
            .reading(Core::Needed),
        Step::new("Show QR", Nature::Opens, Presses("Show QR"), "[Show QR]")
            .asking(&[OPENS])
            .reading(Core::Needed),
        Step::new("Finish", Nature::Ends, Presses("Finish"), "[Finish]").asking(&[REVOKES]),
    ],
    mails: 3,
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
    ],
    keys: &[("cs-otp-send", 2), ("cs-otp-verify", 2), ("cs-access", 3), ("cs-message", 1)],
};

/// `/support resume`, with one session open and with two.
pub const RESUME: Road = Road {
    name: "resume",
    who: "ben",
    resumed: false,
    steps: &[
        LOOK_UP.walked(),
        START.walked(),
        CHOOSE.walked(),
        Step::new("/support resume", Nature::Moves, Types("/support resume"), AGENT),
        Step { act: Types("/support technical email:tom@example.com"), ..LOOK_UP }.walked(),
        Step::new("/support resume, of two", Nature::Draws, Types("/support resume"), AGENT),
        Step::new("the one to resume", Nature::Moves, Selects("J*** P***"), "Choose a session"),
        Step::new(
            "look up again",
            Nature::Moves,
            Types("/support technical email:julia@example.com"),
            AGENT,
        )
        .asking(&[ACCOUNT])
        .reading(Core::Needed)
        .after(RIGHTS_ARE_READ_AGAIN),
    ],
    mails: 1,
    trail: &[("started", 1), ("code_sent", 1), ("closed", 0)],
    keys: &[("cs-otp-send", 1)],
};

/// `/account link`.
pub const LINK: Road = Road {
    name: "link",
    who: "olga",
    resumed: false,
    steps: &[
        Step::new(
            "/account link",
            Nature::BeginsUnresumed,
            Types("/account link email:olga@waizant.example"),
            "",
        )
        .asking(&[ask("AdminGetUser", Part::Silent), ask("cs-otp-send", Part::Silent)])
        .again("is on its way to it", &[Waits(RESEND), Presses("Resend")]),
        Step::new("Enter code", Nature::Asks, Presses("Enter code"), "is on its way to it"),
        Step::then("the code", Nature::Checks, Code(OLGA))
            .asking(&[CHECKS_CODE, ask("cs-message", Part::Quiet)]),
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
};

/// `/account recover`, with its page.
pub const RECOVER: Road = Road {
    name: "recover",
    who: "ben",
    resumed: false,
    steps: &[
        Step::new(
            "/account recover",
            Nature::BeginsUnresumed,
            Types("/account recover email:ben@waizant.example"),
            "",
        )
        .asking(&[ACCOUNT, ask("ForgotPassword", Part::Effect)]),
        Step::new("Resend, on the page", Nature::AsksCognito, Resends, "[Open the page ↗]")
            .after(RESEND)
            .asking(&[ACCOUNT, ask("ForgotPassword", Part::Effect)])
            .again("[Open the page ↗]", &[Waits(RESEND), Resends]),
        Step::new("the new password", Nature::AsksCognito, Saves(BEN, NEW), "[Open the page ↗]")
            .asking(&[
                ask("ConfirmForgotPassword", Part::Effect),
                ask("AdminUserGlobalSignOut", Part::Quiet),
                ask("cs-message", Part::Quiet),
            ])
            .again("[Open the page ↗]", &[Waits(RESEND), Resends, Saves(BEN, NEWER)]),
    ],
    mails: 3,
    trail: &[("password_changed", 1), (r#"closed {"why":"finished"}"#, 1)],
    keys: &[("cs-message", 1)],
};

/// All of them, in the order of the table.
pub const ROADS: [&Road; 7] = [&OWNER, &MEMBER, &ASIDE, &SUCCESSOR, &RESUME, &LINK, &RECOVER];
