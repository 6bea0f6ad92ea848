//! The log: one subscriber, and the filter that keeps secrets out of it.
//!
//! `RUST_LOG` sets the level, except for crates that log payloads. serenity logs a whole frame that
//! it cannot parse, with interaction tokens and typed codes. HTTP clients and the AWS SDK log
//! headers and bodies. These crates are capped at WARN. Their messages are withheld, and the log
//! names the file and line where the message stands in their source. For a frame that cannot be
//! parsed it has the parser's words too.

use std::fmt;
use std::io::IsTerminal;

use commands::model::fault::ALERTS;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{FilterExt, ParseError, Targets};
use tracing_subscriber::fmt::format::{self, FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::escape::escape_json_line;
use crate::trail::TRAIL;
use crate::unreadable_events::{self, CountUnreadable};

/// Prefixes of the targets that log payloads.
const PAYLOAD_TARGETS: [&str; 12] = [
    "serenity",
    "poise",
    "tungstenite",
    "tokio_tungstenite",
    "hyper",
    "h2",
    "reqwest",
    "rustls",
    "tower",
    "axum",
    "aws_",
    "sqlx",
];

/// Target of the trail's checkpoints. They are logged at every `RUST_LOG`, because only the log
/// proves that no checkpoint was removed from the database.
pub const CHECKPOINTS: &str = "support_desk::checkpoint";
/// Targets that are logged at every `RUST_LOG`.
const ALWAYS_LOGGED: [&str; 2] = [CHECKPOINTS, ALERTS];

/// Format of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text for people.
    Text,
    /// One JSON object a line, for log collectors.
    Json,
}

/// Starts logging to standard error, panics included: as text if it is a terminal, else as JSON.
/// `directives` has the syntax of `RUST_LOG`.
pub fn start(directives: &str) -> anyhow::Result<()> {
    let format = if std::io::stderr().is_terminal() { Format::Text } else { Format::Json };
    start_writing(directives, format, std::io::stderr)
}

/// Starts logging to standard error as JSON, panics included. Events of the trail are lines then,
/// also on a terminal.
pub fn start_json(directives: &str) -> anyhow::Result<()> {
    start_writing(directives, Format::Json, std::io::stderr)
}

/// Starts logging to `writer`, panics included.
pub fn start_writing<W>(directives: &str, format: Format, writer: W) -> anyhow::Result<()>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    subscriber(directives, format, writer)?.try_init()?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // Only a literal is logged, because a formatted message can contain a secret.
        let message =
            panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(message withheld)");
        tracing::error!(place, panic = message, "panicked");
    }));
    Ok(())
}

/// Returns the subscriber that [`start`] installs, with `writer` in place of standard error.
pub fn subscriber<W>(
    directives: &str,
    format: Format,
    writer: W,
) -> Result<impl Subscriber + Send + Sync + use<W>, ParseError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let caps = PAYLOAD_TARGETS
        .iter()
        .fold(Targets::new().with_default(LevelFilter::TRACE), |caps, target| {
            caps.with_target(*target, LevelFilter::WARN)
        });
    let mut filter = EnvFilter::try_new(directives)?;
    if !directives.contains(TRAIL) {
        let level = if format == Format::Json { "info" } else { "off" };
        filter = filter.add_directive(format!("{TRAIL}={level}").parse()?);
    }
    for target in ALWAYS_LOGGED {
        filter = filter.add_directive(format!("{target}=info").parse()?);
    }
    let filter = filter.and(caps);
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    let layer = match format {
        Format::Text => layer
            .with_ansi(std::io::stderr().is_terminal())
            .event_format(Withholding { inner: format::format(), format })
            .with_filter(filter)
            .boxed(),
        Format::Json => {
            let json = format::format().json().flatten_event(true).with_current_span(false);
            layer
                .fmt_fields(format::JsonFields::new())
                .event_format(Withholding { inner: json, format })
                .with_filter(filter)
                .boxed()
        }
    };
    // With a filter of its own, so that `RUST_LOG` does not silence the count.
    let warnings = Targets::new().with_target(unreadable_events::TARGET, LevelFilter::WARN);
    Ok(Registry::default().with(layer).with(CountUnreadable.with_filter(warnings)))
}

/// Formats an event as `inner` does, but withholds the message of a payload target.
struct Withholding<F> {
    inner: F,
    format: Format,
}

