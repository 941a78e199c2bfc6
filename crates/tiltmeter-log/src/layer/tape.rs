//! The copy of what went by: one buffer for the request id, the request body and the response body.
//!
//! Bodies are copied, because a handle to a small part of a connection's read buffer would keep all of that buffer.
//! One buffer, because that is one allocation: a response normally begins after its request has ended. When it does
//! not, the response gets a buffer of its own.

use std::fmt;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// Room for a short answer behind the request, so that it needs no allocation of its own.
const RESPONSE_ROOM: usize = 256;

/// What is reserved at once for a request, at most: a length that is only announced must not cost memory.
const LARGEST_RESERVATION: usize = 16 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Response,
}

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
    /// It was above the cap, or in a form that cannot be copied: nothing of it is there.
    Refused,
    /// It was above the cap; the beginning is there.
    Cut,
    /// Bodies are not captured.
    Uncaptured,
}

#[derive(Default)]
pub(crate) struct Tape {
    bytes: Vec<u8>,
    /// A response that has overtaken its request, which is rare.
    #[expect(clippy::box_collection, reason = "one word in each exchange, not three, and hardly ever there")]
    late_response: Option<Box<Vec<u8>>>,
    request_len: usize,
    id_len: u8,
    request: Extent,
    response: Extent,
}

impl Tape {
    /// A tape in `bytes`, which is empty, and has room for an announced request and a short answer when this returns.
    pub(crate) fn new(mut bytes: Vec<u8>, id: &[u8], request_hint: u64, cap: usize) -> Self {
        let hint = usize::try_from(request_hint).unwrap_or(usize::MAX);
        let room = if hint > cap { 0 } else { hint.min(LARGEST_RESERVATION) };
        bytes.reserve_exact(id.len() + room + RESPONSE_ROOM);
        bytes.extend_from_slice(id);
        // a body that announces more than the cap is not even begun
        let request = if hint > cap { Extent::Refused } else { Extent::Open };
        Self { bytes, id_len: short(id), request, ..Self::default() }
    }

    /// A tape for the id alone: bodies are not captured.
    pub(super) fn without_bodies(mut buffer: Vec<u8>, id: &[u8]) -> Self {
        buffer.extend_from_slice(id);
        let (request, response) = (Extent::Uncaptured, Extent::Uncaptured);
        Self { bytes: buffer, id_len: short(id), request, response, ..Self::default() }
    }

    /// A tape on which nothing is, with a buffer for the next one.
    #[cfg(test)]
    pub(super) fn blank(buffer: Vec<u8>) -> Self {
        Self { bytes: buffer, ..Self::default() }
    }

    /// Its buffer, emptied, for the next tape.
    pub(super) fn into_buffer(mut self) -> Vec<u8> {
        self.bytes.clear();
        self.bytes
    }

