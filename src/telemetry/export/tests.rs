use std::sync::atomic::AtomicI64;
use std::sync::mpsc;

use futures_util::FutureExt as _;
use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry_sdk::error::OTelSdkError;

use super::super::Format;
use super::super::span_filter::tests::span;
use super::super::tests::log;
use super::*;

/// A clock that a test sets.
#[derive(Default)]
struct TestClock(AtomicI64);

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

/// An exporter whose exports end once the sender is dropped.
#[derive(Debug)]
struct Held(Mutex<mpsc::Receiver<()>>);

impl SpanExporter for Held {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        let _ = self.0.lock().unwrap().recv();
        Ok(())
    }
}

#[derive(Debug)]
struct Failing;

impl SpanExporter for Failing {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Err(OTelSdkError::InternalFailure("the collector is away".to_owned()))
    }
}

fn counting<E>(inner: E, clock: Arc<TestClock>, waiting: usize) -> CountingExporter<E> {
    CountingExporter {
        inner,
        client: CollectorClient::new().unwrap(),
        waiting: Arc::new(AtomicUsize::new(waiting)),
        clock,
        warned_at: Mutex::new(None),
    }
}

/// Runs `act` and returns the number of spans that it dropped.
fn dropped(act: impl FnOnce()) -> u64 {
    let recorder = PrometheusBuilder::new().build_recorder();
    ::metrics::with_local_recorder(&recorder, act);
    let text = recorder.handle().render();
    let line = text.lines().find_map(|line| line.strip_prefix("support_desk_spans_dropped_total"));
    line.map_or(0, |count| count.trim().parse().unwrap())
}

#[tokio::test]
async fn full_queue_drops_spans_and_nothing_waits() {
    let (release, held) = mpsc::channel();
    let exporter = counting(Held(Mutex::new(held)), Arc::default(), 0);
    let waiting = Arc::clone(&exporter.waiting);
    let config = BatchConfigBuilder::default().with_max_queue_size(QUEUE).build();
    let inner = BatchSpanProcessor::builder(exporter).with_batch_config(config).build();
    let processor = BoundedProcessor { inner, waiting };
    let end = |count| (0..count).for_each(|_| processor.on_end(span("click", Vec::new())));
    assert_eq!(dropped(|| end(QUEUE)), 0);
    assert_eq!(dropped(|| end(7)), 7);
    assert_eq!(processor.waiting.load(Ordering::Relaxed), QUEUE);
    drop(release);
    processor.force_flush().unwrap();
    assert_eq!(processor.waiting.load(Ordering::Relaxed), 0);
    assert_eq!(dropped(|| end(1)), 0);
}

#[tokio::test]
async fn failed_export_is_counted_and_named_once_an_hour() {
    let clock = Arc::new(TestClock::default());
    let exporter = counting(Failing, Arc::clone(&clock), 100);
    let hour = i64::try_from(WARN_EVERY.as_millis()).unwrap();
    for (at, lines) in [(5, 1), (5 + hour - 1, 0), (5 + hour, 1), (6 + hour, 0)] {
        clock.0.store(at, Ordering::Relaxed);
        let text = log("info", Format::Json, || {
            let count = dropped(|| {
                let batch = vec![span("click", Vec::new()), span("call", Vec::new())];
                assert!(exporter.export(batch).now_or_never().unwrap().is_err());
            });
            assert_eq!(count, 2, "{at}");
        });
        assert_eq!(text.lines().count(), lines, "{at}: {text}");
        assert_eq!(text.matches("the collector is away").count(), lines, "{at}: {text}");
    }
    assert_eq!(exporter.waiting.load(Ordering::Relaxed), 92);
}

#[tokio::test]
async fn unreachable_collector_is_named_without_its_address() {
    let endpoint = url::Url::parse("http://127.0.0.1:1/hush/v1/traces").unwrap();
    let collector = Collector { endpoint, variable: "OTEL_EXPORTER_OTLP_ENDPOINT" };
    let why = probe(&collector).await.unwrap_err();
    assert!(why.contains("onnect") && !why.contains("hush"), "{why}");
}
