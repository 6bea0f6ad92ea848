//! Transport compression of a gateway connection (Discord documentation, "Transport Compression").

use flate2::{Compress, CompressError, Compression, FlushCompress};

/// Value of `compress` in a gateway's address that asks for this compression.
pub(super) const ZLIB_STREAM: &str = "zlib-stream";

/// Bytes for the header and the end of a frame that does not shrink.
const ROOM: usize = 64;

/// One zlib stream for all frames of a connection.
pub(super) struct ZlibStream(Compress);

impl ZlibStream {
    pub(super) fn new() -> Self {
        Self(Compress::new(Compression::fast(), true))
    }

    /// Compresses the next frame. It ends with `00 00 FF FF`, by which a client recognizes its end.
    pub(super) fn frame(&mut self, bytes: &[u8]) -> Result<Vec<u8>, CompressError> {
        let begin = self.0.total_in();
        let mut frame = Vec::with_capacity(bytes.len() + ROOM);
        loop {
            let read = usize::try_from(self.0.total_in() - begin).unwrap_or(usize::MAX);
            let rest = bytes.get(read..).unwrap_or_default();
            self.0.compress_vec(rest, &mut frame, FlushCompress::Sync)?;
            // Spare room means that the flush is complete.
            if frame.len() < frame.capacity() {
                return Ok(frame);
            }
            frame.reserve(bytes.len() + ROOM);
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Decompress, FlushDecompress};

    use super::*;

    #[test]
    fn frames_share_one_stream_and_end_with_flush() {
        let mut stream = ZlibStream::new();
        let mut client = Decompress::new(true);
        let noise: Vec<u8> =
            (0..100_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        for payload in [b"{}".to_vec(), noise, b"{}".repeat(50_000), b"{}".to_vec()] {
            let frame = stream.frame(&payload).unwrap();
            assert!(frame.ends_with(&[0, 0, 0xFF, 0xFF]));
            assert!(!frame[..frame.len() - 4].ends_with(&[0, 0, 0xFF, 0xFF]), "one flush");
            let mut read = Vec::with_capacity(payload.len() + 1);
            client.decompress_vec(&frame, &mut read, FlushDecompress::Sync).unwrap();
            assert!(read == payload, "{} bytes of {}", read.len(), payload.len());
        }
    }
}
