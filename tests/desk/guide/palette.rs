//! Reduces screenshots to 256 colors, so that they are small enough for the repository.

use std::collections::HashMap;

use image::RgbImage;

/// Colors of a PNG with one byte a pixel.
const COLORS: usize = 256;
/// Colors that agree in these bits of each channel are merged.
const KEPT_BITS: u8 = 0b1111_1100;

type Color = [u8; 3];

/// Returns the picture as PNG with a palette.
pub fn compress(png: &[u8]) -> Vec<u8> {
    let picture = image::load_from_memory(png).unwrap().to_rgb8();
    let palette = palette(&picture);
    let mut nearest: HashMap<Color, u8> = HashMap::new();
    let pixels: Vec<u8> = picture
        .pixels()
        .map(|pixel| *nearest.entry(pixel.0).or_insert_with(|| find_nearest(&palette, pixel.0)))
        .collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    // Differences between palette indices do not compress.
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    file
}

/// Returns the most frequent colors. Of similar colors, the most frequent one stands for all.
fn palette(picture: &RgbImage) -> Vec<Color> {
    let mut covered: HashMap<Color, u32> = HashMap::new();
    for pixel in picture.pixels() {
        *covered.entry(pixel.0).or_default() += 1;
    }
    let mut alike: HashMap<Color, (u32, u32, Color)> = HashMap::new();
    for (color, pixels) in covered {
        let (all, most, chief) =
            alike.entry(color.map(|shade| shade & KEPT_BITS)).or_insert((0, 0, color));
        *all += pixels;
        if (pixels, color) > (*most, *chief) {
            (*most, *chief) = (pixels, color);
        }
    }
    let mut ranked: Vec<(u32, Color)> =
        alike.into_values().map(|(all, _, chief)| (all, chief)).collect();
    ranked.sort_unstable_by(|one, other| other.cmp(one));
    ranked.into_iter().take(COLORS).map(|(_, color)| color).collect()
}

fn find_nearest(palette: &[Color], color: Color) -> u8 {
    let distance = |other: &Color| -> u32 {
        color.iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(*other)).pow(2)).sum()
    };
    let (nearest, _) = palette.iter().enumerate().min_by_key(|(_, other)| distance(other)).unwrap();
    u8::try_from(nearest).unwrap()
}