    /// A tape of bodies that were kept elsewhere, in parts.
    pub(crate) fn of_parts(id: &[u8], request: (&[Bytes], Extent), response: (&[Bytes], Extent)) -> Self {
        let len = |parts: &[Bytes]| parts.iter().map(Bytes::len).sum::<usize>();
        let request_len = len(request.0);
        let mut bytes = Vec::with_capacity(id.len() + request_len + len(response.0));
        bytes.extend_from_slice(id);
        request.0.iter().chain(response.0).for_each(|part| bytes.extend_from_slice(part));
        Self {
            bytes,
            id_len: short(id),
            request_len,
            request: request.1,
            response: response.1,
            ..Self::default()
        }
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn with_extents(id: &[u8], request: (&[u8], Extent), response: (&[u8], Extent)) -> Self {
        Self {
            bytes: [id, request.0, response.0].concat(),
            id_len: short(id),
            request_len: request.0.len(),
            request: request.1,
            response: response.1,
            ..Self::default()
        }
    }

    /// Bytes that are on it.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() + self.late_response.as_ref().map_or(0, |late| late.len())
    }

    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity() + self.late_response.as_ref().map_or(0, |late| late.capacity())
    }

    /// Whether it holds more than its one buffer.
    pub(super) fn has_late_response(&self) -> bool {
        self.late_response.is_some()
    }

    pub(crate) fn id(&self) -> &[u8] {
        &self.bytes[..self.id_len()]
    }

    pub(crate) fn request(&self) -> (&[u8], Extent) {
        (&self.bytes[self.id_len()..self.request_end()], self.request)
    }

    pub(crate) fn response(&self) -> (&[u8], Extent) {
        let bytes = match &self.late_response {
            Some(late) => late,
            None => &self.bytes[self.request_end()..],
        };
        (bytes, self.response)
    }

    /// Gives back room that growing has left over, where it is worth a copy.
    pub(crate) fn trim(&mut self) {
        for buffer in std::iter::once(&mut self.bytes).chain(self.late_response.as_deref_mut()) {
            if buffer.capacity() > buffer.len() + LARGEST_RESERVATION {
                buffer.shrink_to_fit();
            }
        }
    }

    fn id_len(&self) -> usize {
        usize::from(self.id_len)
    }

    fn request_end(&self) -> usize {
        self.id_len() + self.request_len
    }

    /// Appends what `data` holds, without consuming it. Of a body that runs into the cap nothing is kept, or the beginning
    /// if `keeps_beginning`.
    pub(crate) fn push(&mut self, side: Side, data: &impl Buf, cap: usize, keeps_beginning: bool) {
        let (extent, len) = match side {
            Side::Request => (self.request, self.request_len),
            Side::Response => {
                // the side of the tape is chosen once, with the first frame
                if self.late_response.is_none()
                    && self.request == Extent::Open
                    && self.response().0.is_empty()
                {
                    self.late_response = Some(Box::default());
                }
                (self.response, self.response().0.len())
            }
        };
        if extent != Extent::Open {
            return;
        }
        let room = cap - len.min(cap);
        let is_cut = data.remaining() > room;
        if is_cut && !keeps_beginning {
            self.refuse(side);
            return;
        }
        let into = match &mut self.late_response {
            Some(late) if side == Side::Response => late,
            _ => &mut self.bytes,
        };
        if !copy(data, into, room) {
            self.refuse(side);
            return;
        }
        match side {
            Side::Request => {
                self.request_len += data.remaining().min(room);
                if is_cut {
                    self.request = Extent::Cut;
                }
            }
            Side::Response if is_cut => self.response = Extent::Cut,
            Side::Response => {}
        }
    }

    /// Marks the end of a body, the first time.
    pub(crate) fn end(&mut self, side: Side, whole: bool) {
        let extent = match side {
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        };
        if *extent == Extent::Open {
            *extent = if whole { Extent::Whole } else { Extent::Part };
        }
    }

    /// Gives up on a body, and its memory.
    fn refuse(&mut self, side: Side) {
        match side {
            Side::Request => {
                let id_len = self.id_len();
                self.bytes.truncate(id_len);
                self.bytes.shrink_to(id_len + RESPONSE_ROOM);
                self.request_len = 0;
                self.request = Extent::Refused;
            }
            Side::Response => {
                self.bytes.truncate(self.request_end());
                self.bytes.shrink_to_fit();
                self.late_response = None;
                self.response = Extent::Refused;
            }
        }
    }
}

/// The length of an id, which is at most 128 bytes.
fn short(id: &[u8]) -> u8 {
    u8::try_from(id.len()).unwrap_or(u8::MAX)
}

/// Shows how much there is, and none of it: bodies have not been masked.
impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tape").field("bytes", &self.capacity()).finish_non_exhaustive()
    }
}

