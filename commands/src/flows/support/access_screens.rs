//! How the panel shows access links: a line for each, a link button in place of the button that
//! opened it, and a QR image.

use secrecy::{ExposeSecret, SecretString};

use crate::model::session::{AccessLink, Session};
use crate::model::time::Timestamp;
use crate::model::words::{Locale, Target};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Button, Picture, Style, escape};
use crate::screens::text::{exact_time, relative};

/// Returns a line for each link that works: where it leads and until when.
pub(crate) fn ready_lines(session: &Session, now: Timestamp) -> Vec<String> {
    let locale = session.locale;
    let line = |link: &AccessLink| {
        let (until, left) = (exact_time(link.expires_at), relative(link.expires_at));
        if let Some(to) = &link.mailed_to {
            return Some(say!(locale, "succession-mailed", to = escape(to), until = left));
        }
        session.access_url(link)?;
        Some(match link.target {
            Target::Store => say!(locale, "ready-store", until = until, left = left),
            Target::Web => say!(locale, "ready-web", until = until, left = left),
            Target::App => say!(locale, "ready-app", until = until, left = left),
            Target::Successor => say!(locale, "ready-successor", until = until, left = left),
        })
    };
    let working = session.access_links.iter().filter(|link| link.works(now));
    working.filter_map(line).collect()
}

/// Returns the address of the link that the panel shows for this target.
fn ready_url(session: &Session, target: Target, now: Timestamp) -> Option<&SecretString> {
    let shown =
        |link: &&AccessLink| link.target == target && link.mailed_to.is_none() && link.works(now);
    session.access_url(session.access_links.iter().find(shown)?)
}

/// Returns the button of a target: it issues a link, or in its place is the link itself.
///
/// A QR image has its button beside it, for an agent who reads Discord on the phone that would
/// scan. A link button takes no address of an app, so such a link has a disabled button.
pub(crate) fn button(session: &Session, target: Target, now: Timestamp) -> Button {
    let locale = session.locale;
    let issue = || {
        let label = match target {
            Target::Store => say!(locale, "button-store"),
            Target::Web => say!(locale, "button-web"),
            Target::App => say!(locale, "button-app"),
            Target::Successor => say!(locale, "button-show-qr"),
        };
        session.button(Action::Open(target), Style::Secondary, label)
    };
    let Some(url) = ready_url(session, target, now) else {
        return issue();
    };
    if !opens_in_browser(url) {
        return issue().enabled(false);
    }
    let label = match target {
        Target::Store => say!(locale, "open-store"),
        Target::Web => say!(locale, "open-web"),
        Target::App => say!(locale, "open-app"),
        Target::Successor => say!(locale, "open-succession"),
    };
    Button::link(label, url.clone())
}

/// Returns true for an address that a link button takes. The scheme of an app is only in a QR
/// image.
fn opens_in_browser(url: &SecretString) -> bool {
    ["https://", "http://"].iter().any(|scheme| url.expose_secret().starts_with(scheme))
}

/// Returns the newest link that the panel shows as a QR image, with its address.
pub(crate) fn qr_link(session: &Session, now: Timestamp) -> Option<(Target, &SecretString)> {
    let mut links = session.access_links.iter().rev().filter(|link| link.works(now));
    let link = links.find(|link| link.target.is_shown_as_qr() && link.mailed_to.is_none())?;
    Some((link.target, session.access_url(link)?))
}

/// Returns the QR image of a link, as PNG.
pub fn qr_picture(target: Target, png: Vec<u8>, locale: Locale) -> Picture {
    let description = if target == Target::Successor {
        say!(locale, "qr-successor-alt")
    } else {
        say!(locale, "qr-app-alt")
    };
    Picture { name: "qr.png", description, bytes: png }
}
