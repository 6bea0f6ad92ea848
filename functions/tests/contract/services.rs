//! Ports in memory, which record each call and can stop a function at any of them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use functions::SessionState;
use functions::contract::Locale;
use functions::mail::Mail;
use functions::memory::{MemoryMac, MemorySessions};
use functions::ports::{
    Accounts, Clock, CodeMac, Customers, Fault, LookUpError, MailError, Mailer, Recipient, Saved,
    SessionEvents, Sessions,
};
use tokio::sync::{Notify, oneshot};

use super::world::{ANA, START};

type HeldMail = (oneshot::Sender<()>, oneshot::Receiver<bool>);

/// Everything around the functions.
pub struct Services {
    sessions: MemorySessions,
    mac: MemoryMac,
    pub mails: Mutex<Vec<Mail>>,
    pub mail_error: Mutex<Option<MailError>>,
    pub directory_fails: AtomicBool,
    pub ended: Mutex<Vec<String>>,
    now: AtomicI64,
    /// A sleep moves the clock and takes no time.
    pub virtual_sleep: AtomicBool,
    /// The calls of ports, by name.
    pub trace: Mutex<Vec<&'static str>>,
    /// Points that a function still passes before it stops. Negative: it never stops.
    left: AtomicI64,
    stopped: Notify,
    held_mail: Mutex<Option<HeldMail>>,
    /// The next save is done, but reported as a conflict: its answer was lost.
    pub lose_next_save: AtomicBool,
}

impl Services {
    pub fn new() -> Self {
        Self {
            sessions: MemorySessions::default(),
            mac: MemoryMac::random(),
            mails: Mutex::default(),
            mail_error: Mutex::default(),
            directory_fails: AtomicBool::new(false),
            ended: Mutex::default(),
            now: AtomicI64::new(START),
            virtual_sleep: AtomicBool::new(false),
            trace: Mutex::default(),
            left: AtomicI64::new(-1),
            stopped: Notify::new(),
            held_mail: Mutex::default(),
            lose_next_save: AtomicBool::new(false),
        }
    }

    pub fn advance(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    /// Lets a function run up to its point `n`.
    pub fn stop_at(&self, n: i64) {
        self.left.store(n, Ordering::SeqCst);
    }

    /// Waits until a function has stopped.
    pub async fn stopped(&self) {
        self.stopped.notified().await;
    }

    /// Returns everything that is stored.
    pub fn stored(&self) -> String {
        self.sessions.dump()
    }

    /// A point at which a function can be stopped: before and after each effect.
    async fn point(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            self.stopped.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// Holds the next mail. Returns a signal that it began, and a sender that lets it go out (true)
    /// or be refused.
    pub fn hold_next_mail(&self) -> (oneshot::Receiver<()>, oneshot::Sender<bool>) {
        let (started, has_started) = oneshot::channel();
        let (go_on, goes_on) = oneshot::channel();
        *self.held_mail.lock().unwrap() = Some((started, goes_on));
        (has_started, go_on)
    }

    async fn before(&self, name: &'static str) {
        self.trace.lock().unwrap().push(name);
        self.point().await;
    }
}

#[async_trait]
impl Sessions for Services {
    async fn load(&self, session_id: &str) -> Result<(SessionState, u64), Fault> {
        self.before("load").await;
        let loaded = self.sessions.load(session_id).await;
        self.point().await;
        loaded
    }

    async fn save(&self, id: &str, state: &SessionState, version: u64) -> Result<Saved, Fault> {
        self.before("save").await;
        let mut saved = self.sessions.save(id, state, version).await;
        if self.lose_next_save.swap(false, Ordering::SeqCst) {
            saved = Ok(Saved::Conflict);
        }
        self.point().await;
        saved
    }
}

#[async_trait]
impl CodeMac for Services {
    async fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        self.before("mac").await;
        self.mac.mac(message).await
    }
}

#[async_trait]
impl Mailer for Services {
    async fn send(&self, mail: &Mail) -> Result<String, MailError> {
        self.before("mail").await;
        let held = self.held_mail.lock().unwrap().take();
        if let Some((started, go_on)) = held {
            started.send(()).unwrap();
            if !go_on.await.unwrap() {
                return Err(MailError::Refused);
            }
        }
        let error = *self.mail_error.lock().unwrap();
        if !matches!(error, Some(MailError::Refused | MailError::Throttled)) {
            self.mails.lock().unwrap().push(mail.clone());
        }
        self.point().await;
        error.map_or_else(|| Ok("msg-1".to_owned()), Err)
    }
}

fn person(address: &str, name: &str, locale: Option<Locale>) -> Recipient {
    Recipient { address: address.to_owned(), name: name.to_owned(), locale }
}

#[async_trait]
impl Accounts for Services {
    async fn find(&self, sub: &str) -> Result<Option<Recipient>, LookUpError> {
        self.before("account").await;
        if self.directory_fails.load(Ordering::SeqCst) {
            return Err(LookUpError);
        }
        Ok((sub == ANA).then(|| person("ana@waizant.example", "Ana Ruiz", None)))
    }
}

#[async_trait]
impl Customers for Services {
    async fn find(&self, id: &str) -> Result<Option<Recipient>, LookUpError> {
        self.before("customer").await;
        if self.directory_fails.load(Ordering::SeqCst) {
            return Err(LookUpError);
        }
        Ok(match id {
            "usr-julia" => Some(person("julia@example.com", "Julia Peña", Some(Locale::Es))),
            "usr-sofia" => Some(person("sofia@example.com", "Sofia Marin", Some(Locale::En))),
            _ => None,
        })
    }
}

#[async_trait]
impl SessionEvents for Services {
    async fn ended(&self, session_id: &str) -> Result<(), Fault> {
        self.before("event").await;
        self.ended.lock().unwrap().push(session_id.to_owned());
        self.point().await;
        Ok(())
    }
}

#[async_trait]
impl Clock for Services {
    fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    async fn sleep(&self, ms: u64) {
        if self.virtual_sleep.load(Ordering::SeqCst) {
            self.now.fetch_add(i64::try_from(ms).unwrap(), Ordering::SeqCst);
        } else {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
    }
}
