//! The second place of the trail: each event is also a line of the log, which a shipper carries out
//! of reach of the database's administrators.

use super::event::SignedEvent;

/// Target of the lines. They are on where the log is JSON, unless `RUST_LOG` names the target.
pub const TRAIL: &str = "support_desk::trail";

/// Logs events that are in the database.
pub(crate) fn write(events: &[SignedEvent]) {
    if !tracing::enabled!(target: TRAIL, tracing::Level::INFO) {
        return;
    }
    for SignedEvent { event, signature } in events {
        tracing::info!(
            target: TRAIL,
            chain = event.chain,
            seq = event.seq,
            at = event.at,
            actor = event.actor,
            session = event.session,
            kind = event.kind,
            details = event.details,
            about = event.about,
            key = event.key,
            signature = signature.encode(),
            "event"
        );
    }
}
