//! The duty to deliver.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicU8,
    Ordering::{AcqRel, Acquire, Release},
};
use std::time::Duration;

use tiltmeter_record::PredictionDrop;

use super::SinkBooks;
use super::joint::{Fate, JointReceipt, Shares};

/// The duty to deliver a number of predictions of one model, handed to a sink together with them.
///
/// It is settled by [`written`](Self::written) or [`dropped`](Self::dropped). Whatever way a delivery goes out of
/// scope without either, be it an error path, a panic or a cancelled upload, its predictions count as abandoned: what
/// nobody has confirmed is not delivered.
#[derive(Debug)]
#[must_use = "a delivery that is dropped counts its predictions as abandoned"]
pub struct Delivery {
    rows: u64,
    model: u16,
    books: Arc<SinkBooks>,
    /// Which predictions they are, where others have to deliver them as well.
    shares: Option<Shares>,
}

impl Delivery {
    /// A duty for nothing yet.
    pub(crate) fn new(model: u16, books: Arc<SinkBooks>) -> Self {
        Self { rows: 0, model, books, shares: None }
    }

    /// A duty that others have as well.
    pub(super) fn joint(rows: u64, model: u16, books: Arc<SinkBooks>, shares: Shares) -> Self {
        Self { rows, model, books, shares: Some(shares) }
    }

    /// Takes on `rows` more predictions, which have just been decoded.
    pub(crate) fn add(&mut self, rows: u64) {
        debug_assert!(self.shares.is_none(), "what is shared is complete");
        self.books.decoded(rows);
        self.rows += rows;
    }

