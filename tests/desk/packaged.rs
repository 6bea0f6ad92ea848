//! A whole session with the program as a package contains it, from the keys to the trail.
//!
//! `packaging/test.sh` names the program of a package in `SUPPORT_DESK_PACKAGED_PROGRAM`. The
//! program runs with the package's user, folder and defaults, so the test sets no store. Without
//! the variable the program is the one of this build.

use std::path::PathBuf;
use std::process::Stdio;

use sandbox::discord::Person;

use crate::installation::Installation;
use crate::program::{BINARY, Ended, PROCESS_TIMEOUT, Program};
use crate::replicas::postgres::Postgres;

const PACKAGED: &str = "SUPPORT_DESK_PACKAGED_PROGRAM";
const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";

/// The program of a package, with its settings.
struct Package {
    installation: Installation,
    program: PathBuf,
    store_key: String,
    trail_key: String,
}

#[tokio::test]
async fn packaged_program_serves_a_whole_session() {
    // On PostgreSQL, because a packaged program cannot read the files of a test.
    let core = Postgres::new().await;
    let mut package = Package {
        installation: Installation::with_core(&core.url).await,
        program: std::env::var_os(PACKAGED).map_or_else(|| BINARY.into(), PathBuf::from),
        store_key: String::new(),
        trail_key: String::new(),
    };
    package.takes_new_keys().await;
    package.checks_and_migrates().await;

    let bot = package.starts("run");
    let connected = package.installation.sandbox.discord.connected(1);
    tokio::time::timeout(PROCESS_TIMEOUT, connected).await.expect("the bot connects in time");
    let ben = package.installation.sandbox.discord.person("ben");
    ben.locale("en-US");
    package.links(&ben).await;
    package.helps_a_customer(&ben).await;
    bot.signal("-TERM");
    let ended = bot.ends().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");

    let verified = package.ends("trail verify").await;
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let trail = package.ends("trail export").await.stdout;
    assert!(trail.contains(r#""started""#) && trail.contains(r#""closed""#), "{trail}");
    let violations = package.installation.sandbox.discord.violations();
    assert!(violations.is_empty(), "{violations:#?}");
    drop(package);
    core.drops().await;
}

impl Package {
    fn starts(&self, command: &str) -> Program {
        let keys = [("STORE_KEY", &*self.store_key), ("TRAIL_KEY", &*self.trail_key)];
        let mut variables = self.installation.variables(&keys);
        variables.retain(|(name, _)| *name != "DATABASE_URL");
        let folder = &self.installation.folder;
        Program::start_binary(&self.program, folder, command, &variables, Stdio::piped())
    }

    async fn ends(&self, command: &str) -> Ended {
        self.starts(command).ends().await
    }

    /// Sets the keys that `support-desk key` prints.
    async fn takes_new_keys(&mut self) {
        let printed = self.ends("key").await;
        let value = |name: &str| {
            let mut lines = printed.stdout.lines();
            let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            value.unwrap_or_else(|| panic!("no {name} in {printed:?}")).to_owned()
        };
        (self.store_key, self.trail_key) = (value("STORE_KEY"), value("TRAIL_KEY"));
    }

    /// Before `migrate` only the store is missing; after it nothing is.
    async fn checks_and_migrates(&self) {
        let before = self.ends("check").await;
        let failed: Vec<&str> =
            before.stdout.lines().filter(|line| line.starts_with("FAIL")).collect();
        assert!(matches!(failed[..], [line] if line.contains("store")), "{before:?}");
        let migrated = self.ends("migrate").await;
        assert_eq!(migrated.code, Some(0), "{migrated:?}");
        let after = self.ends("check").await;
        assert_eq!(after.code, Some(0), "{after:?}");
    }

    async fn types_code(&self, who: &Person, address: &str) {
        who.presses("Enter code").await;
        let code = self.installation.sandbox.mail.last_code_for(address).expect("a mailed code");
        who.submits([code.as_str()]).await;
    }

    /// Links the agent's account. The bot mails the code in the background.
    async fn links(&self, ben: &Person) {
        ben.types(&format!("/account link email:{BEN}")).await;
        ben.sees_at_last("[Enter code]").await;
        self.installation.sandbox.aws.faults().worked("cs-otp-send", 1).await;
        loop {
            self.types_code(ben, BEN).await;
            let mut seen = ben.sees_at_last("").await;
            while seen.is_empty() || seen.contains("Checking the code") {
                seen = ben.sees_at_last("").await;
            }
            if seen.contains("Your account is linked") {
                return;
            }
            assert!(seen.contains("still being sent"), "{seen}");
        }
    }

    async fn helps_a_customer(&self, ben: &Person) {
        ben.types(&format!("/support technical email:{JULIA}")).await;
        ben.presses("Start").await;
        ben.selects("Casa Luz").await;
        ben.sees_at_last("[Enter code]").await;
        self.types_code(ben, BEN).await;
        ben.sees_at_last("[Send code]").await;
        ben.presses("Send code").await;
        ben.sees_at_last("[Enter code]").await;
        self.types_code(ben, JULIA).await;
        ben.sees_at_last("4 of 4").await;
        ben.presses("Waizant Web").await;
        ben.sees_at_last("[Open Waizant Web ↗]").await;
        // The picture needs the fonts in the program.
        ben.presses("Waizant App").await;
        ben.sees_at_last("(image qr.png)").await;
        ben.presses("Finish").await;
        ben.sees_at_last("no longer work").await;
    }
}
