//! The page's script: checks before submitting, the resend countdown, and retries.

use std::time::Duration;

use commands::model::words::Locale;
use serde_json::json;

use super::fake_desk::{Asked, CODE, NEW};
use super::test_bed::{TestBed, confirmed};
use super::webdriver::Window;

#[tokio::test]
async fn invalid_fields_are_not_submitted() {
    let bed = TestBed::open(Locale::En, Window::Desktop).await;
    let browser = &bed.browser;
    let typed = async || {
        (browser.property("#password", "value").await, browser.property("#again", "value").await)
    };
    let invalid = async || {
        browser
            .runs(
                "return [...document.querySelectorAll('[aria-invalid]')].map((field) => field.id)",
            )
            .await
    };
    bed.fill("12 34", "abcdefgh", "abcdefg").await;
    for (more, field, sentence) in [
        ("", "code", "A code has six digits. Check it and correct it."),
        (
            "424\u{2013}242",
            "password",
            "Not met yet: An upper-case letter (A–Z); A number (0–9); A special character (for example ! @ # $ % & *).",
        ),
        (NEW, "again", "The two passwords do not match. Enter both again."),
    ] {
        if !more.is_empty() {
            browser.presses(more).await;
        }
        browser.clicks(".save").await;
        assert_eq!(bed.error(field).await, sentence);
        assert_eq!((browser.focus().await.as_str(), invalid().await), (field, json!([field])));
    }
    assert_eq!(typed().await, (json!(NEW), json!("abcdefg")));
    browser.screenshot("desktop-en-not-sent").await;
    assert!(bed.desk.asked().is_empty());
    browser.presses(NEW).await;
    browser.follows(".save").await;
    assert_eq!(bed.desk.asked(), [confirmed("424\u{2013}242", NEW, NEW)]);
    bed.close().await;
}

#[tokio::test]
async fn errors_disappear_from_valid_fields() {
    let bed = TestBed::open(Locale::En, Window::Desktop).await;
    let browser = &bed.browser;
    let marked = async || {
        let marks = "[aria-invalid], .error:not(:empty)";
        let script =
            format!("return [...document.querySelectorAll('{marks}')].map((mark) => mark.id)");
        browser.runs(&script).await
    };
    bed.fill("000000", NEW, "x").await;
    browser.clicks(".save").await;
    assert_eq!(marked().await, json!(["again-error", "again"]));
    browser.presses(NEW).await;
    assert_eq!(marked().await, json!([]));
    assert_eq!(browser.reads("#match").await, "Both passwords match.");

    browser.types("#again", "x").await;
    browser.clicks(".save").await;
    assert_eq!(marked().await, json!(["again-error", "again"]));
    browser.types("#password", "x").await;
    assert_eq!(marked().await, json!([]), "the passwords match again");
    browser.screenshot("desktop-en-corrected").await;

    browser.follows(".save").await;
    assert_eq!(marked().await, json!(["code-error", "code"]));
    bed.fill("", NEW, NEW).await;
    assert_eq!(marked().await, json!(["code-error", "code"]), "another field was corrected");
    browser.runs("document.getElementById('code').select()").await;
    browser.types("#code", "12345").await;
    assert_eq!(marked().await, json!(["code-error", "code"]));
    browser.types("#code", "6").await;
    assert_eq!(marked().await, json!([]));
    bed.close().await;
}

/// Cases that the server's own test shares.
const CODE_CASES: &str = include_str!("../../../commands/src/model/code_cases.json");

#[tokio::test]
async fn script_stops_no_code_that_server_accepts() {
    let bed = TestBed::open(Locale::En, Window::Desktop).await;
    let cases: serde_json::Value = serde_json::from_str(CODE_CASES).unwrap();
    let stopped = async |code: &serde_json::Value| {
        let script = format!(
            "document.getElementById('code').value = {code}; document.querySelector('.save').click(); \
             return document.getElementById('code').getAttribute('aria-invalid')"
        );
        bed.browser.runs(&script).await == "true"
    };
    for code in cases["accepted"].as_array().unwrap() {
        assert!(!stopped(code).await, "{code}");
    }
    for code in cases["too_few_digits"].as_array().unwrap() {
        assert!(stopped(code).await, "{code}");
    }
    assert!(bed.desk.asked().is_empty(), "the empty password is stopped");
    bed.close().await;
}

#[tokio::test]
async fn unseen_characters_do_not_meet_the_policy() {
    let bed = TestBed::open(Locale::En, Window::Desktop).await;
    for (added, class) in [
        ("", "met"),
        ("\\ufeff", "not-met"),
        ("\\u200b", "not-met"),
        ("\\u0007", "not-met"),
        ("\\u2800", "not-met"),
    ] {
        let script = format!(
            "const field = document.getElementById('password'); field.value = 'Abcdef1!{added}'; \
             field.dispatchEvent(new InputEvent('input')); \
             return document.querySelector('#policy li[data-rule=no-space]').className"
        );
        assert_eq!(bed.browser.runs(&script).await, class, "{added}");
    }
    bed.close().await;
}

