//! Delivery events of SES: in any order, more than once, and about mails without a code.

use functions::Function;
use serde_json::{Value, json};

use super::world::{World, refusal};

/// Returns a recorded event of SES about the mail of a challenge, as EventBridge delivers it, with
/// `part` in it. The addresses and ids are replaced.
fn event(challenge: &Value, kind: &str, part: &Value) -> Value {
    let name = kind[..1].to_lowercase() + &kind[1..];
    let mut event = json!({
        "version": "0", "id": "6f5b1e0c-0b0a-4c1d-9d0e-5b7c8f1f0001", "detail-type": "Email Event",
        "source": "aws.ses", "account": "123456789012", "time": "2026-06-01T10:00:04Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:ses:eu-west-1:123456789012:configuration-set/Mails-1abcdefghijk"],
        "detail": {
            "eventType": kind,
            "mail": {
                "timestamp": "2026-06-01T10:00:00.826Z",
                "source": "support@example.com",
                "sendingAccountId": "123456789012",
                "messageId": "010101860d89bc12-7ce77242-b9cf-492d-a880-7f5401590119-000000",
                "destination": ["julia@example.com"],
                "headersTruncated": false,
                "headers": [{"name": "Subject", "value": "Su código"}],
                "commonHeaders": {"subject": "Su código", "to": ["julia@example.com"]},
                "tags": {
                    "ses:operation": ["SendEmail"],
                    "ses:configuration-set": ["Mails-1abcdefghijk"],
                    "ses:from-domain": ["example.com"],
                    "challenge": [challenge],
                    "session": ["s1"],
                },
            },
        },
    });
    event["detail"][name] = part.clone();
    event
}

fn delivered() -> Value {
    json!({
        "timestamp": "2026-06-01T10:00:04.302Z", "processingTimeMillis": 3476,
        "recipients": ["julia@example.com"], "smtpResponse": "250 ok: Message 122614849 accepted",
        "remoteMtaIp": "207.171.188.9",
        "reportingMTA": "a27-42.smtp-out.us-west-2.amazonses.com",
    })
}

fn bounced(kind: &str, subkind: &str, status: Option<&str>) -> Value {
    let mut recipient = json!({"emailAddress": "julia@example.com"});
    if let Some(status) = status {
        recipient["action"] = json!("failed");
        recipient["status"] = json!(status);
        recipient["diagnosticCode"] = json!("smtp; 550-5.1.1 The account does not exist");
    }
    json!({
        "feedbackId": "010101860d89be0a-ea93e0f8-8612-4af4-a5f6-af05cb09aca8-000000",
        "bounceType": kind, "bounceSubType": subkind, "bouncedRecipients": [recipient],
        "timestamp": "2026-06-01T10:00:07.000Z", "remoteMtaIp": "71.72.73.74",
        "reportingMTA": "dns; a27-30.smtp-out.us-west-2.amazonses.com",
    })
}

fn gone() -> Value {
    bounced("Permanent", "General", Some("5.1.1"))
}

fn delayed() -> Value {
    json!({
        "timestamp": "2026-06-01T10:00:09.000Z", "delayType": "TransientCommunicationFailure",
        "delayedRecipients": [{
            "emailAddress": "julia@example.com", "status": "4.4.1", "diagnosticCode": "smtp; 421",
        }],
    })
}

fn complained(subkind: &Value) -> Value {
    json!({
        "feedbackId": "0101018", "complaintSubType": subkind, "userAgent": "ExampleCorp/1.0",
        "complainedRecipients": [{"emailAddress": "julia@example.com"}],
        "complaintFeedbackType": "abuse", "timestamp": "2026-06-01T10:00:30.000Z",
    })
}

async fn deliver(world: &World, event: &Value) -> Value {
    let body = event.to_string();
    world.functions.call(Function::Delivery, body.as_bytes()).await.unwrap().body
}

async fn status(world: &World, challenge: &Value) -> Value {
    let own = json!({"op": "status", "challenge_id": challenge});
    world.call(Function::OtpSend, "st", own).await
}

/// Returns a world with a mailed code, and the id of its challenge.
async fn mailed() -> (World, Value) {
    let world = World::new();
    let sent = world.send("c", "customer_consent").await;
    (world, sent["challenge_id"].clone())
}

#[tokio::test]
async fn each_event_becomes_its_state() {
    let at = |state: &str, at: &str| json!({"ok": true, "state": state, "at": at});
    for (kind, part, expected) in [
        ("Delivery", delivered(), at("delivered", "2026-06-01T10:00:04.302Z")),
        ("DeliveryDelay", delayed(), at("delayed", "2026-06-01T10:00:09Z")),
        ("Complaint", complained(&Value::Null), at("complained", "2026-06-01T10:00:30Z")),
    ] {
        let (world, challenge) = mailed().await;
        let event = event(&challenge, kind, &part);
        assert_eq!(deliver(&world, &event).await, json!({"ok": true, "recorded": true}));
        assert_eq!(status(&world, &challenge).await, expected);
        let stored = world.stored();
        assert!(!stored.contains("julia@"), "an event leaves no address: {stored}");
    }
}

