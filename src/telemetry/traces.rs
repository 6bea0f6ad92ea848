//! Traces: spans of the program's own work, exported with OTLP over HTTP to a collector.

use std::sync::Arc;
use std::time::Duration;

use commands::ports::clock::Clock;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{EnvResourceDetector, TelemetryResourceDetector};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use super::export;
pub(crate) use super::export::probe;
use crate::config::Collector;

/// Longest wait for the export of the last spans, at the end of the process. It comes after the
/// 10 s for the work in flight, and systemd stops the process after 30 s.
pub const FLUSH_LIMIT: Duration = Duration::from_secs(3);

/// Name of the service unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` names it, and of
/// the scope of its spans.
const SERVICE: &str = "support-desk";

/// The export of spans. The SDK parses the variables that [`crate::config`] has checked.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Starts the export. The caller runs in a runtime of tokio. Spans that end wait for a batch in
    /// a bounded queue, and nothing waits for the collector. `clock` limits the warnings.
    pub fn start(collector: &Collector, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let processor = export::processor(collector, clock)?;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_span_processor(processor)
            .build();
        Ok(Self { provider })
    }

    /// Returns the layer that makes the spans.
    pub(super) fn layer<S>(&self) -> OpenTelemetryLayer<S, SdkTracer>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let scope = InstrumentationScope::builder(SERVICE).build();
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer_with_scope(scope))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_error_records_to_exceptions(false)
    }

    /// Exports the spans that still wait, within [`FLUSH_LIMIT`], and ends the export.
    pub async fn stop(self) {
        // The provider blocks the thread that waits for it.
        let stopping =
            tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(FLUSH_LIMIT));
        if !matches!(stopping.await, Ok(Ok(()))) {
            tracing::warn!("the last spans were not exported in time");
        }
    }
}

/// Returns what describes this process in each export.
fn resource() -> Resource {
    let builder = Resource::builder_empty()
        .with_attributes([
            KeyValue::new("service.name", SERVICE),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        ])
        .with_detectors(&[
            Box::new(TelemetryResourceDetector),
            // `OTEL_RESOURCE_ATTRIBUTES`.
            Box::new(EnvResourceDetector::new()),
        ]);
    match std::env::var("OTEL_SERVICE_NAME") {
        Ok(name) if !name.trim().is_empty() => builder.with_service_name(name).build(),
        _ => builder.build(),
    }
}
