//! One duty that several have to do: predictions that count as written when all parts of a sink have written them.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::ops::Range;
use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{AcqRel, Acquire, Release},
};
use std::sync::{Arc, Mutex, PoisonError};

use tiltmeter_record::PredictionDrop;

use super::delivery::{Delivery, Receipt, Signed};

/// What the parts have said of one prediction so far, the better word first: the worst one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    Written,
    Abandoned,
    Dropped(PredictionDrop),
}

/// Predictions that were given to several parts together.
///
/// Each of the parts settles each of the predictions once, at the latest when it drops its delivery. When all have done
/// so, the last share of the lot is gone, and the lot settles the delivery that it was made of, prediction by prediction.
struct Lot {
    delivery: Option<Delivery>,
    settled: Mutex<Settled>,
}

struct Settled {
    /// By the place of the prediction in the delivery.
    fates: Box<[Fate]>,
    /// Why predictions were dropped last.
    why: String,
}

/// The predictions at some places of a lot.
struct Stretch {
    lot: Arc<Lot>,
    places: Range<usize>,
}

/// What one part holds of one or more lots, in the order in which it got them.
#[derive(Default)]
pub(super) struct Shares(VecDeque<Stretch>);

impl Shares {
    /// Moves the first `rows` predictions into shares of their own.
    pub(super) fn split(&mut self, rows: u64) -> Self {
        let mut taken = Self::default();
        self.hand_over(rows, &mut taken);
        taken
    }

    /// Moves the first `rows` predictions to the end of `other`.
    pub(super) fn hand_over(&mut self, rows: u64, other: &mut Self) {
        let mut left = usize::try_from(rows).unwrap_or(usize::MAX);
        while left > 0
            && let Some(first) = self.0.front_mut()
        {
            if first.places.len() <= left {
                left -= first.places.len();
                if let Some(whole) = self.0.pop_front() {
                    other.push(whole);
                }
            } else {
                let until = first.places.start + left;
                let places = mem::replace(&mut first.places.start, until)..until;
                left = 0;
                other.push(Stretch { lot: Arc::clone(&first.lot), places });
            }
        }
    }

    fn push(&mut self, stretch: Stretch) {
        match self.0.back_mut() {
            Some(last) if Arc::ptr_eq(&last.lot, &stretch.lot) && last.places.end == stretch.places.start => {
                last.places.end = stretch.places.end;
            }
            _ => self.0.push_back(stretch),
        }
    }

    /// Settles all of the predictions, for this part.
    pub(super) fn settle(self, fate: Fate, why: Option<&dyn fmt::Display>) {
        for Stretch { lot, places } in self.0 {
            let mut settled = lot.settled.lock().unwrap_or_else(PoisonError::into_inner);
            for said in settled.fates.get_mut(places).into_iter().flatten() {
                // of two reasons for which it was dropped the first counts
                if !matches!(said, Fate::Dropped(_)) {
                    *said = fate.max(*said);
                }
            }
            if let Some(why) = why {
                settled.why = why.to_string();
            }
        }
    }
}

impl fmt::Debug for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shares").field("stretches", &self.0.len()).finish()
    }
}

impl Drop for Lot {
    fn drop(&mut self) {
        let Some(mut delivery) = self.delivery.take() else { return };
        let Settled { fates, why } = self.settled.get_mut().unwrap_or_else(PoisonError::into_inner);
        for alike in fates.chunk_by(|one, next| one == next) {
            let rows = delivery.split(alike.len() as u64);
            match alike.first() {
                Some(Fate::Written) => rows.written(),
                Some(Fate::Dropped(reason)) => rows.dropped(*reason, why),
                Some(Fate::Abandoned) | None => drop(rows),
            }
        }
    }
}

impl Delivery {
    /// Makes one delivery for each of `parts` out of this one, each for all of the predictions.
    ///
    /// A prediction counts as written when every part has written it; as dropped, for the reason that was given first, if
    /// a part dropped it; and else as abandoned, if a part abandoned it. It is settled when the last part has settled all of
    /// the predictions that this delivery is for, and it takes a byte until then.
    ///
    /// Which predictions a part has split off is known by their order: a part that settles them out of order, against what
    /// [`split`](Self::split) says, still has each of them counted once, but maybe another one counted as lost.
    ///
    /// Without parts nobody delivers anything: the predictions are abandoned.
    #[must_use = "deliveries that are dropped count their predictions as abandoned"]
    pub fn fan_out(self, parts: usize) -> Vec<Self> {
        let (rows, model, books) = (self.rows(), self.model(), Arc::clone(self.books()));
        let places = usize::try_from(rows).unwrap_or(usize::MAX);
        if parts == 0 {
            return Vec::new();
        }
        let settled = Settled { fates: vec![Fate::Written; places].into(), why: String::new() };
        let lot = Arc::new(Lot { delivery: Some(self), settled: Mutex::new(settled) });
        let share = || {
            let stretch = Stretch { lot: Arc::clone(&lot), places: 0..places };
            Self::joint(rows, model, Arc::clone(&books), Shares(VecDeque::from([stretch])))
        };
        (0..parts).map(|_| share()).collect()
    }
}

/// A receipt that counts when all of several have been signed.
#[derive(Debug)]
pub(super) struct JointReceipt {
    missing: AtomicUsize,
    /// Whether one of them has written the journal: those that keep none do not count then.
    is_written: AtomicBool,
    receipt: Mutex<Option<Receipt>>,
}

impl JointReceipt {
    pub(super) fn signed(&self, signed: Signed) {
        if signed == Signed::Written {
            self.is_written.store(true, Release);
        }
        if self.missing.fetch_sub(1, AcqRel) == 1
            && let Some(receipt) = self.receipt.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            receipt.sign(if self.is_written.load(Acquire) { Signed::Written } else { Signed::Declined });
        }
    }
}

impl Receipt {
    /// Makes one receipt for each of `parts` out of this one: it is signed when all of them are.
    #[must_use = "a receipt that is dropped says that the journal was not written"]
    pub fn fan_out(self, parts: usize) -> Vec<Self> {
        let joint = Arc::new(JointReceipt {
            missing: AtomicUsize::new(parts),
            is_written: AtomicBool::new(false),
            receipt: Mutex::new(Some(self)),
        });
        (0..parts).map(|_| Self::joint(Arc::clone(&joint))).collect()
    }
}

#[cfg(test)]
mod tests;
