//! Bars with a label and a count each.

use commands::model::words::Locale;
use commands::screens::chart::Bar;
use commands::screens::numbers::number;

use super::canvas::{Area, BLUE, HEIGHT, Pattern, WIDTH};
use super::letters::{LABEL, VALUE};
use super::{EDGE, PLOT_TOP, Sheet, scaled};

/// Greatest distance of two bars.
const MAX_PITCH: u32 = 64;
/// Greatest length of a label.
const MAX_LABEL: u32 = 430;
/// Distance of a label to its bar, and of a bar to its count.
const GAP: u32 = 16;
/// Height of a capital letter.
const CAPITAL: u32 = 18;

/// Draws the plot below the titles. The longest bar takes the room that the labels leave.
pub(super) fn draw(sheet: &mut Sheet, bars: &[Bar], locale: Locale) {
    let rows: Vec<(String, String, u32)> = bars
        .iter()
        .map(|bar| {
            let label = sheet.letters.cut(&bar.label, LABEL, MAX_LABEL);
            (label, number(locale, u64::from(bar.count)), bar.count)
        })
        .collect();
    let longest = |texts: &mut dyn Iterator<Item = u32>| texts.max().unwrap_or_default();
    let letters = &sheet.letters;
    let labels = longest(&mut rows.iter().map(|(label, ..)| letters.length(label, LABEL)));
    let counts = longest(&mut rows.iter().map(|(_, count, _)| letters.length(count, VALUE)));
    let most = rows.iter().map(|(.., count)| *count).max().unwrap_or_default();
    let left = EDGE + labels + GAP;
    let width = (WIDTH - EDGE).saturating_sub(left + GAP + counts);
    let rows_count = u32::try_from(rows.len()).unwrap_or(u32::MAX).max(1);
    let top = PLOT_TOP + GAP;
    let pitch = ((HEIGHT - EDGE - top) / rows_count).min(MAX_PITCH);
    let height = (pitch * 6 / 10).max(1);
    for (nth, (label, count, value)) in (0..).zip(&rows) {
        let top = top + nth * pitch;
        let line = top + height / 2 + CAPITAL / 2;
        sheet.write((EDGE, line), label, LABEL);
        let width = scaled(width, *value, most).max(u32::from(*value > 0) * 3);
        sheet.canvas.fill(Area { left, top, width, height }, BLUE, Pattern::Plain);
        sheet.write((left + width + GAP, line), count, VALUE);
    }
}
