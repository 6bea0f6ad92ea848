//! The operator's procedures with keys, by the program: a planned replacement, a leak and a loss.

use std::fs;
use std::sync::Arc;

use commands::model::trail::{TrailEvent, kind};
use commands::ports::clock::Clock as _;
use commands::ports::sessions::{Commit, Sessions as _};
use sandbox::discord::Person;
use sandbox::shop::LinkState;
use support_desk::clock::WallClock;
use support_desk::keyring::Keyring;
use support_desk::store::Database;
use support_desk::trail::{CHECKPOINT_EVERY, OtherKey, TrailKey, TrailKeys};

use crate::customer::{JULIA, ends, runs, verifies};
use crate::installation::{Installation, KEY, TRAIL_KEY};
use crate::program::PROCESS_TIMEOUT;

/// Another pair of keys, as `support-desk key` prints them.
struct NewKeys {
    store: String,
    trail: String,
    public: String,
}

impl NewKeys {
    async fn generate(place: &Installation) -> Self {
        let printed = place.start_with("key", &[]).ends().await.stdout;
        let after = |prefix: &str| {
            let line = printed.lines().find_map(|line| line.strip_prefix(prefix));
            line.unwrap_or_else(|| panic!("no {prefix}: {printed}")).to_owned()
        };
        let public = after("# trail-public:");
        Self {
            store: after("STORE_KEY="),
            trail: after("TRAIL_KEY="),
            public: format!("trail-public:{public}"),
        }
    }

