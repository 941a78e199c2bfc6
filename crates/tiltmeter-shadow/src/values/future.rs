//! The champion's response, until it is there.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tiltmeter_log::Observe;
use tiltmeter_log::beside::{Unwinding, Unwound};
use tiltmeter_record::ErrorType;

use super::observed;
use crate::exchange::Exchange;

pin_project! {
    /// The response future of [`ValueShadow`](super::ValueShadow).
    pub struct ValueShadowFuture<F, O, Req, Res>
    where
        O: Observe<Req, Res>,
    {
        #[pin]
        inner: F,
        pending: Option<Pending<O, Req, Res>>,
    }
}

impl<F, O: Observe<Req, Res>, Req, Res> ValueShadowFuture<F, O, Req, Res> {
    pub(super) fn new(inner: F, pending: Option<Pending<O, Req, Res>>) -> Self {
        Self { inner, pending }
    }
}

impl<F, O, Req, Res, E> Future for ValueShadowFuture<F, O, Req, Res>
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
        if let Some(mut pending) = this.pending.take() {
            match &result {
                Ok(response) => pending.end(Some(response), None),
                Err(_) => pending.end(None, Some(ErrorType::Service)),
            }
        }
        Poll::Ready(result)
    }
}

impl<F, O: Observe<Req, Res>, Req, Res> fmt::Debug for ValueShadowFuture<F, O, Req, Res> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ValueShadowFuture")
    }
}

/// What is to be said of the champion's answer, and has not been said yet. Whatever becomes of the request, it is said once.
pub(super) struct Pending<O: Observe<Req, Res>, Req, Res> {
    waiting: Option<Waiting<O, O::Seen>>,
    types: PhantomData<fn(Req, Res)>,
}

struct Waiting<O, Seen> {
    exchange: Arc<Exchange>,
    observe: Arc<O>,
    /// `None` when the observer panicked at the request.
    seen: Option<Seen>,
}

impl<O: Observe<Req, Res>, Req, Res> Pending<O, Req, Res> {
    pub(super) fn new(exchange: Arc<Exchange>, observe: Arc<O>, seen: Option<O::Seen>) -> Self {
        Self { waiting: Some(Waiting { exchange, observe, seen }), types: PhantomData }
    }

    fn end(&mut self, response: Option<&Res>, error: Option<ErrorType>) {
        let Some(Waiting { exchange, observe, seen }) = self.waiting.take() else { return };
        let said = seen.and_then(|seen| observed(&*observe, seen, response));
        exchange.observed(said, error);
        exchange.leave();
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
