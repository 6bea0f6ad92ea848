//! QR codes as PNG files.

use std::io::Cursor;

use image::{ImageFormat, Luma};
use qrcode::QrCode;

/// Width of a module in pixels.
const SCALE: u32 = 8;

/// Renders the text as a PNG with a quiet zone. `None` if it is too long for a QR code.
pub(crate) fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::new(text).ok()?;
    let picture = code.render::<Luma<u8>>().module_dimensions(SCALE, SCALE).build();
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picture_decodes_to_its_text() {
        let text = "https://www.example.com/support#session.secret";
        let picture = image::load_from_memory(&png(text).unwrap()).unwrap().to_luma8();
        let (width, height) = picture.dimensions();
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(
            usize::try_from(width).unwrap(),
            usize::try_from(height).unwrap(),
            |x, y| picture.as_raw()[y * usize::try_from(width).unwrap() + x],
        );
        let (_, read) = prepared.detect_grids()[0].decode().unwrap();
        assert_eq!(read, text);
    }

    #[test]
    fn too_long_text_is_none() {
        assert!(png(&"x".repeat(5_000)).is_none());
    }
}
