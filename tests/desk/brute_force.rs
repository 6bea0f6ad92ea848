//! Brute force: the number of guesses at one subject's code that reach the function in 24 hours.
//!
//! docs/security.md states the chance of a correct guess. The test moves the clock.

use std::collections::HashSet;
use std::time::Duration;

use commands::flows::link::{LINK_MAILS, LINK_WINDOW};
use commands::flows::recover::{RECOVER_CONFIRMS, RECOVER_WINDOW, WRONG_CODES_A_DAY};
use commands::model::time::minutes;
use commands::model::verification::{
    ATTEMPTS_A_SESSION, ATTEMPTS_AN_HOUR, ATTEMPTS_WINDOW, SENDS_A_DAY, SENDS_WINDOW,
    WRONG_IN_A_ROW,
};
use sandbox::aws::Call;
use sandbox::discord::Person;
use sandbox::seed::{AGENT_ROLE_ID, LEADS_CHANNEL_ID};

use crate::recover::visit::NEW;
use crate::world::World;

const JULIA: &str = "julia@example.com";
const OLGA: &str = "olga@waizant.example";
/// Start of each round of guesses, in minutes from the start of the test.
///
/// Rounds are dense until the daily limit is used up. Later ones check that it stays used up.
const ROUNDS: [u64; 18] =
    [0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330, 360, 540, 720, 900, 1_080, 1_439];
/// Most guesses at one subject's code, on any number of days: the twentieth wrong code in a row
/// locks the subject out until it is unlocked.
const IN_A_ROW: usize = WRONG_IN_A_ROW as usize;

/// Strategy of the guessing agents.
#[derive(Clone, Copy)]
struct Plan {
    /// Guesses in a session before they leave it. The fifth locks the subject out.
    guesses: u32,
    /// Request another code after two guesses.
    resends: bool,
    /// All agents guess in every round, instead of one agent a round.
    all: bool,
}

/// Four guesses in half an hour: no session reaches five wrong codes, and no hour reaches ten.
const PATIENT: Plan = Plan { guesses: ATTEMPTS_A_SESSION - 1, resends: false, all: false };
const RECKLESS: Plan = Plan { guesses: ATTEMPTS_A_SESSION, resends: false, all: true };
const RESENDING: Plan = Plan { resends: true, ..RECKLESS };

/// Runs `round` at each moment of [`ROUNDS`].
async fn repeat_for_a_day(world: &World, mut round: impl AsyncFnMut(usize)) {
    assert!(minutes(ROUNDS[17]) < SENDS_WINDOW);
    for (n, begins) in ROUNDS.into_iter().enumerate() {
        world.leaps_until(minutes(begins)).await;
        round(n).await;
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
    }
}

/// Submits wrong codes to the newest panel of `who`.
async fn guesses(world: &World, who: &Person, plan: Plan) {
    for n in 0..plan.guesses {
        if plan.resends && n == 2 {
            world.passes(minutes(1)).await;
            let _ = who.try_presses(None, "Resend").await;
            who.sees().await;
        }
        if who.try_presses(None, "Enter code").await.is_err() {
            return;
        }
        who.submits([format!("{:06}", 424_242 + n).as_str()]).await;
        who.sees().await;
    }
}

/// Cancels or closes the session on the newest panel of `who`.
async fn leaves(who: &Person) {
    if who.try_presses(None, "Cancel").await.is_ok() {
        who.submits(["the limit is used up"]).await;
    } else {
        let _ = who.try_presses(None, "Close").await;
    }
    who.sees().await;
}

/// Starts a session and chooses the ecosystem. Returns false if the bot refuses.
async fn starts(who: &Person, customer: &str) -> bool {
    who.types(&format!("/support technical email:{customer}")).await;
    who.sees().await;
    if who.try_presses(None, "Start").await.is_err() {
        return false;
    }
    let chosen = who.try_selects("Casa Luz").await.is_ok();
    who.sees().await;
    chosen
}

/// Opens one session, enters the agent's own code from the mailbox, and guesses the customer's
/// code.
async fn guesses_customer(world: &World, who: &Person, plan: Plan) {
    if starts(who, JULIA).await && who.try_presses(None, "Enter code").await.is_ok() {
        who.submits([world.code_for(&world.mailbox_of(who)).as_str()]).await;
        who.sees().await;
        if who.try_presses(None, "Send code").await.is_ok() {
            who.sees().await;
            guesses(world, who, plan).await;
        }
    }
    leaves(who).await;
}

/// Returns the guesses with this purpose that reached the function.
fn guesses_sent(world: &World, purpose: &str) -> Vec<Call> {
    let calls = world.sandbox.aws.calls_of("cs-otp-verify").into_iter();
    calls
        .filter(|call| {
            call.body["purpose"] == purpose
                && call.body["code"].as_str().unwrap().starts_with("4242")
        })
        .collect()
}

/// Asserts that no window of this length contains more than `most` calls.
fn assert_at_most(calls: &[Call], most: u32, window: Duration) {
    let window = i64::try_from(window.as_millis()).unwrap();
    for first in calls {
        let within =
            calls.iter().filter(|call| (first.at..first.at + window).contains(&call.at)).count();
        assert!(within <= most as usize, "{within} within {window} ms from {} on", first.at);
    }
}

