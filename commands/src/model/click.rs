//! Clicks as the metrics count them: commands, buttons and forms, their outcomes and their first
//! answers. The program registers and exports the metrics. No label has an id or typed text.

use crate::model::refusal::Refusal;
use crate::model::time::Timestamp;
use crate::model::words::Limit;

/// Metric of the time from a click to the first answer that Discord took, by [`ClickKind`].
pub const FIRST_ANSWER_SECONDS: &str = "support_desk_first_answer_seconds";

/// Metric that counts clicks by [`ClickKind`] and [`ClickOutcome`].
pub const CLICKS: &str = "support_desk_clicks_total";

/// Metric that counts the refusals of clicks by [`Refusal::name`].
pub const REFUSALS: &str = "support_desk_refusals_total";

/// Metric that counts what a limit has refused, by [`Limit::name`].
pub const LIMITED: &str = "support_desk_limited_total";

/// Start of the times in Discord's ids, in milliseconds since 1970 (Discord documentation,
/// "Snowflakes").
const DISCORD_EPOCH: i64 = 1_420_070_400_000;

/// Bits of an id of Discord that follow its time.
const BITS_AFTER_TIME: u32 = 22;

/// Kind of a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClickKind {
    Command,
    /// A pressed button, or a choice of a menu.
    Button,
    /// A submitted form.
    Form,
}

impl ClickKind {
    pub const ALL: [Self; 3] = [Self::Command, Self::Button, Self::Form];

    /// Returns the word in the metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Button => "button",
            Self::Form => "form",
        }
    }
}

/// Outcome of a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClickOutcome {
    Done,
    /// The person was told why not.
    Refused,
    /// The person was shown a reference, or Discord took no answer.
    Fault,
    /// Another replica has answered.
    NotMine,
}

impl ClickOutcome {
    pub const ALL: [Self; 4] = [Self::Done, Self::Refused, Self::Fault, Self::NotMine];

    /// Returns the word in the metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Fault => "fault",
            Self::NotMine => "not_mine",
        }
    }
}

/// Records the first answer to a click. `interaction`: Discord's id, which has the time of the
/// click by Discord's clock.
pub fn record_first_answer(kind: ClickKind, interaction: u64, now: Timestamp) {
    let took = now.since(sent_at(interaction));
    metrics::histogram!(FIRST_ANSWER_SECONDS, "kind" => kind.name()).record(took);
}

/// Counts a click, and the refusal that its person was shown.
pub fn count_click(kind: ClickKind, outcome: ClickOutcome, refusal: Option<&'static str>) {
    let (kind, word) = (kind.name(), outcome.name());
    metrics::counter!(CLICKS, "kind" => kind, "outcome" => word).increment(1);
    if let (ClickOutcome::Refused, Some(reason)) = (outcome, refusal) {
        metrics::counter!(REFUSALS, "reason" => reason).increment(1);
    }
}

/// Counts what a limit has refused.
pub fn count_limited(limit: Limit) {
    metrics::counter!(LIMITED, "which" => limit.name()).increment(1);
}

/// Returns the outcome that a refusal means: a reference stands for a fault.
pub const fn outcome_of(refusal: &Refusal) -> ClickOutcome {
    match refusal {
        Refusal::Failed(_) => ClickOutcome::Fault,
        _ => ClickOutcome::Refused,
    }
}

/// Returns the time at which Discord made an id.
fn sent_at(id: u64) -> Timestamp {
    Timestamp((id >> BITS_AFTER_TIME).cast_signed() + DISCORD_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_has_its_time() {
        // The example of Discord's documentation, "Snowflakes".
        assert_eq!(sent_at(175_928_847_299_117_063), Timestamp(1_462_015_105_796));
        assert!(sent_at(u64::MAX) > Timestamp(0), "no id overflows");
    }
}
