//! The response, until it is there.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tiltmeter_record::{ErrorType, ExchangeDrop, SizeClass};

use super::Observe;
use crate::direct::ModelLog;
use crate::unwinding::{Unwinding, Unwound};

pin_project! {
    /// The response future of [`ObserveService`](super::ObserveService).
    pub struct ObserveFuture<F, O, Req, Res>
    where
        O: Observe<Req, Res>,
    {
        #[pin]
        inner: F,
        pending: Pending<O, Req, Res>,
    }
}

impl<F, O: Observe<Req, Res>, Req, Res> ObserveFuture<F, O, Req, Res> {
    pub(super) fn new(inner: F, pending: Pending<O, Req, Res>) -> Self {
        Self { inner, pending }
    }
}

impl<F, O, Req, Res, E> Future for ObserveFuture<F, O, Req, Res>
where
    F: Future<Output = Result<Res, E>>,
    O: Observe<Req, Res>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = {
            let _unwinding = Unwinding::new(&mut *this.pending);
            ready!(this.inner.poll(cx))
        };
        match &result {
            Ok(response) => this.pending.end(Some(response), None),
            Err(_) => this.pending.end(None, Some(ErrorType::Service)),
        }
        Poll::Ready(result)
    }
}

impl<F, O: Observe<Req, Res>, Req, Res> fmt::Debug for ObserveFuture<F, O, Req, Res> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ObserveFuture")
    }
}

/// What is to be said of a request, and has not been said yet. Whatever becomes of the request, it is said once.
pub(super) struct Pending<O: Observe<Req, Res>, Req, Res> {
    waiting: Option<Waiting<O, O::Seen>>,
    types: std::marker::PhantomData<fn(Req, Res)>,
}

struct Waiting<O, Seen> {
    log: ModelLog,
    observe: Arc<O>,
    /// `None` when the observer panicked at the request.
    seen: Option<Seen>,
    started: Duration,
}

impl<O: Observe<Req, Res>, Req, Res> Pending<O, Req, Res> {
    pub(super) fn new(log: ModelLog, observe: Arc<O>, seen: Option<O::Seen>, started: Duration) -> Self {
        let waiting = Some(Waiting { log, observe, seen, started });
        Self { waiting, types: std::marker::PhantomData }
    }

    fn end(&mut self, response: Option<&Res>, error: Option<ErrorType>) {
        let Some(Waiting { log, observe, seen, started }) = self.waiting.take() else { return };
        let now = log.shared().clock.monotonic();
        let observed =
            seen.and_then(|seen| catch_unwind(AssertUnwindSafe(|| observe.response(seen, response))).ok());
        match observed {
            Some(mut observed) => {
                observed.error = error.or(observed.error);
                let latency = observed.latency.unwrap_or_else(|| now.saturating_sub(started));
                log.offer(observed, started, latency);
            }
            None => {
                log.shared()
                    .queue
                    .lose(log.stratum(error.is_some(), SizeClass::UpTo1KiB), ExchangeDrop::CodecPanic);
            }
        }
    }
}

impl<O: Observe<Req, Res>, Req, Res> Drop for Pending<O, Req, Res> {
    fn drop(&mut self) {
        self.end(None, Some(ErrorType::Cancelled));
    }
}

impl<O: Observe<Req, Res>, Req, Res> Unwound for Pending<O, Req, Res> {
    fn unwound(&mut self) {
        self.end(None, Some(ErrorType::Panic));
    }
}
