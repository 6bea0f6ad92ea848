//! A person whose screen a test reads as a conversation.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

use sandbox::discord::MessageView;
use similar::{Algorithm, ChangeTag, capture_diff_slices};

/// The messages that a test has shown of one person's screen: the latest text of each title.
pub type Shown = Arc<Mutex<HashMap<String, String>>>;

/// A person of the sandbox. It remembers the messages that the test has asserted.
pub struct TestPerson {
    person: sandbox::discord::Person,
    shown: Shown,
}

impl Deref for TestPerson {
    type Target = sandbox::discord::Person;

    fn deref(&self) -> &Self::Target {
        &self.person
    }
}

impl TestPerson {
    pub fn new(person: sandbox::discord::Person, shown: Shown) -> Self {
        Self { person, shown }
    }

    /// Reads what is new on the screen, and returns what changed since the last call.
    ///
    /// The first message with a title is whole. A later one shows the title and the lines that
    /// changed: `-` was removed, `+` was added, `…` stands for unchanged lines. Example:
    ///
    /// ```text
    /// Technical Assistance
    /// …
    /// - [Send code] [Change ecosystem] [Cancel]
    /// + [Enter code] [Resend] [Cancel]
    /// ```
    ///
    /// If the changes are longer than the message, it is whole again. For anything but snapshots
    /// use `sees`, which returns whole messages and does not affect this method.
    pub async fn sees_changes(&self) -> String {
        let text = self.sees().await;
        let openings: Vec<String> = self.messages().iter().map(opening).collect();
        let messages = split(&text, &openings);
        let mut shown = self.shown.lock().unwrap();
        let changes: Vec<String> = messages
            .iter()
            .map(|message| match shown.get(title(message)) {
                Some(before) => changes(before, message),
                None => message.clone(),
            })
            .collect();
        shown.extend(messages.into_iter().map(|message| (title(&message).to_owned(), message)));
        changes.join("\n\n")
    }
}

/// Returns the beginning of a message's text, up to its first line's end or first timestamp.
fn opening(message: &MessageView) -> String {
    let embed = message.embeds[0]["title"].as_str().unwrap_or_default();
    let text = if message.content.is_empty() { embed } else { &message.content };
    let line = text.lines().next().unwrap_or_default();
    line.split("<t:").next().unwrap_or_default().to_owned()
}

/// Splits what was read into messages: a message begins at a paragraph with a known opening.
fn split(text: &str, openings: &[String]) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    for paragraph in text.split("\n\n") {
        let begins = paragraph.starts_with("Form \"")
            || openings.iter().any(|start| !start.is_empty() && paragraph.starts_with(start));
        match messages.last_mut() {
            Some(message) if !begins => {
                message.push_str("\n\n");
                message.push_str(paragraph);
            }
            _ => messages.push(paragraph.to_owned()),
        }
    }
    messages
}

fn title(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// Returns the title and the changed lines of a message, or the whole message if that is shorter.
fn changes(before: &str, after: &str) -> String {
    let (old, new) = (body(before), body(after));
    let mut lines = vec![title(after).to_owned()];
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        for change in op.iter_changes(&old, &new) {
            match change.tag() {
                ChangeTag::Delete => lines.push(format!("- {}", change.value())),
                ChangeTag::Insert => lines.push(format!("+ {}", change.value())),
                ChangeTag::Equal if lines.last().is_some_and(|line| line == "…") => {}
                ChangeTag::Equal => lines.push("…".to_owned()),
            }
        }
    }
    if lines.len() > new.len() { after.to_owned() } else { lines.join("\n") }
}

/// Returns the lines below the title, without blank ones, which only separate paragraphs.
fn body(message: &str) -> Vec<&str> {
    message.lines().skip(1).filter(|line| !line.is_empty()).collect()
}

#[test]
fn later_message_shows_only_changed_lines() {
    let before = "Panel\nStep 1\n\nCustomer: Julia\nRole: Owner\n[Send code] [Cancel]";
    let after = before.replace("[Send code]", "[Enter code]");
    assert_eq!(changes(before, before), "Panel\n…");
    assert_eq!(
        changes(before, &after),
        "Panel\n…\n- [Send code] [Cancel]\n+ [Enter code] [Cancel]"
    );
    assert_eq!(changes(before, "Panel\nClosed"), "Panel\nClosed", "the whole message is shorter");
}

#[test]
fn screen_is_split_into_messages_by_title() {
    let titles = ["Panel".to_owned(), "Note".to_owned()];
    let screen =
        "Panel\nStep 1\n\nCustomer: Julia\n\nNote\nIt expired.\n\nForm \"Code\":\n  Six digits";
    assert_eq!(
        split(screen, &titles),
        ["Panel\nStep 1\n\nCustomer: Julia", "Note\nIt expired.", "Form \"Code\":\n  Six digits"]
    );
}
