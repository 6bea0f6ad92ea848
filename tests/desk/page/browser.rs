//! The page in a real browser: with and without JavaScript, by mouse and by keyboard, on a desk and
//! on a phone.

use commands::flows::recover::messages::Field;
use commands::model::words::Locale;
use serde_json::json;

use super::desk::{Asked, CODE, NEW, OLD, said};
use super::scene::{Scene, confirmed};
use super::webdriver::{ENTER, TAB, Window};

#[tokio::test]
async fn from_a_wrong_code_to_a_new_password() {
    let scene = Scene::opens(Locale::En, Window::Desktop).await;
    let browser = &scene.browser;
    assert_eq!(browser.title().await, "New password · Waizant");
    for (field, label) in [
        ("#code", "Write your password reset code"),
        ("#password", "New Password"),
        ("#again", "Confirm New Password"),
    ] {
        assert_eq!(browser.label(field).await, label);
    }
    browser.pictures("desktop-en").await;
    browser.pictures_in_the_dark("desktop-en-dark").await;

    scene.fills("000000", NEW, NEW).await;
    browser.follows(".save").await;
    assert_eq!(
        scene.error("code").await,
        "That code is not correct. Use the one in the newest mail."
    );
    assert_eq!(browser.title().await, "Error: New password · Waizant");
    assert_eq!(browser.focus().await, "code", "typing goes on where it is wrong");
    assert_eq!(browser.property("#code", "value").await, "000000");
    assert_eq!(
        (browser.property("#password", "value").await, browser.property("#again", "value").await),
        (json!(""), json!(""))
    );
    browser.pictures("desktop-en-wrong-code").await;

    browser.presses(CODE).await;
    assert_eq!(browser.property("#code", "value").await, CODE, "what was wrong is typed over");
    scene.fills("", NEW, NEW).await;
    browser.follows(".save").await;
    assert_eq!(browser.reads("h1").await, "Your password was changed");
    assert_eq!(browser.address().await, scene.url);
    browser.pictures("desktop-en-done").await;
    // Loading it again sends nothing again.
    browser.turns(async || drop(browser.runs("location.reload()").await)).await;
    assert_eq!(browser.reads("h1").await, "Your password was changed");
    assert_eq!(scene.desk.asked(), [confirmed("000000", NEW, NEW), confirmed(CODE, NEW, NEW)]);
    scene.ends().await;
}

#[tokio::test]
async fn the_list_follows_what_is_typed() {
    let scene = Scene::opens(Locale::En, Window::Desktop).await;
    let browser = &scene.browser;
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
        "nothing is said before anything is typed"
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
        "No spaces (not met yet)"
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
    browser.pictures("desktop-en-live").await;
    scene.ends().await;
}

#[tokio::test]
async fn passwords_are_masked_until_they_are_shown() {
    let scene = Scene::opens(Locale::Es, Window::Desktop).await;
    let browser = &scene.browser;
    let types = async || {
        (browser.property("#password", "type").await, browser.property("#again", "type").await)
    };
    assert_eq!(types().await, (json!("password"), json!("password")));
    assert_eq!(
        (browser.reads("#show").await.as_str(), browser.label("#show").await.as_str()),
        ("Mostrar", "Mostrar las dos contraseñas")
    );
    scene.fills("", OLD, OLD).await;
    browser.clicks("#show").await;
    assert_eq!(types().await, (json!("text"), json!("text")));
    assert_eq!(browser.label("#show").await, "Ocultar las dos contraseñas");
    browser.pictures("desktop-es-shown").await;
    browser.types("#code", CODE).await;
    browser.follows(".save").await;
    assert_eq!(types().await, (json!("password"), json!("password")), "a new page begins masked");
    assert_eq!(
        scene.error("password").await,
        "Esa es una de tus últimas contraseñas. Elige una que no hayas usado."
    );
    assert_eq!(browser.focus().await, "password");
    browser.pictures("desktop-es-reused").await;
    scene.fills("", NEW, NEW).await;
    browser.follows(".save").await;
    assert_eq!(browser.reads("h1").await, "Tu contraseña se ha cambiado");
    browser.pictures("desktop-es-done").await;
    scene.ends().await;
}

