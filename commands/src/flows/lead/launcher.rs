//! The launcher: a public message with the buttons that agents start with.

use crate::model::words::Locale;
use crate::say;
use crate::screens::launch_id::Launch;
use crate::screens::screen::{Screen, Tone};

/// Renders the message. It has no embed, so the bot needs no further permission for it.
pub fn render(locale: Locale) -> Screen {
    let buttons = Launch::ALL.into_iter().map(|launch| launch.button(locale)).collect();
    Screen::default().say(say!(locale, "launcher-text")).buttons(buttons)
}

/// Returns the answer to a launcher that was posted.
pub fn posted(channel: u64, locale: Locale) -> Screen {
    let channel = format!("<#{channel}>");
    Screen { tone: Tone::Success, ..Screen::default() }.say(say!(
        locale,
        "desk-launcher-posted",
        channel = channel
    ))
}

/// Returns the answer if the bot lacks a permission in the channel.
pub fn not_permitted(channel: u64, locale: Locale) -> Screen {
    let channel = format!("<#{channel}>");
    Screen { tone: Tone::Warning, ..Screen::default() }.say(say!(
        locale,
        "desk-launcher-not-permitted",
        channel = channel
    ))
}
