//! The page in a real browser: with and without JavaScript, by mouse and by keyboard, on a desktop
//! and on a phone.

use commands::flows::recover::messages::Field;
use commands::model::words::Locale;
use serde_json::json;

use super::fake_desk::{Asked, CODE, NEW, OLD, message_at};
use super::test_bed::{TestBed, confirmed};
use super::webdriver::{ENTER, TAB, Window};

#[tokio::test]
async fn wrong_code_then_new_password() {
    let bed = TestBed::open(Locale::En, Window::Desktop).await;
    let browser = &bed.browser;
    assert_eq!(browser.title().await, "New password · Waizant");
    for (field, label) in [
        ("#code", "Write your password reset code"),
        ("#password", "New Password"),
        ("#again", "Confirm New Password"),
    ] {
        assert_eq!(browser.label(field).await, label);
    }
    browser.screenshot("desktop-en").await;
    browser.screenshot_dark("desktop-en-dark").await;

    bed.fill("000000", NEW, NEW).await;
    browser.follows(".save").await;
    assert_eq!(
        bed.error("code").await,
        "That code is not correct. Use the one in the newest mail."
    );
    assert_eq!(browser.title().await, "Error: New password · Waizant");
    assert_eq!(browser.focus().await, "code", "the wrong field has the focus");
    assert_eq!(browser.property("#code", "value").await, "000000");
    assert_eq!(
        (browser.property("#password", "value").await, browser.property("#again", "value").await),
        (json!(""), json!(""))
    );
    browser.screenshot("desktop-en-wrong-code").await;

    browser.presses(CODE).await;
    assert_eq!(browser.property("#code", "value").await, CODE, "typing replaces the wrong code");
    bed.fill("", NEW, NEW).await;
    browser.follows(".save").await;
    assert_eq!(browser.reads("h1").await, "Your password was changed");
    assert_eq!(browser.address().await, bed.url);
    browser.screenshot("desktop-en-done").await;
    // A reload submits nothing.
    browser.navigates(async || drop(browser.runs("location.reload()").await)).await;
    assert_eq!(browser.reads("h1").await, "Your password was changed");
    assert_eq!(bed.desk.asked(), [confirmed("000000", NEW, NEW), confirmed(CODE, NEW, NEW)]);
    bed.close().await;
}

