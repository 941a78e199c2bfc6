//! A body as a codec gets it.

use std::fmt;

/// A body, inflated.
///
/// Its `Debug` shows no bytes: they have not been masked.
#[derive(Clone, Copy)]
pub struct Body<'a> {
    bytes: &'a [u8],
    media_type: MediaType,
    is_whole: bool,
}

/// What the headers say that a body is, as far as it matters to a codec.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MediaType {
    /// What the codec reads, or nothing that says otherwise.
    #[default]
    Unsaid,
    /// `text/event-stream`: events that were sent one after the other.
    EventStream,
    /// `text/plain`.
    PlainText,
}

impl<'a> Body<'a> {
    /// All of a body.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, media_type: MediaType::Unsaid, is_whole: true }
    }

    /// A body of that type.
    #[must_use]
    pub fn with_media_type(mut self, media_type: MediaType) -> Self {
        self.media_type = media_type;
        self
    }

    /// The beginning of a body: the rest was not sent, or is above the cap of what is captured.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.is_whole = false;
        self
    }

    /// What is there of it.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The body, if all of it is there.
    #[must_use]
    pub fn whole(&self) -> Option<&'a [u8]> {
        self.is_whole.then_some(self.bytes)
    }

    /// What the headers say that it is.
    #[must_use]
    pub fn media_type(&self) -> MediaType {
        self.media_type
    }
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("len", &self.bytes.len())
            .field("media_type", &self.media_type)
            .field("is_whole", &self.is_whole)
            .finish_non_exhaustive()
    }
}
