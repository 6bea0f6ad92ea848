//! A call to another service, measured: its duration and outcome in the metrics, and its span.

use commands::model::span;
use commands::ports::clock::Clock;
use futures_util::future::BoxFuture;
use tracing::Instrument as _;

use crate::calls::Call;
use crate::metrics;

/// Runs the work of a call and records it. `outcome` returns the word for the metrics. The work is
/// boxed, because the caller's future would otherwise hold it twice.
pub(crate) async fn measure<T>(
    call: Call,
    clock: &dyn Clock,
    work: BoxFuture<'_, T>,
    outcome: impl FnOnce(&T) -> &'static str,
) -> T {
    let (span, started) = (span::call(call.service().name(), call.name()), clock.now());
    let result = work.instrument(span.clone()).await;
    let outcome = outcome(&result);
    metrics::record_call(call, outcome, clock.now().since(started));
    span::record_outcome(&span, outcome);
    result
}
