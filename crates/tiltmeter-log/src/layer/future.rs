//! The response, until its head is there.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{HeaderValue, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tiltmeter_record::ErrorType;

use super::body::{LoggedBody, Watch};
use super::exchange::{Exchange, RequestId};
use super::probe::{ResponseProbe, Unwinding};
use super::request_id::{header_value, usable_id};
use crate::id::new_id;

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
            let _unwinding = Unwinding(this.probe.as_mut());
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
        let id = match probe.exchange() {
            Some(exchange) => settle_id(exchange, &mut response, this.client_id.take()),
            None => None,
        };
        probe.begin(&response, id);
        Poll::Ready(Ok(response.map(|body| LoggedBody::new(body, Watch::Response(probe)))))
    }
}

/// Sees to it that the response names the request, and returns the name if it is not yet known.
fn settle_id<B>(
    exchange: &Exchange,
    response: &mut Response<B>,
    client_id: Option<HeaderValue>,
) -> Option<RequestId> {
    let shared = exchange.shared();
    let name = &shared.id_header;
    if let Some(id) = client_id {
        // a map that can take no more headers is left as it is
        if !response.headers().contains_key(name) {
            let _ = response.headers_mut().try_insert(name.clone(), id);
        }
        return None;
    }
    if let Some(id) = usable_id(response.headers(), name) {
        return Some(RequestId::Given(id.clone()));
    }
    let id = new_id(shared.clock.wall());
    if let Some(value) = header_value(id) {
        let _ = response.headers_mut().try_insert(name.clone(), value);
    }
    Some(RequestId::Made(id))
}

impl<F: fmt::Debug> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("inner", &self.inner).finish_non_exhaustive()
    }
}
