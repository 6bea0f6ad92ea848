//! Linking tells nobody whether an address has an account: every screen is the same to the byte,
//! also after wrong codes and resends, and so is what stands between a click and its answer.

use std::time::Duration;

use commands::model::time::minutes;
use commands::model::words::SessionId;
use sandbox::aws::Fault;
use sandbox::discord::Person;
use sandbox::seed::{AGENT_GROUP, AGENT_ROLE_ID, LEADS_CHANNEL_ID};
use serde_json::json;

use crate::world::World;

const OLGA: &str = "olga@waizant.example";
/// An address of nobody. It looks like Olga's when it is masked.
const NOBODY: &str = "odin@waizant.example";

/// Everything that is on the screens of somebody who links an address, with wrong codes and resends
/// on the way: as text, and as Discord got it. With what was asked of AWS at each step behind which
/// nothing is looked up.
async fn screens(address: &str, prepare: impl AsyncFnOnce(&World)) -> Vec<String> {
    let mut screens = Vec::new();
    World::run(async |world| {
        prepare(world).await;
        let checks = world.sandbox.aws.calls_of("cs-otp-verify").len();
        let olga = world.person("olga");
        olga.types(&format!("/account link email:{address}")).await;
        screens.push(screen(&olga).await);
        let wrong = || {
            if world.sandbox.mail.last_code_for(address).is_some() {
                world.wrong_code_for(address)
            } else {
                "000000".to_owned()
            }
        };
        for _ in 0..2 {
            let calls = world.sandbox.aws.calls().len();
            olga.presses("Enter code").await;
            screens.push(screen(&olga).await);
            olga.submits([wrong().as_str()]).await;
            screens.push(screen(&olga).await);
            olga.presses("Resend").await;
            screens.push(screen(&olga).await);
            screens.push(calls_since(world, calls));
            world.passes(minutes(1)).await;
            olga.presses("Resend").await;
            screens.push(screen(&olga).await);
        }
        let calls = world.sandbox.aws.calls().len();
        olga.presses("Enter code").await;
        let form = olga.keep_modal();
        olga.submits(["12345"]).await;
        screens.push(screen(&olga).await);
        olga.submits_kept(&form, [wrong().as_str()]).await;
        screens.push(screen(&olga).await);
        olga.presses("Enter code").await;
        world.passes(minutes(10)).await;
        olga.submits([wrong().as_str()]).await;
        screens.push(screen(&olga).await);
        olga.presses("Close").await;
        screens.push(screen(&olga).await);
        screens.push(calls_since(world, calls));

        olga.types(&format!("/account link email:{address}")).await;
        screens.push(screen(&olga).await);
        let calls = world.sandbox.aws.calls().len();
        for _ in 0..5 {
            olga.presses("Enter code").await;
            olga.submits([wrong().as_str()]).await;
            screens.push(screen(&olga).await);
        }
        screens.push(world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await);
        olga.types(&format!("/account link email:{address}")).await;
        screens.push(screen(&olga).await);
        screens.push(calls_since(world, calls));
        screens
            .push(format!("{} checks", world.sandbox.aws.calls_of("cs-otp-verify").len() - checks));
    })
    .await;
    // A session's short id and a fault's reference are random by design.
    screens.iter().map(|screen| without_ids(screen)).collect()
}

/// What is read, and below it the messages on the screen as Discord got them.
async fn screen(who: &Person) -> String {
    let text = who.sees().await;
    let as_sent = who.messages().into_iter().map(|message| {
        json!([
            message.content,
            message.embeds,
            message.components,
            message.ephemeral,
            message.via,
            message.revision
        ])
        .to_string()
    });
    [text].into_iter().chain(as_sent).collect::<Vec<_>>().join("\n")
}

/// The names of what was asked of AWS since so many calls, in their order.
fn calls_since(world: &World, calls: usize) -> String {
    let calls = world.sandbox.aws.calls().into_iter().skip(calls);
    format!("asked of AWS: {}", calls.map(|call| call.function).collect::<Vec<_>>().join(", "))
}

fn without_ids(screen: &str) -> String {
    let line = |line: &str| {
        if line.starts_with("Session: ") {
            "Session: ······".to_owned()
        } else {
            line.to_owned()
        }
    };
    let text = screen.lines().map(line).collect::<Vec<_>>().join("\n");
    // In a custom id the session comes first, in 22 letters.
    let mut parts = text.split("\"d1.");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}\"d1.······{}", &part[SessionId::LENGTH..]))
}

