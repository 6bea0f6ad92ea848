//! The program as an operator runs it: signals, exit codes, and a sentence for everything that can
//! be wrong at the start.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use insta::assert_snapshot;
use sandbox::discord::RestFault;
use sandbox::seed;
use support_desk::demo_marks;

use crate::browser;
use crate::program::{Folder, Place, Program};

const BEN: &str = "ben@waizant.example";

#[tokio::test]
async fn a_stop_in_the_middle_of_a_click_answers_it_first() {
    let place = Place::new().await;
    place.link_everybody().await;
    let program = place.running().await;
    let ben = place.sandbox.discord.person("ben");
    ben.types("/support technical email:julia@example.com").await;
    ben.presses("Start").await;
    ben.sees().await;
    let faults = place.sandbox.aws.faults();
    faults.hold("cs-otp-send");
    tokio::join!(ben.selects("Casa Luz"), async {
        faults.arrived("cs-otp-send", 1).await;
        program.signal("-TERM");
        // It has left the gateway: no new work. What was begun goes on.
        place.sandbox.discord.connected(0).await;
        faults.release("cs-otp-send");
    });
    assert!(ben.sees().await.contains("A code was mailed to **you**"));
    let ended = program.ends().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(place.sandbox.discord.violations().is_empty());
}

#[tokio::test]
async fn a_kill_in_the_middle_of_a_click_loses_nothing() {
    let place = Place::new().await;
    place.link_everybody().await;
    let program = place.running().await;
    let ben = place.sandbox.discord.person("ben");
    ben.types("/support technical email:julia@example.com").await;
    ben.presses("Start").await;
    ben.sees().await;
    let faults = place.sandbox.aws.faults();
    faults.hold("cs-otp-send");
    let clicking = tokio::spawn({
        let ben = ben.clone();
        async move { ben.selects("Casa Luz").await }
    });
    faults.arrived("cs-otp-send", 1).await;
    program.signal("-KILL");
    assert_eq!(program.ends().await.code, None, "killed");
    faults.lose("cs-otp-send");

    let program = place.running().await;
    faults.worked("cs-otp-send", 1).await;
    ben.types("/support resume").await;
    let panel = ben.sees_at_last("A code was mailed to **you**").await;
    assert!(panel.contains("[Enter code]"), "{panel}");
    let calls = place.sandbox.aws.calls_of("cs-otp-send");
    assert!(calls.len() == 2 && calls[0].request_id == calls[1].request_id);
    ben.presses("Enter code").await;
    ben.submits([place.sandbox.mail.last_code_for(BEN).unwrap().as_str()]).await;
    assert!(ben.sees_at_last("[Send code]").await.contains("[Change ecosystem]"));
    clicking.abort();
    program.signal("-TERM");
    assert_eq!(program.ends().await.code, Some(0));
}

