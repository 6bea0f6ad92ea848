//! Renders messages as text, for tests.
//!
//! The text is stable: relative timestamps use the sandbox's clock, absolute ones UTC, and
//! addresses of links are left out.

use time::OffsetDateTime;
use twilight_model::channel::message::component::{Button, ButtonStyle, SelectMenu};
use twilight_model::channel::message::{Component, Embed, EmojiReactionType};

use super::message::{ATTACHED, Message};
use super::state::{Notice, OpenModal};

/// A client's text for an interaction without an answer in three seconds.
const FAILED: &str = "(This interaction failed)";

/// Renders a message as one person sees it. `failed`: its last click had no answer.
pub(crate) fn message(message: &Message, failed: bool, now: i64) -> String {
    let mut lines = Vec::new();
    if !message.is_ephemeral() {
        lines.push("(everyone sees this)".to_owned());
    }
    if message.loading {
        lines.push("(thinking…)".to_owned());
    }
    if !message.content.is_empty() {
        lines.push(expand_mentions(&expand_timestamps(&message.content, now)));
    }
    for embed in &message.embeds {
        lines.extend(embed_lines(embed, now));
    }
    for file in message.loose_attachments() {
        let kind = if file.is_image() { "image" } else { "file" };
        lines.push(format!("({kind} {})", file.name));
    }
    lines.extend(message.components.iter().map(row));
    if failed {
        lines.push(FAILED.to_owned());
    }
    lines.join("\n")
}

/// Renders the notice of a command without an answer.
pub(crate) fn notice(notice: &Notice) -> String {
    format!("{} {FAILED}", notice.via.as_deref().unwrap_or_default()).trim().to_owned()
}

pub(crate) fn modal(modal: &OpenModal) -> String {
    let mut lines = vec![format!("Form \"{}\":", modal.title)];
    for input in &modal.inputs {
        let required = if input.required { " (required)" } else { "" };
        let placeholder = input.placeholder.as_ref().filter(|text| !text.is_empty());
        let placeholder = placeholder.map_or_else(String::new, |text| format!(" <{text}>"));
        let typed =
            if input.value.is_empty() { String::new() } else { format!(" = {:?}", input.value) };
        lines.push(format!("  {}{required}{placeholder}{typed}", input.label));
    }
    if modal.failed {
        lines.push("(Something went wrong. Try again.)".to_owned());
    }
    lines.join("\n")
}

fn embed_lines(embed: &Embed, now: i64) -> Vec<String> {
    let mut lines = Vec::new();
    let author = embed.author.as_ref().map(|author| &author.name);
    for text in [author, embed.title.as_ref(), embed.description.as_ref()].into_iter().flatten() {
        lines.push(expand_timestamps(text, now));
    }
    for field in &embed.fields {
        let between = if field.value.contains('\n') { "\n" } else { " " };
        lines.push(expand_timestamps(
            &format!("{}:{between}{}", field.name.trim_end_matches(':'), field.value),
            now,
        ));
    }
    if let Some(image) = &embed.image {
        let name = image.url.strip_prefix(ATTACHED).unwrap_or(&image.url);
        lines.push(format!("(image {name})"));
    }
    if let Some(footer) = &embed.footer {
        lines.push(expand_timestamps(&footer.text, now));
    }
    lines
}

