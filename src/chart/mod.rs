//! Charts as PNG pictures: stacked columns over time, and bars.
//!
//! Texts are at least 25 pixels high, and texts and colors have a contrast of at least 4.5 with the
//! ground (WCAG 2.2, 1.4.3 and 1.4.11). Patterns, totals and the legend carry the meaning without
//! color.

mod bars;
mod canvas;
mod columns;
mod letters;

use commands::model::fault::Fault;
use commands::screens::chart::{Chart, Plot};

use self::canvas::{Canvas, WIDTH};
use self::letters::{BRIGHT, Direction, LABEL, Letters, Style, Weight};

/// Free pixels at the edges.
const EDGE: u32 = 32;

const TITLE: Style = Style { size: 36, weight: Weight::Bold, color: BRIGHT };
/// Lines on which the title and the subtitle stand.
const TITLE_LINE: u32 = 54;
const SUBTITLE_LINE: u32 = 94;

/// First row of pixels below the titles.
const PLOT_TOP: u32 = 120;

/// A canvas and the letters that are drawn on it.
struct Sheet {
    canvas: Canvas,
    letters: Letters,
}

/// Renders a chart as PNG.
pub(crate) fn draw(chart: &Chart) -> Result<Vec<u8>, Fault> {
    let letters = Letters::new().map_err(|error| Fault::new("reading a font", error))?;
    let mut sheet = Sheet { canvas: Canvas::new(), letters };
    let widest = WIDTH - 2 * EDGE;
    let lines = [(&chart.title, TITLE, TITLE_LINE), (&chart.subtitle, LABEL, SUBTITLE_LINE)];
    for (text, style, line) in lines {
        let text = sheet.letters.cut(text, style, widest);
        sheet.write((EDGE, line), &text, style);
    }
    match &chart.plot {
        Plot::Columns { parts, columns } => {
            columns::draw(&mut sheet, parts, columns, chart.locale);
        }
        Plot::Bars(bars) => bars::draw(&mut sheet, bars, chart.locale),
    }
    sheet.canvas.png().map_err(|error| Fault::new("drawing a chart", error))
}

impl Sheet {
    /// Writes a text from left to right.
    fn write(&mut self, at: (u32, u32), text: &str, style: Style) {
        self.letters.draw(&mut self.canvas, at, text, (style, Direction::Right));
    }

    /// Writes a text from the bottom to the top.
    fn write_up(&mut self, at: (u32, u32), text: &str, style: Style) {
        self.letters.draw(&mut self.canvas, at, text, (style, Direction::Up));
    }
}

/// Returns `length * part / whole`, rounded. Zero without a whole.
fn scaled(length: u32, part: u32, whole: u32) -> u32 {
    let [length, part, whole] = [length, part, whole].map(u128::from);
    let scaled = (length * part * 2 + whole).checked_div(whole * 2).unwrap_or_default();
    u32::try_from(scaled).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
