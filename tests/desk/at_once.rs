//! Limits under concurrency: many requests at once get no more than the same requests in sequence.

use commands::flows::link::{LINK_MAILS, LINK_REQUESTS};
use commands::flows::recover::{RECOVER_CONFIRMS, RECOVER_REQUESTS};
use commands::model::verification::{ATTEMPTS_A_SESSION, ATTEMPTS_AN_HOUR};
use futures_util::future::join_all;
use sandbox::discord::{MessageId, Person};
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::recover::visit::NEW;
use crate::store::Engine;
use crate::world::World;

const JULIA: &str = "julia@example.com";
const OLGA: &str = "olga@waizant.example";
const BEN: &str = "ben@waizant.example";
/// Number of concurrent requests.
const MANY: usize = 20;
/// Limit of look-ups for an agent in an hour.
const LOOKUPS: usize = 30;

/// Returns distinct codes that differ from `right`.
fn wrong_codes(right: &str, first: usize) -> Vec<String> {
    (first..).map(|n| format!("{n:06}")).filter(|code| code != right).take(MANY).collect()
}

fn check_calls(world: &World) -> usize {
    world.sandbox.aws.calls_of("cs-otp-verify").len()
}

#[tokio::test]
async fn concurrent_forms_of_a_session_count_five_times() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.presses("Send code").await;
        ben.sees().await;
        let before = check_calls(world);
        for round in 1..=usize::try_from(ATTEMPTS_A_SESSION).unwrap() {
            ben.presses("Enter code").await;
            let form = ben.keep_modal();
            let codes = wrong_codes(&world.code_for(JULIA), round * MANY);
            join_all(codes.iter().map(|code| ben.submits_kept(&form, [code.as_str()]))).await;
            ben.sees().await;
            assert_eq!(
                check_calls(world),
                before + round,
                "the other forms have an old generation"
            );
        }
        assert!(ben.try_presses(None, "Enter code").await.is_err(), "the session is locked");
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        let counted =
            world.trail().await.into_iter().filter(|event| event.starts_with("code_wrong")).count();
        assert_eq!(counted, ATTEMPTS_A_SESSION as usize);
    })
    .await;
}

