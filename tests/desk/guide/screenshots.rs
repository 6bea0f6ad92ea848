//! An agent in the sandbox's web page, driven in a real browser, with screenshots for the guides.

use std::path::Path;
use std::time::Duration;

use commands::model::words::Locale;
use sandbox::discord::Person;
use serde_json::json;

use super::catalog::Catalog;
use super::palette;
use crate::demo_page::{PHONE, VISIBLE};
use crate::page::webdriver::{Chromium, ENTER, Window};
use crate::world::World;

/// Width of the window in CSS pixels. The channel, one of three columns, then has 640.
const WIDTH: u32 = 1252;
/// Height of the window in CSS pixels, so that no picture of a desktop needs scrolling.
const HEIGHT: u32 = 1800;
/// Pixels of a picture for each CSS pixel.
pub const SHARPNESS: u32 = 2;

/// Stops the page's clock between two updates of the sandbox's time.
const STOPPED_CLOCK: &str = "Date.now = () => 0;";

pub struct Screenshots<'a> {
    pub world: &'a World,
    pub browser: Chromium,
    pub texts: Catalog,
    person: Person,
    locale: Locale,
}

impl<'a> Screenshots<'a> {
    /// Opens the sandbox's page as the agent `name`.
    pub async fn open(world: &'a World, name: &str, locale: Locale) -> Self {
        let browser = Chromium::start(Window::Desktop).await;
        for (command, params) in [
            // Scroll bars of phones take no room.
            ("Emulation.setScrollbarsHidden", json!({"hidden": true})),
            ("Emulation.setTimezoneOverride", json!({"timezoneId": "UTC"})),
            ("Page.addScriptToEvaluateOnNewDocument", json!({"source": STOPPED_CLOCK})),
        ] {
            browser.devtools(command, &params).await;
        }
        browser.opens(&format!("{}/#{name}", world.sandbox.url())).await;
        let (person, texts) = (world.person(name).clone(), Catalog::of(locale));
        let screenshots = Self { world, browser, texts, person, locale };
        screenshots.resizes(WIDTH, HEIGHT).await;
        screenshots.until("document.querySelector('#line')").await;
        screenshots
    }

    /// Types a command with its option. `words` are the text ids of its name.
    pub async fn types(&self, words: [&str; 2], option: &str) {
        let [group, command] = words.map(|id| self.texts.text(id));
        self.browser.types("#line", &format!("/{group} {command} ")).await;
        self.until("document.querySelector('.filling')").await;
        self.browser.presses(&format!("{option}{ENTER}")).await;
        self.until("document.querySelector('#line')").await;
        self.mark_read().await;
    }

    /// Presses the button with the text `id`, compared up to its first variable.
    pub async fn presses(&self, id: &str) {
        let text = self.texts.text(id);
        let key = match text.split_once('{') {
            Some((start, _)) => format!("^=\"label:{start}\""),
            None => format!("=\"label:{text}\""),
        };
        let button = format!("#messages button[data-key{key}]:enabled");
        self.click(&format!("document.querySelector({})", json!(button))).await;
        self.is_answered().await;
    }

    /// Chooses an option of the only menu, and opens the menu first.
    pub async fn chooses(&self, option: &str) {
        let opener = "document.querySelector('#messages .select-button[aria-expanded=false]')";
        let chosen =
            format!("(item) => item.offsetParent && item.textContent.includes({})", json!(option));
        let items = "[...document.querySelectorAll('#messages .options li')]";
        self.click(&format!("({opener}?.focus(), {opener}?.click(), {items}.find({chosen}))"))
            .await;
        self.is_answered().await;
    }

    /// Writes into the open form.
    pub async fn writes(&self, keys: &str) {
        self.until("document.querySelector('dialog #field-0')").await;
        self.browser.types("dialog #field-0", keys).await;
    }

    /// Submits the open form.
    pub async fn submits(&self) {
        self.click("document.querySelector('dialog footer .primary')").await;
        self.until("!document.querySelector('dialog')").await;
        self.is_answered().await;
    }

    /// Enters the newest code that was mailed to `address`.
    pub async fn enters_code_of(&self, address: &str) {
        self.presses("button-enter-code").await;
        self.writes(&self.world.code_for(address)).await;
        self.submits().await;
    }

    /// Waits until the channel shows the text `id`, up to its first variable.
    pub async fn sees(&self, id: &str) {
        let start = self.texts.text(id).split('{').next().unwrap_or_default().replace("**", "");
        self.shows(&start).await;
    }

