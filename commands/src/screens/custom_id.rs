//! Custom ids: what a button, menu or modal says when it comes back.
//!
//! `d1.<session>.<generation>.<action>[.<argument>]`, at most 100 characters, never a secret. `d1`
//! is the version of this codec: an id that does not parse was made by another version, or by
//! nobody.

use std::fmt;
use std::str::FromStr;

use crate::model::words::{Purpose, SessionId, Target};

/// The longest custom id that Discord takes, in characters.
pub const LONGEST: usize = 100;

const VERSION: &str = "d1";

/// Where a click goes: which session, made at which generation, to do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomId {
    /// The session.
    pub session: SessionId,
    /// The session's generation when the component was drawn.
    pub generation: u32,
    /// What it does.
    pub action: Action,
}

/// What a component does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Start the verification.
    Start,
    /// Put the look-up away.
    Close,
    /// The menu of ecosystems or successions.
    Choose,
    /// Another page of that menu, or of a succession's steps (from 0).
    Page(u16),
    /// Open the code's modal.
    EnterCode,
    /// The code's modal: whose code, and which of those sent.
    Code(Purpose, u32),
    /// Send the customer's code.
    Send,
    /// Send another code.
    Resend,
    /// Choose another ecosystem or succession.
    Change,
    /// Open something for the customer.
    Open(Target),
    /// Mail the successor's way in.
    Mail,
    /// Show the plan.
    Plan,
    /// Show a step of the succession (from 0).
    Details(u16),
    /// Back to the panel.
    Back,
    /// Close as completed.
    Finish,
    /// Open the modal that asks why.
    AskWhy,
    /// That modal.
    Cancel,
    /// Renew the idle clock.
    Stay,
    /// Draw a stripped panel again.
    Resume,
}

impl Action {
    /// Whether it changes nothing: answered at once, from memory, neither claimed nor in the trail.
    #[must_use]
    pub const fn draws(self) -> bool {
        matches!(
            self,
            Self::Page(_)
                | Self::EnterCode
                | Self::Plan
                | Self::Details(_)
                | Self::Back
                | Self::AskWhy
        )
    }
}

/// The custom id of the menu of open sessions, which belongs to no session; its values are session
/// ids.
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
            Action::Code(purpose, nth) => write!(f, "code.{}-{nth}", purpose.name()),
            Action::Send => f.write_str("send"),
            Action::Resend => f.write_str("resend"),
            Action::Change => f.write_str("change"),
            Action::Open(target) => write!(f, "open.{}", target.name()),
            Action::Mail => f.write_str("mail"),
            Action::Plan => f.write_str("plan"),
            Action::Details(n) => write!(f, "details.{n}"),
            Action::Back => f.write_str("back"),
            Action::Finish => f.write_str("finish"),
            Action::AskWhy => f.write_str("why"),
            Action::Cancel => f.write_str("cancel"),
            Action::Stay => f.write_str("stay"),
            Action::Resume => f.write_str("resume"),
        }
    }
}

/// Not a custom id of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a custom id of this version")]
pub struct UnknownCustomId;

impl FromStr for CustomId {
    type Err = UnknownCustomId;

    fn from_str(text: &str) -> Result<Self, UnknownCustomId> {
        let mut parts = text.splitn(5, '.');
        let mut part = || parts.next().ok_or(UnknownCustomId);
        if text.len() > LONGEST || part()? != VERSION {
            return Err(UnknownCustomId);
        }
        let session = part()?.parse().map_err(|_| UnknownCustomId)?;
        let generation = number(part()?)?;
        let action = action(part()?, parts.next())?;
        Ok(Self { session, generation, action })
    }
}

fn action(word: &str, argument: Option<&str>) -> Result<Action, UnknownCustomId> {
    Ok(match (word, argument) {
        ("start", None) => Action::Start,
        ("close", None) => Action::Close,
        ("choose", None) => Action::Choose,
        ("page", Some(n)) => Action::Page(number(n)?),
        ("enter", None) => Action::EnterCode,
        ("code", Some(which)) => {
            let (purpose, nth) = which.split_once('-').ok_or(UnknownCustomId)?;
            Action::Code(purpose_named(purpose)?, number(nth)?)
        }
        ("send", None) => Action::Send,
        ("resend", None) => Action::Resend,
        ("change", None) => Action::Change,
        ("open", Some(target)) => Action::Open(target_named(target)?),
        ("mail", None) => Action::Mail,
        ("plan", None) => Action::Plan,
        ("details", Some(n)) => Action::Details(number(n)?),
        ("back", None) => Action::Back,
        ("finish", None) => Action::Finish,
        ("why", None) => Action::AskWhy,
        ("cancel", None) => Action::Cancel,
        ("stay", None) => Action::Stay,
        ("resume", None) => Action::Resume,
        _ => return Err(UnknownCustomId),
    })
}

/// A number in its only spelling: no sign, no leading zeros.
fn number<N: FromStr + ToString>(text: &str) -> Result<N, UnknownCustomId> {
    text.parse::<N>().ok().filter(|n| n.to_string() == text).ok_or(UnknownCustomId)
}

fn purpose_named(name: &str) -> Result<Purpose, UnknownCustomId> {
    [Purpose::AgentMfa, Purpose::CustomerConsent, Purpose::AgentLink]
        .into_iter()
        .find(|p| p.name() == name)
        .ok_or(UnknownCustomId)
}

fn target_named(name: &str) -> Result<Target, UnknownCustomId> {
    [Target::Store, Target::Web, Target::App, Target::Successor]
        .into_iter()
        .find(|t| t.name() == name)
        .ok_or(UnknownCustomId)
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
                Action::Mail,
                Action::Plan,
                Action::Back,
                Action::Finish,
                Action::AskWhy,
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
                .prop_map(|(purpose, nth)| Action::Code(purpose, nth)),
        ]
    }

    proptest! {
        #[test]
        fn every_address_comes_back_as_it_went(session in "[A-Za-z0-9_-]{22}", generation: u32, action in actions()) {
            let address = CustomId { session: session.parse().unwrap(), generation, action };
            let text = address.to_string();
            prop_assert!(text.len() <= LONGEST);
            prop_assert_eq!(text.parse::<CustomId>(), Ok(address));
        }

        #[test]
        fn whatever_parses_was_written_by_us(text in foreign()) {
            if let Ok(address) = text.parse::<CustomId>() {
                prop_assert_eq!(address.to_string(), text);
            }
        }
    }

    /// Any text of up to 200 bytes, and ids of ours with a piece of any text put in somewhere.
    fn foreign() -> impl Strategy<Value = String> {
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
        let ours = ("[A-Za-z0-9_-]{22}", any::<u32>(), actions()).prop_map(
            |(session, generation, action)| {
                CustomId { session: session.parse().unwrap(), generation, action }.to_string()
            },
        );
        let piece = prop_oneof![text(), "[.0-9a-z+-]{0,3}"];
        let altered = (ours, any::<proptest::sample::Index>(), 0_usize..3, piece).prop_map(
            |(mut text, at, gone, piece)| {
                let at = at.index(text.len() + 1);
                let end = (at + gone).min(text.len());
                // Ours have no character of more than a byte.
                text.replace_range(at..end, &piece);
                text
            },
        );
        prop_oneof![text(), altered]
    }

    #[test]
    fn other_versions_and_forgeries_are_foreign() {
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
            assert_eq!(bad.parse::<CustomId>(), Err(UnknownCustomId), "{bad}");
        }
    }
}
