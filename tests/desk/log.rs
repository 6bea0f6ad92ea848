//! The bot's log, as an operator would read it.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use support_desk::telemetry::{self, Format};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Everything that was logged in this process since it was first asked for.
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

/// The log of this process. Ask for it before anything happens that shall be in it.
pub fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        // Without the hook for panics: how a test failed is for whoever runs it.
        telemetry::subscriber("trace", Format::Json, move || writer.clone())
            .unwrap()
            .try_init()
            .unwrap();
        log
    })
}

impl Log {
    /// The lines so far without their times, in whose microseconds any six digits can stand.
    pub fn text(&self) -> String {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let line = |line: &str| {
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            line.as_object_mut().unwrap().remove("timestamp");
            line.to_string()
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The lines so far in which these words stand.
    pub fn lines_with(&self, words: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
    }

    /// The one line in which the fault stands whose reference a person was shown.
    pub fn line_of(&self, shown: &str) -> String {
        let reference = reference(shown);
        let mut lines = self.lines_with(reference);
        assert_eq!(lines.len(), 1, "{reference} stands in {lines:#?}");
        lines.remove(0)
    }
}

/// The reference in what a person was shown.
pub fn reference(shown: &str) -> &str {
    let at = shown.find("`F-").unwrap_or_else(|| panic!("no reference in:\n{shown}"));
    &shown[at + 1..at + 9]
}
