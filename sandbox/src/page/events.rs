//! `GET /_sandbox/events`: signals changes to the page, which then fetches the state.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::StreamExt;
use futures_util::stream::{self, Stream};

use super::context::PageContext;

/// Interval of keep-alive lines.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Streams one `changed` for each change, and one at the start.
///
/// The first one covers changes between the page's first fetch and the start of the stream.
pub(super) async fn events(
    State(page): State<PageContext>,
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
