//! Spans of the traces: every name and every attribute that one can have.
//!
//! A span is exported only if the operator has turned traces on. Its attributes are fixed words and
//! small numbers: no id, no typed text, no address.

use tracing::Span;
use tracing::field::Empty;

use crate::model::effect::Pending;
use crate::model::refusal::Refusal;
use crate::model::session::Session;

/// Target of the spans of this file. Nothing with another target is exported.
pub const SPANS: &str = "support_desk::span";

/// Names of the spans. A span with another name is not exported.
pub const SPAN_NAMES: [&str; 6] = ["click", "page", "sweep", "effect", "call", "commit"];

/// Attributes of the spans. Others are not exported.
pub const SPAN_ATTRIBUTES: [&str; 12] = [
    "kind",
    "flow",
    "stage",
    "effect",
    "attempt",
    "service",
    "call",
    "engine",
    "batch_size",
    "retries",
    "outcome",
    "refusal",
];

/// Outcome of a click or an effect that ended well.
pub const DONE: &str = "done";

/// Outcome of a click, a call, an effect or a commit that failed. Its span has the status *error*.
pub const FAULT: &str = "fault";

/// Returns the span of an interaction, from its arrival until all its work is done. `kind` is what
/// the person requests.
pub fn click(kind: &'static str) -> Span {
    tracing::info_span!(
        target: SPANS,
        "click",
        otel.kind = "server",
        otel.status_code = Empty,
        kind,
        flow = Empty,
        stage = Empty,
        outcome = Empty,
        refusal = Empty
    )
}

/// Returns the span of a request of the recovery page or the report page that changes something.
pub fn page(kind: &'static str) -> Span {
    tracing::info_span!(target: SPANS, "page", otel.kind = "server", kind)
}

/// Returns the span of a session whose timer is due.
pub fn sweep() -> Span {
    tracing::info_span!(target: SPANS, "sweep", flow = Empty, stage = Empty)
}

/// Returns the span of one try of an effect, with the saving of its outcome. It is a part of the
/// click, page request or sweep that performs the effect.
pub fn effect(session: &Session, pending: &Pending) -> Span {
    let failed = pending.failure.as_ref().map_or(0, |failure| failure.calls);
    tracing::info_span!(
        target: SPANS,
        "effect",
        otel.status_code = Empty,
        effect = pending.effect.name(),
        flow = session.kind(),
        stage = session.stage(),
        attempt = i64::from(failed) + 1,
        outcome = Empty
    )
}

/// Returns the span of a call to another service, with all its tries.
pub fn call(service: &'static str, call: &'static str) -> Span {
    tracing::info_span!(
        target: SPANS,
        "call",
        otel.kind = "client",
        otel.status_code = Empty,
        service,
        call,
        outcome = Empty
    )
}

/// Returns the span of a commit, with its wait for a batch.
pub fn commit(engine: &'static str) -> Span {
    tracing::info_span!(
        target: SPANS,
        "commit",
        otel.kind = "client",
        otel.status_code = Empty,
        engine,
        batch_size = Empty,
        retries = Empty,
        outcome = Empty
    )
}

/// Records what the current span is about: a click or a sweep of this session.
pub fn record_session(session: &Session) {
    Span::current().record("flow", session.kind()).record("stage", session.stage());
}

/// Records that the click of the current span is refused. This is its outcome, whatever follows.
pub fn record_refusal(refusal: &Refusal) {
    let click = Span::current();
    click.record("refusal", refusal.name());
    record_outcome(&click, if matches!(refusal, Refusal::Failed(_)) { FAULT } else { "refused" });
}

/// Records how the work of a span ended, as a word. The first outcome of a span counts. [`FAULT`]
/// makes it an error.
pub fn record_outcome(span: &Span, outcome: &'static str) {
    span.record("outcome", outcome);
    if outcome == FAULT {
        span.record("otel.status_code", "ERROR");
    }
}
