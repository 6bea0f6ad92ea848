//! The process dies at every step of the road: before an effect reached its function, between the effect and the saving of its
//! outcome, and after everything. Nothing is lost, nothing happens twice, and the road can be walked to its end.

use std::sync::Arc;
use std::time::Duration;

use sandbox::aws::Fault;
use sandbox::discord::Person;

use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
/// From then on a client takes an interaction for failed.
const TOO_LATE: Duration = Duration::from_millis(3_001);

/// The steps of the road, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    LookUp,
    Start,
    Choose,
    AgentCode,
    Send,
    CustomerCode,
    Open,
    Finish,
}

/// When in a step the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// What is asked for has not been done.
    Before,
    /// It has been done, and nobody knows.
    Between,
    /// It is saved and drawn.
    After,
}

use Moment::{After, Before, Between};
use Step::{AgentCode, Choose, CustomerCode, Finish, LookUp, Open, Send, Start};

const ROAD: [Step; 8] = [LookUp, Start, Choose, AgentCode, Send, CustomerCode, Open, Finish];

impl Step {
    /// The function, or operation, that the step asks.
    fn asks(self) -> &'static str {
        match self {
            LookUp | Start => "AdminGetUser",
            Choose | Send => "cs-otp-send",
            AgentCode | CustomerCode => "cs-otp-verify",
            Open | Finish => "cs-access",
        }
    }

    /// Everything before the act itself.
    async fn prepare(self, who: &Person) {
        if matches!(self, AgentCode | CustomerCode) {
            who.presses("Enter code").await;
        }
    }

    /// What is typed in the step, if anything.
    fn code(self, world: &World) -> String {
        match self {
            AgentCode => world.code_for(BEN),
            CustomerCode => world.code_for(JULIA),
            _ => String::new(),
        }
    }

    async fn act(self, who: &Person, code: &str) {
        match self {
            LookUp => who.types("/support technical email:julia@example.com").await,
            Start => who.presses("Start").await,
            Choose => who.selects("Casa Luz").await,
            AgentCode | CustomerCode => who.submits([code]).await,
            Send => who.presses("Send code").await,
            Open => who.presses("Waizant Web").await,
            Finish => who.presses("Finish").await,
        }
    }

    /// What a panel shows on which this is the next step.
    fn sign(self) -> &'static str {
        match self {
            LookUp => "",
            Start => "[Start verification process]",
            Choose => "<Choose an ecosystem",
            AgentCode => "Step 1 of 2: internal verification",
            Send => "[Send code]",
            CustomerCode => "A code was mailed to the **customer**",
            Open | Finish => "[Waizant Web]",
        }
    }
}

/// Walks the steps from one to before another, reading everything.
async fn walk(world: &World, who: &Person, from: Step, to: Option<Step>) {
    for step in ROAD.into_iter().filter(|step| *step >= from && to.is_none_or(|to| *step < to)) {
        step.prepare(who).await;
        step.act(who, &step.code(world)).await;
        who.sees().await;
    }
}

/// Dies at this moment of this step, starts again, comes back with `/support resume` and walks on to the end.
async fn dies_in(step: Step, moment: Moment) {
    World::run(async |world| {
        let ben = world.person("ben");
        walk(world, &ben, LookUp, Some(step)).await;
        step.prepare(&ben).await;
        die(world, &ben, step, moment).await;
        world.starts().await;
        ben.sees().await;
        ben.reloads();

        ben.types("/support resume").await;
        let panel = ben.sees().await;
        let next = comes_back_at(step, moment);
        match next {
            None => assert!(panel.contains("You have no open session"), "{panel}"),
            Some(next) => assert!(panel.contains(next.sign()), "{next:?} expected: {panel}"),
        }
        if step != Finish {
            walk(world, &ben, next.unwrap_or(LookUp), None).await;
        }
        everything_happened_once(world).await;
    })
    .await;
}

/// The process dies at this moment of this step; nobody answers its click any more.
async fn die(world: &mut World, who: &Person, step: Step, moment: Moment) {
    let code = step.code(world);
    if moment == After {
        step.act(who, &code).await;
        who.sees().await;
        return world.crashes();
    }
    let aws = Arc::clone(&world.sandbox.aws);
    let (faults, asks) = (aws.faults(), step.asks());
    let before = aws.calls_of(asks).len();
    if moment == Before {
        faults.hold(asks);
    } else {
        faults.always(asks, Fault::HangAfterWork);
    }
    tokio::join!(step.act(who, &code), async {
        if moment == Before {
            faults.arrived(asks, before + 1).await;
        } else {
            faults.worked(asks, before + 1).await;
        }
        world.crashes();
        faults.clear(asks);
        faults.lose(asks);
        world.clock.advance(TOO_LATE);
    });
}

