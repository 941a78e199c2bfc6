//! Pairs of champion and challenger, recorded by whoever asked both.

mod ledger;
mod shadows;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use tiltmeter_record::{ErrorType, ModelName, Observation, PairBucket, ShadowBooks, SizeClass};

use crate::books::Stratum;
use crate::layer::{Captured, Extent, Format, RequestId, Said, Tape};
use crate::observed::Observed;
use crate::shared::{Item, Shared};

pub(crate) use ledger::PairBooks;
pub use ledger::PairLedger;
pub(crate) use shadows::Shadows;

/// What became of a request that a challenger was to see: undecoded, and unmasked.
///
/// Its [`Debug`](fmt::Debug) and that of its parts show no content.
#[derive(Debug)]
pub struct ObservedPair {
    /// What the challenger is called.
    pub challenger_name: ModelName,
    /// What the request is called.
    pub request_id: Arc<str>,
    /// When the request arrived.
    pub timestamp: Timestamp,
    /// Whether there is a pair, or why not.
    pub bucket: PairBucket,
    /// The probability with which the request was to be shown to the challenger, above 0 and up to 1.
    pub inclusion_probability: f64,
    /// The request, which the model's codec reads. Its headers are looked at for the encoding.
    pub request: ObservedBody,
    /// What the champion answered.
    pub champion: ObservedAnswer,
    /// What the challenger answered; `None` if it was not asked.
    pub challenger: Option<ObservedAnswer>,
}

/// An answer, of the champion or of the challenger.
#[derive(Debug, Default)]
pub struct ObservedAnswer {
    /// The HTTP status; `None` when no response was begun, or where there is no HTTP.
    pub status: Option<StatusCode>,
    /// What it said.
    pub body: ObservedBody,
    /// From when the request was sent until the answer had ended, or was given up.
    pub latency: Duration,
    /// What went wrong.
    pub error: Option<ErrorType>,
}

/// What a body held, or what was said instead.
#[derive(Default)]
pub struct ObservedBody {
    /// The `content-type` and `content-encoding` of it; others are not looked at.
    pub headers: HeaderMap,
    /// What was kept of it.
    pub content: ObservedContent,
}

/// What was kept of a body.
#[derive(Default)]
#[non_exhaustive]
pub enum ObservedContent {
    /// Nothing: there is none, or it was too large.
    #[default]
    Nothing,
    /// All of it, in parts.
    Whole(Vec<Bytes>),
    /// It ended early; what came until then.
    Part(Vec<Bytes>),
    /// What the application says of it. The request id and the priority of it are not looked at.
    Said(Box<Observed>),
}

/// Records the pairs of one model with its challengers. Made by [`LogHandle::pairs`](crate::LogHandle::pairs); clones are
/// cheap.
///
/// Pairs go through the log's queue and to its sinks, as predictions do, into a table of their own, whose
/// [columns](tiltmeter_record::schema::PAIR_COLUMNS) hold both answers side by side. They are no exchanges, and do not count
/// as such: their books are the [`PairLedger`], and in the report of each sink
/// [`SinkReport::pairs`](crate::SinkReport::pairs). What pairs cannot tell, such as how many requests the sample left out,
/// whoever makes them says by [`keep_books`](Self::keep_books): it is written with each heartbeat.
///
/// The worker decodes both answers by the model's spec, with the request, and applies its privacy policy. Where the request was
/// not kept, or cannot be read, the answers to a request of one instance can be. An answer that cannot be read, or that is of
/// other instances than the champion's, becomes a row with the error type `unreadable`; of a challenger's the row's bucket is
/// then `challenger_error`, though who offered the pair counts it as paired: [`PairLedger::unreadable`] is how many. Values that
/// do not fit and values that are masked are counted with those of the model's predictions, once for each side.
#[derive(Clone)]
pub struct PairLog {
    shared: Arc<Shared>,
    route: u16,
}

/// What a header takes beside its texts.
const HEADER_SIZE: usize = 104;

/// A pair in the queue.
#[derive(Debug)]
pub(crate) struct QueuedPair {
    pub(crate) route: u16,
    pub(crate) pair: ObservedPair,
}

impl PairLog {
    pub(crate) fn new(shared: Arc<Shared>, route: u16) -> Self {
        Self { shared, route }
    }

