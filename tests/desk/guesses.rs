//! A day of guessing: how many codes of one subject ever reach the function that checks them,
//! however the guessers go about it.
//!
//! What they are worth is told in docs/security.md: so many of a million. The clock is moved by
//! hand through 24 hours.

use std::collections::HashSet;
use std::time::Duration;

use commands::flows::link::{LINK_MAILS, LINK_WINDOW};
use commands::flows::recover::{RECOVER_CONFIRMS, RECOVER_WINDOW};
use commands::model::time::minutes;
use commands::model::verification::{
    SENDS_A_DAY, SENDS_WINDOW, TRIES_A_SESSION, TRIES_AN_HOUR, TRIES_WINDOW,
};
use sandbox::aws::Call;
use sandbox::discord::Person;
use sandbox::seed::{AGENT_ROLE_ID, LEADS_CHANNEL_ID};

use crate::recover::visit::NEW;
use crate::world::World;

const JULIA: &str = "julia@example.com";
const BEN: &str = "ben@waizant.example";
const OLGA: &str = "olga@waizant.example";
/// How often the guessers come back, in minutes from the beginning: at first as often as it gets
/// them anywhere, and later to see whether anything is to be had again.
const ROUNDS: [u64; 18] =
    [0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330, 360, 540, 720, 900, 1_080, 1_439];
/// What they can reach in a day at the most: each code that is mailed opens a session, and each
/// session takes five guesses.
const A_DAY: usize = (SENDS_A_DAY * TRIES_A_SESSION) as usize;

/// How guessers go about it.
#[derive(Clone, Copy)]
struct Plan {
    /// Guesses in a session before they leave it: with the fifth it locks, and the leads are told.
    guesses: u32,
    /// Whether they have another code sent after two guesses.
    resends: bool,
    /// Whether all of them come at a time, or one after the other.
    all: bool,
}

/// Four guesses in half an hour: no session locks, and no hour has ten.
const PATIENT: Plan = Plan { guesses: TRIES_A_SESSION - 1, resends: false, all: false };
const RECKLESS: Plan = Plan { guesses: TRIES_A_SESSION, resends: false, all: true };
const RESENDING: Plan = Plan { resends: true, ..RECKLESS };

/// Comes back to it for a day.
async fn for_a_day(world: &World, mut round: impl AsyncFnMut(usize)) {
    assert!(minutes(ROUNDS[17]) < SENDS_WINDOW);
    for (n, begins) in ROUNDS.into_iter().enumerate() {
        world.leaps_until(minutes(begins)).await;
        round(n).await;
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
    }
}

/// Guesses in the session whose panel is in front of `who`.
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

/// Leaves whatever session is in front of `who`.
async fn leaves(who: &Person) {
    if who.try_presses(None, "Cancel").await.is_ok() {
        who.submits(["nothing to be had here"]).await;
    } else {
        let _ = who.try_presses(None, "Close").await;
    }
    who.sees().await;
}

/// As far as the agent's code for this customer; `false` when it is not that far.
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

/// One session in which the customer's code is guessed. The agent's own code is no riddle to the
/// agent.
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

/// The guesses of this purpose that reached the function.
fn reached(world: &World, purpose: &str) -> Vec<Call> {
    let calls = world.sandbox.aws.calls_of("cs-otp-verify").into_iter();
    calls
        .filter(|call| {
            call.body["purpose"] == purpose
                && call.body["code"].as_str().unwrap().starts_with("4242")
        })
        .collect()
}

/// Whether in no window of this length there are more than so many.
fn at_most(calls: &[Call], most: u32, window: Duration) {
    let window = i64::try_from(window.as_millis()).unwrap();
    for first in calls {
        let within =
            calls.iter().filter(|call| (first.at..first.at + window).contains(&call.at)).count();
        assert!(within <= most as usize, "{within} within {window} ms from {} on", first.at);
    }
}

