//! The filter of exported spans: nothing leaves the process that is not on a fixed list.
//!
//! The spans have fixed attributes already. This filter holds for attributes that are added later.

use commands::model::span::{SPAN_ATTRIBUTES, SPAN_NAMES};
use opentelemetry::Value;
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::{SpanData, SpanEvents};

/// Maximum length of a word in an attribute. Ours: the longest is half as long.
const MAX_WORD: usize = 48;

/// Removes what is not on the lists from spans, and each span whose name is not.
pub(super) fn clean(spans: &mut Vec<SpanData>) {
    spans.retain(|span| SPAN_NAMES.contains(&span.name.as_ref()));
    for span in spans {
        let mut kept: Vec<&str> = Vec::with_capacity(span.attributes.len());
        let is_kept: Vec<bool> = span
            .attributes
            .iter()
            .map(|attribute| {
                let key = attribute.key.as_str();
                // A span can record an attribute twice. The first value counts.
                let is_new = !kept.contains(&key);
                kept.push(key);
                is_new && SPAN_ATTRIBUTES.contains(&key) && is_plain(&attribute.value)
            })
            .collect();
        let mut is_kept = is_kept.into_iter();
        span.attributes.retain(|_| is_kept.next().unwrap_or(false));
        span.events = SpanEvents::default();
        if matches!(span.status, Status::Error { .. }) {
            span.status = Status::error("");
        }
    }
}

/// Returns true for a whole number and for a word of letters and underscores. An address, a name,
/// an id, a code and a token have other characters.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::I64(_) => true,
        Value::String(text) => {
            let text = text.as_str();
            text.len() <= MAX_WORD && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'))
        }
        _ => false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::SystemTime;

    use opentelemetry::trace::{Event, SpanContext, SpanId, SpanKind};
    use opentelemetry::{InstrumentationScope, KeyValue};
    use opentelemetry_sdk::trace::SpanLinks;

    use super::*;

    /// Returns a span that has attributes, an event and an error.
    pub(in crate::telemetry) fn span(name: &'static str, attributes: Vec<KeyValue>) -> SpanData {
        let mut events = SpanEvents::default();
        let event = Event::new("hush", SystemTime::UNIX_EPOCH, Vec::new(), 0);
        events.events.push(event);
        SpanData {
            span_context: SpanContext::NONE,
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: name.into(),
            start_time: SystemTime::UNIX_EPOCH,
            end_time: SystemTime::UNIX_EPOCH,
            attributes,
            dropped_attributes_count: 0,
            events,
            links: SpanLinks::default(),
            status: Status::error("hush"),
            instrumentation_scope: InstrumentationScope::default(),
        }
    }

    #[test]
    fn only_listed_words_and_numbers_pass() {
        let attributes = vec![
            KeyValue::new("kind", "support_technical"),
            KeyValue::new("attempt", 2),
            KeyValue::new("hush", "word"),
            KeyValue::new("flow", "hush@example.com"),
            KeyValue::new("stage", "Hush Peña"),
            KeyValue::new("effect", "123456"),
            KeyValue::new("call", "hush".repeat(MAX_WORD)),
            KeyValue::new("engine", 1.5),
            KeyValue::new("outcome", "refused"),
            KeyValue::new("outcome", "done"),
        ];
        let mut spans = vec![span("click", attributes), span("hush", Vec::new())];
        clean(&mut spans);
        let [span] = spans.as_slice() else { panic!("{spans:?}") };
        assert_eq!(
            span.attributes,
            [
                KeyValue::new("kind", "support_technical"),
                KeyValue::new("attempt", 2),
                KeyValue::new("outcome", "refused"),
            ]
        );
        assert!(!format!("{span:?}").contains("hush"), "{span:?}");
    }
}