impl<S, N, F> FormatEvent<S, N> for Withholding<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        if !PAYLOAD_TARGETS.iter().any(|target| metadata.target().starts_with(target)) {
            if self.format == Format::Text {
                return self.inner.format_event(context, writer, event);
            }
            // A value can come from a database. JSON itself escapes only the oldest control
            // characters.
            let mut line = String::new();
            self.inner.format_event(context, Writer::new(&mut line), event)?;
            return writer.write_str(&escape_json_line(&line));
        }
        let (level, target) = (metadata.level(), metadata.target());
        let place = format!("{}:{}", metadata.file().unwrap_or("?"), metadata.line().unwrap_or(0));
        let message = match unreadable_events::reason(event) {
            Some(reason) => format!("gateway event unreadable: dropped: {reason}"),
            None => "message withheld".to_owned(),
        };
        match self.format {
            Format::Text => {
                SystemTime.format_time(&mut writer)?;
                writeln!(writer, " {level:>5} {target}: {message}, see {place}")
            }
            Format::Json => {
                let mut time = String::new();
                SystemTime.format_time(&mut Writer::new(&mut time))?;
                let line = serde_json::json!({
                    "timestamp": time,
                    "level": level.as_str(),
                    "target": target,
                    "message": message,
                    "place": place,
                });
                writeln!(writer, "{line}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn log(directives: &str, format: Format, log_lines: impl Fn()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        tracing::subscriber::with_default(
            subscriber(directives, format, move || writer.clone()).unwrap(),
            log_lines,
        );
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn payload_targets_are_capped_and_withheld() {
        for format in [Format::Text, Format::Json] {
            let text = log("trace,serenity=trace", format, || {
                tracing::warn!(target: "serenity::gateway::ws", "Err deserializing: hush-frame");
                tracing::error!(target: "aws_smithy_runtime", body = "hush-body", "hush-words");
                tracing::info!(target: "serenity::http", "hush-info");
                tracing::trace!(target: "hyper_util::client", "hush-trace");
                tracing::debug!(target: "support_desk::app", "said");
            });
            assert!(!text.contains("hush"), "{text}");
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(
                text.contains("serenity::gateway::ws")
                    && text.contains("telemetry.rs:")
                    && text.contains("said"),
                "{text}"
            );
        }
    }

    #[test]
    fn unreadable_event_is_counted_and_explained() {
        for (directives, lines) in [("info", 1), ("off", 0)] {
            let before = unreadable_events::count();
            let text = log(directives, Format::Json, || {
                let why = serde_json::from_str::<u32>("\"hush\"").unwrap_err();
                let why = serenity::Error::from(why);
                tracing::warn!(
                    target: "serenity::gateway::ws",
                    "Err deserializing text: {why:?}; text: hush-frame"
                );
            });
            assert_eq!(text.lines().count(), lines, "{text}");
            let words = "gateway event unreadable: dropped: invalid type: string …, expected u32";
            assert_eq!(text.matches(words).count(), lines, "{text}");
            assert!(!text.contains("hush"), "{text}");
            assert_eq!(unreadable_events::count(), before + 1, "{directives}");
        }
    }

    #[test]
    fn payload_span_adds_nothing_to_lines() {
        let text = log("trace", Format::Json, || {
            let span = tracing::info_span!(target: "serenity::http", "request", body = "hush");
            span.in_scope(|| tracing::info!(target: "support_desk::app", "said"));
        });
        assert!(text.contains("said") && !text.contains("hush"), "{text}");
    }

    #[test]
    fn checkpoints_and_alerts_are_logged_at_every_level() {
        for directives in ["warn", "off", "error,support_desk=off", "support_desk::checkpoint=off"]
        {
            let text = log(directives, Format::Json, || {
                tracing::info!(target: "support_desk::app", "quiet");
                tracing::info!(target: CHECKPOINTS, checkpoint = "12:abc", "loud");
                tracing::warn!(target: ALERTS, subject = "agent:1", "loud");
            });
            assert!(text.contains("12:abc") && text.contains("agent:1"), "{directives}: {text}");
            assert_eq!(text.lines().count(), 2, "{directives}: {text}");
        }
    }

    #[test]
    fn events_are_logged_as_json_unless_the_directives_say_otherwise() {
        let log_event = || tracing::info!(target: TRAIL, chain = "c", seq = 7, "event");
        for (directives, format, lines) in [
            ("info", Format::Json, 1),
            ("off", Format::Json, 1),
            ("info,support_desk::trail=off", Format::Json, 0),
            ("info", Format::Text, 0),
            ("warn,support_desk::trail=info", Format::Text, 1),
        ] {
            let text = log(directives, format, log_event);
            assert_eq!(text.lines().count(), lines, "{directives}: {text}");
        }
    }

    #[test]
    fn json_line_escapes_what_a_terminal_would_obey() {
        let text = log("info", Format::Json, || {
            tracing::info!(subject = "a\u{9b}2Jb\u{202e}c\u{2028}dé", "said\u{200b}");
        });
        assert!(text.contains(r#""subject":"a\u009b2Jb\u202ec\u2028dé""#), "{text}");
        assert!(text.contains(r#""message":"said\u200b""#), "{text}");
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(line["subject"], "a\u{9b}2Jb\u{202e}c\u{2028}dé");
    }

    #[test]
    fn rust_log_sets_the_level_of_other_targets() {
        let log_lines = || {
            tracing::debug!(target: "support_desk::app", "quiet");
            tracing::info!(target: "commands::engine::desk", interaction = 7, "loud");
        };
        let text = log("info", Format::Json, log_lines);
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(
            (line["message"].as_str(), line["interaction"].as_u64()),
            (Some("loud"), Some(7))
        );
        assert_eq!(log("warn,commands=off", Format::Text, log_lines), "");
    }
}
