//! The Lambda functions: the crate that a company deploys, on the sandbox's services.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use functions::contract::Locale;
use functions::mail::Mail;
use functions::memory::{MemoryMac, MemorySessions};
use functions::ports::{
    Accounts, Clock, Customers, Fault, LookUpError, MailError, Mailer, Ports, Recipient,
    SessionEvents,
};
use functions::system::SystemRandom;
use functions::{Function, Functions, Settings};

use super::cognito::Pool;
use crate::clock;
use crate::core_db::Core;
use crate::mail::{Mailbox, OutgoingMail};
use crate::random;
use crate::shop::Shop;

/// The functions by the names that a deployment gives them.
pub const FUNCTIONS: [(&str, Function); 5] = [
    ("cs-otp-send", Function::OtpSend),
    ("cs-otp-verify", Function::OtpVerify),
    ("cs-access", Function::Access),
    ("cs-message", Function::Message),
    ("cs-redeem", Function::Redeem),
];

/// Name of a question about a mail (`op: "status"` of `cs-otp-send`) in the log of calls and for
/// faults, so that it is not taken for a code.
pub const MAIL_QUESTION: &str = "cs-otp-send status";

/// Returns the function that serves the calls of this name.
pub(super) fn serving(name: &str) -> Option<Function> {
    if name == MAIL_QUESTION {
        return Some(Function::OtpSend);
    }
    FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
}

/// Returns the functions on these services.
pub(super) fn functions(
    clock: Arc<dyn clock::Clock>,
    pool: Arc<Mutex<Pool>>,
    core: Core,
    mail: Arc<Mailbox>,
    shop: Arc<Shop>,
) -> Functions {
    let settings = Settings {
        company: "Waizant".to_owned(),
        link_prefix: format!("{}/support#", shop.url()),
        app_link_prefix: Some("waizant://support#".to_owned()),
        report_prefix: Some("http://127.0.0.1:".to_owned()),
        // 0, because the sandbox hides nothing from its user.
        link_send_step: 0,
    };
    let ports = Ports {
        sessions: Arc::new(MemorySessions::default()),
        mac: Arc::new(MemoryMac::random()),
        mailer: mail,
        accounts: Arc::new(Staff(pool)),
        customers: Arc::new(core),
        events: shop,
        link_api: None,
        clock: Arc::new(Time(clock)),
        random: Arc::new(SystemRandom),
    };
    Functions::new(ports, settings)
}

struct Staff(Arc<Mutex<Pool>>);

#[async_trait]
impl Accounts for Staff {
    async fn find(&self, sub: &str) -> Result<Option<Recipient>, LookUpError> {
        let pool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let staff = pool.find(sub).filter(|staff| staff.enabled && staff.email_verified);
        Ok(staff.map(|staff| Recipient {
            address: staff.email.clone(),
            name: staff.name.clone(),
            locale: None,
        }))
    }
}

#[async_trait]
impl Customers for Core {
    async fn find(&self, id: &str) -> Result<Option<Recipient>, LookUpError> {
        let user = self.find_user(id).await.map_err(|_| LookUpError)?;
        Ok(user.map(|user| Recipient {
            address: user.email,
            name: user.name,
            locale: Some(Locale::from_tag(&user.locale)),
        }))
    }
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, mail: &Mail) -> Result<String, MailError> {
        self.deliver(OutgoingMail::from(mail)).map_err(|_| MailError::Refused)?;
        Ok(random::id("msg"))
    }
}

#[async_trait]
impl SessionEvents for Shop {
    async fn ended(&self, session_id: &str) -> Result<(), Fault> {
        self.end_session(session_id);
        Ok(())
    }
}

/// The sandbox's time. A function waits in real time, because a test's clock stands still.
struct Time(Arc<dyn clock::Clock>);

#[async_trait]
impl Clock for Time {
    fn now(&self) -> i64 {
        self.0.now()
    }

    async fn sleep(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}