#[tokio::test]
async fn bounces_have_their_reasons() {
    for (kind, subkind, code, reason) in [
        ("Permanent", "General", Some("5.1.1"), "no_such_mailbox"),
        ("Permanent", "General", Some("5.1.2"), "no_such_mailbox"),
        ("Permanent", "NoEmail", None, "no_such_mailbox"),
        ("Transient", "MailboxFull", Some("5.2.2"), "mailbox_full"),
        ("Permanent", "General", Some("5.2.2"), "mailbox_full"),
        ("Permanent", "Suppressed", None, "blocked"),
        ("Permanent", "OnAccountSuppressionList", None, "blocked"),
        ("Transient", "ContentRejected", Some("5.6.0"), "blocked"),
        ("Permanent", "General", Some("5.7.1"), "blocked"),
        ("Permanent", "General", None, "other"),
        ("Undetermined", "Undetermined", None, "other"),
        ("Transient", "General", Some("4.4.7"), "other"),
    ] {
        let (world, challenge) = mailed().await;
        let part = bounced(kind, subkind, code);
        deliver(&world, &event(&challenge, "Bounce", &part)).await;
        let answer = status(&world, &challenge).await;
        let expected =
            json!({"ok": true, "state": "bounced", "at": "2026-06-01T10:00:07Z", "reason": reason});
        assert_eq!(answer, expected, "{kind} {subkind} {code:?}");
    }
    // SES did not try to deliver it.
    let (world, challenge) = mailed().await;
    let part = complained(&json!("OnAccountSuppressionList"));
    deliver(&world, &event(&challenge, "Complaint", &part)).await;
    let answer = status(&world, &challenge).await;
    assert_eq!((&answer["state"], &answer["reason"]), (&json!("bounced"), &json!("blocked")));
}

#[tokio::test]
async fn strongest_state_counts_in_any_order_and_twice() {
    let events = [
        ("DeliveryDelay", delayed(), "delayed"),
        ("Delivery", delivered(), "delivered"),
        ("Complaint", complained(&Value::Null), "complained"),
        ("Bounce", gone(), "bounced"),
    ];
    for (weak, (weak_kind, weak_part, _)) in events.iter().enumerate() {
        for (strong_kind, strong_part, strongest) in &events[weak..] {
            let (world, challenge) = mailed().await;
            let weak = event(&challenge, weak_kind, weak_part);
            let strong = event(&challenge, strong_kind, strong_part);
            for event in [&weak, &strong, &weak, &strong, &weak] {
                deliver(&world, event).await;
            }
            assert_eq!(status(&world, &challenge).await["state"], *strongest, "{weak_kind}");
            let stored = world.stored();
            deliver(&world, &strong).await;
            assert_eq!(world.stored(), stored, "the same event changes nothing");
            let (world, challenge) = mailed().await;
            deliver(&world, &event(&challenge, strong_kind, strong_part)).await;
            deliver(&world, &event(&challenge, weak_kind, weak_part)).await;
            assert_eq!(status(&world, &challenge).await["state"], *strongest, "{weak_kind}");
        }
    }
}

#[tokio::test]
async fn automatic_reply_is_no_bounce() {
    let (world, challenge) = mailed().await;
    deliver(&world, &event(&challenge, "Delivery", &delivered())).await;
    let reply = event(&challenge, "Bounce", &bounced("Transient", "General", None));
    assert_eq!(deliver(&world, &reply).await["recorded"], false);
    assert_eq!(status(&world, &challenge).await["state"], "delivered");
}

#[tokio::test]
async fn event_of_another_mail_changes_nothing() {
    let (world, challenge) = mailed().await;
    let stored = world.stored();
    for tags in
        [json!({}), json!({"challenge": []}), json!({"challenge": ["c"], "session": ["../x"]})]
    {
        let mut notice = event(&challenge, "Delivery", &delivered());
        notice["detail"]["mail"]["tags"] = tags;
        assert_eq!(deliver(&world, &notice).await["recorded"], false);
    }
    for kind in ["Send", "Open", "Delivery"] {
        let empty = event(&challenge, kind, &Value::Null);
        assert_eq!(deliver(&world, &empty).await["recorded"], false, "{kind}");
    }
    let mut old = event(&challenge, "Delivery", &delivered());
    old["detail"]["mail"]["tags"]["session"] = json!(["deleted-by-its-ttl"]);
    assert_eq!(deliver(&world, &old).await["recorded"], false);
    let odd = event(&challenge, "Delivery", &json!({"timestamp": "soon"}));
    assert_eq!(refusal(&deliver(&world, &odd).await), "BAD_REQUEST");
    assert_eq!(world.stored(), stored);
}

#[tokio::test]
async fn event_that_is_faster_than_the_send_is_repeated() {
    let (world, _) = mailed().await;
    let early = event(&json!("chl-not-yet"), "Delivery", &delivered()).to_string();
    let fault = world.functions.call(Function::Delivery, early.as_bytes()).await.unwrap_err();
    assert_eq!(fault.0, "the code of a mail is not stored yet");
}
