//! Changed custom ids of the leads' lists: they read nothing without a `desk_read`.

use commands::model::time::minutes;
use sandbox::clock::Clock as _;

use crate::lead::trail::views;
use crate::lead::{JULIA, desk_events, ids, looks_up};
use crate::world::World;

#[tokio::test]
async fn changed_id_reads_nothing_that_was_not_opened() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        looks_up(&ben, JULIA).await;
        let session = ids(world).await.pop().unwrap();
        leo.types("/desk trail agent:@ben").await;
        leo.sees().await;
        let opened = views(world).await;
        let end = world.clock.now().div_euclid(1_000) + 1;
        let customer = world.pseudonym("usr-julia").await;
        let (ben_id, eva) = (ben.id(), world.person("eva").id());
        let trail = |rest: String| format!("d1.desk.t.{rest}");
        for forged in [
            trail(format!("o.a7.{end}.0.a{eva}")),
            trail(format!("o.a30.{end}.0.a{ben_id}")),
            trail(format!("n.a7.{}.0.a{ben_id}", end + 1_000)),
            trail(format!("o.a7.{}.0.a{ben_id}", end - 1_000)),
            trail(format!("o.a7.{end}.0.c{customer}")),
            trail(format!("f.a7.{end}.0.e")),
            trail(format!("v.a7.{end}.0.s{session}")),
            trail(format!("v.a7.{end}.0.a{ben_id}")),
            trail(format!("o.a8.{end}.0.e")),
            trail(format!("o.a7.{end}.0.tjulia@example.com")),
        ] {
            leo.forges_choice(&forged, "").await.unwrap();
            let seen = leo.sees().await;
            assert!(!seen.contains("Trail ·"), "{forged}: {seen}");
        }
        assert_eq!(views(world).await, opened);
        leo.forges_choice(&trail(format!("o.a7.{end}.9.a{ben_id}")), "").await.unwrap();
        assert!(leo.sees().await.contains("1 event\n"), "the last page that there is");
        // A view that is opened by a forged id is recorded too.
        leo.forges_choice(&trail(format!("s.a7.0.0.c{customer}")), "").await.unwrap();
        assert!(leo.sees().await.starts_with("Trail · last 7 days · "));
        assert_eq!(views(world).await, opened + 1);
    })
    .await;
}

#[tokio::test]
async fn page_of_another_list_is_a_view() {
    World::run(async |world| {
        let (eva, leo) = (world.person("eva").id(), world.person("leo"));
        leo.types("/desk sessions agent:@ben").await;
        leo.sees().await;
        leo.presses("Refresh").await;
        leo.sees().await;
        assert_eq!(views(world).await, 1);
        let of_eva = |view: &str| format!(r#"desk_read {{"agent":"discord:{eva}",{view}}}"#);
        for (forged, event) in [
            (format!("d1.desk.next.open.{eva}.0"), of_eva(r#""show":"open","view":"sessions""#)),
            (format!("d1.desk.agent.card.{eva}.0"), of_eva(r#""view":"agent""#)),
            ("d1.desk.agent.next.0".to_owned(), r#"desk_read {"view":"agents"}"#.to_owned()),
        ] {
            for _ in 0..2 {
                leo.forges_choice(&forged, "").await.unwrap();
                leo.sees().await;
            }
            let events = desk_events(world).await;
            assert_eq!(events.iter().filter(|it| **it == event).count(), 1, "{forged}: {events:?}");
        }
        // An old list is a new view.
        world.leaps_until(minutes(61)).await;
        leo.forges_choice("d1.desk.agent.next.0", "").await.unwrap();
        leo.sees().await;
        assert_eq!(views(world).await, 5);
    })
    .await;
}