#[tokio::test]
async fn policy_list_follows_the_password() {
    let bed = TestBed::open(Locale::En, Window::Desktop).await;
    let browser = &bed.browser;
    let met = async || {
        let rules =
            browser.runs("return [...document.querySelectorAll('#policy li.met')].map((line) => line.dataset.rule)").await;
        rules
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let spoken =
        async || browser.property("#progress", "textContent").await.as_str().unwrap().to_owned();
    assert_eq!(
        (met().await.as_str(), spoken().await.as_str()),
        ("", ""),
        "no message before the first key"
    );
    for (keys, rules, sum) in [
        ("a", "lowercase no-space at-most", "2 of 6 requirements met"),
        ("A", "uppercase lowercase no-space at-most", "3 of 6 requirements met"),
        ("7", "uppercase lowercase number no-space at-most", "4 of 6 requirements met"),
        (" ", "uppercase lowercase number at-most", "3 of 6 requirements met"),
        ("~abcd", "at-least uppercase lowercase number symbol at-most", "5 of 6 requirements met"),
    ] {
        browser.types("#password", keys).await;
        assert_eq!((met().await.as_str(), spoken().await.as_str()), (rules, sum), "after {keys}");
    }
    assert_eq!(
        browser.property("#policy li[data-rule=no-space]", "textContent").await,
        "No spaces or invisible characters (not met yet)"
    );
    assert!(!browser.shows("#policy li[data-rule=at-most]").await);
    // A paste is an input like any other.
    let paste = "const field = document.getElementById('password'); field.value = 'Aa1!' + 'x'.repeat(253); \
                 field.dispatchEvent(new InputEvent('input', { inputType: 'insertFromPaste' }))";
    browser.runs(paste).await;
    assert!(browser.shows("#policy li[data-rule=at-most]").await);
    assert_eq!(spoken().await, "6 of 7 requirements met");

    browser.runs(&paste.replace("'x'.repeat(253)", "'bcde'")).await;
    browser.types("#again", "Aa1!bcd").await;
    assert_eq!(browser.reads("#again ~ #match").await, "", "not yet as long: nothing to say");
    browser.types("#again", "f").await;
    assert_eq!(browser.reads("#match").await, "The passwords do not match yet.");
    browser.types("#again", "\u{e003}e").await;
    assert_eq!(browser.reads("#match").await, "Both passwords match.");
    browser.screenshot("desktop-en-live").await;
    bed.close().await;
}

#[tokio::test]
async fn passwords_are_masked_until_shown() {
    let bed = TestBed::open(Locale::Es, Window::Desktop).await;
    let browser = &bed.browser;
    let types = async || {
        (browser.property("#password", "type").await, browser.property("#again", "type").await)
    };
    assert_eq!(types().await, (json!("password"), json!("password")));
    assert_eq!(
        (browser.reads("#show").await.as_str(), browser.label("#show").await.as_str()),
        ("Mostrar", "Mostrar las dos contraseñas")
    );
    bed.fill("", OLD, OLD).await;
    browser.clicks("#show").await;
    assert_eq!(types().await, (json!("text"), json!("text")));
    assert_eq!(browser.label("#show").await, "Ocultar las dos contraseñas");
    browser.screenshot("desktop-es-shown").await;
    browser.types("#code", CODE).await;
    browser.follows(".save").await;
    assert_eq!(types().await, (json!("password"), json!("password")), "a new page starts masked");
    assert_eq!(
        bed.error("password").await,
        "Esa es una de tus últimas contraseñas. Elige una que no hayas usado."
    );
    assert_eq!(browser.focus().await, "password");
    browser.screenshot("desktop-es-reused").await;
    bed.fill("", NEW, NEW).await;
    browser.follows(".save").await;
    assert_eq!(browser.reads("h1").await, "Tu contraseña se ha cambiado");
    browser.screenshot("desktop-es-done").await;
    bed.close().await;
}

#[tokio::test]
async fn page_works_by_keyboard() {
    let bed = TestBed::open(Locale::En, Window::Desktop).await;
    bed.desk.change_view(|view| view.resend_at = Some(view.now));
    let browser = &bed.browser;
    browser.opens(&bed.url).await;
    let mut order = Vec::new();
    for _ in 0..6 {
        browser.presses(TAB).await;
        order.push(browser.focus().await);
    }
    assert_eq!(order, ["code", "resend", "password", "show", "again", "save"]);
    // Enter in the first field saves, although the resend button comes first.
    browser.types("#code", &format!("{CODE}{ENTER}")).await;
    assert!(bed.error("password").await.starts_with("Not met yet: At least 8 characters; "));
    assert_eq!(browser.focus().await, "password");
    browser.presses(NEW).await;
    browser.presses(TAB).await;
    browser.presses(TAB).await;
    browser.navigates(async || browser.presses(&format!("{NEW}{ENTER}")).await).await;
    assert_eq!(browser.reads("h1").await, "Your password was changed");
    assert_eq!(bed.desk.asked(), [confirmed(CODE, NEW, NEW)]);
    bed.close().await;
}

#[tokio::test]
async fn form_works_without_javascript() {
    let bed = TestBed::open(Locale::En, Window::WithoutScripts).await;
    let browser = &bed.browser;
    assert!(
        !browser.shows("#show").await && !browser.shows("#match").await,
        "controls of the script are hidden"
    );
    assert_eq!(browser.property("#resend", "disabled").await, false);
    assert_eq!(browser.reads("#wait").await, "A new code can be sent in 0:47.");
    browser.screenshot("desktop-en-without-scripts").await;
    bed.fill(CODE, "weak", "weak").await;
    browser.follows("#resend").await;
    assert!(browser.reads(".problem").await.contains("There were too many attempts"));
    assert_eq!(
        (browser.property("#code", "value").await, browser.property("#password", "value").await),
        (json!(CODE), json!(""))
    );
    bed.fill("", "weak", "weak").await;
    browser.follows(".save").await;
    assert!(bed.error("password").await.starts_with("Not met yet: At least 8 characters; "));
    assert_eq!(browser.focus().await, "password");
    bed.fill("", NEW, NEW).await;
    browser.follows(".save").await;
    assert_eq!(browser.reads("h1").await, "Your password was changed");
    assert_eq!(
        bed.desk.asked(),
        [Asked::Resend, confirmed(CODE, "weak", "weak"), confirmed(CODE, NEW, NEW)]
    );
    bed.close().await;
}

#[tokio::test]
async fn nothing_is_cut_off_on_a_phone() {
    let bed = TestBed::open(Locale::Es, Window::Phone).await;
    let browser = &bed.browser;
    let fits = async || {
        browser.runs("return [document.documentElement.scrollWidth, innerWidth]").await
            == json!([360, 360])
    };
    assert!(fits().await);
    browser.screenshot("phone-es").await;
    bed.fill("1234", NEW, "").await;
    browser.clicks(".save").await;
    assert!(fits().await);
    assert_eq!(bed.error("code").await, "El código tiene seis dígitos. Compruébalo y corrígelo.");
    browser.screenshot("phone-es-malformed").await;
    browser.presses(CODE).await;
    bed.fill("", "", NEW).await;
    bed
        .desk
        .refuse_next(message_at(Field::Page, "Ha habido demasiados intentos con esta cuenta. Espera hasta una hora e inténtalo de nuevo."));
    browser.follows(".save").await;
    assert!(fits().await);
    assert_eq!(browser.focus().await, "problem", "a message about the page has the focus");
    browser.screenshot("phone-es-too-many").await;
    // Touch targets measure at least 24 by 24 pixels (WCAG 2.2, 2.5.8).
    let sizes = browser
        .runs("return [...document.querySelectorAll('input:not([type=hidden]), button:not(.first)')].every((part) => { const box = part.getBoundingClientRect(); return box.width >= 24 && box.height >= 24 })")
        .await;
    assert_eq!(sizes, true);
    browser.screenshot_dark("phone-es-dark").await;
    bed.desk.inject_faults(false, true);
    bed.fill("", NEW, NEW).await;
    browser.follows(".save").await;
    assert!(
        fits().await
            && browser
                .reads(".problem")
                .await
                .contains("Algo ha fallado por nuestra parte. Inténtalo de nuevo")
    );
    browser.screenshot("phone-es-failed").await;
    browser.opens(&bed.url.replace('B', "C")).await;
    assert!(fits().await);
    browser.screenshot("phone-gone").await;
    bed.close().await;
}
