//! The happy road: an owner is verified and helped, from the look-up to Finish.

use insta::assert_snapshot;

use crate::world::World;

#[tokio::test]
async fn an_owner_is_verified_and_helped() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        assert_snapshot!(ben.sees().await, @"");

        ben.presses("Start verification process").await;
        assert_snapshot!(ben.sees().await, @"");

        ben.selects("Casa Luz").await;
        assert_snapshot!(ben.sees().await, @"");

        ben.presses("Enter code").await;
        assert_snapshot!(ben.sees().await, @"");
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        assert_snapshot!(ben.sees().await, @"");

        ben.presses("Send code").await;
        assert_snapshot!(ben.sees().await, @"");
        ben.presses("Enter code").await;
        ben.submits([world.code_for("julia@example.com").as_str()]).await;
        assert_snapshot!(ben.sees().await, @"");

        ben.presses("Waizant Web").await;
        assert_snapshot!(ben.sees().await, @"");
        ben.presses("Waizant App").await;
        assert_snapshot!(ben.sees().await, @"");
        ben.presses("See plan details").await;
        assert_snapshot!(ben.sees().await, @"");
        ben.presses("Back").await;
        assert_snapshot!(ben.sees().await, @"");
        ben.presses("Finish").await;
        assert_snapshot!(ben.sees().await, @"");
    })
    .await;
}
