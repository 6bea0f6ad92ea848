//! Two real processes on one PostgreSQL, in real time: one is killed in the middle of a click, and
//! the agent notices nothing.

use crate::program::Installation;

use super::postgres::Postgres;

const BEN: &str = "ben@waizant.example";

#[tokio::test]
async fn a_kill_of_one_of_two_processes_is_a_short_wait() {
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
    // Which of them it is only they know: the first is killed, and if it was the other's click
    // nothing is lost either.
    one.signal("-KILL");
    assert_eq!(one.ends().await.code, None, "killed");
    place.sandbox.discord.connected(1).await;
    faults.lose("cs-otp-send");
    let panel = ben.sees_at_last("A code was mailed to **you**").await;
    assert!(panel.contains("[Enter code]") && !panel.contains("failed"), "{panel}");
    clicking.await.unwrap();
    let calls = place.sandbox.aws.calls_of("cs-otp-send");
    assert!(calls.iter().all(|call| call.request_id == calls[0].request_id), "under the same key");
    assert_eq!(place.sandbox.mail.for_address(BEN).len(), 1);

    assert_eq!(postgres.count("select count(*) from claims where outcome is null").await, 0);
    let one = place.running_beside(1).await;
    ben.presses("Enter code").await;
    ben.submits([place.sandbox.mail.last_code_for(BEN).unwrap().as_str()]).await;
    assert!(ben.sees_at_last("[Send code]").await.contains("[Change ecosystem]"));
    // An upgrade: the older one leaves well.
    two.signal("-TERM");
    assert_eq!(two.ends().await.code, Some(0));
    ben.presses("Send code").await;
    ben.sees_at_last("A code was mailed to the **customer**").await;
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
