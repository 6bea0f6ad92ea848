//! Forms that are sent to the page, valid and invalid, and the answers.

use axum::body::Body;
use axum::http::StatusCode;
use commands::flows::recover::messages::Field;
use commands::model::words::Locale;

use super::fake_desk::{Asked, CODE, FakeDesk, NEW, OLD, TOKEN, message_at};
use super::site::{PUBLIC_URL, body, form_token, get, opened, post, request, send, site};

const FILLED: [(&str, &str); 4] =
    [("code", CODE), ("password", NEW), ("again", NEW), ("do", "save")];

#[tokio::test]
async fn password_change_redirects_to_the_page() {
    let desk = FakeDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let token = form_token(&site).await;
    for _ in 0..2 {
        let done = send(&site, request(&token, &FILLED)).await;
        assert_eq!(
            (done.status, done.header("location"), done.body.as_str()),
            (StatusCode::SEE_OTHER, TOKEN, "")
        );
    }
    let page = opened(&site).await;
    assert!(page.body.contains("Your password was changed") && !page.body.contains(NEW));
    let confirm =
        Asked::Confirm { code: CODE.to_owned(), password: NEW.to_owned(), again: NEW.to_owned() };
    assert_eq!(desk.asked(), [confirm.clone(), confirm], "the desk answers the second one as done");
}

#[tokio::test]
async fn errors_stand_at_their_fields() {
    let weak = "Not met yet: An upper-case letter (A–Z); A number (0–9); A special character (for example ! @ # $ % &amp; *).";
    for (code, password, again, field, sentence) in [
        ("12 34", NEW, NEW, "code", "A code has six digits. Check it and correct it."),
        ("", "", "", "code", "A code has six digits. Check it and correct it."),
        ("000000", NEW, NEW, "code", "That code is not correct. Use the one in the newest mail."),
        (CODE, "abcdefgh", "abcdefgh", "password", weak),
        (
            CODE,
            OLD,
            OLD,
            "password",
            "That is one of your recent passwords. Choose one that you have not used.",
        ),
        (CODE, NEW, "New-Password-3", "again", "The two passwords do not match. Enter both again."),
    ] {
        let page = post(
            &site(&FakeDesk::new(Locale::En), PUBLIC_URL),
            &[("code", code), ("password", password), ("again", again), ("do", "save")],
        )
        .await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let line = page.line(&format!("id=\"{field}-error\""));
        assert!(
            line.ends_with(&format!("><span class=\"hidden\">Error: </span>{sentence}</p>")),
            "{line}"
        );
        assert_eq!(page.body.matches("aria-invalid").count(), 1);
        assert!(page.line(&format!("id=\"{field}\"")).contains("aria-invalid=\"true\" autofocus"));
        assert!(page.body.contains("<title>Error: New password"));
        assert_eq!(page.value("spellcheck=\"false\" value=\""), code, "the code is kept");
        for typed in [password, again] {
            assert!(typed.is_empty() || !page.body.contains(typed), "{typed} in {}", page.body);
        }
    }
}

#[tokio::test]
async fn message_about_the_page_stands_on_top() {
    let desk = FakeDesk::new(Locale::Es);
    desk.refuse_next(message_at(Field::Page, "Ha habido demasiados intentos."));
    let page = post(&site(&desk, PUBLIC_URL), &FILLED).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let line = page.line("role=\"alert\"");
    assert!(
        line.contains("No se ha podido completar")
            && line.contains("Ha habido demasiados intentos.")
            && line.contains("autofocus")
    );
    assert!(!page.body.contains("aria-invalid") && page.body.contains("<title>Error: Nueva"));
}

#[tokio::test]
async fn resend_is_not_repeated_by_a_reload() {
    let desk = FakeDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let typed = [("code", "12"), ("password", NEW), ("again", ""), ("do", "resend")];
    let early = post(&site, &typed).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(early.line("role=\"alert\"").contains("There were too many attempts"));
    assert_eq!(early.value("spellcheck=\"false\" value=\""), "12");
    desk.change_view(|view| view.resend_at = Some(view.now));
    let sent = post(&site, &typed).await;
    let there = format!("{TOKEN}?sent");
    assert_eq!(
        (sent.status, sent.header("location"), sent.body.as_str()),
        (StatusCode::SEE_OTHER, there.as_str(), "")
    );
    for _ in 0..2 {
        let page = get(&site, &format!("/recover/{there}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.line("role=\"status\" tabindex")
                .contains("A new code was mailed to a•••@w•••.example. Use the newest mail.")
        );
        assert!(page.body.contains("A new code can be sent in 1:00."));
        assert_eq!(page.value("spellcheck=\"false\" value=\""), "", "the old code is removed");
    }
    assert_eq!(desk.asked(), [Asked::Resend, Asked::Resend], "the desk gets no passwords");
}

