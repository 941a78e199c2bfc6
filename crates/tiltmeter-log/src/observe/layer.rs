//! The layer and its service.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

use super::Observe;
use super::future::{ObserveFuture, Pending};
use crate::direct::ModelLog;
use crate::unwinding::Unwinding;

/// Wraps services in [`ObserveService`]. Made by [`LogHandle::observe`](crate::LogHandle::observe).
pub struct ObserveLayer<O> {
    log: ModelLog,
    observe: Arc<O>,
}

impl<O> ObserveLayer<O> {
    pub(crate) fn new(log: ModelLog, observe: O) -> Self {
        Self { log, observe: Arc::new(observe) }
    }
}

impl<S, O> Layer<S> for ObserveLayer<O> {
    type Service = ObserveService<S, O>;

    fn layer(&self, inner: S) -> Self::Service {
        ObserveService { inner, log: self.log.clone(), observe: Arc::clone(&self.observe) }
    }
}

/// Records what passes through the inner service: see the [module](super).
pub struct ObserveService<S, O> {
    inner: S,
    log: ModelLog,
    observe: Arc<O>,
}

impl<S, O> ObserveService<S, O> {
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

impl<S, O, Req> Service<Req> for ObserveService<S, O>
where
    S: Service<Req>,
    O: Observe<Req, S::Response>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ObserveFuture<S::Future, O, Req, S::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Req) -> Self::Future {
        let started = self.log.shared().clock.monotonic();
        // a panic of the observer must not become one of the service
        let seen = catch_unwind(AssertUnwindSafe(|| self.observe.request(&request))).ok();
        let mut pending = Pending::new(self.log.clone(), Arc::clone(&self.observe), seen, started);
        let response = {
            let _unwinding = Unwinding::new(&mut pending);
            self.inner.call(request)
        };
        ObserveFuture::new(response, pending)
    }
}

impl<O> Clone for ObserveLayer<O> {
    fn clone(&self) -> Self {
        Self { log: self.log.clone(), observe: Arc::clone(&self.observe) }
    }
}

impl<S: Clone, O> Clone for ObserveService<S, O> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), log: self.log.clone(), observe: Arc::clone(&self.observe) }
    }
}

impl<O> fmt::Debug for ObserveLayer<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObserveLayer").field("log", &self.log).finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, O> fmt::Debug for ObserveService<S, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObserveService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
