//! Fakes of the outside for what a conversation cannot reach cheaply: strict, and small.
//!
//! The store keeps sessions by version as a row does, and answers a commit with what a test has
//! scripted first. Everything that is asked of the outside is written down in one list. What no
//! test needs panics.

mod store;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use commands::engine::desk::{Desk, Rules};
use commands::engine::interaction::Request;
use commands::model::account::{Account, AccountStatus};
use commands::model::code::Code;
use commands::model::customer::CustomerRecord;
use commands::model::email::Email;
use commands::model::fault::Fault;
use commands::model::outcome::{CodeCheck, Sent};
use commands::model::proof::AccessGrant;
use commands::model::session::Session;
use commands::model::time::Timestamp;
use commands::model::timers::IDLE_CLOSE;
use commands::model::words::{Purpose, SessionId, SupportKind, Target};
use commands::ports::Ports;
use commands::ports::access::{Access, IssuedLink, Pictures};
use commands::ports::account_links::AccountLinks;
use commands::ports::chat::{Chat, ChatError, FirstAnswer, MessageRef, ReplyHandle};
use commands::ports::claims::Claims;
use commands::ports::clock::Clock;
use commands::ports::codes::{Codes, Subject};
use commands::ports::directory::Directory;
use commands::ports::function::{Answer, Origin};
use commands::ports::identity::Identity;
use commands::ports::keys::Keys;
use commands::ports::limits::Limits;
use commands::ports::messages::Messages;
use commands::ports::recovery::Recovery;
use commands::ports::sessions::{Commit, Committed, SessionHandle, Sessions};
use commands::screens::screen::Screen;
use secrecy::{ExposeSecret as _, SecretString};

use crate::people::julia;
use crate::requests::click;
use crate::road::{NOW, mailed};

pub(crate) const AGENT_ROLE: u64 = 7;

/// What a commit is to answer, when it is not simply saved.
pub(crate) enum Scripted {
    /// It is saved.
    Saved,
    /// This, and nothing is written.
    Answer(Committed),
    /// The row has become this meanwhile: stale.
    Newer(Box<Session>),
    /// The database fails.
    Fault,
    /// It is saved, and then the database fails: nobody hears of it.
    SavedAndFault,
    /// It is saved, but not before this lets go.
    Held(Arc<tokio::sync::Notify>),
    /// Another process has finished the effect: the row has become this, and the claim is done.
    Finished(Box<Session>),
}

/// The outside as the tests see it.
#[derive(Default)]
pub(crate) struct World {
    /// What was asked of the outside, in order.
    pub(crate) log: Mutex<Vec<String>>,
    /// What the next commits answer; afterwards they are saved.
    pub(crate) script: Mutex<VecDeque<Scripted>>,
    /// What `take_over` answers.
    pub(crate) ours: Mutex<bool>,
    /// How many wrong codes are counted.
    pub(crate) tries: Mutex<u32>,
    /// True if other processes share the store.
    pub(crate) shared: Mutex<bool>,
    /// Rows that the other process saves while this one waits for it. With none left it is dead.
    pub(crate) releases: Mutex<VecDeque<Session>>,
    rows: Mutex<HashMap<SessionId, Session>>,
    memory: Mutex<HashMap<SessionId, Arc<SessionHandle>>>,
}

impl World {
    /// A world with this session in its row and in memory.
    pub(crate) fn with(session: &Session) -> Arc<Self> {
        Self::with_all([session.clone()])
    }

    /// Likewise, with all of these.
    pub(crate) fn with_all(sessions: impl IntoIterator<Item = Session>) -> Arc<Self> {
        let world = Self::default();
        for session in sessions {
            let stored = Session { version: 1, ..session };
            world.rows.lock().unwrap().insert(stored.id.clone(), stored.clone());
            world
                .memory
                .lock()
                .unwrap()
                .insert(stored.id.clone(), Arc::new(SessionHandle::new(stored)));
        }
        Arc::new(world)
    }

    /// The row as another process has written it.
    pub(crate) fn rewrites(&self, session: &Session) {
        let mut rows = self.rows.lock().unwrap();
        let version = rows[&session.id].version + 1;
        rows.insert(session.id.clone(), Session { version, ..session.clone() });
    }

    pub(crate) fn row(&self, id: &SessionId) -> Session {
        self.rows.lock().unwrap()[id].clone()
    }

    /// Calls so far, one a line.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Scripts the results of the next commits.
    pub(crate) fn script(&self, scripted: impl IntoIterator<Item = Scripted>) {
        self.script.lock().unwrap().extend(scripted);
    }

    /// Has a new desk handle a request of [`click`]. Returns the log.
    pub(crate) async fn handle(self: &Arc<Self>, request: Request) -> String {
        self.desk().handle(click(), request).await;
        self.log()
    }

    pub(crate) fn note(&self, line: impl Into<String>) {
        self.log.lock().unwrap().push(line.into());
    }

