//! Access links as a browser opens them.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use functions::{Function, LINK_LIFE};
use serde_json::json;
use tower::ServiceExt;

use super::*;
use crate::aws::Aws;
use crate::clock::ManualClock;
use crate::core_db::Core;
use crate::mail::Mailbox;
use crate::seed::Seed;

const ANA: &str = "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0001";

struct Browser {
    clock: Arc<ManualClock>,
    shop: Arc<Shop>,
    mail: Arc<Mailbox>,
    core: Core,
    aws: Aws,
    calls: std::cell::Cell<u32>,
}

struct Seen {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Browser {
    async fn new() -> Self {
        let clock = ManualClock::at(1_780_308_000_000);
        let seed = Seed::demo();
        let core = Core::create("sqlite::memory:", &seed).await.unwrap();
        let mail = Arc::new(Mailbox::new(clock.clone(), Changed::new(0)));
        let url = "http://127.0.0.1:8400".to_owned();
        let shop = Arc::new(Shop::new(clock.clone(), url, Changed::new(0)));
        let aws = Aws::new(clock.clone(), &seed, core.clone(), mail.clone(), shop.clone());
        Self { clock, shop, mail, core, aws, calls: std::cell::Cell::new(0) }
    }

    /// Calls a function as the bot does, in session `s1`.
    async fn call(&self, function: Function, own: Value) -> Value {
        self.calls.set(self.calls.get() + 1);
        let mut body = json!({
            "v": 2, "request_id": format!("k{}", self.calls.get()), "session_id": "s1", "locale": "en",
            "actor": {"agent_id": ANA, "discord_id": "1200000000000000100", "name": "Ana <Ruiz>"},
        });
        body.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        let reply = self.aws.functions().call(function, body.to_string().as_bytes()).await.unwrap();
        self.shop.record_issue(&body, &reply.body);
        reply.body
    }

    async fn proof(&self, purpose: &str, subject: Value, email: &str, ecosystem: &str) -> Value {
        let own = json!({"purpose": purpose, "subject": subject, "ecosystem": {"id": ecosystem, "name": "Casa"}});
        let sent = self.call(Function::OtpSend, own).await;
        let code = self.mail.last_code_for(email).unwrap();
        let own = json!({"purpose": purpose, "challenge_id": sent["challenge_id"], "code": code});
        self.call(Function::OtpVerify, own).await["proof"].clone()
    }

    /// Verifies agent and customer, and issues links for these targets.
    async fn links(&self, customer: &str, ecosystem: &str, targets: &[&str]) -> Vec<AccessLink> {
        let email = format!("{customer}@example.com");
        let customer = format!("usr-{customer}");
        let agent = json!({"type": "agent", "id": ANA});
        let subject = json!({"type": "customer", "id": customer});
        let proofs = json!({
            "agent": self.proof("agent_mfa", agent, "ana@waizant.example", ecosystem).await,
            "customer": self.proof("customer_consent", subject, &email, ecosystem).await,
        });
        for target in targets {
            let own = json!({"op": "issue", "target": target, "customer_id": customer, "ecosystem_id": ecosystem, "proofs": proofs});
            assert_eq!(self.call(Function::Access, own).await["ok"], true);
        }
        self.shop.links()
    }

    async fn revoke(&self) {
        self.call(Function::Access, json!({"op": "revoke"})).await;
    }

