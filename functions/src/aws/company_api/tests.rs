//! The company's API, against a server that answers as the test says.

use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::contract::Target;

/// A client that followed this redirect would wait for an answer to a second request.
const LOCATION: &str = "location: /base/elsewhere\r\n";

/// Answers one request. Returns the client, and the request as text.
async fn answering(
    status: &'static str,
    body: &'static str,
) -> (CompanyApi, impl Future<Output = String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/base/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 8 * 1024];
        let length = stream.read(&mut request).await.unwrap();
        let answer =
            format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{LOCATION}\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(request[..length].to_vec()).unwrap()
    });
    let credentials = Credentials::new("key", "secret", None, None, "test");
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    (CompanyApi::new(&sdk, &url).unwrap(), async { server.await.unwrap() })
}

fn order() -> LinkOrder<'static> {
    LinkOrder {
        key: "s1:issue:web:1",
        session_id: "s1",
        target: Target::Web,
        customer_id: "usr-1",
        ecosystem_id: "eco-1",
        agent_id: "sub-1",
    }
}

#[tokio::test]
async fn customer_is_read_with_a_signed_request() {
    let body = r#"{"address": "julia@example.com", "name": "Julia", "locale": "es-ES"}"#;
    let (api, request) = answering("200 OK", body).await;
    let found = api.find("usr/1").await.unwrap().unwrap();
    assert_eq!((found.address.as_str(), found.locale), ("julia@example.com", Some(Locale::Es)));
    let request = request.await;
    assert!(request.starts_with("GET /base/customers/usr%2F1 HTTP/1.1"), "{request}");
    assert!(request.contains("AWS4-HMAC-SHA256 Credential=key/"), "{request}");
    assert!(request.contains("/eu-west-1/execute-api/aws4_request"), "{request}");
}

#[tokio::test]
async fn customer_is_unknown_or_the_api_fails() {
    let (api, _request) = answering("404 Not Found", "").await;
    assert_eq!(api.find("usr-1").await, Ok(None));
    for (status, body) in [("503 Busy", ""), ("200 OK", "[]"), ("302 Found", "")] {
        let (api, _request) = answering(status, body).await;
        assert_eq!(api.find("usr-1").await, Err(LookUpError), "{status}");
    }
    let (api, _request) = answering("200 OK", "").await;
    for id in ["", ".", ".."] {
        assert_eq!(api.find(id).await, Ok(None), "{id}");
    }
}

#[tokio::test]
async fn link_is_ordered_under_its_key() {
    let body = r#"{"url": "https://shop.example.com/x", "expires_at": "2026-06-01T10:01:00Z"}"#;
    let (api, request) = answering("201 Created", body).await;
    let Ok(link) = api.issue(&order()).await else { panic!("no link") };
    assert_eq!(link.expires_at, 1_780_308_060_000);
    let request = request.await;
    assert!(request.starts_with("POST /base/links HTTP/1.1"), "{request}");
    assert!(request.contains("idempotency-key: s1:issue:web:1"), "{request}");
}

#[tokio::test]
async fn refusal_and_failure_of_an_order_differ() {
    for (status, expected) in [
        ("409 Conflict", LinkApiError::Refused),
        ("500 Error", LinkApiError::Fault(FAILED)),
        ("200 OK", LinkApiError::Fault(INVALID)),
    ] {
        let (api, _request) = answering(status, "").await;
        assert_eq!(api.issue(&order()).await.err(), Some(expected), "{status}");
    }
}

#[tokio::test]
async fn revocation_of_an_unknown_session_succeeds() {
    for status in ["204 No Content", "404 Not Found"] {
        let (api, request) = answering(status, "").await;
        assert_eq!(api.revoke("s1").await, Ok(()), "{status}");
        assert!(request.await.starts_with("DELETE /base/sessions/s1 HTTP/1.1"));
    }
    let (api, _request) = answering("403 Forbidden", "").await;
    assert_eq!(api.revoke("s1").await, Err(LinkApiError::Refused));
}