#[tokio::test]
async fn concurrent_guesses_over_sessions_reach_ten_checks() {
    World::run(async |world| {
        let ben = world.person("ben");
        let mut panels = Vec::new();
        for (customer, ecosystem) in
            [("julia", "Casa Luz"), ("tom", "Casa Luz"), ("jose", "Huerta Norte")]
        {
            world.chooses(&ben, &format!("{customer}@example.com"), ecosystem).await;
            panels.push(ben.keep("Enter code").message);
        }
        // Four guesses in each of three sessions. No session reaches its own limit.
        for guess in ["000000", "000001", "000002", "000003"] {
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
        assert_eq!(check_calls(world), ATTEMPTS_AN_HOUR as usize);
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
    })
    .await;
}

/// Types a wrong code on every panel at the same moment, after nineteen wrong ones of the subject.
/// Returns the length of the subject's row.
async fn row_after_guesses_at_once(
    world: &World,
    who: &Person,
    panels: &[MessageId],
    nineteen: &'static str,
) -> i64 {
    world.executes(nineteen).await;
    let mut forms = Vec::new();
    for panel in panels {
        who.try_presses(Some(*panel), "Enter code").await.unwrap();
        forms.push(who.keep_modal());
        who.dismisses();
    }
    let faults = world.sandbox.aws.faults();
    faults.hold("cs-otp-verify");
    tokio::join!(join_all(forms.iter().map(|form| who.submits_kept(form, ["000000"]))), async {
        faults.arrived("cs-otp-verify", panels.len()).await;
        faults.release("cs-otp-verify");
    });
    who.sees().await;
    for panel in panels {
        assert!(who.try_presses(Some(*panel), "Enter code").await.is_err(), "each is locked");
    }
    world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
    let length = "select length(times) - length(replace(times, ',', '')) + 1 from limit_uses
                  where kind = 'wrong_in_a_row'";
    world.count(length).await
}

#[tokio::test]
async fn agents_three_guesses_at_once_end_the_row_at_22() {
    World::run(async |world| {
        let ben = world.person("ben");
        let mut panels = Vec::new();
        for (customer, ecosystem) in
            [("julia", "Casa Luz"), ("tom", "Casa Luz"), ("jose", "Huerta Norte")]
        {
            world.chooses(&ben, &format!("{customer}@example.com"), ecosystem).await;
            panels.push(ben.keep("Enter code").message);
        }
        let nineteen = "insert into limit_uses (kind, subject, times, newest)
            select distinct 'wrong_in_a_row', 'agent:' || agent_id,
            '1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19', 19 from sessions";
        assert_eq!(row_after_guesses_at_once(world, &ben, &panels, nineteen).await, 22);
    })
    .await;
}

#[tokio::test]
async fn five_link_guesses_at_once_end_the_row_at_24() {
    World::run(async |world| {
        let olga = world.person("olga");
        let mut panels = Vec::new();
        for letter in ['a', 'b', 'c', 'd', 'e'] {
            olga.types(&format!("/account link email:{letter}@waizant.example")).await;
            olga.sees().await;
            panels.push(olga.keep("Enter code").message);
        }
        let nineteen = "insert into limit_uses (kind, subject, times, newest)
            select distinct 'wrong_in_a_row', 'discord:' || discord_id,
            '1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19', 19 from sessions";
        assert_eq!(row_after_guesses_at_once(world, &olga, &panels, nineteen).await, 24);
    })
    .await;
}

#[tokio::test]
async fn five_concurrent_starts_open_three_sessions() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        World::run_on(engine, &[], async |world| {
            let ben = world.person("ben");
            let mut starts = Vec::new();
            for customer in ["julia", "tom", "jose", "many", "lena"] {
                ben.types(&format!("/support technical email:{customer}@example.com")).await;
                ben.sees().await;
                starts.push(ben.keep("Start"));
            }
            join_all(starts.iter().map(|start| ben.presses_kept(start))).await;
            let seen = ben.sees().await;
            assert_eq!(seen.matches("You already have three open sessions.").count(), 2, "{seen}");
            let refused =
                "select count(*) from events where kind = 'refused' and details like '%too_many_open%'";
            assert_eq!(world.count(refused).await, 2);

            // Each look-up holds no customer. Ending one session makes room for another.
            ben.presses("Cancel").await;
            ben.submits(["One customer has hung up"]).await;
            ben.sees().await;
            let open = "select count(*) from sessions where attending is not null";
            assert_eq!(world.count(open).await, 2);
        })
        .await;
    }
}

#[tokio::test]
async fn forty_concurrent_look_ups_make_thirty() {
    World::run(async |world| {
        let ben = world.person("ben");
        let lines: Vec<String> = (0..2 * MANY)
            .map(|n| format!("/support technical email:nobody{n}@example.com"))
            .collect();
        join_all(lines.iter().map(|line| ben.types(line))).await;
        let seen = ben.sees().await;
        assert_eq!(seen.matches("No Waizant customer has the address").count(), LOOKUPS, "{seen}");
        assert_eq!(
            seen.matches("You have reached the limit of customer look-ups").count(),
            2 * MANY - LOOKUPS
        );
        let alerts = world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        assert_eq!(alerts.matches("within an hour").count(), 1, "{alerts}");
    })
    .await;
}

#[tokio::test]
async fn twenty_concurrent_link_requests_mail_three_codes() {
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
async fn concurrent_recoveries_make_three_resets_five_confirmations() {
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
        let codes = wrong_codes(&world.code_for(BEN), 0);
        let mut forms = Vec::new();
        for code in &codes {
            let fields =
                [("code", code.as_str()), ("password", NEW), ("again", NEW), ("do", "save")];
            forms.push(world.form(&visit, &fields).await);
        }
        join_all(forms.iter().map(|form| world.sends_kept(&visit, form))).await;
        ben.sees().await;
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        assert_eq!(
            world.sandbox.aws.calls_of("ConfirmForgotPassword").len(),
            RECOVER_CONFIRMS as usize
        );
    })
    .await;
}
