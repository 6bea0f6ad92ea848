//! A desk of paper: one link, one account, one code. It judges what is typed as the real one does,
//! and keeps what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use commands::flows::recover;
use commands::flows::recover::messages::{Field, FieldMessage};
use commands::handlers::recovery_page::{RecoveryDesk, View};
use commands::model::fault::Fault;
use commands::model::outcome::{ConfirmDenied, ResetDenied};
use commands::model::time::Timestamp;
use commands::model::words::Locale;
use commands::ports::recovery::PasswordPolicy;
use secrecy::{ExposeSecret as _, SecretString};

/// The one link that is good.
pub const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
/// The code in the newest mail.
pub const CODE: &str = "424242";
/// A password that the account had before.
pub const OLD: &str = "Old-Password-1";
/// One that it had not.
pub const NEW: &str = "New-Password-2";
/// Where the mails go.
pub const TO: &str = "a•••@w•••.example";

/// What the desk was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A look.
    Look,
    /// Another code.
    Resend,
    /// A new password.
    Confirm {
        /// As typed.
        code: String,
        /// As typed.
        password: String,
        /// As typed.
        again: String,
    },
}

/// The desk.
pub struct PaperDesk {
    state: Mutex<State>,
}

struct State {
    view: View,
    asked: Vec<Asked>,
    /// Whether the link is good no more.
    gone: bool,
    /// What the next resend or confirmation meets instead of its ordinary answer.
    refuses: Option<FieldMessage>,
    /// Whether looking, and whether everything else, fails.
    broken: (bool, bool),
}

impl PaperDesk {
    /// A desk whose link was made just now, for an agent of this language.
    pub fn new(locale: Locale) -> Arc<Self> {
        let now = Timestamp(1_767_607_200_000);
        let policy = PasswordPolicy {
            minimum_length: 8,
            lowercase: true,
            uppercase: true,
            numbers: true,
            symbols: true,
            history: 3,
        };
        let view = View {
            locale,
            to: Some(TO.to_owned()),
            last_outcome: None,
            done: false,
            signed_out: true,
            resend_at: Some(now + Duration::from_secs(47)),
            until: now + Duration::from_hours(1),
            policy,
            now,
        };
        Arc::new(Self {
            state: Mutex::new(State {
                view,
                asked: Vec::new(),
                gone: false,
                refuses: None,
                broken: (false, false),
            }),
        })
    }

    /// Changes what the page shows.
    pub fn shows(&self, change: impl FnOnce(&mut View)) {
        change(&mut self.state.lock().unwrap().view);
    }

    /// The next resend or confirmation is answered with this.
    pub fn refuses(&self, said: FieldMessage) {
        self.state.lock().unwrap().refuses = Some(said);
    }

    /// The link has ended.
    pub fn forgets(&self) {
        self.state.lock().unwrap().gone = true;
    }

    /// Whether looking, and whether everything else, fails from now on.
    pub fn breaks(&self, looking: bool, working: bool) {
        self.state.lock().unwrap().broken = (looking, working);
    }

    /// What it was asked besides looks.
    pub fn asked(&self) -> Vec<Asked> {
        self.state
            .lock()
            .unwrap()
            .asked
            .iter()
            .filter(|asked| **asked != Asked::Look)
            .cloned()
            .collect()
    }

    fn act(
        &self,
        token: &str,
        asked: Asked,
        answer: impl FnOnce(&mut State) -> Option<FieldMessage>,
    ) -> Worked {
        let mut state = self.state.lock().unwrap();
        let looking = asked == Asked::Look;
        state.asked.push(asked);
        if if looking { state.broken.0 } else { state.broken.1 } {
            return Err(Fault::new(
                "recovering a password",
                "the service answered SomethingException",
            ));
        }
        if token != TOKEN || state.gone {
            return Ok(None);
        }
        let refused = if looking { None } else { state.refuses.take() };
        let said = match refused {
            Some(said) => Some(said),
            None => answer(&mut state),
        };
        Ok(Some((state.view.clone(), said)))
    }
}

type Worked = Result<Option<(View, Option<FieldMessage>)>, Fault>;

#[async_trait]
impl RecoveryDesk for PaperDesk {
    async fn look(&self, token: &str) -> Result<Option<View>, Fault> {
        self.act(token, Asked::Look, |_| None).map(|answer| answer.map(|(view, _)| view))
    }

    async fn resend(&self, token: &str) -> Worked {
        self.act(token, Asked::Resend, |state| {
            let view = &mut state.view;
            match view.resend_at {
                Some(at) if at <= view.now => {
                    view.resend_at = Some(view.now + Duration::from_mins(1));
                    None
                }
                _ => Some(ResetDenied::TooMany.page_message(view.locale)),
            }
        })
    }

    async fn confirm(
        &self,
        token: &str,
        code: &str,
        password: SecretString,
        again: SecretString,
    ) -> Worked {
        let (password, again) = (password.expose_secret(), again.expose_secret());
        let asked = Asked::Confirm {
            code: code.to_owned(),
            password: password.to_owned(),
            again: again.to_owned(),
        };
        self.act(token, asked, |state| {
            let view = &mut state.view;
            if view.done {
                return None;
            }
            let code =
                match recover::validate::validate(view.locale, &view.policy, code, password, again)
                {
                    Ok(code) => code,
                    Err(said) => return Some(said),
                };
            if code.expose() != CODE {
                return Some(ConfirmDenied::WrongCode.page_message(view.locale));
            }
            if password == OLD {
                return Some(ConfirmDenied::Reused.page_message(view.locale));
            }
            view.done = true;
            None
        })
    }
}

/// A sentence next to a field.
pub fn said(field: Field, sentence: &str) -> FieldMessage {
    FieldMessage { field, sentence: sentence.to_owned() }
}
