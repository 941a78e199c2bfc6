//! The tower layer: what happens on the request path.
//!
//! [`PredictionLog`] wraps any HTTP service. For requests whose method and path are those of a model's `endpoint`, it
//! copies the bodies while they stream past, up to a cap, and hands the copy to the worker when the exchange has ended;
//! every other request passes through unwatched.
//!
//! **On the request path** it reads the clock twice, allocates twice (the exchange and its buffer; a third time when it
//! has to make a request id) and offers the exchange to the queue, once. The buffer has room for a request of up to
//! 16 KiB that announces its length and for 256 bytes of response; larger bodies make it grow. The layer forwards
//! readiness unchanged and never waits, never logs, never wakes a thread. When the queue is full, the exchange is dropped
//! and counted. There is a lock, of the one exchange: it is contended only if a handler reads on while it answers, and
//! held while one frame is copied.
//!
//! **However an exchange ends** it is offered once: when the response body has ended, with trailers or without; when it
//! failed; when it was given up, before the head of the response or after, because the client left or a timeout outside
//! of the layer struck; when the handler panicked.
//!
//! **The request id** is the client's `x-request-id`, if that is 1 to 128 visible ASCII characters; else what the
//! handler set on the response; else a UUIDv7. The response carries it.
//!
//! **Where to put it**: inside of what makes bodies unreadable (compression), since bodies are decoded as they pass here.
//! Inside of nested routers the path lacks the prefix that the router took off, and the spec's `endpoint.path` has to
//! lack it too.
//!
//! **A request body that outlives its response** (the handler reads on in a task of its own) holds the exchange back
//! until it is dropped.

mod body;
mod exchange;
mod future;
#[allow(clippy::module_inception, reason = "one role, one file: layer, service, future, body")]
mod layer;
mod probe;
mod request_id;
mod routes;
mod service;
mod tape;

use std::fmt;
use std::sync::Arc;

use http::HeaderName;

pub use body::LoggedBody;
pub use future::ResponseFuture;
pub use layer::PredictionLogLayer;
pub use service::PredictionLog;

pub(crate) use exchange::{Captured, RequestId};
pub(crate) use routes::Routes;
pub(crate) use tape::Extent;

use crate::clock::Clock;
use crate::queue::Queue;

/// What all services of one log share.
pub(crate) struct Shared {
    pub(crate) queue: Queue<Captured>,
    pub(crate) routes: Routes,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) id_header: HeaderName,
    pub(crate) body_cap: usize,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("queue", &self.queue).finish_non_exhaustive()
    }
}

/// A tape on which both bodies have ended.
#[cfg(test)]
pub(crate) fn tape_of(id: &[u8], request: &[u8], response: &[u8]) -> tape::Tape {
    use tape::{Side, Tape};

    let mut tape = Tape::new(id, request.len() as u64, usize::MAX);
    for (side, body) in [(Side::Request, request), (Side::Response, response)] {
        tape.push(side, &body, usize::MAX);
        tape.end(side, true);
    }
    tape
}

#[cfg(test)]
mod tests;
