//! Forged custom ids: valid ones, sent by another agent, in another flow, with another generation
//! or to a closed session.
//!
//! A custom id is not a secret. The tests send every id that the codec can write as a button, as a
//! choice and as a form.

use commands::model::words::{Purpose, Target};
use commands::screens::custom_id::{Action, CustomId, SESSION_MENU};
use sandbox::discord::Person;

use crate::world::World;

const JULIA: &str = "julia@example.com";
const OLGA: &str = "olga@waizant.example";

/// Returns every action. Those with a number appear with several numbers.
fn actions() -> Vec<Action> {
    use Action::{
        Back, Cancel, Change, Choose, Close, Details, EnterCode, Finish, History, MailLink, Open,
        OpenCancelForm, Page, Plan, Resend, Resume, Send, Start, Stay, SubmitCode,
    };
    let mut all = vec![
        Start,
        Close,
        Choose,
        EnterCode,
        Send,
        Resend,
        Change,
        MailLink,
        Plan,
        History,
        Back,
        Finish,
        OpenCancelForm,
        Cancel,
        Stay,
        Resume,
    ];
    all.extend([Target::Store, Target::Web, Target::App, Target::Successor].map(Open));
    all.extend([0, 1, u16::MAX].into_iter().flat_map(|n| [Page(n), Details(n)]));
    for purpose in [Purpose::AgentMfa, Purpose::CustomerConsent, Purpose::AgentLink] {
        all.extend([1, u32::MAX].map(|nth| SubmitCode(purpose, nth)));
    }
    all
}

/// Returns all effects so far: AWS calls, mails, access links, and the trail without refusals.
async fn effects(world: &World) -> (usize, usize, usize, Vec<String>) {
    let mut trail = world.trail().await;
    trail.retain(|event| !event.starts_with("refused"));
    let calls = world.sandbox.aws.calls();
    let called = calls.iter().filter(|call| call.function.starts_with("cs-")).count();
    (called, world.sandbox.mail.all().len(), world.sandbox.shop.links().len(), trail)
}

/// Returns the parsed custom id of the component with this label.
fn address(who: &Person, label: &str) -> CustomId {
    CustomId::parse(who.keep(label).custom_id()).unwrap()
}

/// Sends the id as a button (0), a choice (1) or a form (2), and reads the answer.
async fn send(who: &Person, id: &str, way: usize) -> String {
    match way {
        0 => who.forges(id).await,
        1 => who.forges_choice(id, "eco-casa-luz").await.unwrap(),
        _ => who.forges_submit(id, "no reason").await.unwrap(),
    }
    let answer = who.sees().await;
    who.dismisses();
    answer
}

/// Sends the id as a button, as a choice and as a form.
async fn send_each_way(who: &Person, id: &str) -> Vec<String> {
    let mut answers = Vec::new();
    for way in 0..3 {
        answers.push(send(who, id, way).await);
    }
    answers
}

#[tokio::test]
async fn session_of_another_agent_rejects_every_id() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let panel = address(&ben, "Finish");
        eva.types("/account show").await;
        eva.sees().await;
        let before = effects(world).await;
        for action in actions() {
            for generation in [panel.generation, 0, u32::MAX] {
                let id = CustomId { generation, action, ..panel.clone() }.to_string();
                for answer in send_each_way(&eva, &id).await {
                    let words = [
                        "This panel belongs to another agent.",
                        "This button is from another version of the bot.",
                    ];
                    assert!(words.iter().any(|words| answer.starts_with(words)), "{id}: {answer}");
                    assert!(
                        !answer.contains("ulia") && !answer.contains("Casa Luz"),
                        "{id}: {answer}"
                    );
                }
            }
        }
        eva.forges_choice(SESSION_MENU, panel.session.as_str()).await.unwrap();
        let answer = eva.sees().await;
        assert!(!answer.contains("Casa Luz") && !answer.contains('['), "{answer}");
        assert_eq!(effects(world).await, before);
        assert_eq!(ben.sees().await, "", "the panel was not redrawn");
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"), "the panel still works");
    })
    .await;
}

