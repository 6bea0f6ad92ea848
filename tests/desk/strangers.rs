//! Custom ids that nobody was shown: well made, and sent by somebody else, for another road, of
//! another time or to a closed session.
//!
//! A custom id is no secret and proves nothing. Every one that the codec can write is tried as a
//! button, a choice and a form.

use commands::model::words::{Purpose, Target};
use commands::screens::custom_id::{Action, CustomId, SESSION_MENU};
use sandbox::discord::Person;

use crate::world::World;

const JULIA: &str = "julia@example.com";
const OLGA: &str = "olga@waizant.example";

/// Every action, each that has a number with several.
fn actions() -> Vec<Action> {
    use Action::{
        Back, Cancel, Change, Choose, Close, Details, EnterCode, Finish, MailLink, Open,
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

/// What a session has come to, seen from outside: everything that was asked of AWS, mailed or kept,
/// but refusals.
async fn marks(world: &World) -> (usize, usize, usize, Vec<String>) {
    let mut trail = world.trail().await;
    trail.retain(|event| !event.starts_with("refused"));
    let calls = world.sandbox.aws.calls();
    let effects = calls.iter().filter(|call| call.function.starts_with("cs-")).count();
    (effects, world.sandbox.mail.all().len(), world.sandbox.shop.links().len(), trail)
}

/// Where the component with this label leads.
fn address(who: &Person, label: &str) -> CustomId {
    who.keep(label).custom_id().parse().unwrap()
}

/// Sends the id as a button, a choice or a form, and reads what that is told.
async fn sent(who: &Person, id: &str, way: usize) -> String {
    match way {
        0 => who.forges(id).await,
        1 => who.forges_choice(id, "eco-casa-luz").await.unwrap(),
        _ => who.forges_submit(id, "no reason").await.unwrap(),
    }
    let told = who.sees().await;
    who.dismisses();
    told
}

/// In each of these ways.
async fn forged(who: &Person, id: &str) -> Vec<String> {
    let mut told = Vec::new();
    for way in 0..3 {
        told.push(sent(who, id, way).await);
    }
    told
}

#[tokio::test]
async fn nothing_of_somebody_elses_session_can_be_moved_or_looked_at() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let panel = address(&ben, "Finish");
        eva.types("/account show").await;
        eva.sees().await;
        let before = marks(world).await;
        for action in actions() {
            for generation in [panel.generation, 0, u32::MAX] {
                let id = CustomId { generation, action, ..panel.clone() }.to_string();
                for told in forged(&eva, &id).await {
                    let words = [
                        "This panel belongs to another agent.",
                        "This button is from another version of the bot.",
                    ];
                    assert!(words.iter().any(|words| told.starts_with(words)), "{id}: {told}");
                    assert!(!told.contains("ulia") && !told.contains("Casa Luz"), "{id}: {told}");
                }
            }
        }
        eva.forges_choice(SESSION_MENU, panel.session.as_str()).await.unwrap();
        let told = eva.sees().await;
        assert!(!told.contains("Casa Luz") && !told.contains('['), "{told}");
        assert_eq!(marks(world).await, before);
        assert_eq!(ben.sees().await, "", "nothing was drawn there");
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("it was finished"), "the panel is as it was");
    })
    .await;
}

#[tokio::test]
async fn no_id_of_a_generation_to_come_acts() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let before = marks(world).await;
        for action in actions() {
            // Each answer draws the panel anew, and what was to come has come by then.
            for (way, ahead) in [(0, 1), (1, 1), (2, 1), (0, 1000), (1, 1000), (2, u32::MAX)] {
                let panel = address(&ben, "Finish");
                let id = CustomId {
                    generation: panel.generation.saturating_add(ahead),
                    action,
                    ..panel
                }
                .to_string();
                let told = sent(&ben, &id, way).await;
                let drawn = told.contains("You and the customer are verified.")
                    || told.starts_with("This button is from another version");
                assert!(drawn && !told.contains("Form"), "{id}: {told}");
            }
        }
        assert_eq!(marks(world).await, before);
    })
    .await;
}

#[tokio::test]
async fn nothing_of_a_closed_session_acts() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let panel = address(&ben, "Finish");
        ben.presses("Finish").await;
        ben.sees().await;
        let before = marks(world).await;
        for action in actions() {
            for generation in [panel.generation, panel.generation + 1] {
                let id = CustomId { generation, action, ..panel.clone() }.to_string();
                for told in forged(&ben, &id).await {
                    let words = ["it was finished.", "This button is from another version"];
                    assert!(words.iter().any(|words| told.contains(words)), "{id}: {told}");
                    assert!(!told.contains("Casa Luz") && !told.contains("Form"), "{id}: {told}");
                }
            }
        }
        assert_eq!(marks(world).await, before);
    })
    .await;
}

/// Tries every action but these on the session that a label leads to, at whatever generation it is
/// by then.
async fn tries_all_but(
    world: &World,
    who: &Person,
    label: &str,
    legitimate: &[Action],
    never: &[&str],
) {
    let before = marks(world).await;
    for action in actions().into_iter().filter(|action| !legitimate.contains(action)) {
        for way in 0..3 {
            let id = CustomId { action, ..address(who, label) }.to_string();
            let told = sent(who, &id, way).await;
            for words in never {
                assert!(!told.contains(words), "{id}: {told}");
            }
        }
    }
    assert_eq!(marks(world).await, before, "{label}");
}

#[tokio::test]
async fn what_belongs_to_another_road_does_nothing_on_this_one() {
    use Action::{
        Back, Cancel, Close, Details, EnterCode, Finish, MailLink, Open, OpenCancelForm, Page,
        Plan, Resend, Resume, Stay,
    };
    let draws = [Page(0), Page(1), Page(u16::MAX), Back, OpenCancelForm, Cancel, Stay, Resume];
    // An owner, a member, and a successor, each at the end of the road.
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let own = [Open(Target::Store), Open(Target::Web), Open(Target::App), Plan, Finish];
        tries_all_but(world, &ben, "Finish", &[&draws[..], &own].concat(), &["QR", "Validation"])
            .await;
        ben.presses("Finish").await;
        ben.sees().await;
    })
    .await;
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "tom@example.com", "Casa Luz").await;
        let own = [Open(Target::Web), Open(Target::App), Plan, Finish];
        tries_all_but(world, &ben, "Finish", &[&draws[..], &own].concat(), &["Open the store"])
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
        let own =
            [Open(Target::Successor), MailLink, Finish, Details(0), Details(1), Details(u16::MAX)];
        tries_all_but(
            world,
            &ben,
            "Finish",
            &[&draws[..], &own].concat(),
            &["Open the web", "Price"],
        )
        .await;
    })
    .await;
    // Linking and recovering, where there is no customer at all.
    World::run(async |world| {
        let olga = world.person("olga");
        olga.types(&format!("/account link email:{OLGA}")).await;
        olga.sees().await;
        let own = [Close, EnterCode, Resend, Stay, Resume];
        let codes = [1, u32::MAX].map(|nth| Action::SubmitCode(Purpose::AgentLink, nth));
        tries_all_but(world, &olga, "Close", &[&own[..], &codes].concat(), &[OLGA, "Form"]).await;
    })
    .await;
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/account recover email:ben@waizant.example").await;
        ben.sees().await;
        tries_all_but(world, &ben, "Close", &[Close, Resend, Stay, Resume], &["Form"]).await;
    })
    .await;
}
