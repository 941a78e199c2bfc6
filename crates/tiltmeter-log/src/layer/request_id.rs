//! The id of a request: the client's, else that of its trace, else the handler's, else one made here.

use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The longest id of a client that is taken over, in bytes.
const MAX_ID_LEN: usize = 128;

/// What a client calls its request.
#[derive(Clone, Copy, Debug)]
pub enum ClientId<'h> {
    /// The value of the header of the request's id.
    Header(&'h HeaderValue),
    /// The id of the trace in `traceparent`.
    Trace(&'h [u8]),
}

impl<'h> ClientId<'h> {
    /// The name of the request with these headers, if its client has given it one.
    #[must_use]
    pub fn of(headers: &'h HeaderMap, name: &HeaderName) -> Option<Self> {
        if headers.is_empty() {
            return None;
        }
        usable_id(headers, name)
            .map(Self::Header)
            .or_else(|| trace_id(headers.get(TRACEPARENT)?.as_bytes()).map(Self::Trace))
    }

    /// Visible ASCII characters.
    #[must_use]
    pub fn as_bytes(&self) -> &'h [u8] {
        match self {
            Self::Header(value) => value.as_bytes(),
            Self::Trace(id) => id,
        }
    }

    /// The value of the header that names the request in the response.
    pub(super) fn to_value(self) -> Option<HeaderValue> {
        match self {
            Self::Header(value) => Some(value.clone()),
            Self::Trace(id) => HeaderValue::from_bytes(id).ok(),
        }
    }
}

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The id of the trace in a `traceparent` ([W3C Trace Context](https://www.w3.org/TR/trace-context/), 3.2.2): 32 lower-case
/// hexadecimal digits, not all 0. Versions after `00` may have more behind the flags.
fn trace_id(value: &[u8]) -> Option<&[u8]> {
    let hex = |part: &[u8]| part.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let (head, rest) = value.split_at_checked(55)?;
    let [v0, v1, b'-', trace_and_span @ ..] = head else { return None };
    let version = [*v0, *v1];
    let whole = rest.is_empty() || (version != *b"00" && rest[0] == b'-');
    let (trace, span_and_flags) = trace_and_span.split_at_checked(32)?;
    let [b'-', span @ .., b'-', _, _] = span_and_flags else { return None };
    let flags = &head[53..];
    let usable = whole
        && hex(&version)
        && version != *b"ff"
        && hex(trace)
        && hex(span)
        && hex(flags)
        && trace.iter().any(|&byte| byte != b'0')
        && span.iter().any(|&byte| byte != b'0');
    usable.then_some(trace)
}

/// The id in `headers`, if it can be taken over: 1 to [`MAX_ID_LEN`] visible ASCII characters.
pub(super) fn usable_id<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let value = headers.get(name)?;
    is_usable(value).then_some(value)
}

/// Whether an id can be taken over.
pub(super) fn is_usable(value: &HeaderValue) -> bool {
    is_usable_id(value.as_bytes())
}

/// The same of an id that is no header.
#[must_use]
pub fn is_usable_id(id: &[u8]) -> bool {
    (1..=MAX_ID_LEN).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic)
}

/// `id` as the value of a header.
pub(super) fn header_value(id: Uuid) -> Option<HeaderValue> {
    let mut buffer = Uuid::encode_buffer();
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut buffer)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(value: &[u8]) -> Option<Vec<u8>> {
        let name = HeaderName::from_static("x-request-id");
        let mut headers = HeaderMap::new();
        headers.insert(&name, HeaderValue::from_bytes(value).unwrap());
        usable_id(&headers, &name).map(|value| value.as_bytes().to_vec())
    }

    #[test]
    fn ids_that_could_hurt_a_reader_are_not_taken_over() {
        assert_eq!(id_of(b"r0000001").unwrap(), b"r0000001");
        assert!(id_of(b"").is_none());
        assert!(id_of(b"two words").is_none());
        assert!(id_of("é".as_bytes()).is_none());
        assert!(id_of(&[b'x'; MAX_ID_LEN]).is_some());
        assert!(id_of(&[b'x'; MAX_ID_LEN + 1]).is_none());
    }

    #[test]
    fn a_trace_has_the_id_that_its_standard_gives_it() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let good = format!("00-{trace}-00f067aa0ba902b7-01");
        assert_eq!(trace_id(good.as_bytes()), Some(trace.as_bytes()));
        assert_eq!(trace_id(good.replacen("00", "cc", 1).as_bytes()), Some(trace.as_bytes()));
        assert_eq!(trace_id(format!("cc{}-what-comes-later", &good[2..]).as_bytes()), Some(trace.as_bytes()));
        for bad in [
            "",
            "00",
            &good[..54],
            &format!("{good}-more"),
            &good.replacen("00", "ff", 1),
            &good.to_uppercase(),
            &good.replace(trace, &"0".repeat(32)),
            &good.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &good.replace('-', "_"),
            &good.replace("-01", "-0g"),
        ] {
            assert_eq!(trace_id(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn the_header_comes_before_the_trace() {
        let name = HeaderName::from_static("x-request-id");
        let mut headers = HeaderMap::new();
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        headers.insert(TRACEPARENT, HeaderValue::from_static(trace));
        let of = |headers: &HeaderMap| ClientId::of(headers, &name).map(|id| id.as_bytes().to_vec());
        assert_eq!(of(&headers).unwrap(), b"4bf92f3577b34da6a3ce929d0e0e4736");
        headers.insert(&name, HeaderValue::from_static("r1"));
        assert_eq!(of(&headers).unwrap(), b"r1");
        headers.insert(&name, HeaderValue::from_static("r 1"));
        assert_eq!(
            of(&headers).unwrap(),
            b"4bf92f3577b34da6a3ce929d0e0e4736",
            "an id that cannot be used is none"
        );
    }
}
