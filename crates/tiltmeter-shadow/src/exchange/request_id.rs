//! What a request is called.

use std::sync::Arc;

use http::HeaderValue;

/// What a request is called. That becomes a text of its own when a pair is made.
#[derive(Clone, Debug)]
pub(crate) enum RequestId {
    /// A header's value, usable as an id: it shares the buffer of the request.
    Header(HeaderValue),
    Text(Arc<str>),
}

impl Default for RequestId {
    fn default() -> Self {
        Self::Header(HeaderValue::from_static(""))
    }
}

impl RequestId {
    pub(super) fn to_text(&self) -> Arc<str> {
        match self {
            // an id that is usable is text
            Self::Header(value) => value.to_str().unwrap_or_default().into(),
            Self::Text(text) => Arc::clone(text),
        }
    }
}
