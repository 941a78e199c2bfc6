//! The copy of a body while it goes by.
//!
//! A large frame is kept by its handle, which costs no copy. A small one is copied behind the others: a handle of it
//! would keep all of the connection's buffer that it came in. The same decides for a frame of another type than `Bytes`.

use std::any::Any;
use std::fmt;
use std::io::IoSlice;
use std::mem;

use bytes::{Buf, Bytes};

use crate::copied::Copied;

/// Frames up to this are copied. A connection reads into 8 KiB at first, and into more only when frames fill that.
const SMALL: usize = 4 << 10;

/// The most that is copied into one buffer: a buffer has at most as much left over.
const BUFFER: usize = 16 << 10;

/// How much of a body is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Nothing has said that the body has ended.
    #[default]
    Open,
    /// All of it.
    Whole,
    /// It ended early; what came until then is there.
    Part,
    /// It was above the cap, or could not be copied: nothing of it is there.
    TooLarge,
    /// There was no room for it: nothing of it is there.
    NoRoom,
}

#[derive(Default)]
pub(crate) struct Tape {
    chunks: Vec<Bytes>,
    buffer: Vec<u8>,
    len: usize,
    extent: Extent,
}

impl Tape {
    pub(crate) fn extent(&self) -> Extent {
        self.extent
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether what comes is to be kept, if it fits.
    pub(crate) fn is_open(&self) -> bool {
        self.extent == Extent::Open
    }

    /// Whether so much more is within the cap.
    pub(crate) fn fits(&self, more: usize, cap: usize) -> bool {
        more <= cap - self.len.min(cap)
    }

    /// Keeps what `data` holds, without consuming it; `false` if it does not show it all at once.
    pub(crate) fn push<D: Buf + 'static>(&mut self, data: &D) -> bool {
        let wanted = data.remaining();
        if wanted > SMALL
            && let Some(bytes) = (data as &dyn Any).downcast_ref::<Bytes>()
        {
            self.flush();
            self.chunks.push(bytes.clone());
        } else {
            if self.buffer.len() + wanted > BUFFER {
                self.flush();
            }
            if !copy(data, &mut self.buffer) {
                return false;
            }
        }
        self.len += wanted;
        true
    }

    /// Marks the end of the body, the first time.
    pub(crate) fn end(&mut self, whole: bool) {
        if self.is_open() {
            self.extent = if whole { Extent::Whole } else { Extent::Part };
        }
    }

    /// Gives up on the body, and its memory: nothing is to be on it, for this reason.
    pub(crate) fn refuse(&mut self, extent: Extent) {
        *self = Self { extent, ..Self::default() };
    }

    /// What is on it; it is left without.
    pub(crate) fn take(&mut self) -> Copied {
        let last = self.buffered();
        self.ending_with(last)
    }

    fn ending_with(&mut self, last: Option<Bytes>) -> Copied {
        self.len = 0;
        match last {
            Some(only) if self.chunks.is_empty() => Copied::of_one(only),
            last => Copied::new(mem::take(&mut self.chunks).into_iter().chain(last)),
        }
    }

    /// A copy of what is on it. The buffer stays, if it is small.
    pub(crate) fn copied(&mut self) -> Copied {
        if self.buffer.capacity() > SMALL {
            return self.take();
        }
        let last = (!self.buffer.is_empty()).then(|| Bytes::copy_from_slice(&self.buffer));
        self.ending_with(last)
    }

    /// An empty tape with its buffer, if that is small.
    pub(crate) fn released(mut self) -> Self {
        self.buffer.clear();
        if self.buffer.capacity() > SMALL {
            self.buffer = Vec::new();
        }
        Self { buffer: self.buffer, ..Self::default() }
    }

    fn flush(&mut self) {
        let buffered = self.buffered();
        self.chunks.extend(buffered);
    }

