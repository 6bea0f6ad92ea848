//! What reaches the log, and how.

use std::io;
use std::sync::{Arc, Mutex};

use commands::model::span;
use url::Url;

use super::*;
use crate::clock::WallClock;
use crate::config::Collector;

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

/// Returns the lines that are logged without traces.
pub(super) fn log(directives: &str, format: Format, log_lines: impl FnOnce()) -> String {
    traced_log(directives, format, None, log_lines)
}

fn traced_log(
    directives: &str,
    format: Format,
    traces: Option<&Traces>,
    log_lines: impl FnOnce(),
) -> String {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    tracing::subscriber::with_default(
        traced_subscriber(directives, format, move || writer.clone(), traces).unwrap(),
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
                && text.contains("telemetry/tests.rs:")
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
fn line_of_a_click_names_its_interaction() {
    let text = log("info", Format::Json, || {
        let click = tracing::info_span!(target: CLICK, "click", interaction = 7);
        click.in_scope(|| {
            let inner = tracing::info_span!(target: "support_desk::app", "inner", body = "hush");
            inner.in_scope(|| tracing::info!(target: "support_desk::app", "said"));
        });
        tracing::info!(target: "support_desk::app", "later");
    });
    assert!(!text.contains("hush"), "{text}");
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["interaction"], &lines[0]["message"]), (&7.into(), &"said".into()));
    assert!(lines[1].get("interaction").is_none(), "{text}");
}

#[test]
fn checkpoints_and_alerts_are_logged_at_every_level() {
    for directives in ["warn", "off", "error,support_desk=off", "support_desk::checkpoint=off"] {
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
    assert_eq!((line["message"].as_str(), line["interaction"].as_u64()), (Some("loud"), Some(7)));
    assert_eq!(log("warn,commands=off", Format::Text, log_lines), "");
}

#[test]
fn without_traces_no_span_is_made() {
    for format in [Format::Text, Format::Json] {
        let text = log("trace", format, || {
            let click = span::click("press");
            assert!(click.is_disabled());
            click.in_scope(|| tracing::info!(target: "support_desk::app", "said"));
        });
        assert!(text.contains("said"), "{text}");
        assert!(!text.contains("press") && !text.contains("trace_id"), "{text}");
    }
}

#[tokio::test]
async fn lines_of_a_click_carry_its_trace() {
    let endpoint = Url::parse("http://127.0.0.1:1/v1/traces").unwrap();
    let collector = Collector { endpoint, variable: "OTEL_EXPORTER_OTLP_ENDPOINT" };
    let traces = Traces::start(&collector, Arc::new(WallClock)).unwrap();
    let log_lines = || {
        tracing::info!(target: "support_desk::app", "before");
        span::click("press").in_scope(|| {
            tracing::info!(target: "support_desk::app", "said");
            tracing::warn!(target: "reqwest::connect", "hush");
            let payload = tracing::info_span!(target: "reqwest", "request", body = "hush");
            payload.in_scope(|| {
                span::call("lambda", "otp_send")
                    .in_scope(|| tracing::info!(target: "support_desk::app", "said"));
            });
        });
    };
    let text = traced_log("info", Format::Json, Some(&traces), log_lines);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [before, said, withheld, deeper] = lines.as_slice() else { panic!("{text}") };
    assert_eq!(before.get("trace_id"), None);
    let id = said["trace_id"].as_str().unwrap();
    assert_eq!(id.len(), 32, "{id}");
    assert_eq!(
        (&withheld["trace_id"], &deeper["trace_id"]),
        (&said["trace_id"], &said["trace_id"])
    );
    assert!(!text.contains("press") && !text.contains("hush"), "{text}");

    let text = traced_log("info", Format::Text, Some(&traces), log_lines);
    let with_id = text.lines().filter(|line| line.split(' ').next().unwrap().len() == 32).count();
    assert_eq!(with_id, 3, "{text}");
}
