//! The log: one subscriber, and what never reaches it.
//!
//! `RUST_LOG` decides what is said, but not about crates that print what they carry: serenity logs
//! a frame that does not parse whole, with interaction tokens and typed codes, and HTTP clients and
//! the AWS SDK log headers and bodies. Those are capped at WARN whatever `RUST_LOG` says, and of
//! what they say then only the place is kept, where the sentence can be looked up in their source.

use std::fmt;
use std::io::IsTerminal;

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

/// Beginnings of targets that print payloads.
const CARRIERS: [&str; 12] = [
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

/// The target of the trail's checkpoints. They are logged whatever `RUST_LOG` says: that none of
/// them was taken out of the database shows by the log alone.
pub const CHECKPOINTS: &str = "support_desk::checkpoint";

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For eyes.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

impl Format {
    /// Text on a terminal, JSON anywhere else.
    #[must_use]
    pub fn of_stderr() -> Self {
        if std::io::stderr().is_terminal() { Self::Text } else { Self::Json }
    }
}

/// Starts logging to standard error, and makes panics part of it. `directives` are `RUST_LOG`'s.
pub fn start(directives: &str, format: Format) -> anyhow::Result<()> {
    start_writing(directives, format, std::io::stderr)
}

/// Likewise, to any writer.
pub fn start_writing<W>(directives: &str, format: Format, writer: W) -> anyhow::Result<()>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    subscriber(directives, format, writer)?.try_init()?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // A message that was put together may carry what went wrong, literally; a literal carries
        // nothing.
        let message =
            panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(message withheld)");
        tracing::error!(place, message, "panicked");
    }));
    Ok(())
}

/// The subscriber that [`start`] installs, with any writer.
pub fn subscriber<W>(
    directives: &str,
    format: Format,
    writer: W,
) -> Result<impl Subscriber + Send + Sync + use<W>, ParseError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let caps =
        CARRIERS.iter().fold(Targets::new().with_default(LevelFilter::TRACE), |caps, carrier| {
            caps.with_target(*carrier, LevelFilter::WARN)
        });
    let filter = EnvFilter::try_new(directives)?
        .add_directive(format!("{CHECKPOINTS}=info").parse()?)
        .and(caps);
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    let layer = match format {
        Format::Text => layer
            .with_ansi(std::io::stderr().is_terminal())
            .event_format(Careful { inner: format::format(), format })
            .with_filter(filter)
            .boxed(),
        Format::Json => {
            let json = format::format().json().flatten_event(true).with_current_span(false);
            layer
                .fmt_fields(format::JsonFields::new())
                .event_format(Careful { inner: json, format })
                .with_filter(filter)
                .boxed()
        }
    };
    Ok(Registry::default().with(layer))
}

/// Writes an event as `inner` does, but of a carrier's only where it came from.
struct Careful<F> {
    inner: F,
    format: Format,
}

impl<S, N, F> FormatEvent<S, N> for Careful<F>
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
        if !CARRIERS.iter().any(|carrier| metadata.target().starts_with(carrier)) {
            return self.inner.format_event(context, writer, event);
        }
        let (level, target) = (metadata.level(), metadata.target());
        let place = format!("{}:{}", metadata.file().unwrap_or("?"), metadata.line().unwrap_or(0));
        match self.format {
            Format::Text => {
                SystemTime.format_time(&mut writer)?;
                writeln!(writer, " {level:>5} {target}: message withheld, it stands at {place}")
            }
            Format::Json => {
                let mut time = String::new();
                SystemTime.format_time(&mut Writer::new(&mut time))?;
                let line = serde_json::json!({
                    "timestamp": time, "level": level.as_str(), "target": target, "message": "message withheld", "place": place,
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
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn log(directives: &str, format: Format, speak: impl Fn()) -> String {
        let written = Written::default();
        let writer = written.clone();
        tracing::subscriber::with_default(
            subscriber(directives, format, move || writer.clone()).unwrap(),
            speak,
        );
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn carriers_are_capped_and_their_words_withheld() {
        for format in [Format::Text, Format::Json] {
            let text = log("trace,serenity=trace", format, || {
                tracing::warn!(target: "serenity::gateway::ws", "Err deserializing text: hush-frame");
                tracing::error!(target: "aws_smithy_runtime::client", body = "hush-body", "hush-words");
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
    fn a_carriers_span_brings_nothing_into_our_lines() {
        let text = log("trace", Format::Json, || {
            let span = tracing::info_span!(target: "serenity::http", "request", body = "hush");
            span.in_scope(|| tracing::info!(target: "support_desk::app", "said"));
        });
        assert!(text.contains("said") && !text.contains("hush"), "{text}");
    }

    #[test]
    fn checkpoints_are_logged_whatever_the_operator_says() {
        for directives in ["warn", "off", "error,support_desk=off", "support_desk::checkpoint=off"]
        {
            let text = log(directives, Format::Json, || {
                tracing::info!(target: "support_desk::app", "quiet");
                tracing::info!(target: CHECKPOINTS, checkpoint = "12:abc", "loud");
            });
            assert!(text.contains("12:abc") && text.lines().count() == 1, "{directives}: {text}");
        }
    }

    #[test]
    fn the_operator_decides_about_the_rest() {
        let speak = || {
            tracing::debug!(target: "support_desk::app", "quiet");
            tracing::info!(target: "commands::engine::desk", interaction = 7, "loud");
        };
        let text = log("info", Format::Json, speak);
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(
            (line["message"].as_str(), line["interaction"].as_u64()),
            (Some("loud"), Some(7))
        );
        assert_eq!(log("warn,commands=off", Format::Text, speak), "");
    }
}
