//! The report page on two replicas. A load balancer may choose either.

use commands::handlers::report_page::{ReportDesk as _, ReportResult};
use commands::model::report::ReportChoice;
use sandbox::seed::LEADS_CHANNEL_ID;
use tokio::task::JoinHandle;

use super::pair::Pair;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";

fn report(pair: &Pair, which: usize, link: &str) -> JoinHandle<Option<ReportResult>> {
    let (desk, link) = (pair.desk(which), link.to_owned());
    pair.spawn(which, async move { desk.answer(&link, ReportChoice::NotMe).await.unwrap() })
}

#[tokio::test]
async fn report_on_both_counts_once() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        pair.verifies(&ben, BEN, JULIA, "Casa Luz").await;
        let mails = pair.sandbox.mail.for_address(JULIA);
        let (_, link) = mails.last().unwrap().text.split_once("/report/").unwrap();
        let (one, two) = (report(pair, 0, link), report(pair, 1, link));
        let results = [one, two].map(async |done| done.await.unwrap().expect("the link works"));
        let [one, two] = results;
        let (one, two) = pair.with_moving_clock(async { (one.await, two.await) }).await;
        let reference = |result: &ReportResult| match result {
            ReportResult::Noted { reference, .. } | ReportResult::NotedBefore(reference) => {
                reference.clone()
            }
            ReportResult::Cleared => unreachable!("it was not cleared"),
        };
        assert_eq!(reference(&one), reference(&two));
        let is_first = |result: &ReportResult| matches!(result, ReportResult::Noted { .. });
        assert_ne!(is_first(&one), is_first(&two), "{one:?} {two:?}");
        for once in ["reported ", "closed {\"why\":\"reported\"}"] {
            assert_eq!(pair.events(once).await, 1, "{once}: {:#?}", pair.postgres.trail().await);
        }
        pair.sees(&ben).await;
        pair.settled().await;
        let leads = pair.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        assert!(leads.contains(&reference(&one)), "{leads}");
    })
    .await;
}
