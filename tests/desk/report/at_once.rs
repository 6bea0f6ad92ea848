//! A report beside a click of the agent: nothing stays open.

use std::time::Duration;

use sandbox::discord::Person;
use sandbox::mail::MailKind;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::world::World;

const JULIA: &str = "julia@example.com";

/// Mails the customer's code. Returns the report link and the submitted form of a report.
async fn mailed(world: &World, who: &Person) -> (String, String) {
    world.proves_agent(who, JULIA, "Casa Luz").await;
    who.presses("Send code").await;
    who.sees().await;
    world.passes(Duration::from_secs(10)).await;
    let link = world.report_link(JULIA, MailKind::CustomerCode);
    let form = world.report_form(&link, "not_me").await;
    (link, form)
}

/// Returns the kinds of the events about access and the close, the oldest first.
async fn closing_events(world: &World) -> Vec<String> {
    let events = "select kind from events
        where kind in ('access_opened', 'closed', 'revoked', 'locked_out') order by rowid";
    world.select(events).await.into_iter().flatten().collect()
}

async fn assert_closed(world: &World, ben: &Person) {
    let seen = ben.sees().await;
    assert!(seen.contains("did not ask for its mail. Ask your lead."), "{seen}");
    assert!(!seen.contains("[Waizant Web]") && ben.find_link("Open Waizant Web").is_none());
    let why = world.select("select closed_why from sessions").await;
    assert_eq!(why, [Some("reported".to_owned())]);
    let leads = world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
    assert!(leads.contains("The customer says: not me"), "{leads}");
}

#[tokio::test]
async fn report_beside_the_right_code_leaves_nothing_open() {
    World::run(async |world| {
        let ben = world.person("ben");
        let (link, form) = mailed(world, &ben).await;
        ben.presses("Enter code").await;
        let code = world.code_for(JULIA);
        let faults = world.sandbox.aws.faults();
        let checked = world.sandbox.aws.calls_of("cs-otp-verify").len();
        faults.hold("cs-otp-verify");
        let ((), answer) = tokio::join!(ben.submits([code.as_str()]), async {
            faults.arrived("cs-otp-verify", checked + 1).await;
            let release = async { faults.release("cs-otp-verify") };
            tokio::join!(world.sends_report(&link, &form), release).0
        });
        assert_eq!(answer.status, 200);
        assert_closed(world, &ben).await;
        let events = closing_events(world).await;
        assert!(events.contains(&"locked_out".to_owned()), "{events:?}");
        assert!(!events.contains(&"access_opened".to_owned()), "{events:?}");
    })
    .await;
}

#[tokio::test]
async fn report_beside_a_link_that_is_being_issued_revokes_it() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.passes(Duration::from_secs(10)).await;
        let link = world.report_link(JULIA, MailKind::CustomerCode);
        let form = world.report_form(&link, "not_me").await;
        let faults = world.sandbox.aws.faults();
        faults.hold("cs-access");
        let ((), answer) = tokio::join!(ben.presses("Waizant Web"), async {
            faults.arrived("cs-access", 1).await;
            let release = async { faults.release("cs-access") };
            tokio::join!(world.sends_report(&link, &form), release).0
        });
        assert_eq!(answer.status, 200);
        assert_closed(world, &ben).await;
        let mut events = closing_events(world).await;
        events.retain(|kind| kind != "locked_out");
        assert_eq!(events, ["access_opened", "closed", "revoked"]);
    })
    .await;
}
