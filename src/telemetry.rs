//! The log and the traces: one subscriber, and the filters that keep secrets out of both.
//!
//! `RUST_LOG` sets the level, except for crates that log payloads. serenity logs a whole frame that
//! it cannot parse, with interaction tokens and typed codes. HTTP clients and the AWS SDK log
//! headers and bodies. These crates are capped at WARN. Their messages are withheld, and the log
//! names the file and line where the message stands in their source. For a frame that cannot be
//! parsed it has the parser's words too.
//!
//! [`traces`] exports spans, if the operator has turned that on. Otherwise no layer wants a span,
//! so none is made.

mod export;
mod span_filter;
pub mod traces;

use std::fmt;
use std::io::IsTerminal;

use commands::handlers::CLICK;
use commands::model::fault::ALERTS;
use commands::model::span::SPANS;
use opentelemetry::Context;
use opentelemetry::trace::{TraceContextExt as _, TraceId};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{FilterExt, ParseError, Targets};
use tracing_subscriber::fmt::format::{self, FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormattedFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::escape::escape_json_line;
use crate::trail::TRAIL;
use crate::unreadable_events::{self, CountUnreadable};
use traces::Traces;

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
    start_writing(directives, terminal_format(), std::io::stderr)
}

fn terminal_format() -> Format {
    if std::io::stderr().is_terminal() { Format::Text } else { Format::Json }
}

/// Starts logging to standard error as JSON, panics included. Events of the trail are lines then,
/// also on a terminal.
pub fn start_json(directives: &str) -> anyhow::Result<()> {
    start_writing(directives, Format::Json, std::io::stderr)
}

/// Starts logging as [`start`] does, and exports spans to a collector.
pub fn start_traced(directives: &str, traces: &Traces) -> anyhow::Result<()> {
    install(traced_subscriber(directives, terminal_format(), std::io::stderr, Some(traces))?)
}

/// Starts logging to `writer`, panics included.
pub fn start_writing<W>(directives: &str, format: Format, writer: W) -> anyhow::Result<()>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    install(subscriber(directives, format, writer)?)
}

fn install(subscriber: impl Subscriber + Send + Sync + 'static) -> anyhow::Result<()> {
    subscriber.try_init()?;
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
    traced_subscriber(directives, format, writer, None)
}

/// Returns the subscriber that [`start_traced`] installs, with `writer` in place of standard error.
pub fn traced_subscriber<W>(
    directives: &str,
    format: Format,
    writer: W,
    traces: Option<&Traces>,
) -> Result<impl Subscriber + Send + Sync + use<W>, ParseError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // No line names the spans, so the log does not ask for them.
    let targets =
        Targets::new().with_default(LevelFilter::TRACE).with_target(SPANS, LevelFilter::OFF);
    let caps = PAYLOAD_TARGETS
        .iter()
        .fold(targets, |caps, target| caps.with_target(*target, LevelFilter::WARN));
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
            // No spans, because those of libraries can have payloads.
            let json = format::format().json().flatten_event(true);
            let json = json.with_current_span(false).with_span_list(false);
            layer
                .fmt_fields(format::JsonFields::new())
                .event_format(Withholding { inner: json, format })
                .with_filter(filter)
                .boxed()
        }
    };
    // With a filter of its own, so that `RUST_LOG` does not silence the count.
    let warnings = Targets::new().with_target(unreadable_events::TARGET, LevelFilter::WARN);
    let spans = match traces {
        Some(_) => Targets::new().with_target(SPANS, LevelFilter::INFO),
        None => Targets::new(),
    };
    Ok(Registry::default()
        .with(layer)
        .with(CountUnreadable.with_filter(warnings))
        .with(traces.map(Traces::layer).with_filter(spans)))
}

/// Returns the id of the trace that the current work belongs to; `None` without traces.
fn trace_id() -> Option<TraceId> {
    Context::map_current(|context| {
        let span = context.has_active_span().then(|| context.span());
        span.map(|span| span.span_context().trace_id())
    })
}

/// Formats an event as `inner` does, but withholds the message of a payload target. Adds the id of
/// the trace.
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
        let (metadata, trace_id) = (event.metadata(), trace_id());
        if let (Some(id), Format::Text) = (trace_id, self.format) {
            write!(writer, "{id} ")?;
        }
        if !PAYLOAD_TARGETS.iter().any(|target| metadata.target().starts_with(target)) {
            if self.format == Format::Text {
                return self.inner.format_event(context, writer, event);
            }
            // A value can come from a database. JSON itself escapes only the oldest control
            // characters.
            let mut line = String::new();
            self.inner.format_event(context, Writer::new(&mut line), event)?;
            let mut line = with_click(line, context);
            if let Some(id) = trace_id {
                line.insert_str(1, &format!("\"trace_id\":\"{id}\","));
            }
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
                let mut line = serde_json::json!({
                    "timestamp": time,
                    "level": level.as_str(),
                    "target": target,
                    "message": message,
                    "place": place,
                });
                if let Some(id) = trace_id {
                    line["trace_id"] = id.to_string().into();
                }
                writeln!(writer, "{line}")
            }
        }
    }
}

/// Adds the fields of the click that the line belongs to. The desk's own span has nothing but an
/// id; the fields of other spans can be payloads.
fn with_click<S, N>(line: String, context: &FmtContext<'_, S, N>) -> String
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    let mut scope = context.event_scope().into_iter().flatten();
    let Some(click) = scope.find(|span| span.metadata().target() == CLICK) else { return line };
    let extensions = click.extensions();
    let fields = extensions.get::<FormattedFields<N>>();
    let fields = fields.and_then(|fields| fields.strip_prefix('{')?.strip_suffix('}'));
    match (fields, line.strip_prefix('{')) {
        (Some(fields), Some(rest)) if !fields.is_empty() => format!("{{{fields},{rest}"),
        _ => line,
    }
}

#[cfg(test)]
mod tests;
