//! Renders screens as serenity's builders.

use secrecy::ExposeSecret;
use serenity::all::{
    ButtonStyle, Colour, CreateActionRow, CreateAttachment, CreateButton, CreateEmbed,
    CreateEmbedFooter, CreateInputText, CreateModal, CreateSelectMenu, CreateSelectMenuKind,
    CreateSelectMenuOption, InputTextStyle,
};

use crate::screens::screen::{Button, Form, Menu, Press, Row, Screen, Style, Tone, clip};

// Limits of Discord, in characters.
const MAX_TITLE: usize = 256;
const MAX_DESCRIPTION: usize = 4096;
const MAX_FIELD_NAME: usize = 256;
const MAX_FIELD_VALUE: usize = 1024;
const MAX_BUTTON_LABEL: usize = 80;

/// Replaces an empty name or value, which Discord rejects.
const EMPTY: &str = "—";

pub(crate) fn embed(screen: &Screen) -> CreateEmbed {
    let mut embed = CreateEmbed::new().colour(colour(screen.tone));
    if !screen.title.is_empty() {
        embed = embed.title(clip(&screen.title, MAX_TITLE));
    }
    if !screen.body.is_empty() {
        embed = embed.description(clip(&screen.body.join("\n\n"), MAX_DESCRIPTION));
    }
    for field in &screen.fields {
        embed = embed.field(
            clip(&field.name, MAX_FIELD_NAME),
            clip(non_empty(&field.value), MAX_FIELD_VALUE),
            field.inline,
        );
    }
    if let Some(footer) = &screen.footer {
        embed = embed.footer(CreateEmbedFooter::new(footer));
    }
    if let Some(picture) = &screen.picture {
        embed = embed.image(format!("attachment://{}", picture.name));
    }
    embed
}

/// Returns the text, or a dash for an empty one. Names in Core can be empty.
fn non_empty(text: &str) -> &str {
    if text.trim().is_empty() { EMPTY } else { text }
}

pub(crate) fn files(screen: &mut Screen) -> Vec<CreateAttachment> {
    let picture = screen.picture.as_mut();
    picture
        .map(|picture| CreateAttachment::bytes(std::mem::take(&mut picture.bytes), picture.name))
        .into_iter()
        .collect()
}

pub(crate) fn rows(screen: &Screen) -> Vec<CreateActionRow> {
    let row = |row: &Row| match row {
        Row::Buttons(buttons) => CreateActionRow::Buttons(buttons.iter().map(button).collect()),
        Row::Menu(menu) => CreateActionRow::SelectMenu(select(menu)),
    };
    screen.rows.iter().map(row).collect()
}

fn button(button: &Button) -> CreateButton {
    let built = match &button.press {
        Press::Custom(custom_id) => CreateButton::new(custom_id).style(match button.style {
            Style::Primary => ButtonStyle::Primary,
            Style::Secondary => ButtonStyle::Secondary,
            Style::Success => ButtonStyle::Success,
            Style::Danger => ButtonStyle::Danger,
        }),
        Press::Link(url) => CreateButton::new_link(url.expose_secret()),
    };
    built.label(clip(&button.label, MAX_BUTTON_LABEL)).disabled(!button.enabled)
}

fn select(menu: &Menu) -> CreateSelectMenu {
    let options = menu
        .options
        .iter()
        .map(|choice| {
            CreateSelectMenuOption::new(non_empty(&choice.label), &choice.value)
                .description(&choice.description)
        })
        .collect();
    CreateSelectMenu::new(&menu.custom_id, CreateSelectMenuKind::String { options })
        .placeholder(&menu.placeholder)
}

pub(crate) fn modal(form: &Form) -> CreateModal {
    let style = if form.paragraph { InputTextStyle::Paragraph } else { InputTextStyle::Short };
    let mut input = CreateInputText::new(style, &form.label, "text")
        .placeholder(&form.placeholder)
        .max_length(form.max_length)
        // The bot explains an empty field in its own words.
        .required(false);
    if let Some(value) = &form.value {
        input = input.value(clip(value, usize::from(form.max_length)));
    }
    CreateModal::new(&form.custom_id, &form.title)
        .components(vec![CreateActionRow::InputText(input)])
}

/// Waizant's color of a tone.
fn colour(tone: Tone) -> Colour {
    Colour::new(match tone {
        Tone::Info => 0x3b_6e_d8,
        Tone::Success => 0x2e_9e_5b,
        Tone::Warning => 0xd9_9a_1e,
        Tone::Danger => 0xc9_3c_3c,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_button_has_no_custom_id() {
        let link = Button {
            label: "Open".to_owned(),
            press: Press::Link("https://web.example.com/in".to_owned().into()),
            style: Style::Secondary,
            enabled: true,
        };
        let json = serde_json::to_value(button(&link)).unwrap();
        assert_eq!(json["style"], 5);
        assert!(json.get("custom_id").is_none());
    }
}
