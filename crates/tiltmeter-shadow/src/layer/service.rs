//! The service around the champion.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderValue, Method, Request, Response};
use http_body::Body;
use tiltmeter_log::beside::Unwinding;
use tiltmeter_log::beside::{ClientId, new_id};
use tower_service::Service;

use super::body::{ShadowBody, Watch};
use super::future::ShadowFuture;
use super::headers::is_shadow;
use super::probe::{Outgoing, RequestProbe, ResponseProbe};
use super::request::CopiedRequest;
use super::{HttpShared, SHADOW_HEADER};
use crate::exchange::{Beginning, Exchange, RequestId, Seen};
use crate::format::BodyFormat;
use crate::pair::Content;

/// Copies requests to the challengers. See the [module](super) for what it does and does not.
#[derive(Clone)]
pub struct Shadow<S> {
    inner: S,
    shared: Arc<HttpShared>,
}

impl<S> Shadow<S> {
    pub(super) fn new(inner: S, shared: Arc<HttpShared>) -> Self {
        Self { inner, shared }
    }

    /// The champion's service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The champion's service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The champion's service.
    pub fn into_inner(self) -> S {
        self.inner
    }

    /// The two sides of the exchange that begins with `request`, if some challenger's sample has it.
    fn watch<B: Body>(&self, request: &Request<B>) -> Option<(RequestProbe, ResponseProbe)> {
        let route = self.shared.http.routes.find(request.method(), request.uri().path())?;
        let headers = request.headers();
        if is_shadow(headers) {
            return None;
        }
        let core = &self.shared.core;
        let client_id = ClientId::of(headers, &self.shared.http.id_header);
        let made = client_id.is_none().then(|| new_id(core.wall()).to_string());
        let id = match (&client_id, &made) {
            (Some(client_id), _) => std::str::from_utf8(client_id.as_bytes()).unwrap_or_default(),
            (None, Some(made)) => made,
            (None, None) => "",
        };
        let hint = request.body().size_hint();
        let is_too_large = hint.lower() > core.body_cap as u64;
        let announced = if is_too_large { 0 } else { hint.lower() };
        let admission = core.admit(id.as_bytes(), announced);
        if admission.cases.is_empty() {
            return None;
        }
        let beginning = Beginning {
            request_id: match &client_id {
                Some(ClientId::Header(value)) => RequestId::Header((*value).clone()),
                _ => RequestId::Text(id.into()),
            },
            is_id_made: made.is_some(),
            announced,
            seen: Some(Seen {
                route: Arc::clone(route),
                method: request.method().clone(),
                uri: request.uri().clone(),
                format: BodyFormat::of(headers),
                content: Content::Nothing,
            }),
        };
        let exchange = Exchange::begin(core, admission, beginning);
        if is_too_large {
            exchange.request_too_large();
        }
        let outgoing = exchange.is_awaited().then(|| {
            let has_id = matches!(client_id, Some(ClientId::Header(_)));
            let id = if has_id { None } else { HeaderValue::from_str(id).ok() };
            let shared = Arc::clone(&self.shared);
            Outgoing { request: Box::new(CopiedRequest::new(request, id, Arc::clone(&shared.http))), shared }
        });
        let id_header = made.is_some().then(|| self.shared.http.id_header.clone());
        let response = ResponseProbe::new(Arc::clone(&exchange), request.method() == Method::HEAD, id_header);
        let ended = request.body().is_end_stream();
        Some((RequestProbe::new(exchange, outgoing, headers, &hint, ended), response))
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Shadow<S>
where
    S: Service<Request<ShadowBody<ReqBody>>, Response = Response<ResBody>>,
    ReqBody: Body<Data: 'static>,
    ResBody: Body<Data: 'static>,
{
    type Response = Response<ShadowBody<ResBody>>;
    type Error = S::Error;
    type Future = ShadowFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let Some((sent, mut answer)) = self.watch(&request) else {
            let request = request.map(|body| ShadowBody::new(body, Watch::Off));
            return ShadowFuture::new(self.inner.call(request), None);
        };
        let request = request.map(|body| ShadowBody::new(body, Watch::Request(sent)));
        let future = {
            let _unwinding = Unwinding::new(&mut answer);
            self.inner.call(request)
        };
        ShadowFuture::new(future, Some(answer))
    }
}

impl<S: fmt::Debug> fmt::Debug for Shadow<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shadow")
            .field("inner", &self.inner)
            .field("marked_by", &SHADOW_HEADER)
            .finish_non_exhaustive()
    }
}