fn row(component: &Component) -> String {
    let Component::ActionRow(row) = component else {
        return String::new();
    };
    row.components
        .iter()
        .map(|child| match child {
            Component::Button(button) => format!("[{}]", button_text(button)),
            Component::SelectMenu(menu) => select(menu),
            _ => String::new(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn button_text(button: &Button) -> String {
    let mut text = button_face(button);
    if button.style == ButtonStyle::Link {
        text.push_str(" ↗");
    }
    if button.disabled {
        text.push_str(" (off)");
    }
    text
}

/// Returns the emoji and the label of a button.
pub(crate) fn button_face(button: &Button) -> String {
    let emoji = button.emoji.as_ref().map(|emoji| match emoji {
        EmojiReactionType::Unicode { name } => name.clone(),
        EmojiReactionType::Custom { name, .. } => {
            format!(":{}:", name.as_deref().unwrap_or_default())
        }
    });
    let parts = [emoji.as_deref(), button.label.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn select(menu: &SelectMenu) -> String {
    let options = menu.options.iter().flatten().map(|option| {
        let chosen = if option.default { "*" } else { "" };
        match &option.description {
            Some(description) => format!("{chosen}{} — {description}", option.label),
            None => format!("{chosen}{}", option.label),
        }
    });
    let options = options.collect::<Vec<_>>().join(" | ");
    let placeholder = menu.placeholder.as_deref().unwrap_or("Make a selection");
    let off = if menu.disabled { " (off)" } else { "" };
    format!("<{placeholder}: {options}{off}>")
}

/// Replaces mentions of commands (`</name:id>`) by what a client shows.
fn expand_mentions(text: &str) -> String {
    let mut parts = text.split("</");
    let mut expanded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('>').map(|(mention, rest)| (mention.split_once(':'), rest)) {
            Some((Some((name, _)), rest)) => expanded.extend(["/", name, rest]),
            _ => expanded.extend(["</", part]),
        }
    }
    expanded
}

/// Replaces Discord's timestamps (`<t:seconds:style>`) by text.
fn expand_timestamps(text: &str, now: i64) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("<t:") {
        let (before, mark) = rest.split_at(start);
        expanded.push_str(before);
        let end = mark.find('>').and_then(|end| Some((end, time_of(mark.get(3..end)?, now)?)));
        let (length, words) = end.unwrap_or((2, "<t:".to_owned()));
        expanded.push_str(&words);
        rest = mark.get(length + 1..).unwrap_or_default();
    }
    expanded + rest
}

/// Formats a mark such as `1786000000:R`. `None` if it is not a timestamp.
fn time_of(mark: &str, now: i64) -> Option<String> {
    let (seconds, style) = mark.split_once(':').unwrap_or((mark, "f"));
    let seconds: i64 = seconds.parse().ok()?;
    let at = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let (date, hour, minute) = (at.date(), at.hour(), at.minute());
    Some(match style {
        "R" => relative(seconds - now.div_euclid(1_000)),
        "t" => format!("{hour:02}:{minute:02} UTC"),
        "T" => format!("{hour:02}:{minute:02}:{:02} UTC", at.second()),
        "d" | "D" => date.to_string(),
        "f" | "F" | "s" | "S" => format!("{date} {hour:02}:{minute:02} UTC"),
        _ => return None,
    })
}

/// Formats a difference in its largest unit, rounded: "in 10 minutes", "31 seconds ago".
fn relative(seconds: i64) -> String {
    const UNITS: [(u64, &str); 5] = [
        (365 * 86_400, "year"),
        (30 * 86_400, "month"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
    ];
    let distance = seconds.unsigned_abs();
    let (count, unit) = UNITS
        .iter()
        .find(|(size, _)| distance >= *size)
        .map_or((distance, "second"), |(size, unit)| ((distance + size / 2) / size, unit));
    let plural = if count == 1 { "" } else { "s" };
    match seconds {
        0 => "now".to_owned(),
        1.. => format!("in {count} {unit}{plural}"),
        _ => format!("{count} {unit}{plural} ago"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::discord::validate::message::parse_message;

    const NOW: i64 = 1_786_000_000_000;

    #[test]
    fn panel_renders_text_and_controls() {
        let body = json!({
            "content": "Sent. Valid until <t:1786000600:t>, <t:1786000600:R>.",
            "embeds": [{
                "title": "Technical Assistance", "description": "J*** P***", "footer": { "text": "closes <t:1786000900:R>" },
                "fields": [{ "name": "State", "value": "active" }, { "name": "Includes", "value": "a\nb" }]
            }],
            "components": [
                { "type": 1, "components": [
                    { "type": 2, "style": 1, "label": "Enter code", "custom_id": "a" },
                    { "type": 2, "style": 2, "label": "Resend", "custom_id": "b", "disabled": true },
                    { "type": 2, "style": 5, "label": "Open", "url": "https://shop.example/secret" },
                    { "type": 2, "style": 4, "emoji": { "name": "❌" }, "custom_id": "c" }
                ] },
                { "type": 1, "components": [{ "type": 3, "custom_id": "d", "placeholder": "Choose", "options": [
                    { "label": "North", "value": "1", "description": "owner" }, { "label": "South", "value": "2" }
                ] }] }
            ]
        });
        let mut panel = Message::new(1, 2, NOW);
        panel.only_for = Some(3);
        panel.apply(parse_message(&body, Vec::new(), "").unwrap(), || 9).unwrap();
        let expected = "\
Sent. Valid until 07:16 UTC, in 10 minutes.
Technical Assistance
J*** P***
State: active
Includes:
a
b
closes in 15 minutes
[Enter code] [Resend (off)] [Open ↗] [❌]
<Choose: North — owner | South>";
        assert_eq!(message(&panel, false, NOW), expected);
        assert!(message(&panel, true, NOW).ends_with("\n(This interaction failed)"));
        panel.only_for = None;
        assert!(message(&panel, false, NOW).starts_with("(everyone sees this)\n"));
    }

    #[test]
    fn timestamps_expand_and_other_brackets_stay() {
        assert_eq!(
            expand_timestamps("<t:1785999969:R> <tag> <t:x> 1<t:", NOW),
            "31 seconds ago <tag> <t:x> 1<t:"
        );
        assert_eq!(expand_timestamps("<t:1786000000>", NOW), "2026-08-06 07:06 UTC");
        assert_eq!(relative(3_601), "in 1 hour");
        assert_eq!(relative(-172_800), "2 days ago");
    }

    #[test]
    fn mentions_of_commands_expand() {
        assert_eq!(expand_mentions("Type </support resume:7>."), "Type /support resume.");
        assert_eq!(expand_mentions("a </ b </b> c"), "a </ b </b> c");
    }
}
