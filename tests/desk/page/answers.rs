//! What the page's answers show, say and forbid.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use commands::account::recover::Field;
use commands::ports::{Clock, Keys as _};
use commands::text::Locale;
use commands::time::Timestamp;
use support_desk::demo_marks::STORE_KEY;
use support_desk::keys::DeskKeys;
use support_desk::store::StoreKey;
use support_desk::web::{self, Health, RecoveryPage};
use tower::ServiceExt as _;
use url::Url;

use super::desk::{CODE, NEW, PaperDesk, TOKEN, said};

/// Where people reach the page in these tests.
pub const PUBLIC_URL: &str = "https://desk.example.com";

/// A clock that stands still; nothing of the page sleeps but its patience with slow senders.
pub struct Still;

#[async_trait::async_trait]
impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(1_767_607_200_000)
    }

    async fn sleep(&self, _: std::time::Duration) {
        std::future::pending::<()>().await;
    }
}

/// The public side with the page of this desk.
pub fn site(desk: &Arc<PaperDesk>, public_url: &str) -> Router {
    let clock: Arc<dyn Clock> = Arc::new(Still);
    let health = Health::new(Arc::clone(&clock), Box::new(|| Box::pin(async { Ok(()) })));
    let page = RecoveryPage::new(Arc::clone(desk) as _, Arc::new(keys()), clock, &Url::parse(public_url).unwrap());
    web::public(health, Some(page))
}

fn keys() -> DeskKeys {
    DeskKeys::new(Arc::new(StoreKey::parse(STORE_KEY).unwrap()))
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The line that has this in it.
    pub fn line(&self, part: &str) -> &str {
        self.body.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("no {part} in {}", self.body))
    }

    /// What stands between `before` and the next quotation mark.
    pub fn value(&self, before: &str) -> &str {
        self.body.split_once(before).unwrap_or_else(|| panic!("no {before} in {}", self.body)).1.split('"').next().unwrap()
    }
}