#[tokio::test]
async fn by_keyboard_alone() {
    let scene = Scene::opens(Locale::En, Window::Desktop).await;
    scene.desk.shows(|view| view.resend_at = Some(view.now));
    let browser = &scene.browser;
    browser.opens(&scene.url).await;
    let mut order = Vec::new();
    for _ in 0..6 {
        browser.presses(TAB).await;
        order.push(browser.focus().await);
    }
    assert_eq!(order, ["code", "resend", "password", "show", "again", "save"]);
    // Enter in the first field saves; it does not send another code, although that button comes
    // first.
    browser.types("#code", &format!("{CODE}{ENTER}")).await;
    assert!(scene.error("password").await.starts_with("Not met yet: At least 8 characters; "));
    assert_eq!(browser.focus().await, "password");
    browser.presses(NEW).await;
    browser.presses(TAB).await;
    browser.presses(TAB).await;
    browser.turns(async || browser.presses(&format!("{NEW}{ENTER}")).await).await;
    assert_eq!(browser.reads("h1").await, "Your password was changed");
    assert_eq!(scene.desk.asked(), [confirmed(CODE, NEW, NEW)]);
    scene.ends().await;
}

#[tokio::test]
async fn without_javascript_it_is_a_form_like_any_other() {
    let scene = Scene::opens(Locale::En, Window::WithoutScripts).await;
    let browser = &scene.browser;
    assert!(
        !browser.shows("#show").await && !browser.shows("#match").await,
        "what needs a script is not there"
    );
    assert_eq!(browser.property("#resend", "disabled").await, false);
    assert_eq!(browser.reads("#wait").await, "A new code can be sent in 0:47.");
    browser.pictures("desktop-en-without-scripts").await;
    scene.fills(CODE, "weak", "weak").await;
    browser.follows("#resend").await;
    assert!(browser.reads(".problem").await.contains("There were too many attempts"));
    assert_eq!(
        (browser.property("#code", "value").await, browser.property("#password", "value").await),
        (json!(CODE), json!(""))
    );
    scene.fills("", "weak", "weak").await;
    browser.follows(".save").await;
    assert!(scene.error("password").await.starts_with("Not met yet: At least 8 characters; "));
    assert_eq!(browser.focus().await, "password");
    scene.fills("", NEW, NEW).await;
    browser.follows(".save").await;
    assert_eq!(browser.reads("h1").await, "Your password was changed");
    assert_eq!(
        scene.desk.asked(),
        [Asked::Resend, confirmed(CODE, "weak", "weak"), confirmed(CODE, NEW, NEW)]
    );
    scene.ends().await;
}

#[tokio::test]
async fn on_a_phone_nothing_is_cut_off() {
    let scene = Scene::opens(Locale::Es, Window::Phone).await;
    let browser = &scene.browser;
    let fits = async || {
        browser.runs("return [document.documentElement.scrollWidth, innerWidth]").await
            == json!([360, 360])
    };
    assert!(fits().await);
    browser.pictures("phone-es").await;
    scene.fills("1234", NEW, "").await;
    browser.clicks(".save").await;
    assert!(fits().await);
    assert_eq!(scene.error("code").await, "El código tiene seis dígitos. Compruébalo y corrígelo.");
    browser.pictures("phone-es-malformed").await;
    browser.presses(CODE).await;
    scene.fills("", "", NEW).await;
    scene
        .desk
        .refuses(said(Field::Page, "Ha habido demasiados intentos con esta cuenta. Espera hasta una hora e inténtalo de nuevo."));
    browser.follows(".save").await;
    assert!(fits().await);
    assert_eq!(browser.focus().await, "problem", "what concerns the page is read first");
    browser.pictures("phone-es-too-many").await;
    // Everything that is touched is big enough for a thumb (WCAG 2.2, 2.5.8: 24 by 24).
    let sizes = browser
        .runs("return [...document.querySelectorAll('input:not([type=hidden]), button:not(.first)')].every((part) => { const box = part.getBoundingClientRect(); return box.width >= 24 && box.height >= 24 })")
        .await;
    assert_eq!(sizes, true);
    browser.pictures_in_the_dark("phone-es-dark").await;
    scene.desk.breaks(false, true);
    scene.fills("", NEW, NEW).await;
    browser.follows(".save").await;
    assert!(
        fits().await
            && browser
                .reads(".problem")
                .await
                .contains("Algo ha fallado por nuestra parte. Inténtalo de nuevo")
    );
    browser.pictures("phone-es-failed").await;
    browser.opens(&scene.url.replace('B', "C")).await;
    assert!(fits().await);
    browser.pictures("phone-gone").await;
    scene.ends().await;
}
