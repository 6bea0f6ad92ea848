//! The machine's clock is wrong: links and codes work, and the operator sees the reason.

use crate::browser::{goes_through, looks_at};
use crate::log::log;
use crate::world::World;

const MINUTE_MS: i64 = 60_000;
/// Difference up to which AWS accepts a signature.
const SIGNATURE_LIFE_MS: i64 = 5 * MINUTE_MS;

#[tokio::test]
async fn wrong_clock_expires_neither_codes_nor_links() {
    let log = log();
    for (ahead, named) in [
        (90_000, " s ahead of AWS; set this machine's clock"),
        (20 * MINUTE_MS, " s ahead of AWS; set this machine's clock"),
        (-20 * MINUTE_MS, " s behind AWS; set this machine's clock"),
    ] {
        World::run(async |world| {
            world.ahead.store(ahead, std::sync::atomic::Ordering::Relaxed);
            let ben = world.person("ben");
            if ahead.abs() > SIGNATURE_LIFE_MS {
                // AWS refuses the signature of the first call. Its answer has the right time.
                ben.types("/account show").await;
                ben.sees().await;
            }
            world.verifies(&ben, "julia@example.com", "Casa Luz").await;
            ben.presses("Waizant Web").await;
            ben.sees().await;
            assert_eq!(goes_through(&ben.link_of("Open Waizant Web")).await.status, 200, "{ahead}");
            let health = looks_at(&format!("{}health", world.admin_url())).await;
            assert_eq!(health.status, 200, "a wrong clock is no outage");
            assert!(health.body.contains(named), "{}", health.body);
            let metrics = looks_at(&format!("{}metrics", world.admin_url())).await.body;
            assert!(
                metrics.contains("support_desk_clock_offset_seconds{service=\"aws\"}"),
                "{metrics}"
            );
            ben.presses("Finish").await;
            ben.sees().await;
        })
        .await;
    }
    assert!(log.text().contains("this machine's clock is wrong"));
}