    async fn send(&self, request: Request<Body>) -> Seen {
        let front = Front::new(self.shop.clone(), self.aws.functions().clone(), self.core.clone());
        let response = router(front).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Seen { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    async fn opens(&self, path: &str, cookie: &str) -> Seen {
        let request = Request::get(path).header("cookie", format!("other=1; {cookie}"));
        self.send(request.header("accept-language", "es-ES,en").body(Body::empty()).unwrap()).await
    }

    async fn presses(&self, token: &str) -> Seen {
        let form =
            Request::post("/support").header("content-type", "application/x-www-form-urlencoded");
        self.send(form.body(Body::from(format!("token={token}"))).unwrap()).await
    }
}

fn token(link: &AccessLink) -> &str {
    link.url.split_once('#').unwrap().1
}

fn cookie(seen: &Seen) -> String {
    seen.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

fn states(browser: &Browser) -> Vec<LinkState> {
    browser.shop.links().iter().map(|link| link.state).collect()
}

#[tokio::test]
async fn opening_spends_nothing_pressing_signs_in_once() {
    let browser = Browser::new().await;
    let links = browser.links("julia", "eco-casa-luz", &["web"]).await;
    assert!(links[0].url.starts_with("http://127.0.0.1:8400/support#s1.wzlink_"));
    for _ in 0..3 {
        let seen = browser.opens("/support", "").await;
        assert_eq!(
            (seen.status, seen.headers["cache-control"].to_str().unwrap()),
            (200, "no-store")
        );
        assert!(seen.body.contains("Continuar"), "{}", seen.body);
    }
    assert_eq!(states(&browser), [LinkState::Open]);

    let entered = browser.presses(token(&links[0])).await;
    assert_eq!(
        (entered.status, entered.headers["location"].to_str().unwrap()),
        (303, "/shop/home")
    );
    assert_eq!(states(&browser), [LinkState::Used]);
    let home = browser.opens("/shop/home", &cookie(&entered)).await;
    for part in ["Hola, Julia Peña", "Casa Luz", "10:30 UTC", "Ana &lt;Ruiz&gt;"] {
        assert!(home.status == 200 && home.body.contains(part), "{part}: {}", home.body);
    }
    assert_eq!(browser.presses(token(&links[0])).await.status, 410);
}

#[tokio::test]
async fn link_expires_after_one_minute() {
    let browser = Browser::new().await;
    let links = browser.links("julia", "eco-casa-luz", &["store", "web"]).await;
    browser.clock.advance(Duration::from_millis(LINK_LIFE.unsigned_abs() - 1));
    assert_eq!(browser.presses(token(&links[0])).await.status, 303);
    browser.clock.advance(Duration::from_millis(1));
    let seen = browser.presses(token(&links[1])).await;
    assert!(seen.status == 410 && seen.body.contains("This link does not work"), "{}", seen.body);
    assert_eq!(states(&browser), [LinkState::Used, LinkState::Expired]);
}

#[tokio::test]
async fn revocation_ends_links_and_sign_ins() {
    let browser = Browser::new().await;
    let links = browser.links("julia", "eco-casa-luz", &["web", "store"]).await;
    let entered = browser.presses(token(&links[1])).await;
    assert_eq!(browser.opens("/shop/store", &cookie(&entered)).await.status, 200);
    assert_eq!(browser.shop.open_links("s1").len(), 2);

    browser.revoke().await;
    let closed = browser.opens("/shop/store", &cookie(&entered)).await;
    assert!(closed.status == 410 && closed.body.contains("Este acceso ha terminado"));
    assert_eq!(browser.presses(token(&links[0])).await.status, 410);
    assert_eq!(states(&browser), [LinkState::Revoked, LinkState::Revoked]);
    assert!(browser.shop.open_links("s1").is_empty());
}

#[tokio::test]
async fn sign_in_opens_one_target_and_expires() {
    let browser = Browser::new().await;
    let links = browser.links("julia", "eco-casa-luz", &["web"]).await;
    let entered = cookie(&browser.presses(token(&links[0])).await);
    let elsewhere = browser.opens("/shop/store", &entered).await;
    let location = elsewhere.headers["location"].to_str().unwrap();
    assert_eq!((elsewhere.status, location), (303, "/shop/home"));
    browser.clock.advance(Duration::from_millis(SIGN_IN_LIFE.unsigned_abs() - 1));
    assert_eq!(browser.opens("/shop/home", &entered).await.status, 200);
    browser.clock.advance(Duration::from_millis(1));
    assert_eq!(browser.opens("/shop/home", &entered).await.status, 410);
    assert_eq!(browser.opens("/shop/home", "").await.status, 410);
}

#[tokio::test]
async fn app_and_successor_links_open_own_pages() {
    let browser = Browser::new().await;
    let links = browser.links("julia", "eco-casa-luz", &["app"]).await;
    assert!(links[0].url.starts_with("waizant://support#s1.wzlink_"), "{}", links[0].url);
    let entered = browser.presses(token(&links[0])).await;
    assert_eq!(browser.opens("/app/home", &cookie(&entered)).await.status, 200);

    let browser = Browser::new().await;
    let links = browser.links("sofia", "eco-herencia", &["successor"]).await;
    let entered = browser.presses(token(&links[0])).await;
    assert_eq!(entered.headers["location"], "/successor/home");
    assert_eq!(browser.presses("s1.wzlink_x").await.status, 410);
}

#[tokio::test]
async fn customer_without_the_right_is_not_let_in() {
    let browser = Browser::new().await;
    let links = browser.links("tom", "eco-casa-luz", &["store", "successor", "web", "web"]).await;
    assert_eq!(browser.presses(token(&links[0])).await.status, 410, "a member has no store");
    assert_eq!(browser.presses(token(&links[1])).await.status, 410, "no successor");
    let entered = browser.presses(token(&links[2])).await;
    assert_eq!(entered.status, 303);
    browser.core.set_status("tom@example.com", "suspended").await.unwrap();
    assert_eq!(browser.opens("/shop/home", &cookie(&entered)).await.status, 410);
    let seen = browser.presses(token(&links[3])).await;
    assert!(seen.body.contains("This access is not allowed"), "{}", seen.body);
}

#[tokio::test]
async fn form_of_another_site_is_refused() {
    let browser = Browser::new().await;
    let links = browser.links("julia", "eco-casa-luz", &["web"]).await;
    for (site, status) in [("cross-site", 403), ("same-site", 403), ("same-origin", 303)] {
        let form = Request::post("/support")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site);
        let body = Body::from(format!("token={}", token(&links[0])));
        assert_eq!(browser.send(form.body(body).unwrap()).await.status, status, "{site}");
    }
}
