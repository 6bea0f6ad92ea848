//! Stacked columns over time, with a scale, totals and a legend.

use commands::model::words::Locale;
use commands::screens::chart::{Column, PARTS};
use commands::screens::numbers::number;

use super::canvas::{Area, BLUE, Color, GROUND, HEIGHT, ORANGE, Pattern, VERMILION, WIDTH};
use super::letters::{LABEL, VALUE};
use super::{EDGE, PLOT_TOP, Sheet, scaled};

/// Color and pattern of each part, from the bottom of the stack.
const LOOKS: [(Color, Pattern); PARTS] =
    [(BLUE, Pattern::Plain), (ORANGE, Pattern::Hatched), (VERMILION, Pattern::Dotted)];

/// Lines of the scale. They only guide the eye.
const GRID: Color = [0x34, 0x38, 0x40];
const AXIS: Color = [0x8a, 0x90, 0x9c];

/// Most lines of the scale, without zero.
const MAX_STEPS: u32 = 4;

/// Side of a legend's square, and its distances to its text and to the next square.
const SQUARE: u32 = 24;
const SQUARE_GAP: u32 = 12;
const LEGEND_GAP: u32 = 34;
/// Height of a line of the legend.
const LEGEND_LINE: u32 = 40;

/// Greatest width of a column.
const MAX_WIDTH: u32 = 92;
/// Least distance of two numbers of the scale.
const TICK_PITCH: u32 = 32;
/// Greatest length of a label.
const MAX_LABEL: u32 = 200;
/// Least distance of two labels.
const LABEL_GAP: u32 = 16;
/// Distance of a total to its column, and of a label to its line.
const GAP: u32 = 8;
/// Height of the digits of a small text.
const DIGIT: u32 = 19;

/// Draws the plot below the titles.
pub(super) fn draw(sheet: &mut Sheet, parts: &[String; PARTS], columns: &[Column], locale: Locale) {
    let top = legend(sheet, parts);
    let totals: Vec<u32> = columns.iter().map(Column::total).collect();
    let highest = totals.iter().copied().max().unwrap_or_default();
    let (step, steps) = scale(highest);
    let written = |count: u32| number(locale, u64::from(count));
    let ticks: Vec<String> = (0..=steps).map(|nth| written(nth.saturating_mul(step))).collect();
    let lengths = |texts: &[String], style| -> Vec<u32> {
        texts.iter().map(|text| sheet.letters.length(text, style)).collect()
    };
    let widest = |lengths: &[u32]| lengths.iter().copied().max().unwrap_or_default();
    let left = EDGE + widest(&lengths(&ticks, LABEL)) + 2 * GAP;
    let width = WIDTH - EDGE - left;
    let written_totals: Vec<String> = totals
        .iter()
        .map(|total| if *total == 0 { String::new() } else { written(*total) })
        .collect();
    let own = lengths(&written_totals, VALUE);
    let count = u32::try_from(columns.len()).unwrap_or(u32::MAX).max(1);
    // Two neighbors share the distance of their middles.
    let is_upright = own.windows(2).any(|two| {
        two.iter().all(|length| *length > 0)
            && two.iter().sum::<u32>() > 2 * (width / count).saturating_sub(GAP)
    });
    let room = if is_upright { widest(&own) } else { DIGIT };
    let plot_top = top + room + 2 * GAP;
    let bottom = HEIGHT - EDGE - DIGIT - 2 * GAP;
    let plot = Area { left, top: plot_top, width, height: bottom.saturating_sub(plot_top) };
    grid(sheet, plot, &ticks);
    let frame = Frame { plot, count, most: step.saturating_mul(steps), is_upright };
    for (nth, (column, total)) in (0..).zip(columns.iter().zip(&written_totals)) {
        frame.column(sheet, nth, column, total);
    }
    frame.labels(sheet, columns);
}

/// Draws the legend. Returns the first row of pixels below it.
fn legend(sheet: &mut Sheet, parts: &[String; PARTS]) -> u32 {
    let (mut x, mut y) = (EDGE, PLOT_TOP);
    for (part, (color, pattern)) in parts.iter().zip(LOOKS) {
        let own = WIDTH - 2 * EDGE - SQUARE - SQUARE_GAP;
        let text = sheet.letters.cut(part, LABEL, own);
        let length = sheet.letters.length(&text, LABEL);
        if x > EDGE && x + SQUARE + SQUARE_GAP + length > WIDTH - EDGE {
            (x, y) = (EDGE, y + LEGEND_LINE);
        }
        let square = Area { left: x, top: y, width: SQUARE, height: SQUARE };
        sheet.canvas.fill(square, color, pattern);
        sheet.write((x + SQUARE + SQUARE_GAP, y + SQUARE - 3), &text, LABEL);
        x += SQUARE + SQUARE_GAP + length + LEGEND_GAP;
    }
    y + LEGEND_LINE
}

