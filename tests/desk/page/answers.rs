//! Texts and fields of the page.

use std::sync::Arc;

use axum::http::StatusCode;
use commands::model::words::Locale;
use support_desk::health::{Health, StoreStatus};
use support_desk::web;

use super::fake_desk::{FakeDesk, NEW, TOKEN};
use super::site::{PUBLIC_URL, StoppedClock, get, opened, post, site};

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
    let username = page.line("id=\"username\"");
    assert!(
        username.contains("autocomplete=\"username\" readonly tabindex=\"-1\"")
            && username.contains("value=\"ana&#39;&amp;&quot;o@waizant.example\"")
            && !username.contains(" name="),
        "{username}"
    );
    assert!(page.body.find("id=\"username\"") < page.body.find("id=\"code\""));
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
async fn no_public_url_means_no_page() {
    let health = Health::new(
        Arc::new(StoppedClock),
        Box::new(|| Box::pin(async { Ok(StoreStatus::default()) })),
    );
    let site = web::public_router(health, None, None);
    assert_eq!(opened(&site).await.status, StatusCode::NOT_FOUND);
    assert_eq!(opened(&site).await.body, "");
}
