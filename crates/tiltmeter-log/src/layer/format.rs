//! What the headers say of a body, as far as a codec has to know it.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};

/// How a body is compressed: its `Content-Encoding`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Not at all.
    #[default]
    Identity,
    Gzip,
    /// zlib, as HTTP understands `deflate`.
    Deflate,
    Zstd,
    /// Another one, or several on top of each other.
    Unknown,
}

/// What a body is: its `Content-Type`, as far as it matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Media {
    /// What the codec reads, or nothing that says otherwise.
    #[default]
    Unsaid,
    /// `text/event-stream`: a stream of events.
    EventStream,
    /// `text/plain`.
    Plain,
    /// `application/grpc`, with whatever suffix: the outcome stands in `grpc-status`.
    Grpc,
}

/// What the headers say of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) encoding: Encoding,
    pub(crate) media: Media,
}

impl Format {
    /// Of a response.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self { encoding: encoding(headers), media: media(headers) }
    }

    /// Of a request, which is what its model's codec reads, whatever it is called.
    pub(crate) fn of_request(headers: &HeaderMap) -> Self {
        Self { encoding: encoding(headers), media: Media::Unsaid }
    }
}

/// In a small map it costs less to look at each name than to compute the hash of one.
const SMALL: usize = 8;

fn first<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    if headers.len() > SMALL {
        return headers.get(name);
    }
    headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn encoding(headers: &HeaderMap) -> Encoding {
    let Some(value) = first(headers, &CONTENT_ENCODING) else { return Encoding::Identity };
    if headers.get_all(CONTENT_ENCODING).iter().nth(1).is_some() {
        return Encoding::Unknown;
    }
    let name = value.as_bytes().trim_ascii();
    let is = |text: &str| name.eq_ignore_ascii_case(text.as_bytes());
    if is("identity") {
        Encoding::Identity
    } else if is("gzip") || is("x-gzip") {
        Encoding::Gzip
    } else if is("deflate") {
        Encoding::Deflate
    } else if is("zstd") {
        Encoding::Zstd
    } else {
        Encoding::Unknown
    }
}

fn media(headers: &HeaderMap) -> Media {
    let Some(value) = first(headers, &CONTENT_TYPE) else { return Media::Unsaid };
    // by far the most, and not worth a closer look
    if value.as_bytes() == b"application/json" {
        return Media::Unsaid;
    }
    let name = value.as_bytes().split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
    if name.eq_ignore_ascii_case(b"text/event-stream") {
        Media::EventStream
    } else if name.eq_ignore_ascii_case(b"text/plain") {
        Media::Plain
    } else if name.get(..16).is_some_and(|start| start.eq_ignore_ascii_case(b"application/grpc")) {
        Media::Grpc
    } else {
        Media::Unsaid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(HeaderName, &str)]) -> Format {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value.parse().unwrap());
        }
        Format::of(&map)
    }

    #[test]
    fn encodings_are_known_by_their_names() {
        for (name, encoding) in [
            ("gzip", Encoding::Gzip),
            ("GZIP", Encoding::Gzip),
            (" x-gzip ", Encoding::Gzip),
            ("deflate", Encoding::Deflate),
            ("zstd", Encoding::Zstd),
            ("identity", Encoding::Identity),
            ("br", Encoding::Unknown),
            ("gzip, gzip", Encoding::Unknown),
        ] {
            assert_eq!(of(&[(CONTENT_ENCODING, name)]).encoding, encoding, "{name}");
        }
        assert_eq!(of(&[]).encoding, Encoding::Identity);
        assert_eq!(of(&[(CONTENT_ENCODING, "gzip"), (CONTENT_ENCODING, "gzip")]).encoding, Encoding::Unknown);
    }

    #[test]
    fn media_types_may_have_parameters() {
        assert_eq!(of(&[(CONTENT_TYPE, "text/event-stream; charset=utf-8")]).media, Media::EventStream);
        assert_eq!(of(&[(CONTENT_TYPE, "Text/Plain")]).media, Media::Plain);
        assert_eq!(of(&[(CONTENT_TYPE, "application/json")]).media, Media::Unsaid);
        assert_eq!(of(&[(CONTENT_TYPE, "application/grpc+proto")]).media, Media::Grpc);
    }
}
