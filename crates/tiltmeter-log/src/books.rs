//! The counters behind the ledgers.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use tiltmeter_record::{
    Dropped, ExchangeDrop, ExchangeLedger, Ledgers, PredictionDrop, PredictionLedger, Reason,
};

/// Counters of what was dropped, by reason.
#[derive(Debug)]
struct DropCounters<R> {
    counts: Box<[AtomicU64]>,
    reason: std::marker::PhantomData<fn() -> R>,
}

impl<R: Reason> DropCounters<R> {
    fn new() -> Self {
        Self { counts: R::ALL.iter().map(|_| AtomicU64::new(0)).collect(), reason: std::marker::PhantomData }
    }

    fn add(&self, reason: R, count: u64) {
        self.counts[reason.index()].fetch_add(count, Relaxed);
    }

    fn read(&self) -> Dropped<R> {
        let mut dropped = Dropped::none();
        for &reason in R::ALL {
            dropped.add(reason, self.counts[reason.index()].load(Relaxed));
        }
        dropped
    }
}

/// The counters of one log, shared by the request path, the worker and the sink.
#[derive(Debug)]
pub(crate) struct Books {
    /// Exchanges that came to an open queue; those that came later count by
    /// their reason alone.
    exchanges_entered: AtomicU64,
    exchanges_decoded: AtomicU64,
    exchanges_dropped: DropCounters<ExchangeDrop>,
    exchanges_abandoned: AtomicU64,
    predictions_decoded: AtomicU64,
    predictions_written: AtomicU64,
    predictions_dropped: DropCounters<PredictionDrop>,
    predictions_abandoned: AtomicU64,
    last_failure: Mutex<Option<String>>,
}

impl Books {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            exchanges_entered: AtomicU64::new(0),
            exchanges_decoded: AtomicU64::new(0),
            exchanges_dropped: DropCounters::new(),
            exchanges_abandoned: AtomicU64::new(0),
            predictions_decoded: AtomicU64::new(0),
            predictions_written: AtomicU64::new(0),
            predictions_dropped: DropCounters::new(),
            predictions_abandoned: AtomicU64::new(0),
            last_failure: Mutex::new(None),
        })
    }

    pub(crate) fn exchange_entered(&self) {
        self.exchanges_entered.fetch_add(1, Relaxed);
    }

    pub(crate) fn exchange_dropped(&self, reason: ExchangeDrop) {
        self.exchanges_dropped.add(reason, 1);
    }

    pub(crate) fn exchange_decoded(&self, predictions: u64) {
        self.exchanges_decoded.fetch_add(1, Relaxed);
        self.predictions_decoded.fetch_add(predictions, Relaxed);
    }

    pub(crate) fn exchange_abandoned(&self) {
        self.exchanges_abandoned.fetch_add(1, Relaxed);
    }

    /// What the sink said when it last lost predictions.
    pub(crate) fn last_failure(&self) -> Option<String> {
        self.last_failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Both ledgers as they stand. They balance when nothing is under way: see [`Ledgers`].
    pub(crate) fn read(&self) -> Ledgers {
        // against the flow, so that nothing is seen to have left that was not seen to come
        let predictions = PredictionLedger {
            written: self.predictions_written.load(Relaxed),
            sampled_out: 0,
            dropped: self.predictions_dropped.read(),
            abandoned: self.predictions_abandoned.load(Relaxed),
            decoded: self.predictions_decoded.load(Relaxed),
        };
        let dropped = self.exchanges_dropped.read();
        let (decoded, abandoned) =
            (self.exchanges_decoded.load(Relaxed), self.exchanges_abandoned.load(Relaxed));
        // what comes to a closed queue is counted once, at any time, also after the queue has been drained: reading it
        // once for both sides keeps the ledger of a finished log in balance
        let late = dropped.by(ExchangeDrop::Closed) + dropped.by(ExchangeDrop::WorkerGone);
        let observed = self.exchanges_entered.load(Relaxed) + late;
        Ledgers { exchanges: ExchangeLedger { observed, decoded, dropped, abandoned }, predictions }
    }
}

