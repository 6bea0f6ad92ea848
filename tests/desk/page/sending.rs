//! What the page's script sends, what it keeps back, and what it does when no answer comes.

use std::time::Duration;

use commands::model::words::Locale;
use serde_json::json;

use super::desk::{Asked, CODE, NEW};
use super::scene::{Scene, confirmed};
use super::webdriver::Window;

#[tokio::test]
async fn what_cannot_be_right_is_not_sent_and_the_passwords_stay() {
    let scene = Scene::opens(Locale::En, Window::Desktop).await;
    let browser = &scene.browser;
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
    scene.fills("12 34", "abcdefgh", "abcdefg").await;
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
        assert_eq!(scene.error(field).await, sentence);
        assert_eq!((browser.focus().await.as_str(), invalid().await), (field, json!([field])));
    }
    assert_eq!(typed().await, (json!(NEW), json!("abcdefg")));
    browser.pictures("desktop-en-not-sent").await;
    assert!(scene.desk.asked().is_empty());
    browser.presses(NEW).await;
    browser.follows(".save").await;
    assert_eq!(scene.desk.asked(), [confirmed("424\u{2013}242", NEW, NEW)]);
    scene.ends().await;
}

#[tokio::test]
async fn resend_waits_and_counts() {
    let scene = Scene::opens(Locale::En, Window::Desktop).await;
    let browser = &scene.browser;
    assert_eq!(browser.property("#resend", "disabled").await, true);
    // Long enough for the slowest machine to look in the first minute.
    scene.desk.shows(|view| view.resend_at = Some(view.now + Duration::from_mins(10)));
    browser.opens(&scene.url).await;
    let wait = browser.reads("#wait").await;
    assert!(
        ["A new code can be sent in 10:00.", "A new code can be sent in 9:"]
            .iter()
            .any(|said| wait.starts_with(said)),
        "{wait}"
    );
    scene.desk.shows(|view| view.resend_at = Some(view.now + Duration::from_millis(1)));
    browser.opens(&scene.url).await;
    scene.fills("12", NEW, "x").await;
    let on = "return new Promise((done) => { const look = () => document.getElementById('resend').disabled \
              ? requestAnimationFrame(look) : done(document.getElementById('wait').textContent); look(); })";
    assert_eq!(browser.runs(on).await, "", "it is on after a second, and nothing is left to say");
    scene.desk.shows(|view| view.resend_at = Some(view.now));
    // What the form would carry, as the browser puts it together after the page has had its say.
    browser
        .runs("document.addEventListener('formdata', (event) => { document.title = [...event.formData.keys()].join(' ') })")
        .await;
    browser.runs(&format!("addEventListener('submit', (event) => event.preventDefault(), {{once: true}}); {KEEP_TIME}")).await;
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
        "stopped on its way, nothing is lost"
    );

    browser.follows("#resend").await;
    assert_eq!(
        browser.reads("[role=status].news").await,
        "A new code was mailed to a•••@w•••.example. Use the newest mail."
    );
    assert_eq!(browser.focus().await, "news", "where it is read out");
    assert_eq!(
        (browser.property("#code", "value").await, browser.property("#resend", "disabled").await),
        (json!(""), json!(true))
    );
    browser.pictures("desktop-en-resent").await;
    browser.turns(async || drop(browser.runs("location.reload()").await)).await;
    assert_eq!(scene.desk.asked(), [Asked::Resend], "and once");
    scene.ends().await;
}

/// What the page puts off for long it does when the test says so.
const KEEP_TIME: &str = "const timer = setTimeout; \
                         window.setTimeout = (act, wait) => wait > 10_000 ? void (window.later = act) : timer(act, wait)";

#[tokio::test]
async fn a_page_that_was_stopped_on_its_way_can_be_sent_again() {
    let scene = Scene::opens(Locale::En, Window::Desktop).await;
    let browser = &scene.browser;
    scene.fills(CODE, NEW, NEW).await;
    // What comes after the page's own say is as if somebody had stopped the loading.
    browser.runs(&format!("addEventListener('submit', (event) => event.preventDefault(), {{once: true}}); {KEEP_TIME}")).await;
    browser.clicks(".save").await;
    assert_eq!(browser.reads(".save").await, "Saving…");
    browser.pictures("desktop-en-saving").await;
    browser.clicks(".save").await;
    assert!(scene.desk.asked().is_empty(), "it is on its way");
    browser.runs("later()").await;
    assert_eq!(browser.reads(".save").await, "Save the new password");
    browser.follows(".save").await;
    assert_eq!(browser.reads("h1").await, "Your password was changed");
    assert_eq!(scene.desk.asked(), [confirmed(CODE, NEW, NEW)]);
    scene.ends().await;
}

#[tokio::test]
async fn a_double_click_sends_once() {
    let scene = Scene::opens(Locale::En, Window::Desktop).await;
    scene.fills("000000", NEW, NEW).await;
    let twice = "const save = document.querySelector('.save'); save.click(); save.click()";
    scene.browser.turns(async || drop(scene.browser.runs(twice).await)).await;
    assert_eq!(
        scene.error("code").await,
        "That code is not correct. Use the one in the newest mail."
    );
    assert_eq!(scene.desk.asked(), [confirmed("000000", NEW, NEW)]);
    scene.ends().await;
}
