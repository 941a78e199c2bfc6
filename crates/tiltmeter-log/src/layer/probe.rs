//! The two sides of an exchange, as the wrappers of the request body and of the response hold them.
//!
//! Each probe is a plain field of its wrapper and has the `Drop` of its own, so that the pinned wrappers need none. It
//! must not block, allocate much or panic there: it may run while a panic unwinds.

use bytes::Buf;
use http::{HeaderMap, Response, StatusCode};
use http_body::{Body, SizeHint};
use tiltmeter_record::ErrorType;

use super::exchange::{Ending, Exchange, Head, Held};
use super::format::{Format, Media};
use super::grpc::{grpc_error, grpc_status};
use super::meter::Meter;
use crate::unwinding::Unwound;

/// The request's side: held by the request body.
#[derive(Debug)]
pub(super) struct RequestProbe {
    exchange: Held,
    meter: Meter,
}

impl RequestProbe {
    pub(super) fn new(exchange: Held, headers: &HeaderMap, hint: &SizeHint, ended: bool) -> Self {
        let mut probe = Self { exchange, meter: Meter::new(hint, headers) };
        if ended {
            probe.end(true);
        }
        probe
    }

    /// A frame of data goes by, the last one if `ended`.
    pub(super) fn data(&mut self, data: &impl Buf, ended: bool) {
        self.meter.add(data);
        if let Some(exchange) = self.exchange.get() {
            exchange.request_data(data, ended);
        }
        if ended {
            drop(self.exchange.take());
        }
    }

    /// The body has ended; lets go of the exchange.
    pub(super) fn end(&mut self, complete: bool) {
        if let Some(exchange) = self.exchange.take().get() {
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
    exchange: Held,
    meter: Meter,
    /// 204 and 304 announce a length at most, and have no body. (Nor has HEAD, which no model answers.)
    bodiless: bool,
    /// Of generated text that is too long the beginning is worth something; of JSON it is not.
    keeps_beginning: bool,
    head: Option<Head>,
    /// What the gRPC status says, from the headers or the trailers.
    grpc: Option<ErrorType>,
}

impl ResponseProbe {
    pub(super) fn new(exchange: Held) -> Self {
        Self {
            exchange,
            meter: Meter::default(),
            bodiless: false,
            keeps_beginning: false,
            head: None,
            grpc: None,
        }
    }

    pub(super) fn exchange(&self) -> Option<&Exchange> {
        self.exchange.get()
    }

    /// The head of the response is there.
    pub(super) fn begin<B: Body>(&mut self, response: &Response<B>) {
        let (status, body) = (response.status(), response.body());
        self.bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        self.meter = Meter::new(&body.size_hint(), response.headers());
        let format = Format::of(response.headers());
        if format.media == Media::Grpc {
            self.grpc = grpc_status(response.headers()).and_then(grpc_error);
        }
        self.keeps_beginning = matches!(format.media, Media::EventStream | Media::Plain);
        self.head = Some(Head { status, format });
        if body.is_end_stream() {
            self.end(None);
        }
    }

    /// A frame of data goes by, the last one if `ended`.
    pub(super) fn data(&mut self, data: &impl Buf, ended: bool) {
        self.meter.add(data);
        let ending = ended.then(|| Ending { error: self.grpc, head: self.head.take() });
        if let Some(exchange) = self.exchange.get() {
            exchange.response_data(data, self.keeps_beginning, ending);
        }
        if ended {
            drop(self.exchange.take());
        }
    }

    /// The trailers go by.
    pub(super) fn trailers(&mut self, trailers: &HeaderMap) {
        self.grpc = self.grpc.or_else(|| grpc_status(trailers).and_then(grpc_error));
        self.end(None);
    }

    /// The response has ended, the first time; lets go of the exchange.
    pub(super) fn end(&mut self, error: Option<ErrorType>) {
        if let Some(exchange) = self.exchange.take().get() {
            exchange.response_ended(Ending { error: error.or(self.grpc), head: self.head.take() });
        }
    }
}

impl Drop for ResponseProbe {
    fn drop(&mut self) {
        if self.exchange.get().is_none() {
            return;
        }
        let is_complete = self.head.is_some() && (self.bodiless || self.meter.is_full());
        self.end(if is_complete { None } else { Some(ErrorType::Cancelled) });
    }
}

impl Unwound for ResponseProbe {
    fn unwound(&mut self) {
        self.end(Some(ErrorType::Panic));
    }
}
