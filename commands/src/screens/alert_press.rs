//! Custom ids of the alerts: the buttons of their cards, and of the leads' views of them.
//!
//! `d1.alert.<action>[.<alert>][.<view>]`: at most 100 characters, never a secret. None of them
//! parses as an id of another codec, nor the other way round.

use std::fmt;

use crate::model::alert::AlertId;
use crate::model::time::Timestamp;
use crate::screens::custom_id::{MAX_LENGTH, parse_number};
use crate::screens::desk_id::Place;
use crate::screens::screen::{Button, Press, Style};

const PREFIX: &str = "d1.alert.";

/// Target of a lead's click about alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertPress {
    /// Answers an alert, from a card or a view.
    Answer(AlertAnswer, AlertId, AlertView),
    /// Shows an alert beside its card, only to the lead.
    Show(AlertId),
    /// Draws a page of a list. The place makes the id unique in its message.
    List(Place, AlertList),
    /// Opens the list from the view of an alert.
    Back(AlertList),
    /// Opens the alert that is chosen from the menu.
    Choose(AlertList),
}

/// Answer of a lead to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertAnswer {
    Handled,
    FalseAlarm,
    /// Opens an answered alert again.
    Reopen,
}

/// View of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertView {
    /// In the leads' channel.
    Card,
    /// Only to a lead, beside the card.
    Shown,
    /// Only to a lead, from this list.
    List(AlertList),
}

/// A page of a list of alerts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlertList {
    pub span: AlertSpan,
    /// Page, from 0.
    pub page: u16,
}

/// Alerts of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertSpan {
    #[default]
    Open,
    /// Alerts that were opened in the 7 days before this time, in seconds since the epoch. It is
    /// fixed when the list opens, so that pages do not slide.
    WeekBefore(u32),
}

impl AlertSpan {
    /// Returns the span of 7 days that includes this time.
    pub fn week_before(at: Timestamp) -> Self {
        let end = at.seconds().saturating_add(1);
        Self::WeekBefore(u32::try_from(end).unwrap_or(u32::MAX))
    }
}

impl AlertAnswer {
    const ALL: [Self; 3] = [Self::Handled, Self::FalseAlarm, Self::Reopen];

    const fn name(self) -> &'static str {
        match self {
            Self::Handled => "handled",
            Self::FalseAlarm => "false",
            Self::Reopen => "reopen",
        }
    }
}

impl AlertPress {
    /// Returns true if only leads get components with this custom id.
    pub fn is_of_alert(custom_id: &str) -> bool {
        custom_id.starts_with(PREFIX)
    }

    /// Parses a custom id of this version.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let mut parts = text.strip_prefix(PREFIX)?.split('.');
        let word = parts.next()?;
        let press = match word {
            "show" => Self::Show(AlertId::of_letters(parts.next()?)?),
            "choose" => Self::Choose(parse_list(&mut parts)?),
            "list" => Self::Back(parse_list(&mut parts)?),
            word => match AlertAnswer::ALL.into_iter().find(|answer| answer.name() == word) {
                Some(answer) => {
                    let id = AlertId::of_letters(parts.next()?)?;
                    Self::Answer(answer, id, parse_view(&mut parts)?)
                }
                None => Self::List(Place::parse(word)?, parse_list(&mut parts)?),
            },
        };
        parts.next().is_none().then_some(press)
    }

    /// Returns a button with this custom id.
    pub fn button(&self, style: Style, label: String) -> Button {
        Button { label, press: Press::Custom(self.to_string()), style, enabled: true }
    }
}

impl fmt::Display for AlertPress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        match self {
            Self::Answer(answer, id, view) => {
                write!(f, "{}.{}.{view}", answer.name(), id.letters())
            }
            Self::Show(id) => write!(f, "show.{}", id.letters()),
            Self::List(place, list) => write!(f, "{}.{list}", place.name()),
            Self::Back(list) => write!(f, "list.{list}"),
            Self::Choose(list) => write!(f, "choose.{list}"),
        }
    }
}

