//! Replies of the Lambda functions: each parser gets the same bytes.

use std::sync::LazyLock;
use std::time::Duration;

use commands::flows::verify::delivery::news;
use commands::model::delivery::DeliveryReport;
use commands::model::outcome::CodeCheck;
use commands::model::time::Timestamp;
use commands::model::words::{Purpose, Target};
use commands::ports::function::Answer;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use support_desk::config::AccessHosts;
use support_desk::lambda::answers;
use url::Url;

const NOW: Timestamp = Timestamp(1_767_607_200_000);
const HOSTS: [&str; 2] = ["shop.example.com", "web.example.com"];
const SCHEME: &str = "waizant";

static ALLOWED: LazyLock<AccessHosts> = LazyLock::new(|| {
    AccessHosts::parse(&format!("{},{},{SCHEME}:", HOSTS[0], HOSTS[1])).expect("valid hosts")
});

/// Parses the bytes as a reply of each function.
pub fn run(bytes: &[u8]) {
    if let Some(sent) = done(answers::parse_send_reply(bytes)) {
        assert!(is_masked(&sent.destination), "{} is not masked", sent.destination);
        // Must not overflow.
        let _ = NOW + sent.resend_after;
    }
    if let Some(status) = done(answers::parse_status_reply(bytes)) {
        let purpose = Purpose::CustomerConsent;
        let report = DeliveryReport { purpose, nth: 1, mailed_at: NOW, known: None, status };
        let later = NOW + Duration::from_mins(3);
        let news = news(None, &report, later).expect("each state is news after three minutes");
        assert!((NOW..=later).contains(&news.at), "a time that the bot does not believe");
        assert!(news.seconds <= 180, "longer than the mail is on its way");
    }
    for purpose in [Purpose::AgentMfa, Purpose::CustomerConsent, Purpose::AgentLink] {
        let checked = done(answers::parse_verify_reply(bytes, purpose));
        // The second parse can fail, because unused fields need not be valid text.
        if let (Some(CodeCheck::Verified(proof)), Ok(read)) =
            (checked, serde_json::from_slice::<Value>(bytes))
        {
            assert!(
                read["ok"] == true && read["result"] == "verified",
                "verified without a result"
            );
            let given = read["proof"].as_str();
            assert!(
                given == Some(proof.expose_secret())
                    || (purpose == Purpose::AgentLink && given.is_none())
            );
        }
    }
    for target in [Target::Store, Target::Web, Target::App, Target::Successor] {
        if let Some(link) = done(answers::parse_issue_reply(bytes, target, &ALLOWED, NOW)) {
            assert!(link.expires_at > NOW, "already expired");
            assert_allowed(link.url.expose_secret(), target);
        }
    }
    let _ = done(answers::parse_revoke_reply(bytes));
    if let Some(to) = done(answers::parse_message_reply("mailing a notice", bytes)) {
        assert!(is_masked(&to), "{to} is not masked");
    }
}

/// Returns the result of a reply. Asserts that a fault does not quote the reply.
fn done<T>(answer: Answer<T>) -> Option<T> {
    match answer {
        Ok(answer) => answer.ok(),
        Err(fault) => {
            let text = fault.to_string();
            assert!(text.len() < 200 && text.is_ascii(), "a fault quotes the reply: {text}");
            None
        }
    }
}

/// Returns true if at most one letter is left of the local part and of the domain.
fn is_masked(address: &str) -> bool {
    address.split_once('@').is_none_or(|(local, domain)| {
        local.chars().take_while(|c| *c != '•').count() <= 1
            && domain.chars().take_while(|c| *c != '•').count() <= 1
    })
}

/// Checks the contract's rule for links independently.
fn assert_allowed(url: &str, target: Target) {
    let parsed = Url::parse(url).expect("an address");
    let host = parsed.host_str().unwrap_or_default();
    assert_eq!(url, parsed.as_str(), "not in the spelling that was checked");
    assert!(url.len() <= 512, "too long for a button");
    assert!(
        parsed.username().is_empty() && parsed.password().is_none(),
        "user information before the host"
    );
    if parsed.scheme() == SCHEME {
        assert!(matches!(target, Target::App | Target::Successor), "an app scheme in a button");
    } else {
        assert_eq!(parsed.scheme(), "https", "not https");
        assert!(HOSTS.contains(&host), "{host} is not allowed");
    }
}
