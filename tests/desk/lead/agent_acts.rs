//! A lead closes the sessions of an agent, locks the agent out, unlocks and unlinks.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::Fault;

use crate::lead::{JULIA, OPEN, REASON, acts_on_agent, looks_up};
use crate::world::World;

/// Longest wait of the AWS SDK before it retries.
const SDK_RETRY: Duration = Duration::from_secs(1);

/// Returns the events about agents.
async fn acts(world: &World) -> Vec<String> {
    let kinds = ["locked_out", "unlocked", "unlinked", "notified"];
    let is_act = |event: &String| kinds.iter().any(|kind| event.starts_with(kind));
    world.trail().await.into_iter().filter(is_act).collect()
}

#[tokio::test]
async fn all_sessions_of_an_agent_close_with_a_reason() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.types("/account recover email:ben@waizant.example").await;
        ben.sees().await;
        leo.types("/desk agent agent:@ben").await;
        leo.sees().await;
        leo.presses("Close all sessions (2)").await;
        assert_snapshot!(leo.sees().await, @r#"
        Form "Close all sessions":
          Why (kept in the audit trail) <Between 10 and 500 characters>
        "#);
        leo.submits(["short"]).await;
        assert_snapshot!(leo.sees().await, @"
        Close all sessions
        The reason is too short. Write at least 10 characters.
        [Try again] [Back]
        ");
        assert_eq!(world.count(OPEN).await, 2, "a short reason changes nothing");
        leo.presses("Try again").await;
        assert!(leo.sees().await.contains("short"));
        leo.submits([REASON]).await;
        assert_snapshot!(leo.sees().await, @"
        2 sessions were closed.
        [Back]
        ");
        assert!(ben.sees().await.contains("by a lead. Ask your lead."));
        assert_eq!(world.count(OPEN).await, 0);
        assert!(world.findings().await.is_empty());
        leo.presses("Back").await;
        assert!(leo.sees().await.contains("[Close all sessions (0) (off)]"));
    })
    .await;
}

