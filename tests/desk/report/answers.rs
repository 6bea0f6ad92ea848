//! What an answer does to the session, its subjects and the leads, through the real wire.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::mail::MailKind;
use sandbox::seed::LEADS_CHANNEL_ID;

use super::visit::visits;
use super::visitor::text_of;
use crate::store::Engine;
use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);
const JULIA: &str = "julia@example.com";
const TOM: &str = "tom@example.com";
const BEN: &str = "ben@waizant.example";
const OLGA: &str = "olga@waizant.example";

/// Returns what the leads' channel shows, with stable references.
async fn leads_see(world: &World) -> String {
    steady(&world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await)
}

/// Replaces references and pseudonyms.
fn steady(text: &str) -> String {
    let mut words = Vec::new();
    for word in text.split(' ') {
        let bare = |prefix: &str| word.contains(prefix);
        words.push(if bare("R-") || bare("C-") { mask(word) } else { word.to_owned() });
    }
    words.join(" ")
}

fn mask(word: &str) -> String {
    for prefix in ["R-", "C-"] {
        if let Some((before, after)) = word.split_once(prefix)
            && after.len() >= 6
        {
            return format!("{before}{prefix}······{}", steady(&after[6..]));
        }
    }
    word.to_owned()
}

async fn sends_customer_code(world: &World, who: &Person, customer: &str) {
    world.proves_agent(who, customer, "Casa Luz").await;
    who.presses("Send code").await;
    who.sees().await;
    world.passes(10 * SECOND).await;
}

