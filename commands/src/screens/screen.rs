//! Screens as plain data: what a person shall see, before anything of Discord is in it.
//!
//! `Display` tells a screen as text for tests: title, paragraphs, fields, a picture's name, small
//! print and components, a line each.

use std::fmt;

use secrecy::SecretString;

/// The most options that fit a menu.
pub const MENU_OPTIONS: usize = 25;

/// The longest label, value or description of an option, and the longest button label but 20, in
/// characters.
pub const LABEL: usize = 100;

/// One message.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    /// What the colour says.
    pub tone: Tone,
    /// The heading.
    pub title: String,
    /// Paragraphs.
    pub body: Vec<String>,
    /// Names and values.
    pub fields: Vec<Field>,
    /// Small print.
    pub footer: Option<String>,
    /// Components, at most five rows.
    pub rows: Vec<Row>,
    /// A picture below the text.
    pub picture: Option<Picture>,
}

/// What a screen's colour says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Something is going on.
    #[default]
    Calm,
    /// It went well.
    Good,
    /// Look here.
    Warning,
    /// It went wrong, or ended.
    Bad,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// Whether it may stand beside others.
    pub inline: bool,
}

/// A row of components.
#[derive(Clone, Debug)]
pub enum Row {
    /// At most five.
    Buttons(Vec<Button>),
    /// A menu fills its row.
    Menu(Menu),
}

/// A button.
#[derive(Clone, Debug)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// What it does.
    pub press: Press,
    /// How it looks.
    pub style: Style,
    /// Whether it can be pressed.
    pub enabled: bool,
}

/// What a button does.
#[derive(Clone, Debug)]
pub enum Press {
    /// Sends us its custom id.
    Custom(String),
    /// Opens a page in the browser; https or http only.
    Link(SecretString),
}

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The next step.
    Primary,
    /// One among others.
    Plain,
    /// It ends well.
    Good,
    /// It ends.
    Danger,
}

/// A menu with one choice.
#[derive(Clone, Debug)]
pub struct Menu {
    /// The custom id.
    pub custom_id: String,
    /// What stands in it before a choice.
    pub placeholder: String,
    /// At most [`MENU_OPTIONS`].
    pub options: Vec<Choice>,
}

/// One option of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What comes back.
    pub value: String,
    /// What is read.
    pub label: String,
    /// What is said of it.
    pub description: String,
}

/// A picture.
#[derive(Clone)]
pub struct Picture {
    /// File name.
    pub name: &'static str,
    /// What is on it, for those who do not see it.
    pub description: String,
    /// PNG.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// A modal with one field.
#[derive(Clone, Debug)]
pub struct Form {
    /// The custom id.
    pub custom_id: String,
    /// The heading, at most 45 characters.
    pub title: String,
    /// The field's label, at most 45 characters.
    pub label: String,
    /// What stands in the empty field.
    pub placeholder: String,
    /// Several lines, or one.
    pub paragraph: bool,
    /// What was typed before.
    pub value: Option<String>,
    /// The most characters that the client lets in.
    pub most: u16,
}

impl Screen {
    /// A screen with a heading.
    #[must_use]
    pub fn titled(tone: Tone, title: String) -> Self {
        Self { tone, title, ..Self::default() }
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn say(mut self, paragraph: String) -> Self {
        self.body.push(paragraph);
        self
    }

    /// Adds a field that may stand beside others.
    #[must_use]
    pub fn field(mut self, name: String, value: String) -> Self {
        self.fields.push(Field { name, value, inline: true });
        self
    }

    /// Adds a field on a line of its own.
    #[must_use]
    pub fn wide(mut self, name: String, value: String) -> Self {
        self.fields.push(Field { name, value, inline: false });
        self
    }

    /// Adds a row of buttons, if there are any.
    #[must_use]
    pub fn buttons(mut self, buttons: Vec<Button>) -> Self {
        if !buttons.is_empty() {
            self.rows.push(Row::Buttons(buttons));
        }
        self
    }

    /// Adds a menu.
    #[must_use]
    pub fn menu(mut self, menu: Menu) -> Self {
        self.rows.push(Row::Menu(menu));
        self
    }
}

impl Button {
    /// The same button, to be pressed or not.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }
}

impl fmt::Display for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = Some(&self.title).filter(|title| !title.is_empty());
        let mut lines: Vec<String> = title.into_iter().chain(&self.body).cloned().collect();
        lines.extend(self.fields.iter().map(Field::to_string));
        lines.extend(
            self.picture
                .iter()
                .map(|picture| format!("(image {}: {})", picture.name, picture.description)),
        );
        lines.extend(self.footer.clone());
        lines.extend(self.rows.iter().map(Row::to_string));
        f.write_str(&lines.join("\n"))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let between = if self.value.contains('\n') { "\n" } else { " " };
        write!(f, "{}:{between}{}", self.name, self.value)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Buttons(buttons) => {
                f.write_str(&buttons.iter().map(Button::to_string).collect::<Vec<_>>().join(" "))
            }
            Self::Menu(menu) => menu.fmt(f),
        }
    }
}

impl fmt::Display for Button {
    /// `[Label]`; a link, whose address is a secret, points out of the chat.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let link = if matches!(self.press, Press::Link(_)) { " ↗" } else { "" };
        let off = if self.enabled { "" } else { " (off)" };
        write!(f, "[{}{link}{off}]", self.label)
    }
}

impl fmt::Display for Menu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options =
            self.options.iter().map(|choice| format!("{} — {}", choice.label, choice.description));
        write!(f, "<{}: {}>", self.placeholder, options.collect::<Vec<_>>().join(" | "))
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Form \"{}\":\n  {} <{}>", self.title, self.label, self.placeholder)?;
        self.value.as_ref().map_or(Ok(()), |value| write!(f, " = {value:?}"))
    }
}

/// At most `most` characters of a text, the last one an ellipsis when some were cut.
#[must_use]
pub fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A text of somebody else's, such as a name, with Discord's markup made harmless.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '<' | '[' | ']' | '(' | ')' | '#' | '@'
            | ':' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_at_the_edge() {
        assert_eq!(clip("ñañ", 3), "ñañ");
        assert_eq!(clip("ñaño", 3), "ña…");
    }

    #[test]
    fn markup_in_names_is_harmless() {
        assert_eq!(plain("**J** <@1> [x](y)"), "\\*\\*J\\*\\* \\<\\@1\\> \\[x\\]\\(y\\)");
    }
}
