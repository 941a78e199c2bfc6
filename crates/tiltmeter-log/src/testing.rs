//! What the unit tests share: a model, a clock that tests set, bodies that follow a script.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use jiff::Timestamp;
use tiltmeter_record::ModelSpec;

use crate::clock::Clock;

pub(crate) const SPEC: &str = "
spec_version: 1
name: churn
version: v0
type: binary
owner: crm
tier: 2
endpoint: {path: /predict}
request: {event_time: /event_time, max_skew: 7d, entity_id: /id}
response: {model_version: /version, score: /score, prediction: /churns}
features: {age: float, visits: integer, plan: string, active: boolean}
";

pub(crate) fn spec(text: &str) -> Arc<ModelSpec> {
    Arc::new(ModelSpec::from_yaml("test.yaml", text).unwrap())
}

/// A clock that stands still until it is told to go on.
#[derive(Debug, Default)]
pub(crate) struct ManualClock {
    millis: AtomicU64,
}

impl ManualClock {
    /// What `wall` shows at first.
    pub(crate) const START: &str = "2026-03-01T12:00:00Z";

    pub(crate) fn advance(&self, millis: u64) {
        self.millis.fetch_add(millis, Relaxed);
    }
}

impl Clock for ManualClock {
    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.millis.load(Relaxed))
    }

    fn wall(&self) -> Timestamp {
        Self::START.parse::<Timestamp>().unwrap() + self.monotonic()
    }
}

#[derive(Debug)]
pub(crate) enum Step {
    Data(&'static [u8]),
    Trailers,
    TrailersWith(&'static str, &'static str),
    Error,
    Pending,
}

/// A body that plays a script.
#[derive(Debug)]
pub(crate) struct Scripted {
    steps: Mutex<VecDeque<Step>>,
    declared: Option<u64>,
    /// Whether `is_end_stream` tells that the script is over; a body need not.
    tells_end: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken;

impl Scripted {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: Mutex::new(steps.into_iter().collect()), declared: None, tells_end: true }
    }

    pub(crate) fn declaring(mut self, bytes: u64) -> Self {
        self.declared = Some(bytes);
        self
    }

    pub(crate) fn silent_about_its_end(mut self) -> Self {
        self.tells_end = false;
        self
    }
}

impl Body for Scripted {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let step = self.steps.lock().unwrap().pop_front();
        match step {
            Some(Step::Data(data)) => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(data))))),
            Some(Step::Trailers) => Poll::Ready(Some(Ok(Frame::trailers(HeaderMap::new())))),
            Some(Step::TrailersWith(name, value)) => {
                let mut trailers = HeaderMap::new();
                trailers.insert(name, value.parse().unwrap());
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
            Some(Step::Error) => Poll::Ready(Some(Err(Broken))),
            Some(Step::Pending) => Poll::Pending,
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.tells_end && self.steps.lock().unwrap().is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.declared.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// Polls `body` until it is pending or has ended; returns the data that came.
pub(crate) fn drain<B>(body: &mut B) -> Result<Vec<u8>, B::Error>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut data = Vec::new();
    let mut cx = Context::from_waker(std::task::Waker::noop());
    while let Poll::Ready(Some(frame)) = Pin::new(&mut *body).poll_frame(&mut cx) {
        if let Ok(bytes) = frame?.into_data() {
            data.extend_from_slice(&bytes);
        }
    }
    Ok(data)
}

pub(crate) type Never = Infallible;
