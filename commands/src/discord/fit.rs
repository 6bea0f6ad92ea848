//! Fits any screen into Discord's rules. Its texts come from Core, Cognito and the functions.
//!
//! Discord refuses a whole message for one field that breaks a rule. So a text that is too long is
//! shortened, an empty one becomes a dash, and a component that cannot be repaired is left out. A
//! message without its link button is useless, so it is refused.

use std::collections::HashSet;

use secrecy::ExposeSecret;

use crate::model::normalize::{is_blank, is_mark, is_right_to_left, is_unseen};
use crate::screens::custom_id::MAX_LENGTH as MAX_CUSTOM_ID;
use crate::screens::screen::{
    AttachedFile, Button, Field, Form, Input, LEFT_TO_RIGHT, MAX_LABEL, MENU_OPTIONS, Menu,
    Picture, Press, Row, Screen, clip,
};

// Limits of Discord's documentation, in characters: "Embed Limits", "Component Reference".
const MAX_CONTENT: usize = 2000;
const MAX_TITLE: usize = 256;
const MAX_DESCRIPTION: usize = 4096;
const MAX_FIELDS: usize = 25;
const MAX_FIELD_NAME: usize = 256;
const MAX_FIELD_VALUE: usize = 1024;
const MAX_FOOTER: usize = 2048;
/// Maximum length of all texts of an embed together.
const MAX_EMBED: usize = 6000;
const MAX_ROWS: usize = 5;
const MAX_BUTTONS: usize = 5;
const MAX_BUTTON_LABEL: usize = 80;
const MAX_URL: usize = 512;
const MAX_PLACEHOLDER: usize = 150;
const MAX_ALT_TEXT: usize = 1024;
const MAX_FORM_TEXT: usize = 45;
const MAX_FORM_PLACEHOLDER: usize = 100;

/// Replaces an empty name or value, which Discord rejects.
const EMPTY: &str = "—";

/// A screen that keeps Discord's rules. Only such a screen can be rendered.
#[derive(Clone, Debug)]
pub(crate) struct Fitted(Screen);

impl Fitted {
    pub(crate) const fn screen(&self) -> &Screen {
        &self.0
    }

    /// Returns the text of a screen without anything else, except buttons and menus, if it fits the
    /// text of a message.
    pub(crate) fn text_alone(&self) -> Option<&str> {
        let Screen { title, body, fields, footer, picture, .. } = &self.0;
        let is_alone =
            title.is_empty() && fields.is_empty() && footer.is_none() && picture.is_none();
        let text = body.first().filter(|text| is_alone && chars(text) <= MAX_CONTENT)?;
        Some(text)
    }

    /// Returns the picture, and leaves its name behind, which the embed needs.
    pub(crate) fn take_picture(&mut self) -> Option<Picture> {
        let picture = self.0.picture.as_mut()?;
        let taken = Picture {
            name: picture.name,
            description: std::mem::take(&mut picture.description),
            bytes: std::mem::take(&mut picture.bytes),
        };
        Some(taken)
    }

    /// Returns the file that is listed below the message.
    pub(crate) fn take_file(&mut self) -> Option<AttachedFile> {
        self.0.file.take()
    }
}

/// A link button cannot be shown. Never contains the link, which is a secret.
#[derive(Debug, thiserror::Error)]
#[error("a link button breaks rules of Discord")]
pub struct LinkLeftOut;

/// Fits a screen. Logs which parts were left out, without their text.
pub(crate) fn fit(mut screen: Screen) -> Result<Fitted, LinkLeftOut> {
    let links = links(&screen);
    let mut left_out: Vec<&'static str> = Vec::new();
    fit_texts(&mut screen, &mut left_out);
    let mut ids = HashSet::new();
    for row in &mut screen.rows {
        match row {
            Row::Buttons(buttons) => fit_buttons(buttons, &mut ids, &mut left_out),
            Row::Menu(menu) => fit_menu(menu, &mut ids, &mut left_out),
        }
    }
    screen.rows.retain(|row| match row {
        Row::Buttons(buttons) => !buttons.is_empty(),
        Row::Menu(menu) => !menu.options.is_empty(),
    });
    keep(&mut screen.rows, MAX_ROWS, "row", &mut left_out);
    let of_picture = screen.picture.as_mut().map(|picture| &mut picture.description);
    let of_file = screen.file.as_mut().map(|file| &mut file.description);
    for description in of_picture.into_iter().chain(of_file) {
        *description =
            if is_empty(description) { String::new() } else { clip(description, MAX_ALT_TEXT) };
    }
    if !left_out.is_empty() {
        tracing::warn!(
            parts = left_out.join(", "),
            "screen breaks rules of Discord: parts left out"
        );
    }
    if self::links(&screen) < links { Err(LinkLeftOut) } else { Ok(Fitted(screen)) }
}

/// Counts the link buttons.
fn links(screen: &Screen) -> usize {
    let buttons = |row: &Row| match row {
        Row::Buttons(buttons) => {
            buttons.iter().filter(|button| matches!(button.press, Press::Link(_))).count()
        }
        Row::Menu(_) => 0,
    };
    screen.rows.iter().map(buttons).sum()
}

