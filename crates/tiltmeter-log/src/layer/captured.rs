//! What the worker gets of an exchange.

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use tiltmeter_record::{ErrorType, SizeClass};
use uuid::Uuid;

use super::format::Format;
use super::said::Said;
use super::tape::Tape;

/// Everything that is known of one exchange, undecoded.
///
/// It has no `Debug` output of its bodies: they have not been masked.
#[derive(Debug, Default)]
pub(crate) struct Captured {
    pub(crate) route: u16,
    pub(crate) request_id: RequestId,
    pub(crate) tape: Tape,
    /// The HTTP status; `None` when no response was begun, or where there is no HTTP.
    pub(crate) status: Option<StatusCode>,
    pub(crate) error: Option<ErrorType>,
    /// Monotonic, when the request arrived.
    pub(crate) started: Duration,
    /// From then until the response had ended.
    pub(crate) latency: Duration,
    pub(crate) request_format: Format,
    pub(crate) response_format: Format,
    /// What the application said.
    pub(crate) said: Option<Box<Said>>,
}

impl Captured {
    /// Whether there is no answer.
    pub(crate) fn has_failed(&self) -> bool {
        self.error.is_some() || self.status.is_some_and(|status| status.as_u16() >= 400)
    }

    /// How large it is, whatever the buffers that it was given: what losses are told apart by.
    pub(crate) fn size_class(&self) -> SizeClass {
        let said = self.said.as_ref().map_or(0, |said| said.len());
        SizeClass::of((size_of::<Self>() + self.tape.len() + said) as u64)
    }

    /// Whether the application asked for it to be kept, or for any of its predictions.
    pub(crate) fn is_to_be_kept(&self) -> bool {
        self.said.as_ref().is_some_and(|said| {
            said.keep || said.observations.as_slice().iter().any(|observation| observation.keep)
        })
    }

    /// Bytes of memory that it holds.
    pub(crate) fn weight(&self) -> u64 {
        let said = self.said.as_ref().map_or(0, |said| size_of::<Said>() + said.memory_size());
        (size_of::<Self>() + self.tape.capacity() + said) as u64
    }
}

/// Where the request's id stands.
#[derive(Clone, Debug, Default)]
pub(crate) enum RequestId {
    /// The client sent it: it is the first part of the tape.
    Taped,
    /// The handler set it on the response.
    Given(Box<HeaderValue>),
    /// Made here.
    Made(Uuid),
    /// The exchange ended before a response was begun, or there is no HTTP; the worker makes one.
    #[default]
    Unknown,
}
