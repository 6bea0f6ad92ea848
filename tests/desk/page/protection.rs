//! Protection of the page: its headers, what its answers reveal, and the rate limit.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use commands::flows::recover::messages::Field;
use commands::model::words::Locale;
use commands::ports::keys::Keys as _;

use super::fake_desk::{FakeDesk, NEW, TOKEN, message_at};
use super::site::{Answer, PUBLIC_URL, form_token, get, keys, opened, post, request, send, site};

/// Returns one answer of each kind with its content type.
async fn every_answer() -> Vec<(Answer, &'static str)> {
    const HTML: &str = "text/html; charset=utf-8";
    let desk = FakeDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let token = form_token(&site).await;
    let mut answers = vec![
        (opened(&site).await, HTML),
        (get(&site, "/recover/unknown").await, HTML),
        (get(&site, "/recover/page.css").await, "text/css; charset=utf-8"),
        (get(&site, "/recover/page.js").await, "text/javascript; charset=utf-8"),
        (send(&site, request("", &[])).await, HTML),
    ];
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let request = Request::builder()
            .method(method)
            .uri(format!("/recover/{TOKEN}"))
            .body(Body::empty())
            .unwrap();
        answers.push((send(&site, request).await, ""));
    }
    assert!(desk.asked().is_empty());
    desk.inject_faults(false, true);
    answers.push((send(&site, request(&token, &[])).await, HTML));
    desk.inject_faults(true, true);
    answers.push((opened(&site).await, HTML));
    desk.inject_faults(false, false);
    desk.change_view(|view| view.resend_at = Some(view.now));
    answers.push((send(&site, request(&token, &[("do", "resend")])).await, ""));
    let mut last = opened(&site).await;
    while last.status != StatusCode::TOO_MANY_REQUESTS {
        last = opened(&site).await;
    }
    answers.push((last, HTML));
    answers
}

#[tokio::test]
async fn every_answer_has_security_headers() {
    let answers = every_answer().await;
    let statuses: Vec<u16> = answers.iter().map(|(answer, _)| answer.status.as_u16()).collect();
    assert_eq!(statuses, [200, 404, 200, 200, 403, 405, 405, 405, 405, 500, 500, 303, 429]);
    for (answer, kind) in answers {
        for (name, value) in [
            ("content-type", kind),
            ("cache-control", "no-store"),
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("x-robots-tag", "noindex"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
            (
                "content-security-policy",
                "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            ),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {} {}", answer.status, answer.body);
        }
    }
}

#[tokio::test]
async fn invalid_links_get_the_same_answer() {
    let site = site(&FakeDesk::new(Locale::Es), PUBLIC_URL);
    let mut bodies = Vec::new();
    for path in [
        "/recover/AAAAAAAAAAAAAAAAAAAAAA.CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC",
        "/recover/nothing",
        "/recover/%FF",
        "/recover/%3Cscript%3E",
    ] {
        let page = get(&site, path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(
            page.body.contains("This link does not work") && !page.body.contains("<form"),
            "{}",
            page.body
        );
        bodies.push(page.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    for (wanted, title) in [
        ("es-CO,es;q=0.9,en;q=0.8", "Este enlace no funciona"),
        ("de-DE,es;q=0.5", "This link does not work"),
        ("*", "This link does not work"),
    ] {
        let request = Request::get("/recover/nothing")
            .header("accept-language", wanted)
            .body(Body::empty())
            .unwrap();
        assert!(send(&site, request).await.body.contains(title), "{wanted}");
    }
}

#[tokio::test]
async fn fault_shows_only_a_reference() {
    for (wanted, words) in [
        ("en", "report it with the reference F-"),
        ("es-ES", "Inténtalo de nuevo. Si el problema continúa, comunícalo con la referencia F-"),
    ] {
        let desk = FakeDesk::new(Locale::Es);
        desk.inject_faults(true, true);
        let request = Request::get(format!("/recover/{TOKEN}"))
            .header("accept-language", wanted)
            .body(Body::empty())
            .unwrap();
        let page = send(&site(&desk, PUBLIC_URL), request).await;
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(
            page.body.contains(words) && !page.body.contains("SomethingException"),
            "{}",
            page.body
        );
    }
}

#[tokio::test]
async fn address_above_rate_limit_gets_429() {
    let desk = FakeDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let ask = |peer: [u8; 4], path: &str| {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 7))));
        request
    };
    let path = format!("/recover/{TOKEN}");
    for n in 0..30 {
        let path = if n % 2 == 0 { path.as_str() } else { "/recover/guessed" };
        assert_ne!(
            send(&site, ask([192, 0, 2, 1], path)).await.status,
            StatusCode::TOO_MANY_REQUESTS,
            "{n}"
        );
    }
    let late = send(&site, ask([192, 0, 2, 1], &path)).await;
    assert_eq!((late.status, late.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "3"));
    assert!(late.body.contains("Too many requests"));
    assert_eq!(
        send(&site, ask([192, 0, 2, 2], &path)).await.status,
        StatusCode::OK,
        "another address"
    );
    assert_eq!(
        send(&site, ask([192, 0, 2, 1], "/recover/page.css")).await.status,
        StatusCode::OK,
        "the page's files are not limited"
    );
}

#[tokio::test]
async fn form_token_is_equal_in_every_process() {
    let page = opened(&site(&FakeDesk::new(Locale::En), PUBLIC_URL)).await;
    let again = opened(&site(&FakeDesk::new(Locale::Es), PUBLIC_URL)).await;
    let token = page.value("name=\"form\" value=\"");
    assert_eq!(token, again.value("name=\"form\" value=\""));
    assert!(token.len() >= 43 && token != keys().mac(TOKEN), "{token}");
}

#[tokio::test]
async fn markup_in_values_is_escaped() {
    let desk = FakeDesk::new(Locale::En);
    desk.change_view(|view| view.to = Some("a•••@<w>•••.example".to_owned()));
    desk.refuse_next(message_at(Field::Page, "<b>bold</b> & \"quoted\""));
    let site = site(&desk, PUBLIC_URL);
    let page =
        post(&site, &[("code", "\"><script>alert(1)</script>"), ("password", NEW), ("again", NEW)])
            .await;
    assert!(
        page.body.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""),
        "{}",
        page.body
    );
    assert!(page.body.contains("a•••@&lt;w&gt;•••.example"), "{}", page.body);
    assert!(
        page.body.contains("&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;"),
        "{}",
        page.body
    );
}
