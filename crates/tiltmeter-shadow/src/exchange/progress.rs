//! The champion's side of an exchange.

use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::{ErrorType, PairBucket};

use super::{RequestId, Seen};
use crate::core::{Core, Standing};
use crate::format::BodyFormat;
use crate::pair::{Answer, Content, Pair, SeenRequest};
use crate::tape::{Extent, Tape};

/// What is known of the champion's side so far.
#[derive(Default)]
pub(crate) struct Progress {
    pub(super) request_id: RequestId,
    /// Whether the request had no id, so that it may still get that of the response.
    pub(super) is_id_made: bool,
    pub(super) started: Duration,
    /// Bytes of the request that are accounted for, and have not come yet.
    pub(super) prepaid: u64,
    pub(super) seen: Option<Seen>,
    pub(super) request: Tape,
    pub(super) champion: Answer,
    pub(super) champion_format: BodyFormat,
    pub(super) response: Tape,
    pub(super) has_ended: bool,
    /// Whether what is to be said of the champion was not, as the observer panicked.
    pub(super) is_unobserved: bool,
}

impl Progress {
    /// Forgets all of it but its buffers.
    pub(super) fn release(&mut self) {
        let Self { request, response, .. } = std::mem::take(self);
        (self.request, self.response) = (request.released(), response.released());
    }

    pub(super) fn end(&mut self, now: Duration, error: Option<ErrorType>) {
        self.champion.latency = now.saturating_sub(self.started);
        self.champion.error = error;
        self.has_ended = true;
    }

    /// What all pairs of the exchange share.
    pub(super) fn take(&mut self, core: &Core) -> Parts {
        let mut champion = std::mem::take(&mut self.champion);
        champion.headers = std::mem::take(&mut self.champion_format).into_headers();
        if champion.status.is_some() {
            champion.content = match self.response.extent() {
                Extent::Whole => Content::Body(self.response.copied()),
                Extent::Open | Extent::Part => Content::PartOfBody(self.response.copied()),
                Extent::TooLarge | Extent::NoRoom => Content::Nothing,
            };
        }
        let age = core.clock.monotonic().saturating_sub(self.started);
        let timestamp = core.clock.wall();
        Parts {
            request_id: self.request_id.to_text(),
            // a clock before the year -9999 is beyond help
            timestamp: timestamp.checked_sub(age).unwrap_or(timestamp),
            request: self.seen.take().map(|seen| {
                let Seen { route, method, uri, format, content } = seen;
                let content = match (content, self.request.extent()) {
                    // no challenger got it
                    (Content::Nothing, Extent::Whole) => Content::Body(self.request.copied()),
                    (Content::Nothing, Extent::Part) => Content::PartOfBody(self.request.copied()),
                    (content, _) => content,
                };
                Arc::new(SeenRequest { route, method, uri, headers: format.into_headers(), content })
            }),
            champion: Arc::new(champion),
        }
    }
}

/// What all pairs of an exchange share.
pub(super) struct Parts {
    request_id: Arc<str>,
    timestamp: jiff::Timestamp,
    request: Option<Arc<SeenRequest>>,
    champion: Arc<Answer>,
}

impl Parts {
    /// What there is to record of one challenger.
    pub(super) fn pair(
        &self,
        standing: &Standing,
        bucket: PairBucket,
        probability: f64,
        answer: Option<Box<Answer>>,
    ) -> Pair {
        Pair {
            request_id: Arc::clone(&self.request_id),
            challenger: standing.name.clone(),
            bucket,
            inclusion_probability: probability,
            timestamp: self.timestamp,
            request: self.request.clone(),
            champion: Arc::clone(&self.champion),
            answer: answer.map(|answer| *answer),
        }
    }
}
