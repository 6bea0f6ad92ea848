//! `support-desk customer`, run as a program beside or after the bot.

mod erase;
mod export;
mod interrupted;
mod refusals;
mod requests;
mod restore;

use std::sync::Arc;

use sandbox::discord::Person;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use crate::installation::{Installation, keyring};
use crate::program::Program;
use crate::world::rows;

pub const JULIA: &str = "julia@example.com";
pub const TOM: &str = "tom@example.com";
pub const CORE_ID: &str = "usr-julia";
pub const REASON: &str = "The customer was cut off at Atocha";
pub const TICKET: &str = "ZD-1234";

/// Starts the bot with linked agents.
pub async fn runs() -> (Installation, Program) {
    let place = Installation::new().await;
    place.link_agents().await;
    let program = place.running().await;
    (place, program)
}

/// Returns a place whose trail has two sessions of Julia: a finished one, and a cancelled one with
/// a ticket number.
pub async fn with_two_sessions() -> Installation {
    let (place, program) = runs().await;
    let ben = place.sandbox.discord.person("ben");
    verifies(&place, &ben, JULIA).await;
    ben.presses("Waizant Web").await;
    ben.sees_at_last("Web is ready").await;
    ben.presses("Finish").await;
    ben.sees_at_last("This session was finished").await;
    starts(&ben, &format!("{JULIA} ticket:{TICKET}")).await;
    ben.presses("Cancel").await;
    ben.submits([REASON]).await;
    ben.sees_at_last("was cancelled").await;
    ends(program).await;
    place
}

/// Starts a session and chooses the ecosystem.
pub async fn starts(who: &Person, customer: &str) {
    who.types(&format!("/support technical email:{customer}")).await;
    who.sees_at_last("[Start verification").await;
    who.presses("Start").await;
    who.sees_at_last("Choose the ecosystem").await;
    who.selects("Casa Luz").await;
    who.sees_at_last("[Enter code]").await;
}

/// Verifies agent and customer.
pub async fn verifies(place: &Installation, who: &Person, customer: &str) {
    let code = |address: &str| place.sandbox.mail.last_code_for(address).unwrap();
    starts(who, customer).await;
    who.presses("Enter code").await;
    who.submits([code(&format!("{}@waizant.example", who.profile().name)).as_str()]).await;
    who.sees_at_last("[Send code]").await;
    who.presses("Send code").await;
    who.sees_at_last("[Enter code]").await;
    who.presses("Enter code").await;
    who.submits([code(customer).as_str()]).await;
    who.sees_at_last("4 of 4").await;
}

/// Stops the bot. Returns its log.
pub async fn ends(program: Program) -> String {
    program.signal("-TERM");
    let ended = program.ends().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stderr
}

/// Returns the pseudonym of a customer who was looked up.
pub async fn pseudonym(place: &Installation, core_id: &str) -> String {
    rows::pseudonym(&place.store_url(), Arc::new(keyring()), core_id).await
}

/// Runs a statement on a database.
pub async fn execute(url: &str, sql: String) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await.unwrap();
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