    /// Waits until the channel shows `text`.
    pub async fn shows(&self, text: &str) {
        let messages = "document.querySelector('#messages').textContent";
        self.until(&format!("{messages}.includes({})", json!(text))).await;
    }

    /// Waits until an expression of JavaScript is true.
    pub async fn until(&self, expression: &str) {
        self.browser.until(expression).await;
    }

    /// Advances the clock of the sandbox and of the page.
    pub async fn passes(&self, time: Duration) {
        self.world.passes(time).await;
        self.mark_read().await;
        // The page gets the time with each update. Without one, it asks when it becomes visible.
        self.browser.runs("document.dispatchEvent(new Event('visibilitychange'))").await;
    }

    /// Marks the shown messages as read, because unread ones fail the test.
    pub async fn mark_read(&self) {
        self.person.sees().await;
    }

    /// Saves two pictures of all elements that `css` matches: `name` as a desktop shows them, and
    /// `name-phone` as a phone does.
    pub async fn takes(&self, name: &str, css: &str) {
        self.saves(name, css).await;
        self.becomes_phone().await;
        self.saves(&format!("{name}-phone"), css).await;
        self.resizes(WIDTH, HEIGHT).await;
    }

    /// Resizes the window to a phone. The channel, if the page has one, shows its end.
    async fn becomes_phone(&self) {
        self.resizes(PHONE, HEIGHT).await;
        let channel = "return document.querySelector('#scroll')?.clientHeight";
        if let Some(channel) = self.browser.runs(channel).await.as_u64() {
            self.resizes(PHONE, HEIGHT + VISIBLE - u32::try_from(channel).unwrap()).await;
            let to_end = "document.querySelector('#scroll').scrollTop = 1e6";
            self.until(&format!("({to_end}, document.querySelector('#present').hidden)")).await;
        }
    }

    async fn resizes(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": SHARPNESS, "mobile": false});
        self.browser.devtools("Emulation.setDeviceMetricsOverride", &size).await;
    }

    /// Saves a picture of the elements. Of a message it has only what the channel shows.
    async fn saves(&self, name: &str, css: &str) {
        // No hover effect and no cursor. A focused input keeps the focus.
        let mouse = json!({"type": "mouseMoved", "x": 0, "y": 0});
        self.browser.devtools("Input.dispatchMouseEvent", &mouse).await;
        let hide_cursor = "const active = document.activeElement; \
                           if (/INPUT|TEXTAREA/.test(active.tagName)) active.style.caretColor = 'transparent'; else active.blur();";
        self.browser.runs(hide_cursor).await;
        self.until("[...document.images].every((image) => image.complete) && document.fonts.status === 'loaded'").await;
        let frame = format!(
            "const visible = (element) => {{ \
                 const {{left, right, top, bottom}} = element.getBoundingClientRect(); \
                 const channel = element.closest('#scroll')?.getBoundingClientRect() ?? {{top, bottom}}; \
                 return {{left, right, top: Math.max(top, channel.top), bottom: Math.min(bottom, channel.bottom)}}; \
             }}; \
             const boxes = [...document.querySelectorAll({})].map(visible); \
             const edge = (side, most) => Math.round(most(...boxes.map((box) => box[side]))); \
             const x = edge('left', Math.min), y = edge('top', Math.min); \
             return {{x, y, width: edge('right', Math.max) - x, height: edge('bottom', Math.max) - y, scale: 1}}",
            json!(css)
        );
        let clip = self.browser.runs(&frame).await;
        let png = self.browser.capture(&json!({"format": "png", "clip": clip})).await;
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images").join(self.locale.tag());
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), palette::compress(&png)).unwrap();
    }

    /// Focuses and clicks the element of an expression as soon as it exists.
    ///
    /// In one script, because the page can be redrawn at any time.
    async fn click(&self, expression: &str) {
        let panel = "window.panel = document.querySelector('#messages [data-key^=label]')";
        self.until(&format!(
            "((found) => found && ({panel}, found.focus(), found.click(), true))({expression})"
        ))
        .await;
    }

    /// Waits until the panel is redrawn, as after every answer, or a form is open. Buttons of the
    /// older panel have no effect.
    async fn is_answered(&self) {
        self.until("!window.panel.isConnected || document.querySelector('dialog')").await;
        self.mark_read().await;
    }
}
