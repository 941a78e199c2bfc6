//! What is recorded: a request, what the champion answered, and what became of it at a challenger.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode, Uri};
use jiff::Timestamp;
use tiltmeter_log::Observed;
use tiltmeter_record::{ErrorType, ModelName, PairBucket, ShadowBooks};

use crate::copied::Copied;

/// A request as champion and challenger have seen it; undecoded, and unmasked.
///
/// There is one for each challenger that the request was sent to, and for each that it was not sent to though the sample
/// has it: the champion's answer is there for both, so that coverage can be told by score and segment. Requests that are
/// sampled out are in the books alone, and so are those that came after the shutdown.
///
/// The `Debug` of it and of its parts shows no content.
#[derive(Debug)]
#[non_exhaustive]
pub struct Pair {
    /// What the request is called: see [the layer](crate::layer#the-request-id).
    pub request_id: Arc<str>,
    /// The challenger.
    pub challenger: ModelName,
    /// [`PairBucket::Paired`], or why there is no pair. [`PairBucket::LogDropped`] is what a pair becomes that is not taken.
    pub bucket: PairBucket,
    /// The probability with which this request was to be shown to this challenger, in (0, 1].
    pub inclusion_probability: f64,
    /// When the request arrived.
    pub timestamp: Timestamp,
    /// The request; `None` of a service without HTTP.
    pub request: Option<Arc<SeenRequest>>,
    /// What the champion answered.
    pub champion: Arc<Answer>,
    /// What the challenger answered; `None` if the request was not sent to it.
    pub answer: Option<Answer>,
}

/// A request, as far as it was kept.
#[non_exhaustive]
pub struct SeenRequest {
    /// The template of the route that it took.
    pub route: Arc<str>,
    /// Its method.
    pub method: Method,
    /// Its URI, as the champion got it.
    pub uri: Uri,
    /// Its `content-type` and `content-encoding`.
    pub headers: HeaderMap,
    /// Its body.
    pub content: Content,
}

/// An answer, of the champion or of the challenger.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status; `None` when no response was begun, or where there is no HTTP.
    pub status: Option<StatusCode>,
    /// The gRPC status, from the headers or the trailers.
    pub grpc_status: Option<u16>,
    /// `content-type` and `content-encoding`.
    pub headers: HeaderMap,
    /// What was answered.
    pub content: Content,
    /// From when the champion got the request, or the challenger was sent it, to the end of the answer, or until it failed;
    /// zero if it was not sent. What the challenger took to become ready, and the shadow to get to it, is not in it. Of a
    /// challenger's timeout: how long was waited for it, its readiness included, so not less than the timeout.
    pub latency: Duration,
    /// What went wrong.
    pub error: Option<ErrorType>,
}

/// What a body held, or what was said instead.
#[derive(Debug, Default)]
#[non_exhaustive]
pub enum Content {
    /// Nothing was kept: there is no body, it was above the cap, or there was no room.
    #[default]
    Nothing,
    /// All of a body.
    Body(Copied),
    /// Of a body that ended early, what came until then.
    PartOfBody(Copied),
    /// What was observed of a service without HTTP.
    Observed(Box<Observed>),
}

impl Content {
    /// The body, if all of it is there.
    #[must_use]
    pub fn body(&self) -> Option<&Copied> {
        match self {
            Self::Body(copied) => Some(copied),
            Self::Nothing | Self::PartOfBody(_) | Self::Observed(_) => None,
        }
    }
}

/// Where pairs go.
///
/// [`record`](Self::record) is called by a thread of the shadow, which has other challengers to see to, or by one of the
/// champion, where those are blocked or have ended. So it must not wait: it offers the pair to a queue. A panic of it is caught, and means that
/// the pair was not taken. It may be called in a `Drop`, while a panic of the champion unwinds. Closures are recorders.
pub trait Recorder: Send + Sync + 'static {
    /// Takes a pair, or does not: that is `false`.
    fn record(&self, pair: Pair) -> bool;

    /// Takes the books of a challenger as they stand: about once a second, by a thread of the shadow, and when it has ended.
    /// They tell what pairs cannot. It must not wait, as [`record`](Self::record) must not; a panic of it is caught and logged.
    ///
    /// Without a method of its own they are forgotten, and so they are by closures: who wraps a recorder passes them on.
    fn keep_books(&self, books: ShadowBooks) {
        drop(books);
    }
}

impl<F: Fn(Pair) -> bool + Send + Sync + 'static> Recorder for F {
    fn record(&self, pair: Pair) -> bool {
        self(pair)
    }
}

/// Shows nothing of its path, which may have personal data in it.
impl fmt::Debug for SeenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenRequest")
            .field("method", &self.method)
            .field("route", &self.route)
            .field("headers", &self.headers)
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}
