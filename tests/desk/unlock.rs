//! `support-desk unlock`, run as a program.

use std::sync::Arc;

use sqlx::{AnyConnection, Connection as _};

use crate::installation::{Installation, keyring};
use crate::world::rows::pseudonym;

#[tokio::test]
async fn unlock_ends_a_lasting_lockout_and_is_in_the_trail() {
    let place = Installation::new().await;
    place.link_agents().await;
    let program = place.running().await;
    let ben = place.sandbox.discord.person("ben");
    ben.types("/support technical email:julia@example.com").await;
    let subject = format!(
        "customer:{}",
        pseudonym(&place.store_url(), Arc::new(keyring()), "usr-julia").await
    );
    let mut store = AnyConnection::connect(&place.store_url()).await.unwrap();
    sqlx::query("insert into lockouts (subject, until) values ($1, $2)")
        .bind(&subject)
        .bind(i64::MAX)
        .execute(&mut store)
        .await
        .unwrap();
    store.close().await.unwrap();
    ben.presses("Start").await;
    assert!(ben.sees().await.contains("20 wrong codes in a row"));

    // The command runs beside the bot.
    let unlocked = place.start(&format!("unlock {subject}"), &[]).ends().await;
    assert_eq!((unlocked.code, unlocked.stdout.as_str()), (Some(0), "unlocked\n"), "{unlocked:?}");
    ben.presses("Start").await;
    assert!(ben.sees().await.contains("Choose the ecosystem"));

    let again = place.start(&format!("unlock {subject}"), &[]).ends().await;
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.stdout.starts_with("nothing to unlock"), "{again:?}");
    program.signal("-TERM");
    program.ends().await;
    let export = place.start("trail export", &[]).ends().await;
    assert!(export.stdout.contains(r#""kind":"unlocked""#), "{export:?}");
    let verified = place.start("trail verify", &[]).ends().await;
    assert_eq!(verified.code, Some(0), "{verified:?}");
}
