//! Links of the report page that do not work.

use commands::handlers::report_page::ReportDesk as _;
use commands::model::report::ReportChoice;

use crate::fakes::World;
use crate::session_driver::SessionDriver;

#[tokio::test]
async fn each_link_costs_one_read() {
    let driver = SessionDriver::proving_customer();
    let world = World::with(&driver.session);
    let (own, other, mac) = (&driver.session.id, "A".repeat(22), "A".repeat(43));
    let wrong = [
        String::new(),
        "unknown".to_owned(),
        format!("{own}.c.{mac}"),
        format!("{own}.x.{mac}"),
        format!("{other}.c.{mac}"),
        format!("{own}.c.{mac}x"),
    ];
    for (nth, link) in wrong.iter().enumerate() {
        assert_eq!(world.desk().look(link).await.unwrap(), None, "{link}");
        assert_eq!(world.desk().answer(link, ReportChoice::NotMe).await.unwrap(), None);
        assert_eq!(world.log().matches("reloads").count(), 2 * (nth + 1), "{link}");
    }
    assert_eq!(world.log().matches("commits").count(), 0);
}
