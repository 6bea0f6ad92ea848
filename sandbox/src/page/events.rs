//! `GET /_sandbox/events`: tells the page that something changed. What changed it reads from the
//! state.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::StreamExt;
use futures_util::stream::{self, Stream};

use super::Page;

/// A line this often keeps the connection from looking dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// One `changed` for each change, and one at the start, so that nothing between the page's first
/// read and this is missed.
pub(super) async fn events(
    State(page): State<Page>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut receiver = page.discord.changed();
    receiver.mark_changed();
    let changes = stream::unfold(receiver, async |mut receiver| {
        receiver.changed().await.ok()?;
        let count = *receiver.borrow_and_update();
        Some((Ok(Event::default().data(format!("changed {count}"))), receiver))
    });
    let changes = changes.take_until(page.stopping.cancelled_owned());
    Sse::new(changes).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}
