//! The recovery page of a fake desk, called without a socket.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use support_desk::demo_marks;
use support_desk::health::{Health, StoreStatus};
use support_desk::keys::DeskKeys;
use support_desk::web::{self, RecoveryPage};
use tower::ServiceExt as _;
use url::Url;

use super::fake_desk::{FakeDesk, TOKEN};

/// Public URL of the page in these tests.
pub const PUBLIC_URL: &str = "https://desk.example.com";

/// A clock that never moves. The page sleeps only for the timeout of a body.
pub struct StoppedClock;

#[async_trait::async_trait]
impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(1_767_607_200_000)
    }

    async fn sleep(&self, _: std::time::Duration) {
        std::future::pending::<()>().await;
    }
}

/// Returns the public listener's routes with the page of `desk`.
pub fn site(desk: &Arc<FakeDesk>, public_url: &str) -> Router {
    let clock: Arc<dyn Clock> = Arc::new(StoppedClock);
    let health = Health::new(
        Arc::clone(&clock),
        Box::new(|| Box::pin(async { Ok(StoreStatus::default()) })),
    );
    let page = RecoveryPage::new(
        Arc::clone(desk) as _,
        Arc::new(keys()),
        clock,
        &Url::parse(public_url).unwrap(),
    );
    web::public_router(health, Some(page), None)
}

/// Returns the keys that every site in these tests uses.
pub fn keys() -> DeskKeys {
    DeskKeys::new(Arc::new(demo_marks::keyring()))
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Returns a header, or an empty text if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns the first line that contains `part`.
    pub fn line(&self, part: &str) -> &str {
        self.body
            .lines()
            .find(|line| line.contains(part))
            .unwrap_or_else(|| panic!("no {part} in {}", self.body))
    }

    /// Returns the text between `before` and the next quotation mark.
    pub fn value(&self, before: &str) -> &str {
        self.body
            .split_once(before)
            .unwrap_or_else(|| panic!("no {before} in {}", self.body))
            .1
            .split('"')
            .next()
            .unwrap()
    }
}

pub async fn send(site: &Router, request: Request<Body>) -> Answer {
    let (head, body) = site.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: head.status,
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

pub async fn get(site: &Router, path: &str) -> Answer {
    send(site, Request::get(path).body(Body::empty()).unwrap()).await
}

/// Gets the page of the link.
pub async fn opened(site: &Router) -> Answer {
    get(site, &format!("/recover/{TOKEN}")).await
}

/// Submits the form of the page with these fields.
pub async fn post(site: &Router, fields: &[(&str, &str)]) -> Answer {
    let token = form_token(site).await;
    send(site, request(&token, fields)).await
}

/// Returns the POST of a form.
pub fn request(form_token: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let body = body(&[&[("form", form_token)], fields].concat());
    Request::post(format!("/recover/{TOKEN}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body))
        .unwrap()
}

/// Encodes fields as a browser does.
pub fn body(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Returns the form token of the link.
pub async fn form_token(site: &Router) -> String {
    opened(site).await.value("name=\"form\" value=\"").to_owned()
}
