//! An independent receiver of spans (`tests/collector.sh`), in a process of its own.

use std::collections::{BTreeMap, HashSet};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::sync::watch;

use crate::program::PROCESS_TIMEOUT;

/// A span as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub name: String,
    /// Ids in hex. The parent of a root is empty.
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub attributes: BTreeMap<String, String>,
    pub is_error: bool,
    /// Nanoseconds from begin to end.
    pub took: u64,
}

impl Received {
    fn parse(line: &str) -> Self {
        let span: Value = serde_json::from_str(line).unwrap();
        let hex = |key: &str| -> String {
            let bytes = STANDARD.decode(span[key].as_str().unwrap_or_default()).unwrap();
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
        };
        let nanoseconds = |key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
        let attributes = span["attributes"].as_array().into_iter().flatten().map(|attribute| {
            let value = attribute["value"].as_object().unwrap().values().next().unwrap();
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (attribute["key"].as_str().unwrap().to_owned(), text)
        });
        Self {
            name: span["name"].as_str().unwrap().to_owned(),
            trace: hex("traceId"),
            id: hex("spanId"),
            parent: hex("parentSpanId"),
            attributes: attributes.collect(),
            is_error: span["status"]["code"] == "STATUS_CODE_ERROR",
            took: nanoseconds("endTimeUnixNano") - nanoseconds("startTimeUnixNano"),
        }
    }

    /// Returns an attribute, or an empty text.
    pub fn get(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }
}

/// The receiver. It ends when this is dropped.
pub struct Receiver {
    process: Child,
    pub url: String,
    lines: Arc<Mutex<Vec<String>>>,
    arrived: watch::Receiver<usize>,
}

impl Receiver {
    /// Starts a receiver and waits until it listens.
    pub async fn start() -> Self {
        let mut process = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/collector.sh"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, mut arrived) = watch::channel(0);
        let lines = Arc::new(Mutex::new(Vec::new()));
        let received = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let mut received = received.lock().unwrap();
                received.push(line);
                sender.send_replace(received.len());
            }
        });
        let listens = tokio::time::timeout(PROCESS_TIMEOUT, arrived.wait_for(|count| *count > 0));
        listens.await.expect("the receiver listens in time").unwrap();
        let url = lines.lock().unwrap().remove(0);
        Self { process, url, lines, arrived }
    }

    /// Returns all that has arrived, as text.
    pub fn text(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    /// Returns every span so far, once one of them is as expected and each has its parent. A parent
    /// ends, and arrives, after its children.
    pub async fn receives(&self, expected: impl Fn(&Received) -> bool) -> Vec<Received> {
        let mut arrived = self.arrived.clone();
        let receiving = async {
            loop {
                arrived.borrow_and_update();
                let lines = self.lines.lock().unwrap().clone();
                let spans: Vec<_> = lines.iter().map(|line| Received::parse(line)).collect();
                let ids: HashSet<_> = spans.iter().map(|span| &span.id).collect();
                let is_whole =
                    |span: &Received| span.parent.is_empty() || ids.contains(&span.parent);
                if spans.iter().any(&expected) && spans.iter().all(is_whole) {
                    return spans;
                }
                arrived.changed().await.expect("the receiver has ended");
            }
        };
        let received = tokio::time::timeout(PROCESS_TIMEOUT, receiving).await;
        received.unwrap_or_else(|_| panic!("the span does not arrive: {}", self.text()))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
