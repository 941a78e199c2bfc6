//! How much of a body went by.

use bytes::Buf;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body::SizeHint;

/// Follows a body of known or unknown length.
#[derive(Debug, Default)]
pub struct Meter {
    declared: Option<u64>,
    seen: u64,
}

impl Meter {
    /// The length is the body's own or, where it does not know it, that of the header: a body of a stream need not.
    #[must_use]
    pub fn new(hint: &SizeHint, headers: &HeaderMap) -> Self {
        let header = || headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
        Self { declared: hint.exact().or_else(header), seen: 0 }
    }

    /// `data` goes by.
    pub fn add(&mut self, data: &impl Buf) {
        self.seen += data.remaining() as u64;
    }

    /// Whether all that was announced went by: a reader may stop there without asking for the end.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.declared == Some(self.seen)
    }
}
