//! The books of a challenger, as they stand.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{ModelName, ShadowLedger};

/// The books of one challenger, as they come with a heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShadowHeartbeat {
    /// The place of the heartbeat among its writer's, from 0.
    pub sequence: u64,
    /// The model whose champion is shadowed.
    pub model_name: Arc<str>,
    /// The books.
    pub books: ShadowBooks,
}

/// The books of one challenger of a shadow at one time, since the shadow started: what became of every request that it was
/// to see, and what that took.
///
/// They stand beside the pairs for what the pairs cannot tell: requests that the sample left out, and pairs that the log did
/// not take, are in no pair.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShadowBooks {
    /// What the shadow is called.
    pub shadow: ModelName,
    /// What the challenger is called.
    pub challenger: ModelName,
    /// When the shadow started (UTC). One that is started anew, in the same process and under the same name, counts from 0.
    pub started_at: Timestamp,
    /// When the books were read (UTC).
    pub at: Timestamp,
    /// Whether the shadow has ended: nothing comes after it.
    pub is_last: bool,
    /// What became of the requests.
    pub requests: ShadowLedger,
    /// What they took.
    pub usage: ShadowUsage,
}

/// What shadowing has taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShadowUsage {
    /// Bytes of the bodies of requests that this challenger was sent.
    pub request_bytes: u64,
    /// Bytes of the bodies of its answers, as far as they were read.
    pub answer_bytes: u64,
    /// CPU time that the shadow's threads have used, in microseconds: for all of its challengers together, and for the
    /// clients of those that run elsewhere.
    pub cpu_micros: u64,
}

impl ShadowHeartbeat {
    /// The books of a challenger of `model_name`, with the heartbeat at the place `sequence`.
    #[must_use]
    pub fn new(sequence: u64, model_name: Arc<str>, books: ShadowBooks) -> Self {
        Self { sequence, model_name, books }
    }
}

impl ShadowBooks {
    /// Books as they stood at `at`, of a shadow that started at `started_at`: without any request.
    #[must_use]
    pub fn new(shadow: ModelName, challenger: ModelName, started_at: Timestamp, at: Timestamp) -> Self {
        let (requests, usage) = (ShadowLedger::default(), ShadowUsage::default());
        Self { shadow, challenger, started_at, at, is_last: false, requests, usage }
    }
}
