//! Answers of the Lambda functions: each reader is given the same bytes.

use std::sync::LazyLock;

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
    AccessHosts::parse(&format!("{},{},{SCHEME}:", HOSTS[0], HOSTS[1])).expect("they can be read")
});

/// Reads the bytes as every answer there is.
pub fn run(bytes: &[u8]) {
    if let Some(sent) = done(answers::sent(bytes)) {
        assert!(is_masked(&sent.destination), "{} is shown", sent.destination);
        // Whatever the function says, the clock can reckon with it.
        let _ = NOW + sent.resend_after;
    }
    for purpose in [Purpose::AgentMfa, Purpose::CustomerConsent, Purpose::AgentLink] {
        let checked = done(answers::checked(bytes, purpose));
        // What is in fields that nobody reads need not be text, so another reader may not get
        // through.
        if let (Some(CodeCheck::Verified(proof)), Ok(read)) =
            (checked, serde_json::from_slice::<Value>(bytes))
        {
            assert!(read["ok"] == true && read["result"] == "verified", "verified by nothing");
            let given = read["proof"].as_str();
            assert!(
                given == Some(proof.expose_secret())
                    || (purpose == Purpose::AgentLink && given.is_none())
            );
        }
    }
    for target in [Target::Store, Target::Web, Target::App, Target::Successor] {
        if let Some(link) = done(answers::issued(bytes, target, &ALLOWED, NOW)) {
            assert!(link.expires_at > NOW, "over already");
            may_be_opened(link.url.expose_secret(), target);
        }
    }
    let _ = done(answers::revoked(bytes));
    if let Some(to) = done(answers::mailed("mailing a notice", bytes)) {
        assert!(is_masked(&to), "{to} is shown");
    }
}

/// The answer, if it is one. Of a fault nothing may be said that was read.
fn done<T>(answer: Answer<T>) -> Option<T> {
    match answer {
        Ok(answer) => answer.ok(),
        Err(fault) => {
            let said = fault.to_string();
            assert!(said.len() < 200 && said.is_ascii(), "a fault quotes what it read: {said}");
            None
        }
    }
}

/// At most a letter of each part is left, and the last part of the domain.
fn is_masked(address: &str) -> bool {
    address.split_once('@').is_none_or(|(local, domain)| {
        local.chars().take_while(|c| *c != '•').count() <= 1
            && domain.chars().take_while(|c| *c != '•').count() <= 1
    })
}

/// The rule of the contract, written a second time.
fn may_be_opened(url: &str, target: Target) {
    let parsed = Url::parse(url).expect("an address");
    let host = parsed.host_str().unwrap_or_default();
    assert!(url.chars().count() <= 512, "longer than a button takes");
    assert!(
        parsed.username().is_empty() && parsed.password().is_none(),
        "a name stands before the host"
    );
    if parsed.scheme() == SCHEME {
        assert!(matches!(target, Target::App | Target::Successor), "an app's address in a button");
    } else {
        assert_eq!(parsed.scheme(), "https", "none of these hosts is loopback");
        assert!(HOSTS.contains(&host), "{host} is not allowed");
    }
}
