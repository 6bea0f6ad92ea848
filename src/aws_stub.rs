//! AWS stub for unit tests: answers as the test says and records the requests.
//!
//! Unlike the sandbox it can give wrong answers.

use std::sync::{Arc, Mutex};

use aws_config::SdkConfig;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::IntoResponse;
use commands::ports::clock::Clock;
use secrecy::SecretString;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::aws;
use crate::config::AwsSource;
use crate::server_clocks::ServerClocks;

/// A recorded request.
#[derive(Clone, Debug)]
pub(crate) struct StubRequest {
    /// An operation of Cognito, or the path of a Lambda function.
    pub(crate) operation: String,
    /// The invocation type of Lambda, such as `DryRun`.
    pub(crate) invocation_type: String,
    pub(crate) body: Value,
}

/// A reply. Status 0 means that the stub never answers.
pub(crate) struct StubReply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl StubReply {
    pub(crate) fn json(body: &Value) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.to_string() }
    }

    pub(crate) fn never() -> Self {
        Self { status: 0, headers: Vec::new(), body: String::new() }
    }

    /// A service error. Its message contains text that must not be logged.
    pub(crate) fn error(status: u16, name: &str) -> Self {
        let body = serde_json::json!({"__type": name, "message": "hush@example.com is not what it should be"}).to_string();
        Self { status, headers: vec![("x-amzn-errortype", name.to_owned())], body }
    }
}

pub(crate) struct AwsStub {
    requests: Arc<Mutex<Vec<StubRequest>>>,
    server: JoinHandle<()>,
    url: String,
}

impl AwsStub {
    pub(crate) async fn start(
        reply: impl Fn(&StubRequest) -> StubReply + Send + Sync + 'static,
    ) -> Self {
        let requests: Arc<Mutex<Vec<StubRequest>>> = Arc::default();
        let (recorded, reply) = (Arc::clone(&requests), Arc::new(reply));
        let router =
            Router::new().fallback(move |_: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                let header = |name: &str| {
                    headers
                        .get(name)
                        .and_then(|value| value.to_str().ok())
                        .unwrap_or_default()
                        .to_owned()
                };
                let target = header("x-amz-target");
                let operation = target
                    .rsplit_once('.')
                    .map_or_else(|| uri.path().to_owned(), |(_, operation)| operation.to_owned());
                let request = StubRequest {
                    operation,
                    invocation_type: header("x-amz-invocation-type"),
                    body: serde_json::from_slice(&body).unwrap_or_default(),
                };
                let StubReply { status, headers, body } = reply(&request);
                recorded.lock().unwrap().push(request);
                async move {
                    if status == 0 {
                        std::future::pending::<()>().await;
                    }
                    let mut response =
                        (StatusCode::from_u16(status).unwrap(), body).into_response();
                    // Without it the server would add the real time.
                    response.headers_mut().insert("date", HeaderValue::from_static("unknown"));
                    for (name, value) in headers {
                        response.headers_mut().insert(name, value.parse().unwrap());
                    }
                    response
                }
            });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { requests, server, url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn requests(&self) -> Vec<StubRequest> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the operations of all requests, in order.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.operation).collect()
    }

    /// Returns an SDK configuration that points to the stub.
    pub(crate) async fn sdk_config(&self, clock: Arc<dyn Clock>) -> SdkConfig {
        self.sdk_config_with(&ServerClocks::new(clock)).await
    }

    pub(crate) async fn sdk_config_with(&self, clocks: &Arc<ServerClocks>) -> SdkConfig {
        let source = AwsSource::Fixed {
            endpoint_url: self.url.clone(),
            region: "eu-west-1".to_owned(),
            access_key_id: "test".to_owned(),
            secret_access_key: SecretString::from("test"),
        };
        aws::load_config(&source, clocks).await
    }
}

impl Drop for AwsStub {
    fn drop(&mut self) {
        self.server.abort();
    }
}
