//! A stand-in for AWS in unit tests: answers what the test says and keeps what was asked. (The
//! sandbox's is a whole one; this one can be wrong on purpose.)

use std::sync::{Arc, Mutex};

use aws_config::SdkConfig;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::IntoResponse;
use commands::ports::clock::Clock;
use secrecy::SecretString;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::aws;
use crate::config::AwsSource;

/// One request: what was asked (an operation of Cognito's, or a function's path), and its body.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) what: String,
    pub(crate) kind: String,
    pub(crate) body: Value,
}

/// One answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(body: &Value) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.to_string() }
    }

    /// No answer at all.
    pub(crate) fn silence() -> Self {
        Self { status: 0, headers: Vec::new(), body: String::new() }
    }

    pub(crate) fn error(status: u16, name: &str) -> Self {
        let body = serde_json::json!({"__type": name, "message": "hush@example.com is not what it should be"}).to_string();
        Self { status, headers: vec![("x-amzn-errortype", name.to_owned())], body }
    }
}

pub(crate) struct Stub {
    asked: Arc<Mutex<Vec<Asked>>>,
    server: JoinHandle<()>,
    url: String,
}

impl Stub {
    /// Starts one that answers with `reply`.
    pub(crate) async fn start(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (keep, reply) = (Arc::clone(&asked), Arc::new(reply));
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
                let what = target
                    .rsplit_once('.')
                    .map_or_else(|| uri.path().to_owned(), |(_, operation)| operation.to_owned());
                let request = Asked {
                    what,
                    kind: header("x-amz-invocation-type"),
                    body: serde_json::from_slice(&body).unwrap_or_default(),
                };
                let Reply { status, headers, body } = reply(&request);
                keep.lock().unwrap().push(request);
                async move {
                    if status == 0 {
                        std::future::pending::<()>().await;
                    }
                    let mut response =
                        (StatusCode::from_u16(status).unwrap(), body).into_response();
                    for (name, value) in headers {
                        response.headers_mut().insert(name, value.parse().unwrap());
                    }
                    response
                }
            });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { asked, server, url }
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// What was asked so far, by name.
    pub(crate) fn names(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.what).collect()
    }

    /// The SDK's settings that lead here.
    pub(crate) async fn sdk(&self, clock: Arc<dyn Clock>) -> SdkConfig {
        let source = AwsSource::Fixed {
            endpoint_url: self.url.clone(),
            region: "eu-west-1".to_owned(),
            access_key_id: "test".to_owned(),
            secret_access_key: SecretString::from("test"),
        };
        aws::load(&source, clock).await
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}
