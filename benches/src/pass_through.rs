//! A layer that wraps what the logging layer wraps, and only forwards: what a middleware that looks at bodies costs
//! before it does anything.

mod body;
mod future;

use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

pub use body::PassedBody;
pub use future::PassedFuture;

/// Wraps services in [`PassThrough`].
#[derive(Clone, Copy, Debug)]
pub struct PassThroughLayer;

impl<S> Layer<S> for PassThroughLayer {
    type Service = PassThrough<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PassThrough { inner }
    }
}

/// Forwards everything to the inner service.
#[derive(Clone, Debug)]
pub struct PassThrough<S> {
    inner: S,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for PassThrough<S>
where
    S: Service<Request<PassedBody<ReqBody>>, Response = Response<ResBody>>,
{
    type Response = Response<PassedBody<ResBody>>;
    type Error = S::Error;
    type Future = PassedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        PassedFuture::new(self.inner.call(request.map(PassedBody::new)))
    }
}
