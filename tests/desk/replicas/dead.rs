//! A replica crashes during a click, and the other continues under the same keys: before Discord's
//! deadline if it has the interaction too, otherwise by a sweep or at its start.

use std::sync::Arc;
use std::time::Duration;

use sandbox::aws::Fault;
use sandbox::clock::Clock as _;
use sandbox::discord::{Person, RestFault};

use super::pair::Pair;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
/// Lease of a claim. The other replica takes over after it.
const LEASE: Duration = Duration::from_secs(2);
/// Time after which a Discord client reports a failed interaction.
const TOO_LATE: Duration = Duration::from_millis(3_001);

/// Steps with an effect that blocks the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Choose,
    AgentCode,
    Send,
    CustomerCode,
    Open,
}

/// Time of the crash within a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// Before the function acts.
    Before,
    /// After the function has acted and before its reply.
    Between,
}

use Moment::{Before, Between};
use Step::{AgentCode, Choose, CustomerCode, Open, Send};

const STEPS: [Step; 5] = [Choose, AgentCode, Send, CustomerCode, Open];

impl Step {
    fn function(self) -> &'static str {
        match self {
            Choose | Send => "cs-otp-send",
            AgentCode | CustomerCode => "cs-otp-verify",
            Open => "cs-access",
        }
    }

    async fn prepare(self, who: &Person) {
        if matches!(self, AgentCode | CustomerCode) {
            who.presses("Enter code").await;
        }
    }

    /// Returns the code that the step submits. Empty if it submits none.
    fn code(self, pair: &Pair) -> String {
        match self {
            AgentCode => pair.code_for(BEN),
            CustomerCode => pair.code_for(JULIA),
            _ => String::new(),
        }
    }

    async fn act(self, who: &Person, code: &str) {
        match self {
            Choose => who.selects("Casa Luz").await,
            AgentCode | CustomerCode => who.submits([code]).await,
            Send => who.presses("Send code").await,
            Open => who.presses("Waizant Web").await,
        }
    }

    /// Returns a text of the panel after the step.
    fn panel_text(self) -> &'static str {
        match self {
            Choose => "mailed to **you**",
            AgentCode => "[Send code]",
            Send => "read out the code that was mailed",
            CustomerCode => "[Waizant Web]",
            Open => "[Open Waizant Web ↗]",
        }
    }
}

async fn walk(pair: &Pair, who: &Person, steps: impl IntoIterator<Item = Step>) {
    for step in steps {
        step.prepare(who).await;
        step.act(who, &step.code(pair)).await;
        assert!(pair.sees(who).await.contains(step.panel_text()), "{step:?}");
    }
}

async fn starts(pair: &Pair, who: &Person) {
    who.types("/support technical email:julia@example.com").await;
    pair.sees(who).await;
    who.presses("Start").await;
    pair.sees(who).await;
}

/// Crashes the replica that performs this step. The other replica must answer the click.
async fn crash_in(step: Step, moment: Moment) {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        starts(pair, &ben).await;
        walk(pair, &ben, STEPS.into_iter().filter(|other| *other < step)).await;
        step.prepare(&ben).await;
        // Timeouts of earlier interactions must be over before the test stops the clock.
        pair.settled().await;
        pair.clock.advance(TOO_LATE);
        let aws = Arc::clone(&pair.sandbox.aws);
        let (faults, function) = (aws.faults(), step.function());
        let before = aws.calls_of(function).len();
        match moment {
            Before => faults.hold(function),
            Between => faults.always(function, Fault::HangAfterWork),
        }
        let acting = tokio::spawn({
            let (ben, code) = (ben.clone(), step.code(pair));
            async move { step.act(&ben, &code).await }
        });
        match moment {
            Before => faults.arrived(function, before + 1).await,
            Between => faults.worked(function, before + 1).await,
        }
        let began = pair.clock.now();
        let worker = pair.claim_owner().await;
        pair.crashes(worker).await;
        faults.clear(function);
        faults.lose(function);
        pair.with_moving_clock(faults.arrived(function, before + 2)).await;
        let taken_over = Duration::from_millis(u64::try_from(pair.clock.now() - began).unwrap());
        assert!(taken_over >= LEASE && taken_over < Duration::from_secs(3), "{taken_over:?}");
        pair.with_moving_clock(acting).await.unwrap();

        let seen = pair.sees(&ben).await;
        assert!(
            seen.contains(step.panel_text()) && !seen.contains("failed"),
            "{step:?} {moment:?}: {seen}"
        );
        walk(pair, &ben, STEPS.into_iter().filter(|other| *other > step)).await;
        ben.presses("Finish").await;
        assert!(pair.sees(&ben).await.contains("was finished at"));
        pair.settled().await;
        assert_happened_once(pair, function).await;
    })
    .await;
}

