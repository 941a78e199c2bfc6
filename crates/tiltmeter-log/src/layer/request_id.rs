//! The id of a request: the client's, else the handler's, else one made here.

use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The longest id of a client that is taken over, in bytes.
pub(crate) const MAX_ID_LEN: usize = 128;

/// The id in `headers`, if it can be taken over: 1 to [`MAX_ID_LEN`] visible ASCII characters.
pub(super) fn usable_id<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let value = headers.get(name)?;
    let bytes = value.as_bytes();
    let usable = (1..=MAX_ID_LEN).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    usable.then_some(value)
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
}
