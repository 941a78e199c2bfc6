//! One request and its response, as they go by.
//!
//! The request body, the response future and the response body each hold a share of the exchange, and the last one to
//! go hands it to the queue. So an exchange is offered exactly once however it ends: a response that was read to its
//! end, a client that left, an error, a panic.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Buf;
use http::{HeaderValue, StatusCode};
use tiltmeter_record::ErrorType;
use uuid::Uuid;

use super::Shared;
use super::tape::{Side, Tape};
use crate::queue::Weighed;

/// What the worker gets: everything that was seen of one exchange, undecoded.
#[derive(Debug)]
pub(crate) struct Captured {
    pub(crate) route: u16,
    pub(crate) request_id: RequestId,
    pub(crate) tape: Tape,
    pub(crate) status: Option<StatusCode>,
    pub(crate) error: Option<ErrorType>,
    /// Monotonic, when the request arrived.
    pub(crate) started: Duration,
    /// From then until the response had ended.
    pub(crate) latency: Duration,
}

impl Weighed for Captured {
    fn weight(&self) -> u64 {
        (mem::size_of::<Self>() + self.tape.capacity()) as u64
    }
}

/// Where the request's id stands.
#[derive(Clone, Debug, Default)]
pub(crate) enum RequestId {
    /// The client sent it: it is the first part of the tape.
    Taped,
    /// The handler set it on the response.
    Given(HeaderValue),
    /// Made here.
    Made(Uuid),
    /// The exchange ended before a response was begun; the worker makes one.
    #[default]
    Unknown,
}

#[derive(Debug, Default)]
struct Progress {
    tape: Tape,
    request_id: RequestId,
    status: Option<StatusCode>,
    /// Set when the response has ended.
    end: Option<(Duration, Option<ErrorType>)>,
}

#[derive(Debug)]
pub(crate) struct Exchange {
    shared: Arc<Shared>,
    route: u16,
    started: Duration,
    progress: Mutex<Progress>,
}

impl Exchange {
    /// Begins an exchange whose tape has room for `body_hint` bytes of request.
    pub(crate) fn begin(
        shared: Arc<Shared>,
        route: u16,
        client_id: Option<&HeaderValue>,
        body_hint: u64,
    ) -> Arc<Self> {
        let id = client_id.map_or(&[][..], HeaderValue::as_bytes);
        // what a closed queue refuses need not be copied; it is still offered, to be counted
        let cap = if shared.queue.is_closed() { 0 } else { shared.body_cap };
        let tape = Tape::new(id, body_hint, cap);
        let request_id = if id.is_empty() { RequestId::Unknown } else { RequestId::Taped };
        let started = shared.clock.monotonic();
        let progress = Mutex::new(Progress { tape, request_id, ..Progress::default() });
        Arc::new(Self { shared, route, started, progress })
    }

    /// A lock that is held for a copy of at most the body cap, by at most two tasks.
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn request_data(&self, data: &impl Buf) {
        self.progress().tape.push(Side::Request, data, self.shared.body_cap);
    }

    pub(super) fn request_ended(&self, complete: bool) {
        self.progress().tape.end(Side::Request, complete);
    }

    pub(super) fn response_begun(&self, status: StatusCode, id: Option<RequestId>) {
        let mut progress = self.progress();
        progress.status = Some(status);
        if let Some(id) = id {
            progress.request_id = id;
        }
    }

    pub(super) fn response_data(&self, data: &impl Buf) {
        self.progress().tape.push(Side::Response, data, self.shared.body_cap);
    }

    pub(super) fn response_ended(&self, error: Option<ErrorType>) {
        let now = self.shared.clock.monotonic();
        let mut progress = self.progress();
        progress.tape.end(Side::Response, error.is_none());
        progress.end = Some((now, error));
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let progress = self.progress.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Progress { mut tape, request_id, status, end } = mem::take(progress);
        tape.trim();
        // an end is always set: each holder of the response's side sets it when it goes
        let (ended, error) = end.unwrap_or((self.started, Some(ErrorType::Cancelled)));
        self.shared.queue.offer(Captured {
            route: self.route,
            request_id,
            tape,
            status,
            error,
            started: self.started,
            latency: ended.saturating_sub(self.started),
        });
    }
}
