//! An upgrade: an older and this version of the program as two replicas on one PostgreSQL, in real
//! time, with traffic and kills.
//!
//! `tests/upgrade.sh REVISION` builds the older program and names it in
//! `SUPPORT_DESK_OLDER_PROGRAM`. Without it, this version is both replicas, so that every run of
//! the tests checks the test itself.

mod agent;
mod checks;

use std::cell::Cell;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;

use crate::installation::Installation;
use crate::program::{BINARY, Program};

use super::postgres::Postgres;
use agent::Agent;
use checks::StoredFields;

/// Variable with the path of the older program.
const OLDER: &str = "SUPPORT_DESK_OLDER_PROGRAM";
/// Sessions of each agent, with an older program and without one. A customer gets ten codes a day.
const SESSIONS: usize = 8;
const FEW_SESSIONS: usize = 2;
/// Longest time between two kills, in milliseconds.
const LONGEST_CALM: u64 = 1_000;

/// Agents with their customer and the customer's ecosystem.
const AGENTS: [(&str, &str, &str); 3] = [
    ("ana", "tom@example.com", "Huerta Norte"),
    ("ben", "julia@example.com", "Casa Luz"),
    ("eva", "rosa@example.com", "El Molino"),
];

/// Random numbers for the times of the kills (xorshift64).
struct Random(u64);

impl Random {
    /// Prints its seed, with which a failed run can be repeated roughly.
    fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let seed = now.as_secs() ^ u64::from(now.subsec_nanos()) | 1;
        eprintln!("seed {seed}");
        Self(seed)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// The two replicas: the older program, and this one.
struct Replicas<'a> {
    place: &'a Installation,
    binaries: [PathBuf; 2],
    programs: [Option<Program>; 2],
}

impl Replicas<'_> {
    async fn starts(&mut self, which: usize) {
        let others = self.programs.iter().flatten().count();
        let program = self.place.running_binary(&self.binaries[which], &[], others).await;
        self.programs[which] = Some(program);
    }

    /// Kills one replica at a random moment, and starts it again.
    async fn one_is_killed(&mut self, random: &mut Random) {
        tokio::time::sleep(Duration::from_millis(random.below(LONGEST_CALM))).await;
        let which = usize::from(random.below(2) == 1);
        let program = self.programs[which].take().unwrap();
        program.signal("-KILL");
        assert_eq!(program.ends().await.code, None, "the process was killed");
        self.place.sandbox.discord.connected(1).await;
        self.starts(which).await;
    }
}

#[tokio::test]
async fn nothing_is_lost_between_two_versions() {
    let this = PathBuf::from(BINARY);
    let older = std::env::var_os(OLDER).map(PathBuf::from);
    let sessions = if older.is_some() { SESSIONS } else { FEW_SESSIONS };
    if older.is_none() {
        eprintln!("{OLDER} is not set, so both replicas are this version: see tests/upgrade.sh");
    }
    let postgres = Postgres::new().await;
    let place = Installation::on(&postgres.url).await;
    let binaries = [older.unwrap_or_else(|| this.clone()), this];
    let mut replicas = Replicas { place: &place, binaries, programs: [None, None] };
    let agents =
        AGENTS.map(|(name, customer, ecosystem)| Agent::new(&place, name, customer, ecosystem));

    // The older program makes the store, and each agent opens a session with it.
    replicas.starts(0).await;
    for agent in &agents {
        agent.links_account().await;
        agent.opens_session().await;
    }
    // This program migrates the store while the older one runs.
    replicas.starts(1).await;

    let (mut random, mut kills) = (Random::new(), 0);
    let fields = StoredFields::watch(&postgres.url);
    let is_done = Cell::new(false);
    let working = async {
        join_all(agents.iter().map(|agent| agent.finishes_sessions(sessions))).await;
        is_done.set(true);
    };
    let killing = async {
        while !is_done.get() {
            replicas.one_is_killed(&mut random).await;
            kills += 1;
        }
    };
    tokio::join!(working, killing);
    eprintln!("{} sessions, {kills} kills", sessions * agents.len());
    assert!(kills > 0);
    fields.assert_none_was_lost().await;
    checks::assert_sessions_are_whole(&postgres, sessions * agents.len()).await;
    for program in replicas.programs.into_iter().flatten() {
        program.signal("-TERM");
        let ended = program.ends().await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    let verified = place.start("trail verify", &[]).ends().await;
    assert_eq!(verified.code, Some(0), "{verified:?}");
    checks::assert_logs_are_clean(place.folder.path());
    let violations = place.sandbox.discord.violations();
    assert!(violations.is_empty(), "{violations:#?}");
    postgres.drops().await;
}
