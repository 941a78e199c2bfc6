//! One request and its response, as they go by.
//!
//! The request body, the response future, the response body and the handler's [`RequestLog`](super::RequestLog) each hold
//! a share of the exchange, and the last one to go hands it to the queue. So an exchange is offered exactly once however
//! it ends: a response that was read to its end, a client that left, an error, a panic.
//!
//! An exchange stays where it is in memory: what goes through the queue is a pointer, and the worker gives the memory back
//! to the request path (see [`Spares`](super::Spares)).

use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Buf;
use http::StatusCode;
use tiltmeter_record::{ErrorType, ModelVersion, Priority};
use triomphe::UniqueArc;

use super::captured::{Captured, RequestId};
use super::format::Format;
use super::said::{Observations, Said};
use super::tape::{Side, Tape};
use crate::books::Stratum;
use crate::shared::Shared;

/// The largest buffer of a tape that is used again, in bytes.
const LARGEST_BUFFER: usize = 4 << 10;

/// What is known of an exchange so far.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) captured: Captured,
    /// What the handler says of its importance.
    pub(super) priority: Option<Priority>,
    header_priority: Option<Priority>,
    has_ended: bool,
    /// Room for what the handler of the next exchange says.
    spare: Option<Box<Said>>,
}

/// What an exchange begins with.
pub(super) struct Beginning<'h> {
    pub(super) route: u16,
    pub(super) id: Option<&'h [u8]>,
    /// Bytes that the request body has at least; `None` if bodies are not captured.
    pub(super) body_hint: Option<u64>,
    pub(super) format: Format,
    pub(super) priority: Option<Priority>,
    pub(super) path_version: Option<ModelVersion>,
}

/// The head of a response.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) format: Format,
}

/// How a response ended, and its head if it had one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    pub(super) error: Option<ErrorType>,
    pub(super) head: Option<Head>,
}

#[derive(Default)]
pub(super) struct Exchange {
    /// There while the exchange is under way.
    shared: Option<Arc<Shared>>,
    progress: Mutex<Progress>,
}

/// An exchange of which nobody holds a share any more.
pub(crate) struct Offered(UniqueArc<Exchange>);

/// A share of an exchange, or none any more. The last one to go offers the exchange.
#[derive(Clone, Default)]
pub(super) struct Held(Option<triomphe::Arc<Exchange>>);

impl Exchange {
    pub(super) fn begin(shared: &Arc<Shared>, beginning: Beginning<'_>) -> Held {
        let Beginning { route, id, body_hint, format, priority, path_version } = beginning;
        let Offered(mut exchange) = shared.spares.take().unwrap_or_default();
        exchange.shared = Some(Arc::clone(shared));
        let progress = exchange.progress.get_mut().unwrap_or_else(PoisonError::into_inner);
        let (buffer, taped) = (mem::take(&mut progress.captured.tape).into_buffer(), id.unwrap_or_default());
        let tape = match body_hint {
            // what a closed queue refuses need not be copied; it is still offered, to be counted
            Some(_) if shared.queue.is_closed() => Tape::without_bodies(buffer, taped),
            Some(hint) => Tape::new(buffer, taped, hint, shared.body_cap),
            None => Tape::without_bodies(buffer, taped),
        };
        progress.begin(Captured {
            route,
            request_id: if id.is_some() { RequestId::Taped } else { RequestId::Unknown },
            tape,
            started: shared.clock.monotonic(),
            request_format: format,
            ..Captured::default()
        });
        progress.header_priority = priority;
        if let Some(version) = path_version {
            progress.said().path_version = Some(version);
        }
        Held(Some(exchange.shareable()))
    }

    /// A lock that is held for a copy of one frame, by at most a few tasks of one exchange.
    pub(super) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it shares with all others, while it is under way.
    pub(super) fn shared(&self) -> Option<&Shared> {
        self.shared.as_deref()
    }

    fn body_cap(&self) -> usize {
        self.shared().map_or(0, |shared| shared.body_cap)
    }

    fn now(&self) -> Duration {
        self.shared().map_or(Duration::ZERO, |shared| shared.clock.monotonic())
    }

    pub(super) fn request_data(&self, data: &impl Buf, ended: bool) {
        let mut progress = self.progress();
        let tape = &mut progress.captured.tape;
        tape.push(Side::Request, data, self.body_cap(), false);
        if ended {
            tape.end(Side::Request, true);
        }
    }

    pub(super) fn request_ended(&self, complete: bool) {
        self.progress().captured.tape.end(Side::Request, complete);
    }

    pub(super) fn response_data(&self, data: &impl Buf, keeps_beginning: bool, ending: Option<Ending>) {
        let now = ending.is_some().then(|| self.now());
        let mut progress = self.progress();
        progress.captured.tape.push(Side::Response, data, self.body_cap(), keeps_beginning);
        if let (Some(ending), Some(now)) = (ending, now) {
            progress.end_response(ending, now);
        }
    }

