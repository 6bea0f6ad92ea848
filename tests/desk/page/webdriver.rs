//! Chromium, driven over the `WebDriver` protocol: the dozen calls that the tests make, over plain
//! HTTP to a driver on loopback.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The protocol's name of an element in JSON (W3C `WebDriver` 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// The Tab key, as it is typed (W3C `WebDriver` 17.4.2).
pub const TAB: &str = "\u{e004}";
/// The Enter key.
pub const ENTER: &str = "\u{e007}";

/// Starts the driver and ends it when the pipe to here closes, which it does with the test, however
/// that ends. The browser goes with the driver, as a pipe between those two closes then. It has the
/// driver's output for its own, so when that ends all of them have, and nobody writes into their
/// folder any more.
const KEEPER: &str = r#"trap '' PIPE
mkfifo "$1/out"
TMPDIR=$1 chromedriver --port=0 >"$1/out" & driver=$!
while read -r line; do echo "$line"; done <"$1/out" & lines=$!
read -r _
kill "$driver"
wait "$lines"
rm -rf "$1""#;

/// How long a test waits for a page before it fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// 1280 wide.
    Desktop,
    /// 360 wide, as small phones are, and touched.
    Phone,
    /// Likewise on a desktop, with JavaScript turned off.
    WithoutScripts,
}

/// A browser of a test's own. It ends with the test.
pub struct Chromium {
    port: u16,
    session: String,
    keeper: Child,
}

