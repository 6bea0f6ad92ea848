//! The program as an operator runs it: signals, exit codes, and error messages at the start.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use insta::assert_snapshot;
use sandbox::discord::RestFault;
use sandbox::seed;
use support_desk::demo_marks;

use crate::browser;
use crate::installation::Installation;
use crate::program::{Folder, Program};

const BEN: &str = "ben@waizant.example";

#[tokio::test]
async fn stop_during_a_click_answers_it_first() {
    let installation = Installation::new().await;
    installation.link_agents().await;
    let program = installation.running().await;
    let ben = installation.sandbox.discord.person("ben");
    ben.types("/support technical email:julia@example.com").await;
    ben.presses("Start").await;
    ben.sees().await;
    let faults = installation.sandbox.aws.faults();
    faults.hold("cs-otp-send");
    tokio::join!(ben.selects("Casa Luz"), async {
        faults.arrived("cs-otp-send", 1).await;
        program.signal("-TERM");
        // The program has left the gateway, so it gets no new work. The click in flight goes on.
        installation.sandbox.discord.connected(0).await;
        faults.release("cs-otp-send");
    });
    assert!(ben.sees().await.contains("mailed to **you**"));
    let ended = program.ends().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(installation.sandbox.discord.violations().is_empty());
}

#[tokio::test]
async fn kill_during_a_click_loses_nothing() {
    let installation = Installation::new().await;
    installation.link_agents().await;
    let program = installation.running().await;
    let ben = installation.sandbox.discord.person("ben");
    ben.types("/support technical email:julia@example.com").await;
    ben.presses("Start").await;
    ben.sees().await;
    let faults = installation.sandbox.aws.faults();
    faults.hold("cs-otp-send");
    let clicking = tokio::spawn({
        let ben = ben.clone();
        async move { ben.selects("Casa Luz").await }
    });
    faults.arrived("cs-otp-send", 1).await;
    program.signal("-KILL");
    assert_eq!(program.ends().await.code, None, "killed");
    faults.lose("cs-otp-send");

    let program = installation.running().await;
    faults.worked("cs-otp-send", 1).await;
    ben.types("/support resume").await;
    let panel = ben.sees_at_last("mailed to **you**").await;
    assert!(panel.contains("[Enter code]"), "{panel}");
    let calls = installation.sandbox.aws.calls_of("cs-otp-send");
    assert!(calls.len() == 2 && calls[0].request_id == calls[1].request_id);
    ben.presses("Enter code").await;
    ben.submits([installation.sandbox.mail.last_code_for(BEN).unwrap().as_str()]).await;
    assert!(ben.sees_at_last("[Send code]").await.contains("[Change ecosystem]"));
    clicking.abort();
    program.signal("-TERM");
    assert_eq!(program.ends().await.code, Some(0));
}

