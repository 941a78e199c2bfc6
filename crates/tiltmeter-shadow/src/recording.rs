//! Pairs into a log.

use std::sync::Arc;

use tiltmeter_log::{ObservedAnswer, ObservedBody, ObservedContent, ObservedPair, PairLog};
use tiltmeter_record::ShadowBooks;

use crate::pair::{Answer, Content, Pair, Recorder, SeenRequest};

/// The log decodes both answers along the model's spec, applies its privacy policy, and writes them side by side. The shadow
/// must be of routes of that one model.
impl Recorder for PairLog {
    fn record(&self, pair: Pair) -> bool {
        let Pair {
            request_id,
            challenger,
            bucket,
            inclusion_probability,
            timestamp,
            request,
            champion,
            answer,
        } = pair;
        Self::record(
            self,
            ObservedPair {
                challenger_name: challenger,
                request_id,
                timestamp,
                bucket,
                inclusion_probability,
                request: request.as_deref().map(body_of).unwrap_or_default(),
                // shared with the pairs of other challengers
                champion: match Arc::try_unwrap(champion) {
                    Ok(own) => observed(own),
                    Err(shared) => observed(shared.share()),
                },
                challenger: answer.map(observed),
            },
        )
    }

    fn keep_books(&self, books: ShadowBooks) {
        Self::keep_books(self, books);
    }
}

fn body_of(request: &SeenRequest) -> ObservedBody {
    ObservedBody { headers: request.headers.clone(), content: kept(request.content.share()) }
}

fn observed(answer: Answer) -> ObservedAnswer {
    let Answer { status, headers, content, latency, error, grpc_status: _ } = answer;
    ObservedAnswer { status, body: ObservedBody { headers, content: kept(content) }, latency, error }
}

fn kept(content: Content) -> ObservedContent {
    match content {
        Content::Nothing => ObservedContent::Nothing,
        Content::Body(copied) => ObservedContent::Whole(copied.chunks().cloned().collect()),
        Content::PartOfBody(copied) => ObservedContent::Part(copied.chunks().cloned().collect()),
        Content::Observed(observed) => ObservedContent::Said(observed),
    }
}

impl Answer {
    /// The same once more; bodies are shared.
    fn share(&self) -> Self {
        let Self { status, grpc_status, headers, content, latency, error } = self;
        Self {
            status: *status,
            grpc_status: *grpc_status,
            headers: headers.clone(),
            content: content.share(),
            latency: *latency,
            error: *error,
        }
    }
}

impl Content {
    fn share(&self) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Body(copied) => Self::Body(copied.clone()),
            Self::PartOfBody(copied) => Self::PartOfBody(copied.clone()),
            Self::Observed(observed) => Self::Observed(observed.clone()),
        }
    }
}
