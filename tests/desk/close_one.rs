//! `support-desk close`, run as a program beside the bot.

use commands::model::time::minutes;
use sqlx::{AnyConnection, Connection as _};
use support_desk::store::EndedOne;

use crate::installation::Installation;
use crate::world::World;

#[tokio::test]
async fn operator_closes_one_session_beside_the_bot() {
    let place = Installation::new().await;
    place.link_agents().await;
    let program = place.running().await;
    let (ben, eva) = (place.sandbox.discord.person("ben"), place.sandbox.discord.person("eva"));
    for (who, customer) in [(&ben, "julia@example.com"), (&eva, "tom@example.com")] {
        who.types(&format!("/support technical email:{customer}")).await;
        who.presses("Start").await;
        who.sees().await;
    }
    let mut store = AnyConnection::connect(&place.store_url()).await.unwrap();
    let oldest = "select id from sessions where closed_at is null order by opened_at limit 1";
    let id: String = sqlx::query_scalar(oldest).fetch_one(&mut store).await.unwrap();
    store.close().await.unwrap();
    let close = async |session: &str| place.start(&format!("close {session}"), &[]).ends().await;
    let short = close(&id[..5]).await;
    assert_eq!(short.code, Some(2), "{short:?}");
    let unknown = close("zzzzzz").await;
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert_eq!(unknown.stdout, "no open session begins with \"zzzzzz\"\n");

    let closed = close(&id[..6]).await;
    assert_eq!(closed.code, Some(0), "{closed:?}");
    assert_eq!(closed.stdout, format!("session {id} is closed; `run` revokes what it opened\n"));
    ben.selects("Casa Luz").await;
    let seen = ben.sees().await;
    assert!(seen.contains("the operator ended it"), "the bot's copy was older: {seen}");
    eva.presses("Cancel").await;
    eva.submits(["the caller hung up early"]).await;
    assert!(eva.sees().await.contains("cancelled"), "another session is as it was");
    let again = close(&id).await;
    assert_eq!(again.code, Some(1), "{again:?}");

    program.signal("-TERM");
    program.ends().await;
    let export = place.start("trail export", &[]).ends().await;
    assert!(export.stdout.contains(r#""why":"ended_by_operator""#), "{export:?}");
    let verified = place.start("trail verify", &[]).ends().await;
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[tokio::test]
async fn running_bot_revokes_what_the_operator_closed() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        let id = world.select("select id from sessions").await.pop().flatten().unwrap();
        let closed = world.operator_closes(&id).await;
        assert_eq!(closed, EndedOne::Closed(id.parse().unwrap()));
        assert_eq!(world.operator_closes(&id).await, EndedOne::NotOpen);
        world.passes(minutes(2)).await;
        let calls = world.sandbox.aws.calls_of("cs-access");
        assert_eq!(calls.iter().filter(|call| call.body["op"] == "revoke").count(), 1);
        ben.presses("Waizant Store").await;
        assert!(ben.sees().await.contains("the operator ended it"));
    })
    .await;
}
