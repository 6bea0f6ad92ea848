//! Messages that hand over an access link, and the text that replaces them after its end.

use secrecy::SecretString;

use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::{Locale, Target};
use crate::say;
use crate::screens::screen::{Button, Picture, Screen, Tone};
use crate::screens::text::relative;

fn target_name(target: Target, locale: Locale) -> String {
    match target {
        Target::Store => say!(locale, "access-link-store"),
        Target::Web => say!(locale, "access-link-web"),
        Target::App => say!(locale, "access-link-app"),
        Target::Successor => say!(locale, "access-link-successor"),
    }
}

/// Returns the text that replaces an ended link: it expired, or the session closed.
pub fn access_link_ended(session: &Session, target: Target) -> Screen {
    let locale = session.locale;
    let text = if session.closed().is_some() {
        say!(locale, "access-link-ended")
    } else {
        say!(locale, "access-link-expired")
    };
    Screen::titled(Tone::Danger, target_name(target, locale)).say(text)
}

/// Returns the message with a link, as a button that opens it in the browser.
pub fn access_link(target: Target, url: SecretString, until: Timestamp, locale: Locale) -> Screen {
    let place = target_name(target, locale);
    let label =
        if target == Target::Store { say!(locale, "open-store") } else { say!(locale, "open-web") };
    Screen::titled(Tone::Success, place.clone())
        .say(say!(locale, "access-link-text", place = place, until = relative(until)))
        .buttons(vec![Button::link(label, url)])
}

/// Returns the message with a QR image.
pub fn access_qr(target: Target, png: Vec<u8>, until: Timestamp, locale: Locale) -> Screen {
    let until = relative(until);
    let (text, description) = if target == Target::Successor {
        (
            say!(locale, "access-link-successor-qr", until = until),
            say!(locale, "access-link-successor-qr-alt"),
        )
    } else {
        (say!(locale, "access-link-qr", until = until), say!(locale, "access-link-qr-alt"))
    };
    let mut screen = Screen::titled(Tone::Success, target_name(target, locale)).say(text);
    screen.picture = Some(Picture { name: "qr.png", description, bytes: png });
    screen
}
