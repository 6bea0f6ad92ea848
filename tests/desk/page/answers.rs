//! Texts, fields and headers of the page's answers.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use commands::flows::recover::messages::Field;
use commands::model::words::Locale;
use commands::ports::keys::Keys as _;
use support_desk::health::Health;
use support_desk::web;

use super::fake_desk::{FakeDesk, NEW, TOKEN, message_at};
use super::site::{
    Answer, PUBLIC_URL, StoppedClock, form_token, get, keys, opened, post, request, send, site,
};

#[tokio::test]
async fn page_has_its_fields_and_nothing_inline() {
    let page = opened(&site(&FakeDesk::new(Locale::En), PUBLIC_URL)).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (StatusCode::OK, "text/html; charset=utf-8")
    );
    for part in [
        "<html lang=\"en\">",
        "<label for=\"code\">Write your password reset code</label>",
        "<label for=\"password\">New Password</label>",
        "<label for=\"again\">Confirm New Password</label>",
        "A code was mailed to a•••@w•••.example. It is valid for an hour after it was sent.",
        "60 more minutes and for one change.",
        ">Resend</button>",
        "A new code can be sent in 0:47.</span>",
        "<li data-rule=\"at-least\" data-count=\"8\">At least 8 characters</li>",
        "<li data-rule=\"uppercase\">An upper-case letter (A–Z)</li>",
        "<li data-rule=\"lowercase\">A lower-case letter (a–z)</li>",
        "<li data-rule=\"number\">A number (0–9)</li>",
        "<li data-rule=\"symbol\">A special character (for example ! @ # $ % &amp; *)</li>",
        "<li>Different from your last 3 passwords</li>",
    ] {
        assert!(page.body.contains(part), "no {part} in {}", page.body);
    }
    assert!(page.line("id=\"code\"").contains("autocomplete=\"one-time-code\""));
    for field in ["id=\"password\"", "id=\"again\""] {
        let line = page.line(field);
        assert!(
            line.contains("type=\"password\" autocomplete=\"new-password\"")
                && !line.contains("value="),
            "{line}"
        );
    }
    for forbidden in [
        "<style",
        "style=",
        "onclick",
        "onpaste",
        "javascript:",
        "<script>",
        "minlength",
        "maxlength",
        "pattern=",
    ] {
        assert!(!page.body.contains(forbidden), "{forbidden}");
    }
}

#[tokio::test]
async fn weak_policy_shows_fewer_requirements() {
    let desk = FakeDesk::new(Locale::En);
    desk.change_view(|view| {
        view.policy.minimum_length = 12;
        view.policy.symbols = false;
        view.policy.history = 0;
        view.resend_at = None;
    });
    let page = opened(&site(&desk, PUBLIC_URL)).await;
    assert!(page.body.contains("At least 12 characters"));
    assert!(!page.body.contains("special character") && !page.body.contains("Different from"));
    assert!(
        !page.body.contains("value=\"resend\"")
            && page.body.contains("No more codes can be sent from this page.")
    );
    desk.change_view(|view| {
        view.resend_at = Some(view.now);
        view.now = view.until;
    });
    let page = opened(&site(&desk, PUBLIC_URL)).await;
    assert!(
        page.body.contains("data-wait=\"0\"") && !page.body.contains("can be sent in 0"),
        "{}",
        page.body
    );
    assert!(page.body.contains("1 more minute and for one change."));
}

