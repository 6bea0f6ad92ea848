//! The successions: one with a rejected step, and two of one successor.

use super::{Succession, SuccessionStep};

/// 2026-06-01 10:00 UTC, when the successions began.
const BEGAN: i64 = 1_780_308_000_000;
/// One day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// The successions.
pub(super) fn successions() -> Vec<Succession> {
    let opened = step(
        "Succession opened",
        "done",
        "The owner named a successor.",
        "The owner of the ecosystem named the successor and Waizant registered it.",
        &[],
        0,
    );
    let rejected = step(
        "Validation of the successor",
        "rejected",
        "The validation process for The Successor was rejected by Waizant",
        "Waizant reviewed the documents that the successor sent and could not accept them. Send them again from Waizant Web, under Succession.",
        &["The identity document has expired", "The photo does not show the whole document"],
        4,
    );
    let validating = step(
        "Validation of the successor",
        "current",
        "Waizant is reviewing the documents.",
        "The review takes up to three working days. Nothing is to be done until then.",
        &[],
        3,
    );
    let validated = step(
        "Validation of the successor",
        "done",
        "The documents were accepted.",
        "Waizant accepted the successor's documents.",
        &[],
        5,
    );
    let signing = step(
        "Signature of the agreement",
        "waiting",
        "Begins after the validation.",
        "Both sides sign the agreement in Waizant Web.",
        &[],
        0,
    );
    let signing_now = step(
        "Signature of the agreement",
        "current",
        "Both sides can sign now.",
        "Both sides sign the agreement in Waizant Web; the link is on the home page.",
        &[],
        6,
    );
    let transfer = step(
        "Transfer of the ecosystem",
        "waiting",
        "The last step.",
        "The successor becomes the owner, the former owner a member.",
        &[],
        0,
    );
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

fn succession(
    id: &str,
    ecosystem: &str,
    successor: &str,
    steps: Vec<SuccessionStep>,
) -> Succession {
    Succession {
        id: id.to_owned(),
        ecosystem_id: ecosystem.to_owned(),
        successor_id: successor.to_owned(),
        started_at: BEGAN,
        steps,
    }
}

fn step(
    title: &str,
    status: &str,
    summary: &str,
    detail: &str,
    reasons: &[&str],
    days: i64,
) -> SuccessionStep {
    SuccessionStep {
        title: title.to_owned(),
        status: status.to_owned(),
        summary: summary.to_owned(),
        detail: detail.to_owned(),
        reasons: reasons.iter().map(|&reason| reason.to_owned()).collect(),
        updated_at: BEGAN + days * DAY,
    }
}