    /// Offers a pair to the log; tells whether it was taken. It never waits: a queue that is full, or closed, takes none. Nor is
    /// one taken whose inclusion probability is not above 0 and up to 1: no figure could be made of it.
    #[must_use = "it says whether the pair was taken"]
    pub fn record(&self, pair: ObservedPair) -> bool {
        let (weight, probability) = (pair.weight(), pair.inclusion_probability);
        let champion = &pair.champion;
        let has_failed =
            champion.error.is_some() || champion.status.is_some_and(|status| status.as_u16() >= 400);
        let priority = self.shared.priority(self.route, has_failed, None);
        let stratum = Stratum { route: self.route, size: SizeClass::of(weight), priority };
        let queued = QueuedPair { route: self.route, pair };
        // before the offer: the worker may be faster, and what is decoded must have been taken
        self.shared.pairs.taken();
        let is_probability = probability > 0.0 && probability <= 1.0;
        let item = Item::Pair(Box::new(queued));
        let is_taken = is_probability && self.shared.queue.offer_uncounted(item, weight, stratum);
        if !is_taken {
            self.shared.pairs.refused();
        }
        is_taken
    }

    /// Notes how it stands with a challenger: the latest books are written with each heartbeat, into a table of their
    /// [own](tiltmeter_record::schema::SHADOW_COLUMNS), and those that do not change any more, as the last ones of a shadow,
    /// with ten of them. As often as one likes: once a second, say.
    ///
    /// Those of 1,024 challengers are held, of all models together; beyond that the oldest go, with what was written of them.
    pub fn keep_books(&self, books: ShadowBooks) {
        self.shared.shadows.note(self.route, books);
    }

    /// The books of all pairs of the log as they stand.
    #[must_use]
    pub fn ledger(&self) -> PairLedger {
        self.shared.pairs.read()
    }
}

impl ObservedPair {
    /// Bytes of memory that it holds.
    fn weight(&self) -> u64 {
        let challenger = self.challenger.as_ref().map_or(0, |answer| answer.body.weight());
        let bodies = self.request.weight() + self.champion.body.weight() + challenger;
        (size_of::<QueuedPair>() + self.request_id.len() + bodies) as u64
    }

    /// What a decoder needs of the champion's side, and of the challenger's.
    pub(crate) fn captured(&mut self, route: u16) -> (Captured, Option<Captured>) {
        let Self { challenger_name, request_id, request, champion, challenger, .. } = self;
        let challenger = challenger.as_mut().map(|answer| {
            let mut captured = captured(route, request_id.as_bytes(), request, answer);
            // the version of a challenger that says none: the spec's is the champion's
            captured.said.get_or_insert_default().path_version = challenger_name.as_str().parse().ok();
            captured
        });
        (captured(route, request_id.as_bytes(), request, champion), challenger)
    }
}

fn captured(route: u16, id: &[u8], request: &ObservedBody, answer: &mut ObservedAnswer) -> Captured {
    let said = match &mut answer.body.content {
        ObservedContent::Said(observed) => {
            answer.error = answer.error.or(observed.error);
            Some(Box::new(Said {
                observations: std::mem::take(&mut observed.observations),
                ..Said::default()
            }))
        }
        _ => None,
    };
    Captured {
        route,
        request_id: RequestId::Taped,
        tape: Tape::of_parts(id, request.content.parts(), answer.body.content.parts()),
        status: answer.status,
        error: answer.error,
        latency: answer.latency,
        request_format: Format::of_request(&request.headers),
        response_format: Format::of(&answer.body.headers),
        said,
        ..Captured::default()
    }
}

impl ObservedBody {
    fn weight(&self) -> usize {
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            name.as_str().len() + value.len() + HEADER_SIZE
        };
        self.headers.iter().map(header).sum::<usize>() + self.content.weight()
    }
}

impl ObservedContent {
    fn weight(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Whole(parts) | Self::Part(parts) => {
                parts.iter().map(|part| part.len() + size_of::<Bytes>()).sum()
            }
            Self::Said(observed) => {
                observed.observations.as_slice().iter().map(Observation::memory_size).sum()
            }
        }
    }

    fn parts(&self) -> (&[Bytes], Extent) {
        match self {
            Self::Nothing | Self::Said(_) => (&[], Extent::Uncaptured),
            Self::Whole(parts) => (parts, Extent::Whole),
            Self::Part(parts) => (parts, Extent::Part),
        }
    }
}

/// Shows none of it: it has not been masked.
impl fmt::Debug for ObservedContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Whole(_) => "Whole",
            Self::Part(_) => "Part",
            Self::Said(_) => "Said",
        })
    }
}

impl fmt::Debug for ObservedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObservedBody").field("bytes", &self.weight()).finish_non_exhaustive()
    }
}

impl fmt::Debug for PairLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PairLog")
            .field("model", &self.shared.routes.model(self.route))
            .finish_non_exhaustive()
    }
}
