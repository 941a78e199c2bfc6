//! The copy of what went by: one buffer for the request id, the request body and the response body.
//!
//! Bodies are copied, because a handle to a small part of a connection's read buffer would keep all of that buffer.
//! One buffer, because that is one allocation: a response normally begins after its request has ended. When it does
//! not, the response gets a buffer of its own.

use std::io::IoSlice;

use bytes::Buf;

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
}

#[derive(Debug, Default)]
pub(crate) struct Tape {
    bytes: Vec<u8>,
    late_response: Vec<u8>,
    id_len: usize,
    request_len: usize,
    request: Extent,
    response: Extent,
    response_is_late: bool,
}

impl Tape {
    pub(crate) fn new(id: &[u8], request_hint: u64, cap: usize) -> Self {
        let hint = usize::try_from(request_hint).unwrap_or(usize::MAX);
        let room = if hint > cap { 0 } else { hint.min(LARGEST_RESERVATION) };
        let mut bytes = Vec::with_capacity(id.len() + room + RESPONSE_ROOM);
        bytes.extend_from_slice(id);
        // a body that announces more than the cap is not even begun
        let request = if hint > cap { Extent::Refused } else { Extent::Open };
        Self { bytes, id_len: id.len(), request, ..Self::default() }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity() + self.late_response.capacity()
    }

    pub(crate) fn id(&self) -> &[u8] {
        &self.bytes[..self.id_len]
    }

    pub(crate) fn request(&self) -> (&[u8], Extent) {
        (&self.bytes[self.id_len..self.id_len + self.request_len], self.request)
    }

    pub(crate) fn response(&self) -> (&[u8], Extent) {
        let bytes = if self.response_is_late {
            &self.late_response[..]
        } else {
            &self.bytes[self.id_len + self.request_len..]
        };
        (bytes, self.response)
    }

    /// Gives back room that growing has left over, where it is worth a copy.
    pub(crate) fn trim(&mut self) {
        for buffer in [&mut self.bytes, &mut self.late_response] {
            if buffer.capacity() > buffer.len() + LARGEST_RESERVATION {
                buffer.shrink_to_fit();
            }
        }
    }

    /// Appends what `data` holds, without consuming it.
    pub(crate) fn push(&mut self, side: Side, data: &impl Buf, cap: usize) {
        let (extent, len) = match side {
            Side::Request => (self.request, self.request_len),
            Side::Response => {
                // the side of the tape is chosen once, with the first frame
                if self.response().0.is_empty() {
                    self.response_is_late = self.request == Extent::Open;
                }
                (self.response, self.response().0.len())
            }
        };
        if extent != Extent::Open {
            return;
        }
        // without a request there is nothing to decode, and what was answered does not matter
        if side == Side::Response && self.request == Extent::Refused {
            self.response = Extent::Refused;
            return;
        }
        if data.remaining() > cap - len.min(cap) {
            self.refuse(side);
            return;
        }
        let into = if self.response_is_late && side == Side::Response {
            &mut self.late_response
        } else {
            &mut self.bytes
        };
        if !copy(data, into) {
            self.refuse(side);
        } else if side == Side::Request {
            self.request_len += data.remaining();
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
                self.bytes.truncate(self.id_len);
                self.bytes.shrink_to(self.id_len + RESPONSE_ROOM);
                self.request_len = 0;
                self.request = Extent::Refused;
            }
            Side::Response => {
                self.bytes.truncate(self.id_len + self.request_len);
                self.bytes.shrink_to_fit();
                self.late_response = Vec::new();
                self.response = Extent::Refused;
            }
        }
    }
}

