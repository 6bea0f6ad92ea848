//! One replica dies in the middle of a click, and the other finishes what it began: within the
//! interaction's life if it has the interaction too, by a sweep or at its start if not. Always
//! under the same keys.

use std::sync::Arc;
use std::time::Duration;

use sandbox::aws::Fault;
use sandbox::clock::Clock as _;
use sandbox::discord::Person;

use super::pair::Pair;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
/// How long a claim keeps others away.
const LEASE: Duration = Duration::from_secs(2);

/// From then on a client takes an interaction for failed.
const TOO_LATE: Duration = Duration::from_millis(3_001);

/// The steps of the road with an effect that the panel waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Choose,
    AgentCode,
    Send,
    CustomerCode,
    Open,
}

/// When in a step the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// What is asked for has not been done.
    Before,
    /// It has been done, and nobody knows.
    Between,
}

use Moment::{Before, Between};
use Step::{AgentCode, Choose, CustomerCode, Open, Send};

const ROAD: [Step; 5] = [Choose, AgentCode, Send, CustomerCode, Open];

impl Step {
    fn asks(self) -> &'static str {
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

    /// What is typed in the step, if anything.
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

    /// What the panel shows after it.
    fn leads_to(self) -> &'static str {
        match self {
            Choose => "A code was mailed to **you**",
            AgentCode => "[Send code]",
            Send => "A code was mailed to the **customer**",
            CustomerCode => "[Waizant Web]",
            Open => "[Open the web ↗]",
        }
    }
}

async fn walk(pair: &Pair, who: &Person, steps: impl IntoIterator<Item = Step>) {
    for step in steps {
        step.prepare(who).await;
        step.act(who, &step.code(pair)).await;
        assert!(pair.sees(who).await.contains(step.leads_to()), "{step:?}");
    }
}

async fn starts(pair: &Pair, who: &Person) {
    who.types("/support technical email:julia@example.com").await;
    pair.sees(who).await;
    who.presses("Start").await;
    pair.sees(who).await;
}

/// Whoever works on this step dies over it. The other one sees to it that its click is answered.
async fn dies_in(step: Step, moment: Moment) {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        starts(pair, &ben).await;
        walk(pair, &ben, ROAD.into_iter().filter(|other| *other < step)).await;
        step.prepare(&ben).await;
        // What clients still wait for from earlier on would draw the clock along.
        pair.settled().await;
        pair.clock.advance(TOO_LATE);
        let aws = Arc::clone(&pair.sandbox.aws);
        let (faults, asks) = (aws.faults(), step.asks());
        let before = aws.calls_of(asks).len();
        match moment {
            Before => faults.hold(asks),
            Between => faults.always(asks, Fault::HangAfterWork),
        }
        let acting = tokio::spawn({
            let (ben, code) = (ben.clone(), step.code(pair));
            async move { step.act(&ben, &code).await }
        });
        match moment {
            Before => faults.arrived(asks, before + 1).await,
            Between => faults.worked(asks, before + 1).await,
        }
        let began = pair.clock.now();
        let worker = pair.at_work().await;
        pair.crashes(worker).await;
        faults.clear(asks);
        faults.lose(asks);
        pair.dozing(faults.arrived(asks, before + 2)).await;
        let taken_over = Duration::from_millis(u64::try_from(pair.clock.now() - began).unwrap());
        assert!(taken_over >= LEASE && taken_over < Duration::from_secs(3), "{taken_over:?}");
        pair.dozing(acting).await.unwrap();

        let seen = pair.sees(&ben).await;
        assert!(
            seen.contains(step.leads_to()) && !seen.contains("failed"),
            "{step:?} {moment:?}: {seen}"
        );
        walk(pair, &ben, ROAD.into_iter().filter(|other| *other > step)).await;
        ben.presses("Finish").await;
        assert!(pair.sees(&ben).await.contains("it was finished."));
        pair.settled().await;
        happened_once(pair, asks).await;
    })
    .await;
}

async fn happened_once(pair: &Pair, asks: &str) {
    assert_eq!(pair.postgres.count("select count(*) from claims where outcome is null").await, 0);
    assert_eq!(
        (pair.sandbox.mail.for_address(BEN).len(), pair.sandbox.mail.for_address(JULIA).len()),
        (1, 1)
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
        assert_eq!(keys.len(), if function == asks { 3 } else { 2 }, "{function}");
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 2, "what was asked again was asked under the same key: {keys:?}");
    }
}

macro_rules! dying {
    ($($name:ident: $step:ident, $moment:ident;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                dies_in($step, $moment).await;
            }
        )*
    };
}

dying! {
    before_the_agents_code_is_mailed: Choose, Before;
    when_the_agents_code_is_mailed_and_nobody_knows: Choose, Between;
    before_the_agents_code_is_checked: AgentCode, Before;
    when_the_agents_code_is_used_up_and_nobody_knows: AgentCode, Between;
    before_the_customers_code_is_mailed: Send, Before;
    when_the_customers_code_is_mailed_and_nobody_knows: Send, Between;
    before_the_customers_code_is_checked: CustomerCode, Before;
    when_the_customers_code_is_used_up_and_nobody_knows: CustomerCode, Between;
    before_the_web_is_opened: Open, Before;
    when_the_web_is_open_and_nobody_knows: Open, Between;
}

#[tokio::test]
async fn what_only_the_dead_one_had_heard_of_is_finished_by_a_sweep_of_the_other() {
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
        assert_eq!(pair.at_work().await, 0);
        pair.crashes(0).await;
        aws.faults().lose("cs-otp-send");
        pair.sandbox.discord.faults().deliver_to_one(false);
        pair.clock.advance(Duration::from_secs(58));
        pair.sweep(1).await;
        assert_eq!(aws.calls_of("cs-otp-send").len(), 1, "it might be slow");
        pair.clock.advance(Duration::from_secs(1));
        pair.sweep(1).await;
        assert!(
            pair.sees(&ben).await.contains("A code was mailed to **you**"),
            "a minute after it was asked"
        );
        let calls = aws.calls_of("cs-otp-send");
        assert!(calls.len() == 2 && calls[0].request_id == calls[1].request_id);
        assert_eq!(pair.sandbox.mail.for_address(BEN).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_replica_that_starts_finishes_what_a_dead_one_left() {
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
            "nobody was there to answer it"
        );
        ben.types("/support resume").await;
        assert!(pair.sees(&ben).await.contains("A code was mailed to **you**"));
        assert_eq!(pair.sandbox.mail.for_address(BEN).len(), 1);
    })
    .await;
}
