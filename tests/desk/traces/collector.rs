//! A collector that keeps the bytes of each request, or refuses it.

use std::future::ready;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use commands::ports::clock::Clock;
use support_desk::clock::WallClock;
use support_desk::config::Collector;
use support_desk::telemetry::traces::Traces;
use tokio::net::TcpListener;
use url::Url;

/// A collector in the test's process.
pub struct RawCollector {
    pub url: String,
    bodies: Arc<Mutex<Vec<u8>>>,
}

impl RawCollector {
    /// Starts a collector that accepts every request.
    pub async fn start() -> Self {
        Self::start_for(|_| true).await
    }

    /// Starts a collector that refuses requests without the right headers.
    pub async fn start_for(
        accepts: impl Fn(&HeaderMap) -> bool + Clone + Send + Sync + 'static,
    ) -> Self {
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bodies);
        let receive = move |headers: HeaderMap, body: Bytes| {
            let accepted = accepts(&headers);
            if accepted {
                kept.lock().unwrap().extend_from_slice(&body);
            }
            ready(if accepted { StatusCode::OK } else { StatusCode::UNAUTHORIZED })
        };
        let router = Router::new().route("/v1/traces", post(receive));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, bodies }
    }

    /// Starts the export of this process to the collector.
    pub fn traces(&self) -> Traces {
        let endpoint = Url::parse(&format!("{}/v1/traces", self.url)).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(WallClock);
        Traces::start(&Collector { endpoint, variable: "OTEL_EXPORTER_OTLP_ENDPOINT" }, clock)
            .unwrap()
    }

    /// Returns all that was sent. Texts are in clear in it.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bodies.lock().unwrap()).into_owned()
    }
}
