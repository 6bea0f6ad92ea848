//! The checks of groups, and of what leads need.

use super::*;

#[tokio::test]
async fn missing_leads_channel_is_reported() {
    let lines = Box::pin(lines(&[("DISCORD_LEADS_CHANNEL_ID", "")], true)).await;
    let alerts =
        "ok    alerts: only in the log, because DISCORD_LEADS_CHANNEL_ID is not set".to_owned();
    assert!(lines.contains(&alerts) && lines.len() == 32, "{lines:#?}");
}

#[tokio::test]
async fn group_in_other_capitals_fails() {
    let groups = [
        ("COGNITO_AGENT_GROUPS", "CustomerService,customerservice"),
        ("COGNITO_VERIFIER_GROUPS", "CustomerVerification,customerverification"),
    ];
    let lines = Box::pin(lines(&groups, true)).await;
    for (variable, names) in groups {
        let (exists, missing) = names.split_once(',').unwrap();
        assert!(lines.contains(&format!("ok    Cognito: group {exists}")), "{lines:#?}");
        let why = format!("{missing}: the pool has no such group; check {variable}, in which");
        assert!(failing(&lines).iter().any(|line| line.contains(&why)), "{lines:#?}");
    }
}

#[tokio::test]
async fn half_a_lead_is_a_warning() {
    let all = |lines: Vec<String>| lines.into_iter().find(|line| line.contains("leads: ")).unwrap();
    for (unset, expected) in [
        (
            "COGNITO_LEAD_GROUPS",
            "warn  leads: /desk refuses every user, because COGNITO_LEAD_GROUPS is not set",
        ),
        (
            "DISCORD_LEAD_ROLE_ID",
            "warn  leads: /desk refuses every user, because DISCORD_LEAD_ROLE_ID is not set",
        ),
    ] {
        assert_eq!(all(Box::pin(lines(&[(unset, "")], true)).await), expected);
    }
    let none = [("COGNITO_LEAD_GROUPS", ""), ("DISCORD_LEAD_ROLE_ID", "")];
    assert!(all(Box::pin(lines(&none, true)).await).starts_with("ok    leads: none, because"));
}
