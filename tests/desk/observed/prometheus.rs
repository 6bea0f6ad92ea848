//! A real Prometheus server that scrapes the bot, and promtool.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{PROCESS_TIMEOUT, free_address};

/// Name of the job in the rules and on the board.
pub(super) const JOB: &str = "support-desk";

/// Time between two scrapes. Short, so that a test soon sees a difference.
const SCRAPE_INTERVAL: &str = "200ms";

/// Time between two queries whose result a test waits for.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Runs promtool in a folder, with a text as its input.
pub(super) fn promtool(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new("promtool")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool of the Debian package prometheus");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// A running server. Dropping it kills it.
pub(super) struct Prometheus {
    child: Child,
    address: String,
    client: reqwest::Client,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts a server, and waits until it has scraped the bot at this address.
    pub(super) async fn scraping(bot: &str) -> Self {
        let (folder, address) = (tempfile::tempdir().unwrap(), free_address());
        let config = folder.path().join("prometheus.yml");
        let job = format!("{{job_name: {JOB}, static_configs: [{{targets: ['{bot}']}}]}}");
        let global = format!("{{scrape_interval: {SCRAPE_INTERVAL}}}");
        fs::write(&config, format!("global: {global}\nscrape_configs: [{job}]\n")).unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--log.level=error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus of the Debian package prometheus");
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let server = Self { child, address, client, _folder: folder };
        let is_up = |values: &[f64]| values == [1.0];
        server.returns(&format!("up{{job=\"{JOB}\"}}"), is_up).await;
        server
    }

    /// Waits until the values of a query are as expected.
    pub(super) async fn returns(&self, query: &str, expected: impl Fn(&[f64]) -> bool) {
        let start = Instant::now();
        loop {
            let values = self.values(query).await;
            if values.as_deref().is_ok_and(&expected) {
                return;
            }
            assert!(start.elapsed() < PROCESS_TIMEOUT, "{query}: {values:?}");
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Returns the value of each series of a query, or why there is none.
    async fn values(&self, query: &str) -> Result<Vec<f64>, String> {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let page = format!("http://{}/api/v1/query?query={query}", self.address);
        let answer = self.client.get(page).send().await.map_err(|error| error.to_string())?;
        let answer = answer.bytes().await.map_err(|error| error.to_string())?;
        let answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
        if answer["status"] != "success" {
            return Err(answer["error"].to_string());
        }
        let series = answer["data"]["result"].as_array().cloned().unwrap_or_default();
        Ok(series.iter().map(|one| one["value"][1].as_str().unwrap().parse().unwrap()).collect())
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