    pub(super) fn response_ended(&self, ending: Ending) {
        let now = self.now();
        self.progress().end_response(ending, now);
    }

    /// The last holder has gone.
    fn offer(mut this: UniqueArc<Self>) {
        let Some(shared) = this.shared.take() else { return };
        let progress = this.progress.get_mut().unwrap_or_else(PoisonError::into_inner);
        let captured = &mut progress.captured;
        captured.tape.trim();
        if !progress.has_ended {
            // each holder of the response's side sets an end when it goes: only a panic in one could have kept it from that
            captured.error = captured.error.or(Some(ErrorType::Cancelled));
        }
        let (has_failed, weight) = (captured.has_failed(), captured.weight());
        let priority = progress
            .priority
            .unwrap_or_else(|| shared.priority(captured.route, has_failed, progress.header_priority));
        let stratum = Stratum { route: captured.route, size: captured.size_class(), priority };
        shared.offer(Offered(this), weight, stratum, || false);
    }
}

impl Offered {
    /// What the worker gets.
    pub(crate) fn captured(&mut self) -> &mut Captured {
        &mut self.0.progress.get_mut().unwrap_or_else(PoisonError::into_inner).captured
    }

    /// The same, of a request that no layer has watched: `request_id` is empty if it has none.
    pub(crate) fn recorded(
        &mut self,
        observations: Observations,
        request_id: &[u8],
        keep: bool,
    ) -> &mut Captured {
        let progress = self.0.progress.get_mut().unwrap_or_else(PoisonError::into_inner);
        let buffer = mem::take(&mut progress.captured.tape).into_buffer();
        progress.begin(Captured {
            request_id: if request_id.is_empty() { RequestId::Unknown } else { RequestId::Taped },
            tape: Tape::without_bodies(buffer, request_id),
            ..Captured::default()
        });
        let said = progress.said();
        (said.observations, said.keep) = (observations, keep);
        &mut progress.captured
    }

    /// Frees what it holds, but for a small buffer and the room for what is said.
    ///
    /// It writes as little as it can: what the worker has written, the request path has to fetch from afar. Whatever is
    /// left is overwritten by the [beginning](Progress::begin) of the next exchange.
    pub(super) fn release(&mut self) {
        let Exchange { shared, progress } = &mut *self.0;
        if shared.is_some() {
            *shared = None;
        }
        let progress = progress.get_mut().unwrap_or_else(PoisonError::into_inner);
        let captured = &mut progress.captured;
        if let Some(mut said) = captured.said.take() {
            said.clear();
            progress.spare = Some(said);
        }
        if matches!(captured.request_id, RequestId::Given(_)) {
            captured.request_id = RequestId::Unknown;
        }
        if captured.tape.capacity() > LARGEST_BUFFER || captured.tape.has_late_response() {
            captured.tape = Tape::default();
        }
    }
}

impl Progress {
    /// Begins anew, whatever was here.
    fn begin(&mut self, captured: Captured) {
        *self = Self { captured, spare: self.spare.take(), ..Self::default() };
    }

    /// What the application says goes in here.
    pub(super) fn said(&mut self) -> &mut Said {
        let spare = &mut self.spare;
        self.captured.said.get_or_insert_with(|| spare.take().unwrap_or_default())
    }

    /// The path's version is one of the path's model, which has not answered.
    pub(super) fn forget_path_version(&mut self) {
        if let Some(said) = &mut self.captured.said {
            said.path_version = None;
        }
    }

    fn end_response(&mut self, ending: Ending, now: Duration) {
        let Ending { error, head } = ending;
        let captured = &mut self.captured;
        if let Some(Head { status, format }) = head {
            captured.status = Some(status);
            captured.response_format = format;
        }
        captured.tape.end(Side::Response, error.is_none());
        captured.latency = now.saturating_sub(captured.started);
        // what the handler says of it counts
        captured.error = captured.error.or(error);
        self.has_ended = true;
    }
}

impl Held {
    pub(super) fn get(&self) -> Option<&Exchange> {
        self.0.as_deref()
    }

    pub(super) fn take(&mut self) -> Self {
        mem::take(self)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(last) = self.0.take().and_then(triomphe::Arc::into_unique) {
            Exchange::offer(last);
        }
    }
}

impl Default for Offered {
    fn default() -> Self {
        Self(UniqueArc::new(Exchange::default()))
    }
}

/// Shows nothing of the bodies: they have not been masked.
impl fmt::Debug for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Offered").field(&*self.0).finish()
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Held").field(&self.0.is_some()).finish()
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("is_under_way", &self.shared.is_some()).finish_non_exhaustive()
    }
}
