//! What the worker counts beside the ledgers: values that did not fit, and values that were masked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tiltmeter_record::MaskCounts;

/// So many values of a column did not fit it: they are NULL, and stand in `rescued`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfit {
    /// The model.
    pub model: Arc<str>,
    /// The column.
    pub column: Arc<str>,
    /// How many values.
    pub count: u64,
}

/// The privacy policy of a model has done something so many times.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Masked {
    /// The model.
    pub model: Arc<str>,
    /// What was done, or found: `dropped`, `hashed`, `email`, …: see [`MaskCounts::iter`].
    pub what: &'static str,
    /// How many times.
    pub count: u64,
}

/// The counts of all models, as the worker noted them last.
#[derive(Debug, Default)]
pub(crate) struct Tallies {
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    misfits: BTreeMap<(Arc<str>, Arc<str>), u64>,
    masked: BTreeMap<(Arc<str>, &'static str), u64>,
}

impl Tallies {
    /// Notes how many values of each column of a model did not fit, since the log began.
    pub(crate) fn note_misfits<'c>(&self, model: &Arc<str>, counts: impl Iterator<Item = (&'c str, u64)>) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        for (column, count) in counts {
            noted.misfits.insert((Arc::clone(model), column.into()), count);
        }
    }

    /// Notes what the policy of a model has done since the last time.
    pub(crate) fn note_masked(&self, model: &Arc<str>, counts: &MaskCounts) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        for (what, count) in counts.iter() {
            *noted.masked.entry((Arc::clone(model), what)).or_insert(0) += count;
        }
    }

    pub(crate) fn misfits(&self) -> Vec<Misfit> {
        let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let misfit = |((model, column), &count): (&(Arc<str>, Arc<str>), &u64)| Misfit {
            model: Arc::clone(model),
            column: Arc::clone(column),
            count,
        };
        noted.misfits.iter().map(misfit).collect()
    }

    pub(crate) fn masked(&self) -> Vec<Masked> {
        let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let masked = |((model, what), &count): (&(Arc<str>, &'static str), &u64)| Masked {
            model: Arc::clone(model),
            what,
            count,
        };
        noted.masked.iter().map(masked).collect()
    }
}