/// Lets three colluding agents guess a customer's code for a day. Returns the number of guesses.
async fn guess_customers_code(plan: Plan) -> usize {
    let mut count = 0;
    World::run(async |world| {
        let agents = ["ben", "eva", "ana"].map(|name| world.person(name));
        agents[2].locale("en-US");
        repeat_for_a_day(world, async |n| {
            let guessing = if plan.all { 0..3 } else { n % 3..n % 3 + 1 };
            for agent in guessing {
                guesses_customer(world, &agents[agent], plan).await;
            }
        })
        .await;
        let locked = world
            .trail()
            .await
            .iter()
            .any(|event| event.starts_with("closed") && event.contains("locked"));
        assert!(locked, "a lockout alerts the leads");
        let guesses = guesses_sent(world, "customer_consent");
        assert_at_most(&guesses, ATTEMPTS_AN_HOUR, ATTEMPTS_WINDOW);
        assert!(world.sandbox.mail.for_address(JULIA).len() <= SENDS_A_DAY as usize);
        count = guesses.len();
    })
    .await;
    count
}

#[tokio::test]
async fn colluding_agents_get_twenty_guesses() {
    assert_eq!(guess_customers_code(RECKLESS).await, IN_A_ROW);
}

#[tokio::test]
async fn patient_agents_get_twenty_guesses() {
    assert_eq!(guess_customers_code(PATIENT).await, IN_A_ROW);
}

#[tokio::test]
async fn resent_code_adds_no_guess() {
    assert_eq!(guess_customers_code(RESENDING).await, IN_A_ROW);
}

#[tokio::test]
async fn stolen_discord_account_gets_twenty_guesses() {
    World::run(async |world| {
        let thief = world.person("ben");
        repeat_for_a_day(world, async |n| {
            // Two customers in turn, because the limit counts by agent.
            if starts(&thief, [JULIA, "tom@example.com"][n % 2]).await {
                guesses(world, &thief, RECKLESS).await;
            }
            leaves(&thief).await;
        })
        .await;
        let guesses = guesses_sent(world, "agent_mfa");
        assert_at_most(&guesses, ATTEMPTS_AN_HOUR, ATTEMPTS_WINDOW);
        assert_eq!(guesses.len(), IN_A_ROW);
    })
    .await;
}

#[tokio::test]
async fn stolen_account_gets_ten_reset_guesses_a_day() {
    World::run(async |world| {
        let thief = world.person("ben");
        // Cognito has lower limits of its own, which are not documented: turn them off.
        world.sandbox.aws.set_hourly_limit(usize::MAX);
        let mut alerts = String::new();
        for hour in 0..24 {
            world.leaps_until(minutes(60 * hour)).await;
            let visit = world.recovers(&thief).await;
            // Each link ends before its own fifth wrong code.
            for n in 0..RECOVER_CONFIRMS - 1 {
                world.saves(&visit, &format!("{:06}", 424_242 + n), NEW, NEW).await;
            }
            thief.sees().await;
            alerts += &world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        }
        let guesses = world.sandbox.aws.calls_of("ConfirmForgotPassword");
        assert_at_most(&guesses, RECOVER_CONFIRMS, RECOVER_WINDOW);
        assert_eq!(guesses.len(), WRONG_CODES_A_DAY as usize);
        for count in [5, 10] {
            let alert = format!("An agent has typed {count} wrong **password reset codes**");
            assert_eq!(alerts.matches(&alert).count(), 1, "{alerts}");
        }
    })
    .await;
}

#[tokio::test]
async fn colluding_strangers_get_thirty_link_guesses() {
    World::run(async |world| {
        let strangers = ["sam", "fred", "olga"].map(|name| world.person(name));
        strangers[0].set_roles(&[AGENT_ROLE_ID]);
        world.executes("delete from account_links where name = 'Fred Newman'").await;
        repeat_for_a_day(world, async |_| {
            for stranger in &strangers {
                stranger.types(&format!("/account link email:{OLGA}")).await;
                stranger.sees().await;
                guesses(world, stranger, RECKLESS).await;
                leaves(stranger).await;
            }
        })
        .await;
        let mails = world.sandbox.mail.for_address(OLGA);
        let mailed: HashSet<String> = mails
            .iter()
            .filter_map(|mail| Some(mail.request_id.as_ref()?.split(':').next()?.to_owned()))
            .collect();
        let mut guesses = guesses_sent(world, "agent_link");
        assert_eq!(guesses.len(), 3 * IN_A_ROW, "each stranger is locked out for good");
        guesses.retain(|call| mailed.contains(call.body["session_id"].as_str().unwrap()));
        assert_at_most(&guesses, LINK_MAILS * ATTEMPTS_A_SESSION, LINK_WINDOW);
        assert!(mails.len() <= SENDS_A_DAY as usize);
        assert_eq!(guesses.len(), 30, "half of the guesses meet no mailed code");
    })
    .await;
}
