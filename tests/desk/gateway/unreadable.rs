//! Events that serenity cannot read. It drops them, so the operator must see that.

use serde_json::{Value, json};

use super::bot::Bot;
use crate::browser;
use crate::log::log;

#[tokio::test]
async fn unreadable_event_is_seen_by_the_operator() {
    let log = log();
    let bot = Bot::starts().await;
    let ben = bot.sandbox.discord.person("ben");
    let spoils: [(&str, Option<Value>, &str); 4] = [
        ("/entitlements", Some(Value::Null), "invalid type: null, expected a sequence"),
        ("/attachment_size_limit", None, "missing field `attachment_size_limit`"),
        ("/member/user/avatar", Some(json!("hush1")), "Invalid length 5, expected 32 or 34"),
        ("/locale", Some(json!(["hush-value"])), "invalid type: sequence, expected a string"),
    ];
    for (nth, (pointer, value, why)) in (1_u64..).zip(spoils) {
        bot.sandbox.discord.faults().spoil_next_interaction(pointer, value);
        ben.types("/support resume").await;
        assert!(ben.sees_at_last("failed").await.contains("This interaction failed"));
        let health = bot.reports("unreadable_events", |count| count == nth).await;
        assert_eq!(health["up"], true, "{health}");
        let lines = log.lines_with("gateway event unreadable: dropped: ");
        assert_eq!(lines.len(), usize::try_from(nth).unwrap(), "{lines:#?}");
        let line = lines.last().unwrap();
        assert!(line.contains(why), "{line}");
    }
    let text = log.text();
    assert!(!text.contains("hush"), "the frame is logged");
    let metrics = browser::looks_at(&format!("{}metrics", bot.admin)).await.body;
    assert!(metrics.contains("support_desk_gateway_unreadable_total 4"), "{metrics}");
    bot.answers().await;
    bot.stops().await;
}
