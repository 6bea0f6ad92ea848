//! A close by a lead while a function is called, in another replica, and around a crash.

use std::sync::Arc;
use std::time::Duration;

use sandbox::shop::LinkState;

use crate::lead::{JULIA, REASON, TOO_LATE, newest};
use crate::replicas::pair::Pair;
use crate::replicas::slow::work_for;
use crate::world::World;

/// A step of the agent whose call runs while a lead closes.
#[derive(Clone, Copy, Debug)]
enum Running {
    SendsCode,
    ChecksCode,
    IssuesLink,
}

use Running::{ChecksCode, IssuesLink, SendsCode};

impl Running {
    const fn function(self) -> &'static str {
        match self {
            SendsCode => "cs-otp-send",
            ChecksCode => "cs-otp-verify",
            IssuesLink => "cs-access",
        }
    }
}

#[tokio::test]
async fn close_follows_a_link_that_is_being_issued_and_revokes_it() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let line = format!("/desk close session:{} reason:{REASON}", newest(world).await);
        let faults = world.sandbox.aws.faults();
        faults.hold("cs-access");
        tokio::join!(ben.presses("Waizant Web"), async {
            faults.arrived("cs-access", 1).await;
            // The lead's answer is deferred until the function has answered.
            world.with_moving_clock(Duration::from_secs(1), leo.types(&line)).await;
            faults.release("cs-access");
        });
        let seen = leo.sees().await;
        assert!(seen.contains("Its access links are being revoked."), "{seen}");
        assert!(ben.sees().await.contains("by a lead. Ask your lead."));
        assert!(ben.find_link("Open Waizant Web").is_none());
        let kinds = world.select("select kind from events where kind in ('access_opened', 'closed', 'revoked') order by rowid").await;
        assert_eq!(kinds.into_iter().flatten().collect::<Vec<_>>(), ["access_opened", "closed", "revoked"]);
    })
    .await;
}

#[tokio::test]
async fn close_follows_a_code_that_is_sent_or_checked() {
    for running in [SendsCode, ChecksCode] {
        World::run(async |world| {
            let (ben, leo) = (world.person("ben"), world.person("leo"));
            world.proves_agent(&ben, JULIA, "Casa Luz").await;
            if matches!(running, ChecksCode) {
                ben.presses("Send code").await;
                ben.presses("Enter code").await;
                ben.sees().await;
            }
            let line = format!("/desk close session:{} reason:{REASON}", newest(world).await);
            let (faults, function) = (world.sandbox.aws.faults(), running.function());
            let before = world.sandbox.aws.calls_of(function).len();
            let acts = async {
                match running {
                    ChecksCode => ben.submits([world.code_for(JULIA).as_str()]).await,
                    _ => ben.presses("Send code").await,
                }
            };
            faults.hold(function);
            tokio::join!(acts, async {
                faults.arrived(function, before + 1).await;
                world.with_moving_clock(Duration::from_secs(1), leo.types(&line)).await;
                faults.release(function);
            });
            let seen = leo.sees().await;
            assert!(seen.contains("Its access links are being revoked."), "{running:?}: {seen}");
            assert!(ben.sees().await.contains("by a lead. Ask your lead."), "{running:?}");
            let revokes = world.sandbox.aws.calls_of("cs-access");
            assert_eq!(revokes.len(), 1, "{running:?}: {revokes:?}");
            assert_eq!(revokes[0].body["op"], "revoke");
            assert_eq!(world.count("select count(*) from events where kind = 'closed'").await, 1);
            assert_eq!(
                world.count("select count(*) from sessions where pending_since > 0").await,
                0
            );
            assert!(world.findings().await.is_empty());
        })
        .await;
    }
}

