//! Nothing in the store or in the log tells whom a session was about, without the store's key.

use commands::model::time::minutes;
use sandbox::discord::Person;
use sqlx::{AnyConnection, Connection as _};
use support_desk::demo_marks::keyring;

use crate::browser::looks_at;
use crate::log::log;
use crate::store::Engine;
use crate::stored_text::{read_files, read_rows};
use crate::successor::verifies_successor;
use crate::world::World;

const JULIA: &str = "julia@example.com";
const SOFIA: &str = "sofia@example.com";
const UNKNOWN: &str = "nobody.at.all@example.com";
const REASON: &str = "The customer was cut off at Atocha";

/// Words about the customers: Core's ids, masked values, ecosystems, a succession and the reason.
const WORDS: [&str; 13] = [
    "usr-julia",
    "usr-sofia",
    "j•••@e•••.com",
    "s•••@e•••.com",
    "n•••@e•••.com",
    "J*** P***",
    "S*** M***",
    "eco-casa-luz",
    "Casa Luz",
    "eco-herencia",
    "suc-herencia",
    "Casa Herencia",
    REASON,
];

/// Returns the keyed hashes of the typed addresses.
fn hashes() -> Vec<String> {
    [JULIA, SOFIA, UNKNOWN].iter().map(|email| keyring().store.mac(email)).collect()
}

fn assert_none_in(place: &str, text: &str) {
    for word in WORDS.iter().map(|word| (*word).to_owned()).chain(hashes()) {
        let line = text.lines().find(|line| line.contains(&word));
        assert!(line.is_none(), "{word} is in {place}: {line:?}");
    }
}

/// Searches everything that leaves the bot, except Discord, Core and the functions.
async fn assert_sealed(world: &World, engine: Engine) {
    assert_none_in("the tables of the store", &read_rows(world).await);
    if engine == Engine::Sqlite {
        assert_none_in("the files of the store", &read_files(world));
    }
    let ids: Vec<String> = world.sandbox.discord.custom_ids().into_iter().collect();
    assert_none_in("a custom id", &ids.join("\n"));
    for page in ["health", "metrics"] {
        let page = looks_at(&format!("{}{page}", world.admin_url())).await.body;
        assert_none_in("the admin pages", &page);
    }
    assert_none_in("the log", &log().text());
}

/// Returns what the store's key opens: the events, and what the sessions are about.
async fn read_opened(world: &World) -> String {
    let sql = "select chain, seq, kind, details, about from events";
    let events = world.events(sql).await.into_iter().map(|event| event.line);
    let mut opened: Vec<String> = events.collect();
    let mut store = AnyConnection::connect(&world.database_url()).await.unwrap();
    let rows: Vec<(String, String)> =
        sqlx::query_as("select id, about from sessions").fetch_all(&mut store).await.unwrap();
    for (id, about) in rows {
        opened.push(world.open_about(&id, &about).await.expect("what a session is about opens"));
    }
    opened.join("\n")
}

/// Helps a customer with a view, a link and a second code, until the agent finishes.
async fn helps(world: &World, ben: &Person, engine: Engine) {
    ben.types(&format!("/support technical email:{UNKNOWN}")).await;
    ben.sees().await;
    world.proves_agent(ben, JULIA, "Casa Luz").await;
    ben.presses("Send code").await;
    assert_sealed(world, engine).await;
    ben.presses("Enter code").await;
    ben.submits([world.wrong_code_for(JULIA).as_str()]).await;
    ben.presses("Enter code").await;
    ben.submits([world.code_for(JULIA).as_str()]).await;
    for label in ["Waizant Store", "See plan details", "Back"] {
        ben.presses(label).await;
        ben.sees().await;
    }
    ben.types(&format!("/support technical email:{JULIA}")).await;
    ben.sees().await;
    assert_sealed(world, engine).await;
    ben.presses("Finish").await;
    ben.sees().await;
}

async fn nothing_tells_whom_it_was_about(engine: Engine) {
    log();
    World::run_on(engine, &[], async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        helps(world, &ben, engine).await;
        verifies_successor(world, &eva, None).await;
        eva.selects("2. Validation").await;
        eva.sees().await;
        eva.presses("Back").await;
        eva.presses("Send QR").await;
        assert_sealed(world, engine).await;
        eva.presses("Finish").await;
        eva.sees().await;

        // The same again until a cancel, with a restart in between.
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        world.restarts().await;
        ben.types("/support resume").await;
        ben.presses("Cancel").await;
        ben.submits([REASON]).await;
        ben.sees().await;
        world.passes(minutes(1)).await;
        assert_sealed(world, engine).await;

        let opened = read_opened(world).await;
        for word in WORDS.iter().map(|word| (*word).to_owned()).chain(hashes()) {
            assert!(opened.contains(&word), "{word} was never there: {opened}");
        }
        let rows = read_rows(world).await;
        for (place, text) in [("store", &rows), ("log", &log().text())] {
            assert!(text.contains(&world.pseudonym("usr-julia").await), "the {place} names nobody");
        }
    })
    .await;
}

#[tokio::test]
async fn sqlite_and_log_do_not_tell_whom_a_session_was_about() {
    nothing_tells_whom_it_was_about(Engine::Sqlite).await;
}

#[tokio::test]
async fn postgres_and_log_do_not_tell_whom_a_session_was_about() {
    nothing_tells_whom_it_was_about(Engine::Postgres).await;
}