/// The duty to deliver a number of predictions, handed to a sink together with them.
///
/// It is settled by [`written`](Self::written) or [`dropped`](Self::dropped). Whatever way a delivery goes out of
/// scope without either, be it an error path, a panic or a cancelled upload, its predictions count as abandoned: what
/// nobody has confirmed is not delivered.
#[derive(Debug)]
#[must_use = "a delivery that is dropped counts its predictions as abandoned"]
pub struct Delivery {
    rows: u64,
    books: Arc<Books>,
}

impl Delivery {
    pub(crate) fn new(rows: u64, books: Arc<Books>) -> Self {
        Self { rows, books }
    }

    /// Takes on `rows` more predictions, which have just been counted as decoded.
    pub(crate) fn add(&mut self, rows: u64) {
        self.rows += rows;
    }

    /// How many predictions are to be delivered.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes `rows` of the predictions, at most all of them, into a delivery of their own.
    pub fn split(&mut self, rows: u64) -> Self {
        let rows = rows.min(self.rows);
        self.rows -= rows;
        Self { rows, books: Arc::clone(&self.books) }
    }

    /// Joins `other` to this delivery.
    ///
    /// Deliveries of different logs are not joined: `other` is given back then.
    ///
    /// # Errors
    /// Gives `other` back when it belongs to another log.
    pub fn merge(&mut self, mut other: Self) -> Result<(), Self> {
        if !Arc::ptr_eq(&self.books, &other.books) {
            return Err(other);
        }
        self.rows += std::mem::take(&mut other.rows);
        Ok(())
    }

    /// Moves the duty for `rows` of the predictions to `other`, which is of the same log.
    #[cfg(feature = "parquet")]
    pub(crate) fn hand_over(&mut self, rows: u64, other: &mut Self) {
        debug_assert!(Arc::ptr_eq(&self.books, &other.books), "one sink serves one log");
        let rows = rows.min(self.rows);
        self.rows -= rows;
        other.rows += rows;
    }

    /// The predictions are where the sink's readers will find them.
    pub fn written(mut self) {
        let rows = std::mem::take(&mut self.rows);
        self.books.predictions_written.fetch_add(rows, Relaxed);
    }

    /// The predictions are lost for good; `why` is what a person has to know about it.
    pub fn dropped(mut self, reason: PredictionDrop, why: &dyn fmt::Display) {
        let rows = std::mem::take(&mut self.rows);
        self.books.predictions_dropped.add(reason, rows);
        let why = why.to_string();
        let mut last = self.books.last_failure.lock().unwrap_or_else(PoisonError::into_inner);
        // a sink that is down says the same over and over: that is told once, and counted each time
        if last.as_ref().is_none_or(|last| *last != why) {
            tracing::warn!(rows, reason = reason.as_str(), error = %why, "predictions were lost");
        }
        *last = Some(why);
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if self.rows > 0 {
            self.books.predictions_abandoned.fetch_add(self.rows, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_that_nobody_settles_is_abandoned() {
        let books = Books::new();
        books.exchange_entered();
        books.exchange_decoded(10);
        let mut delivery = Delivery::new(10, Arc::clone(&books));
        delivery.split(4).written();
        delivery.split(3).dropped(PredictionDrop::SinkFailed, &"the disk is full");
        assert!(!books.read().predictions.balances());
        drop(delivery);
        let predictions = books.read().predictions;
        assert_eq!((predictions.written, predictions.dropped.total(), predictions.abandoned), (4, 3, 3));
        assert!(books.read().balance());
    }

    #[test]
    fn merging_keeps_the_sum_and_splitting_never_exceeds_it() {
        let books = Books::new();
        let mut left = Delivery::new(3, Arc::clone(&books));
        left.merge(Delivery::new(4, Arc::clone(&books))).unwrap();
        assert_eq!(left.split(100).rows(), 7);
        assert_eq!(left.rows(), 0);
    }

    #[test]
    fn deliveries_of_two_logs_stay_apart() {
        let (mine, other) = (Books::new(), Books::new());
        let mut left = Delivery::new(1, Arc::clone(&mine));
        let back = left.merge(Delivery::new(2, Arc::clone(&other))).unwrap_err();
        back.written();
        assert_eq!(other.read().predictions.written, 2);
        left.written();
        assert_eq!(mine.read().predictions.written, 1);
    }
}
