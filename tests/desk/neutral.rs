//! `/account link` does not reveal whether an address has an account. Every screen is identical to
//! the byte, also after wrong codes and resends, and so are the calls before each answer.

use std::time::Duration;

use commands::model::time::minutes;
use commands::model::words::SessionId;
use sandbox::aws::Fault;
use sandbox::discord::Person;
use sandbox::seed::{AGENT_GROUP, AGENT_ROLE_ID, LEADS_CHANNEL_ID};
use serde_json::json;

use crate::world::World;

const OLGA: &str = "olga@waizant.example";
/// An address without an account. Its masked form equals that of Olga's address.
const UNKNOWN: &str = "odin@waizant.example";

/// Beginning of a line with the calls of a step.
const CALLS: &str = "calls to AWS: ";

/// Links an address with wrong codes and resends. Returns every screen as text and as sent to
/// Discord, with the calls to AWS of each step that must not look up the address.
async fn record_screens(address: &str, prepare: impl AsyncFnOnce(&World)) -> Vec<String> {
    let mut screens = Vec::new();
    World::run(async |world| {
        prepare(world).await;
        let checks = world.sandbox.aws.calls_of("cs-otp-verify").len();
        let olga = world.person("olga");
        olga.types(&format!("/account link email:{address}")).await;
        screens.push(read_screen(&olga).await);
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
            screens.push(read_screen(&olga).await);
            olga.submits([wrong().as_str()]).await;
            screens.push(read_screen(&olga).await);
            olga.presses("Enter code").await;
            let form = olga.keep_modal();
            screens.push(calls_since(world, calls));
            world.passes(minutes(1)).await;
            olga.presses("Resend").await;
            screens.push(read_screen(&olga).await);
            // The form of the older code.
            let calls = world.sandbox.aws.calls().len();
            olga.submits_kept(&form, [wrong().as_str()]).await;
            screens.push(read_screen(&olga).await);
            screens.push(calls_since(world, calls));
        }
        let calls = world.sandbox.aws.calls().len();
        olga.presses("Enter code").await;
        let form = olga.keep_modal();
        olga.submits(["12345"]).await;
        screens.push(read_screen(&olga).await);
        olga.submits_kept(&form, [wrong().as_str()]).await;
        screens.push(read_screen(&olga).await);
        olga.presses("Enter code").await;
        world.passes(minutes(10)).await;
        olga.submits([wrong().as_str()]).await;
        screens.push(read_screen(&olga).await);
        olga.presses("Close").await;
        screens.push(read_screen(&olga).await);
        screens.push(calls_since(world, calls));

        olga.types(&format!("/account link email:{address}")).await;
        screens.push(read_screen(&olga).await);
        let calls = world.sandbox.aws.calls().len();
        for _ in 0..5 {
            olga.presses("Enter code").await;
            olga.submits([wrong().as_str()]).await;
            screens.push(read_screen(&olga).await);
        }
        screens.push(world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await);
        olga.types(&format!("/account link email:{address}")).await;
        screens.push(read_screen(&olga).await);
        screens.push(calls_since(world, calls));
        screens
            .push(format!("{} checks", world.sandbox.aws.calls_of("cs-otp-verify").len() - checks));
    })
    .await;
    // The session's short id is random.
    screens.iter().map(|screen| without_ids(screen)).collect()
}

/// Returns the new text, then every message on the screen as sent to Discord.
async fn read_screen(who: &Person) -> String {
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

/// Returns the names of the calls to AWS after the first `calls`, in order.
fn calls_since(world: &World, calls: usize) -> String {
    let calls = world.sandbox.aws.calls().into_iter().skip(calls);
    format!("{CALLS}{}", calls.map(|call| call.function).collect::<Vec<_>>().join(", "))
}

/// Leaves out the calls that mail a code. They run in the background and are repeated after a
/// failure.
fn without_background(screens: Vec<String>) -> Vec<String> {
    let checks = |screen: String| match screen.strip_prefix(CALLS) {
        Some(calls) => format!("{CALLS}{} checks", calls.matches("cs-otp-verify").count()),
        None => screen,
    };
    screens.into_iter().map(checks).collect()
}

fn without_ids(screen: &str) -> String {
    // The footer names the session by six characters.
    let text = masked(screen, "· Session ", 6);
    let text = masked(&text, "· session ", 6);
    let text = masked(&text, "\nA-", 6);
    // A custom id begins with the session, in 22 letters.
    masked(&text, "\"d1.", SessionId::LENGTH)
}

/// Replaces the characters that follow each `mark`.
fn masked(text: &str, mark: &str, length: usize) -> String {
    let mut parts = text.split(mark);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest: String = part.chars().skip(length).collect();
        format!("{text}{mark}······{rest}")
    })
}