#[tokio::test]
async fn customer_closes_the_open_session() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        World::run_on(engine, &[], async |world| {
            let (ben, eva) = (world.person("ben"), world.person("eva"));
            sends_customer_code(world, &ben, JULIA).await;
            let link = world.report_link(JULIA, MailKind::CustomerCode);
            let page = crate::browser::looks_at(&world.report_url(&link)).await;
            if engine == Engine::Sqlite {
                assert_snapshot!(text_of(&page), @"
                Waizant
                Did you ask for help?
                ¿Pidió usted ayuda?
                On 5 January at 10:00 UTC a code was mailed to you so that our support could help you.
                El 5 de enero a las 10:00 UTC se le envió un código para que nuestro soporte pudiera ayudarle.
                It was me. Everything is fine.
                Fui yo. Todo está bien.
                I did not ask for help.
                Yo no pedí ayuda.
                I read the code out and am not sure any more.
                Leí el código en voz alta y ya no estoy seguro.
                Send · Enviar
                ");
            }
            let kept = world.report_form(&link, "not_sure").await;
            let answer = world.reports(&link, "not_me").await;
            assert_eq!(answer.status, 200);
            if engine == Engine::Sqlite {
                assert_snapshot!(steady(&text_of(&answer)), @"
                Waizant
                Thank you
                Gracias
                The request is closed, and the code no longer works. If you are worried, call us and quote R-······.
                La petición está cerrada y el código ya no funciona. Si está preocupado, llámenos y dé la referencia R-······.
                ");
                assert_snapshot!(ben.sees().await, @"
                Session closed
                This session is closed (10:00 UTC): the owner of a mailbox did not ask for its mail. Ask your lead.
                Technical Assistance · Session ······
                [Help another customer]
                ");
                assert_snapshot!(leads_see(world).await, @"
                (everyone sees this)
                <@&1200000000000000022>
                🔴 Urgent · The customer says: not me
                The customer answered the mail of 10:00 UTC: **“I did not ask for help.”** The session is closed. This customer cannot be verified until 11:00 UTC.

                Agent Ben Carter <@1200000000000000101> · customer C-······ · session ······ · report R-······
                A-······
                [Handled] [False alarm] [Show] [Lock out 1 hour]
                ");
            } else {
                assert!(ben.sees().await.contains("Ask your lead."));
                leads_see(world).await;
            }
            let again = world.sends_report(&link, &kept).await;
            assert!(text_of(&again).contains("This was noted already, under R-"));
            let loaded = crate::browser::looks_at(&world.report_url(&link)).await;
            assert_eq!(loaded.body, again.body, "the form is gone");
            // The customer cannot be verified for an hour.
            eva.types(&format!("/support technical email:{JULIA}")).await;
            let found = eva.sees().await;
            assert!(found.contains("is locked until 11:00 UTC, because the customer reported"));
            eva.presses("Start").await;
            assert!(eva.sees().await.contains("is locked until 11:00 UTC"));
            assert_eq!(world.count("select count(*) from sessions where closed_why = 'reported' and reported_at > 0").await, 1);
            let closed = world.select("select actor from events where kind = 'closed'").await;
            assert_eq!(closed, [Some("customer".to_owned())]);
            world.passes(minutes(60)).await;
            eva.sees().await;
            eva.types(&format!("/support technical email:{JULIA}")).await;
            assert!(!eva.sees().await.contains("locked"));
        })
        .await;
    }
}

#[tokio::test]
async fn report_of_a_visit_names_what_was_opened() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        ben.presses("Finish").await;
        ben.sees().await;
        world.passes(minutes(5)).await;
        assert_eq!(visits(world, JULIA).len(), 1);
        let link = world.report_link(JULIA, MailKind::SupportVisit);
        let revoked = world.sandbox.aws.calls_of("cs-access").len();
        let answer = text_of(&world.reports(&link, "not_sure").await);
        assert!(answer.contains("Our supervisors have been told."), "{answer}");
        assert!(!answer.contains("code"), "{answer}");
        assert_eq!(world.sandbox.aws.calls_of("cs-access").len(), revoked + 1, "revoked again");
        assert_snapshot!(leads_see(world).await, @"
        (everyone sees this)
        <@&1200000000000000022>
        🔴 Urgent · The customer says: not me
        The customer answered the mail of 10:00 UTC: **“I read the code out and am not sure any more.”** The session was closed before. Its access links are being revoked again. This customer cannot be verified until 11:05 UTC. Opened before: Web 10:00 UTC.

        Agent Ben Carter <@1200000000000000101> · customer C-······ · session ······ · report R-······
        A-······
        [Handled] [False alarm] [Show] [Lock out 1 hour]
        ");
        // Another mail of the session counts by itself, and "It was me" changes nothing.
        let code = world.report_link(JULIA, MailKind::CustomerCode);
        assert!(text_of(&world.reports(&code, "me").await).contains("Nothing changes."));
        let kinds = world
            .select("select kind || ' ' || actor from events where kind like 'report%' or kind = 'locked_out' order by seq")
            .await;
        let kinds: Vec<_> = kinds.iter().flatten().map(String::as_str).collect();
        assert_eq!(kinds, ["reported customer", "locked_out customer", "report_cleared customer"]);
    })
    .await;
}

#[tokio::test]
async fn alert_of_an_open_session_says_that_its_links_are_revoked() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        world.passes(10 * SECOND).await;
        world.reports(&world.report_link(JULIA, MailKind::CustomerCode), "not_me").await;
        ben.sees().await;
        let leads = leads_see(world).await;
        let revokes = "The session is closed, and its access links are being revoked.";
        assert!(leads.contains(revokes), "{leads}");
    })
    .await;
}

