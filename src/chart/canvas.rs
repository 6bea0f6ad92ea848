//! A picture of opaque pixels: areas, patterns, and its PNG.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ImageError, Rgb, RgbImage};

/// Width and height of a chart in pixels. A phone of 360 pixels shows it at 36 %.
pub(super) const WIDTH: u32 = 1000;
pub(super) const HEIGHT: u32 = 580;

pub(super) type Color = [u8; 3];

/// Ground of the picture. It is opaque, because no color reaches a contrast of 4.5 on both themes
/// of Discord.
pub(super) const GROUND: Color = [0x17, 0x19, 0x1e];

/// Colors of the parts of a column, from the bottom (Okabe and Ito, "Color Universal Design").
/// Their contrast with the ground is 7.6, 7.8 and 4.6.
pub(super) const BLUE: Color = [0x56, 0xb4, 0xe9];
pub(super) const ORANGE: Color = [0xe6, 0x9f, 0x00];
pub(super) const VERMILION: Color = [0xd5, 0x5e, 0x00];

/// Distance of the hatching's lines and of the dots, in pixels.
const PERIOD: u32 = 12;
/// Width of a line of the hatching, along the row.
const LINE: u32 = 4;
/// Side of the square that holds a dot.
const DOT: u32 = 6;

/// Tells parts apart without color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    Plain,
    Hatched,
    Dotted,
}

impl Pattern {
    /// Returns true if the pixel shows the ground in place of the color.
    fn is_ground(self, x: u32, y: u32) -> bool {
        match self {
            Self::Plain => false,
            Self::Hatched => (x + y) % PERIOD < LINE,
            Self::Dotted => {
                let free = (PERIOD - DOT) / 2;
                let (x, y) = (x % PERIOD, y % PERIOD);
                let is_corner = |n: u32| n == free || n == free + DOT - 1;
                let is_within = |n: u32| (free..free + DOT).contains(&n);
                is_within(x) && is_within(y) && !(is_corner(x) && is_corner(y))
            }
        }
    }
}

/// Rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

pub(super) struct Canvas(RgbImage);

impl Canvas {
    pub(super) fn new() -> Self {
        Self(RgbImage::from_pixel(WIDTH, HEIGHT, Rgb(GROUND)))
    }

    /// Fills an area. The pattern starts at the area's corner, so that equal areas look alike.
    pub(super) fn fill(&mut self, area: Area, color: Color, pattern: Pattern) {
        for y in 0..area.height {
            for x in 0..area.width {
                let color = if pattern.is_ground(x, y) { GROUND } else { color };
                if let Some(pixel) = self.0.get_pixel_mut_checked(area.left + x, area.top + y) {
                    *pixel = Rgb(color);
                }
            }
        }
    }

    /// Mixes a color into a pixel. `share` of 255 replaces it.
    pub(super) fn mix(&mut self, x: u32, y: u32, color: Color, share: u8) {
        let Some(Rgb(pixel)) = self.0.get_pixel_mut_checked(x, y) else { return };
        for (old, new) in pixel.iter_mut().zip(color) {
            let (new_part, old_part) =
                (u16::from(new) * u16::from(share), u16::from(*old) * u16::from(255 - share));
            *old = u8::try_from((new_part + old_part) / 255).unwrap_or(u8::MAX);
        }
    }

    pub(super) fn png(&self) -> Result<Vec<u8>, ImageError> {
        let mut png = Cursor::new(Vec::new());
        let encoder =
            PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::NoFilter);
        self.0.write_with_encoder(encoder)?;
        Ok(png.into_inner())
    }
}