    /// How many predictions are to be delivered.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn model(&self) -> u16 {
        self.model
    }

    pub(super) fn books(&self) -> &Arc<SinkBooks> {
        &self.books
    }

    /// Takes the first `rows` of the predictions, at most all of them, into a delivery of their own. The order is that of
    /// the batch, and of the batches whose deliveries have been merged.
    pub fn split(&mut self, rows: u64) -> Self {
        let rows = rows.min(self.rows);
        self.rows -= rows;
        let shares = self.shares.as_mut().map(|shares| shares.split(rows));
        Self { rows, model: self.model, books: Arc::clone(&self.books), shares }
    }

    /// Joins `other` to this delivery, at its end.
    ///
    /// # Errors
    /// Gives `other` back when it is of another model, or belongs to another sink or log.
    pub fn merge(&mut self, mut other: Self) -> Result<(), Self> {
        if !self.is_like(&other) {
            return Err(other);
        }
        let rows = std::mem::take(&mut other.rows);
        self.take_over(rows, &mut other.shares);
        Ok(())
    }

    fn take_over(&mut self, rows: u64, from: &mut Option<Shares>) {
        self.rows += rows;
        if let (Some(shares), Some(from)) = (&mut self.shares, from) {
            from.hand_over(rows, shares);
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.model == other.model
            && Arc::ptr_eq(&self.books, &other.books)
            && self.shares.is_some() == other.shares.is_some()
    }

    /// Moves the duty for the first `rows` of the predictions to `other`, which is of the same model and sink.
    #[cfg(feature = "parquet")]
    pub(crate) fn hand_over(&mut self, rows: u64, other: &mut Self) {
        debug_assert!(self.is_like(other), "one sink serves one log, and a file one model");
        let rows = rows.min(self.rows);
        self.rows -= rows;
        other.take_over(rows, &mut self.shares);
    }

    /// The predictions are where the sink's readers will find them.
    pub fn written(mut self) {
        let rows = std::mem::take(&mut self.rows);
        match self.shares.take() {
            Some(shares) => shares.settle(Fate::Written, None),
            None => self.books.written(rows),
        }
    }

    /// The first `rows` of the predictions are not for the sink: sampling leaves them out.
    pub(crate) fn sampled_out(&mut self, rows: u64) {
        debug_assert!(self.shares.is_none(), "sampling comes before the sinks");
        let rows = rows.min(self.rows);
        self.rows -= rows;
        self.books.sampled_out(rows);
    }

    /// The predictions are lost for good; `why` is what a person has to know about it. It must not hold values of
    /// predictions: it goes to logs.
    pub fn dropped(mut self, reason: PredictionDrop, why: &dyn fmt::Display) {
        let rows = std::mem::take(&mut self.rows);
        match self.shares.take() {
            Some(shares) => shares.settle(Fate::Dropped(reason), Some(why)),
            None if rows > 0 => self.books.dropped(self.model, reason, rows, why),
            None => {}
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        match self.shares.take() {
            Some(shares) => shares.settle(Fate::Abandoned, None),
            None if self.rows > 0 => self.books.abandoned(self.rows),
            None => {}
        }
    }
}

/// The wish to know whether a [`Journal`](tiltmeter_record::Journal) has been written.
///
/// A receipt that is dropped says nothing: the log takes the journal for not written, and brings its gaps again with a
/// later one. They have the sequences that they had, by which readers recognise copies.
#[derive(Debug)]
pub struct Receipt {
    own: Option<Own>,
    joint: Vec<Arc<JointReceipt>>,
}

/// Receipts of one sink, in one.
#[derive(Debug)]
struct Own {
    /// When the latest canary was sent that the journals are the answer to.
    canary: Option<Duration>,
    books: Arc<SinkBooks>,
    signatures: Vec<Pen>,
}

/// Receipts that are signed together, at most; older ones are let go, and their gaps come again.
const MOST_TOGETHER: usize = 4_096;

impl Receipt {
    pub(crate) fn new(canary: Option<Duration>, books: Arc<SinkBooks>) -> Self {
        Self { own: Some(Own { canary, books, signatures: Vec::new() }), joint: Vec::new() }
    }

    /// A receipt, and what tells whether it was signed.
    pub(crate) fn watched(canary: Option<Duration>, books: Arc<SinkBooks>) -> (Self, Signature) {
        let signature = Signature::default();
        let pen = Pen(signature.clone());
        (Self { own: Some(Own { canary, books, signatures: vec![pen] }), joint: Vec::new() }, signature)
    }

    pub(super) fn joint(joint: Arc<JointReceipt>) -> Self {
        Self { own: None, joint: vec![joint] }
    }

    /// Makes one receipt of this one and that of an `earlier` journal, for a sink that writes both together.
    #[must_use = "a receipt that is dropped says that the journal was not written"]
    pub fn with_earlier(mut self, earlier: Self) -> Self {
        match (&mut self.own, earlier.own) {
            (Some(own), Some(earlier)) if Arc::ptr_eq(&own.books, &earlier.books) => {
                own.canary = own.canary.max(earlier.canary);
                own.signatures = join(earlier.signatures, std::mem::take(&mut own.signatures));
            }
            (own @ None, Some(earlier)) => *own = Some(earlier),
            // of another sink: nobody has them both
            (_, Some(_) | None) => {}
        }
        self.joint = join(earlier.joint, self.joint);
        self
    }

    /// The journal is where the sink's readers will find it.
    pub fn written(self) {
        self.sign(Signed::Written);
    }

    /// The sink has no place for journals, so that there is nothing to bring again. What was lost stands nowhere beside
    /// the predictions then.
    pub fn declined(self) {
        self.sign(Signed::Declined);
    }

    pub(super) fn sign(self, signed: Signed) {
        if let Some(Own { canary, books, signatures }) = self.own {
            if signed == Signed::Written {
                books.journal_written(canary);
            }
            signatures.into_iter().for_each(|pen| pen.sign(signed));
        }
        self.joint.into_iter().for_each(|joint| joint.signed(signed));
    }
}

/// The earlier ones before the later ones, as many as are kept.
fn join<T>(mut earlier: Vec<T>, later: Vec<T>) -> Vec<T> {
    earlier.extend(later);
    let excess = earlier.len().saturating_sub(MOST_TOGETHER);
    earlier.drain(..excess);
    earlier
}

/// What a sink has said of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    Written,
    /// The sink keeps no journals.
    Declined,
}

const LOST: u8 = 1;
const WRITTEN: u8 = 2;
const DECLINED: u8 = 3;

/// What has become of a receipt.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signature(Arc<AtomicU8>);

impl Signature {
    pub(crate) fn read(&self) -> Option<Result<Signed, Unsigned>> {
        match self.0.load(Acquire) {
            LOST => Some(Err(Unsigned)),
            WRITTEN => Some(Ok(Signed::Written)),
            DECLINED => Some(Ok(Signed::Declined)),
            _ => None,
        }
    }
}

/// The receipt was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unsigned;

/// Signs once.
#[derive(Debug)]
struct Pen(Signature);

impl Pen {
    fn sign(self, signed: Signed) {
        let signed = match signed {
            Signed::Written => WRITTEN,
            Signed::Declined => DECLINED,
        };
        self.0.0.store(signed, Release);
    }
}

