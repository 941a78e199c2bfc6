//! The two sides of an exchange, as the wrappers of the request body and of the response hold them.
//!
//! Each probe is a plain field of its wrapper and has the `Drop` of its own, so that the pinned wrappers need none. It
//! must not block, allocate much or panic there: it may run while a panic unwinds.

use std::sync::Arc;
use std::thread;

use bytes::Buf;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Response, StatusCode};
use http_body::{Body, SizeHint};
use tiltmeter_record::ErrorType;

use super::exchange::{Exchange, RequestId};

/// Follows a body of known or unknown length.
#[derive(Debug)]
struct Meter {
    declared: Option<u64>,
    seen: u64,
}

impl Meter {
    /// The length is the body's own or, where it does not know it, that of the header: a body of a stream need not.
    fn new(hint: &SizeHint, headers: &HeaderMap) -> Self {
        let header = || headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
        Self { declared: hint.exact().or_else(header), seen: 0 }
    }

    fn add(&mut self, data: &impl Buf) {
        self.seen += data.remaining() as u64;
    }

    /// Whether all that was announced went by: a reader may stop there without asking for the end.
    fn is_full(&self) -> bool {
        self.declared == Some(self.seen)
    }
}

/// The request's side: held by the request body.
#[derive(Debug)]
pub(super) struct RequestProbe {
    exchange: Option<Arc<Exchange>>,
    meter: Meter,
}

impl RequestProbe {
    pub(super) fn new(exchange: Arc<Exchange>, headers: &HeaderMap, hint: &SizeHint, ended: bool) -> Self {
        let mut probe = Self { exchange: Some(exchange), meter: Meter::new(hint, headers) };
        if ended {
            probe.end(true);
        }
        probe
    }

    pub(super) fn data(&mut self, data: &impl Buf) {
        self.meter.add(data);
        if let Some(exchange) = &self.exchange {
            exchange.request_data(data);
        }
    }

    /// The body has ended; lets go of the exchange.
    pub(super) fn end(&mut self, complete: bool) {
        if let Some(exchange) = self.exchange.take() {
            exchange.request_ended(complete);
        }
    }
}

impl Drop for RequestProbe {
    fn drop(&mut self) {
        self.end(self.meter.is_full());
    }
}

/// The response's side: held by the response future, then by the response body.
#[derive(Debug)]
pub(super) struct ResponseProbe {
    exchange: Option<Arc<Exchange>>,
    meter: Meter,
    /// 204 and 304 announce a length at most, and have no body. (Nor has HEAD, which no model answers.)
    bodiless: bool,
    begun: bool,
}

impl ResponseProbe {
    pub(super) fn new(exchange: Arc<Exchange>) -> Self {
        let meter = Meter { declared: None, seen: 0 };
        Self { exchange: Some(exchange), meter, bodiless: false, begun: false }
    }

    pub(super) fn exchange(&self) -> Option<&Exchange> {
        self.exchange.as_deref()
    }

    /// The head of the response is there.
    pub(super) fn begin<B: Body>(&mut self, response: &Response<B>, id: Option<RequestId>) {
        let (status, body) = (response.status(), response.body());
        self.begun = true;
        self.bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        self.meter = Meter::new(&body.size_hint(), response.headers());
        if let Some(exchange) = &self.exchange {
            exchange.response_begun(status, id);
        }
        if body.is_end_stream() {
            self.end(None);
        }
    }

    pub(super) fn data(&mut self, data: &impl Buf) {
        self.meter.add(data);
        if let Some(exchange) = &self.exchange {
            exchange.response_data(data);
        }
    }

    /// The response has ended, the first time; lets go of the exchange.
    pub(super) fn end(&mut self, error: Option<ErrorType>) {
        if let Some(exchange) = self.exchange.take() {
            exchange.response_ended(error);
        }
    }
}

impl Drop for ResponseProbe {
    fn drop(&mut self) {
        if self.exchange.is_none() {
            return;
        }
        let is_complete = self.begun && (self.bodiless || self.meter.is_full());
        self.end(if is_complete { None } else { Some(ErrorType::Cancelled) });
    }
}

/// Watches a poll of what the response comes from. A panic in it ends the exchange there and then: later, when the probe
/// is dropped, the panic may have been caught.
#[derive(Debug)]
pub(super) struct Unwinding<'p>(pub(super) Option<&'p mut ResponseProbe>);

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        if thread::panicking()
            && let Some(probe) = &mut self.0
        {
            probe.end(Some(ErrorType::Panic));
        }
    }
}