/// Copies what `data` holds to the end of `into`, at most `room` bytes of it; `false` and nothing copied when it does not
/// show so much at once.
fn copy(data: &impl Buf, into: &mut Vec<u8>, room: usize) -> bool {
    let wanted = data.remaining().min(room);
    let first = data.chunk();
    if let Some(first) = first.get(..wanted) {
        into.extend_from_slice(first);
        return true;
    }
    let mut slices = [IoSlice::new(&[]); 16];
    let filled = data.chunks_vectored(&mut slices);
    let slices = &slices[..filled];
    if slices.iter().map(|slice| slice.len()).sum::<usize>() < wanted {
        return false;
    }
    let mut left = wanted;
    for slice in slices {
        let part = &slice[..slice.len().min(left)];
        into.extend_from_slice(part);
        left -= part.len();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAP: usize = 16;

    fn pushed(frames: &[(Side, &'static [u8])]) -> Tape {
        let mut tape = Tape::new(Vec::new(), b"id", 0, CAP);
        for &(side, data) in frames {
            if side == Side::Response {
                tape.end(Side::Request, true);
            }
            tape.push(side, &Bytes::from_static(data), CAP, false);
        }
        tape
    }

    #[test]
    fn id_request_and_response_share_one_buffer() {
        let tape = pushed(&[(Side::Request, b"ab"), (Side::Request, b"cd"), (Side::Response, b"xyz")]);
        assert_eq!(tape.id(), b"id");
        assert_eq!(tape.request(), (&b"abcd"[..], Extent::Whole));
        assert_eq!(tape.response(), (&b"xyz"[..], Extent::Open));
        assert!(tape.late_response.is_none());
    }

    #[test]
    fn a_response_that_overtakes_its_request_is_kept_apart() {
        let mut tape = Tape::new(Vec::new(), b"", 0, CAP);
        tape.push(Side::Request, &Bytes::from_static(b"ab"), CAP, false);
        tape.push(Side::Response, &Bytes::from_static(b"xy"), CAP, false);
        tape.push(Side::Request, &Bytes::from_static(b"cd"), CAP, false);
        tape.end(Side::Request, true);
        tape.push(Side::Response, &Bytes::from_static(b"z"), CAP, false);
        tape.end(Side::Response, true);
        assert_eq!(tape.request(), (&b"abcd"[..], Extent::Whole));
        assert_eq!(tape.response(), (&b"xyz"[..], Extent::Whole));
    }

    #[test]
    fn a_body_above_the_cap_is_refused_and_its_memory_given_up() {
        let mut tape = Tape::new(Vec::new(), b"id", 0, CAP);
        tape.push(Side::Request, &Bytes::from_static(&[b'a'; CAP]), CAP, false);
        tape.push(Side::Request, &Bytes::from_static(b"b"), CAP, false);
        tape.push(Side::Request, &Bytes::from_static(b"c"), CAP, false);
        tape.end(Side::Request, true);
        tape.push(Side::Response, &Bytes::from_static(b"ok"), CAP, false);
        tape.end(Side::Response, true);
        assert_eq!(tape.request(), (&b""[..], Extent::Refused));
        // what the handler says may stand in for the request
        assert_eq!(tape.response(), (&b"ok"[..], Extent::Whole));
        assert_eq!(tape.id(), b"id");
    }

    #[test]
    fn of_a_large_frame_the_beginning_alone_is_copied() {
        let cap = 1_000;
        for data in [
            Bytes::from(vec![b'x'; 100 * cap]).chain(Bytes::new()),
            Bytes::from(vec![b'x'; 10]).chain(Bytes::from(vec![b'x'; 100 * cap])),
        ] {
            let mut tape = Tape::new(Vec::new(), b"id", 0, cap);
            tape.end(Side::Request, true);
            tape.push(Side::Response, &data, cap, true);
            assert_eq!(tape.response(), (&vec![b'x'; cap][..], Extent::Cut));
            assert!(tape.capacity() <= 3 * cap, "{}", tape.capacity());
        }
    }

    #[test]
    fn two_bodies_of_the_cap_hold_little_more_than_that() {
        let cap = 1 << 20;
        let mut tape = Tape::new(Vec::new(), b"id", 0, cap);
        let part = Bytes::from(vec![b'x'; 7_000]);
        for side in [Side::Request, Side::Response] {
            for _ in 0..100 {
                tape.push(side, &part, cap, false);
            }
            tape.end(side, true);
        }
        tape.trim();
        assert!(tape.capacity() <= 2 * cap + LARGEST_RESERVATION, "{}", tape.capacity());
    }

    #[test]
    fn a_body_that_announces_too_much_is_never_copied() {
        let mut tape = Tape::new(Vec::new(), b"", CAP as u64 + 1, CAP);
        tape.push(Side::Request, &Bytes::from_static(b"a"), CAP, false);
        assert_eq!(tape.request(), (&b""[..], Extent::Refused));
    }

    #[test]
    fn a_length_that_is_only_announced_costs_no_memory() {
        let tape = Tape::new(Vec::new(), b"", 1 << 30, 1 << 30);
        assert!(tape.capacity() <= LARGEST_RESERVATION + RESPONSE_ROOM);
    }

    #[test]
    fn a_response_above_the_cap_leaves_the_request_alone() {
        let mut tape = pushed(&[(Side::Request, b"ab"), (Side::Response, b"x")]);
        tape.push(Side::Response, &Bytes::from_static(&[b'y'; CAP]), CAP, false);
        assert_eq!(tape.request(), (&b"ab"[..], Extent::Whole));
        assert_eq!(tape.response(), (&b""[..], Extent::Refused));
    }

    #[test]
    fn a_buffer_in_parts_is_copied_whole_and_left_as_it_was() {
        let chained = Bytes::from_static(b"ab").chain(Bytes::from_static(b"cd"));
        let mut tape = Tape::new(Vec::new(), b"", 0, CAP);
        tape.push(Side::Request, &chained, CAP, false);
        assert_eq!(tape.request().0, b"abcd");
        assert_eq!(chained.remaining(), 4);
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
    fn a_buffer_that_hides_its_parts_is_refused_rather_than_cut() {
        let mut tape = Tape::new(Vec::new(), b"", 0, CAP);
        tape.push(Side::Request, &Coy(Bytes::from_static(b"ab"), Bytes::from_static(b"cd")), CAP, false);
        assert_eq!(tape.request(), (&b""[..], Extent::Refused));
    }

    #[test]
    fn of_a_body_whose_beginning_is_wanted_the_beginning_is_kept() {
        let mut tape = pushed(&[(Side::Request, b"ab")]);
        for data in [&b"0123456789"[..], b"abcdefghij", b"more"] {
            tape.push(Side::Response, &Bytes::copy_from_slice(data), CAP, true);
        }
        tape.end(Side::Response, true);
        assert_eq!(tape.response(), (&b"0123456789abcdef"[..], Extent::Cut));
        assert_eq!(tape.request(), (&b"ab"[..], Extent::Open));
    }
}
