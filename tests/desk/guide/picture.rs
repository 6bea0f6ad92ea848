//! Pictures small enough for a repository: 256 colours are plenty for a page of flat surfaces and
//! letters.

use std::collections::HashMap;

use image::RgbImage;

/// The colours of a PNG with a palette of one byte a pixel.
const COLOURS: usize = 256;
/// Colours that agree in these bits of each of their three shades are one, unless they cover a
/// surface.
const KEPT_BITS: u8 = 0b1111_1100;

type Colour = [u8; 3];

/// The same picture with a palette.
pub fn small(png: &[u8]) -> Vec<u8> {
    let picture = image::load_from_memory(png).unwrap().to_rgb8();
    let palette = palette(&picture);
    let mut nearest: HashMap<Colour, u8> = HashMap::new();
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
    // Neighbours in a palette are no neighbours on a page, so differences between them would not
    // compress.
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    file
}

/// The colours that cover most, of those that look alike the one that covers most.
fn palette(picture: &RgbImage) -> Vec<Colour> {
    let mut covered: HashMap<Colour, u32> = HashMap::new();
    for pixel in picture.pixels() {
        *covered.entry(pixel.0).or_default() += 1;
    }
    let mut alike: HashMap<Colour, (u32, u32, Colour)> = HashMap::new();
    for (colour, pixels) in covered {
        let (all, most, chief) =
            alike.entry(colour.map(|shade| shade & KEPT_BITS)).or_insert((0, 0, colour));
        *all += pixels;
        if (pixels, colour) > (*most, *chief) {
            (*most, *chief) = (pixels, colour);
        }
    }
    let mut ranked: Vec<(u32, Colour)> =
        alike.into_values().map(|(all, _, chief)| (all, chief)).collect();
    ranked.sort_unstable_by(|one, other| other.cmp(one));
    ranked.into_iter().take(COLOURS).map(|(_, colour)| colour).collect()
}

fn find_nearest(palette: &[Colour], colour: Colour) -> u8 {
    let distance = |other: &Colour| -> u32 {
        colour.iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(*other)).pow(2)).sum()
    };
    let (nearest, _) = palette.iter().enumerate().min_by_key(|(_, other)| distance(other)).unwrap();
    u8::try_from(nearest).unwrap()
}
