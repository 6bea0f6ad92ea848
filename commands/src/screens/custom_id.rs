//! Custom ids of buttons, menus and forms.
//!
//! `d1.<session>.<generation>.<action>[.<argument>]`, at most 100 characters, never a secret. `d1`
//! is the version of this codec. An id that does not parse is forged, or from another version.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde::de::value::StrDeserializer;

use crate::model::words::{Purpose, SessionId, Target};

/// Maximum length of a custom id in Discord, in characters.
pub const MAX_LENGTH: usize = 100;

const VERSION: &str = "d1";

/// Target of a click: session, generation and action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomId {
    pub session: SessionId,
    /// Generation of the session when the component was drawn.
    pub generation: u32,
    pub action: Action,
}

/// Action of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Start,
    /// Dismiss the look-up.
    Close,
    /// Choose from the menu of ecosystems or successions.
    Choose,
    /// Show a page of the menu, or of a succession's steps, from 0.
    Page(u16),
    /// Open the form for a code.
    EnterCode,
    /// Submit a code: its purpose and number.
    SubmitCode(Purpose, u32),
    /// Send the customer's code.
    Send,
    Resend,
    /// Go back to the choice of an ecosystem or succession.
    Change,
    /// Issue an access link.
    Open(Target),
    /// Mail the successor's access link.
    MailLink,
    Plan,
    /// List the customer's earlier sessions.
    History,
    /// Show a step of the succession, from 0.
    Details(u16),
    /// Show the step that is chosen from the menu.
    ChooseStep,
    /// Go back to the panel.
    Back,
    /// Close the session as finished.
    Finish,
    /// Open the form for the cancel reason.
    OpenCancelForm,
    /// Submit the cancel reason.
    Cancel,
    /// Restart the idle timeout.
    Stay,
    /// Restore a stripped panel.
    Resume,
}

impl Action {
    /// Returns true for a drawing click. It changes nothing and is answered without a claim. Only a
    /// view of the plan or of a step is claimed and in the trail, after the answer.
    pub const fn draws(self) -> bool {
        matches!(
            self,
            Self::Page(_)
                | Self::EnterCode
                | Self::Plan
                | Self::History
                | Self::Details(_)
                | Self::ChooseStep
                | Self::Back
                | Self::OpenCancelForm
        )
    }
}

/// Custom id of the menu of open sessions. It belongs to no session; its values are session ids.
pub const SESSION_MENU: &str = "d1.pick";

impl fmt::Display for CustomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}.{}.{}.", self.session, self.generation)?;
        match self.action {
            Action::Start => f.write_str("start"),
            Action::Close => f.write_str("close"),
            Action::Choose => f.write_str("choose"),
            Action::Page(n) => write!(f, "page.{n}"),
            Action::EnterCode => f.write_str("enter"),
            Action::SubmitCode(purpose, nth) => write!(f, "code.{}-{nth}", purpose.name()),
            Action::Send => f.write_str("send"),
            Action::Resend => f.write_str("resend"),
            Action::Change => f.write_str("change"),
            Action::Open(target) => write!(f, "open.{}", target.name()),
            Action::MailLink => f.write_str("mail"),
            Action::Plan => f.write_str("plan"),
            Action::History => f.write_str("history"),
            Action::Details(n) => write!(f, "details.{n}"),
            Action::ChooseStep => f.write_str("step"),
            Action::Back => f.write_str("back"),
            Action::Finish => f.write_str("finish"),
            Action::OpenCancelForm => f.write_str("why"),
            Action::Cancel => f.write_str("cancel"),
            Action::Stay => f.write_str("stay"),
            Action::Resume => f.write_str("resume"),
        }
    }
}

impl CustomId {
    /// Parses a custom id of this version.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '.');
        if text.len() > MAX_LENGTH || parts.next()? != VERSION {
            return None;
        }
        let session = parts.next()?.parse().ok()?;
        let generation = parse_number(parts.next()?)?;
        let action = parse_action(parts.next()?, parts.next())?;
        Some(Self { session, generation, action })
    }
}

