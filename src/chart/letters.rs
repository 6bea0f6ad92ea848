//! Text on a canvas, from the outlines of two fonts.
//!
//! The fonts hold the letters of European languages. See `fonts/README.md`.

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::raw::ReadError;
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

use super::canvas::{Canvas, Color};

/// Smallest size of a letter in pixels. It is 9 pixels on a phone of 360.
pub(super) const SMALL: u16 = 25;

/// Colors of texts. Their contrast with the ground is 15.7 and 10.7.
pub(super) const BRIGHT: Color = [0xf2, 0xf3, 0xf5];
pub(super) const MUTED: Color = [0xc4, 0xc9, 0xd4];

/// Ends a text that was cut.
const ELLIPSIS: char = '…';

/// Free pixels around the letters while they are drawn, for parts that overhang.
const MARGIN: u16 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Look of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    /// Size of the letters in pixels.
    pub(super) size: u16,
    pub(super) weight: Weight,
    pub(super) color: Color,
}

pub(super) const LABEL: Style = Style { size: SMALL, weight: Weight::Regular, color: MUTED };
pub(super) const VALUE: Style = Style { size: SMALL, weight: Weight::Bold, color: BRIGHT };

/// Direction in which a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Right,
    /// From the bottom to the top.
    Up,
}

pub(super) struct Letters {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

impl Letters {
    pub(super) fn new() -> Result<Self, ReadError> {
        Ok(Self {
            regular: FontRef::new(include_bytes!("fonts/DejaVuSans.ttf"))?,
            bold: FontRef::new(include_bytes!("fonts/DejaVuSans-Bold.ttf"))?,
        })
    }

    pub(super) fn font(&self, weight: Weight) -> &FontRef<'static> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// Returns the glyphs of a text with their distances from its start. The last entry is the
    /// text's length. A character that the font does not hold is shown as a box.
    fn layout(&self, text: &str, style: Style) -> (Vec<(GlyphId, f32)>, f32) {
        let font = self.font(style.weight);
        let (charmap, size) = (font.charmap(), Size::new(f32::from(style.size)));
        let metrics = font.glyph_metrics(size, LocationRef::default());
        let mut at = 0.0;
        let glyphs = text.chars().map(|c| {
            let glyph = charmap.map(c).unwrap_or(GlyphId::NOTDEF);
            let start = at;
            at += metrics.advance_width(glyph).unwrap_or_default();
            (glyph, start)
        });
        let glyphs = glyphs.collect();
        (glyphs, at)
    }

    /// Returns the length of a text in pixels.
    pub(super) fn length(&self, text: &str, style: Style) -> u32 {
        to_pixels(self.layout(text, style).1)
    }

    /// Cuts a text that is longer than this. A cut text ends with an ellipsis.
    pub(super) fn cut(&self, text: &str, style: Style, max: u32) -> String {
        let mut kept = text.to_owned();
        let mut shown = kept.clone();
        while self.length(&shown, style) > max && kept.pop().is_some() {
            shown = format!("{}{ELLIPSIS}", kept.trim_end());
        }
        shown
    }

    /// Draws a text whose first letter stands at `(x, y)`, on the line below the letters.
    pub(super) fn draw(
        &self,
        canvas: &mut Canvas,
        (x, y): (u32, u32),
        text: &str,
        (style, direction): (Style, Direction),
    ) {
        let (glyphs, length) = self.layout(text, style);
        let (along, across) =
            (to_pixels(length) + 2 * u32::from(MARGIN), 2 * u32::from(style.size));
        let (width, height) = match direction {
            Direction::Right => (along, across),
            Direction::Up => (across, along),
        };
        let cells = |pixels: u32| usize::try_from(pixels).unwrap_or_default();
        let mut pen = Pen {
            rasterizer: Rasterizer::new(cells(width), cells(height)),
            direction,
            // Where the letters' own zero is on the drawing.
            start: f32::from(MARGIN),
            line: f32::from(style.size),
            end: f32::from(MARGIN) + length.ceil(),
            first: point(0.0, 0.0),
            last: point(0.0, 0.0),
        };
        let outlines = self.font(style.weight).outline_glyphs();
        let size = Size::new(f32::from(style.size));
        for (glyph, at) in glyphs {
            pen.start = f32::from(MARGIN) + at;
            if let Some(outline) = outlines.get(glyph) {
                // An outline that cannot be read leaves a gap.
                let _ =
                    outline.draw(DrawSettings::unhinted(size, LocationRef::default()), &mut pen);
            }
        }
        let (margin, line) = (u32::from(MARGIN), u32::from(style.size));
        let (left, top) = match direction {
            Direction::Right => (x.saturating_sub(margin), y.saturating_sub(line)),
            Direction::Up => (x.saturating_sub(line), y.saturating_sub(to_pixels(length) + margin)),
        };
        pen.rasterizer.for_each_pixel_2d(|x, y, coverage| {
            canvas.mix(left + x, top + y, style.color, to_share(coverage));
        });
    }
}

/// Passes outlines on, turned into the direction of the text.
struct Pen {
    rasterizer: Rasterizer,
    direction: Direction,
    /// Distance of the glyph from the start of the drawing, along the text.
    start: f32,
    /// Distance of the letters' line from the edge of the drawing, across the text.
    line: f32,
    /// Length of the drawing without its last margin.
    end: f32,
    first: Point,
    last: Point,
}

impl Pen {
    fn place(&self, x: f32, y: f32) -> Point {
        match self.direction {
            Direction::Right => point(self.start + x, self.line - y),
            Direction::Up => point(self.line - y, self.end - self.start - x + f32::from(MARGIN)),
        }
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.first = self.place(x, y);
        self.last = self.first;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let to = self.place(x, y);
        self.rasterizer.draw_line(self.last, to);
        self.last = to;
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let (control, to) = (self.place(cx, cy), self.place(x, y));
        self.rasterizer.draw_quad(self.last, control, to);
        self.last = to;
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        let (first, second, to) = (self.place(cx0, cy0), self.place(cx1, cy1), self.place(x, y));
        self.rasterizer.draw_cubic(self.last, first, second, to);
        self.last = to;
    }

    fn close(&mut self) {
        self.rasterizer.draw_line(self.last, self.first);
        self.last = self.first;
    }
}

/// Rounds a length up to pixels.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a length is positive, and `as` takes the nearest number for any other value"
)]
fn to_pixels(length: f32) -> u32 {
    length.ceil() as u32
}

/// Returns a coverage from 0 to 1 as a share of 255.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a coverage is positive, and `as` takes the nearest number for any other value"
)]
fn to_share(coverage: f32) -> u8 {
    (coverage * 255.0).round() as u8
}
