//! Steps, calls and texts that several scenarios share.

use std::time::Duration;

use super::actions::Action::{Code, Presses, Selects, Types};
use super::step::{Call, CallKind, CoreUse, Step, StepKind, call};

pub(super) const BEN: &str = "ben@waizant.example";
pub(super) const JULIA: &str = "julia@example.com";
pub(super) const TOM: &str = "tom@example.com";
pub(super) const SOFIA: &str = "sofia@example.com";

/// Time after which the bot reads an agent's account again. It caches an account for a minute.
pub(super) const ELIGIBILITY_EXPIRES: Duration = Duration::from_secs(61);
/// Time after which the agent may request another code.
pub(super) const RESEND_WAIT: Duration = Duration::from_secs(61);
pub(super) const READS_ACCOUNT: Call = call("AdminGetUser", CallKind::Read);
pub(super) const MAILS_CODE: Call = call("cs-otp-send", CallKind::Blocking);
pub(super) const CHECKS_CODE: Call = call("cs-otp-verify", CallKind::Blocking);
pub(super) const ISSUES_LINK: Call = call("cs-access", CallKind::Blocking);
pub(super) const REVOKES_LINKS: Call = call("cs-access", CallKind::Background);

pub(super) const NO_CODE_YET: &str = "You have no valid code.";
pub(super) const AGENT_PANEL: &str = "2 of 4 · Your own code";
pub(super) const CUSTOMER_PANEL: &str = "read out the code that was mailed";

pub(super) const LOOK_UP: Step = Step::new(
    "look up",
    StepKind::StartsSession,
    Types("/support technical email:julia@example.com"),
    "You have no open session",
)
.calling(&[READS_ACCOUNT])
.reading(CoreUse::Reread);
pub(super) const START: Step =
    Step::new("Start", StepKind::Moves, Presses("Start"), "[Start verification")
        .after(ELIGIBILITY_EXPIRES)
        .calling(&[READS_ACCOUNT])
        .reading(CoreUse::Reread);
pub(super) const CHOOSE: Step = Step::new(
    "choose an ecosystem",
    StepKind::SendsCode,
    Selects("Casa Luz"),
    "<Choose an ecosystem",
)
.calling(&[MAILS_CODE])
.reading(CoreUse::Needed)
.or_else(NO_CODE_YET, &[Presses("Resend")]);
pub(super) const AGENT_FORM: Step =
    Step::new("Enter code", StepKind::OpensForm, Presses("Enter code"), AGENT_PANEL);
pub(super) const AGENT_CODE: Step =
    Step::then("agent's code", StepKind::ChecksCode, Code(BEN)).calling(&[CHECKS_CODE]);
pub(super) const SEND: Step =
    Step::new("Send code", StepKind::SendsCode, Presses("Send code"), "[Send code")
        .calling(&[MAILS_CODE])
        .reading(CoreUse::Reread);
pub(super) const CUSTOMER_FORM: Step =
    Step::new("Enter code, customer's", StepKind::OpensForm, Presses("Enter code"), CUSTOMER_PANEL);

pub(super) const fn customer_code(address: &'static str) -> Step {
    Step::then("customer's code", StepKind::ChecksCode, Code(address))
        .calling(&[CHECKS_CODE])
        .reading(CoreUse::Shown)
}
