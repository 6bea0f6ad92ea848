//! Keys of the functions' requests, and their description in the contract.

use commands::model::effect::Effect;
use commands::model::words::{Purpose, SessionId, Target};

const CONTRACT: &str = include_str!("../../../docs/lambda-contract.md");

/// Returns the key as the contract writes it, after the session's id. `None`: no function is
/// called.
fn written(effect: &Effect) -> Option<&'static str> {
    match effect {
        Effect::Send { .. } => Some(":send:<purpose>:<n>"),
        Effect::Verify { .. } => {
            Some(":verify:<purpose>:<n>:<challenge id>:<keyed hash of the code>")
        }
        Effect::Issue { .. } => Some(":issue:<target>:<n>"),
        Effect::MailLink { .. } => Some(":message:successor_qr:<n>"),
        Effect::Revoke { .. } => Some(":revoke"),
        Effect::NotifyLinked { .. } => Some(":message:account_linked:1"),
        Effect::NotifyChanged { .. } => Some(":message:password_changed:<n>"),
        Effect::NotifyUnlinked { .. } => Some(":message:account_unlinked:1"),
        Effect::NotifyVisit => Some(":message:support_visit:1"),
        Effect::RequestReset { .. }
        | Effect::Confirm { .. }
        | Effect::SignOut { .. }
        | Effect::AlertLocked { .. }
        | Effect::AlertResetLocked
        | Effect::CountReporters { .. }
        | Effect::AlertWrongResetCodes { .. } => None,
    }
}

#[test]
fn function_keys_match_contract() {
    let (agent_id, purpose) = ("agent-ben".to_owned(), Purpose::AgentMfa);
    let effects = [
        Effect::Send { purpose, nth: 7 },
        Effect::Verify {
            purpose,
            nth: 7,
            challenge: Some("chl-1".to_owned()),
            mac: "hash".to_owned(),
        },
        Effect::Issue { target: Target::Web, nth: 7 },
        Effect::MailLink { nth: 7 },
        Effect::Revoke { nth: 1 },
        Effect::NotifyLinked { agent_id: agent_id.clone() },
        Effect::NotifyUnlinked { agent_id: agent_id.clone() },
        Effect::NotifyChanged { agent_id, nth: 7 },
        Effect::NotifyVisit,
    ];
    let session: SessionId = "a".repeat(SessionId::LENGTH).parse().unwrap();
    for effect in effects {
        let written = written(&effect).unwrap();
        let key = [
            ("<purpose>", "agent_mfa"),
            ("<n>", "7"),
            ("<challenge id>", "chl-1"),
            ("<keyed hash of the code>", "hash"),
            ("<target>", "web"),
        ]
        .iter()
        .fold(format!("{session}{written}"), |key, (part, value)| key.replace(part, value));
        assert_eq!(effect.key(&session), key);
        assert!(CONTRACT.contains(&format!("| `{written}` |")), "{written}");
    }
}
