//! Addresses as phones type them and as mail programs copy them.

use sandbox::seed::{AGENT_GROUP, StaffAccount, UserStatus};

use crate::lookup::looked_up;
use crate::world::World;

/// Olga's address in these tests, as Cognito has it.
const OLGA: &str = "o'lga@waizant.example";

/// Looks an address up as Ben, and closes the panel of the customer who must be found.
async fn finds(world: &World, typed: &str) {
    let seen = looked_up(world, typed).await;
    assert!(seen.contains("Start verification process"), "{typed:?}: {seen}");
    world.person("ben").presses("Close").await;
    world.person("ben").sees().await;
}

/// Replaces Olga's account by one with this address.
fn register(world: &World, email: &str) {
    world.sandbox.aws.delete_account("olga@waizant.example");
    world.sandbox.aws.add_account(StaffAccount {
        sub: "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0099".to_owned(),
        username: "backoffice-olga".to_owned(),
        email: email.to_owned(),
        name: "Olga Novak".to_owned(),
        enabled: true,
        status: UserStatus::Confirmed,
        email_verified: true,
        groups: vec![AGENT_GROUP.to_owned()],
    });
}

/// Links Olga's account by the typed address, with the code that is mailed to `registered`.
async fn links(world: &World, typed: &str, registered: &str) {
    let olga = world.person("olga");
    olga.types(&format!("/account link email:{typed}")).await;
    olga.sees().await;
    olga.presses("Enter code").await;
    olga.submits([world.code_for(registered).as_str()]).await;
    let seen = olga.sees().await;
    assert!(seen.contains("is linked to the BackOffice account of **Olga Novak**"), "{seen}");
}

#[tokio::test]
async fn registered_case_links_in_case_sensitive_pool() {
    World::run(async |world| {
        world.sandbox.aws.set_case_sensitive();
        register(world, "Olga.N@Waizant.example");
        links(world, "Olga.N@Waizant.example", "Olga.N@Waizant.example").await;
    })
    .await;
}

#[tokio::test]
async fn stored_address_is_found_in_any_case() {
    World::run(async |world| {
        for (stored, typed) in
            [("Julia@Example.com", "julia@example.com"), ("ana@españa.es", "ana@xn--espaa-rta.es")]
        {
            let update = format!(
                "update sandbox_core_users set email = '{stored}' where user_id = 'usr-julia'"
            );
            world.sandbox.core.execute(&update).await.unwrap();
            finds(world, typed).await;
        }
        let other =
            "update sandbox_core_users set email = 'ANA@españa.es' where user_id = 'usr-nora'";
        world.sandbox.core.execute(other).await.unwrap();
        let seen = looked_up(world, "ana@españa.es").await;
        assert!(seen.contains("Several Waizant customers have that e-mail address"), "{seen}");
    })
    .await;
}

#[tokio::test]
async fn apostrophe_is_found_however_it_is_typed() {
    World::run(async |world| {
        for stored in ["o''name@example.com", "o\u{2019}name@example.com"] {
            let update = format!(
                "update sandbox_core_users set email = '{stored}' where user_id = 'usr-julia'"
            );
            world.sandbox.core.execute(&update).await.unwrap();
            for typed in ["o'name@example.com", "O\u{2019}Name@example.com"] {
                finds(world, typed).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn pasted_address_is_found() {
    World::run(async |world| {
        for typed in [
            "\u{200b}julia@example.com",
            "\u{feff}ju\u{ad}lia@example.com\u{200b}",
            "<julia@example.com>",
            "Julia Peña <julia@example.com>;",
            "mailto:julia@example.com",
            "julia@example.com.",
            "\u{201c}julia@example.com\u{201d}",
            "julia＠example.com",
            "julia@example.com\u{7}",
        ] {
            finds(world, typed).await;
        }
        let update =
            "update sandbox_core_users set email = 'josé@example.com' where user_id = 'usr-julia'";
        world.sandbox.core.execute(update).await.unwrap();
        finds(world, "jose\u{301}@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn agent_with_apostrophe_links_and_recovers() {
    World::run(async |world| {
        register(world, OLGA);
        links(world, "O\u{2019}lga@waizant.example", OLGA).await;
        let olga = world.person("olga");
        olga.types("/account recover email:<o\u{2019}lga@waizant.example>").await;
        let seen = olga.sees().await;
        assert!(seen.contains("was mailed to o•••"), "{seen}");
    })
    .await;
}
