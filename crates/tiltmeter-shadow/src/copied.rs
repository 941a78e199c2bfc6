//! A body that was copied, and the same as a body again.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

/// The bytes of a body, in the chunks in which they were kept. Clones share them.
///
/// Its `Debug` shows how many there are, and none of them: they have not been masked.
#[derive(Clone, Default)]
pub struct Copied {
    chunks: Arc<[Bytes]>,
    len: u64,
}

impl Copied {
    pub(crate) fn new(chunks: impl IntoIterator<Item = Bytes>) -> Self {
        let chunks: Arc<[Bytes]> = chunks.into_iter().collect();
        let len = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        Self { chunks, len }
    }

    /// The same of one chunk, with one allocation.
    pub(crate) fn of_one(chunk: Bytes) -> Self {
        let len = chunk.len() as u64;
        Self { chunks: Arc::new([chunk]), len }
    }

    /// How many bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes, in their order.
    pub fn chunks(&self) -> impl Iterator<Item = &Bytes> {
        self.chunks.iter()
    }

    /// The bytes in one piece: a copy of them, unless they were kept in one.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        match &*self.chunks {
            [] => Bytes::new(),
            [one] => one.clone(),
            chunks => chunks.concat().into(),
        }
    }
}

impl fmt::Debug for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Copied").field("len", &self.len).finish_non_exhaustive()
    }
}

/// The body of a request as a challenger gets it: a copy of the champion's, with its trailers. It is all there, and cannot
/// fail.
#[derive(Clone, Default)]
pub struct CopiedBody {
    copied: Copied,
    next: usize,
    left: u64,
    trailers: Option<HeaderMap>,
}

impl CopiedBody {
    pub(crate) fn new(copied: Copied, trailers: Option<HeaderMap>) -> Self {
        let left = copied.len();
        Self { copied, next: 0, left, trailers }
    }

    /// What it is a copy of.
    #[must_use]
    pub fn copied(&self) -> &Copied {
        &self.copied
    }
}

impl Body for CopiedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(chunk) = self.copied.chunks.get(self.next) {
            let chunk = chunk.clone();
            self.next += 1;
            self.left -= chunk.len() as u64;
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        Poll::Ready(self.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.next == self.copied.chunks.len() && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

impl fmt::Debug for CopiedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopiedBody").field("left", &self.left).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_body_gives_what_was_copied_and_knows_its_length() {
        let chunks = vec![Bytes::from_static(b"ab"), Bytes::from_static(b"cde")];
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", "0".parse().unwrap());
        let mut body = CopiedBody::new(Copied::new(chunks), Some(trailers));
        assert_eq!(body.copied().to_bytes(), &b"abcde"[..]);
        assert_eq!(body.size_hint().exact(), Some(5));
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let mut frames = Vec::new();
        while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut cx) {
            frames.push(frame);
        }
        assert_eq!(frames.len(), 3);
        assert!(frames[2].is_trailers());
        assert!(body.is_end_stream() && body.size_hint().exact() == Some(0));
        assert_eq!(
            format!("{:?} {body:?}", body.copied()),
            "Copied { len: 5, .. } CopiedBody { left: 0, .. }"
        );
    }
}