async fn assert_happened_once(pair: &Pair, repeated: &str) {
    assert_eq!(pair.postgres.count("select count(*) from claims where outcome is null").await, 0);
    assert_eq!(
        (pair.sandbox.mail.for_address(BEN).len(), pair.sandbox.mail.for_address(JULIA).len()),
        (1, 2),
        "two codes and a visit"
    );
    let trail = pair.postgres.trail().await;
    for once in ["started", "ecosystem_chosen", "access_opened", "closed", "revoked"] {
        assert_eq!(pair.events(once).await, 1, "{once}: {trail:#?}");
    }
    let codes = [
        pair.events("code_sent").await,
        pair.events("code_right").await,
        pair.events("code_wrong").await,
    ];
    assert_eq!(codes, [2, 2, 0], "{trail:#?}");
    for function in ["cs-otp-send", "cs-otp-verify", "cs-access"] {
        let mut keys: Vec<_> = pair
            .sandbox
            .aws
            .calls_of(function)
            .into_iter()
            .filter_map(|call| call.request_id)
            .collect();
        assert_eq!(keys.len(), if function == repeated { 3 } else { 2 }, "{function}");
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 2, "the repeated call has another key: {keys:?}");
    }
}

#[tokio::test]
async fn refused_panel_of_a_takeover_is_minimal() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        starts(pair, &ben).await;
        walk(pair, &ben, [Choose, AgentCode]).await;
        pair.settled().await;
        pair.clock.advance(TOO_LATE);
        let aws = Arc::clone(&pair.sandbox.aws);
        let (faults, function) = (aws.faults(), Send.function());
        let before = aws.calls_of(function).len();
        faults.hold(function);
        let acting = tokio::spawn({
            let ben = ben.clone();
            async move { Send.act(&ben, "").await }
        });
        faults.arrived(function, before + 1).await;
        let worker = pair.claim_owner().await;
        pair.crashes(worker).await;
        let edit = "PATCH /api/v10/webhooks/";
        pair.sandbox.discord.faults().next_calls_to(edit, 1, RestFault::InvalidForm);
        faults.clear(function);
        faults.lose(function);
        pair.with_moving_clock(faults.arrived(function, before + 2)).await;
        pair.with_moving_clock(acting).await.unwrap();
        let seen = pair.sees(&ben).await;
        assert!(seen.contains("Panel without details") && seen.contains("[Cancel]"), "{seen}");
        ben.presses("Cancel").await;
        ben.submits(["The panel was refused."]).await;
        assert!(pair.sees(&ben).await.contains("it was cancelled."));
        pair.settled().await;
    })
    .await;
}

macro_rules! crashing {
    ($($name:ident: $step:ident, $moment:ident;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                crash_in($step, $moment).await;
            }
        )*
    };
}

crashing! {
    crash_before_agent_code_mail_is_taken_over: Choose, Before;
    crash_after_agent_code_mail_is_taken_over: Choose, Between;
    crash_before_agent_code_check_is_taken_over: AgentCode, Before;
    crash_after_agent_code_check_is_taken_over: AgentCode, Between;
    crash_before_customer_code_mail_is_taken_over: Send, Before;
    crash_after_customer_code_mail_is_taken_over: Send, Between;
    crash_before_customer_code_check_is_taken_over: CustomerCode, Before;
    crash_after_customer_code_check_is_taken_over: CustomerCode, Between;
    crash_before_link_issue_is_taken_over: Open, Before;
    crash_after_link_issue_is_taken_over: Open, Between;
}

#[tokio::test]
async fn click_unknown_to_survivor_is_finished_by_sweep() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        starts(pair, &ben).await;
        let aws = Arc::clone(&pair.sandbox.aws);
        aws.faults().hold("cs-otp-send");
        pair.sandbox.discord.faults().deliver_to_one(true);
        tokio::join!(ben.selects("Casa Luz"), async {
            aws.faults().arrived("cs-otp-send", 1).await;
            pair.clock.advance(Duration::from_millis(1_500));
        });
        assert_eq!(pair.claim_owner().await, 0);
        pair.crashes(0).await;
        aws.faults().lose("cs-otp-send");
        pair.sandbox.discord.faults().deliver_to_one(false);
        pair.clock.advance(Duration::from_secs(58));
        pair.sweep(1).await;
        assert_eq!(aws.calls_of("cs-otp-send").len(), 1, "the other replica may still be working");
        pair.clock.advance(Duration::from_secs(1));
        pair.sweep(1).await;
        assert!(
            pair.sees(&ben).await.contains("mailed to **you**"),
            "the sweep did not finish the effect after a minute"
        );
        let calls = aws.calls_of("cs-otp-send");
        assert!(calls.len() == 2 && calls[0].request_id == calls[1].request_id);
        assert_eq!(pair.sandbox.mail.for_address(BEN).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn pending_effect_is_finished_by_starting_replica() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        starts(pair, &ben).await;
        pair.crashes(1).await;
        let aws = Arc::clone(&pair.sandbox.aws);
        aws.faults().hold("cs-otp-send");
        let acting = tokio::spawn({
            let ben = ben.clone();
            async move { ben.selects("Casa Luz").await }
        });
        aws.faults().arrived("cs-otp-send", 1).await;
        pair.crashes(0).await;
        aws.faults().lose("cs-otp-send");
        acting.abort();
        pair.clock.advance(TOO_LATE);
        pair.starts(1).await;
        assert_eq!(aws.calls_of("cs-otp-send").len(), 2);
        assert!(
            pair.sees(&ben).await.contains("This interaction failed"),
            "no replica was there to answer"
        );
        ben.types("/support resume").await;
        assert!(pair.sees(&ben).await.contains("mailed to **you**"));
        assert_eq!(pair.sandbox.mail.for_address(BEN).len(), 1);
    })
    .await;
}
