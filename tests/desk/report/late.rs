//! Reports days after the session, and of notices.

use commands::model::time::minutes;
use sandbox::discord::RestFault;
use sandbox::mail::MailKind;
use sandbox::seed::LEADS_CHANNEL_ID;

use super::visitor::text_of;
use crate::recover::visit::NEW;
use crate::world::World;

const JULIA: &str = "julia@example.com";
const EVA: &str = "eva@waizant.example";

#[tokio::test]
async fn alert_of_a_late_report_survives_a_failed_call() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        ben.presses("Finish").await;
        ben.sees().await;
        let link = world.report_link(JULIA, MailKind::SupportVisit);
        world.leaps_until(minutes(3 * 24 * 60)).await;
        let faults = world.sandbox.discord.faults();
        faults.next_calls_to("/channels/", 1, RestFault::Status(400));
        world.reports(&link, "not_me").await;
        faults.all_met().await;
        assert_eq!(world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await, "");
        world.passes(minutes(2)).await;
        let leads = world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        assert!(leads.contains("The session was closed before."), "{leads}");
        assert_eq!(world.alert_events().await, ["alert_opened", "alert_told"]);
    })
    .await;
}

#[tokio::test]
async fn reader_of_a_notice_is_told_what_is_left_to_do() {
    World::run(async |world| {
        let eva = world.person("eva");
        let visit = world.recovers(&eva).await;
        world.saves(&visit, &world.code_for(EVA), NEW, NEW).await;
        eva.sees().await;
        world.passes(minutes(1)).await;
        let link = world.report_link(EVA, MailKind::PasswordChanged);
        let answer = text_of(&world.reports(&link, "not_me").await);
        assert!(
            answer.contains("Your account is locked at the support desk for an hour."),
            "{answer}"
        );
        assert!(answer.contains("tell your lead now") && !answer.contains("code"), "{answer}");
        let leads = world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        assert!(
            leads.contains("The session was closed before, and no access link was opened."),
            "{leads}"
        );
    })
    .await;
}
