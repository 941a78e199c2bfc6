//! Compressed bodies.
//!
//! A body is inflated into a buffer that is used again, and never to more than a limit: a small body that would become
//! very large costs no more than that.

use std::io::{BufRead, Read};

use crate::layer::Encoding;

/// Inflates bodies.
#[derive(Debug)]
pub(super) struct Inflater {
    limit: usize,
    buffer: Vec<u8>,
}

/// How far a body could be inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// To its end.
    Whole,
    /// To the limit.
    Limit,
    /// To where it is damaged, or breaks off.
    Damaged,
}

/// What is kept room for from one body to the next.
const KEPT: usize = 64 << 10;

/// The largest window of zstd, as a power of two: 8 MiB, which HTTP allows (RFC 9659).
#[cfg(feature = "zstd")]
const ZSTD_WINDOW_LOG: u32 = 23;

impl Inflater {
    /// Inflates to `limit` bytes at most.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, buffer: Vec::new() }
    }

    /// `body` as it was before it was compressed; `None` for an encoding that is not known.
    pub(super) fn inflate<'a>(&'a mut self, body: &'a [u8], encoding: Encoding) -> Option<(&'a [u8], End)> {
        if encoding == Encoding::Identity {
            return Some((body, End::Whole));
        }
        self.buffer.clear();
        self.buffer.shrink_to(KEPT);
        let end = match encoding {
            Encoding::Identity | Encoding::Unknown => return None,
            // one member after the other; what follows the last is no member, and an error
            Encoding::Gzip => self.read(&mut flate2::bufread::MultiGzDecoder::new(body)),
            Encoding::Deflate => {
                let mut decoder = flate2::bufread::ZlibDecoder::new(body);
                let end = self.read(&mut decoder);
                let has_more = decoder.into_inner().fill_buf().is_ok_and(|rest| !rest.is_empty());
                if has_more && end == End::Whole { End::Damaged } else { end }
            }
            #[cfg(feature = "zstd")]
            Encoding::Zstd => match zstd_decoder(body) {
                Ok(mut decoder) => self.read(&mut decoder),
                Err(_) => End::Damaged,
            },
            #[cfg(not(feature = "zstd"))]
            Encoding::Zstd => return None,
        };
        Some((&self.buffer, end))
    }

    fn read(&mut self, decoder: &mut dyn Read) -> End {
        // one byte more tells whether there is more
        let bound = u64::try_from(self.limit).unwrap_or(u64::MAX).saturating_add(1);
        let read = decoder.take(bound).read_to_end(&mut self.buffer);
        if self.buffer.len() > self.limit {
            self.buffer.truncate(self.limit);
            End::Limit
        } else if read.is_ok() {
            End::Whole
        } else {
            End::Damaged
        }
    }
}

#[cfg(feature = "zstd")]
fn zstd_decoder(body: &[u8]) -> std::io::Result<zstd::stream::read::Decoder<'static, &[u8]>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(body)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Each encoding, with what compresses into it.
    fn compressed(bytes: &[u8]) -> Vec<(Encoding, Vec<u8>)> {
        vec![
            (Encoding::Gzip, gzip(bytes)),
            (Encoding::Deflate, zlib(bytes)),
            #[cfg(feature = "zstd")]
            (Encoding::Zstd, zstd::encode_all(bytes, 3).unwrap()),
        ]
    }

    fn inflated(body: &[u8], encoding: Encoding, limit: usize) -> Option<(Vec<u8>, End)> {
        Inflater::new(limit).inflate(body, encoding).map(|(bytes, end)| (bytes.to_vec(), end))
    }

    proptest! {
        #[test]
        fn what_was_compressed_is_inflated(bytes in prop::collection::vec(any::<u8>(), 0..5_000)) {
            for (encoding, body) in compressed(&bytes) {
                prop_assert_eq!(inflated(&body, encoding, bytes.len()), Some((bytes.clone(), End::Whole)));
            }
        }

        #[test]
        fn what_breaks_off_or_has_more_behind_it_is_damaged(
            bytes in prop::collection::vec(any::<u8>(), 1..500), cut in any::<prop::sample::Index>(), more in 1..255_u8,
        ) {
            for (encoding, body) in compressed(&bytes) {
                let cut = cut.index(body.len() - 1) + 1;
                let (beginning, end) = inflated(&body[..cut], encoding, 1_000).unwrap();
                prop_assert_eq!(end, End::Damaged, "{:?}", encoding);
                prop_assert!(bytes.starts_with(&beginning));
                let longer = [&body[..], &[more]].concat();
                prop_assert_eq!(inflated(&longer, encoding, 1_000).unwrap().1, End::Damaged, "{:?}", encoding);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..300), head in 0..4_usize) {
            let head: &[u8] = [&b""[..], b"\x1f\x8b\x08\x00\0\0\0\0\0\xff", b"\x78\x9c", b"\x28\xb5\x2f\xfd"][head];
            let body = [head, &body].concat();
            for encoding in [Encoding::Gzip, Encoding::Deflate, Encoding::Zstd] {
                if let Some((bytes, _)) = inflated(&body, encoding, 100) {
                    prop_assert!(bytes.len() <= 100);
                }
            }
        }
    }

    #[test]
    fn a_bomb_costs_no_more_than_the_limit() {
        let bomb = vec![0; 50 << 20];
        for (encoding, body) in compressed(&bomb) {
            assert!(body.len() < 100_000);
            let mut inflater = Inflater::new(1 << 20);
            let (bytes, end) = inflater.inflate(&body, encoding).unwrap();
            assert_eq!((bytes.len(), end), (1 << 20, End::Limit));
            assert!(inflater.buffer.capacity() <= 4 << 20, "{}", inflater.buffer.capacity());
            inflater.inflate(b"", encoding).unwrap();
            assert!(inflater.buffer.capacity() <= KEPT, "one large body must not keep its memory for ever");
        }
    }

    #[test]
    fn members_of_gzip_follow_each_other() {
        let body = [gzip(b"one "), gzip(b""), gzip(b"two")].concat();
        assert_eq!(inflated(&body, Encoding::Gzip, 100), Some((b"one two".to_vec(), End::Whole)));
    }

    #[test]
    fn other_encodings_are_not_known() {
        assert_eq!(inflated(b"x", Encoding::Unknown, 100), None);
        assert_eq!(inflated(b"x", Encoding::Identity, 0), Some((b"x".to_vec(), End::Whole)));
    }

    #[cfg(feature = "zstd")]
    #[test]
    fn a_window_beyond_what_http_allows_is_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(&[1; 1_000]).unwrap();
        let body = encoder.finish().unwrap();
        assert_eq!(inflated(&body, Encoding::Zstd, 10_000).unwrap().1, End::Damaged);
    }
}