#[tokio::test]
async fn run_reports_every_missing_setting() {
    let folder = Folder::new();
    let ended = Program::start(&folder, "run", &[]).ends().await;
    assert_snapshot!(ended.sentence(), @"
    support-desk: invalid settings:
      DISCORD_TOKEN: is not set; write the secret as its issuer shows it, without spaces or quotes
      DISCORD_GUILD_ID: is not set; write the id as Discord's developer mode copies it, such as 1200000000000000001
      DISCORD_CHANNEL_ID: is not set; write the id as Discord's developer mode copies it, such as 1200000000000000001
      DISCORD_AGENT_ROLE_ID: is not set; write the id as Discord's developer mode copies it, such as 1200000000000000001
      CORE_DATABASE_URL: is not set; write sqlite://path/to/file.db or postgres://user:password@host/name
      COGNITO_USER_POOL_ID: is not set; write the pool's id with its region, such as eu-west-1_AbCdEfGhI
      COGNITO_CLIENT_ID: is not set; write the id of the pool's app client
      STORE_KEY: is not set; write 32 random bytes in base64; `support-desk key` prints new keys
      TRAIL_KEY: is not set; write trail-secret: and 32 random bytes in base64; `support-desk key` prints new keys
      ACCESS_HOSTS: is not set; write comma-separated hosts that access links may point to, such as shop.example.com,www.example.com:8443; an app scheme ends with a colon, such as waizant:
    ");
}

#[tokio::test]
async fn run_reports_every_fault_without_secrets() {
    let installation = Installation::new().await;
    let wrong = [
        ("DISCORD_GUILD_ID", "our guild"),
        ("STORE_KEY", "hush"),
        ("TRAIL_KEY", "hush"),
        ("DATABASE_URL", "mysql://desk:hush@localhost/desk"),
        ("IDLE_CLOSE_SECONDS", "5"),
        ("ACCESS_HOSTS", "https://shop.example.com/"),
        ("RUST_LOG", "loud!"),
    ];
    let ended = installation.start("run", &wrong).ends().await;
    assert!(!ended.stderr.contains("hush"));
    assert_snapshot!(ended.sentence(), @"
    support-desk: invalid settings:
      DISCORD_GUILD_ID: write the id as Discord's developer mode copies it, such as 1200000000000000001
      DATABASE_URL: write sqlite://path/to/file.db or postgres://user:password@host/name
      STORE_KEY: write 32 random bytes in base64; `support-desk key` prints new keys
      TRAIL_KEY: write trail-secret: and 32 random bytes in base64; `support-desk key` prints new keys
      ACCESS_HOSTS: write comma-separated hosts that access links may point to, such as shop.example.com,www.example.com:8443; an app scheme ends with a colon, such as waizant:
      IDLE_CLOSE_SECONDS: write whole seconds from 10 to 900, and leave it unset in production
      RUST_LOG: write a level (error, warn, info, debug, trace, off), or comma-separated target=level, such as info,support_desk=debug
    ");
}

#[tokio::test]
async fn run_refuses_demo_settings() {
    let installation = Installation::new().await;
    let demo_settings = [
        ("DISCORD_TOKEN", seed::BOT_TOKEN),
        ("STORE_KEY", demo_marks::STORE_KEY),
        ("TRAIL_KEY", demo_marks::TRAIL_KEY),
        ("DATABASE_URL", "sqlite://demo-data/support-desk.db?mode=rwc"),
        ("CORE_DATABASE_URL", "sqlite://demo-data/core.db"),
    ];
    assert_snapshot!(installation.start("run", &demo_settings).ends().await.sentence(), @"
    support-desk: invalid settings:
      DISCORD_TOKEN: this is the demo's public token; write the token of your own bot
      STORE_KEY: this is the demo's public key; `support-desk key` prints a new one
      TRAIL_KEY: this is the demo's public key; `support-desk key` prints a new one
      DATABASE_URL: this is in the demo's data folder; write another path
      CORE_DATABASE_URL: this is in the demo's data folder; write another path
    ");
}

#[tokio::test]
async fn missing_store_ends_the_start() {
    let installation = Installation::new().await;
    let ended = installation
        .start("run", &[("DATABASE_URL", "postgres://desk:hush@127.0.0.1:1/desk")])
        .ends()
        .await;
    assert!(!ended.stderr.contains("hush"));
    assert_snapshot!(ended.sentence(), @"support-desk: no PostgreSQL server answers at 127.0.0.1:1");
    let ended = installation
        .start("run", &[("DATABASE_URL", "sqlite:///no/such/folder/desk.db?mode=rwc")])
        .ends()
        .await;
    assert_snapshot!(ended.sentence(), @"support-desk: the folder /no/such/folder does not exist; create it, or name another in DATABASE_URL");
}

#[tokio::test]
async fn discord_error_ends_the_start() {
    let installation = Installation::new().await;
    let ended = installation.start("run", &[("DISCORD_TOKEN", "not-ours-hush")]).ends().await;
    assert!(!ended.stderr.contains("hush"));
    assert_snapshot!(ended.sentence(), @"support-desk: cannot sign in to Discord: Discord rejected the token: check DISCORD_TOKEN");

    let retry_after = Duration::from_secs(431);
    installation
        .sandbox
        .discord
        .faults()
        .all_calls_to("/commands", RestFault::TooMany { retry_after });
    assert_snapshot!(installation.start("run", &[]).ends().await.sentence(), @"support-desk: cannot register the commands: Discord answered with status 429 and asks to wait 431 s, longer than the start can wait: start again after that");
    installation.sandbox.discord.faults().clear();

    assert_snapshot!(installation.start("run", &[("DISCORD_API_URL", "http://127.0.0.1:1")]).ends().await.sentence(), @"support-desk: cannot get the gateway's address: Discord is unreachable: check the network, and DISCORD_API_URL if it is set");
}

#[tokio::test]
async fn revoked_token_ends_the_program() {
    let installation = Installation::new().await;
    let program = installation.running().await;
    installation.sandbox.discord.faults().refuse_token(true);
    installation.sandbox.discord.faults().close_sockets(4004);
    assert_snapshot!(program.ends().await.sentence(), @"support-desk: Discord's gateway rejected the token: check DISCORD_TOKEN");
}

#[tokio::test]
async fn check_prints_one_line_per_service() {
    let installation = Installation::new().await;
    let migrated = installation.start("migrate", &[]).ends().await;
    assert_eq!(
        (migrated.code, migrated.stdout),
        (Some(0), format!("the store is up to date: {}\n", installation.store_file("").display())),
    );
    let passed = installation.start("check", &[]).ends().await;
    assert_eq!(passed.code, Some(0), "{passed:?}");
    assert_snapshot!(passed.stdout, @"
    ok    settings
    ok    store (DATABASE_URL): SQLite file
    ok    listener (HTTP_ADDR): 127.0.0.1:0
    ok    listener (ADMIN_ADDR): 127.0.0.1:0
    ok    Core (CORE_DATABASE_URL): SQLite file
    ok    Core: view support_users
    ok    Core: view support_ecosystems
    ok    Core: view support_memberships
    ok    Core: view support_successions
    ok    Core: view support_succession_steps
    ok    Cognito: pool eu-west-1_SandboxDesk, users and groups
    ok    Cognito: group CustomerService
    warn  leads: /desk refuses every user, because COGNITO_LEAD_GROUPS is not set
    ok    Cognito: attributes that the app client can write
    ok    password recovery: off, because PUBLIC_URL is not set
    warn  reports of mails: off, because PUBLIC_URL is not set; mails tell customers to call, and no report closes a session
    ok    Lambda: cs-otp-send:live
    ok    Lambda: cs-otp-verify:live
    ok    Lambda: cs-access:live
    ok    Lambda: cs-message:live
    ok    Discord: token
    ok    Discord: gateway
    ok    Discord: application
    ok    Discord: guild and commands
    ok    Discord: roles
    ok    Discord: support channel
    ok    Discord: leads' channel
    ok    clock of this machine
    ");

    installation.sandbox.core.execute("drop view support_memberships").await.unwrap();
    let broken = installation.start("check", &[("LAMBDA_MESSAGE", "missing")]).ends().await;
    assert_eq!(broken.code, Some(1), "{broken:?}");
    let fails: Vec<_> = broken.stdout.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert_snapshot!(fails.join("\n"), @"
    FAIL  Core: view support_memberships: does not exist, or this user may not read it
    FAIL  Lambda: missing: the service answered ResourceNotFoundException; check LAMBDA_MESSAGE, AWS_REGION, the credentials, and that their policy allows InvokeFunction on it
    ");
}

#[tokio::test]
async fn proxy_variables_are_named_and_not_used() {
    let installation = Installation::new().await;
    assert_eq!(installation.start("migrate", &[]).ends().await.code, Some(0));
    let names =
        ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"];
    // No proxy listens there, so every request through it would fail.
    let variables = names.map(|name| (name, "http://user:hush@127.0.0.1:1"));
    let checked = installation.start("check", &variables).ends().await;
    assert_eq!(checked.code, Some(0), "{checked:?}");
    for name in names {
        let warning = format!("warn  {name}: is not used: the bot connects to Discord, AWS ");
        assert!(checked.stdout.contains(&warning), "{checked:?}");
    }
    assert!(!checked.stdout.contains("hush") && !checked.stderr.contains("hush"), "{checked:?}");
}

#[tokio::test]
async fn env_file_replaces_the_environment() {
    let installation = Installation::new().await;
    let file = installation.folder.path().join("desk.env");
    let mut text = "# settings\n\n".to_owned();
    for (name, value) in installation.variables(&[]) {
        writeln!(text, "{name}={value}").unwrap();
    }
    std::fs::write(&file, &text).unwrap();
    let run = async |command: &str, variables: &[(&str, String)]| {
        Program::start(&installation.folder, command, variables).ends().await
    };
    let migrated = run("--env-file desk.env migrate", &[]).await;
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    let checked = run("check --env-file=desk.env", &[]).await;
    assert_eq!(checked.code, Some(0), "{checked:?}");
    // The environment has precedence.
    let checked = run("check --env-file=desk.env", &[("STORE_KEY", "hush".to_owned())]).await;
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(checked.stdout.starts_with("FAIL  STORE_KEY: ") && !checked.stdout.contains("hush"));

    std::fs::write(&file, format!("{text}PUBLIC_URL=\"https://hush.example.com\"\n")).unwrap();
    let refused = run("check --env-file desk.env", &[]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.ends_with(": write the value without quotes\n"), "{refused:?}");
    assert!(!refused.stderr.contains("hush"), "{refused:?}");
    let missing = run("check --env-file none.env", &[]).await;
    assert_snapshot!(missing.sentence(), @"support-desk: cannot read none.env: No such file or directory (os error 2)");
}

#[tokio::test]
async fn demo_prints_its_url_and_stops_at_ctrl_c() {
    let folder = Folder::new();
    // The demo ignores the environment, even invalid settings.
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
    let second = Program::start(&folder, "demo", &[]).ends().await;
    assert!(second.sentence().contains("another process runs the bot on the file"), "{second:?}");
    program.signal("-INT");
    let ended = program.ends().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
}

#[tokio::test]
async fn second_run_on_one_file_is_refused() {
    let installation = Installation::new().await;
    let running = installation.running().await;
    let second = installation.start("run", &[]).ends().await;
    let sentence = second.sentence();
    assert!(sentence.contains("another process runs the bot on the file"), "{sentence}");
    assert!(sentence.contains("desk.db; stop it, or use PostgreSQL"), "{sentence}");

    for command in ["migrate", "trail verify", "trail export"] {
        let beside = installation.start(command, &[]).ends().await;
        assert_eq!(beside.code, Some(0), "{command}: {beside:?}");
    }
    let check = installation.start("check", &[]).ends().await;
    assert!(check.stdout.contains("ok    store (DATABASE_URL)"), "{check:?}");
    for ending in ["", "-wal", "-shm", ".lock"] {
        let file = installation.store_file(ending);
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }

    running.signal("-KILL");
    assert_eq!(running.ends().await.code, None);
    installation.sandbox.discord.connected(0).await;
    let endings = ["", "-wal", "-shm", ".lock"];
    for ending in endings {
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(installation.store_file(ending), open).unwrap();
    }
    let next = installation.running().await;
    for ending in endings {
        let mode = std::fs::metadata(installation.store_file(ending)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "left behind by a killed process: {ending}");
    }
    next.signal("-TERM");
    assert_eq!(next.ends().await.code, Some(0), "a killed process leaves no lock");
}
