//! Screens as plain data, independent of Discord.

use std::fmt;

use secrecy::SecretString;

use crate::model::normalize::{is_joiner, is_right_to_left, is_unseen};

/// Maximum options of a menu.
pub const MENU_OPTIONS: usize = 25;

/// Maximum length of a label, value or description of an option, in characters. The label of a
/// button takes 80.
pub const MAX_LABEL: usize = 100;

/// A message.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    pub tone: Tone,
    pub title: String,
    /// Paragraphs.
    pub body: Vec<String>,
    pub fields: Vec<Field>,
    pub footer: Option<String>,
    /// At most five.
    pub rows: Vec<Row>,
    /// Shown below the text.
    pub picture: Option<Picture>,
    /// Listed below the message.
    pub file: Option<AttachedFile>,
}

/// Meaning of a screen's color.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Work in progress.
    #[default]
    Info,
    Success,
    /// The agent should look.
    Warning,
    /// A failure, or the end of a session.
    Danger,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub value: String,
    /// Can share its line with other fields.
    pub inline: bool,
}

/// Row of components.
#[derive(Clone, Debug)]
pub enum Row {
    /// At most five.
    Buttons(Vec<Button>),
    Menu(Menu),
}

#[derive(Clone, Debug)]
pub struct Button {
    pub label: String,
    pub press: Press,
    pub style: Style,
    pub enabled: bool,
}

/// Action of a button.
#[derive(Clone, Debug)]
pub enum Press {
    /// Sends its custom id to the bot.
    Custom(String),
    /// Opens a page in the browser, by `https` or `http` only.
    Link(SecretString),
}

/// Style of a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The next step.
    Primary,
    /// One choice of several.
    Secondary,
    /// Ends the work successfully.
    Success,
    /// Cancels.
    Danger,
}

/// Menu that takes one choice.
#[derive(Clone, Debug)]
pub struct Menu {
    pub custom_id: String,
    /// Text before a choice.
    pub placeholder: String,
    /// At most [`MENU_OPTIONS`].
    pub options: Vec<Choice>,
    pub enabled: bool,
}

/// Option of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Value that the bot receives.
    pub value: String,
    pub label: String,
    pub description: String,
}

/// Value that the bot suggests for an option of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Text that the person sees, at most [`MAX_LABEL`] characters.
    pub name: String,
    /// Value that the bot receives.
    pub value: String,
}

#[derive(Clone)]
pub struct Picture {
    /// File name.
    pub name: &'static str,
    /// Alternative text.
    pub description: String,
    /// PNG.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// File that Discord lists below a message.
#[derive(Clone)]
pub struct AttachedFile {
    /// File name.
    pub name: &'static str,
    /// Media type, such as `text/csv`.
    pub media_type: &'static str,
    /// Alternative text.
    pub description: String,
    pub bytes: Vec<u8>,
}

impl fmt::Debug for AttachedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttachedFile({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// Form, which Discord shows as a modal.
#[derive(Clone, Debug)]
pub struct Form {
    pub custom_id: String,
    /// At most 45 characters.
    pub title: String,
    /// At most five. The bot receives their texts in this order.
    pub inputs: Vec<Input>,
}

/// Text field of a form. It can stay empty: the bot explains that in its own words.
#[derive(Clone, Debug)]
pub struct Input {
    /// At most 45 characters.
    pub label: String,
    /// Text in the empty field.
    pub placeholder: String,
    /// The field has several lines.
    pub paragraph: bool,
    /// Text in the field when the form opens.
    pub value: Option<String>,
    /// Maximum length of the typed text, in characters.
    pub max_length: u16,
}

impl Screen {
    pub fn titled(tone: Tone, title: String) -> Self {
        Self { tone, title, ..Self::default() }
    }

    /// Adds a paragraph.
    pub fn say(mut self, paragraph: String) -> Self {
        self.body.push(paragraph);
        self
    }

    /// Adds a field that can share its line with others.
    pub fn field(mut self, name: String, value: String) -> Self {
        self.fields.push(Field { name, value, inline: true });
        self
    }

    /// Adds a row of buttons, if there are any.
    pub fn buttons(mut self, buttons: Vec<Button>) -> Self {
        if !buttons.is_empty() {
            self.rows.push(Row::Buttons(buttons));
        }
        self
    }

    pub fn menu(mut self, menu: Menu) -> Self {
        self.rows.push(Row::Menu(menu));
        self
    }

    /// Disables everything that the bot would receive. Link buttons still open their pages.
    pub fn disabled(mut self) -> Self {
        for row in &mut self.rows {
            match row {
                Row::Buttons(buttons) => {
                    let own = |button: &&mut Button| matches!(button.press, Press::Custom(_));
                    buttons.iter_mut().filter(own).for_each(|button| button.enabled = false);
                }
                Row::Menu(menu) => menu.enabled = false,
            }
        }
        self
    }
}

impl Button {
    /// Returns a button that opens a page in the browser.
    pub fn link(label: String, address: SecretString) -> Self {
        Self { label, press: Press::Link(address), style: Style::Secondary, enabled: true }
    }

    /// Enables or disables the button.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }
}

/// Shortens a text to at most `max` characters. A cut text ends with an ellipsis.
pub fn clip(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max.saturating_sub(1)).collect();
    // A joiner at the cut would join the ellipsis.
    format!("{}…", cut.trim_end_matches(is_joiner))
}

/// Character without a form that is written from left to right (LRM). Clients draw no box for it,
/// as some do for the isolates of Unicode.
pub(crate) const LEFT_TO_RIGHT: char = '\u{200e}';

/// Escapes Discord's markup in a text from outside, such as a name. It stays one line.
///
/// Unseen characters are removed. A text with letters from right to left does not change the order
/// of the words and numbers beside it.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let is_bounded = text.chars().any(is_right_to_left);
    out.extend(is_bounded.then_some(LEFT_TO_RIGHT));
    let text = one_line(text);
    let mark = list_mark(&text);
    for (at, c) in text.char_indices() {
        match c {
            c if Some(at) == mark => {
                out.push('\\');
                out.push(c);
            }
            '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '<' | '[' | ']' | '(' | ')' | '#' | '@'
            | ':' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.extend(is_bounded.then_some(LEFT_TO_RIGHT));
    out
}

/// Returns the text without unseen characters, and with blanks in place of breaks.
fn one_line(text: &str) -> String {
    let is_seen = |c: &char| !is_unseen(*c) || is_joiner(*c);
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().filter(is_seen).map(|c| if is_break(c) { ' ' } else { c }).collect()
}

/// Returns the position of the character that makes the text a list item: `- `, `+ `, `1. `.
fn list_mark(text: &str) -> Option<usize> {
    let item = text.trim_start();
    let mark = item.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = mark.len() < item.len();
    let is_mark = if is_numbered {
        mark.starts_with(". ")
    } else {
        mark.starts_with("- ") || mark.starts_with("+ ")
    };
    is_mark.then(|| text.len() - mark.len())
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