#[tokio::test]
async fn agent_and_linking_lock_out_the_discord_account() {
    World::run(async |world| {
        let (ben, olga) = (world.person("ben"), world.person("olga"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.chooses(&ben, TOM, "Casa Luz").await;
        world.passes(minutes(1)).await;
        ben.sees().await;
        world.reports(&world.report_link(BEN, MailKind::AgentCode), "not_me").await;
        assert_snapshot!(leads_see(world).await, @"
        (everyone sees this)
        <@&1200000000000000022>
        🔴 Urgent · The agent's mailbox says: not me
        The owner of the agent's mailbox answered the code of 10:00 UTC: **“I did not ask for this.”** The Discord account may be in other hands. The session is closed. This agent is locked out until 11:01 UTC.

        Agent Ben Carter <@1200000000000000101> · customer C-······ · session ······ · report R-······
        A-······
        [Handled] [False alarm] [Show] [Unlink]
        ");
        // Both sessions are closed, the other one because the agent is locked out.
        assert_eq!(world.count("select count(*) from sessions where closed_at is null").await, 0);
        ben.sees().await;
        for command in [
            "/support technical email:tom@example.com",
            "/account recover email:ben@waizant.example",
        ] {
            ben.types(command).await;
            assert_eq!(
                ben.sees().await.lines().next(),
                Some("You are locked out until 2026-01-05 11:01 UTC. Ask your lead."),
                "{command}"
            );
        }
        olga.types(&format!("/account link email:{OLGA}")).await;
        olga.sees().await;
        world.passes(10 * SECOND).await;
        world.reports(&world.report_link(OLGA, MailKind::LinkCode), "not_me").await;
        assert!(olga.sees().await.contains("Ask your lead."));
        assert!(leads_see(world).await.contains("This Discord account is locked out until"));
        olga.types(&format!("/account link email:{OLGA}")).await;
        assert!(olga.sees().await.contains("because a mail was reported. Ask your lead."));
        world.passes(minutes(61)).await;
        ben.types(&format!("/support technical email:{TOM}")).await;
        ben.presses("Start").await;
        assert!(ben.sees().await.contains("Casa Luz"));
    })
    .await;
}

#[tokio::test]
async fn quick_report_locks_nobody_out() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.presses("Send code").await;
        ben.sees().await;
        world.passes(9 * SECOND + Duration::from_millis(900)).await;
        let link = world.report_link(JULIA, MailKind::CustomerCode);
        world.reports(&link, "not_me").await;
        ben.sees().await;
        assert!(leads_see(world).await.contains("it may be a mail scanner. Nobody is locked out."));
        eva.types(&format!("/support technical email:{JULIA}")).await;
        eva.presses("Start").await;
        assert!(eva.sees().await.contains("Casa Luz"));
        eva.presses("Cancel").await;
        eva.submits(["The customer has hung up"]).await;
        eva.sees().await;
        assert_eq!(world.count("select count(*) from lockouts").await, 0);
        assert_eq!(
            world.count("select count(*) from sessions where reported_at is not null").await,
            0
        );
        // The customer still finds the form, and the answer counts.
        world.passes(SECOND).await;
        let answer = text_of(&world.reports(&link, "not_me").await);
        assert!(answer.contains("the code no longer works"), "{answer}");
        let leads = leads_see(world).await;
        assert!(leads.contains("This customer cannot be verified until 11:00 UTC."), "{leads}");
        eva.types(&format!("/support technical email:{JULIA}")).await;
        assert!(eva.sees().await.contains("because the customer reported"));
        let loaded = text_of(&crate::browser::looks_at(&world.report_url(&link)).await);
        assert!(loaded.contains("This was noted already"), "{loaded}");
    })
    .await;
}

#[tokio::test]
async fn two_customers_lock_out_their_agent() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        World::run_on(engine, &[], async |world| {
            let ben = world.person("ben");
            sends_customer_code(world, &ben, JULIA).await;
            world.reports(&world.report_link(JULIA, MailKind::CustomerCode), "not_me").await;
            ben.sees().await;
            leads_see(world).await;
            sends_customer_code(world, &ben, TOM).await;
            world.reports(&world.report_link(TOM, MailKind::CustomerCode), "not_sure").await;
            ben.sees().await;
            // Both cards: the report, and the lockout of the agent.
            let leads = leads_see(world).await;
            assert!(leads.contains("2 customers have reported sessions of one agent"), "{leads}");
            ben.types(&format!("/support technical email:{TOM}")).await;
            assert!(ben.sees().await.contains("You are locked out until"));
        })
        .await;
    }
}
