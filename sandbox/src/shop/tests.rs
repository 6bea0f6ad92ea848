//! Access links as a browser opens them.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use tower::ServiceExt;

use super::*;
use crate::clock::ManualClock;

struct Browser {
    clock: Arc<ManualClock>,
    shop: Arc<Shop>,
}

struct Seen {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Browser {
    fn new() -> Self {
        let clock = ManualClock::at(1_780_308_000_000);
        let shop =
            Arc::new(Shop::new(clock.clone(), "http://127.0.0.1:8400".to_owned(), Changed::new(0)));
        Self { clock, shop }
    }

    fn link(&self, target: Target, locale: &str) -> AccessLink {
        self.shop.issue(LinkScope {
            target,
            session_id: "s1".to_owned(),
            agent: "Ana <Ruiz>".to_owned(),
            customer_id: "usr-julia".to_owned(),
            customer: "Julia Peña".to_owned(),
            locale: locale.to_owned(),
            ecosystem_id: "eco-casa-luz".to_owned(),
            ecosystem: "Casa Luz".to_owned(),
        })
    }

    async fn send(&self, request: Request<Body>) -> Seen {
        let response = router(self.shop.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Seen { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    async fn opens(&self, path: &str, cookie: &str) -> Seen {
        self.send(
            Request::get(path)
                .header("cookie", format!("other=1; {cookie}"))
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    async fn presses(&self, path: &str, token: &str) -> Seen {
        let form = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.send(form.body(Body::from(format!("token={token}"))).unwrap()).await
    }
}

fn token(link: &AccessLink) -> &str {
    link.url.split_once("token=").unwrap().1
}

fn path(link: &AccessLink) -> &str {
    link.url.strip_prefix("http://127.0.0.1:8400").unwrap()
}

fn cookie(seen: &Seen) -> String {
    seen.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn opening_spends_nothing_pressing_signs_in_once() {
    let browser = Browser::new();
    let link = browser.link(Target::Web, "es");
    for _ in 0..3 {
        let seen = browser.opens(path(&link), "").await;
        assert_eq!(seen.status, 200);
        assert!(
            seen.body.contains("Continuar") && seen.body.contains("Ana &lt;Ruiz&gt;"),
            "{}",
            seen.body
        );
        assert_eq!(seen.headers["cache-control"], "no-store");
    }
    assert_eq!(browser.shop.links()[0].state, LinkState::Open);

    let entered = browser.presses("/shop/enter", token(&link)).await;
    assert_eq!(
        (entered.status, entered.headers["location"].to_str().unwrap()),
        (303, "/shop/home")
    );
    let home = browser.opens("/shop/home", &cookie(&entered)).await;
    assert_eq!(home.status, 200);
    assert!(
        home.body.contains("Hola, Julia Peña")
            && home.body.contains("Casa Luz")
            && home.body.contains("10:30 UTC"),
        "{}",
        home.body
    );

    assert_eq!(browser.presses("/shop/enter", token(&link)).await.status, 410);
    assert_eq!(browser.opens(path(&link), "").await.status, 410);
}

#[tokio::test]
async fn link_expires_after_one_minute() {
    let browser = Browser::new();
    let link = browser.link(Target::Store, "en");
    browser.clock.advance(Duration::from_millis(59_999));
    assert_eq!(browser.opens(path(&link), "").await.status, 200);
    browser.clock.advance(Duration::from_millis(1));
    let seen = browser.presses("/shop/enter", token(&link)).await;
    assert_eq!(seen.status, 410);
    assert!(seen.body.contains("expired"), "{}", seen.body);
    assert_eq!(browser.shop.links()[0].state, LinkState::Expired);
}

#[tokio::test]
async fn revocation_ends_links_and_sign_ins() {
    let browser = Browser::new();
    let web = browser.link(Target::Web, "en");
    let store = browser.link(Target::Store, "en");
    let entered = browser.presses("/shop/enter", token(&store)).await;
    assert_eq!(browser.opens("/shop/store", &cookie(&entered)).await.status, 200);
    assert_eq!(browser.shop.open_links("s1").len(), 2);

    assert_eq!(browser.shop.revoke("another"), 0);
    assert_eq!(browser.shop.revoke("s1"), 2);
    assert_eq!(browser.shop.revoke("s1"), 0);
    assert_eq!(browser.opens("/shop/store", &cookie(&entered)).await.status, 410);
    assert_eq!(browser.presses("/shop/enter", token(&web)).await.status, 410);
    assert!(browser.shop.open_links("s1").is_empty());
}

#[tokio::test]
async fn sign_in_opens_one_target_and_expires() {
    let browser = Browser::new();
    let link = browser.link(Target::Web, "en");
    let entered = cookie(&browser.presses("/shop/enter", token(&link)).await);
    let elsewhere = browser.opens("/shop/store", &entered).await;
    assert_eq!(
        (elsewhere.status, elsewhere.headers["location"].to_str().unwrap()),
        (303, "/shop/home")
    );
    browser.clock.advance(Duration::from_millis(SIGN_IN_LIFE.unsigned_abs()));
    assert_eq!(browser.opens("/shop/home", &entered).await.status, 410);
    assert_eq!(browser.opens("/shop/home", "").await.status, 404);
}

#[tokio::test]
async fn app_and_successor_links_open_own_pages() {
    let browser = Browser::new();
    let app = browser.link(Target::App, "en");
    assert!(app.url.starts_with("waizant://open?token=wzlink_"), "{}", app.url);
    let entered = browser.presses("/app/open", token(&app)).await;
    assert_eq!(browser.opens("/app/home", &cookie(&entered)).await.status, 200);
    let successor = browser.link(Target::Successor, "en");
    assert_eq!(browser.opens(path(&successor), "").await.status, 200);
    assert_eq!(
        browser.presses("/successor", token(&successor)).await.headers["location"],
        "/successor/home"
    );
    assert_eq!(browser.opens("/successor?token=wzlink_x", "").await.status, 404);
}
