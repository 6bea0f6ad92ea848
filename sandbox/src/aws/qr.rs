//! QR codes as PNG files: one grey channel, one byte a pixel.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use qrcode::{Color, QrCode};

/// Width of a module in pixels.
const SCALE: usize = 8;
/// Width of the quiet zone in modules (ISO/IEC 18004).
const QUIET: usize = 4;
/// Bit depth 8, colour type grey, deflate, adaptive filters, not interlaced.
const FORMAT: [u8; 5] = [8, 0, 0, 0, 0];

/// Renders the text as a PNG. `None` if it is too long for a QR code.
pub(crate) fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::new(text).ok()?;
    let modules = code.width() + 2 * QUIET;
    let side = modules * SCALE;
    let mut pixels = Vec::with_capacity(side * (side + 1));
    for y in 0..side {
        // Every line starts with the filter "none".
        pixels.push(0);
        pixels
            .extend((0..side).map(|x| if is_dark(&code, x / SCALE, y / SCALE) { 0 } else { 255 }));
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&pixels).ok()?;
    let packed = encoder.finish().ok()?;

    let side = u32::try_from(side).ok()?.to_be_bytes();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, *b"IHDR", &[side.as_slice(), &side, &FORMAT].concat())?;
    chunk(&mut png, *b"IDAT", &packed)?;
    chunk(&mut png, *b"IEND", &[])?;
    Some(png)
}

fn is_dark(code: &QrCode, x: usize, y: usize) -> bool {
    let inside = QUIET..QUIET + code.width();
    inside.contains(&x) && inside.contains(&y) && code[(x - QUIET, y - QUIET)] == Color::Dark
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) -> Option<()> {
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    png.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
    png.extend(kind);
    png.extend(data);
    png.extend(crc.sum().to_be_bytes());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picture_includes_quiet_zone() {
        let png = png("http://127.0.0.1:8400/successor?token=abc").unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        let code = QrCode::new("http://127.0.0.1:8400/successor?token=abc").unwrap();
        let side = u32::from_be_bytes(png[16..20].try_into().unwrap());
        assert_eq!(side as usize, (code.width() + 8) * 8);
        assert!(
            !is_dark(&code, 3, 3) && is_dark(&code, 4, 4),
            "the corner of the finder pattern is dark"
        );
    }

    #[test]
    fn too_long_text_is_none() {
        assert!(png(&"x".repeat(5000)).is_none());
    }
}
