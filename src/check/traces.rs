//! Check of the collector of the traces, if there is one.

use super::Line;
use crate::config::Collector;
use crate::telemetry::traces;

/// Returns the line of the collector; `None` if traces are off. The bot works without it.
pub(super) async fn check(collector: Option<&Collector>) -> Option<Line> {
    let collector = collector?;
    let subject = format!("traces ({}): collector", collector.variable);
    Some(match traces::probe(collector).await {
        Ok(()) => Line::ok(subject),
        Err(why) => {
            let advice = "check the address and OTEL_EXPORTER_OTLP_HEADERS";
            Line::warning(subject, format!("accepts no spans: {why}; {advice}"))
        }
    })
}
