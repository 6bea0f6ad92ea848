//! Renders screens as serenity's builders.

use secrecy::ExposeSecret;
use serenity::all::{
    ButtonStyle, Colour, CreateActionRow, CreateButton, CreateEmbed, CreateEmbedFooter,
    CreateInputText, CreateModal, CreateSelectMenu, CreateSelectMenuKind, CreateSelectMenuOption,
    InputTextStyle,
};

use crate::discord::fit::{Fitted, fit_form, is_empty};
use crate::screens::screen::{Button, Choice, Form, Input, Menu, Press, Row, Style, Tone};

pub(crate) fn embed(fitted: &Fitted) -> CreateEmbed {
    let screen = fitted.screen();
    let mut embed = CreateEmbed::new().colour(colour(screen.tone));
    if !screen.title.is_empty() {
        embed = embed.title(&screen.title);
    }
    if !screen.body.is_empty() {
        embed = embed.description(screen.body.join("\n\n"));
    }
    for field in &screen.fields {
        embed = embed.field(&field.name, &field.value, field.inline);
    }
    if let Some(footer) = &screen.footer {
        embed = embed.footer(CreateEmbedFooter::new(footer));
    }
    if let Some(picture) = &screen.picture {
        embed = embed.image(format!("attachment://{}", picture.name));
    }
    embed
}

pub(crate) fn rows(fitted: &Fitted) -> Vec<CreateActionRow> {
    let row = |row: &Row| match row {
        Row::Buttons(buttons) => CreateActionRow::Buttons(buttons.iter().map(button).collect()),
        Row::Menu(menu) => CreateActionRow::SelectMenu(select(menu)),
    };
    fitted.screen().rows.iter().map(row).collect()
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
    built.label(&button.label).disabled(!button.enabled)
}

fn select(menu: &Menu) -> CreateSelectMenu {
    let option = |choice: &Choice| {
        let option = CreateSelectMenuOption::new(&choice.label, &choice.value);
        // Discord rejects an empty description.
        if is_empty(&choice.description) { option } else { option.description(&choice.description) }
    };
    let options = menu.options.iter().map(option).collect();
    CreateSelectMenu::new(&menu.custom_id, CreateSelectMenuKind::String { options })
        .placeholder(&menu.placeholder)
        .disabled(!menu.enabled)
}

pub(crate) fn modal(form: Form) -> CreateModal {
    let form = fit_form(form);
    let inputs = form.inputs.into_iter().enumerate();
    let rows = inputs.map(|(nth, input)| CreateActionRow::InputText(input_text(nth, input)));
    CreateModal::new(form.custom_id, form.title).components(rows.collect())
}

fn input_text(nth: usize, input: Input) -> CreateInputText {
    let style = if input.paragraph { InputTextStyle::Paragraph } else { InputTextStyle::Short };
    let text = CreateInputText::new(style, input.label, format!("text-{nth}"))
        .placeholder(input.placeholder)
        .max_length(input.max_length)
        // The bot explains an empty field in its own words.
        .required(false);
    match input.value {
        Some(value) => text.value(value),
        None => text,
    }
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