impl Drop for Pen {
    fn drop(&mut self) {
        // what was signed stays so
        let _ = self.0.0.compare_exchange(0, LOST, AcqRel, Acquire);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(books: &Arc<SinkBooks>, model: u16, rows: u64) -> Delivery {
        let mut delivery = Delivery::new(model, Arc::clone(books));
        delivery.add(rows);
        delivery
    }

    #[test]
    fn a_delivery_that_nobody_settles_is_abandoned() {
        let books = SinkBooks::new("test".into(), 1);
        let mut delivery = delivery(&books, 0, 10);
        delivery.split(4).written();
        delivery.split(3).dropped(PredictionDrop::SinkFailed, &"the disk is full");
        assert!(!books.read().balances());
        drop(delivery);
        let predictions = books.read();
        assert_eq!((predictions.written, predictions.dropped.total(), predictions.abandoned), (4, 3, 3));
        assert!(predictions.balances());
    }

    #[test]
    fn what_is_sampled_out_is_owed_no_more() {
        let books = SinkBooks::new("test".into(), 1);
        let mut delivery = delivery(&books, 0, 10);
        delivery.sampled_out(7);
        assert_eq!(delivery.rows(), 3);
        delivery.sampled_out(5);
        delivery.written();
        assert_eq!((books.read().sampled_out, books.read().balances()), (10, true));
    }

    #[test]
    fn merging_keeps_the_sum_and_splitting_never_exceeds_it() {
        let books = SinkBooks::new("test".into(), 1);
        let mut left = delivery(&books, 0, 3);
        left.merge(delivery(&books, 0, 4)).unwrap();
        assert_eq!(left.split(100).rows(), 7);
        assert_eq!(left.rows(), 0);
    }

    #[test]
    fn deliveries_of_two_sinks_or_models_stay_apart() {
        let (mine, other) = (SinkBooks::new("mine".into(), 2), SinkBooks::new("other".into(), 2));
        let mut left = delivery(&mine, 0, 1);
        let back = left.merge(delivery(&other, 0, 2)).unwrap_err();
        back.written();
        assert_eq!(other.read().written, 2);
        left.merge(delivery(&mine, 1, 5)).unwrap_err().dropped(PredictionDrop::SinkFailed, &"full");
        left.written();
        assert_eq!(mine.read().written, 1);
        assert_eq!(mine.losses().collect::<Vec<_>>(), [(1, PredictionDrop::SinkFailed, 5)]);
    }

    #[test]
    fn only_a_receipt_that_is_signed_counts() {
        let books = SinkBooks::new("test".into(), 1);
        let sent = Duration::from_secs(7);
        drop(Receipt::new(Some(sent), Arc::clone(&books)));
        Receipt::new(None, Arc::clone(&books)).written();
        assert_eq!(books.latest_canary(), None);
        Receipt::new(Some(sent), Arc::clone(&books)).written();
        Receipt::new(Some(sent / 2), Arc::clone(&books)).written();
        assert_eq!(books.latest_canary(), Some(sent), "an older one that comes later proves nothing new");
    }

    #[test]
    fn a_signature_tells_what_became_of_the_receipt() {
        let books = SinkBooks::new("test".into(), 1);
        let watched = || Receipt::watched(None, Arc::clone(&books));
        let (receipt, signature) = watched();
        assert_eq!(signature.read(), None);
        drop(receipt);
        assert_eq!(signature.read(), Some(Err(Unsigned)));
        let (receipt, signature) = watched();
        receipt.declined();
        assert_eq!(signature.read(), Some(Ok(Signed::Declined)));
        let (earlier, first) = watched();
        let (later, second) = watched();
        later.with_earlier(earlier).written();
        assert_eq!([first.read(), second.read()], [Some(Ok(Signed::Written)); 2]);
    }

    #[test]
    fn what_several_have_signed_is_signed_whatever_is_declined() {
        let books = SinkBooks::new("test".into(), 1);
        for (words, expected) in [
            ([Some(Signed::Declined), Some(Signed::Written)], Some(Ok(Signed::Written))),
            ([Some(Signed::Written), Some(Signed::Declined)], Some(Ok(Signed::Written))),
            ([Some(Signed::Declined), Some(Signed::Declined)], Some(Ok(Signed::Declined))),
            ([Some(Signed::Written), None], Some(Err(Unsigned))),
        ] {
            let (receipt, signature) = Receipt::watched(None, Arc::clone(&books));
            for (part, word) in receipt.fan_out(2).into_iter().zip(words) {
                assert_eq!(signature.read(), None);
                let (later, _) = Receipt::watched(None, Arc::clone(&books));
                let part = later.with_earlier(part);
                if let Some(word) = word {
                    part.sign(word);
                }
            }
            assert_eq!(signature.read(), expected, "{words:?}");
        }
    }

    #[test]
    fn receipts_that_wait_together_are_bounded() {
        let books = SinkBooks::new("test".into(), 1);
        let (first, oldest) = Receipt::watched(None, Arc::clone(&books));
        let mut kept = first;
        for _ in 0..MOST_TOGETHER {
            kept = Receipt::watched(None, Arc::clone(&books)).0.with_earlier(kept);
        }
        assert_eq!(oldest.read(), Some(Err(Unsigned)));
        kept.written();
    }
}