/// Fits a form. Its texts come from the catalogs.
pub(crate) fn fit_form(mut form: Form) -> Form {
    form.title = clip_raw(non_empty(&form.title), MAX_FORM_TEXT);
    for Input { label, placeholder, value, max_length, .. } in &mut form.inputs {
        *label = clip_raw(non_empty(label), MAX_FORM_TEXT);
        *placeholder = clip(placeholder, MAX_FORM_PLACEHOLDER);
        *value = value.as_ref().map(|value| clip(value, usize::from(*max_length)));
    }
    form
}

/// Fits the texts of the embed. The body gets what title and footer leave, the fields the rest.
fn fit_texts(screen: &mut Screen, left_out: &mut Vec<&'static str>) {
    screen.title =
        if is_empty(&screen.title) { String::new() } else { clip_raw(&screen.title, MAX_TITLE) };
    screen.footer = screen.footer.take().filter(|footer| !is_empty(footer));
    screen.footer = screen.footer.as_ref().map(|footer| clip_raw(footer, MAX_FOOTER));
    let mut left = MAX_EMBED - chars(&screen.title) - screen.footer.as_deref().map_or(0, chars);
    let body = clip(&screen.body.join("\n\n"), MAX_DESCRIPTION.min(left));
    left -= chars(&body);
    screen.body = if is_empty(&body) { Vec::new() } else { vec![body] };
    keep(&mut screen.fields, MAX_FIELDS, "field", left_out);
    for Field { name, value, .. } in &mut screen.fields {
        *name = clip(non_empty(name), MAX_FIELD_NAME);
        *value = clip(non_empty(value), MAX_FIELD_VALUE);
    }
    let fitting = screen.fields.iter().take_while(|field| {
        let length = chars(&field.name) + chars(&field.value);
        let fits = length <= left;
        left = left.saturating_sub(length);
        fits
    });
    let fitting = fitting.count();
    keep(&mut screen.fields, fitting, "field", left_out);
    let is_blank = screen.title.is_empty() && screen.body.is_empty() && screen.fields.is_empty();
    if is_blank && screen.picture.is_none() {
        screen.body = vec![EMPTY.to_owned()];
    }
}

fn fit_buttons(
    buttons: &mut Vec<Button>,
    ids: &mut HashSet<String>,
    left_out: &mut Vec<&'static str>,
) {
    let before = buttons.len();
    buttons.retain(|button| match &button.press {
        Press::Custom(id) => is_new_id(id, ids),
        Press::Link(url) => is_web(url.expose_secret()),
    });
    if buttons.len() < before {
        left_out.push("button");
    }
    keep(buttons, MAX_BUTTONS, "button", left_out);
    for button in buttons {
        button.label = clip_raw(non_empty(&button.label), MAX_BUTTON_LABEL);
    }
}

/// Fits a menu. A menu that cannot be shown loses all its options.
fn fit_menu(menu: &mut Menu, ids: &mut HashSet<String>, left_out: &mut Vec<&'static str>) {
    let mut values = HashSet::new();
    let before = menu.options.len();
    let is_shown = is_new_id(&menu.custom_id, ids);
    menu.options.retain(|option| {
        let fits = (1..=MAX_LABEL).contains(&chars(&option.value)) && !is_empty(&option.value);
        is_shown && fits && values.insert(option.value.clone())
    });
    if menu.options.len() < before {
        left_out.push("option");
    }
    keep(&mut menu.options, MENU_OPTIONS, "option", left_out);
    menu.placeholder = clip_raw(&menu.placeholder, MAX_PLACEHOLDER);
    for option in &mut menu.options {
        option.label = clip_raw(non_empty(&option.label), MAX_LABEL);
        option.description = clip_raw(&option.description, MAX_LABEL);
    }
}

/// Keeps the first `max` parts.
fn keep<T>(parts: &mut Vec<T>, max: usize, part: &'static str, left_out: &mut Vec<&'static str>) {
    if parts.len() > max {
        parts.truncate(max);
        left_out.push(part);
    }
}

fn is_new_id(id: &str, ids: &mut HashSet<String>) -> bool {
    (1..=MAX_CUSTOM_ID).contains(&chars(id)) && ids.insert(id.to_owned())
}

/// Returns true for an address that needs no repair: ASCII, with scheme and host in lower case.
fn is_web(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    url.len() <= MAX_URL
        && url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"')
        && rest
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['))
}

/// Shortens a text that Discord shows without markup, so `escape` did not prepare its parts. Names
/// from right to left keep their places between the separators.
fn clip_raw(text: &str, max: usize) -> String {
    if !text.chars().any(is_right_to_left) {
        return clip(text, max);
    }
    let separator = format!("{LEFT_TO_RIGHT} · {LEFT_TO_RIGHT}");
    let bounded = format!("{LEFT_TO_RIGHT}{}{LEFT_TO_RIGHT}", text.replace(" · ", &separator));
    clip(&bounded, max)
}

/// Returns true if nothing of the text is seen. Discord counts such a text as empty.
pub(crate) fn is_empty(text: &str) -> bool {
    text.chars().all(|c| is_blank(c) || is_unseen(c) || is_mark(c))
}

fn non_empty(text: &str) -> &str {
    if is_empty(text) { EMPTY } else { text }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests;
