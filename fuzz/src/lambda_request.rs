//! Requests to the Lambda functions: each function gets the same bytes.

use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use functions::contract::{Locale, RefusalCode};
use functions::mail::Mail;
use functions::memory::{MemoryMac, MemorySessions};
use functions::ports::{
    Accounts, Customers, Fault, LookUpError, MailError, Mailer, Ports, Recipient, SessionEvents,
};
use functions::system::{SystemClock, SystemRandom};
use functions::{Function, Functions, Settings};
use secrecy::ExposeSecret as _;
use tokio::runtime::{Builder, Runtime};

/// A directory in which every id exists, and a mailbox that accepts every mail.
#[derive(Default)]
struct World {
    codes: Mutex<Vec<String>>,
}

#[async_trait]
impl Mailer for World {
    async fn send(&self, mail: &Mail) -> Result<String, MailError> {
        let code = mail.code.as_ref().map(|code| code.expose_secret().to_owned());
        self.codes.lock().expect("no panic before").extend(code);
        Ok("m".to_owned())
    }
}

fn person() -> Recipient {
    let address = "julia@example.com".to_owned();
    Recipient { address, name: "Julia".to_owned(), locale: Some(Locale::Es) }
}

#[async_trait]
impl Accounts for World {
    async fn find(&self, _: &str) -> Result<Option<Recipient>, LookUpError> {
        Ok(Some(person()))
    }
}

#[async_trait]
impl Customers for World {
    async fn find(&self, _: &str) -> Result<Option<Recipient>, LookUpError> {
        Ok(Some(person()))
    }
}

#[async_trait]
impl SessionEvents for World {
    async fn ended(&self, _: &str) -> Result<(), Fault> {
        Ok(())
    }
}

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

/// Calls each function with the bytes.
pub fn run(bytes: &[u8]) {
    for function in Function::ALL {
        let (sessions, world) = (Arc::new(MemorySessions::default()), Arc::new(World::default()));
        let ports = Ports {
            sessions: sessions.clone(),
            mac: Arc::new(MemoryMac::random()),
            mailer: world.clone(),
            accounts: world.clone(),
            customers: world.clone(),
            events: world.clone(),
            link_api: None,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        };
        let settings = Settings {
            company: "Waizant".to_owned(),
            link_prefix: "https://www.example.com/support#".to_owned(),
            app_link_prefix: None,
            report_prefix: Some("https://desk.example.com/".to_owned()),
            link_send_step: 0,
        };
        let functions = Functions::new(ports, settings);
        let reply = RUNTIME.block_on(functions.call(function, bytes)).expect("no port fails");
        let stored = sessions.dump();
        match reply.refusal {
            None => assert_eq!(reply.body["ok"], true),
            Some(refusal) => {
                assert_eq!(reply.body, refusal.as_json());
                let stores_nothing = refusal.code == RefusalCode::BadRequest;
                assert!(!stores_nothing || stored.is_empty(), "a violation was stored: {stored}");
            }
        }
        for code in world.codes.lock().expect("no panic before").iter() {
            let is_given = bytes.windows(code.len()).any(|part| part == code.as_bytes());
            assert!(
                is_given || !stored.contains(&format!("\"{code}\"")),
                "a code is stored: {stored}"
            );
        }
    }
}