/// The next step on the panel after the restart: what was asked for is finished, a code that was being checked is typed again, and
/// a look-up of which nothing was saved never was. `None`: there is no session.
fn comes_back_at(step: Step, moment: Moment) -> Option<Step> {
    match (step, moment) {
        (LookUp, Before | Between) | (Finish, _) => None,
        (AgentCode | CustomerCode, Before | Between) => Some(step),
        _ => ROAD.into_iter().find(|next| *next > step),
    }
}

/// The road was walked to its end, and each of its effects is there once.
async fn everything_happened_once(world: &World) {
    assert_eq!((world.sandbox.mail.for_address(BEN).len(), world.sandbox.mail.for_address(JULIA).len()), (1, 1));
    let trail = world.trail().await;
    let count = |beginning: &str| trail.iter().filter(|event| event.starts_with(beginning)).count();
    for once in ["started", "ecosystem_chosen", "access_opened", r#"closed {"why":"finished"}"#, "revoke_asked", "revoked"] {
        assert_eq!(count(once), 1, "{once}: {trail:#?}");
    }
    assert_eq!((count("code_sent"), count("code_right"), count("code_wrong")), (2, 2, 0), "{trail:#?}");
    for function in ["cs-otp-send", "cs-otp-verify", "cs-access"] {
        let mut keys: Vec<_> = world.sandbox.aws.calls_of(function).into_iter().filter_map(|call| call.request_id).collect();
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
    before_the_look_up: LookUp, Before;
    while_looking_up: LookUp, Between;
    after_the_look_up: LookUp, After;
    after_start: Start, After;
    before_the_agents_code_is_mailed: Choose, Before;
    when_the_agents_code_is_mailed_and_nobody_knows: Choose, Between;
    after_the_agents_code_is_mailed: Choose, After;
    before_the_agents_code_is_checked: AgentCode, Before;
    when_the_agents_code_is_used_up_and_nobody_knows: AgentCode, Between;
    after_the_agents_code_is_checked: AgentCode, After;
    before_the_customers_code_is_mailed: Send, Before;
    when_the_customers_code_is_mailed_and_nobody_knows: Send, Between;
    after_the_customers_code_is_mailed: Send, After;
    before_the_customers_code_is_checked: CustomerCode, Before;
    when_the_customers_code_is_used_up_and_nobody_knows: CustomerCode, Between;
    after_the_customers_code_is_checked: CustomerCode, After;
    before_the_web_is_opened: Open, Before;
    when_the_web_is_open_and_nobody_knows: Open, Between;
    after_the_web_is_opened: Open, After;
    before_it_is_revoked: Finish, Before;
    when_it_is_revoked_and_nobody_knows: Finish, Between;
    after_it_is_revoked: Finish, After;
}

#[tokio::test]
async fn a_check_that_was_under_way_asks_for_the_code_again_and_costs_no_try() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        ben.presses("Enter code").await;
        let code = world.wrong_code_for(BEN);
        let aws = Arc::clone(&world.sandbox.aws);
        aws.faults().hold("cs-otp-verify");
        tokio::join!(ben.submits([code.as_str()]), async {
            aws.faults().arrived("cs-otp-verify", 1).await;
            world.clock.advance(Duration::from_millis(1_500));
        });
        world.crashes();
        aws.faults().lose("cs-otp-verify");
        world.starts().await;
        let panel = ben.sees().await;
        assert!(panel.contains("The check of the code was interrupted. Type the code again; no try was lost."), "{panel}");
        ben.presses("Enter code").await;
        ben.submits([code.as_str()]).await;
        assert!(ben.sees().await.contains("4 tries left"));
    })
    .await;
}