    fn buffered(&mut self) -> Option<Bytes> {
        (!self.buffer.is_empty()).then(|| mem::take(&mut self.buffer).into())
    }
}

/// Shows how much there is, and none of it: bodies have not been masked.
impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tape").field("len", &self.len).field("extent", &self.extent).finish_non_exhaustive()
    }
}

/// Copies what `data` holds to the end of `into`; `false` and nothing copied when it does not show it all at once.
fn copy(data: &impl Buf, into: &mut Vec<u8>) -> bool {
    let wanted = data.remaining();
    if let Some(all) = data.chunk().get(..wanted) {
        into.extend_from_slice(all);
        return true;
    }
    let mut slices = [IoSlice::new(&[]); 16];
    let filled = data.chunks_vectored(&mut slices);
    let slices = slices.get(..filled).unwrap_or_default();
    if slices.iter().map(|slice| slice.len()).sum::<usize>() != wanted {
        return false;
    }
    slices.iter().for_each(|slice| into.extend_from_slice(slice));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_frames_are_kept_by_their_handle_and_small_ones_copied_in_order() {
        let large = Bytes::from(vec![b'x'; SMALL + 1]);
        let mut tape = Tape::default();
        for frame in
            [Bytes::from_static(b"ab"), Bytes::from_static(b"cd"), large.clone(), Bytes::from_static(b"ef")]
        {
            assert!(tape.push(&frame));
        }
        tape.end(true);
        assert_eq!((tape.len(), tape.extent()), (SMALL + 7, Extent::Whole));
        let copied = tape.take();
        let chunks: Vec<_> = copied.chunks().collect();
        assert_eq!(chunks.len(), 3);
        assert_eq!((&chunks[0][..], &chunks[2][..]), (&b"abcd"[..], &b"ef"[..]));
        assert_eq!(chunks[1].as_ptr(), large.as_ptr(), "not a copy");
        assert_eq!(copied.len(), SMALL as u64 + 7);
    }

    #[test]
    fn many_small_frames_make_few_buffers() {
        let mut tape = Tape::default();
        for _ in 0..10_000 {
            tape.push(&Bytes::from_static(b"0123456789"));
        }
        assert_eq!(tape.len(), 100_000);
        let copied = tape.take();
        assert_eq!((copied.chunks().count(), copied.len()), (7, 100_000));
    }

    #[test]
    fn a_frame_in_parts_is_copied_whole_and_left_as_it_was() {
        let chained = Bytes::from_static(b"ab").chain(Bytes::from_static(b"cd"));
        let mut tape = Tape::default();
        assert!(tape.push(&chained));
        assert_eq!((tape.take().to_bytes(), chained.remaining()), (Bytes::from_static(b"abcd"), 4));
    }

    /// Shows only its first part, as `Buf` allows.
    struct Coy(Bytes, Bytes);

    impl Buf for Coy {
        fn remaining(&self) -> usize {
            self.0.len() + self.1.len()
        }
        fn chunk(&self) -> &[u8] {
            &self.0
        }
        fn advance(&mut self, _: usize) {}
    }

    #[test]
    fn a_frame_that_hides_its_parts_is_refused_rather_than_cut() {
        let mut tape = Tape::default();
        assert!(!tape.push(&Coy(Bytes::from_static(b"ab"), Bytes::from_static(b"cd"))));
        assert_eq!(tape.len(), 0);
    }

    #[test]
    fn what_is_refused_leaves_nothing() {
        let mut tape = Tape::default();
        assert!(tape.fits(5, 5) && !tape.fits(6, 5));
        tape.push(&Bytes::from_static(b"abc"));
        assert!(tape.fits(2, 5) && !tape.fits(3, 5) && !tape.fits(1, 2));
        tape.refuse(Extent::TooLarge);
        tape.end(true);
        assert_eq!((tape.len(), tape.extent()), (0, Extent::TooLarge));
        assert!(tape.take().is_empty() && !tape.is_open());
    }
}
