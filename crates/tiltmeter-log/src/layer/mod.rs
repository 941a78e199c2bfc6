//! The tower layer: what happens on the request path.
//!
//! [`PredictionLog`] wraps any HTTP service. For requests whose method and path are those of a model's `endpoint`, it
//! copies the bodies while they stream past, up to a cap, and hands the copy to the worker when the exchange has ended;
//! every other request passes through unwatched.
//!
//! **On the request path** it reads the clock twice and offers the exchange to the queue, once. It allocates where the worker has
//! given no exchange back (the exchange and its buffer), where it has to make a request id, where the path names a version,
//! and for what the handler says: in the steady state, for a request with an id and its bodies, nothing. The buffer has room for a request of up to 16 KiB that announces its length and for 256 bytes of response;
//! larger bodies make it grow. The layer forwards
//! readiness unchanged and never waits, never logs, never wakes a thread. When the queue is full, the exchange is dropped
//! and counted. There is a lock, of the one exchange: it is contended only if a handler reads on while it answers, and
//! held while one frame is copied.
//!
//! **However an exchange ends** it is offered once: when the response body has ended, with trailers or without; when it
//! failed; when it was given up, before the head of the response or after, because the client left or a timeout outside
//! of the layer struck; when the handler panicked.
//!
//! **The request id** is the client's `x-request-id`, if that is 1 to 128 visible ASCII characters; else the trace's id in its
//! `traceparent`; else what the handler set on the response; else a UUIDv7. The response carries it.
//!
//! **What the handler says** ([`RequestLog`]) is captured where the layer was told so ([`Capture`]): the request then has an
//! extension, which costs an allocation, and two more if the request has no extensions yet. gRPC works the same: its outcome
//! is read from the trailers, and its messages need a codec of their own, or the handler's word.
//!
//! **Where to put it**: inside of what makes bodies unreadable (compression), since bodies are decoded as they pass here.
//! Inside of nested routers the path lacks the prefix that the router took off, and the spec's `endpoint.path` has to
//! lack it too.
//!
//! **A request body, or a `RequestLog`, that outlives its response** (the handler reads on in a task of its own) holds the exchange back
//! until it is dropped.

mod body;
mod capture;
mod captured;
mod exchange;
mod format;
mod future;
pub(crate) mod grpc;
#[allow(clippy::module_inception, reason = "one role, one file: layer, service, future, body")]
mod layer;
pub(crate) mod meter;
mod probe;
mod request_id;
mod request_log;
mod routes;
mod said;
mod service;
mod spares;
mod tape;

pub use body::LoggedBody;
pub use capture::Capture;
pub use future::ResponseFuture;
pub use layer::PredictionLogLayer;
pub use request_log::RequestLog;
pub use service::PredictionLog;

pub(crate) use captured::{Captured, RequestId};
pub(crate) use exchange::Offered;
pub(crate) use format::{Encoding, Format, Media};
#[doc(hidden)]
pub use request_id::{ClientId, is_usable_id};
pub(crate) use routes::Routes;
pub(crate) use said::{Observations, Said};
pub(crate) use spares::Spares;
pub(crate) use tape::{Extent, Tape};

use crate::shared::Shared;

/// A tape on which both bodies have ended.
#[cfg(test)]
pub(crate) fn tape_of(id: &[u8], request: &[u8], response: &[u8]) -> tape::Tape {
    use tape::{Side, Tape};

    let mut tape = Tape::new(Vec::new(), id, request.len() as u64, usize::MAX);
    for (side, body) in [(Side::Request, request), (Side::Response, response)] {
        tape.push(side, &body, usize::MAX, false);
        tape.end(side, true);
    }
    tape
}

/// A tape as it may have become: with so much of each body.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn tape_with(id: &[u8], request: (&[u8], Extent), response: (&[u8], Extent)) -> tape::Tape {
    tape::Tape::with_extents(id, request, response)
}

#[cfg(test)]
mod tests;