/// Three agents who help each other guess a customer's code.
async fn customers_code(plan: Plan) -> usize {
    let mut count = 0;
    World::run(async |world| {
        let agents = ["ben", "eva", "ana"].map(|name| world.person(name));
        agents[2].locale("en-US");
        for_a_day(world, async |n| {
            // In turn, or all of them in every round.
            let some = if plan.all { 0..3 } else { n % 3..n % 3 + 1 };
            for agent in some {
                guesses_customer(world, &agents[agent], plan).await;
            }
        })
        .await;
        let locked = world
            .trail()
            .await
            .iter()
            .any(|event| event.starts_with("closed") && event.contains("locked"));
        assert_eq!(locked, plan.all, "the leads hear of a lock");
        let guesses = reached(world, "customer_consent");
        at_most(&guesses, TRIES_AN_HOUR, TRIES_WINDOW);
        assert!(world.sandbox.mail.for_address(JULIA).len() <= SENDS_A_DAY as usize);
        count = guesses.len();
    })
    .await;
    count
}

#[tokio::test]
async fn agents_who_collude_get_fifty_guesses_at_a_customers_code_a_day() {
    assert_eq!(customers_code(RECKLESS).await, A_DAY);
}

#[tokio::test]
async fn and_forty_if_no_lead_shall_hear_of_it() {
    assert_eq!(customers_code(PATIENT).await, (SENDS_A_DAY * (TRIES_A_SESSION - 1)) as usize);
}

#[tokio::test]
async fn another_code_in_a_session_gives_no_guess_more() {
    assert_eq!(customers_code(RESENDING).await, A_DAY / 2, "two codes of the ten for five guesses");
}

#[tokio::test]
async fn whoever_has_an_agents_discord_account_gets_fifty_guesses_at_the_agents_code_a_day() {
    World::run(async |world| {
        let thief = world.person("ben");
        for_a_day(world, async |n| {
            // Several customers, in sessions of their own: it is the agent who is counted.
            if starts(&thief, [JULIA, "tom@example.com"][n % 2]).await {
                guesses(world, &thief, RECKLESS).await;
            }
            leaves(&thief).await;
        })
        .await;
        let guesses = reached(world, "agent_mfa");
        at_most(&guesses, TRIES_AN_HOUR, TRIES_WINDOW);
        assert_eq!(
            (world.sandbox.mail.for_address(BEN).len(), guesses.len()),
            (SENDS_A_DAY as usize, A_DAY)
        );
    })
    .await;
}

#[tokio::test]
async fn whoever_has_an_agents_discord_account_gets_five_guesses_an_hour_at_the_code_for_a_new_password()
 {
    World::run(async |world| {
        let thief = world.person("ben");
        // Cognito's own limits are lower than ours, and nobody outside knows them.
        world.sandbox.aws.set_hourly_limit(usize::MAX);
        for hour in 0..24 {
            world.leaps_until(minutes(60 * hour)).await;
            let visit = world.recovers(&thief).await;
            for n in 0..=RECOVER_CONFIRMS {
                let page = world.saves(&visit, &format!("{:06}", 424_242 + n), NEW, NEW).await;
                assert_eq!(page.status, 422, "{}", page.text);
            }
            thief.sees().await;
        }
        let guesses = world.sandbox.aws.calls_of("ConfirmForgotPassword");
        at_most(&guesses, RECOVER_CONFIRMS, RECOVER_WINDOW);
        assert_eq!(guesses.len(), 24 * RECOVER_CONFIRMS as usize);
    })
    .await;
}

#[tokio::test]
async fn strangers_who_collude_get_fifty_guesses_at_the_code_that_links_an_account_a_day() {
    World::run(async |world| {
        let strangers = ["sam", "fred", "olga"].map(|name| world.person(name));
        strangers[0].set_roles(&[AGENT_ROLE_ID]);
        world.executes("delete from account_links where name = 'Fred Newman'").await;
        for_a_day(world, async |_| {
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
        let mut guesses = reached(world, "agent_link");
        assert!(guesses.len() > A_DAY, "guesses at no code look like any");
        guesses.retain(|call| mailed.contains(call.body["session_id"].as_str().unwrap()));
        at_most(&guesses, LINK_MAILS * TRIES_A_SESSION, LINK_WINDOW);
        assert_eq!((mails.len(), guesses.len()), (SENDS_A_DAY as usize, A_DAY));
    })
    .await;
}