    /// Settings in which the new keys sign, and the old ones open and verify.
    fn switched(&self) -> [(&'static str, &str); 4] {
        let [store, trail] = self.only();
        [store, trail, ("STORE_KEY_OLD", KEY), ("TRAIL_KEY_OLD", TRAIL_KEY)]
    }

    fn only(&self) -> [(&'static str, &str); 2] {
        [("STORE_KEY", &self.store), ("TRAIL_KEY", &self.trail)]
    }
}

fn public_half() -> String {
    TrailKey::parse(TRAIL_KEY).unwrap().public().to_string()
}

/// Verifies the trail as an auditor with these public keys. Returns the exit code and the output.
async fn audited(place: &Installation, keys: &[&str]) -> (Option<i32>, String) {
    let file = place.folder.path().join("keys.txt");
    fs::write(&file, keys.join("\n")).unwrap();
    let url = place.store_url();
    let command = format!("trail verify --public-key {}", file.display());
    let ended = place.start_with(&command, &[("DATABASE_URL", &url)]).ends().await;
    (ended.code, ended.stdout)
}

async fn succeeds(place: &Installation, command: &str, settings: &[(&'static str, &str)]) {
    let ended = place.start(command, settings).ends().await;
    assert_eq!(ended.code, Some(0), "{command}: {ended:?}");
}

/// Verifies Julia and opens Web for her.
async fn opens_web(place: &Installation) -> Person {
    let ben = place.sandbox.discord.person("ben");
    verifies(place, &ben, JULIA).await;
    ben.presses("Waizant Web").await;
    ben.sees_at_last("Web is ready").await;
    ben
}

async fn links_are_revoked(place: &Installation) {
    let mut changed = place.sandbox.discord.changed();
    while !place.sandbox.shop.links().iter().all(|link| link.state == LinkState::Revoked) {
        tokio::time::timeout(PROCESS_TIMEOUT, changed.changed()).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn planned_replacement_closes_no_session() {
    let (place, program) = runs().await;
    let ben = opens_web(&place).await;
    ends(program).await;
    let new = NewKeys::generate(&place).await;
    // Each replica gets the new keys among the others first, and only then as its own.
    let coming = [("STORE_KEY_OLD", new.store.as_str()), ("TRAIL_KEY_OLD", new.public.as_str())];
    ends(place.running_with(&coming).await).await;
    let program = place.running_with(&new.switched()).await;
    succeeds(&place, "rekey", &new.switched()).await;
    ends(program).await;

    let old_public = public_half();
    let [store, trail] = new.only();
    let program = place.running_with(&[store, trail, ("TRAIL_KEY_OLD", &old_public)]).await;
    ben.presses("Waizant Store").await;
    ben.sees_at_last("Store is ready").await;
    ben.presses("Finish").await;
    ben.sees_at_last("This session was finished").await;
    links_are_revoked(&place).await;
    ends(program).await;
    let (code, out) = audited(&place, &[&old_public, &new.public]).await;
    assert_eq!(code, Some(0), "{out}");
}

#[tokio::test]
async fn leaked_store_key_ends_what_is_open_and_opens_nothing_more() {
    let (place, program) = runs().await;
    let ben = opens_web(&place).await;
    ends(program).await;
    let new = NewKeys::generate(&place).await;
    let [store, _] = new.only();
    let rotated = [store, ("STORE_KEY_OLD", KEY)];
    succeeds(&place, "rekey", &rotated).await;
    succeeds(&place, "end-sessions", &rotated).await;
    let program = place.running_with(&[store]).await;
    links_are_revoked(&place).await;
    ben.types("/support resume").await;
    ben.sees_at_last("no open session").await;
    ends(program).await;
    let stolen = place.start("end-sessions", &[]).ends().await;
    assert!(stolen.sentence().contains("STORE_KEY does not belong to this store"), "{stolen:?}");
    let (code, out) = audited(&place, &[&public_half()]).await;
    assert_eq!(code, Some(0), "{out}");
}

#[tokio::test]
async fn leaked_trail_key_forges_nothing_after_the_next_checkpoint() {
    let (place, program) = runs().await;
    opens_web(&place).await;
    ends(program).await;
    let new = NewKeys::generate(&place).await;
    let [_, trail] = new.only();
    let rotated = [trail, ("TRAIL_KEY_OLD", TRAIL_KEY)];
    succeeds(&place, "rekey", &rotated).await;
    ends(place.running_with(&rotated).await).await;
    let open = async |keys| {
        Database::open(&place.store_url(), Arc::new(keys), Arc::new(WallClock)).await.unwrap()
    };
    let old_public = public_half();
    let mut keys = Keyring::parse(KEY, &new.trail).unwrap();
    let others = vec![OtherKey::Public(old_public.parse().unwrap())];
    keys.trail = TrailKeys::new(TrailKey::parse(&new.trail).unwrap(), others);
    let later = WallClock.now() + CHECKPOINT_EVERY;
    open(keys).await.checkpoint(later).await.unwrap();
    let (code, out) = audited(&place, &[&old_public, &new.public]).await;
    assert_eq!(code, Some(0), "{out}");

    let forged = TrailEvent {
        at: later,
        actor: "discord:7".to_owned(),
        session: None,
        kind: kind::REFUSED,
        details: serde_json::json!({}),
        customer: None,
        about: serde_json::Value::Null,
    };
    let commit = Commit { now: later, events: vec![forged], ..Commit::default() };
    open(Keyring::parse(KEY, TRAIL_KEY).unwrap()).await.commit(commit).await.unwrap();
    let (code, out) = audited(&place, &[&old_public, &new.public]).await;
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("after that key was replaced"), "{out}");
    let late = place.start("end-sessions", &[("TRAIL_KEY_OLD", &new.public)]).ends().await;
    assert!(late.sentence().contains("TRAIL_KEY was replaced by another key"), "{late:?}");
}

#[tokio::test]
async fn lost_keys_close_what_nobody_can_open() {
    let (place, program) = runs().await;
    let ben = opens_web(&place).await;
    ends(program).await;
    let new = NewKeys::generate(&place).await;
    let old_public = public_half();
    let [store, trail] = new.only();
    let settings = [store, trail, ("TRAIL_KEY_OLD", old_public.as_str())];
    let refused = place.start("rekey", &settings).ends().await;
    assert!(refused.sentence().contains("use --lost-trail-key"), "{refused:?}");
    let given_up = place.start("rekey --lost-store-key --lost-trail-key", &settings).ends().await;
    assert_eq!(given_up.code, Some(0), "{given_up:?}");
    let program = place.running_with(&settings).await;
    links_are_revoked(&place).await;
    ben.types(&format!("/support technical email:{JULIA}")).await;
    ben.sees_at_last("is not linked to a BackOffice account yet").await;
    ends(program).await;
    let (code, out) = audited(&place, &[&old_public, &new.public]).await;
    assert_eq!(code, Some(0), "{out}");
}
