//! Cards and pings of two replicas: the limits of an hour hold for both together.

use std::time::Duration;

use commands::flows::alerts::timing::PINGS;
use commands::model::alert::{AlertKind, AlertSubject, NewAlert};
use commands::model::time::minutes;
use sandbox::discord::RestFault;
use sandbox::seed::{LEAD_ROLE_ID, LEADS_CHANNEL_ID};

use super::pair::Pair;

#[tokio::test]
async fn two_replicas_ping_six_times_together() {
    Pair::run(async |pair| {
        let faults = pair.sandbox.discord.faults();
        faults.all_calls_to("POST /api/v10/channels/", RestFault::Status(400));
        for n in 0..10 {
            let agent = AlertSubject::Agent(1_300_000_000_000_000_000 + n);
            let alert = NewAlert::new(AlertKind::ReportedTwice, agent);
            let which = usize::try_from(n % 2).unwrap();
            let desk = pair.desk(which);
            pair.spawn(which, async move { desk.raise(vec![alert]).await }).await.unwrap().unwrap();
        }
        pair.passes(Duration::from_secs(35)).await;
        faults.clear();
        pair.passes(Duration::from_secs(35)).await;
        let discord = &pair.sandbox.discord;
        discord.channel_sees(LEADS_CHANNEL_ID).await;
        assert_eq!(discord.channel(LEADS_CHANNEL_ID).len(), 10);
        assert_eq!(discord.role_pings(LEAD_ROLE_ID), PINGS as usize);
        // The reminders of 15 minutes count too.
        pair.passes(minutes(16)).await;
        assert_eq!(discord.role_pings(LEAD_ROLE_ID), PINGS as usize);
    })
    .await;
}