#[tokio::test]
async fn form_from_other_origin_is_refused() {
    let desk = FakeDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let token = form_token(&site).await;
    for (site_header, origin, fits) in [
        (Some("cross-site"), Some(PUBLIC_URL), false),
        (Some("same-site"), None, false),
        (Some("none"), None, false),
        (None, None, false),
        (None, Some("null"), false),
        (None, Some("https://evil.example"), false),
        (None, Some(PUBLIC_URL), true),
        (Some("same-origin"), None, true),
    ] {
        let mut request = request(&token, &[("do", "resend")]);
        request.headers_mut().remove("sec-fetch-site");
        for (name, value) in [("sec-fetch-site", site_header), ("origin", origin)] {
            if let Some(value) = value {
                request.headers_mut().insert(name, value.parse().unwrap());
            }
        }
        let before = desk.asked().len();
        let answer = send(&site, request).await;
        assert_eq!(answer.status == StatusCode::FORBIDDEN, !fits, "{site_header:?} {origin:?}");
        assert_eq!(desk.asked().len() - before, usize::from(fits), "{site_header:?} {origin:?}");
        if !fits {
            assert!(
                answer.body.contains("was not received correctly")
                    && !answer.body.contains("<form")
            );
        }
    }
}

#[tokio::test]
async fn form_token_belongs_to_its_link() {
    let desk = FakeDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let token = form_token(&site).await;
    for wrong in ["", "x", TOKEN, &token[1..], &format!("{token}A"), &token.to_lowercase()] {
        assert_eq!(
            send(&site, request(wrong, &FILLED)).await.status,
            StatusCode::FORBIDDEN,
            "{wrong}"
        );
    }
    // The form of this link, sent to another link.
    let mut other = request(&token, &FILLED);
    *other.uri_mut() = format!("/recover/{}", TOKEN.replace('B', "C")).parse().unwrap();
    assert_eq!(send(&site, other).await.status, StatusCode::FORBIDDEN);
    assert!(desk.asked().is_empty());
    assert_eq!(send(&site, request(&token, &FILLED)).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn body_that_no_browser_sends_is_refused() {
    let desk = FakeDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let token = form_token(&site).await;
    let form = "application/x-www-form-urlencoded";
    let whole = body(&[("form", token.as_str()), ("do", "resend")]);
    let padded = |length: usize| format!("{whole}&pad={}", "x".repeat(length - whole.len() - 5));
    for (kind, body, status) in [
        (form, padded(16 * 1024), StatusCode::UNPROCESSABLE_ENTITY),
        (form, padded(16 * 1024 + 1), StatusCode::PAYLOAD_TOO_LARGE),
        (
            "application/x-www-form-urlencoded; charset=UTF-8",
            whole.clone(),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        ("application/json", "{}".to_owned(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("multipart/form-data; boundary=x", whole.clone(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("text/plain", whole.clone(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (form, format!("{whole}&password=%ff"), StatusCode::BAD_REQUEST),
        (form, format!("{whole}&do=save"), StatusCode::BAD_REQUEST),
    ] {
        let mut request = request(&token, &[]);
        request.headers_mut().insert("content-type", kind.parse().unwrap());
        *request.body_mut() = Body::from(body);
        let before = desk.asked().len();
        let answer = send(&site, request).await;
        assert_eq!(answer.status, status, "{kind}");
        assert_eq!(
            desk.asked().len() > before,
            status == StatusCode::UNPROCESSABLE_ENTITY,
            "{kind}"
        );
    }
}

#[tokio::test]
async fn longest_password_is_not_cut_off() {
    let desk = FakeDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let (fits, too_long) =
        (format!("Kx7#qP2m{}", "😀".repeat(248)), format!("Kx7#qP2m{}", "😀".repeat(249)));
    let page = post(&site, &[("code", CODE), ("password", &too_long), ("again", &too_long)]).await;
    assert!(page.line("password-error").contains("At most 256 characters"));
    assert_eq!(
        post(&site, &[("code", CODE), ("password", &fits), ("again", &fits)]).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn form_of_ended_link_gets_404() {
    let desk = FakeDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let token = form_token(&site).await;
    desk.end_link();
    for act in ["save", "resend"] {
        let answer = send(
            &site,
            request(&token, &[("code", CODE), ("password", NEW), ("again", NEW), ("do", act)]),
        )
        .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(
            answer.body.contains("This link does not work")
                && answer.body.contains("was closed, was replaced by a newer one")
        );
    }
}

#[tokio::test]
async fn fault_keeps_the_code_and_shows_a_reference() {
    for (locale, sentence) in [
        (
            Locale::En,
            "Something failed on our side. Try again. If the problem continues, report it with the reference F-",
        ),
        (
            Locale::Es,
            "Algo ha fallado por nuestra parte. Inténtalo de nuevo. Si el problema continúa, comunícalo con la referencia F-",
        ),
    ] {
        let desk = FakeDesk::new(locale);
        let site = site(&desk, PUBLIC_URL);
        let token = form_token(&site).await;
        for look_fails in [false, true] {
            desk.inject_faults(look_fails, true);
            for act in ["save", "resend"] {
                let mut request = request(
                    &token,
                    &[("code", CODE), ("password", NEW), ("again", NEW), ("do", act)],
                );
                request.headers_mut().insert("accept-language", locale.tag().parse().unwrap());
                let page = send(&site, request).await;
                assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
                assert!(page.body.contains(sentence), "{act}: {}", page.body);
                assert_eq!(
                    page.body.contains("<form"),
                    !look_fails,
                    "the form is shown if the desk can be read"
                );
                assert!(!page.body.contains("SomethingException") && !page.body.contains(NEW));
                if !look_fails {
                    assert!(page.line("role=\"alert\"").contains(sentence));
                    assert_eq!(page.value("spellcheck=\"false\" value=\""), CODE);
                }
            }
        }
    }
}