/// Returns the distance of the scale's lines, and their number without zero. The distance is 1, 2
/// or 5 times a power of ten.
fn scale(highest: u32) -> (u32, u32) {
    let mut power = 1_u32;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            let steps = highest.div_ceil(step).max(1);
            if steps <= MAX_STEPS {
                return (step, steps);
            }
        }
        power = power.saturating_mul(10);
    }
}

/// Draws the scale: a line and a number for each step, from zero.
fn grid(sheet: &mut Sheet, plot: Area, ticks: &[String]) {
    let steps = u32::try_from(ticks.len()).unwrap_or(u32::MAX).saturating_sub(1);
    let every = (TICK_PITCH * steps).div_ceil(plot.height.max(1)).max(1);
    for (nth, tick) in (0..).zip(ticks) {
        let y = plot.top + plot.height - scaled(plot.height, nth, steps);
        let line = Area { top: y, height: 2, ..plot };
        sheet.canvas.fill(line, if nth == 0 { AXIS } else { GRID }, Pattern::Plain);
        if nth % every == 0 {
            let length = sheet.letters.length(tick, LABEL);
            let x = plot.left.saturating_sub(length + GAP);
            sheet.write((x, y + DIGIT / 2), tick, LABEL);
        }
    }
}

/// Area of the columns, and what their sizes depend on.
struct Frame {
    plot: Area,
    /// Number of columns.
    count: u32,
    /// Value at the top of the scale.
    most: u32,
    /// The totals are written from the bottom to the top, because they are wider than a column.
    is_upright: bool,
}

impl Frame {
    /// Returns the middle of a column.
    fn middle(&self, nth: u32) -> u32 {
        self.plot.left + scaled(self.plot.width, 2 * nth + 1, 2 * self.count)
    }

    fn column(&self, sheet: &mut Sheet, nth: u32, column: &Column, total: &str) {
        let plot = self.plot;
        let width = (plot.width / self.count * 7 / 10).clamp(2, MAX_WIDTH);
        let left = self.middle(nth).saturating_sub(width / 2);
        let bottom = plot.top + plot.height;
        let (mut sum, mut top) = (0_u32, bottom);
        for (count, (color, pattern)) in column.counts.into_iter().zip(LOOKS) {
            if count == 0 {
                continue;
            }
            let below = top;
            sum = sum.saturating_add(count);
            // One session among thousands is still seen.
            let least = below.saturating_sub(3);
            top = (bottom - scaled(plot.height, sum, self.most)).min(least);
            let height = below - top;
            // A line of the ground separates the parts.
            let height = if below < bottom && height > 6 { height - 2 } else { height };
            sheet.canvas.fill(Area { left, top, width, height }, color, pattern);
        }
        if sum == 0 {
            return;
        }
        let length = sheet.letters.length(total, VALUE);
        let middle = self.middle(nth);
        let line = top.saturating_sub(GAP);
        if self.is_upright {
            let (width, height) = (DIGIT + 4, length + 4);
            let left = middle.saturating_sub(width / 2);
            clear(sheet, Area { left, top: line.saturating_sub(length + 2), width, height });
            sheet.write_up((middle + DIGIT / 2, line), total, VALUE);
        } else {
            let left = middle.saturating_sub(length / 2);
            let top = line.saturating_sub(DIGIT + 2);
            clear(
                sheet,
                Area { left: left.saturating_sub(2), top, width: length + 4, height: DIGIT + 4 },
            );
            sheet.write((left, line), total, VALUE);
        }
    }

    /// Writes the labels that fit side by side: all, or every second, third …
    fn labels(&self, sheet: &mut Sheet, columns: &[Column]) {
        let labels: Vec<(String, u32)> = columns
            .iter()
            .map(|column| {
                let label = sheet.letters.cut(&column.label, LABEL, MAX_LABEL);
                let length = sheet.letters.length(&label, LABEL);
                (label, length)
            })
            .collect();
        let widest = labels.iter().map(|(_, length)| *length).max().unwrap_or_default();
        let every = ((widest + LABEL_GAP) * self.count).div_ceil(self.plot.width).max(1);
        let line = HEIGHT - EDGE + 4;
        for (nth, (label, length)) in (0..).zip(labels) {
            if nth % every == 0 {
                let last = (WIDTH - EDGE / 2).saturating_sub(length);
                let x = self.middle(nth).saturating_sub(length / 2).min(last);
                sheet.write((x, line), &label, LABEL);
            }
        }
    }
}

/// Removes the scale's line behind a total.
fn clear(sheet: &mut Sheet, area: Area) {
    sheet.canvas.fill(area, GROUND, Pattern::Plain);
}
