//! The two sides of an exchange, as the wrappers of the champion's request body and response hold them.
//!
//! Each probe is a plain field of its wrapper and has the `Drop` of its own, so that the pinned wrappers need none. It
//! must not block or panic there: it may run while a panic unwinds.

use std::fmt;
use std::sync::Arc;

use bytes::Buf;
use http::{HeaderMap, HeaderName, Response, StatusCode};
use http_body::{Body, SizeHint};
use tiltmeter_log::beside::{Meter, Unwound, grpc_error, grpc_status};
use tiltmeter_record::ErrorType;

use super::HttpShared;
use super::grpc::is_grpc;
use super::request::CopiedRequest;
use crate::exchange::Exchange;
use crate::format::BodyFormat;

/// What the challengers are to get, and by which queue.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) request: Box<CopiedRequest>,
    pub(super) shared: Arc<HttpShared>,
}

/// The request's side: held by the request body.
pub(super) struct RequestProbe {
    exchange: Option<Arc<Exchange>>,
    /// What the challengers are to get, and what sends it.
    outgoing: Option<Outgoing>,
    meter: Meter,
}

impl RequestProbe {
    pub(super) fn new(
        exchange: Arc<Exchange>,
        outgoing: Option<Outgoing>,
        headers: &HeaderMap,
        hint: &SizeHint,
        ended: bool,
    ) -> Self {
        let meter = Meter::new(hint, headers);
        let mut probe = Self { exchange: Some(exchange), outgoing, meter };
        if ended {
            probe.end(true);
        }
        probe
    }

    /// A frame of data goes by, the last one if `ended`.
    pub(super) fn data<D: Buf + 'static>(&mut self, data: &D, ended: bool) {
        self.meter.add(data);
        if let Some(exchange) = &self.exchange {
            exchange.request_data(data);
        }
        if ended {
            self.end(true);
        }
    }

    pub(super) fn trailers(&mut self, trailers: &HeaderMap) {
        if let Some(outgoing) = &mut self.outgoing {
            outgoing.request.set_trailers(trailers);
        }
        self.end(true);
    }

    /// The body has ended, the first time: the challengers get it if all of it is there. Lets go of the exchange.
    pub(super) fn end(&mut self, complete: bool) {
        let Some(exchange) = self.exchange.take() else { return };
        let outgoing = self.outgoing.take();
        if let Some((copied, outgoing)) = exchange.request_ended(complete).zip(outgoing) {
            outgoing.request.send(&outgoing.shared, exchange.handles(), copied);
        }
        exchange.leave();
    }
}

impl Drop for RequestProbe {
    fn drop(&mut self) {
        self.end(self.meter.is_full());
    }
}

impl fmt::Debug for RequestProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestProbe").field("exchange", &self.exchange).finish_non_exhaustive()
    }
}

/// The response's side: held by the response future, then by the response body.
#[derive(Debug)]
pub(super) struct ResponseProbe {
    exchange: Option<Arc<Exchange>>,
    meter: Meter,
    /// 204 and 304 announce a length at most, and have no body; nor have responses to HEAD. What follows a 101 is not one.
    bodiless: bool,
    /// What is to name the response, if the request has no name.
    id_header: Option<HeaderName>,
    has_head: bool,
    is_grpc: bool,
    grpc: Option<u16>,
}

impl ResponseProbe {
    /// `bodiless`: whether the request is one of HEAD. `id_header`: what is to name the response, if the request has no name.
    pub(super) fn new(exchange: Arc<Exchange>, bodiless: bool, id_header: Option<HeaderName>) -> Self {
        Self {
            exchange: Some(exchange),
            meter: Meter::default(),
            bodiless,
            id_header,
            has_head: false,
            is_grpc: false,
            grpc: None,
        }
    }

    /// The exchange, and the header of the response that is to tell its name, if there is none that the client knows.
    pub(super) fn unnamed(&self) -> Option<(&Exchange, &HeaderName)> {
        self.exchange.as_deref().zip(self.id_header.as_ref())
    }

    /// The head of the response is there.
    pub(super) fn begin<B: Body>(&mut self, response: &Response<B>) {
        let (status, headers, body) = (response.status(), response.headers(), response.body());
        self.bodiless |= matches!(
            status,
            StatusCode::SWITCHING_PROTOCOLS | StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
        );
        self.meter = Meter::new(&body.size_hint(), headers);
        self.has_head = true;
        let format = BodyFormat::of(headers);
        self.is_grpc = is_grpc(&format);
        if self.is_grpc {
            self.grpc = grpc_status(headers);
        }
        if let Some(exchange) = &self.exchange {
            exchange.response_head(status, format);
        }
        if body.is_end_stream() {
            self.end(None);
        }
    }

    /// A frame of data goes by, the last one if `ended`.
    pub(super) fn data<D: Buf + 'static>(&mut self, data: &D, ended: bool) {
        self.meter.add(data);
        if let Some(exchange) = &self.exchange {
            exchange.response_data(data);
        }
        if ended {
            self.end(None);
        }
    }

    pub(super) fn trailers(&mut self, trailers: &HeaderMap) {
        if self.is_grpc {
            self.grpc = self.grpc.or_else(|| grpc_status(trailers));
        }
        self.end(None);
    }

    /// The response has ended, the first time; lets go of the exchange.
    pub(super) fn end(&mut self, error: Option<ErrorType>) {
        if let Some(exchange) = self.exchange.take() {
            exchange.response_ended(self.grpc, error.or_else(|| self.grpc.and_then(grpc_error)));
            exchange.leave();
        }
    }
}

impl Drop for ResponseProbe {
    fn drop(&mut self) {
        let is_complete = self.has_head && (self.bodiless || self.meter.is_full());
        self.end(if is_complete { None } else { Some(ErrorType::Cancelled) });
    }
}

impl Unwound for ResponseProbe {
    fn unwound(&mut self) {
        self.end(Some(ErrorType::Panic));
    }
}
