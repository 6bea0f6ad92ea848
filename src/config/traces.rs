//! Settings of the traces: standard variables of OpenTelemetry, whose SDK parses some of them
//! itself.

use axum::http::{HeaderName, HeaderValue};
use url::Url;

use super::hosts::base_url;
use super::reader::Reader;
use super::transport::is_confidential;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

/// Path of spans below [`ENDPOINT`] (OTLP specification, "OTLP/HTTP Request").
const PATH: [&str; 2] = ["v1", "traces"];

/// Samplers of the SDK.
const SAMPLERS: [&str; 6] = [
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
];

/// Variables of exporters that the bot does not have.
const UNUSED: [&str; 8] = [
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
];

/// Receiver of the spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector {
    /// Full address, with its path.
    pub endpoint: Url,
    /// Variable that names it.
    pub variable: &'static str,
}

/// Reads the receiver of the traces. `None` if traces are off. Checks the variables that the SDK
/// parses itself, because it takes a default for an invalid value without a word.
pub(super) fn read(read: &mut Reader<'_>) -> Option<Collector> {
    let disabled = read.or_default("OTEL_SDK_DISABLED", "false", boolean);
    let exports = read.or_default("OTEL_TRACES_EXPORTER", "otlp", exporter);
    if disabled? || !exports? {
        return None;
    }
    for variable in ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"] {
        read.optional(variable, headers);
    }
    read.optional("OTEL_TRACES_SAMPLER", sampler);
    read.optional("OTEL_TRACES_SAMPLER_ARG", ratio);
    read.refuse_quotes(&["OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"]);
    let general = read.optional(ENDPOINT, endpoint);
    let own = read.optional(TRACES_ENDPOINT, endpoint);
    let collector = match (own, general) {
        (Some(endpoint), _) => Collector { endpoint, variable: TRACES_ENDPOINT },
        (None, Some(base)) => Collector { endpoint: with_path(base), variable: ENDPOINT },
        (None, None) => return None,
    };
    for variable in ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] {
        read.optional(variable, protocol);
    }
    read.refuse_if_set(
        &["OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION"],
        "unset it, because the bot sends spans uncompressed",
    );
    read.warn_if_set(&UNUSED, "is not used, see docs/operations.md, \"Traces\"");
    Some(collector)
}

fn with_path(mut base: Url) -> Url {
    if let Ok(mut path) = base.path_segments_mut() {
        path.pop_if_empty().extend(PATH);
    }
    base
}

fn endpoint(text: &str) -> Result<Url, &'static str> {
    base_url(text).filter(is_confidential).ok_or(
        "write the https URL of a collector that accepts OTLP over HTTP, such as \
         https://otel.example.com:4318 (http is for loopback addresses only), or leave it unset to \
         turn traces off",
    )
}

fn boolean(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("write true or false"),
    }
}

/// Returns true if spans are exported.
fn exporter(text: &str) -> Result<bool, &'static str> {
    match text {
        "otlp" => Ok(true),
        "none" => Ok(false),
        _ => Err("write otlp or none; the bot has no other exporter"),
    }
}

fn protocol(text: &str) -> Result<(), &'static str> {
    let hint = "write http/protobuf, or leave it unset; the bot has no other protocol";
    if text == "http/protobuf" { Ok(()) } else { Err(hint) }
}

fn sampler(text: &str) -> Result<(), String> {
    let hint = || format!("write one of {}", SAMPLERS.join(", "));
    SAMPLERS.contains(&text).then_some(()).ok_or_else(hint)
}

fn ratio(text: &str) -> Result<(), &'static str> {
    let fits = text.parse::<f64>().is_ok_and(|ratio| (0.0..=1.0).contains(&ratio));
    fits.then_some(()).ok_or("write the part of all traces to export, from 0.0 to 1.0")
}

