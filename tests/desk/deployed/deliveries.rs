//! Events of SES about the mail of a code, through the rule and the function to the bot's question.

use serde_json::json;

use super::Deployment;

/// Lets SES report a bounce. Then the function tells it to the bot.
pub(super) async fn bounce_is_told(
    deployment: &mut Deployment,
    session: &str,
) -> Result<(), String> {
    let challenge = deployment.calls.mails_code(session).await?;
    let before = deployment.calls.delivery(session, &challenge).await?;
    assert_eq!(before["state"], "accepted");
    let detail = json!({
        "eventType": "Bounce",
        "bounce": {
            "timestamp": "2026-01-05T10:00:07Z",
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": "eva@waizant.example", "status": "5.1.1"}],
        },
    });
    let reply = deployment.stack.does(&json!({
        "do": "report", "kind": "Email Bounced", "session_id": session, "challenge_id": challenge,
        "detail": detail,
    }));
    if reply["recorded"] != true {
        return Err(reply.to_string());
    }
    let after = deployment.calls.delivery(session, &challenge).await?;
    assert_eq!((&after["state"], &after["reason"]), (&json!("bounced"), &json!("no_such_mailbox")));
    Ok(())
}
