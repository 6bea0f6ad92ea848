//! Payload compression of the gateway.

use flate2::{Compress, FlushCompress};

/// Bytes of a payload from which it is compressed. Ours: Discord compresses large payloads only,
/// and does not say from which size on.
pub(super) const COMPRESSED_FROM: usize = 1_024;

/// Compresses one payload into a complete zlib stream.
pub(super) fn compress_payload(
    compress: &mut Compress,
    bytes: &[u8],
) -> Result<Vec<u8>, axum::Error> {
    /// Bytes for the header, the trailer and a block that does not shrink.
    const ROOM: usize = 64;
    compress.reset();
    let mut stream = Vec::with_capacity(bytes.len() + ROOM);
    loop {
        let read = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
        let rest = bytes.get(read..).unwrap_or_default();
        match compress
            .compress_vec(rest, &mut stream, FlushCompress::Finish)
            .map_err(axum::Error::new)?
        {
            flate2::Status::StreamEnd => return Ok(stream),
            flate2::Status::Ok | flate2::Status::BufError => stream.reserve(bytes.len() + ROOM),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::Compression;

    use super::*;

    #[test]
    fn each_payload_is_one_zlib_stream() {
        let mut compress = Compress::new(Compression::fast(), true);
        let noise: Vec<u8> =
            (0..100_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        for payload in [b"{}".to_vec(), Vec::new(), noise, b"{}".to_vec()] {
            let stream = compress_payload(&mut compress, &payload).unwrap();
            let mut read = Vec::new();
            flate2::read::ZlibDecoder::new(&*stream).read_to_end(&mut read).unwrap();
            assert_eq!(read, payload);
        }
    }
}
