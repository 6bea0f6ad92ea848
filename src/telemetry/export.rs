//! The way of a span to the collector: a bounded queue, the filter, and one HTTP client.
//!
//! The thread of the work puts an ended span into the queue and goes on. A thread of the SDK
//! exports batches. A span that finds the queue full is dropped and counted, and so is each span of
//! a failed export.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use opentelemetry::Context;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    Protocol, SpanExporter as OtlpExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor,
};
use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::runtime::Handle;

use super::span_filter;
use crate::config::Collector;
use crate::metrics;

/// Spans that wait for their export, and those of the export that runs. Ours: a click makes about
/// ten, so a few hundred clicks fit while a collector restarts.
pub(super) const QUEUE: usize = 4_096;

/// Time for one export, as in the SDK of OpenTelemetry (`OTEL_EXPORTER_OTLP_TIMEOUT`).
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Time between two warnings about failed exports.
const WARN_EVERY: Duration = Duration::from_hours(1);

/// Starts a processor that exports to a collector.
pub(super) fn processor(
    collector: &Collector,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<impl SpanProcessor + use<>> {
    let client = CollectorClient::new()?;
    let waiting = Arc::new(AtomicUsize::new(0));
    let exporter = CountingExporter {
        inner: exporter(collector, client.clone())?,
        client,
        waiting: Arc::clone(&waiting),
        clock,
        warned_at: Mutex::new(None),
    };
    let config = BatchConfigBuilder::default().with_max_queue_size(QUEUE).build();
    let inner = BatchSpanProcessor::builder(exporter).with_batch_config(config).build();
    Ok(BoundedProcessor { inner, waiting })
}

/// Sends an export without spans. Returns why the collector did not accept it.
pub(crate) async fn probe(collector: &Collector) -> Result<(), String> {
    let client = CollectorClient::new().map_err(|error| error.to_string())?;
    let exporter = exporter(collector, client.clone()).map_err(|error| error.to_string())?;
    let sent = exporter.export(Vec::new()).await;
    sent.map_err(|error| client.failure().unwrap_or_else(|| error.to_string()))
}

fn exporter(collector: &Collector, client: CollectorClient) -> anyhow::Result<OtlpExporter> {
    OtlpExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(collector.endpoint.as_str())
        .build()
        .with_context(|| format!("cannot export traces: check {}", collector.variable))
}

/// A batch processor that counts the spans that it drops.
#[derive(Debug)]
struct BoundedProcessor {
    inner: BatchSpanProcessor,
    /// Spans in the queue or in the export that runs.
    waiting: Arc<AtomicUsize>,
}

impl SpanProcessor for BoundedProcessor {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.inner.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        // The inner queue is as long, so it drops nothing by itself.
        if self.waiting.fetch_add(1, Ordering::Relaxed) < QUEUE {
            self.inner.on_end(span);
        } else {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            metrics::count_dropped_spans(1);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// An exporter that cleans its spans, and counts those that the collector does not get.
struct CountingExporter<E> {
    inner: E,
    client: CollectorClient,
    waiting: Arc<AtomicUsize>,
    clock: Arc<dyn Clock>,
    warned_at: Mutex<Option<Timestamp>>,
}

impl<E> std::fmt::Debug for CountingExporter<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Headers can be secrets.
        f.write_str("CountingExporter")
    }
}

impl<E: SpanExporter> SpanExporter for CountingExporter<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        span_filter::clean(&mut batch);
        let exported = self.inner.export(batch).await;
        self.waiting.fetch_sub(count, Ordering::Relaxed);
        if let Err(error) = &exported {
            metrics::count_dropped_spans(count);
            self.warn(&self.client.failure().unwrap_or_else(|| error.to_string()));
        }
        exported
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

impl<E> CountingExporter<E> {
    /// Warns of a failed export, once an hour.
    fn warn(&self, why: &str) {
        let now = self.clock.now();
        let mut warned_at = self.warned_at.lock().unwrap_or_else(PoisonError::into_inner);
        if warned_at.is_some_and(|at| at <= now && now.since(at) < WARN_EVERY) {
            return;
        }
        *warned_at = Some(now);
        tracing::warn!(why, "traces cannot be exported: spans are dropped");
    }
}

/// Client of the collector. Cheap to clone.
#[derive(Clone, Debug)]
struct CollectorClient {
    client: Client,
    /// Runs the requests, because the exporter's thread has no runtime.
    runtime: Handle,
    /// Why the newest request failed. The exporter's own errors do not say it.
    failure: Arc<Mutex<Option<String>>>,
}

impl CollectorClient {
    /// As the clients of Discord: no proxy, no redirects, no `Referer`.
    fn new() -> anyhow::Result<Self> {
        let client = Client::builder()
            .use_rustls_tls()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .timeout(EXPORT_TIMEOUT)
            .build()
            .context("cannot set up TLS for traces")?;
        Ok(Self { client, runtime: Handle::current(), failure: Arc::default() })
    }

    /// Takes the reason of the newest failure.
    fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (client, request) = (self.client.clone(), request.try_into()?);
        // The time-out needs the runtime too.
        let answer = self.runtime.spawn(async move { client.execute(request).await }).await?;
        let why = match &answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("the collector answered with status {}", answer.status())),
            Err(error) => Some(causes(error)),
        };
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = why;
        // The body of an answer is not read.
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = answer.map_err(reqwest::Error::without_url)?.status();
        Ok(response)
    }
}

/// Returns the causes of an error. The first description, which quotes the address, is left out.
fn causes(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut source = std::error::Error::source(error);
    let mut causes = Vec::new();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    causes.join(": ")
}

#[cfg(test)]
mod tests;
