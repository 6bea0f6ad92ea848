//! Progress of a slow effect: the panel says what the bot does, and its buttons are disabled.

use std::time::Duration;

use insta::assert_snapshot;
use sandbox::discord::{Person, RestFault};
use sqlx::{AnyConnection, Connection as _};

use crate::world::World;

const JULIA: &str = "julia@example.com";

/// Time after which the bot defers its answer.
const BUDGET: Duration = Duration::from_secs(1);

/// Runs a click until the function has its `nth` call and the bot has deferred the answer.
async fn holds(world: &World, function: &str, nth: usize, click: impl Future<Output = ()>) {
    let faults = world.sandbox.aws.faults();
    faults.hold(function);
    tokio::join!(click, async {
        faults.arrived(function, nth).await;
        world.clock.advance(BUDGET);
    });
}

/// Lets the held call go on, and reads the panel.
async fn goes_on(world: &World, who: &Person, function: &str) -> String {
    world.sandbox.aws.faults().release(function);
    who.sees().await
}

/// Lets the store refuse every update of a session.
async fn refuses_updates(world: &World) {
    const TRIGGER: &str = "create trigger refuses before update on sessions
        begin select raise(abort, 'refused'); end";
    sqlx::any::install_default_drivers();
    let mut store = AnyConnection::connect(&world.database_url()).await.unwrap();
    sqlx::query(TRIGGER).execute(&mut store).await.unwrap();
}

#[tokio::test]
async fn slow_effect_shows_what_the_bot_does() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        holds(world, "cs-otp-send", 2, ben.presses("Send code")).await;
        assert_snapshot!(ben.reads(), @r"
        3 of 4 · The customer's code
        ⏳ Mailing the code to the customer…

        J\*\*\* P\*\*\* · Casa Luz · owner · goes to j•••\@e•••.com
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Send code (off)] [Cancel (off)]
        [Change ecosystem (off)]
        ");
        assert_snapshot!(goes_on(world, &ben, "cs-otp-send").await, @r"
        3 of 4 · The customer's code
        Ask the customer to read out the code that was mailed to j•••\@e•••.com, good until 10:10 UTC.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code] [Resend (off)] [Cancel]
        ");

        ben.presses("Enter code").await;
        let code = world.code_for(JULIA);
        holds(world, "cs-otp-verify", 2, ben.submits([code.as_str()])).await;
        assert_snapshot!(ben.reads(), @r"
        3 of 4 · The customer's code
        ⏳ Checking the code…

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code (off)] [Resend (off)] [Cancel (off)]
        ");
        assert!(goes_on(world, &ben, "cs-otp-verify").await.contains("Julia Peña"));

        holds(world, "cs-access", 1, ben.presses("Waizant Web")).await;
        assert_snapshot!(ben.reads(), @r"
        4 of 4 · Julia Peña
        julia\@example.com · owner of Casa Luz

        ⏳ Opening Waizant Web…
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Store (off)] [Waizant Web (off)] [Waizant App (off)]
        [See plan details (off)] [History (off)] [Finish (off)] [Cancel (off)]
        ");
        assert!(goes_on(world, &ben, "cs-access").await.contains("[Open Waizant Web ↗]"));
        // An older link stays open while the next one is made.
        holds(world, "cs-access", 2, ben.presses("Waizant App")).await;
        assert_snapshot!(ben.reads(), @r"
        4 of 4 · Julia Peña
        julia\@example.com · owner of Casa Luz

        ⏳ Making the QR code…

        🔗 Web is ready until 10:01:03 UTC (in 59 seconds)
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Store (off)] [Open Waizant Web ↗] [Waizant App (off)]
        [See plan details (off)] [History (off)] [Finish (off)] [Cancel (off)]
        ");
        assert!(goes_on(world, &ben, "cs-access").await.contains("(image"));
    })
    .await;
}

#[tokio::test]
async fn failed_effect_gives_the_buttons_back() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        holds(world, "cs-otp-send", 2, ben.presses("Send code")).await;
        assert!(ben.reads().contains("⏳ Mailing the code to the customer…"));
        refuses_updates(world).await;
        let panel = goes_on(world, &ben, "cs-otp-send").await;
        assert!(panel.contains("Something failed") && panel.contains("[Cancel]"), "{panel}");
    })
    .await;
}

#[tokio::test]
async fn progress_that_discord_refuses_is_a_plain_deferral() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to("/callback", 1, RestFault::Status(400));
        holds(world, "cs-otp-send", 2, ben.presses("Send code")).await;
        assert!(!ben.reads().contains('⏳'));
        assert!(goes_on(world, &ben, "cs-otp-send").await.contains("[Enter code]"));
    })
    .await;
}

#[tokio::test]
async fn command_defers_without_progress() {
    World::run(async |world| {
        let ben = world.person("ben");
        let command = "/account recover email:ben@waizant.example";
        holds(world, "ForgotPassword", 1, ben.types(command)).await;
        assert!(ben.reads().contains("thinking"), "{}", ben.reads());
        assert!(goes_on(world, &ben, "ForgotPassword").await.contains("[Open the page ↗]"));
    })
    .await;
}

#[tokio::test]
async fn panel_that_could_not_be_drawn_is_drawn_by_a_sweep() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        let edits = "PATCH /api/v10/webhooks/";
        // Two calls of five tries each.
        world.sandbox.discord.faults().next_calls_to(edits, 10, RestFault::Status(502));
        holds(world, "cs-otp-send", 2, ben.presses("Send code")).await;
        assert!(ben.reads().contains("⏳"));
        world.sandbox.aws.faults().release("cs-otp-send");
        let undrawn = world.with_moving_clock(Duration::from_secs(5), ben.sees()).await;
        assert_eq!(undrawn, "", "Discord accepted nothing");
        world.passes(Duration::from_secs(10)).await;
        let panel = ben.sees().await;
        assert!(panel.contains("[Enter code] [Resend (off)] [Cancel]"), "{panel} {}", ben.reads());
    })
    .await;
}
