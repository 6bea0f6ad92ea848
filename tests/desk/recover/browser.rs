//! Password recovery in a real browser, with the real desk.

use super::visit::NEW;
use crate::page::webdriver::{Chromium, Window};
use crate::world::World;

#[tokio::test]
async fn recovery_on_a_desktop_in_english() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        let browser = Chromium::start(Window::Desktop).await;
        browser.opens(&visit.link).await;
        assert_eq!(browser.title().await, "New password · Waizant");
        browser.screenshot("whole-desktop-en").await;
        browser.types("#code", &world.wrong_code_for("ben@waizant.example")).await;
        for field in ["#password", "#again"] {
            browser.types(field, NEW).await;
        }
        browser.follows(".save").await;
        assert!(
            browser
                .reads("#code-error")
                .await
                .ends_with("That code is not correct. Use the one in the newest mail.")
        );
        assert!(ben.sees().await.contains("That code is not correct."));
        browser.runs("document.getElementById('code').value = ''").await;
        browser.types("#code", &world.code_for("ben@waizant.example")).await;
        for field in ["#password", "#again"] {
            browser.types(field, NEW).await;
        }
        browser.follows(".save").await;
        assert_eq!(browser.reads("h1").await, "Your password was changed");
        assert_eq!(browser.address().await, visit.link);
        browser.screenshot("whole-desktop-en-done").await;
        assert!(ben.sees().await.starts_with("Your password was changed"));
        assert!(world.sandbox.aws.accepts_password("ben@waizant.example", NEW));
    })
    .await;
}

#[tokio::test]
async fn recovery_on_a_phone_in_spanish() {
    World::run(async |world| {
        let ana = world.person("ana");
        let visit = world.recovers(&ana).await;
        let browser = Chromium::start(Window::Phone).await;
        browser.opens(&visit.link).await;
        world.passes(commands::model::time::minutes(1)).await;
        browser.opens(&visit.link).await;
        browser.follows("#resend").await;
        assert!(
            browser
                .reads("[role=status].news")
                .await
                .contains("Se ha enviado un código nuevo a a•••@w•••.example.")
        );
        browser.screenshot("whole-phone-es-resent").await;
        ana.sees().await;
        browser.types("#code", &world.code_for("ana@waizant.example")).await;
        for field in ["#password", "#again"] {
            browser.types(field, NEW).await;
        }
        browser.follows(".save").await;
        assert_eq!(browser.reads("h1").await, "Tu contraseña se ha cambiado");
        assert_eq!(
            browser.runs("return document.documentElement.scrollWidth").await,
            browser.runs("return innerWidth").await,
            "nothing is cut off"
        );
        browser.screenshot("whole-phone-es-done").await;
        assert!(ana.sees().await.starts_with("Tu contraseña se ha cambiado"));
    })
    .await;
}