#[tokio::test]
async fn resend_is_enabled_after_countdown() {
    let bed = TestBed::open(Locale::En, Window::Desktop).await;
    let browser = &bed.browser;
    assert_eq!(browser.property("#resend", "disabled").await, true);
    // Ten minutes, so that even a slow machine reads the text in the first one.
    bed.desk.change_view(|view| view.resend_at = Some(view.now + Duration::from_mins(10)));
    browser.opens(&bed.url).await;
    let wait = browser.reads("#wait").await;
    assert!(
        ["A new code can be sent in 10:00.", "A new code can be sent in 9:"]
            .iter()
            .any(|text| wait.starts_with(text)),
        "{wait}"
    );
    bed.desk.change_view(|view| view.resend_at = Some(view.now + Duration::from_millis(1)));
    browser.opens(&bed.url).await;
    bed.fill("12", NEW, "x").await;
    let on = "return new Promise((done) => { const look = () => document.getElementById('resend').disabled \
              ? requestAnimationFrame(look) : done(document.getElementById('wait').textContent); look(); })";
    assert_eq!(browser.runs(on).await, "", "enabled after a second, without a text");
    bed.desk.change_view(|view| view.resend_at = Some(view.now));
    // The names of the fields that the browser would submit.
    browser
        .runs("document.addEventListener('formdata', (event) => { document.title = [...event.formData.keys()].join(' ') })")
        .await;
    browser.runs(&format!("addEventListener('submit', (event) => event.preventDefault(), {{once: true}}); {CAPTURE_TIMERS}")).await;
    browser.clicks("#resend").await;
    assert_eq!(
        browser.runs("new FormData(document.getElementById('form')); return document.title").await,
        "form code"
    );
    assert_eq!(browser.reads("#resend").await, "Sending…");
    browser.runs("later()").await;
    assert_eq!(
        browser.property("#password", "value").await,
        NEW,
        "a stopped submit keeps the fields"
    );

    browser.follows("#resend").await;
    assert_eq!(
        browser.reads("[role=status].news").await,
        "A new code was mailed to a•••@w•••.example. Use the newest mail."
    );
    assert_eq!(browser.focus().await, "news", "screen readers announce it");
    assert_eq!(
        (browser.property("#code", "value").await, browser.property("#resend", "disabled").await),
        (json!(""), json!(true))
    );
    browser.screenshot("desktop-en-resent").await;
    browser.navigates(async || drop(browser.runs("location.reload()").await)).await;
    assert_eq!(bed.desk.asked(), [Asked::Resend], "only once");
    bed.close().await;
}

/// Script that runs the long timers of the page when the test calls `later()`.
const CAPTURE_TIMERS: &str = "const timer = setTimeout; \
                         window.setTimeout = (act, wait) => wait > 10_000 ? void (window.later = act) : timer(act, wait)";

#[tokio::test]
async fn stopped_submit_can_be_repeated() {
    let bed = TestBed::open(Locale::En, Window::Desktop).await;
    let browser = &bed.browser;
    bed.fill(CODE, NEW, NEW).await;
    // Cancels the submit after the page's own handler, as if the user had stopped loading.
    browser.runs(&format!("addEventListener('submit', (event) => event.preventDefault(), {{once: true}}); {CAPTURE_TIMERS}")).await;
    browser.clicks(".save").await;
    assert_eq!(browser.reads(".save").await, "Saving…");
    browser.screenshot("desktop-en-saving").await;
    browser.clicks(".save").await;
    assert!(bed.desk.asked().is_empty(), "the second click is ignored");
    browser.runs("later()").await;
    assert_eq!(browser.reads(".save").await, "Save the new password");
    browser.follows(".save").await;
    assert_eq!(browser.reads("h1").await, "Your password was changed");
    assert_eq!(bed.desk.asked(), [confirmed(CODE, NEW, NEW)]);
    bed.close().await;
}

#[tokio::test]
async fn double_click_submits_once() {
    let bed = TestBed::open(Locale::En, Window::Desktop).await;
    bed.fill("000000", NEW, NEW).await;
    let twice = "const save = document.querySelector('.save'); save.click(); save.click()";
    bed.browser.navigates(async || drop(bed.browser.runs(twice).await)).await;
    assert_eq!(
        bed.error("code").await,
        "That code is not correct. Use the one in the newest mail."
    );
    assert_eq!(bed.desk.asked(), [confirmed("000000", NEW, NEW)]);
    bed.close().await;
}
