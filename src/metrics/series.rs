//! Series that exist from the start, with their description.

use metrics::Unit;

/// Labels of a series: names and values.
pub(super) type Labels<const N: usize> = [(&'static str, &'static str); N];

/// The series of a metric without labels.
pub(super) const ALONE: [Labels<0>; 1] = [[]];

/// Returns a series for each word of one label.
pub(super) fn by(
    label: &'static str,
    words: impl IntoIterator<Item = &'static str>,
) -> impl Iterator<Item = Labels<1>> {
    words.into_iter().map(move |word| [(label, word)])
}

/// Describes a counter and creates its series at 0, so that its first event is an increase.
pub(super) fn counters<const N: usize>(
    name: &'static str,
    help: &'static str,
    series: impl IntoIterator<Item = Labels<N>>,
) {
    metrics::describe_counter!(name, help);
    for labels in series {
        metrics::counter!(name, &labels).increment(0);
    }
}

/// Describes a gauge and creates its series.
pub(super) fn gauges<const N: usize>(
    name: &'static str,
    help: &'static str,
    series: impl IntoIterator<Item = Labels<N>>,
    value: f64,
) {
    metrics::describe_gauge!(name, help);
    for labels in series {
        metrics::gauge!(name, &labels).set(value);
    }
}

/// Describes a histogram of durations and creates its series, without observations.
pub(super) fn durations<const N: usize>(
    name: &'static str,
    help: &'static str,
    series: impl IntoIterator<Item = Labels<N>>,
) {
    metrics::describe_histogram!(name, Unit::Seconds, help);
    for labels in series {
        drop(metrics::histogram!(name, &labels));
    }
}
