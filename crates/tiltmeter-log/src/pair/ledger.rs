//! The books of the pairs on their way to the sinks.

use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

/// What became of the pairs that were offered to a log, before they came to its sinks.
///
/// `offered = decoded + refused + abandoned + under way`, and nothing is under way once the log has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PairLedger {
    /// Offers.
    pub offered: u64,
    /// Decoded, and handed to the sinks.
    pub decoded: u64,
    /// Refused, because the queue was full or closed: whoever offered them was told.
    pub refused: u64,
    /// Taken, and neither decoded nor under way any more: the log ended before.
    pub abandoned: u64,
    /// Of the decoded ones, those in which an answer could not be read.
    pub unreadable: u64,
}

impl PairLedger {
    /// Whether every pair is accounted for. While a log runs those that are under way are not.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.offered == self.decoded + self.refused + self.abandoned
    }
}

/// What is left goes first in the books, so that nothing is seen to have left that was not seen to come.
#[derive(Debug, Default)]
pub(crate) struct PairBooks {
    offered: AtomicU64,
    decoded: AtomicU64,
    refused: AtomicU64,
    abandoned: AtomicU64,
    unreadable: AtomicU64,
}

impl PairBooks {
    pub(crate) fn taken(&self) {
        self.offered.fetch_add(1, Relaxed);
    }

    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Release);
    }

    pub(crate) fn decoded(&self, is_unreadable: bool) {
        self.unreadable.fetch_add(is_unreadable.into(), Relaxed);
        self.decoded.fetch_add(1, Release);
    }

    pub(crate) fn abandoned(&self) {
        self.abandoned.fetch_add(1, Release);
    }

    pub(crate) fn read(&self) -> PairLedger {
        let (decoded, refused) = (self.decoded.load(Acquire), self.refused.load(Acquire));
        let abandoned = self.abandoned.load(Acquire);
        let unreadable = self.unreadable.load(Relaxed);
        PairLedger { offered: self.offered.load(Relaxed), decoded, refused, abandoned, unreadable }
    }
}
