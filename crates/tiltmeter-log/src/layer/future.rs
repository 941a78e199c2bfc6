//! The response, until its head is there.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::Entry;
use http::{HeaderValue, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tiltmeter_record::ErrorType;

use super::body::{LoggedBody, Watch};
use super::captured::RequestId;
use super::exchange::Exchange;
use super::probe::ResponseProbe;
use super::request_id::{header_value, is_usable};
use crate::id::new_id;
use crate::unwinding::Unwinding;

pin_project! {
    /// The response future of [`PredictionLog`](super::PredictionLog).
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        probe: Option<ResponseProbe>,
        client_id: Option<HeaderValue>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, probe: Option<ResponseProbe>, client_id: Option<HeaderValue>) -> Self {
        Self { inner, probe, client_id }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<LoggedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = {
            let _unwinding = Unwinding::new(this.probe.as_mut());
            ready!(this.inner.poll(cx))
        };
        let Some(mut probe) = this.probe.take() else {
            return Poll::Ready(
                result.map(|response| response.map(|body| LoggedBody::new(body, Watch::Off))),
            );
        };
        let mut response = match result {
            Ok(response) => response,
            Err(error) => {
                probe.end(Some(ErrorType::Service));
                return Poll::Ready(Err(error));
            }
        };
        if let Some(exchange) = probe.exchange() {
            settle_id(exchange, &mut response, this.client_id.take());
        }
        probe.begin(&response);
        Poll::Ready(Ok(response.map(|body| LoggedBody::new(body, Watch::Response(probe)))))
    }
}

/// Sees to it that the response names the request, and that the exchange has the name.
fn settle_id<B>(exchange: &Exchange, response: &mut Response<B>, client_id: Option<HeaderValue>) {
    let Some(shared) = exchange.shared() else { return };
    // a map that can take no more headers is left as it is
    let entry = response.headers_mut().try_entry(&shared.id_header).ok();
    if let Some(id) = client_id {
        if let Some(Entry::Vacant(entry)) = entry {
            let _ = entry.try_insert(id);
        }
        return;
    }
    if let Some(Entry::Occupied(entry)) = &entry
        && is_usable(entry.get())
    {
        exchange.progress().captured.request_id = RequestId::Given(Box::new(entry.get().clone()));
        return;
    }
    let id = new_id(shared.clock.wall());
    if let (Some(Entry::Vacant(entry)), Some(value)) = (entry, header_value(id)) {
        let _ = entry.try_insert(value);
    }
    exchange.progress().captured.request_id = RequestId::Made(id);
}

impl<F: fmt::Debug> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("inner", &self.inner).finish_non_exhaustive()
    }
}
