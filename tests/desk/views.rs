//! Views of a customer's details: each is an event of the trail.

use crate::world::World;

/// Returns the events of views, oldest first.
async fn views(world: &World) -> Vec<String> {
    let trail = world.trail().await.into_iter();
    trail.filter(|event| event.contains("_shown ")).collect()
}

#[tokio::test]
async fn each_view_of_the_plan_is_in_the_trail() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        for _ in 0..2 {
            ben.presses("See plan details").await;
            assert!(ben.sees().await.contains("Plan · Casa Luz"));
            ben.presses("Back").await;
            ben.sees().await;
        }
        assert_eq!(views(world).await, [r#"plan_shown {} about {"ecosystem":"eco-casa-luz"}"#; 2]);
        let of_session = "select count(*) from events
             where kind = 'plan_shown' and session_id = (select id from sessions)";
        assert_eq!(world.count(of_session).await, 2);
    })
    .await;
}

#[tokio::test]
async fn each_view_of_a_step_is_in_the_trail() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support successor email:sofia@example.com").await;
        ben.presses("Start").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("sofia@example.com").as_str()]).await;
        ben.sees().await;
        ben.selects("2. Validation").await;
        ben.presses("Next step").await;
        ben.sees().await;
        assert_eq!(
            views(world).await,
            [
                r#"step_shown {"step":2} about {"ecosystem":"eco-herencia"}"#,
                r#"step_shown {"step":3} about {"ecosystem":"eco-herencia"}"#,
            ]
        );
    })
    .await;
}
