//! The response, until its head is there.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::PassedBody;

pin_project! {
    /// The response future of a [`PassThrough`](super::PassThrough).
    #[derive(Debug)]
    pub struct PassedFuture<F> {
        #[pin]
        inner: F,
    }
}

impl<F> PassedFuture<F> {
    pub(super) fn new(inner: F) -> Self {
        Self { inner }
    }
}

impl<F, B, E> Future for PassedFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<PassedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(self.project().inner.poll(cx));
        Poll::Ready(result.map(|response| response.map(PassedBody::new)))
    }
}
