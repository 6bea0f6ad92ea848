//! The log of the bot in the test's process.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use support_desk::telemetry::traces::Traces;
use support_desk::telemetry::{self, Format};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Captured log lines of this process.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Returns the log of this process. The first call starts the capture.
pub fn log() -> &'static Log {
    traced_log(None)
}

/// Returns the log of this process. The first call starts the capture, and exports spans.
pub fn traced_log(traces: Option<&Traces>) -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        // The subscriber alone, without the panic hook, because test failures go to the terminal.
        telemetry::traced_subscriber("trace", Format::Json, move || writer.clone(), traces)
            .unwrap()
            .try_init()
            .unwrap();
        log
    })
}

impl Log {
    /// Returns the lines so far without timestamps and ids of traces, which can look like a code.
    pub fn text(&self) -> String {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let line = |line: &str| {
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            let fields = line.as_object_mut().unwrap();
            fields.remove("timestamp");
            fields.remove("trace_id");
            line.to_string()
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Returns the lines so far that contain `words`.
    pub fn lines_with(&self, words: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
    }

    /// Returns the line with the reference in `shown`. Panics unless there is exactly one.
    pub fn line_of(&self, shown: &str) -> String {
        let reference = reference(shown);
        let mut lines = self.lines_with(reference);
        assert_eq!(lines.len(), 1, "{reference} in {lines:#?}");
        lines.remove(0)
    }
}

/// Returns the reference in a text that was shown to a person.
pub fn reference(shown: &str) -> &str {
    let at = shown.find("`F-").unwrap_or_else(|| panic!("no reference in:\n{shown}"));
    &shown[at + 1..at + 9]
}
