//! Threads: one below the support channel counts as that channel.

use sandbox::seed::{FORUM_ID, THREAD_ID};

use crate::world::World;

#[tokio::test]
async fn thread_of_the_support_channel_is_accepted() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.moves_to(THREAD_ID);
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
        ben.moves_to(FORUM_ID);
        ben.types("/support resume").await;
        assert!(ben.sees().await.starts_with("This works only in <#"));
    })
    .await;
}

#[tokio::test]
async fn thread_of_another_channel_is_refused() {
    let settings = [("DISCORD_CHANNEL_ID", sandbox::seed::OTHER_CHANNEL_ID.to_string())];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    World::run_with(&settings, async |world| {
        let ben = world.person("ben");
        ben.moves_to(THREAD_ID);
        ben.types("/support resume").await;
        assert!(ben.sees().await.starts_with("This works only in <#"));
    })
    .await;
}