/// Copies what `data` holds to the end of `into`; `false` and nothing copied when it does not show all of it at once.
fn copy(data: &impl Buf, into: &mut Vec<u8>) -> bool {
    let remaining = data.remaining();
    let first = data.chunk();
    if first.len() == remaining {
        into.extend_from_slice(first);
        return true;
    }
    let mut slices = [IoSlice::new(&[]); 16];
    let filled = data.chunks_vectored(&mut slices);
    let slices = &slices[..filled];
    if slices.iter().map(|slice| slice.len()).sum::<usize>() != remaining {
        return false;
    }
    for slice in slices {
        into.extend_from_slice(slice);
    }
    true
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const CAP: usize = 16;

    fn pushed(frames: &[(Side, &'static [u8])]) -> Tape {
        let mut tape = Tape::new(b"id", 0, CAP);
        for &(side, data) in frames {
            if side == Side::Response {
                tape.end(Side::Request, true);
            }
            tape.push(side, &Bytes::from_static(data), CAP);
        }
        tape
    }

    #[test]
    fn id_request_and_response_share_one_buffer() {
        let tape = pushed(&[(Side::Request, b"ab"), (Side::Request, b"cd"), (Side::Response, b"xyz")]);
        assert_eq!(tape.id(), b"id");
        assert_eq!(tape.request(), (&b"abcd"[..], Extent::Whole));
        assert_eq!(tape.response(), (&b"xyz"[..], Extent::Open));
        assert_eq!(tape.late_response.capacity(), 0);
    }

    #[test]
    fn a_response_that_overtakes_its_request_is_kept_apart() {
        let mut tape = Tape::new(b"", 0, CAP);
        tape.push(Side::Request, &Bytes::from_static(b"ab"), CAP);
        tape.push(Side::Response, &Bytes::from_static(b"xy"), CAP);
        tape.push(Side::Request, &Bytes::from_static(b"cd"), CAP);
        tape.end(Side::Request, true);
        tape.push(Side::Response, &Bytes::from_static(b"z"), CAP);
        tape.end(Side::Response, true);
        assert_eq!(tape.request(), (&b"abcd"[..], Extent::Whole));
        assert_eq!(tape.response(), (&b"xyz"[..], Extent::Whole));
    }

    #[test]
    fn a_body_above_the_cap_is_refused_and_its_memory_given_up() {
        let mut tape = Tape::new(b"id", 0, CAP);
        tape.push(Side::Request, &Bytes::from_static(&[b'a'; CAP]), CAP);
        tape.push(Side::Request, &Bytes::from_static(b"b"), CAP);
        tape.push(Side::Request, &Bytes::from_static(b"c"), CAP);
        tape.end(Side::Request, true);
        tape.push(Side::Response, &Bytes::from_static(b"ok"), CAP);
        tape.end(Side::Response, true);
        assert_eq!(tape.request(), (&b""[..], Extent::Refused));
        assert_eq!(tape.response(), (&b""[..], Extent::Refused), "there is nothing to decode it with");
        assert_eq!(tape.id(), b"id");
    }

    #[test]
    fn two_bodies_of_the_cap_hold_little_more_than_that() {
        let cap = 1 << 20;
        let mut tape = Tape::new(b"id", 0, cap);
        let part = Bytes::from(vec![b'x'; 7_000]);
        for side in [Side::Request, Side::Response] {
            for _ in 0..100 {
                tape.push(side, &part, cap);
            }
            tape.end(side, true);
        }
        tape.trim();
        assert!(tape.capacity() <= 2 * cap + LARGEST_RESERVATION, "{}", tape.capacity());
    }

    #[test]
    fn a_body_that_announces_too_much_is_never_copied() {
        let mut tape = Tape::new(b"", CAP as u64 + 1, CAP);
        tape.push(Side::Request, &Bytes::from_static(b"a"), CAP);
        assert_eq!(tape.request(), (&b""[..], Extent::Refused));
    }

    #[test]
    fn a_length_that_is_only_announced_costs_no_memory() {
        let tape = Tape::new(b"", 1 << 30, 1 << 30);
        assert!(tape.capacity() <= LARGEST_RESERVATION + RESPONSE_ROOM);
    }

    #[test]
    fn a_response_above_the_cap_leaves_the_request_alone() {
        let mut tape = pushed(&[(Side::Request, b"ab"), (Side::Response, b"x")]);
        tape.push(Side::Response, &Bytes::from_static(&[b'y'; CAP]), CAP);
        assert_eq!(tape.request(), (&b"ab"[..], Extent::Whole));
        assert_eq!(tape.response(), (&b""[..], Extent::Refused));
    }

    #[test]
    fn a_buffer_in_parts_is_copied_whole_and_left_as_it_was() {
        let chained = Bytes::from_static(b"ab").chain(Bytes::from_static(b"cd"));
        let mut tape = Tape::new(b"", 0, CAP);
        tape.push(Side::Request, &chained, CAP);
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
        let mut tape = Tape::new(b"", 0, CAP);
        tape.push(Side::Request, &Coy(Bytes::from_static(b"ab"), Bytes::from_static(b"cd")), CAP);
        assert_eq!(tape.request(), (&b""[..], Extent::Refused));
    }
}
