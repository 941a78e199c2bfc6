//! The layer and its service.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use tiltmeter_log::Observe;
use tiltmeter_log::beside::{Unwinding, is_usable_id, new_id};
use tiltmeter_record::PairBucket;
use tower_layer::Layer;
use tower_service::Service;

use super::CopiedValue;
use super::future::{Pending, ValueShadowFuture};
use crate::dispatch::Shared;
use crate::exchange::{Beginning, Exchange, RequestId};

/// Says what a request is called.
type Name<Req> = Arc<dyn Fn(&Req) -> Option<String> + Send + Sync>;

/// Wraps the champion's service in [`ValueShadow`]. Made by [`ShadowHandle::observe`](crate::ShadowHandle::observe).
pub struct ValueShadowLayer<Req, O> {
    shared: Arc<Shared<CopiedValue<Req>>>,
    observe: Arc<O>,
    name: Option<Name<Req>>,
}

impl<Req, O> ValueShadowLayer<Req, O> {
    pub(crate) fn new(shared: Arc<Shared<CopiedValue<Req>>>, observe: O) -> Self {
        Self { shared, observe: Arc::new(observe), name: None }
    }

    /// What requests are called: 1 to 128 visible ASCII characters. Samples are drawn by it, and others find the request
    /// under it. A request without a name gets one.
    #[must_use]
    pub fn with_request_id(mut self, name: impl Fn(&Req) -> Option<String> + Send + Sync + 'static) -> Self {
        self.name = Some(Arc::new(name));
        self
    }
}

impl<S, Req, O> Layer<S> for ValueShadowLayer<Req, O> {
    type Service = ValueShadow<S, Req, O>;

    fn layer(&self, inner: S) -> Self::Service {
        ValueShadow { inner, layer: self.clone() }
    }
}

/// Copies requests to the challengers: see the [module](super).
pub struct ValueShadow<S, Req, O> {
    inner: S,
    layer: ValueShadowLayer<Req, O>,
}

impl<S, Req, O> ValueShadow<S, Req, O> {
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
}

impl<Req: Clone, O> ValueShadowLayer<Req, O> {
    /// What is to become of `request`, if some challenger's sample has it.
    fn watch<Res>(&self, request: &Req) -> Option<Pending<O, Req, Res>>
    where
        O: Observe<Req, Res>,
    {
        let core = &self.shared.core;
        let said = self
            .name
            .as_ref()
            .and_then(|name| catch_unwind(AssertUnwindSafe(|| name(request))).ok().flatten());
        let said = said.filter(|id| is_usable_id(id.as_bytes()));
        let id = said.unwrap_or_else(|| new_id(core.wall()).to_string());
        let admission = core.admit(id.as_bytes(), 0);
        if admission.cases.is_empty() {
            return None;
        }
        let beginning =
            Beginning { request_id: RequestId::Text(id.into()), is_id_made: false, announced: 0, seen: None };
        let exchange = Exchange::begin(core, admission, beginning);
        // a panic of the observer must not become one of the champion
        let seen = catch_unwind(AssertUnwindSafe(|| self.observe.request(request))).ok();
        for case in exchange.handles() {
            match catch_unwind(AssertUnwindSafe(|| request.clone())) {
                Ok(copy) => self.shared.send(case, Box::new(CopiedValue(copy))),
                Err(_) => case.refuse(PairBucket::RequestIncomplete),
            }
        }
        Some(Pending::new(exchange, Arc::clone(&self.observe), seen))
    }
}

impl<S, Req, O> Service<Req> for ValueShadow<S, Req, O>
where
    S: Service<Req>,
    Req: Clone,
    O: Observe<Req, S::Response>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ValueShadowFuture<S::Future, O, Req, S::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Req) -> Self::Future {
        let mut pending = self.layer.watch(&request);
        let response = {
            let _unwinding = Unwinding::new(&mut pending);
            self.inner.call(request)
        };
        ValueShadowFuture::new(response, pending)
    }
}

impl<Req, O> Clone for ValueShadowLayer<Req, O> {
    fn clone(&self) -> Self {
        let Self { shared, observe, name } = self;
        Self { shared: Arc::clone(shared), observe: Arc::clone(observe), name: name.clone() }
    }
}

impl<S: Clone, Req, O> Clone for ValueShadow<S, Req, O> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<Req, O> fmt::Debug for ValueShadowLayer<Req, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValueShadowLayer").field("shared", &self.shared).finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, Req, O> fmt::Debug for ValueShadow<S, Req, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValueShadow").field("inner", &self.inner).finish_non_exhaustive()
    }
}
