//! What is kept of the headers of a message whose body is kept.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The headers without which a body cannot be read: `content-type` and `content-encoding`.
///
/// A map takes two allocations. Nearly every message has one of each at most, for which this takes none; it becomes a map
/// when a pair is made, by whoever is the last to have to do with the request.
#[derive(Debug, Default)]
pub(crate) struct BodyFormat {
    first: [Option<HeaderValue>; 2],
    others: Vec<(HeaderName, HeaderValue)>,
}

/// In the order of the first values.
static NAMES: [HeaderName; 2] = [CONTENT_TYPE, CONTENT_ENCODING];

impl BodyFormat {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut format = Self::default();
        for (first, name) in format.first.iter_mut().zip(&NAMES) {
            *first = headers.get(name).cloned();
        }
        // some header has several values
        if headers.len() > headers.keys_len() {
            for name in &NAMES {
                let others = headers.get_all(name).iter().skip(1);
                format.others.extend(others.map(|value| (name.clone(), value.clone())));
            }
        }
        format
    }

    pub(crate) fn content_type(&self) -> Option<&HeaderValue> {
        self.first[0].as_ref()
    }

    pub(crate) fn into_headers(self) -> HeaderMap {
        let Self { first, others } = self;
        let first = NAMES.iter().cloned().zip(first).filter_map(|(name, value)| Some((name, value?)));
        let mut headers = HeaderMap::new();
        for (name, value) in first.chain(others) {
            // a few headers fit
            let _ = headers.try_append(name, value);
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_format_nothing_else_is_kept_and_nothing_is_lost() {
        let map = |headers: &[(&'static str, &'static str)]| -> HeaderMap {
            let mut map = HeaderMap::new();
            for &(name, value) in headers {
                map.append(name, HeaderValue::from_static(value));
            }
            map
        };
        let format = [
            ("content-encoding", "gzip"),
            ("content-type", "a/b"),
            ("content-encoding", "br"),
            ("content-encoding", "zstd"),
        ];
        let with_more = [&format[..], &[("authorization", "s3cret"), ("accept", "a/b")]].concat();
        for (headers, kept) in [(&with_more[..], &format[..]), (&format[1..2], &format[1..2]), (&[], &[])] {
            assert_eq!(BodyFormat::of(&map(headers)).into_headers(), map(kept));
        }
    }
}