#[tokio::test]
async fn future_generation_never_acts() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let before = effects(world).await;
        for action in actions() {
            // Each answer redraws the panel, so the current generation is read each time.
            for (way, ahead) in [(0, 1), (1, 1), (2, 1), (0, 1000), (1, 1000), (2, u32::MAX)] {
                let panel = address(&ben, "Finish");
                let id = CustomId {
                    generation: panel.generation.saturating_add(ahead),
                    action,
                    ..panel
                }
                .to_string();
                let answer = send(&ben, &id, way).await;
                let drawn = answer.contains("4 of 4")
                    || answer.starts_with("This button is from another version");
                assert!(drawn && !answer.contains("Form"), "{id}: {answer}");
            }
        }
        assert_eq!(effects(world).await, before);
    })
    .await;
}

#[tokio::test]
async fn closed_session_rejects_every_id() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let panel = address(&ben, "Finish");
        ben.presses("Finish").await;
        ben.sees().await;
        let before = effects(world).await;
        for action in actions() {
            for generation in [panel.generation, panel.generation + 1] {
                let id = CustomId { generation, action, ..panel.clone() }.to_string();
                for answer in send_each_way(&ben, &id).await {
                    let words = ["was finished at", "This button is from another version"];
                    assert!(words.iter().any(|words| answer.contains(words)), "{id}: {answer}");
                    assert!(
                        !answer.contains("Casa Luz") && !answer.contains("Form"),
                        "{id}: {answer}"
                    );
                }
            }
        }
        assert_eq!(effects(world).await, before);
    })
    .await;
}

/// Sends every action except `legitimate` ones to a session, with its current generation.
///
/// Asserts that nothing has an effect and that no answer contains a word of `never`.
async fn try_other_actions(
    world: &World,
    who: &Person,
    label: &str,
    legitimate: &[Action],
    never: &[&str],
) {
    let before = effects(world).await;
    for action in actions().into_iter().filter(|action| !legitimate.contains(action)) {
        for way in 0..3 {
            let id = CustomId { action, ..address(who, label) }.to_string();
            let answer = send(who, &id, way).await;
            for words in never {
                assert!(!answer.contains(words), "{id}: {answer}");
            }
        }
    }
    assert_eq!(effects(world).await, before, "{label}");
}

#[tokio::test]
async fn action_of_another_flow_does_nothing() {
    use Action::{
        Back, Cancel, Close, Details, EnterCode, Finish, History, MailLink, Open, OpenCancelForm,
        Page, Plan, Resend, Resume, Stay,
    };
    let draws = [Page(0), Page(1), Page(u16::MAX), Back, OpenCancelForm, Cancel, Stay, Resume];
    // An owner, a member and a successor, each fully verified.
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let own =
            [Open(Target::Store), Open(Target::Web), Open(Target::App), Plan, History, Finish];
        try_other_actions(
            world,
            &ben,
            "Finish",
            &[&draws[..], &own].concat(),
            &["QR", "Validation"],
        )
        .await;
        ben.presses("Finish").await;
        ben.sees().await;
    })
    .await;
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "tom@example.com", "Casa Luz").await;
        let own = [Open(Target::Web), Open(Target::App), Plan, History, Finish];
        try_other_actions(
            world,
            &ben,
            "Finish",
            &[&draws[..], &own].concat(),
            &["Open Waizant Store"],
        )
        .await;
    })
    .await;
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
        let own = [
            Open(Target::Successor),
            MailLink,
            History,
            Finish,
            Details(0),
            Details(1),
            Details(u16::MAX),
        ];
        try_other_actions(
            world,
            &ben,
            "Finish",
            &[&draws[..], &own].concat(),
            &["Open Waizant Web", "Price"],
        )
        .await;
    })
    .await;
    // Linking and recovery, which have no customer.
    World::run(async |world| {
        let olga = world.person("olga");
        olga.types(&format!("/account link email:{OLGA}")).await;
        olga.sees().await;
        let own = [Close, EnterCode, Resend, Stay, Resume];
        let codes = [1, u32::MAX].map(|nth| Action::SubmitCode(Purpose::AgentLink, nth));
        try_other_actions(world, &olga, "Close", &[&own[..], &codes].concat(), &[OLGA, "Form"])
            .await;
    })
    .await;
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/account recover email:ben@waizant.example").await;
        ben.sees().await;
        try_other_actions(world, &ben, "Close", &[Close, Resend, Stay, Resume], &["Form"]).await;
    })
    .await;
}