#[tokio::test]
async fn spanish_page_is_spanish() {
    let page = opened(&site(&FakeDesk::new(Locale::Es), PUBLIC_URL)).await;
    for part in [
        "<html lang=\"es\">",
        "<label for=\"code\">Escribe tu código para restablecer la contraseña</label>",
        "<label for=\"password\">Nueva contraseña</label>",
        "<label for=\"again\">Confirma la nueva contraseña</label>",
        ">Reenviar</button>",
        "Requisitos de la nueva contraseña:",
        "Una letra mayúscula (A–Z)",
    ] {
        assert!(page.body.contains(part), "no {part} in {}", page.body);
    }
}

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
            ("strict-transport-security", "max-age=31536000"),
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
async fn used_link_shows_password_changed() {
    for (locale, title, words) in [
        (Locale::En, "Your password was changed", "You were signed out of BackOffice everywhere."),
        (
            Locale::Es,
            "Tu contraseña se ha cambiado",
            "Se han cerrado todas tus sesiones de BackOffice.",
        ),
    ] {
        let desk = FakeDesk::new(locale);
        desk.change_view(|view| view.done = true);
        let page = opened(&site(&desk, PUBLIC_URL)).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.body.contains(title) && page.body.contains(words) && !page.body.contains("<form"),
            "{}",
            page.body
        );
    }
}

#[tokio::test]
async fn pending_sign_out_is_shown_as_pending() {
    let desk = FakeDesk::new(Locale::En);
    desk.change_view(|view| (view.done, view.signed_out) = (true, false));
    let page = opened(&site(&desk, PUBLIC_URL)).await;
    assert!(page.body.contains(
        "signed out of BackOffice everywhere. If that fails, it is retried for an hour."
    ));
    assert!(!page.body.contains("were signed out"), "{}", page.body);
}

#[tokio::test]
async fn unknown_outcome_shows_until_next_answer() {
    let desk = FakeDesk::new(Locale::En);
    desk.change_view(|view| {
        (view.to, view.last_outcome) = (None, Some("The outcome is unknown: <it>.".to_owned()));
    });
    let site = site(&desk, PUBLIC_URL);
    let page = opened(&site).await;
    assert_eq!(page.status, StatusCode::OK);
    let line = page.line("role=\"alert\"");
    assert!(line.contains("<p>The outcome is unknown: &lt;it&gt;.</p>"), "{line}");
    assert!(!page.body.contains("A code was mailed"), "{}", page.body);
    let answer = post(&site, &[("code", "12"), ("password", NEW), ("again", NEW)]).await;
    assert!(
        answer.body.contains("A code has six digits.")
            && !answer.body.contains("The outcome is unknown:"),
        "{}",
        answer.body
    );
    desk.change_view(|view| (view.to, view.resend_at) = (Some("b".to_owned()), Some(view.now)));
    let answer = post(&site, &[("do", "resend")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[test]
fn base_url_keeps_path_of_public_url() {
    for (public, base) in [
        ("https://desk.example.com", "https://desk.example.com/recover/"),
        ("https://desk.example.com/", "https://desk.example.com/recover/"),
        ("https://example.com/support/desk/", "https://example.com/support/desk/recover/"),
    ] {
        assert_eq!(web::recovery_base_url(&url::Url::parse(public).unwrap()), base);
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
async fn sent_query_only_changes_the_text() {
    let desk = FakeDesk::new(Locale::Es);
    let site = site(&desk, PUBLIC_URL);
    let page = get(&site, &format!("/recover/{TOKEN}?sent")).await;
    let line = page.line("role=\"status\" tabindex=\"-1\" autofocus");
    assert!(
        line.contains(
            "Se ha enviado un código nuevo a a•••@w•••.example. Usa el correo más reciente."
        ),
        "{line}"
    );
    for query in ["", "?", "?sent=1", "?other"] {
        let page = get(&site, &format!("/recover/{TOKEN}{query}")).await;
        assert!(
            page.body.contains("Es válido durante una hora desde su envío")
                && !page.body.contains("class=\"news\""),
            "{query}"
        );
    }
    assert_eq!(get(&site, "/recover/unknown?sent").await.status, StatusCode::NOT_FOUND);
    assert!(desk.asked().is_empty());
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
async fn no_public_url_means_no_page() {
    let health = Health::new(Arc::new(StoppedClock), Box::new(|| Box::pin(async { Ok(()) })));
    let site = web::public_router(health, None);
    assert_eq!(opened(&site).await.status, StatusCode::NOT_FOUND);
    assert_eq!(opened(&site).await.body, "");
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