#[tokio::test]
async fn everything_that_is_missing_is_said_at_once() {
    let folder = Folder::new();
    let ended = Program::start(&folder, "run", &[]).ends().await;
    assert_snapshot!(ended.sentence(), @"
    support-desk: these settings are not right:
      DISCORD_TOKEN: is not set; write the secret as its issuer shows it, without spaces or quotes
      DISCORD_GUILD_ID: is not set; write the id as Discord's developer mode copies it, such as 1200000000000000001
      DISCORD_CHANNEL_ID: is not set; write the id as Discord's developer mode copies it, such as 1200000000000000001
      DISCORD_AGENT_ROLE_ID: is not set; write the id as Discord's developer mode copies it, such as 1200000000000000001
      DISCORD_LEAD_ROLE_ID: is not set; write the id as Discord's developer mode copies it, such as 1200000000000000001
      CORE_DATABASE_URL: is not set; write sqlite://path/to/file.db or postgres://user:password@host/name
      COGNITO_USER_POOL_ID: is not set; write the pool's id with its region, such as eu-west-1_AbCdEfGhI
      COGNITO_CLIENT_ID: is not set; write the id of the pool's app client
      STORE_KEY: is not set; write 32 random bytes in base64; `support-desk key` prints a new one
      ACCESS_HOSTS: is not set; write the hosts that sign-in links may point to, with commas between, such as shop.example.com,www.example.com:8443; an app scheme ends with a colon, such as waizant:
    ");
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once_and_no_secret_is_repeated() {
    let place = Place::new().await;
    let wrong = [
        ("DISCORD_GUILD_ID", "our guild"),
        ("STORE_KEY", "hush"),
        ("DATABASE_URL", "mysql://desk:hush@localhost/desk"),
        ("IDLE_CLOSE_SECONDS", "5"),
        ("ACCESS_HOSTS", "https://shop.example.com/"),
        ("RUST_LOG", "loud!"),
    ];
    let ended = place.start("run", &wrong).ends().await;
    assert!(!ended.stderr.contains("hush"));
    assert_snapshot!(ended.sentence(), @"
    support-desk: these settings are not right:
      DISCORD_GUILD_ID: write the id as Discord's developer mode copies it, such as 1200000000000000001
      DATABASE_URL: write sqlite://path/to/file.db or postgres://user:password@host/name
      STORE_KEY: write 32 random bytes in base64; `support-desk key` prints a new one
      ACCESS_HOSTS: write the hosts that sign-in links may point to, with commas between, such as shop.example.com,www.example.com:8443; an app scheme ends with a colon, such as waizant:
      IDLE_CLOSE_SECONDS: write whole seconds from 10 to 900, and leave it out in production
    ");
}

#[tokio::test]
async fn run_refuses_what_belongs_to_the_demo() {
    let place = Place::new().await;
    let demos = [
        ("DISCORD_TOKEN", seed::BOT_TOKEN),
        ("STORE_KEY", demo_marks::STORE_KEY),
        ("DATABASE_URL", "sqlite://demo-data/support-desk.db?mode=rwc"),
        ("CORE_DATABASE_URL", "sqlite://demo-data/core.db"),
    ];
    assert_snapshot!(place.start("run", &demos).ends().await.sentence(), @"
    support-desk: these settings are not right:
      DISCORD_TOKEN: this is the demo's token, which is public; write your own bot's
      STORE_KEY: this is the demo's key, which is public; `support-desk key` prints a new one
      DATABASE_URL: this is in the demo's data folder; write another path
      CORE_DATABASE_URL: this is in the demo's data folder; write another path
    ");
}

#[tokio::test]
async fn a_store_that_is_not_there_ends_the_start_with_a_sentence() {
    let place = Place::new().await;
    let ended = place
        .start("run", &[("DATABASE_URL", "postgres://desk:hush@127.0.0.1:1/desk")])
        .ends()
        .await;
    assert!(!ended.stderr.contains("hush"));
    assert_snapshot!(ended.sentence(), @"support-desk: no PostgreSQL server answers at 127.0.0.1:1");
    let ended = place
        .start("run", &[("DATABASE_URL", "sqlite:///no/such/folder/desk.db?mode=rwc")])
        .ends()
        .await;
    assert_snapshot!(ended.sentence(), @"support-desk: the folder /no/such/folder does not exist; create it, or name another in DATABASE_URL");
}

#[tokio::test]
async fn a_discord_that_says_no_ends_the_start_with_a_sentence() {
    let place = Place::new().await;
    let ended = place.start("run", &[("DISCORD_TOKEN", "not-ours-hush")]).ends().await;
    assert!(!ended.stderr.contains("hush"));
    assert_snapshot!(ended.sentence(), @"support-desk: signing in to Discord: Discord does not know this token: check DISCORD_TOKEN");

    place.sandbox.discord.faults().next_calls_to("/gateway", 9, RestFault::Status(500));
    assert_snapshot!(place.start("run", &[]).ends().await.sentence(), @"support-desk: asking Discord for its gateway: Discord answered with status 500 and code 0");
    place.sandbox.discord.faults().clear();

    assert_snapshot!(place.start("run", &[("DISCORD_API_URL", "http://127.0.0.1:1")]).ends().await.sentence(), @"support-desk: asking Discord for its gateway: Discord cannot be reached: check the network, and DISCORD_API_URL if it is set");
}

#[tokio::test]
async fn a_gateway_that_takes_the_token_back_ends_the_program() {
    let place = Place::new().await;
    let program = place.running().await;
    place.sandbox.discord.faults().refuse_token(true);
    place.sandbox.discord.faults().close_sockets(4004);
    assert_snapshot!(program.ends().await.sentence(), @"support-desk: Discord's gateway does not know this token: check DISCORD_TOKEN");
}

#[tokio::test]
async fn check_says_what_is_well_and_names_what_is_not() {
    let place = Place::new().await;
    let migrated = place.start("migrate", &[]).ends().await;
    assert_eq!(
        (migrated.code, migrated.stdout.as_str()),
        (Some(0), "the store is up to date\n"),
        "{migrated:?}"
    );
    let well = place.start("check", &[]).ends().await;
    assert_eq!(well.code, Some(0), "{well:?}");
    assert_snapshot!(well.stdout, @"
    ok    settings
    ok    the bot's store (DATABASE_URL)
    ok    Core: view support_users
    ok    Core: view support_ecosystems
    ok    Core: view support_memberships
    ok    Core: view support_successions
    ok    Core: view support_succession_steps
    ok    Cognito: pool eu-west-1_SandboxDesk, its users and their groups
    ok    password recovery: not set up, as PUBLIC_URL is not set
    ok    Lambda: cs-otp-send:live
    ok    Lambda: cs-otp-verify:live
    ok    Lambda: cs-access:live
    ok    Lambda: cs-message:live
    ok    Discord: the bot's token
    ok    Discord: the gateway
    ok    Discord: the guild and its commands
    ok    Discord: the leads' channel
    ");

    place.sandbox.core.execute("drop view support_memberships").await.unwrap();
    let broken = place.start("check", &[("LAMBDA_MESSAGE", "nobody")]).ends().await;
    assert_eq!(broken.code, Some(1), "{broken:?}");
    let fails: Vec<_> = broken.stdout.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert_snapshot!(fails.join("\n"), @"
    FAIL  Core: view support_memberships: is not there, or may not be read by this user
    FAIL  Lambda: nobody: the service answered ResourceNotFoundException; check LAMBDA_MESSAGE, AWS_REGION, the credentials, and that their policy allows InvokeFunction on it
    ");
}

#[tokio::test]
async fn each_key_is_a_new_one_of_32_bytes() {
    let folder = Folder::new();
    let mut keys = Vec::new();
    for _ in 0..2 {
        let ended = Program::start(&folder, "key", &[]).ends().await;
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        keys.push(ended.stdout);
    }
    assert_ne!(keys[0], keys[1]);
    assert!(keys.iter().all(|key| BASE64_STANDARD.decode(key.trim()).unwrap().len() == 32));
}

#[tokio::test]
async fn the_demo_says_where_it_is_and_stops_at_ctrl_c() {
    let folder = Folder::new();
    // Of the environment it wants nothing, not even what would be wrong.
    let mut program = Program::start(
        &folder,
        "demo",
        &[("DISCORD_TOKEN", String::new()), ("STORE_KEY", "x".to_owned())],
    );
    let line = program.first_line().await;
    let url = line
        .split(' ')
        .find(|word| word.starts_with("http://127.0.0.1:"))
        .unwrap_or_else(|| panic!("{line}"));
    let page = browser::looks_at(&format!("{url}/")).await;
    assert!(page.status == 200 && page.body.contains("<html"), "{page:?}");
    program.signal("-INT");
    let ended = program.ends().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
}
