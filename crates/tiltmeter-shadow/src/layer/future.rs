//! The champion's response, until its head is there.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::Entry;
use http::{HeaderName, HeaderValue, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tiltmeter_log::beside::Unwinding;
use tiltmeter_log::beside::is_usable_id;
use tiltmeter_record::ErrorType;

use super::body::{ShadowBody, Watch};
use super::probe::ResponseProbe;
use crate::exchange::Exchange;

pin_project! {
    /// The response future of [`Shadow`](super::Shadow).
    pub struct ShadowFuture<F> {
        #[pin]
        inner: F,
        probe: Option<ResponseProbe>,
    }
}

impl<F> ShadowFuture<F> {
    pub(super) fn new(inner: F, probe: Option<ResponseProbe>) -> Self {
        Self { inner, probe }
    }
}

impl<F, B, E> Future for ShadowFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<ShadowBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = {
            let _unwinding = Unwinding::new(this.probe.as_mut());
            ready!(this.inner.poll(cx))
        };
        let Some(mut probe) = this.probe.take() else {
            return Poll::Ready(
                result.map(|response| response.map(|body| ShadowBody::new(body, Watch::Off))),
            );
        };
        let mut response = match result {
            Ok(response) => response,
            Err(error) => {
                probe.end(Some(ErrorType::Service));
                return Poll::Ready(Err(error));
            }
        };
        if let Some((exchange, name)) = probe.unnamed() {
            settle_id(exchange, &mut response, name);
        }
        probe.begin(&response);
        Poll::Ready(Ok(response.map(|body| ShadowBody::new(body, Watch::Response(probe)))))
    }
}

/// A request that had no id gets that of the response, or the response gets the one that was made.
fn settle_id<B>(exchange: &Exchange, response: &mut Response<B>, name: &HeaderName) {
    let given = response.headers().get(name).filter(|given| is_usable_id(given.as_bytes()));
    let Some(made) = exchange.settle_id(given) else { return };
    // a map that can take no more headers is left as it is, and so is an id that is not usable
    if let (Ok(Entry::Vacant(entry)), Ok(value)) =
        (response.headers_mut().try_entry(name), HeaderValue::from_str(&made))
    {
        let _ = entry.try_insert(value);
    }
}

impl<F: fmt::Debug> fmt::Debug for ShadowFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShadowFuture").field("inner", &self.inner).finish_non_exhaustive()
    }
}