fn assert_same(name: &str, screens: &[String], known: &[String]) {
    for (screen, known) in screens.iter().zip(known) {
        assert_eq!(screen, known, "{name}");
    }
    assert_eq!(screens.len(), known.len(), "{name}");
}

#[tokio::test]
async fn unknown_address_looks_like_a_known_one() {
    let known = record_screens(OLGA, async |_| {}).await;
    assert!(
        known[0].contains("o•••\\@w•••.example") && known[2].contains("4 attempts left."),
        "{known:#?}"
    );
    assert!(known.iter().any(|screen| screen.contains("too many wrong codes")), "{known:#?}");
    assert_same("unknown", &record_screens(UNKNOWN, async |_| {}).await, &known);
}

#[tokio::test]
async fn ineligible_account_looks_like_an_eligible_one() {
    let known = record_screens(OLGA, async |_| {}).await;
    let disabled =
        record_screens(OLGA, async |world| world.sandbox.aws.set_enabled(OLGA, false)).await;
    assert_same("disabled", &disabled, &known);
    let groups = ["CustomerServiceSales", "customerservice", &format!("{AGENT_GROUP}s")];
    let elsewhere =
        record_screens(OLGA, async |world| world.sandbox.aws.set_groups(OLGA, &groups)).await;
    assert_same("wrong group", &elsewhere, &known);
    let unverified =
        record_screens(OLGA, async |world| world.sandbox.aws.set_email_verified(OLGA, false)).await;
    assert_same("not verified", &unverified, &known);
}

#[tokio::test]
async fn account_linked_elsewhere_looks_like_a_free_one() {
    let known = record_screens(OLGA, async |_| {}).await;
    let taken = record_screens(OLGA, async |world| {
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
async fn hidden_failures_look_like_success() {
    let known = record_screens(OLGA, async |_| {}).await;
    let bouncing =
        record_screens(OLGA, async |world| world.sandbox.mail.set_bouncing(OLGA, true)).await;
    assert_same("bouncing", &bouncing, &known);
    let limited = Fault::Refuse { code: "RATE_LIMITED".to_owned(), retry_after_s: Some(300) };
    let limited = record_screens(OLGA, async |world| {
        world.sandbox.aws.faults().always("cs-otp-send", limited);
    })
    .await;
    assert_same("limited", &without_background(limited), &without_background(known));
}

#[tokio::test]
async fn faults_look_alike_for_every_address() {
    for (call, fault) in [
        ("cs-otp-send", Fault::FunctionError),
        ("AdminGetUser", Fault::refuse("AccessDeniedException")),
    ] {
        let failing = async |address| {
            let fault = fault.clone();
            record_screens(address, async move |world| {
                world.sandbox.aws.faults().always(call, fault);
            })
            .await
        };
        let known = without_background(failing(OLGA).await);
        assert!(known.iter().any(|screen| screen.contains("still being sent")), "{known:#?}");
        assert_same(call, &without_background(failing(UNKNOWN).await), &known);
    }
}

#[tokio::test]
async fn link_answer_precedes_every_lookup() {
    for address in [OLGA, UNKNOWN] {
        World::run(async |world| {
            let olga = world.person("olga");
            let faults = world.sandbox.aws.faults();
            faults.hold("AdminGetUser");
            olga.types(&format!("/account link email:{address}")).await;
            assert!(olga.reads().contains("is on its way to it"));
            faults.arrived("AdminGetUser", 1).await;
            faults.release("AdminGetUser");
            assert_eq!(olga.sees().await, "", "nothing is drawn after the lookup");

            world.passes(Duration::from_mins(1)).await;
            faults.hold("AdminGetUser");
            olga.presses("Resend").await;
            assert!(olga.reads().contains("[Resend (off)]"));
            faults.release("AdminGetUser");
            assert_eq!(olga.sees().await, "");
        })
        .await;
    }
}