#[tokio::test]
async fn close_in_another_replica_follows_a_running_call() {
    for running in [SendsCode, ChecksCode, IssuesLink] {
        Pair::run(async |pair| {
            let (ben, leo) = (pair.person("ben"), pair.person("leo"));
            pair.chooses(&ben, JULIA, "Casa Luz").await;
            ben.presses("Enter code").await;
            ben.submits([pair.code_for("ben@waizant.example").as_str()]).await;
            pair.sees(&ben).await;
            if !matches!(running, SendsCode) {
                ben.presses("Send code").await;
                pair.sees(&ben).await;
                ben.presses("Enter code").await;
                pair.sees(&ben).await;
            }
            if matches!(running, IssuesLink) {
                ben.submits([pair.code_for(JULIA).as_str()]).await;
                pair.sees(&ben).await;
            }
            let ids = pair.postgres.texts("select id from sessions").await;
            let line = format!("/desk close session:{} reason:{REASON}", ids[0]);
            let (aws, function) = (Arc::clone(&pair.sandbox.aws), running.function());
            let before = aws.calls_of(function).len();
            let code = matches!(running, ChecksCode).then(|| pair.code_for(JULIA));
            aws.faults().hold(function);
            // One replica works for the agent. The other one gets the lead's command too.
            pair.settled().await;
            pair.sandbox.discord.faults().deliver_to_one(true);
            let acting = tokio::spawn({
                let ben = ben.clone();
                async move {
                    match (running, code) {
                        (ChecksCode, Some(code)) => ben.submits([code.as_str()]).await,
                        (SendsCode, _) => ben.presses("Send code").await,
                        _ => ben.presses("Waizant Web").await,
                    }
                }
            });
            aws.faults().arrived(function, before + 1).await;
            pair.sandbox.discord.faults().deliver_to_one(false);
            let closing = tokio::spawn({
                let leo = leo.clone();
                async move { leo.types(&line).await }
            });
            work_for(pair, Duration::from_secs(2)).await;
            assert_eq!(pair.events("closed ").await, 0, "{running:?}: it follows the call");
            aws.faults().release(function);
            pair.with_moving_clock(acting).await.unwrap();
            pair.with_moving_clock(closing).await.unwrap();
            pair.passes(Duration::from_secs(65)).await;
            let seen = pair.sees(&leo).await;
            assert!(seen.contains("is closed."), "{running:?}: {seen}");
            assert!(pair.sees(&ben).await.contains("by a lead. Ask your lead."), "{running:?}");
            let links = pair.sandbox.shop.links();
            assert!(links.iter().all(|link| link.state != LinkState::Open), "{running:?}");
            assert!(ben.find_link("Open Waizant Web").is_none());
            assert_eq!(pair.events("closed ").await, 1, "{running:?}");
            let pending = "select count(*) from sessions where pending_since > 0";
            assert_eq!(pair.postgres.count(pending).await, 0, "{running:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn close_is_once_around_a_crash() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let line = format!("/desk close session:{} reason:{REASON}", newest(world).await);
        let aws = Arc::clone(&world.sandbox.aws);
        // Killed after the commit, before the links are revoked.
        aws.faults().hold("cs-access");
        leo.types(&line).await;
        aws.faults().arrived("cs-access", 1).await;
        world.crashes();
        aws.faults().lose("cs-access");
        world.clock.advance(TOO_LATE);
        world.starts().await;
        world.sweeps().await;
        leo.sees().await;
        ben.sees().await;
        let events = "select count(*) from events where kind = 'closed'";
        assert_eq!(world.count(events).await, 1);
        assert_eq!(world.count("select count(*) from sessions where pending_since > 0").await, 0);
        leo.types(&line).await;
        assert!(leo.sees().await.contains("is closed."));
        assert_eq!(world.count(events).await, 1);
    })
    .await;
}

#[tokio::test]
async fn replicas_close_once() {
    Pair::run(async |pair| {
        let (ben, leo) = (pair.person("ben"), pair.person("leo"));
        pair.chooses(&ben, JULIA, "Casa Luz").await;
        leo.types("/desk sessions").await;
        assert!(pair.sees(&leo).await.contains("Open sessions · 1"));
        leo.selects("").await;
        pair.sees(&leo).await;
        leo.presses("Close session").await;
        pair.sees(&leo).await;
        leo.submits(["short"]).await;
        assert!(pair.sees(&leo).await.contains("The reason is too short."));
        leo.presses("Try again").await;
        assert!(pair.sees(&leo).await.contains("short"), "each replica has the typed reason");
        leo.submits([REASON]).await;
        assert!(pair.sees(&leo).await.contains("is closed."));
        assert!(pair.sees(&ben).await.contains("by a lead. Ask your lead."));
        assert_eq!(pair.events("closed ").await, 1);
    })
    .await;
}
