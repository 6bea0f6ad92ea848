//! The successions: one with a rejected step, and two of the same successor.

use super::records::{Succession, SuccessionStep};

/// Start of all successions: 2026-06-01 10:00 UTC.
const STARTED: i64 = 1_780_308_000_000;
/// One day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

pub(super) fn successions() -> Vec<Succession> {
    let opened = Step {
        title: "Succession opened",
        status: "done",
        summary: "The owner named a successor.",
        detail: "The owner of the ecosystem named the successor and Waizant registered it.",
        reasons: &[],
        days: 0,
    };
    let rejected = Step {
        title: "Validation of the successor",
        status: "rejected",
        summary: "The validation process for The Successor was rejected by Waizant.",
        detail: "Waizant reviewed the documents that the successor sent and could not accept them. Send them again from Waizant Web, under Succession.",
        reasons: &[
            "The identity document has expired",
            "The photo does not show the whole document",
        ],
        days: 4,
    };
    let validating = Step {
        title: "Validation of the successor",
        status: "current",
        summary: "Waizant is reviewing the documents.",
        detail: "The review takes up to three working days. The successor does not have to do anything until then.",
        reasons: &[],
        days: 3,
    };
    let validated = Step {
        title: "Validation of the successor",
        status: "done",
        summary: "The documents were accepted.",
        detail: "Waizant accepted the successor's documents.",
        reasons: &[],
        days: 5,
    };
    let signing = Step {
        title: "Signature of the agreement",
        status: "waiting",
        summary: "Begins after the validation.",
        detail: "Both sides sign the agreement in Waizant Web.",
        reasons: &[],
        days: 0,
    };
    let signing_now = Step {
        title: "Signature of the agreement",
        status: "current",
        summary: "Both sides can sign now.",
        detail: "Both sides sign the agreement in Waizant Web; the link is on the home page.",
        reasons: &[],
        days: 6,
    };
    let transfer = Step {
        title: "Transfer of the ecosystem",
        status: "waiting",
        summary: "The last step.",
        detail: "The successor becomes the owner, the former owner a member.",
        reasons: &[],
        days: 0,
    };
    vec![
        succession(
            "suc-herencia",
            "eco-herencia",
            "usr-sofia",
            vec![opened.clone(), rejected, signing.clone(), transfer.clone()],
        ),
        succession(
            "suc-molino",
            "eco-molino",
            "usr-saul",
            vec![opened.clone(), validating, signing, transfer.clone()],
        ),
        succession(
            "suc-puerto",
            "eco-puerto",
            "usr-saul",
            vec![opened, validated, signing_now, transfer],
        ),
    ]
}

fn succession(id: &str, ecosystem: &str, successor: &str, steps: Vec<Step>) -> Succession {
    Succession {
        id: id.to_owned(),
        ecosystem_id: ecosystem.to_owned(),
        successor_id: successor.to_owned(),
        started_at: STARTED,
        steps: steps.into_iter().map(SuccessionStep::from).collect(),
    }
}

/// A step before its conversion. `days`: days from the start to the latest change.
#[derive(Clone)]
struct Step {
    title: &'static str,
    status: &'static str,
    summary: &'static str,
    detail: &'static str,
    reasons: &'static [&'static str],
    days: i64,
}

impl From<Step> for SuccessionStep {
    fn from(step: Step) -> Self {
        Self {
            title: step.title.to_owned(),
            status: step.status.to_owned(),
            summary: step.summary.to_owned(),
            detail: step.detail.to_owned(),
            reasons: step.reasons.iter().map(|&reason| reason.to_owned()).collect(),
            updated_at: STARTED + step.days * DAY,
        }
    }
}
