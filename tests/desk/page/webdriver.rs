//! Chromium for tests, driven over `WebDriver`, with the chromedriver process that it needs.
//!
//! No crate, because thirtyfour turns on `serde_json/preserve_order` for the program under test,
//! and fantoccini depends on a crate under MPL-2.0.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// Key of an element in the protocol's JSON (W3C `WebDriver` 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Tab key (W3C `WebDriver` 17.4.2).
pub const TAB: &str = "\u{e004}";
/// Enter key.
pub const ENTER: &str = "\u{e007}";

/// Starts chromedriver and stops it when the pipe from the test closes, even after a panic.
///
/// The pipe between driver and browser then closes too and ends the browser. The browser inherits
/// the driver's output, so both have ended when that output ends. Only then is the folder removed.
const KEEPER: &str = r#"trap '' PIPE
mkfifo "$1/out"
TMPDIR=$1 chromedriver --port=0 >"$1/out" & driver=$!
while read -r line; do echo "$line"; done <"$1/out" & lines=$!
read -r _
kill "$driver"
wait "$lines"
rm -rf "$1""#;

/// Time that a test waits for a page before it fails.
pub const PAGE_TIMEOUT: Duration = Duration::from_secs(20);
/// Time after which a call of chromedriver fails, so that a hanging one is named.
const CALL_TIMEOUT: Duration = Duration::from_mins(1);
/// Time that a search waits for its element, because the page may still be loading.
const ELEMENT_TIMEOUT: Duration = Duration::from_secs(5);

/// Kind of browser window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// 1280 pixels wide.
    Desktop,
    /// 360 pixels wide, as on small phones, with touch.
    Phone,
    /// As `Desktop`, with JavaScript turned off.
    WithoutScripts,
}

/// A browser of one test. It ends with the test.
pub struct Chromium {
    http: Client,
    /// URL of the session at chromedriver.
    session: String,
    keeper: Child,
}

