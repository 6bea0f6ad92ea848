//! Many at once: whoever sends a lot in one moment gets no more than whoever sends one after the
//! other.

use commands::flows::link::{LINK_MAILS, LINK_REQUESTS};
use commands::flows::recover::{RECOVER_CONFIRMS, RECOVER_REQUESTS};
use commands::model::verification::{TRIES_A_SESSION, TRIES_AN_HOUR};
use futures_util::future::join_all;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::recover::visit::NEW;
use crate::world::World;

const JULIA: &str = "julia@example.com";
const OLGA: &str = "olga@waizant.example";
const BEN: &str = "ben@waizant.example";
/// How many at once.
const MANY: usize = 20;
/// Look-ups of an agent and hour.
const LOOKUPS: usize = 30;

/// Codes that are not this one, each another.
fn wrong(right: &str, first: usize) -> Vec<String> {
    (first..).map(|n| format!("{n:06}")).filter(|code| code != right).take(MANY).collect()
}

fn checked(world: &World) -> usize {
    world.sandbox.aws.calls_of("cs-otp-verify").len()
}

#[tokio::test]
async fn of_twenty_forms_at_once_one_counts_and_of_all_in_a_session_five() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.presses("Send code").await;
        ben.sees().await;
        let before = checked(world);
        for round in 1..=usize::try_from(TRIES_A_SESSION).unwrap() {
            ben.presses("Enter code").await;
            let form = ben.keep_modal();
            let codes = wrong(&world.code_for(JULIA), round * MANY);
            join_all(codes.iter().map(|code| ben.submits_kept(&form, [code.as_str()]))).await;
            ben.sees().await;
            assert_eq!(checked(world), before + round, "the others were of an older generation");
        }
        assert!(ben.try_presses(None, "Enter code").await.is_err(), "it is locked");
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        let counted =
            world.trail().await.into_iter().filter(|event| event.starts_with("code_wrong")).count();
        assert_eq!(counted, TRIES_A_SESSION as usize);
    })
    .await;
}

#[tokio::test]
async fn of_forms_in_many_sessions_at_once_ten_an_hour_reach_the_function() {
    World::run(async |world| {
        let ben = world.person("ben");
        let mut panels = Vec::new();
        for (customer, ecosystem) in [
            ("julia", "Casa Luz"),
            ("tom", "Casa Luz"),
            ("jose", "Huerta Norte"),
            ("many", "Plaza 02"),
        ] {
            world.chooses(&ben, &format!("{customer}@example.com"), ecosystem).await;
            panels.push(ben.keep("Enter code").message);
        }
        // Four sessions, three guesses in each: none of them would lock by itself.
        for guess in ["000000", "000001", "000002"] {
            let mut forms = Vec::new();
            for panel in &panels {
                if ben.try_presses(Some(*panel), "Enter code").await.is_ok() {
                    forms.push(ben.keep_modal());
                    ben.dismisses();
                }
            }
            join_all(forms.iter().map(|form| ben.submits_kept(form, [guess]))).await;
            ben.sees().await;
        }
        assert_eq!(checked(world), TRIES_AN_HOUR as usize);
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
    })
    .await;
}

#[tokio::test]
async fn of_forty_look_ups_at_once_thirty_are_made() {
    World::run(async |world| {
        let ben = world.person("ben");
        let lines: Vec<String> = (0..2 * MANY)
            .map(|n| format!("/support technical email:nobody{n}@example.com"))
            .collect();
        join_all(lines.iter().map(|line| ben.types(line))).await;
        let seen = ben.sees().await;
        assert_eq!(
            seen.matches("No Waizant customer has that e-mail address").count(),
            LOOKUPS,
            "{seen}"
        );
        assert_eq!(
            seen.matches("You have reached the limit of customer look-ups").count(),
            2 * MANY - LOOKUPS
        );
    })
    .await;
}

#[tokio::test]
async fn of_twenty_requests_to_link_at_once_five_are_taken_and_three_mails_sent() {
    World::run(async |world| {
        let olga = world.person("olga");
        let line = format!("/account link email:{OLGA}");
        join_all((0..MANY).map(|_| olga.types(&line))).await;
        let seen = olga.sees().await;
        assert_eq!(seen.matches("is on its way to it").count(), LINK_REQUESTS as usize, "{seen}");
        assert_eq!(
            seen.matches("You have requested an account link too often").count(),
            MANY - LINK_REQUESTS as usize
        );
        assert_eq!(world.sandbox.mail.for_address(OLGA).len(), LINK_MAILS as usize);
    })
    .await;
}

#[tokio::test]
async fn of_many_recoveries_at_once_three_codes_are_asked_for_and_five_passwords_sent() {
    World::run(async |world| {
        let ben = world.person("ben");
        let line = format!("/account recover email:{BEN}");
        join_all((0..MANY).map(|_| ben.types(&line))).await;
        ben.sees().await;
        assert_eq!(world.sandbox.aws.calls_of("ForgotPassword").len(), RECOVER_REQUESTS as usize);
    })
    .await;
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        for first in 0..3 {
            let codes = wrong(&world.code_for(BEN), first * MANY);
            let mut forms = Vec::new();
            for code in codes.iter().take(6) {
                let fields =
                    [("code", code.as_str()), ("password", NEW), ("again", NEW), ("do", "save")];
                forms.push(world.form(&visit, &fields).await);
            }
            join_all(forms.iter().map(|form| world.sends_kept(&visit, form))).await;
        }
        ben.sees().await;
        assert_eq!(
            world.sandbox.aws.calls_of("ConfirmForgotPassword").len(),
            RECOVER_CONFIRMS as usize
        );
    })
    .await;
}