impl Chromium {
    /// Starts one. Debian: `chromium` and `chromium-driver`.
    pub async fn start(window: Window) -> Self {
        let folder = tempfile::tempdir().unwrap().keep();
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "sh"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Not in the test's own group: whoever kills that would leave the browser without its
            // keeper.
            .process_group(0)
            .spawn()
            .unwrap();
        // The pipe has to stay open for as long as the driver may write to it.
        let mut lines =
            BufReader::new(keeper.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .expect("chromedriver is missing: install chromium and chromium-driver, as tests/run.sh does");
        let mut browser = Self { port, session: String::new(), keeper };
        let created = browser
            .call("POST", "/session", &capabilities(window, &folder.join("profile")))
            .await
            .unwrap();
        created["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        browser
    }

    /// Opens an address, and waits until it is loaded.
    pub async fn opens(&self, url: &str) {
        self.ask("POST", "/url", &json!({"url": url})).await;
    }

    /// Where it is.
    pub async fn address(&self) -> String {
        text(self.ask("GET", "/url", &Value::Null).await)
    }

    /// The title of the window.
    pub async fn title(&self) -> String {
        text(self.ask("GET", "/title", &Value::Null).await)
    }

    /// What a reader sees of the first element that fits.
    pub async fn reads(&self, css: &str) -> String {
        let element = self.find(css).await;
        text(self.ask("GET", &format!("/element/{element}/text"), &Value::Null).await)
    }

    /// A property of an element, as a script would read it.
    pub async fn property(&self, css: &str, name: &str) -> Value {
        let element = self.find(css).await;
        self.ask("GET", &format!("/element/{element}/property/{name}"), &Value::Null).await
    }

    /// What assistive technology calls an element.
    pub async fn label(&self, css: &str) -> String {
        let element = self.find(css).await;
        text(self.ask("GET", &format!("/element/{element}/computedlabel"), &Value::Null).await)
    }

    /// Whether somebody sees the element.
    pub async fn shows(&self, css: &str) -> bool {
        let element = self.find(css).await;
        self.ask("GET", &format!("/element/{element}/displayed"), &Value::Null).await == true
    }

    /// Types into an element, after what is there.
    pub async fn types(&self, css: &str, keys: &str) {
        let element = self.find(css).await;
        self.ask("POST", &format!("/element/{element}/value"), &json!({"text": keys})).await;
    }

    /// Presses keys wherever the focus is.
    pub async fn presses(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]
            })
            .collect();
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": strokes});
        self.ask("POST", "/actions", &json!({"actions": [keyboard]})).await;
    }

    /// Does something that leads to another page, and waits until that is there.
    pub async fn turns(&self, act: impl AsyncFnOnce()) {
        let old = self.find("html").await;
        act().await;
        // A driver answers some acts before the old page is gone, and its elements with it.
        let turned = async {
            while self.asks("GET", &format!("/element/{old}/name"), &Value::Null).await.is_ok() {}
            let ready = json!({"script": "return document.readyState === 'complete'", "args": []});
            while self.asks("POST", "/execute/sync", &ready).await != Ok(Value::Bool(true)) {}
        };
        tokio::time::timeout(PATIENCE, turned).await.expect("no other page came");
    }

    /// Clicks, and waits for the page that this leads to.
    pub async fn follows(&self, css: &str) {
        self.turns(async || self.clicks(css).await).await;
    }

    /// Clicks.
    pub async fn clicks(&self, css: &str) {
        let element = self.find(css).await;
        self.ask("POST", &format!("/element/{element}/click"), &json!({})).await;
    }

    /// The id of the element that has the focus, or its name where it has none.
    pub async fn focus(&self) -> String {
        let active = self.ask("GET", "/element/active", &Value::Null).await;
        let element = active[ELEMENT].as_str().unwrap();
        let of = async |name: &str| {
            text(
                self.ask("GET", &format!("/element/{element}/property/{name}"), &Value::Null).await,
            )
        };
        let id = of("id").await;
        if id.is_empty() { of("className").await } else { id }
    }

    /// Runs a script; the answer is what it returns, or what its promise holds.
    pub async fn runs(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", &json!({"script": script, "args": []})).await
    }

    /// Puts a picture of the whole page among the build's temporary files, to be looked at.
    pub async fn pictures(&self, name: &str) {
        let whole = json!({"format": "png", "captureBeyondViewport": true});
        let picture = STANDARD
            .decode(text(self.commands("Page.captureScreenshot", &whole).await["data"].clone()))
            .unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("recovery-{name}.png")), picture).unwrap();
    }

    /// Likewise, as somebody sees it whose system is dark.
    pub async fn pictures_in_the_dark(&self, name: &str) {
        let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
        self.commands("Emulation.setEmulatedMedia", &dark).await;
        self.pictures(name).await;
        self.commands("Emulation.setEmulatedMedia", &json!({"features": []})).await;
    }

    /// One of Chromium's own commands.
    pub async fn commands(&self, command: &str, params: &Value) -> Value {
        self.ask("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": params})).await
    }

    async fn find(&self, css: &str) -> String {
        let found =
            self.ask("POST", "/element", &json!({"using": "css selector", "value": css})).await;
        found[ELEMENT].as_str().unwrap_or_else(|| panic!("no {css}")).to_owned()
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.asks(method, path, body)
            .await
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    async fn asks(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        self.call(method, &format!("/session/{}{path}", self.session), body).await
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        stream.write_all(self.request(method, path, body).as_bytes()).await.unwrap();
        // The driver leaves the connection open, so the length says where the answer ends.
        let mut stream = tokio::io::BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut head).await.unwrap(), 0, "chromedriver hung up");
        }
        let lower = head.to_ascii_lowercase();
        let length = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        let value = answer["value"].clone();
        if head.starts_with("HTTP/1.1 200") { Ok(value) } else { Err(value) }
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> String {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )
    }
}

/// However a test ends, its browser does.
impl Drop for Chromium {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn capabilities(window: Window, profile: &Path) -> Value {
    // None of these has business anywhere but on loopback. The pipe between driver and browser ends
    // the one with the other.
    let mut options = json!({"args": [
        "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000", "--lang=en", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
        "--disable-extensions", "--force-color-profile=srgb", "--remote-debugging-pipe",
        format!("--user-data-dir={}", profile.display()),
    ]});
    // The browser's own sandbox refuses to run as root, which one is in many containers.
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        options["args"].as_array_mut().unwrap().push("--no-sandbox".into());
    }
    match window {
        Window::Desktop => {}
        Window::Phone => {
            options["mobileEmulation"] = json!({"deviceMetrics": {"width": 360, "height": 740, "pixelRatio": 2.0, "touch": true}});
        }
        // 2: blocked.
        Window::WithoutScripts => {
            options["prefs"] = json!({"profile.managed_default_content_settings.javascript": 2})
        }
    }
    // A page that is on its way is waited for.
    let timeouts = json!({"implicit": 5_000});
    json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "timeouts": timeouts, "goog:chromeOptions": options}}})
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => panic!("{other} is no text"),
    }
}
