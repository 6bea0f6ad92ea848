//! One click again and again: a command, a button that only draws, a button that is stored.

use std::time::Duration;

use anyhow::Context as _;
use commands::screens::custom_id::{Action, CustomId};
use futures_util::future::try_join_all;
use sandbox::discord::{Button, MessageId, Person};

use crate::measure::Record;
use crate::pace::Turns;
use crate::walk::{self, Road, Walker};

/// A click that only draws: it opens the form for the code.
pub const DRAWS: &str = "a click that only draws";
/// A click that is stored: claim, session and trail in one transaction, and the panel drawn again
/// in its place.
pub const DURABLE: &str = "a click that is stored";

/// How long a panel is waited for whose answer was deferred: longer than any takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who types `/ping`.
pub struct Pinger(Person, Record);

/// So many of them.
pub fn pingers(road: &Road, people: usize, record: &Record) -> anyhow::Result<Vec<Pinger>> {
    (0..people).map(|_| Ok(Pinger(Walker::new(road)?.person().clone(), record.clone()))).collect()
}

/// Types it at each turn.
pub async fn pinging(Pinger(person, record): Pinger, turns: Turns) -> anyhow::Result<()> {
    while let Some(turn) = turns.next().await {
        person.try_types("/ping").await?;
        record.keep("/ping", &person, turn)?;
    }
    Ok(())
}

/// Somebody with a panel that waits for the agent's code.
#[derive(Clone)]
pub struct Drawer {
    person: Person,
    button: Button,
}

/// So many of them, each with a session.
pub async fn drawers(road: &Road, people: usize) -> anyhow::Result<Vec<Drawer>> {
    let one = async || {
        let walker = walk::before_the_code(road.clone()).await?;
        Ok(Drawer { button: walker.button("Enter code").await?, person: walker.person().clone() })
    };
    try_join_all((0..people).map(|_| one())).await
}

/// Presses **Enter code** at each turn. Fails when what comes is no form.
pub async fn drawing(
    Drawer { person, button }: Drawer,
    record: Record,
    turns: Turns,
) -> anyhow::Result<()> {
    while let Some(turn) = turns.next().await {
        person.presses_kept(&button).await;
        record.keep(DRAWS, &person, turn)?;
    }
    person.modal().context("no form was opened").map(drop)
}

/// Somebody with a panel on which **Stay** can be pressed.
#[derive(Clone)]
pub struct Stayer {
    person: Person,
    panel: MessageId,
}

/// So many of them, each with a session.
pub async fn stayers(road: &Road, people: usize) -> anyhow::Result<Vec<Stayer>> {
    let one = async || {
        let walker = walk::before_start(road.clone()).await?;
        Ok(Stayer { panel: walker.button("Close").await?.message, person: walker.person().clone() })
    };
    try_join_all((0..people).map(|_| one())).await
}

/// Presses **Stay** at each turn. The panel shows it only when it warns, so its custom id is made
/// of another button's: the session and the generation are the same, and the bot answers it at any
/// time.
pub async fn staying(
    Stayer { person, panel }: Stayer,
    record: Record,
    turns: Turns,
) -> anyhow::Result<()> {
    while let Some(turn) = turns.next().await {
        let shown = person.first_button_of(panel).context("the panel has no button")?;
        let address: CustomId = shown.parse()?;
        let mut changed = person.changed();
        person.forges_on(panel, &CustomId { action: Action::Stay, ..address }.to_string()).await?;
        record.keep(DURABLE, &person, turn)?;
        // An answer that was deferred has its panel still on the way, and the old one would only
        // say "already done".
        let renewed = changed
            .wait_for(|_| person.first_button_of(panel).is_some_and(|button| button != shown));
        tokio::time::timeout(PATIENCE, renewed).await.context("the panel never came")??;
    }
    Ok(())
}