#[tokio::test]
async fn the_deadline_is_where_it_was_whenever_the_process_died() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        for _ in 0..3 {
            world.passes(Duration::from_mins(3)).await;
            world.restarts().await;
        }
        world.passes(Duration::from_secs(2 * 60 + 59)).await;
        assert_eq!(ben.sees().await, "", "11:59 from the last click");
        world.passes(Duration::from_secs(1)).await;
        assert!(ben.sees().await.contains("This session closes in 3 minutes"));
        world.restarts().await;
        world.passes(Duration::from_secs(2 * 60 + 45)).await;
        assert!(ben.sees().await.contains("This session closes for lack of activity"));
        world.restarts().await;
        world.passes(Duration::from_secs(15)).await;
        assert_eq!(world.trail().await.last().unwrap(), r#"closed {"why":"idle"}"#);
    })
    .await;
}

#[tokio::test]
async fn what_was_asked_for_in_a_session_that_is_over_by_now_is_not_done_any_more() {
    World::run(async |world| {
        let ben = world.person("ben");
        walk(world, &ben, LookUp, Some(Send)).await;
        die(world, &ben, Send, Before).await;
        world.clock.advance(Duration::from_mins(15));
        world.starts().await;
        ben.sees().await;
        assert_eq!(world.trail().await.last().unwrap(), r#"closed {"why":"idle"}"#);
        assert!(world.sandbox.mail.for_address(JULIA).is_empty(), "no code for a session that is closed");
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("there was no activity"));
    })
    .await;
}

#[tokio::test]
async fn a_function_that_hangs_over_one_session_does_not_hold_up_the_others() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        walk(world, &ben, LookUp, Some(Choose)).await;
        eva.types("/support technical email:tom@example.com").await;
        eva.presses("Start").await;
        eva.sees().await;
        let aws = Arc::clone(&world.sandbox.aws);
        let faults = aws.faults();
        faults.hold("cs-otp-send");
        tokio::join!(ben.selects("Casa Luz"), eva.selects("Huerta Norte"), async {
            faults.arrived("cs-otp-send", 2).await;
            world.crashes();
            faults.lose("cs-otp-send");
            world.clock.advance(TOO_LATE);
        });
        faults.hold("cs-otp-send");
        tokio::join!(world.starts(), async {
            faults.arrived("cs-otp-send", 4).await;
            faults.release("cs-otp-send");
        });
        for who in [ben, eva] {
            assert!(who.sees().await.contains("This interaction failed"));
            who.types("/support resume").await;
            assert!(who.sees().await.contains("A code was mailed to **you**"));
            assert_eq!(world.sandbox.mail.for_address(&world.mailbox_of(&who)).len(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn the_code_of_a_link_is_mailed_once_and_its_notice_too() {
    World::run(async |world| {
        let olga = world.person("olga");
        let aws = Arc::clone(&world.sandbox.aws);
        aws.faults().hold("cs-otp-send");
        tokio::join!(olga.types("/account link email:olga@waizant.example"), aws.faults().arrived("cs-otp-send", 1));
        world.crashes();
        aws.faults().lose("cs-otp-send");
        world.starts().await;
        olga.sees().await;

        aws.faults().always("cs-message", Fault::HangAfterWork);
        olga.presses("Enter code").await;
        olga.submits([world.code_for("olga@waizant.example").as_str()]).await;
        aws.faults().worked("cs-message", 1).await;
        world.crashes();
        aws.faults().clear("cs-message");
        aws.faults().lose("cs-message");
        world.starts().await;
        assert!(olga.sees().await.contains("is linked to the BackOffice account"));
        assert_eq!(world.sandbox.mail.for_address("olga@waizant.example").len(), 2, "a code and a notice");
        let calls = aws.calls_of("cs-message");
        assert!(calls.len() == 2 && calls[0].request_id == calls[1].request_id);
    })
    .await;
}

#[tokio::test]
async fn the_leads_are_told_of_a_lock_by_the_process_that_comes_after() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let slow = sandbox::discord::RestFault::Late(Duration::from_hours(1));
        world.sandbox.discord.faults().next_calls_to("/channels/", 1, slow);
        for _ in 0..5 {
            ben.presses("Enter code").await;
            ben.submits([world.wrong_code_for(BEN).as_str()]).await;
        }
        world.sandbox.discord.faults().all_met().await;
        world.crashes();
        world.starts().await;
        assert!(ben.sees().await.contains("too many wrong codes"));
        assert!(world.sandbox.discord.channel_sees(sandbox::cast::LEADS_CHANNEL_ID).await.contains("Session locked"));
    })
    .await;
}
