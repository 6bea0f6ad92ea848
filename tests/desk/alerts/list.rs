//! `/desk alerts`: the lists, and the search by a reference.

use commands::model::alert::{AlertKind, AlertSubject, NewAlert};
use commands::model::time::minutes;

use super::{about, states};
use crate::world::World;

#[tokio::test]
async fn alerts_are_listed_looked_at_and_answered() {
    World::run(async |world| {
        let leo = world.person("leo");
        leo.types("/desk alerts").await;
        assert!(leo.sees().await.contains("No open alert."));
        let ben = world.person("ben").id();
        for n in 0..10 {
            let agent = AlertSubject::Agent(1_300_000_000_000_000_000 + n);
            world.raises(vec![NewAlert::new(AlertKind::LookupLimit, agent)]).await;
        }
        let report = about(AlertKind::ReportedTwice, ben).with_fact("reference", "R-7K2M9Q");
        world.clock.advance(minutes(1));
        world.raises(vec![report]).await;
        world.leads_see().await;
        leo.types("/desk alerts show:open").await;
        let list = leo.sees().await;
        assert!(list.starts_with("Open alerts · 11"), "{list}");
        assert!(list.contains("Page 1 of 2") && list.contains("🔴"), "{list}");
        leo.presses("Next").await;
        assert!(leo.sees().await.contains("Page 2 of 2"));
        leo.presses("Previous").await;
        leo.sees().await;
        let id = world.select("select id from alerts where kind = 'reported_twice'").await;
        let id = id[0].clone().unwrap();
        leo.selects(&id).await;
        let alert = leo.sees().await;
        assert!(alert.contains("Several customers say: not me"), "{alert}");
        leo.presses("Handled").await;
        let alert = leo.sees().await;
        assert!(alert.contains("✅ Handled by"), "{alert}");
        world.passes(minutes(1)).await;
        assert!(world.leads_see().await.contains("✅ Handled by"), "the card follows");
        leo.presses("Back").await;
        assert!(leo.sees().await.starts_with("Open alerts · 10"));
        for line in [format!("/desk alerts find:{id}"), "/desk alerts find:r-7k2m9q".to_owned()] {
            leo.types(&line).await;
            assert!(leo.sees().await.contains("Several customers say: not me"), "{line}");
        }
        leo.types("/desk alerts find:A-000000").await;
        assert!(leo.sees().await.contains("No alert has this reference."));
    })
    .await;
}

#[tokio::test]
async fn week_lists_answered_alerts_and_the_empty_list_names_the_last_answer() {
    World::run(async |world| {
        let leo = world.person("leo");
        world.raises(vec![about(AlertKind::LookupLimit, world.person("ben").id())]).await;
        world.leads_see().await;
        leo.types("/desk alerts find:a").await;
        assert!(leo.sees().await.contains("No alert has this reference."));
        leo.types("/desk alerts").await;
        leo.sees().await;
        leo.selects("A-").await;
        leo.sees().await;
        leo.presses("False alarm").await;
        leo.sees().await;
        assert_eq!(states(world).await, ["false"]);
        leo.presses("Back").await;
        assert!(leo.sees().await.contains("No open alert. The last one was answered"));
        leo.locale("es-ES");
        leo.types("/mesa avisos ver:últimos 7 días").await;
        let list = leo.sees().await;
        assert!(list.contains("Alertas de 7 días · 1") && list.contains("falsa alarma"), "{list}");
        world.leads_see().await;
    })
    .await;
}
