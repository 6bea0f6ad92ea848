//! An agent before the sandbox's page, and a camera.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use commands::model::words::Locale;
use sandbox::discord::Person;
use serde_json::{Value, json};

use super::catalogue::Catalogue;
use super::picture;
use crate::page::webdriver::{Chromium, ENTER, PATIENCE, Window};
use crate::world::World;

/// The window, in the page's pixels. Three columns, of which the channel is 640 wide: an embed and
/// what belongs to it.
const WIDTH: u32 = 1252;
/// High enough that what a picture shows needs no scrolling.
const HEIGHT: u32 = 1800;
/// The picture's pixels to one of the page.
pub const SHARPNESS: u32 = 2;

/// The page's clock stands still between two readings of the sandbox's, which it is told with each.
const STILL: &str = "Date.now = () => 0;";

/// Somebody of the cast before the page.
pub struct Stage<'a> {
    pub world: &'a World,
    pub browser: Chromium,
    pub texts: Catalogue,
    person: Person,
    locale: Locale,
}

impl<'a> Stage<'a> {
    /// `who` opens the page.
    pub async fn opens(world: &'a World, who: &str, locale: Locale) -> Self {
        let browser = Chromium::start(Window::Desktop).await;
        let size = json!({"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": SHARPNESS, "mobile": false});
        browser.commands("Emulation.setDeviceMetricsOverride", &size).await;
        browser.commands("Emulation.setTimezoneOverride", &json!({"timezoneId": "UTC"})).await;
        browser.commands("Page.addScriptToEvaluateOnNewDocument", &json!({"source": STILL})).await;
        browser.opens(&format!("{}/#{who}", world.sandbox.url())).await;
        let stage = Self {
            world,
            browser,
            texts: Catalogue::of(locale),
            person: world.person(who).clone(),
            locale,
        };
        stage.until("document.querySelector('#line')").await;
        stage
    }

    /// Types a command, named by the ids of its words, and what its one option holds if it has one.
    pub async fn types(&self, words: [&str; 2], option: &str) {
        let [group, command] = words.map(|id| self.texts.text(id));
        self.browser.types("#line", &format!("/{group} {command} ")).await;
        self.until("document.querySelector('.filling')").await;
        self.browser.presses(&format!("{option}{ENTER}")).await;
        self.until("document.querySelector('#line')").await;
        self.rests().await;
    }

    /// Presses the button with this text.
    pub async fn presses(&self, id: &str) {
        self.presses_label(self.texts.text(id)).await;
    }

    /// Presses the button with this label.
    pub async fn presses_label(&self, label: &str) {
        self.clicks(&format!("#messages button[data-key=\"label:{label}\"]:enabled")).await;
        self.is_answered().await;
    }

    /// Chooses from the only menu; whenever it is closed, it is opened first.
    pub async fn chooses(&self, option: &str) {
        let opener = "document.querySelector('#messages .select-button[aria-expanded=false]')";
        let chosen =
            format!("(item) => item.offsetParent && item.textContent.includes({})", json!(option));
        let items = "[...document.querySelectorAll('#messages .options li')]";
        self.does(&format!("({opener}?.focus(), {opener}?.click(), {items}.find({chosen}))")).await;
        self.is_answered().await;
    }

    /// Clicks what `css` finds as soon as it is there.
    async fn clicks(&self, css: &str) {
        self.does(&format!("document.querySelector({})", json!(css))).await;
    }

    /// Clicks what an expression finds as soon as it is there: in one go, as the page may draw it
    /// anew at any moment. A click of a mouse takes the focus along, one of a script does not.
    async fn does(&self, expression: &str) {
        let panel = "window.panel = document.querySelector('#messages [data-key^=label]')";
        self.until(&format!(
            "((found) => found && ({panel}, found.focus(), found.click(), true))({expression})"
        ))
        .await;
    }

    /// Waits until the panel was drawn anew, as every answer does, or a form is open: a button of
    /// the older one would do nothing.
    async fn is_answered(&self) {
        self.until("!window.panel.isConnected || document.querySelector('dialog')").await;
        self.rests().await;
    }

    /// Fills the form that is open, and submits it.
    pub async fn fills(&self, keys: &str) {
        self.writes(keys).await;
        self.submits().await;
    }

    /// Writes into the form that is open.
    pub async fn writes(&self, keys: &str) {
        self.until("document.querySelector('dialog #field-0')").await;
        self.browser.types("dialog #field-0", keys).await;
    }

    /// Submits the form that is open.
    pub async fn submits(&self) {
        self.clicks("dialog footer .primary").await;
        self.until("!document.querySelector('dialog')").await;
        self.is_answered().await;
    }

    /// Types the newest code that came to an address.
    pub async fn types_code_of(&self, address: &str) {
        self.presses("button-enter-code").await;
        self.fills(&self.world.code_for(address)).await;
    }

    /// Waits until the channel shows the beginning of this text, up to whatever the bot fills in.
    pub async fn sees(&self, id: &str) {
        let start = self.texts.text(id).split('{').next().unwrap_or_default().replace("**", "");
        self.until(&format!(
            "document.querySelector('#messages').textContent.includes({})",
            json!(start)
        ))
        .await;
    }

    /// Waits until a script's expression holds.
    pub async fn until(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        let holds = async { while self.browser.runs(&script).await != Value::Bool(true) {} };
        let in_time = tokio::time::timeout(PATIENCE, holds).await.is_ok();
        assert!(in_time, "never: {expression}\n{}", self.browser.reads("#messages").await);
    }

    /// Time passes, for the page too.
    pub async fn passes(&self, time: Duration) {
        self.world.passes(time).await;
        self.rests().await;
        // The page is told the time with what changes, and perhaps nothing did: it reads again when
        // its window comes to the front.
        self.browser.runs("document.dispatchEvent(new Event('visibilitychange'))").await;
    }

    /// What the agent looked at was read, as far as the world's end is concerned.
    pub async fn rests(&self) {
        self.person.sees().await;
    }

    /// Takes a picture for the guide of everything that `css` finds.
    pub async fn takes(&self, name: &str, css: &str) {
        // Nothing is hovered over, and no cursor blinks. Who types keeps the focus.
        self.browser
            .commands("Input.dispatchMouseEvent", &json!({"type": "mouseMoved", "x": 0, "y": 0}))
            .await;
        let still = "const active = document.activeElement; \
                     if (/INPUT|TEXTAREA/.test(active.tagName)) active.style.caretColor = 'transparent'; else active.blur();";
        self.browser.runs(still).await;
        self.until("[...document.images].every((image) => image.complete) && document.fonts.status === 'loaded'").await;
        let frame = format!(
            "const boxes = [...document.querySelectorAll({})].map((element) => element.getBoundingClientRect()); \
             const edge = (side, most) => Math.round(most(...boxes.map((box) => box[side]))); \
             const x = edge('left', Math.min), y = edge('top', Math.min); \
             return [x, y, edge('right', Math.max) - x, edge('bottom', Math.max) - y]",
            json!(css)
        );
        let frame: [u32; 4] = serde_json::from_value(self.browser.runs(&frame).await)
            .unwrap_or_else(|_| panic!("no {css}"));
        let [x, y, width, height] = frame;
        let clip = json!({"x": x, "y": y, "width": width, "height": height, "scale": 1});
        let taken = self
            .browser
            .commands("Page.captureScreenshot", &json!({"format": "png", "clip": clip}))
            .await;
        let png = STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images").join(self.locale.tag());
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture::small(&png)).unwrap();
    }
}