pub async fn send(site: &Router, request: Request<Body>) -> Answer {
    let (head, body) = site.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: head.status, headers: head.headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

pub async fn get(site: &Router, path: &str) -> Answer {
    send(site, Request::get(path).body(Body::empty()).unwrap()).await
}

/// The page of the link.
pub async fn opened(site: &Router) -> Answer {
    get(site, &format!("/recover/{TOKEN}")).await
}

#[tokio::test]
async fn the_page_has_its_fields_and_nothing_inline() {
    let page = opened(&site(&PaperDesk::new(Locale::En), PUBLIC_URL)).await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    for part in [
        "<html lang=\"en\">",
        "<label for=\"code\">Write your password reset code</label>",
        "<label for=\"password\">New Password</label>",
        "<label for=\"again\">Confirm New Password</label>",
        "A code was mailed to a•••@&lt;w&gt;•••.example.",
        "another 60 minutes, and once",
        ">Resend</button>",
        "A new code can be sent in 0:47.</span>",
        "<li data-rule=\"at-least\" data-count=\"8\">At least 8 characters</li>",
        "<li data-rule=\"uppercase\">An upper-case letter (A–Z)</li>",
        "<li data-rule=\"lowercase\">A lower-case letter (a–z)</li>",
        "<li data-rule=\"number\">A number (0–9)</li>",
        "<li data-rule=\"symbol\">A special character (for example ! @ # $ % &amp; *)</li>",
        "It must differ from your last 3 passwords.",
    ] {
        assert!(page.body.contains(part), "no {part} in {}", page.body);
    }
    assert!(page.line("id=\"code\"").contains("autocomplete=\"one-time-code\""));
    for field in ["id=\"password\"", "id=\"again\""] {
        let line = page.line(field);
        assert!(line.contains("type=\"password\" autocomplete=\"new-password\"") && !line.contains("value="), "{line}");
    }
    for forbidden in ["<style", "style=", "onclick", "onpaste", "javascript:", "<script>", "minlength", "maxlength", "pattern="] {
        assert!(!page.body.contains(forbidden), "{forbidden}");
    }
}

#[tokio::test]
async fn a_pool_that_wants_little_shows_little() {
    let desk = PaperDesk::new(Locale::En);
    desk.shows(|view| {
        view.policy.minimum_length = 12;
        view.policy.symbols = false;
        view.policy.history = 0;
        view.resend_at = None;
    });
    let page = opened(&site(&desk, PUBLIC_URL)).await;
    assert!(page.body.contains("At least 12 characters"));
    assert!(!page.body.contains("special character") && !page.body.contains("differ from"));
    assert!(!page.body.contains("value=\"resend\"") && page.body.contains("No more codes can be sent from this page."));
    desk.shows(|view| {
        view.resend_at = Some(view.now);
        view.now = view.until;
    });
    let page = opened(&site(&desk, PUBLIC_URL)).await;
    assert!(page.body.contains("data-wait=\"0\"") && !page.body.contains("can be sent in 0"), "{}", page.body);
    assert!(page.body.contains("another minute, and once"));
}

#[tokio::test]
async fn spanish() {
    let page = opened(&site(&PaperDesk::new(Locale::Es), PUBLIC_URL)).await;
    for part in [
        "<html lang=\"es\">",
        "<label for=\"code\">Escribe tu código de restablecimiento</label>",
        "<label for=\"password\">Nueva contraseña</label>",
        "<label for=\"again\">Confirma la nueva contraseña</label>",
        ">Reenviar</button>",
        "Una letra mayúscula (A–Z)",
    ] {
        assert!(page.body.contains(part), "no {part} in {}", page.body);
    }
}

#[tokio::test]
async fn every_answer_is_strict() {
    let desk = PaperDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let post = Request::post(format!("/recover/{TOKEN}")).body(Body::empty()).unwrap();
    let answers = [
        opened(&site).await,
        get(&site, "/recover/unknown").await,
        get(&site, "/recover/page.css").await,
        get(&site, "/recover/page.js").await,
        send(&site, post).await,
    ];
    for answer in answers {
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("strict-transport-security", "max-age=31536000"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            (
                "content-security-policy",
                "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            ),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {}", answer.body);
        }
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let request = Request::builder().method(method).uri(format!("/recover/{TOKEN}")).body(Body::empty()).unwrap();
        assert_eq!(send(&site, request).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert!(desk.asked().is_empty());
}

#[tokio::test]
async fn links_that_are_no_good_look_alike() {
    let site = site(&PaperDesk::new(Locale::Es), PUBLIC_URL);
    let mut bodies = Vec::new();
    for path in [
        "/recover/AAAAAAAAAAAAAAAAAAAAAA.CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC",
        "/recover/nothing",
        "/recover/%FF",
        "/recover/%3Cscript%3E",
    ] {
        let page = get(&site, path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.body.contains("This link does not work") && !page.body.contains("<form"), "{}", page.body);
        bodies.push(page.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    for (wanted, title) in [
        ("es-CO,es;q=0.9,en;q=0.8", "Este enlace no funciona"),
        ("de-DE,es;q=0.5", "This link does not work"),
        ("*", "This link does not work"),
    ] {
        let request = Request::get("/recover/nothing").header("accept-language", wanted).body(Body::empty()).unwrap();
        assert!(send(&site, request).await.body.contains(title), "{wanted}");
    }
}

#[tokio::test]
async fn a_link_that_was_used_says_so_for_its_hour() {
    let desk = PaperDesk::new(Locale::En);
    desk.shows(|view| view.done = true);
    let page = opened(&site(&desk, PUBLIC_URL)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Your password was changed") && page.body.contains("You were signed out everywhere."));
    assert!(page.body.contains("ends when that runs out") && !page.body.contains("<form"), "{}", page.body);
}

#[tokio::test]
async fn a_sign_out_that_is_still_tried_is_told_as_that() {
    let desk = PaperDesk::new(Locale::En);
    desk.shows(|view| (view.done, view.signed_out) = (true, false));
    let page = opened(&site(&desk, PUBLIC_URL)).await;
    assert!(page.body.contains("You are being signed out everywhere; if that fails, it is tried again for an hour."));
    assert!(!page.body.contains("You were signed out"), "{}", page.body);
}

#[tokio::test]
async fn what_is_still_in_doubt_is_said_until_something_else_is() {
    let desk = PaperDesk::new(Locale::En);
    desk.shows(|view| (view.to, view.news) = (None, Some("Nobody knows <it>.".to_owned())));
    let site = site(&desk, PUBLIC_URL);
    let page = opened(&site).await;
    assert_eq!(page.status, StatusCode::OK);
    let line = page.line("role=\"alert\"");
    assert!(line.contains("<p>Nobody knows &lt;it&gt;.</p>"), "{line}");
    assert!(!page.body.contains("A code was mailed"), "{}", page.body);
    let answer = super::posts::post(&site, &[("code", "12"), ("password", NEW), ("again", NEW)]).await;
    assert!(answer.body.contains("A code is six digits.") && !answer.body.contains("Nobody knows"), "{}", answer.body);
    desk.shows(|view| (view.to, view.resend_at) = (Some("b".to_owned()), Some(view.now)));
    let answer = super::posts::post(&site, &[("do", "resend")]).await;
    assert!(answer.body.contains("A new code is on its way to b.") && !answer.body.contains("Nobody knows"), "{}", answer.body);
}

#[test]
fn the_pages_keep_the_path_of_the_public_address() {
    for (public, pages) in [
        ("https://desk.example.com", "https://desk.example.com/recover/"),
        ("https://desk.example.com/", "https://desk.example.com/recover/"),
        ("https://example.com/support/desk/", "https://example.com/support/desk/recover/"),
    ] {
        assert_eq!(web::pages(&Url::parse(public).unwrap()), pages);
    }
}

#[tokio::test]
async fn a_fault_is_a_reference_and_no_more() {
    let desk = PaperDesk::new(Locale::Es);
    desk.breaks(true, true);
    let page = opened(&site(&desk, PUBLIC_URL)).await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(page.body.contains("report it with the reference F-") && !page.body.contains("SomethingException"));
}

#[tokio::test]
async fn an_address_that_asks_too_often_waits() {
    let desk = PaperDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let ask = |peer: [u8; 4], path: &str| {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 7))));
        request
    };
    let path = format!("/recover/{TOKEN}");
    for n in 0..30 {
        let path = if n % 2 == 0 { path.as_str() } else { "/recover/guessed" };
        assert_ne!(send(&site, ask([192, 0, 2, 1], path)).await.status, StatusCode::TOO_MANY_REQUESTS, "{n}");
    }
    let late = send(&site, ask([192, 0, 2, 1], &path)).await;
    assert_eq!((late.status, late.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "3"));
    assert!(late.body.contains("Too many requests"));
    assert_eq!(send(&site, ask([192, 0, 2, 2], &path)).await.status, StatusCode::OK, "somebody else");
    assert_eq!(send(&site, ask([192, 0, 2, 1], "/recover/page.css")).await.status, StatusCode::OK, "what a page loads");
}

#[tokio::test]
async fn without_a_public_address_there_is_no_page() {
    let health = Health::new(Arc::new(Still), Box::new(|| Box::pin(async { Ok(()) })));
    let site = web::public(health, None);
    assert_eq!(opened(&site).await.status, StatusCode::NOT_FOUND);
    assert_eq!(opened(&site).await.body, "");
}

#[tokio::test]
async fn the_form_is_the_same_in_every_process() {
    let page = opened(&site(&PaperDesk::new(Locale::En), PUBLIC_URL)).await;
    let again = opened(&site(&PaperDesk::new(Locale::Es), PUBLIC_URL)).await;
    let token = page.value("name=\"form\" value=\"");
    assert_eq!(token, again.value("name=\"form\" value=\""));
    assert!(token.len() >= 43 && token != keys().mac(TOKEN), "{token}");
}

#[tokio::test]
async fn marks_in_what_is_shown_are_text() {
    let desk = PaperDesk::new(Locale::En);
    desk.refuses(said(Field::Page, "<b>bold</b> & \"quoted\""));
    let site = site(&desk, PUBLIC_URL);
    let page = super::posts::post(&site, &[("code", "\"><script>alert(1)</script>"), ("password", NEW), ("again", NEW)]).await;
    assert!(page.body.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""), "{}", page.body);
    assert!(page.body.contains("&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;"), "{}", page.body);
    assert!(!page.body.contains(CODE));
}
