//! The mails that the emulator's SES accepted.

use std::time::Duration;

use serde_json::Value;

use crate::browser;

/// Time limit for a mail.
const MAIL_TIMEOUT: Duration = Duration::from_secs(20);
/// Time between two looks for a mail. The emulator announces none.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

#[derive(Clone)]
pub struct Mails {
    url: String,
}

impl Mails {
    pub fn new(endpoint: &str) -> Self {
        Self { url: format!("{endpoint}/_ministack/ses/messages") }
    }

    /// Returns the mails to this address, oldest first.
    pub async fn to(&self, address: &str) -> Vec<Value> {
        let all: Value = serde_json::from_str(&browser::looks_at(&self.url).await.body).unwrap();
        // Grouped by AWS account.
        let mails = all["messages"].as_object().unwrap().values();
        let mails = mails.flat_map(|mails| mails.as_array().unwrap().clone());
        mails.filter(|mail| mail["To"][0] == address).collect()
    }

    /// Waits until this number of mails has been sent to this address.
    pub async fn arrive(&self, address: &str, count: usize) {
        let arriving = async {
            while self.to(address).await.len() < count {
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        };
        tokio::time::timeout(MAIL_TIMEOUT, arriving).await.expect("a mail in time");
    }

    /// Returns the code in the newest mail to this address.
    pub async fn code(&self, address: &str) -> String {
        self.codes(address).await.pop().unwrap_or_else(|| panic!("no code was mailed to {address}"))
    }

    /// Returns the codes in the mails to this address, oldest first.
    pub async fn codes(&self, address: &str) -> Vec<String> {
        self.to(address)
            .await
            .iter()
            .filter_map(|mail| code_in(mail["BodyText"].as_str()?))
            .collect()
    }
}

/// Returns the code in a mail: six digits in a line of their own.
fn code_in(text: &str) -> Option<String> {
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    text.lines().map(str::trim).find(is_code).map(str::to_owned)
}
