//! A body that is copied while it streams past, in either direction.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tiltmeter_record::ErrorType;

use super::probe::{RequestProbe, ResponseProbe};
use crate::unwinding::Unwinding;

/// Who watches the body.
#[derive(Debug)]
pub(super) enum Watch {
    /// Nobody: the route belongs to no model.
    Off,
    Request(RequestProbe),
    Response(ResponseProbe),
}

impl Watch {
    fn response(&mut self) -> Option<&mut ResponseProbe> {
        match self {
            Self::Response(probe) => Some(probe),
            Self::Off | Self::Request(_) => None,
        }
    }

    /// A frame of data goes by, the last one if `ended`.
    fn data(&mut self, data: &impl Buf, ended: bool) {
        match self {
            Self::Off => {}
            Self::Request(probe) => probe.data(data, ended),
            Self::Response(probe) => probe.data(data, ended),
        }
    }

    fn trailers(&mut self, trailers: &HeaderMap) {
        match self {
            Self::Off => {}
            Self::Request(probe) => probe.end(true),
            Self::Response(probe) => probe.trailers(trailers),
        }
    }

    fn ended(&mut self) {
        match self {
            Self::Off => {}
            Self::Request(probe) => probe.end(true),
            Self::Response(probe) => probe.end(None),
        }
    }

    fn failed(&mut self) {
        match self {
            Self::Off => {}
            Self::Request(probe) => probe.end(false),
            Self::Response(probe) => probe.end(Some(ErrorType::Body)),
        }
    }
}

pin_project! {
    /// The body of a request or of a response behind a [`PredictionLog`](super::PredictionLog).
    ///
    /// Frames, trailers, errors, size hint and end of the inner body pass through untouched and undelayed.
    pub struct LoggedBody<B> {
        #[pin]
        inner: B,
        watch: Watch,
    }
}

impl<B> LoggedBody<B> {
    pub(super) fn new(inner: B, watch: Watch) -> Self {
        Self { inner, watch }
    }
}

impl<B: Body> Body for LoggedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let mut this = self.project();
        let frame = {
            let _unwinding = Unwinding::new(this.watch.response());
            ready!(this.inner.as_mut().poll_frame(cx))
        };
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    this.watch.data(data, this.inner.is_end_stream());
                } else if let Some(trailers) = frame.trailers_ref() {
                    this.watch.trailers(trailers);
                }
            }
            Some(Err(_)) => this.watch.failed(),
            None => this.watch.ended(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B: Default> Default for LoggedBody<B> {
    fn default() -> Self {
        Self::new(B::default(), Watch::Off)
    }
}

impl<B: fmt::Debug> fmt::Debug for LoggedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedBody").field("inner", &self.inner).finish_non_exhaustive()
    }
}