    /// A desk in this world.
    pub(crate) fn desk(self: &Arc<Self>) -> Desk {
        let ports = Ports {
            clock: Arc::clone(self) as Arc<dyn Clock>,
            keys: Arc::clone(self) as Arc<dyn Keys>,
            directory: Arc::clone(self) as Arc<dyn Directory>,
            identity: Arc::clone(self) as Arc<dyn Identity>,
            recovery: Arc::clone(self) as Arc<dyn Recovery>,
            codes: Arc::clone(self) as Arc<dyn Codes>,
            access: Arc::clone(self) as Arc<dyn Access>,
            messages: Arc::clone(self) as Arc<dyn Messages>,
            pictures: Arc::clone(self) as Arc<dyn Pictures>,
            chat: Arc::clone(self) as Arc<dyn Chat>,
            sessions: Arc::clone(self) as Arc<dyn Sessions>,
            claims: Arc::clone(self) as Arc<dyn Claims>,
            limits: Arc::clone(self) as Arc<dyn Limits>,
            account_links: Arc::clone(self) as Arc<dyn AccountLinks>,
        };
        let rules = Rules {
            guild: 1,
            channel: 2,
            agent_role: AGENT_ROLE,
            lead_role: AGENT_ROLE + 1,
            groups: vec!["CustomerService".to_owned()],
            idle: IDLE_CLOSE,
            pages: Some("https://desk.example.com/recover/".to_owned()),
        };
        Desk::new(ports, rules)
    }
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> Timestamp {
        NOW
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

impl Keys for World {
    fn session_id(&self) -> SessionId {
        unreachable!("no session is opened here")
    }

    fn secret(&self) -> SecretString {
        unreachable!("no recovery is opened here")
    }

    fn number(&self) -> u64 {
        77
    }

    fn reference(&self) -> String {
        "F-7K2M9Q".to_owned()
    }

    fn mac(&self, text: &str) -> String {
        format!("mac({text})")
    }
}

#[async_trait]
impl Directory for World {
    async fn find(&self, email: &Email, _: SupportKind) -> Result<Option<CustomerRecord>, Fault> {
        assert_eq!(email.as_str(), julia().email, "only this customer is looked up");
        Ok(Some(julia()))
    }

    async fn read(&self, _: &str, _: SupportKind) -> Result<Option<CustomerRecord>, Fault> {
        Ok(Some(julia()))
    }
}

#[async_trait]
impl Identity for World {
    async fn account(&self, agent_id: &str) -> Result<Option<Account>, Fault> {
        Ok(Some(Account {
            agent_id: agent_id.to_owned(),
            name: "Ben Ríos".to_owned(),
            email: "ben@waizant.example".to_owned(),
            email_verified: true,
            enabled: true,
            in_group: true,
            groups: vec!["CustomerService".to_owned()],
            status: AccountStatus::Confirmed,
        }))
    }

    async fn find(&self, _: &Email) -> Result<Option<Account>, Fault> {
        unreachable!("nothing is linked here")
    }
}

#[async_trait]
impl Codes for World {
    async fn send(
        &self,
        origin: Origin,
        _: Purpose,
        _: Subject,
        _: Option<(String, String)>,
    ) -> Answer<Sent> {
        self.note(format!("sends {}", origin.request_id));
        Ok(Ok(mailed(NOW)))
    }

    async fn verify(
        &self,
        origin: Origin,
        _: Purpose,
        challenge: &str,
        code: &Code,
    ) -> Answer<CodeCheck> {
        self.note(format!("verifies {} with {challenge}", origin.request_id));
        let right = code.expose() == "123456";
        Ok(Ok(if right {
            CodeCheck::Verified("proof".to_owned().into())
        } else {
            CodeCheck::Mismatch
        }))
    }
}

#[async_trait]
impl Access for World {
    async fn issue(&self, origin: Origin, _: Target, _: &AccessGrant<'_>) -> Answer<IssuedLink> {
        self.note(format!("issues {}", origin.request_id));
        Ok(Ok(IssuedLink {
            id: "link-1".to_owned(),
            url: "https://web.example/in".to_owned().into(),
            expires_at: NOW + Duration::from_mins(1),
        }))
    }

    async fn revoke(&self, origin: Origin) -> Answer<u32> {
        self.note(format!("revokes {}", origin.request_id));
        Ok(Ok(1))
    }
}

#[async_trait]
impl Messages for World {
    async fn account_linked(&self, _: Origin, _: &str) -> Answer<()> {
        unreachable!("nothing is linked here")
    }

    async fn password_changed(&self, origin: Origin, _: &str) -> Answer<()> {
        self.note(format!("mails {}", origin.request_id));
        Ok(Ok(()))
    }

    async fn successor_qr(
        &self,
        origin: Origin,
        link_id: &str,
        _: &AccessGrant<'_>,
    ) -> Answer<String> {
        self.note(format!("mails {link_id} {}", origin.request_id));
        Ok(Ok("s•••@e•••.com".to_owned()))
    }
}

impl Pictures for World {
    fn qr(&self, _: &SecretString) -> Result<Vec<u8>, Fault> {
        unreachable!("no QR is shown here")
    }
}

#[async_trait]
impl Chat for World {
    async fn answer(&self, _: &ReplyHandle, answer: FirstAnswer) -> Result<(), ChatError> {
        self.note(match answer {
            FirstAnswer::Panel(screen) => format!("panel: {}", first_line(&screen)),
            FirstAnswer::Note(screen) => format!("note: {}", first_line(&screen)),
            FirstAnswer::Defer => "defers".to_owned(),
            FirstAnswer::Form(form) => format!("form: {}", form.title),
        });
        Ok(())
    }

    async fn edit(
        &self,
        token: &SecretString,
        message: MessageRef,
        screen: Screen,
    ) -> Result<(), ChatError> {
        let token = Some(token.expose_secret()).filter(|token| *token != "token");
        let with = token.map_or(String::new(), |token| format!(" with token {token}"));
        self.note(format!("edits {message:?}{with}: {}", first_line(&screen)));
        Ok(())
    }

    async fn follow_up(&self, _: &SecretString, screen: Screen) -> Result<u64, ChatError> {
        self.note(format!("follows up: {}", screen.title));
        Ok(77)
    }

    async fn alert(&self, key: &str, _: Screen) -> Result<bool, ChatError> {
        self.note(format!("alerts {key}"));
        Ok(true)
    }
}

/// What a panel says first.
fn first_line(screen: &Screen) -> &str {
    screen.body.first().map_or("", String::as_str)
}
