//! A body of the champion's that is copied while it streams past, in either direction.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tiltmeter_record::ErrorType;

use tiltmeter_log::beside::Unwinding;

use super::probe::{RequestProbe, ResponseProbe};

/// Who watches the body.
#[derive(Debug)]
pub(super) enum Watch {
    /// Nobody: the request is not shadowed.
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
}

pin_project! {
    /// The body of a request or of a response behind a [`Shadow`](super::Shadow).
    ///
    /// Frames, trailers, errors, size hint and end of the inner body pass through untouched and undelayed.
    pub struct ShadowBody<B> {
        #[pin]
        inner: B,
        watch: Watch,
    }
}

impl<B> ShadowBody<B> {
    pub(super) fn new(inner: B, watch: Watch) -> Self {
        Self { inner, watch }
    }
}

impl<B: Body<Data: 'static>> Body for ShadowBody<B> {
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
        match (&frame, &mut *this.watch) {
            (_, Watch::Off) => {}
            (Some(Ok(frame)), Watch::Request(probe)) => {
                if let Some(data) = frame.data_ref() {
                    probe.data(data, this.inner.is_end_stream());
                } else if let Some(trailers) = frame.trailers_ref() {
                    probe.trailers(trailers);
                }
            }
            (Some(Ok(frame)), Watch::Response(probe)) => {
                if let Some(data) = frame.data_ref() {
                    probe.data(data, this.inner.is_end_stream());
                } else if let Some(trailers) = frame.trailers_ref() {
                    probe.trailers(trailers);
                }
            }
            (Some(Err(_)), Watch::Request(probe)) => probe.end(false),
            (Some(Err(_)), Watch::Response(probe)) => probe.end(Some(ErrorType::Body)),
            (None, Watch::Request(probe)) => probe.end(true),
            (None, Watch::Response(probe)) => probe.end(None),
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

impl<B: Default> Default for ShadowBody<B> {
    fn default() -> Self {
        Self::new(B::default(), Watch::Off)
    }
}

/// Shows nothing of what it holds: it has not been masked.
impl<B> fmt::Debug for ShadowBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShadowBody").finish_non_exhaustive()
    }
}