impl fmt::Display for AlertView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Card => f.write_str("card"),
            Self::Shown => f.write_str("shown"),
            Self::List(list) => write!(f, "of.{list}"),
        }
    }
}

impl fmt::Display for AlertList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span {
            AlertSpan::Open => write!(f, "open.{}", self.page),
            AlertSpan::WeekBefore(end) => write!(f, "{end}.{}", self.page),
        }
    }
}

fn parse_view<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<AlertView> {
    Some(match parts.next()? {
        "card" => AlertView::Card,
        "shown" => AlertView::Shown,
        "of" => AlertView::List(parse_list(parts)?),
        _ => return None,
    })
}

fn parse_list<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<AlertList> {
    let span = match parts.next()? {
        "open" => AlertSpan::Open,
        end => AlertSpan::WeekBefore(parse_number(end)?),
    };
    Some(AlertList { span, page: parse_number(parts.next()?)? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::screens::address_form::AddressForm;
    use crate::screens::custom_id::CustomId;
    use crate::screens::desk_id::DeskId;

    fn lists() -> impl Strategy<Value = AlertList> {
        let span = prop_oneof![Just(AlertSpan::Open), any::<u32>().prop_map(AlertSpan::WeekBefore)];
        (span, any::<u16>()).prop_map(|(span, page)| AlertList { span, page })
    }

    fn presses() -> impl Strategy<Value = AlertPress> {
        let ids = || "[0-9A-HJKMNP-TV-Z]{6}".prop_map(|id| AlertId::of_letters(&id).unwrap());
        let answers = proptest::sample::select(&AlertAnswer::ALL[..]);
        let places = proptest::sample::select(&Place::ALL[..]);
        let views = prop_oneof![
            Just(AlertView::Card),
            Just(AlertView::Shown),
            lists().prop_map(AlertView::List)
        ];
        prop_oneof![
            (answers, ids(), views)
                .prop_map(|(answer, id, view)| AlertPress::Answer(answer, id, view)),
            ids().prop_map(AlertPress::Show),
            (places, lists()).prop_map(|(place, list)| AlertPress::List(place, list)),
            lists().prop_map(AlertPress::Back),
            lists().prop_map(AlertPress::Choose),
        ]
    }

    proptest! {
        #[test]
        fn written_id_parses_back_and_is_no_other(press in presses()) {
            let text = press.to_string();
            prop_assert!(text.len() <= MAX_LENGTH, "{}", text);
            prop_assert!(AlertPress::is_of_alert(&text) && !DeskId::is_of_lead(&text));
            prop_assert_eq!(AlertPress::parse(&text), Some(press));
            prop_assert_eq!(CustomId::parse(&text), None);
            prop_assert_eq!(DeskId::parse(&text), None);
            prop_assert_eq!(AddressForm::of_button(&text), None);
            prop_assert_eq!(AddressForm::of_form(&text), None);
        }

        #[test]
        fn parsed_text_is_written_the_same(
            press in presses(),
            at in any::<proptest::sample::Index>(),
            removed in 0_usize..3,
            piece in "[.0-9A-Za-z+-]{0,3}",
        ) {
            let mut text = press.to_string();
            let at = at.index(text.len() + 1);
            text.replace_range(at..(at + removed).min(text.len()), &piece);
            if let Some(parsed) = AlertPress::parse(&text) {
                prop_assert_eq!(parsed.to_string(), text);
            }
        }
    }

    #[test]
    fn longest_id_is_short() {
        let list = AlertList { span: AlertSpan::WeekBefore(u32::MAX), page: u16::MAX };
        let id = AlertId::of_letters("000000").unwrap();
        let press = AlertPress::Answer(AlertAnswer::Handled, id, AlertView::List(list));
        assert_eq!(press.to_string().len(), 43);
    }
}
