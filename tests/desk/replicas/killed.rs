//! Two real processes on one PostgreSQL, in real time. One is killed during a click, and the other
//! answers it.

use crate::installation::Installation;

use super::postgres::Postgres;

const BEN: &str = "ben@waizant.example";

#[tokio::test]
async fn click_survives_a_killed_process() {
    let postgres = Postgres::new().await;
    let place = Installation::on(&postgres.url).await;
    place.link_agents().await;
    let [one, two] = [place.running_beside(0).await, place.running_beside(1).await];
    let ben = place.sandbox.discord.person("ben");
    ben.types("/support technical email:julia@example.com").await;
    ben.sees_at_last("Start").await;
    ben.presses("Start").await;
    ben.sees_at_last("Choose the ecosystem").await;
    let faults = place.sandbox.aws.faults();
    faults.hold("cs-otp-send");
    let clicking = tokio::spawn({
        let ben = ben.clone();
        async move { ben.selects("Casa Luz").await }
    });
    faults.arrived("cs-otp-send", 1).await;
    // Only the processes know which of them owns the click. Nothing is lost in either case.
    one.signal("-KILL");
    assert_eq!(one.ends().await.code, None, "the process was killed");
    place.sandbox.discord.connected(1).await;
    faults.lose("cs-otp-send");
    let panel = ben.sees_at_last("mailed to **you**").await;
    assert!(panel.contains("[Enter code]") && !panel.contains("failed"), "{panel}");
    clicking.await.unwrap();
    let calls = place.sandbox.aws.calls_of("cs-otp-send");
    assert!(calls.iter().all(|call| call.request_id == calls[0].request_id), "the keys differ");
    assert_eq!(place.sandbox.mail.for_address(BEN).len(), 1);

    assert_eq!(postgres.count("select count(*) from claims where outcome is null").await, 0);
    let one = place.running_beside(1).await;
    ben.presses("Enter code").await;
    ben.submits([place.sandbox.mail.last_code_for(BEN).unwrap().as_str()]).await;
    assert!(ben.sees_at_last("[Send code]").await.contains("[Change ecosystem]"));
    // As in an upgrade: a new process has joined, and the older one stops.
    two.signal("-TERM");
    assert_eq!(two.ends().await.code, Some(0));
    ben.presses("Send code").await;
    ben.sees_at_last("read out the code that was mailed").await;
    for once in ["started", "ecosystem_chosen", "code_right"] {
        assert_eq!(
            postgres.trail().await.iter().filter(|event| event.starts_with(once)).count(),
            1,
            "{once}"
        );
    }
    one.signal("-TERM");
    assert_eq!(one.ends().await.code, Some(0));
    assert!(
        place.sandbox.discord.violations().is_empty(),
        "{:#?}",
        place.sandbox.discord.violations()
    );
    postgres.drops().await;
}