/// Checks headers. They can be secrets, so the hint does not repeat them.
fn headers(text: &str) -> Result<(), &'static str> {
    let fits = text.split_terminator(',').all(|entry| {
        entry.split_once('=').is_some_and(|(name, value)| {
            HeaderName::from_bytes(name.trim().as_bytes()).is_ok()
                && !value.trim().is_empty()
                && HeaderValue::from_str(value.trim()).is_ok()
        })
    });
    fits.then_some(()).ok_or(
        "write comma-separated name=value pairs, such as authorization=Bearer%20token; write \
         commas and spaces of a value percent-encoded",
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::ConfigFaults;
    use super::*;

    fn read_map(variables: &[(&str, &str)]) -> (Option<String>, Vec<&'static str>, usize) {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables: HashMap<_, _> = variables.iter().map(owned).collect();
        let mut reader = Reader::new(&variables);
        let collector = read(&mut reader);
        let (ConfigFaults(faults), warnings) = reader.finish();
        assert!(!faults.iter().chain(&warnings).any(|fault| fault.hint.contains("hush")));
        (
            collector.map(|collector| collector.endpoint.to_string()),
            faults.iter().map(|fault| fault.variable).collect(),
            warnings.len(),
        )
    }

    #[test]
    fn endpoint_decides_whether_and_where_spans_go() {
        for (variables, expected) in [
            (vec![], None),
            (vec![(ENDPOINT, "")], None),
            (vec![("OTEL_EXPORTER_OTLP_HEADERS", "a=b")], None),
            (vec![(ENDPOINT, "http://127.0.0.1:4318")], Some("http://127.0.0.1:4318/v1/traces")),
            (vec![(ENDPOINT, "https://o.example/x/")], Some("https://o.example/x/v1/traces")),
            (
                vec![(ENDPOINT, "https://o.example"), (TRACES_ENDPOINT, "https://t.example/in")],
                Some("https://t.example/in"),
            ),
            (vec![(ENDPOINT, "http://o.example"), ("OTEL_SDK_DISABLED", "true")], None),
            (vec![(ENDPOINT, "http://o.example"), ("OTEL_TRACES_EXPORTER", "none")], None),
        ] {
            let (endpoint, faults, _) = read_map(&variables);
            assert_eq!(endpoint.as_deref(), expected, "{variables:?}");
            assert_eq!(faults, [""; 0], "{variables:?}");
        }
    }

    #[test]
    fn invalid_values_are_faults_and_never_repeated() {
        for (variable, value) in [
            (ENDPOINT, "http://otel.example.com:4318"),
            (ENDPOINT, "http://10.0.0.7:4318"),
            (ENDPOINT, "https://user:hush@otel.example.com"),
            (ENDPOINT, "otel.example.com:4318"),
            (ENDPOINT, "grpc://127.0.0.1:4317"),
            (TRACES_ENDPOINT, "http://otel.example.com:4318"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "hush"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization="),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a b=hush"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_TRACES_SAMPLER", "sometimes"),
            ("OTEL_TRACES_SAMPLER_ARG", "1.1"),
            ("OTEL_SERVICE_NAME", "\"desk\""),
        ] {
            // The second of two equal variables counts in a map.
            let all = [(ENDPOINT, "https://otel.example.com"), (variable, value)];
            assert_eq!(read_map(&all).1, [variable], "{value}");
        }
        assert_eq!(read_map(&[("OTEL_SDK_DISABLED", "maybe")]).1, ["OTEL_SDK_DISABLED"]);
        assert_eq!(read_map(&[("OTEL_TRACES_EXPORTER", "zipkin")]).1, ["OTEL_TRACES_EXPORTER"]);
    }

    #[test]
    fn valid_values_pass_and_unused_ones_are_named() {
        let valid = [
            (ENDPOINT, "https://otel.example.com"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20hush, x-tenant=desk"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "0.1"),
            ("OTEL_SERVICE_NAME", "desk"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "5000"),
        ];
        let (endpoint, faults, warnings) = read_map(&valid);
        assert_eq!((endpoint.is_some(), faults, warnings), (true, vec![], 1));
    }
}
