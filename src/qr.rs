//! QR codes as PNG images.

use std::io::Cursor;

use commands::model::fault::Fault;
use image::{ImageFormat, Luma};
use qrcode::{EcLevel, QrCode};
use secrecy::{ExposeSecret, SecretString};

/// Minimum width and height in pixels. A phone can scan it from a screen at arm's length, where it
/// is about 6 cm wide, and the buttons below it stay on the screen of a phone.
pub(crate) const MIN_SIDE: u32 = 256;

/// Renders a QR code with error correction M (15 % can be lost) and the quiet zone of four modules
/// that ISO/IEC 18004 requires.
pub(crate) fn draw(text: &SecretString) -> Result<Vec<u8>, Fault> {
    // Neither error quotes the text.
    let code = QrCode::with_error_correction_level(text.expose_secret(), EcLevel::M)
        .map_err(|error| Fault::new("drawing a QR code", error))?;
    let picture =
        code.render::<Luma<u8>>().quiet_zone(true).min_dimensions(MIN_SIDE, MIN_SIDE).build();
    let mut png = Cursor::new(Vec::new());
    picture
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|error| Fault::new("drawing a QR code", error))?;
    Ok(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the side of a module and the width of the quiet zone, in pixels.
    fn margins(picture: &image::GrayImage) -> (u32, u32) {
        let first = (0..picture.width()).find(|i| picture.get_pixel(*i, *i).0 == [0]).unwrap();
        // The finder pattern starts with seven dark modules.
        let dark =
            (first..picture.width()).take_while(|x| picture.get_pixel(*x, first).0 == [0]).count();
        (u32::try_from(dark).unwrap() / 7, first)
    }

    #[test]
    fn qr_code_decodes_to_its_text() {
        for text in [
            "waizant://open?token=abcdefghijklmnopqrstuvwxyz0123456789",
            &format!("https://example.com/{}", "ñ".repeat(246)),
        ] {
            let png = draw(&SecretString::from(text)).unwrap();
            let picture =
                image::load_from_memory_with_format(&png, ImageFormat::Png).unwrap().to_luma8();
            assert!(picture.width() >= MIN_SIDE && picture.width() == picture.height());
            let (module, margin) = margins(&picture);
            assert_eq!(margin, 4 * module, "quiet zone");

            let width = usize::try_from(picture.width()).unwrap();
            let mut reader = rqrr::PreparedImage::prepare_from_greyscale(width, width, |x, y| {
                picture.get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()).0[0]
            });
            let grids = reader.detect_grids();
            assert_eq!(grids.len(), 1);
            let (meta, content) = grids[0].decode().unwrap();
            assert_eq!(content, text);
            assert_eq!(meta.ecc_level, 0, "level M is encoded as 0");
        }
    }

    #[test]
    fn too_long_text_is_a_fault_without_it() {
        let fault = draw(&SecretString::from("x".repeat(3000))).unwrap_err();
        assert!(!fault.to_string().contains("xx"), "{fault}");
    }
}