impl Chromium {
    /// Starts a browser. Needs the Debian packages `chromium` and `chromium-driver`.
    pub async fn start(window: Window) -> Self {
        let folder = tempfile::tempdir().unwrap().keep();
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "sh"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A group of its own, so that a signal to the test's group does not kill the keeper.
            .process_group(0)
            .spawn()
            .unwrap();
        // Borrowed, because the pipe must stay open while the driver writes to it.
        let mut lines =
            BufReader::new(keeper.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
        let port: u16 = lines
            .find_map(|line| line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .expect("chromedriver is missing: install chromium and chromium-driver, as tests/run.sh does");
        let mut browser = Self {
            http: Client::builder().timeout(CALL_TIMEOUT).build().unwrap(),
            session: format!("http://127.0.0.1:{port}/session"),
            keeper,
        };
        let created = browser.post("", capabilities(window, &folder.join("profile"))).await;
        browser.session = format!("{}/{}", browser.session, text(&created["sessionId"]));
        browser
    }

    /// Opens a URL and waits until the page is loaded.
    pub async fn opens(&self, url: &str) {
        self.post("/url", json!({"url": url})).await;
    }

    pub async fn address(&self) -> String {
        text(&self.get("/url").await)
    }

    pub async fn title(&self) -> String {
        text(&self.get("/title").await)
    }

    /// Returns the visible text of the first element that matches.
    pub async fn reads(&self, css: &str) -> String {
        text(&self.get(&format!("{}/text", self.find(css).await)).await)
    }

    /// Returns a property of an element, as a script reads it.
    pub async fn property(&self, css: &str, name: &str) -> Value {
        self.get(&format!("{}/property/{name}", self.find(css).await)).await
    }

    /// Returns the name of an element for assistive technology.
    pub async fn label(&self, css: &str) -> String {
        text(&self.get(&format!("{}/computedlabel", self.find(css).await)).await)
    }

    pub async fn shows(&self, css: &str) -> bool {
        self.get(&format!("{}/displayed", self.find(css).await)).await == true
    }

    /// Types at the end of an element's text.
    pub async fn types(&self, css: &str, keys: &str) {
        self.post(&format!("{}/value", self.find(css).await), json!({"text": keys})).await;
    }

    /// Presses keys in the element that has the focus.
    pub async fn presses(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key})))
            .collect();
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": strokes});
        self.post("/actions", json!({"actions": [keyboard]})).await;
    }

    pub async fn clicks(&self, css: &str) {
        self.post(&format!("{}/click", self.find(css).await), json!({})).await;
    }

    /// Clicks, and waits for the page that the click leads to.
    pub async fn follows(&self, css: &str) {
        self.navigates(async || self.clicks(css).await).await;
    }

    /// Runs an action that leads to another page, and waits until that page is loaded.
    pub async fn navigates(&self, action: impl AsyncFnOnce()) {
        let old = self.find("html").await;
        action().await;
        // The driver can return from the action before the old page is gone.
        let loaded = async {
            while self.call(Method::GET, &format!("{old}/name"), None).await.is_ok() {}
            let is_complete = "return document.readyState === 'complete'";
            while self.execute(is_complete).await != Ok(Value::Bool(true)) {}
        };
        tokio::time::timeout(PAGE_TIMEOUT, loaded).await.expect("no other page came");
    }

    /// Returns the id of the element with the focus, or its class if it has no id.
    pub async fn focus(&self) -> String {
        let element = path(&self.get("/element/active").await);
        let property = async |name| text(&self.get(&format!("{element}/property/{name}")).await);
        let id = property("id").await;
        if id.is_empty() { property("className").await } else { id }
    }

    /// Runs a script and returns its result. Awaits a promise.
    pub async fn runs(&self, script: &str) -> Value {
        self.execute(script).await.unwrap()
    }

    /// Waits until an expression of JavaScript is true.
    pub async fn until(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        let holds = async { while self.runs(&script).await != Value::Bool(true) {} };
        let in_time = tokio::time::timeout(PAGE_TIMEOUT, holds).await.is_ok();
        assert!(in_time, "never: {expression}\n{}", self.reads("body").await);
    }

    /// Waits until this many tabs are open, and shows the first one again.
    ///
    /// A tab opens after the click returns, and hides the first one. Chromium can answer no click
    /// in a hidden tab.
    pub async fn has_tabs(&self, count: usize) {
        let opened = async {
            while self.get("/window/handles").await.as_array().map_or(0, Vec::len) != count {}
        };
        tokio::time::timeout(PAGE_TIMEOUT, opened).await.expect("another number of tabs is open");
        self.devtools("Page.bringToFront", &json!({})).await;
    }

    /// Saves a screenshot of the whole page in the build's temporary folder.
    pub async fn screenshot(&self, name: &str) {
        let png = self.capture(&json!({"format": "png", "captureBeyondViewport": true})).await;
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("recovery-{name}.png")), png).unwrap();
    }

    /// Saves a screenshot of the whole page in dark mode.
    pub async fn screenshot_dark(&self, name: &str) {
        let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
        self.devtools("Emulation.setEmulatedMedia", &dark).await;
        self.screenshot(name).await;
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": []})).await;
    }

    /// Returns a PNG, with the parameters of `Page.captureScreenshot`.
    pub async fn capture(&self, params: &Value) -> Vec<u8> {
        let captured = self.devtools("Page.captureScreenshot", params).await;
        STANDARD.decode(text(&captured["data"])).unwrap()
    }

    /// Sends a command of the Chrome `DevTools` Protocol.
    pub async fn devtools(&self, command: &str, params: &Value) -> Value {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": params})).await
    }

    /// Returns the path of the first element that matches.
    async fn find(&self, css: &str) -> String {
        path(&self.post("/element", json!({"using": "css selector", "value": css})).await)
    }

    async fn execute(&self, script: &str) -> Result<Value, Value> {
        let body = json!({"script": script, "args": []});
        self.call(Method::POST, "/execute/sync", Some(body)).await
    }

    async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.call(Method::POST, path, Some(body.clone())).await;
        answer.unwrap_or_else(|error| panic!("{path} {body}: {error}"))
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Value> {
        let mut request = self.http.request(method, format!("{}{path}", self.session));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{path}: {error}"));
        let is_success = response.status().is_success();
        let mut answer: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        if is_success { Ok(answer["value"].take()) } else { Err(answer["value"].take()) }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Returns the path of an element below the session.
fn path(element: &Value) -> String {
    format!("/element/{}", text(&element[ELEMENT]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text")).to_owned()
}

fn capabilities(window: Window, profile: &Path) -> Value {
    // Nothing may be loaded from outside of loopback. The pipe ends the browser with the driver.
    let mut options = json!({"args": [
        "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000", "--lang=en", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
        "--disable-extensions", "--force-color-profile=srgb", "--remote-debugging-pipe",
        format!("--user-data-dir={}", profile.display()),
    ]});
    // The browser's sandbox refuses to run as root, the usual user in containers.
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        options["args"].as_array_mut().unwrap().push("--no-sandbox".into());
    }
    match window {
        Window::Desktop => {}
        Window::Phone => {
            options["mobileEmulation"] = json!({"deviceMetrics": {"width": 360, "height": 740, "pixelRatio": 2.0, "touch": true}});
        }
        Window::WithoutScripts => {
            // 2 means blocked.
            options["prefs"] = json!({"profile.managed_default_content_settings.javascript": 2});
        }
    }
    let timeouts = json!({"implicit": ELEMENT_TIMEOUT.as_millis()});
    json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "timeouts": timeouts, "goog:chromeOptions": options}}})
}