fn assert_same(name: &str, ours: &[String], known: &[String]) {
    for (ours, known) in ours.iter().zip(known) {
        assert_eq!(ours, known, "{name}");
    }
    assert_eq!(ours.len(), known.len(), "{name}");
}

#[tokio::test]
async fn an_unknown_address_looks_like_a_known_one() {
    let known = screens(OLGA, async |_| {}).await;
    assert!(
        known[0].contains("o•••\\@w•••.example") && known[2].contains("4 attempts left."),
        "{known:#?}"
    );
    assert!(known.iter().any(|screen| screen.contains("wrong too many times")), "{known:#?}");
    assert_same("unknown", &screens(NOBODY, async |_| {}).await, &known);
}

#[tokio::test]
async fn an_account_that_may_not_be_linked_looks_like_one_that_may() {
    let known = screens(OLGA, async |_| {}).await;
    let disabled = screens(OLGA, async |world| world.sandbox.aws.set_enabled(OLGA, false)).await;
    assert_same("disabled", &disabled, &known);
    let groups = ["CustomerServiceSales", "customerservice", &format!("{AGENT_GROUP}s")];
    let elsewhere = screens(OLGA, async |world| world.sandbox.aws.set_groups(OLGA, &groups)).await;
    assert_same("wrong group", &elsewhere, &known);
    let unverified =
        screens(OLGA, async |world| world.sandbox.aws.set_email_verified(OLGA, false)).await;
    assert_same("not verified", &unverified, &known);
}

#[tokio::test]
async fn an_account_that_somebody_else_has_linked_looks_like_a_free_one() {
    let known = screens(OLGA, async |_| {}).await;
    let taken = screens(OLGA, async |world| {
        let sam = world.person("sam");
        sam.set_roles(&[AGENT_ROLE_ID]);
        sam.types(&format!("/account link email:{OLGA}")).await;
        sam.sees().await;
        sam.presses("Enter code").await;
        sam.submits([world.code_for(OLGA).as_str()]).await;
        assert!(sam.sees().await.contains("is linked to the BackOffice account"));
    })
    .await;
    assert_same("linked to another", &taken, &known);
}

#[tokio::test]
async fn whatever_goes_wrong_behind_the_first_answer_looks_like_nothing() {
    let known = screens(OLGA, async |_| {}).await;
    let bouncing = screens(OLGA, async |world| world.sandbox.mail.set_bouncing(OLGA, true)).await;
    assert_same("bouncing", &bouncing, &known);
    let limited = Fault::Refuse { code: "RATE_LIMITED".to_owned(), retry_after_s: Some(300) };
    let limited =
        screens(OLGA, async |world| world.sandbox.aws.faults().always("cs-otp-send", limited))
            .await;
    assert_same("limited", &limited, &known);
    let failing = screens(OLGA, async |world| {
        world.sandbox.aws.faults().always("cs-otp-send", Fault::FunctionError)
    })
    .await;
    assert_same("failing", &failing, &known);
    let unreadable = Fault::refuse("AccessDeniedException");
    let unreadable =
        screens(OLGA, async |world| world.sandbox.aws.faults().always("AdminGetUser", unreadable))
            .await;
    assert_same("Cognito failing", &unreadable, &known);
}

#[tokio::test]
async fn the_answer_comes_before_anything_is_looked_up() {
    for address in [OLGA, NOBODY] {
        World::run(async |world| {
            let olga = world.person("olga");
            let faults = world.sandbox.aws.faults();
            faults.hold("AdminGetUser");
            olga.types(&format!("/account link email:{address}")).await;
            assert!(olga.reads().contains("is on its way to it"));
            faults.arrived("AdminGetUser", 1).await;
            faults.release("AdminGetUser");
            assert_eq!(olga.sees().await, "", "nothing is drawn afterwards");

            world.passes(Duration::from_mins(1)).await;
            faults.hold("AdminGetUser");
            olga.presses("Resend").await;
            assert!(olga.reads().contains("1 more code can be sent."));
            faults.release("AdminGetUser");
            assert_eq!(olga.sees().await, "");
        })
        .await;
    }
}
