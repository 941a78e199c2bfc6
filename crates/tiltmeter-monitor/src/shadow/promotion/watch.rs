//! A quantity against a threshold, looked at every day.

use tiltmeter_stats::{AsymptoticConfidenceSequence, Look, Result};

use super::criterion::{Criterion, CriterionBounds, CriterionName, CriterionState, Outlook};
use crate::performance::measured;
use crate::{Estimate, Measured};

/// On which side of the threshold a criterion is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Better {
    Above,
    Below,
}

/// How much of the error each side of a criterion may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Errors {
    pub(super) met: f64,
    pub(super) failed: f64,
}

/// Bounds of a quantity at the latest look, and on which side of a threshold they are.
///
/// Closer bounds of earlier looks are not used: they are bounds of what the quantity was on average until then, and it may
/// have changed since.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    met: AsymptoticConfidenceSequence,
    failed: AsymptoticConfidenceSequence,
    errors: Errors,
    pub(super) threshold: f64,
    better: Better,
    lower: f64,
    upper: f64,
}

impl Watch {
    /// `tuned_for` is the effective number of rows at which bounds are closest.
    pub(super) fn new(threshold: f64, better: Better, errors: Errors, tuned_for: f64) -> Result<Self> {
        let sequence = |alpha| AsymptoticConfidenceSequence::new(alpha, tuned_for.clamp(1.0, 1e15));
        Ok(Self {
            met: sequence(errors.met)?,
            failed: sequence(errors.failed)?,
            errors,
            threshold,
            better,
            lower: f64::NEG_INFINITY,
            upper: f64::INFINITY,
        })
    }

    /// Takes a look, of all that was seen until then. Too few rows for bounds leave them where they are.
    pub(super) fn take(&mut self, look: &Look) {
        let (of_lower, of_upper) = match self.better {
            Better::Above => (&self.met, &self.failed),
            Better::Below => (&self.failed, &self.met),
        };
        if let (Ok(below), Ok(above)) = (of_lower.bounds(look), of_upper.bounds(look)) {
            (self.lower, self.upper) = (below.lower, above.upper);
        }
    }

    pub(super) fn state(&self) -> CriterionState {
        let (above, below) = (self.lower > self.threshold, self.upper < self.threshold);
        let (met, failed) = match self.better {
            Better::Above => (above, below),
            Better::Below => (below, above),
        };
        match (met, failed) {
            (true, false) => CriterionState::Met,
            (false, true) => CriterionState::Failed,
            (true, true) | (false, false) => CriterionState::NotYet,
        }
    }

    pub(super) fn bounds(&self) -> Option<CriterionBounds> {
        let known = |bound: f64| bound.is_finite().then_some(bound);
        let (lower, upper) = (known(self.lower), known(self.upper));
        (lower.is_some() || upper.is_some()).then_some(CriterionBounds {
            lower,
            upper,
            error_of_met: self.errors.met,
            error_of_failed: self.errors.failed,
        })
    }

    /// When the bound of the side on which the estimate is will exclude the threshold.
    pub(super) fn outlook(&self, look: &Look, rows: u64, days: u64) -> Option<Outlook> {
        let is_good = match self.better {
            Better::Above => look.estimate > self.threshold,
            Better::Below => look.estimate < self.threshold,
        };
        let sequence = if is_good { &self.met } else { &self.failed };
        let size = sequence.size_to_exclude(look, self.threshold)?;
        let factor = (size / look.effective_size - 1.0).max(0.0);
        outlook(factor * rows as f64, rows, days)
    }

    /// The criterion by a look, or why there was none. `sentence` is of what was found; how it goes on is appended.
    pub(super) fn criterion(&mut self, name: CriterionName, found: Found) -> Criterion {
        let Found { look, rows, days } = found;
        let value = match &look {
            Ok(look) => {
                self.take(look);
                Measured::Known(Estimate::new(look.estimate, None, Some(look.standard_error)))
            }
            Err(error) => measured(Err(error.clone())),
        };
        let state = self.state();
        let outlook = match (&look, state) {
            (Ok(look), CriterionState::NotYet) => self.outlook(look, rows, days),
            _ => None,
        };
        Criterion {
            state,
            bounds: self.bounds(),
            threshold: Some(self.threshold),
            outlook,
            ..Criterion::new(name, value, rows)
        }
    }
}

/// A look, and of how many rows of how many days it is.
pub(super) struct Found {
    pub(super) look: Result<Look>,
    pub(super) rows: u64,
    pub(super) days: u64,
}

/// So many more rows, at least one, when `rows` came in `days`.
pub(super) fn outlook(more: f64, rows: u64, days: u64) -> Option<Outlook> {
    /// Nobody waits for as many.
    const MOST: f64 = 1e12;
    let more = more.ceil().max(1.0);
    let days = (more * days as f64 / rows as f64).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole numbers from 0 to 1e12"
    )]
    (more <= MOST && days <= MOST).then(|| Outlook { rows: more as u64, days: (days as u64).max(1) })
}
