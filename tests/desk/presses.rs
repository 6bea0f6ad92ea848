//! The number of presses of each kind of support, from the look-up to Finish.
//!
//! A press is a button, a choice in a menu, a submitted form or an opened link. The command itself
//! is typed.

use sandbox::discord::Person;

use crate::browser;
use crate::world::World;

/// Verifies agent and customer: Enter code, Submit, Send code, Enter code, Submit.
async fn verify(world: &World, who: &Person, customer: &str) {
    who.presses("Enter code").await;
    who.submits([world.code_for(&world.mailbox_of(who)).as_str()]).await;
    who.presses("Send code").await;
    who.presses("Enter code").await;
    who.submits([world.code_for(customer).as_str()]).await;
}

/// Opens Waizant Web as the customer, and finishes.
async fn open_web_and_finish(who: &Person) {
    who.presses("Waizant Web").await;
    let url = who.opens("Open Waizant Web");
    assert!(browser::goes_through(&url).await.body.contains("Waizant Web"));
    who.presses("Finish").await;
    assert!(who.sees().await.contains("✅ Done with"));
}

#[tokio::test]
async fn technical_with_several_ecosystems_takes_ten_presses() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.presses("Start verification process").await;
        ben.selects("Casa Luz").await;
        verify(world, &ben, "julia@example.com").await;
        open_web_and_finish(&ben).await;
        assert_eq!(ben.actions(), 10);
    })
    .await;
}

#[tokio::test]
async fn technical_with_one_ecosystem_takes_nine_presses() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:lena@example.com").await;
        ben.presses("Start verification for Frost Lab").await;
        verify(world, &ben, "lena@example.com").await;
        open_web_and_finish(&ben).await;
        assert_eq!(ben.actions(), 9);
    })
    .await;
}

#[tokio::test]
async fn rejected_succession_takes_eight_presses() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support successor email:sofia@example.com").await;
        ben.presses("Start verification for Casa Herencia").await;
        verify(world, &ben, "sofia@example.com").await;
        assert!(
            ben.sees().await.contains("The identity document has expired"),
            "the reasons need no press"
        );
        ben.presses("Send QR").await;
        assert!(ben.sees().await.contains("A QR code was mailed"));
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("✅ Done with"));
        assert_eq!(ben.actions(), 8);
    })
    .await;
}