#[tokio::test]
async fn locked_out_agent_is_refused_until_the_end_or_an_unlock() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        leo.types("/desk agent agent:@ben").await;
        leo.sees().await;
        leo.presses("Lock out 1 hour").await;
        leo.sees().await;
        leo.submits(["asked for julia@example.com, 123456"]).await;
        assert_snapshot!(leo.sees().await, @"
        <@1200000000000000101> is locked out until 2026-01-05 11:00 UTC. 1 session was closed.
        [Back]
        ");
        let seen = ben.sees().await;
        assert!(seen.contains("You are locked out until"), "{seen}");
        assert_eq!(world.count(OPEN).await, 0);
        assert!(world.newest_close().await.contains("locked_out"));
        for line in ["/support technical email:julia@example.com", "/account show"] {
            ben.types(line).await;
            let seen = ben.sees().await;
            assert!(seen.contains("You are locked out until"), "{line}: {seen}");
        }
        leo.presses("Back").await;
        assert_snapshot!(leo.sees().await, @r"
        Ben Carter
        <@1200000000000000101> · linked since 2026-01-05 · agent
        Locked out until 2026-01-05 11:00 UTC, by <@1200000000000000109>: “asked for j•••\@e•••.com, ••••••”
        Open now: no session
        30 days: 1 started, 1 verified, 0 looked up and not started
        Signals, 30 days: none
        [Close all sessions (0) (off)] [Lock out 1 hour] [Lock out until unlocked] [Unlock] [Unlink]
        [Trail] [Back]
        ");
        world.clock.advance(minutes(60) - Duration::from_millis(1));
        ben.types("/support technical email:julia@example.com").await;
        assert!(ben.sees().await.contains("You are locked out until"));
        world.clock.advance(Duration::from_millis(1));
        looks_up(&ben, JULIA).await;

        let seen = acts_on_agent(&leo, "@ben", "Lock out until unlocked").await;
        assert_snapshot!(seen, @"
        <@1200000000000000101> is locked out until 2026-01-12 11:00 UTC. 1 session was closed.
        [Back]
        ");
        ben.sees().await;
        leo.presses("Back").await;
        leo.sees().await;
        leo.presses("Unlock").await;
        assert_snapshot!(leo.sees().await, @"
        <@1200000000000000101> is unlocked.
        [Back]
        ");
        looks_up(&ben, JULIA).await;
        leo.presses("Back").await;
        assert!(!leo.sees().await.contains("Unlock"));
        insta::assert_debug_snapshot!(acts(world).await, @r#"
        [
            "locked_out {\"by\":\"discord:1200000000000000109\",\"reason\":\"asked for j•••@e•••.com, ••••••\",\"subject\":\"agent:0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0002\",\"until\":1767610800000}",
            "locked_out {\"by\":\"discord:1200000000000000109\",\"reason\":\"asked for j•••@e•••.com, ••••••\",\"subject\":\"discord:1200000000000000101\",\"until\":1767610800000}",
            "locked_out {\"by\":\"discord:1200000000000000109\",\"reason\":\"the caller was rude to Ben\",\"subject\":\"agent:0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0002\",\"until\":1768215600000}",
            "locked_out {\"by\":\"discord:1200000000000000109\",\"reason\":\"the caller was rude to Ben\",\"subject\":\"discord:1200000000000000101\",\"until\":1768215600000}",
            "unlocked {\"by\":\"discord:1200000000000000109\",\"subject\":\"agent:0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0002\"}",
            "unlocked {\"by\":\"discord:1200000000000000109\",\"subject\":\"discord:1200000000000000101\"}",
        ]
        "#);
        assert!(world.findings().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn lockout_by_a_lead_ends_after_seven_days() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        acts_on_agent(&leo, "@ben", "Lock out until unlocked").await;
        world.clock.advance(minutes(7 * 24 * 60) - Duration::from_millis(1));
        ben.types("/support technical email:julia@example.com").await;
        assert!(ben.sees().await.contains("You are locked out until"));
        world.clock.advance(Duration::from_millis(1));
        looks_up(&ben, JULIA).await;
    })
    .await;
}

#[tokio::test]
async fn unlock_after_wrong_codes_in_a_row_needs_a_reason() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        let agent = world.select("select agent_id from account_links where name = 'Ben Carter'");
        let agent = agent.await.pop().flatten().unwrap();
        world
            .executes(format!(
                "insert into lockouts (subject, until) values ('agent:{agent}', {})",
                i64::MAX
            ))
            .await;
        leo.types("/desk agent agent:@ben").await;
        assert_snapshot!(leo.sees().await, @"
        Ben Carter
        <@1200000000000000101> · linked since 2026-01-05 · agent · Discord role: yes
        Locked out after 20 wrong codes in a row, until a lead unlocks
        Open now: no session
        30 days: 0 started, 0 verified, 0 looked up and not started
        Signals, 30 days: none
        [Close all sessions (0) (off)] [Lock out 1 hour] [Lock out until unlocked] [Unlock] [Unlink]
        [Trail] [Back]
        ");
        // A forged button without a reason is asked for it.
        leo.forges(&format!("d1.desk.agent.unlock.{}.0", ben.id())).await;
        assert!(leo.sees().await.contains("The reason is too short."));
        assert_eq!(world.count("select count(*) from lockouts").await, 1);
        assert!(acts_on_agent(&leo, "@ben", "Unlock").await.contains("is unlocked."));
        assert_eq!(world.count("select count(*) from lockouts").await, 0);
        assert!(acts(world).await.iter().all(|event| event.contains(REASON)));
    })
    .await;
}

#[tokio::test]
async fn unlink_closes_removes_the_link_and_mails_the_owner() {
    World::run(async |world| {
        let (ben, eva, leo) = (world.person("ben"), world.person("eva"), world.person("leo"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        leo.types("/desk unlink agent:@ben reason:left").await;
        assert!(leo.sees().await.contains("The reason is too short."));
        leo.types("/desk unlink agent:@leo reason:I am tired of it").await;
        assert_snapshot!(leo.sees().await, @"You cannot do this to your own account. Ask another lead.");
        leo.types("/desk unlink agent:@sam reason:he is a stranger").await;
        assert_snapshot!(leo.sees().await, @"<@1200000000000000104> is not linked.");
        let line = format!("/desk unlink agent:@ben reason:{REASON}");
        tokio::join!(eva.types(&line), leo.types(&line));
        let mut seen = [eva.sees().await, leo.sees().await];
        seen.sort();
        assert!(seen[0].ends_with("> is not linked."), "{seen:?}");
        assert_snapshot!(seen[1], @"
        Ben Carter's Discord account is no longer linked. 1 session was closed. A notice was mailed.
        [Back]
        ");
        assert!(ben.sees().await.contains("no longer linked"));
        assert_eq!(world.count(OPEN).await, 0);
        let [unlinked, notified] = &acts(world).await[..] else { panic!("two events") };
        assert!(unlinked.starts_with("unlinked {") && unlinked.contains(REASON), "{unlinked}");
        assert!(notified.contains(r#""outcome":"done","template":"account_unlinked""#));
        ben.types("/support technical email:julia@example.com").await;
        assert!(ben.sees().await.contains("not linked to a BackOffice account yet"));
        // Link again.
        ben.types("/account link email:ben@waizant.example").await;
        ben.sees().await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        assert!(ben.sees().await.contains("Your account is linked"));
        assert!(world.findings().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn notice_of_an_unlink_is_mailed_once_its_function_works() {
    World::run(async |world| {
        let leo = world.person("leo");
        let (faults, mail) = (world.sandbox.aws.faults(), &world.sandbox.mail);
        faults.always("cs-message", Fault::FunctionError);
        let line = format!("/desk unlink agent:@ben reason:{REASON}");
        world.with_moving_clock(SDK_RETRY, leo.types(&line)).await;
        let seen = world.with_moving_clock(SDK_RETRY, leo.sees()).await;
        assert!(
            seen.contains("The notice is not confirmed as mailed. The bot keeps trying"),
            "{seen}"
        );
        faults.clear("cs-message");
        assert!(mail.for_address("ben@waizant.example").is_empty());
        world.passes(minutes(2)).await;
        assert_eq!(mail.for_address("ben@waizant.example").len(), 1);
        let mut keys: Vec<_> = world.sandbox.aws.calls_of("cs-message");
        assert!(keys.len() > 1, "{keys:?}");
        keys.dedup_by_key(|call| call.request_id.clone());
        assert_eq!(keys.len(), 1, "under one key");
        assert!(world.findings().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn agents_in_spanish() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.locale("es-ES");
        looks_up(&ben, JULIA).await;
        leo.types("/mesa agente agente:@ben").await;
        assert_snapshot!(leo.sees().await, @"
        Ben Carter
        <@1200000000000000101> · vinculado desde el 2026-01-05 · agente · Rol de Discord: sí
        Abiertas ahora: 1 sesión (`······`)
        30 días: 0 empezadas, 0 verificadas, 0 buscadas y no empezadas
        Señales, 30 días: ninguna
        [Cerrar todas las sesiones (1)] [Bloquear 1 hora] [Bloquear hasta desbloquear] [Desvincular]
        [Registro] [Volver]
        ");
        leo.presses("Bloquear 1 hora").await;
        leo.sees().await;
        leo.submits([REASON]).await;
        assert_snapshot!(leo.sees().await, @"
        <@1200000000000000101> está bloqueado hasta el 2026-01-05 11:00 UTC. Se cerró 1 sesión.
        [Volver]
        ");
        ben.sees().await;
        leo.types(&format!("/mesa desvincular agente:@ben motivo:{REASON}")).await;
        assert_snapshot!(leo.sees().await, @"
        La cuenta de Discord de Ben Carter ya no está vinculada. No había ninguna sesión abierta. Se envió un aviso por correo.
        [Volver]
        ");
    })
    .await;
}
