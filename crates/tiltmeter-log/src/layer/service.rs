//! The service around the model's service.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::Shared;
use super::body::{LoggedBody, Watch};
use super::exchange::Exchange;
use super::future::ResponseFuture;
use super::probe::{RequestProbe, ResponseProbe};
use super::request_id::usable_id;

/// Logs the predictions that pass through the inner service. See the [module](super) for what it does and does not.
#[derive(Clone)]
pub struct PredictionLog<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> PredictionLog<S> {
    pub(super) fn new(inner: S, shared: Arc<Shared>) -> Self {
        Self { inner, shared }
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

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let Some(route) = self.shared.routes.find(request.method(), request.uri().path()) else {
            let request = request.map(|body| LoggedBody::new(body, Watch::Off));
            return ResponseFuture::new(self.inner.call(request), None, None);
        };
        let client_id = usable_id(request.headers(), &self.shared.id_header);
        let hint = request.body().size_hint();
        let exchange = Exchange::begin(Arc::clone(&self.shared), route, client_id, hint.lower());
        let client_id = client_id.cloned();
        let response = ResponseProbe::new(Arc::clone(&exchange));
        let ended = request.body().is_end_stream();
        let probe = RequestProbe::new(exchange, request.headers(), &hint, ended);
        let request = request.map(|body| LoggedBody::new(body, Watch::Request(probe)));
        ResponseFuture::new(self.inner.call(request), Some(response), client_id)
    }
}

impl<S: fmt::Debug> fmt::Debug for PredictionLog<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PredictionLog").field("inner", &self.inner).finish_non_exhaustive()
    }
}