fn parse_action(word: &str, argument: Option<&str>) -> Option<Action> {
    Some(match (word, argument) {
        ("start", None) => Action::Start,
        ("close", None) => Action::Close,
        ("choose", None) => Action::Choose,
        ("page", Some(n)) => Action::Page(parse_number(n)?),
        ("enter", None) => Action::EnterCode,
        ("code", Some(which)) => {
            let (purpose, nth) = which.split_once('-')?;
            Action::SubmitCode(parse_word(purpose)?, parse_number(nth)?)
        }
        ("send", None) => Action::Send,
        ("resend", None) => Action::Resend,
        ("change", None) => Action::Change,
        ("open", Some(target)) => Action::Open(parse_word(target)?),
        ("mail", None) => Action::MailLink,
        ("plan", None) => Action::Plan,
        ("history", None) => Action::History,
        ("details", Some(n)) => Action::Details(parse_number(n)?),
        ("step", None) => Action::ChooseStep,
        ("back", None) => Action::Back,
        ("finish", None) => Action::Finish,
        ("why", None) => Action::OpenCancelForm,
        ("cancel", None) => Action::Cancel,
        ("stay", None) => Action::Stay,
        ("resume", None) => Action::Resume,
        _ => return None,
    })
}

/// Parses a number without sign and leading zeros, so that every custom id has one spelling.
pub(crate) fn parse_number<N: FromStr + ToString>(text: &str) -> Option<N> {
    text.parse::<N>().ok().filter(|n| n.to_string() == text)
}

/// Parses the name of a purpose or a target.
fn parse_word<'a, W: Deserialize<'a>>(name: &'a str) -> Option<W> {
    let name: StrDeserializer<'a, serde::de::value::Error> = name.into_deserializer();
    W::deserialize(name).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn actions() -> impl Strategy<Value = Action> {
        prop_oneof![
            proptest::sample::select(vec![
                Action::Start,
                Action::Close,
                Action::Choose,
                Action::EnterCode,
                Action::Send,
                Action::Resend,
                Action::Change,
                Action::MailLink,
                Action::Plan,
                Action::History,
                Action::ChooseStep,
                Action::Back,
                Action::Finish,
                Action::OpenCancelForm,
                Action::Cancel,
                Action::Stay,
                Action::Resume,
                Action::Open(Target::Store),
                Action::Open(Target::Web),
                Action::Open(Target::App),
                Action::Open(Target::Successor),
            ]),
            any::<u16>().prop_map(Action::Page),
            any::<u16>().prop_map(Action::Details),
            (
                proptest::sample::select(vec![
                    Purpose::AgentMfa,
                    Purpose::CustomerConsent,
                    Purpose::AgentLink
                ]),
                any::<u32>()
            )
                .prop_map(|(purpose, nth)| Action::SubmitCode(purpose, nth)),
        ]
    }

    proptest! {
        #[test]
        fn written_custom_id_parses_back(session in "[A-Za-z0-9_-]{22}", generation: u32, action in actions()) {
            let custom_id = CustomId { session: session.parse().unwrap(), generation, action };
            let text = custom_id.to_string();
            prop_assert!(text.len() <= MAX_LENGTH);
            prop_assert_eq!(CustomId::parse(&text), Some(custom_id));
        }

        #[test]
        fn parsed_text_is_written_the_same(text in any_text()) {
            if let Some(custom_id) = CustomId::parse(&text) {
                prop_assert_eq!(custom_id.to_string(), text);
            }
        }
    }

    /// Generates any text of up to 200 bytes, and custom ids with a piece of text inserted.
    fn any_text() -> impl Strategy<Value = String> {
        let text = || {
            any::<String>().prop_map(|text| {
                let end = text
                    .char_indices()
                    .map(|(at, c)| at + c.len_utf8())
                    .take_while(|end| *end <= 200)
                    .last();
                text[..end.unwrap_or(0)].to_owned()
            })
        };
        let valid = ("[A-Za-z0-9_-]{22}", any::<u32>(), actions()).prop_map(
            |(session, generation, action)| {
                CustomId { session: session.parse().unwrap(), generation, action }.to_string()
            },
        );
        let piece = prop_oneof![text(), "[.0-9a-z+-]{0,3}"];
        let altered = (valid, any::<proptest::sample::Index>(), 0_usize..3, piece).prop_map(
            |(mut text, at, removed, piece)| {
                let at = at.index(text.len() + 1);
                let end = (at + removed).min(text.len());
                // A valid custom id is ASCII.
                text.replace_range(at..end, &piece);
                text
            },
        );
        prop_oneof![text(), altered]
    }

    #[test]
    fn other_versions_and_forgeries_are_rejected() {
        let session = "AAAAAAAAAAAAAAAAAAAAAA";
        for bad in [
            String::new(),
            SESSION_MENU.to_owned(),
            format!("d0.{session}.1.start"),
            format!("d1.{session}.01.start"),
            format!("d1.{session}.1.start.x"),
            format!("d1.{session}.+1.start"),
            format!("d1.{session}x.1.start"),
            format!("d1.{session}.1.open.bank"),
            format!("d1.{session}.1.code.agent_mfa"),
        ] {
            assert_eq!(CustomId::parse(&bad), None, "{bad}");
        }
    }
}
