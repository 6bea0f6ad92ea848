//! Screens and forms as text.

use commands::screens::screen::{Button, Field, Form, Input, Menu, Press, Row, Screen};

/// Writes a screen, one line each: title, paragraphs, fields, picture, file, footer and rows of
/// components.
pub(crate) fn screen_text(screen: &Screen) -> String {
    let title = Some(&screen.title).filter(|title| !title.is_empty());
    let mut lines: Vec<String> = title.into_iter().chain(&screen.body).cloned().collect();
    lines.extend(screen.fields.iter().map(field_text));
    lines.extend(
        screen
            .picture
            .iter()
            .map(|picture| format!("(image {}: {})", picture.name, picture.description)),
    );
    lines.extend(
        screen.file.iter().map(|file| format!("(file {}: {})", file.name, file.description)),
    );
    lines.extend(screen.footer.clone());
    lines.extend(screen.rows.iter().map(row_text));
    lines.join("\n")
}

pub(crate) fn form_text(form: &Form) -> String {
    let mut lines = vec![format!("Form \"{}\":", form.title)];
    for Input { label, placeholder, value, .. } in &form.inputs {
        let value = value.as_ref().map(|value| format!(" = {value:?}")).unwrap_or_default();
        lines.push(format!("  {label} <{placeholder}>{value}"));
    }
    lines.join("\n")
}

fn field_text(field: &Field) -> String {
    let between = if field.value.contains('\n') { "\n" } else { " " };
    format!("{}:{between}{}", field.name, field.value)
}

fn row_text(row: &Row) -> String {
    match row {
        Row::Buttons(buttons) => buttons.iter().map(button_text).collect::<Vec<_>>().join(" "),
        Row::Menu(menu) => menu_text(menu),
    }
}

/// Writes `[Label]`, or `[Label ↗]` for a link, whose address is a secret.
fn button_text(button: &Button) -> String {
    let link = if matches!(button.press, Press::Link(_)) { " ↗" } else { "" };
    let off = if button.enabled { "" } else { " (off)" };
    format!("[{}{link}{off}]", button.label)
}

fn menu_text(menu: &Menu) -> String {
    let options =
        menu.options.iter().map(|choice| format!("{} — {}", choice.label, choice.description));
    format!("<{}: {}>", menu.placeholder, options.collect::<Vec<_>>().join(" | "))
}
