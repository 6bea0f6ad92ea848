//! A fake desk with one link, one account and one code.
//!
//! It validates input as the real desk does, and records its calls.

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

/// Token of the only valid link.
pub const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
/// The code in the newest mail.
pub const CODE: &str = "424242";
/// A password that the account had before.
pub const OLD: &str = "Old-Password-1";
/// A password that the account never had.
pub const NEW: &str = "New-Password-2";
/// Address that the account signs in with. It is legal, and hostile to HTML.
pub const USERNAME: &str = r#"ana'&"o@waizant.example"#;
/// Masked address of the account.
pub const TO: &str = "a•••@w•••.example";

/// A call to the desk, with the input as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Look,
    Resend,
    Confirm { code: String, password: String, again: String },
}

pub struct FakeDesk {
    state: Mutex<State>,
}

struct State {
    view: View,
    asked: Vec<Asked>,
    link_ended: bool,
    /// Answer to the next resend or confirmation, instead of the normal one.
    refusal: Option<FieldMessage>,
    /// True if `look` fails.
    look_fails: bool,
    /// True if `resend` and `confirm` fail.
    work_fails: bool,
}

impl FakeDesk {
    /// Creates a desk whose link was issued just now.
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
            username: Some(USERNAME.to_owned()),
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
                link_ended: false,
                refusal: None,
                look_fails: false,
                work_fails: false,
            }),
        })
    }

    /// Changes the view of the page.
    pub fn change_view(&self, change: impl FnOnce(&mut View)) {
        change(&mut self.state.lock().unwrap().view);
    }

    /// Refuses the next resend or confirmation.
    pub fn refuse_next(&self, message: FieldMessage) {
        self.state.lock().unwrap().refusal = Some(message);
    }

    pub fn end_link(&self) {
        self.state.lock().unwrap().link_ended = true;
    }

    /// Makes `look`, and `resend` and `confirm`, fail or work again.
    pub fn inject_faults(&self, look_fails: bool, work_fails: bool) {
        let mut state = self.state.lock().unwrap();
        (state.look_fails, state.work_fails) = (look_fails, work_fails);
    }

    /// Returns all calls except looks.
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

    fn handle(
        &self,
        token: &str,
        asked: Asked,
        answer: impl FnOnce(&mut State) -> Option<FieldMessage>,
    ) -> Handled {
        let mut state = self.state.lock().unwrap();
        let is_look = asked == Asked::Look;
        state.asked.push(asked);
        if if is_look { state.look_fails } else { state.work_fails } {
            return Err(Fault::new(
                "recovering a password",
                "the service answered SomethingException",
            ));
        }
        if token != TOKEN || state.link_ended {
            return Ok(None);
        }
        let refusal = if is_look { None } else { state.refusal.take() };
        let message = match refusal {
            Some(message) => Some(message),
            None => answer(&mut state),
        };
        Ok(Some((state.view.clone(), message)))
    }
}

type Handled = Result<Option<(View, Option<FieldMessage>)>, Fault>;

#[async_trait]
impl RecoveryDesk for FakeDesk {
    async fn look(&self, token: &str) -> Result<Option<View>, Fault> {
        self.handle(token, Asked::Look, |_| None).map(|answer| answer.map(|(view, _)| view))
    }

    async fn resend(&self, token: &str) -> Handled {
        self.handle(token, Asked::Resend, |state| {
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
    ) -> Handled {
        let (password, again) = (password.expose_secret(), again.expose_secret());
        let asked = Asked::Confirm {
            code: code.to_owned(),
            password: password.to_owned(),
            again: again.to_owned(),
        };
        self.handle(token, asked, |state| {
            let view = &mut state.view;
            if view.done {
                return None;
            }
            let validated =
                recover::password::validate(view.locale, &view.policy, code, password, again);
            let code = match validated {
                Ok(code) => code,
                Err(message) => return Some(message),
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

/// Returns the message of a sentence at a field.
pub fn message_at(field: Field, sentence: &str) -> FieldMessage {
    FieldMessage { field, sentence: sentence.to_owned() }
}
