//! The service around the model's service.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::body::{LoggedBody, Watch};
use super::exchange::{Beginning, Exchange};
use super::format::Format;
use super::future::ResponseFuture;
use super::probe::{RequestProbe, ResponseProbe};
use super::request_id::ClientId;
use super::{Capture, RequestLog, Shared};
use crate::unwinding::Unwinding;

/// Logs the predictions that pass through the inner service. See the [module](super) for what it does and does not.
#[derive(Clone)]
pub struct PredictionLog<S> {
    inner: S,
    shared: Arc<Shared>,
    capture: Capture,
}

impl<S> PredictionLog<S> {
    pub(super) fn new(inner: S, shared: Arc<Shared>, capture: Capture) -> Self {
        Self { inner, shared, capture }
    }

    /// The inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for PredictionLog<S>
where
    S: Service<Request<LoggedBody<ReqBody>>, Response = Response<ResBody>>,
    ReqBody: Body,
    ResBody: Body,
{
    type Response = Response<LoggedBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let Some(found) = self.shared.routes.find(request.method(), request.uri().path()) else {
            let request = request.map(|body| LoggedBody::new(body, Watch::Off));
            return ResponseFuture::new(self.inner.call(request), None, None);
        };
        let (capture, shared) = (self.capture, &self.shared);
        let headers = request.headers();
        let client_id = ClientId::of(headers, &shared.id_header);
        let hint = request.body().size_hint();
        let exchange = Exchange::begin(
            shared,
            Beginning {
                route: found.route,
                id: client_id.as_ref().map(ClientId::as_bytes),
                body_hint: capture.bodies().then(|| hint.lower()),
                format: if capture.bodies() { Format::of_request(headers) } else { Format::default() },
                priority: shared.priorities.as_ref().and_then(|rules| rules.by_header(headers)),
                path_version: found.version,
            },
        );
        let client_id = client_id.and_then(ClientId::to_value);
        let mut response = ResponseProbe::new(exchange.clone());
        let log = capture.handler().then(|| RequestLog::new(exchange.clone()));
        let watch = if capture.bodies() {
            let ended = request.body().is_end_stream();
            Watch::Request(RequestProbe::new(exchange, headers, &hint, ended))
        } else {
            Watch::Off
        };
        if let Some(log) = log {
            request.extensions_mut().insert(log);
        }
        let request = request.map(|body| LoggedBody::new(body, watch));
        let future = {
            let _unwinding = Unwinding::new(&mut response);
            self.inner.call(request)
        };
        ResponseFuture::new(future, Some(response), client_id)
    }
}

impl<S: fmt::Debug> fmt::Debug for PredictionLog<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PredictionLog").field("inner", &self.inner).finish_non_exhaustive()
    }
}
