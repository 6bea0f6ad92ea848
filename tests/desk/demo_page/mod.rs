//! The sandbox's page in a real browser: it must be as strict as Discord's clients.

mod clients;
mod heights;
mod layout;
mod mailbox;

use sandbox::discord::Person;
use serde_json::{Value, json};

use crate::page::webdriver::{Chromium, Window};
use crate::world::World;

/// Width of a phone in CSS pixels.
pub const PHONE: u32 = 390;
/// Height of the visible part of a channel on such a phone, in CSS pixels.
pub const VISIBLE: u32 = 624;
/// Width of a desktop window in CSS pixels.
pub const DESKTOP: u32 = 1280;
/// Height of the window in CSS pixels.
const HEIGHT: u32 = 800;

/// A browser with the sandbox's page.
pub struct DemoPage {
    pub browser: Chromium,
    url: String,
}

impl DemoPage {
    /// Starts a browser of this width in CSS pixels.
    pub async fn start(world: &World, width: u32) -> Self {
        let page =
            Self { browser: Chromium::start(Window::Desktop).await, url: world.sandbox.url() };
        page.resizes(width, HEIGHT).await;
        // Scroll bars of phones take no room.
        page.browser.devtools("Emulation.setScrollbarsHidden", &json!({"hidden": true})).await;
        page
    }

    /// Opens the page as `person`.
    pub async fn opens(&self, person: &Person) {
        self.browser.opens(&format!("{}/#{}", self.url, person.profile().name)).await;
        self.shows_all(person).await;
    }

    /// Opens the page without the name of a person.
    pub async fn opens_unnamed(&self) {
        self.browser.opens(&self.url).await;
        self.browser.until("document.querySelector('#line')").await;
    }

    pub async fn resizes(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.browser.devtools("Emulation.setDeviceMetricsOverride", &size).await;
    }

    /// Waits until the page shows the newest messages of `person` with their images.
    pub async fn shows_all(&self, person: &Person) {
        let messages = person.messages();
        let newest: Vec<String> = messages
            .iter()
            .map(|message| {
                format!("[data-message=\"{}\"][data-revision=\"{}\"]", message.id, message.revision)
            })
            .collect();
        self.browser
            .until(&format!(
                "document.querySelectorAll('#messages > li').length === {} \
                 && {}.every((message) => document.querySelector(message)) \
                 && [...document.images].every((image) => image.complete)",
                newest.len(),
                json!(newest)
            ))
            .await;
    }

    /// Returns the value of an expression of JavaScript.
    pub async fn value(&self, expression: &str) -> Value {
        self.browser.runs(&format!("return {expression}")).await
    }
}
