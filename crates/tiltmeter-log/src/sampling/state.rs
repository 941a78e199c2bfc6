//! How the sampling of a model stands, for whoever looks from outside of the worker.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use tiltmeter_sample::{Rule, RuleCount, RulesEatSaving, Totals};

/// How the sampling of a model stands, as the worker noted it last: within a second or so.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SamplingState {
    /// The model.
    pub model: Arc<str>,
    /// The rate of rows that neither a rule nor a floor keeps more of, before thinning.
    pub base_rate: f64,
    /// The factor on all rates: below 1 where lowering the base rate alone does not keep the budget.
    pub thinning: f64,
    /// What has been decided since the log began.
    pub totals: Totals,
    /// The share of all predictions of the last interval that were kept by rules only. `None`: it had none.
    pub kept_by_rules_share: Option<f64>,
    /// What each rule has come to since the log began.
    pub rules: Vec<RuleTotals>,
    /// What the fleet was taken to predict in a day when the rates were set; `None` where that is not known.
    pub fleet_predictions_per_day: Option<f64>,
    /// Rows that wait for a challenger's answer.
    pub waiting: u64,
    /// Rows that have waited, and were decided before all had answered who were waited for.
    pub unanswered: u64,
    /// Told as long as rules eat what sampling was to save.
    pub warning: Option<RulesEatSaving>,
}

/// What a rule has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleTotals {
    /// The rule.
    pub rule: Rule,
    /// Predictions that it matched, or another row of their request.
    pub matched: u64,
    /// Of these, rows that were kept.
    pub kept: u64,
}

impl RuleTotals {
    pub(super) fn none(rule: Rule) -> Self {
        Self { rule, matched: 0, kept: 0 }
    }

    pub(super) fn plus(self, count: RuleCount) -> Self {
        Self { matched: self.matched + count.matched, kept: self.kept + count.kept, ..self }
    }
}

/// What passes between the worker and whoever looks from outside.
#[derive(Debug)]
pub(crate) struct SamplingDesk {
    state: Mutex<SamplingState>,
    /// The bits of what the fleet predicts in a day, as it was told last; [`NOTHING_TOLD`] once the worker knows.
    fleet: AtomicU64,
}

/// The bits of a number that is no volume.
const NOTHING_TOLD: u64 = u64::MAX;

impl SamplingDesk {
    pub(super) fn new(state: SamplingState) -> Self {
        Self { state: Mutex::new(state), fleet: AtomicU64::new(NOTHING_TOLD) }
    }

    pub(crate) fn read(&self) -> SamplingState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note(&self, state: SamplingState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Tells what the fleet predicts in a day; returns whether it is a volume.
    pub(crate) fn tell_fleet(&self, predictions_per_day: f64) -> bool {
        let is_volume = predictions_per_day >= 0.0 && predictions_per_day.is_finite();
        if is_volume {
            self.fleet.store(predictions_per_day.to_bits(), Relaxed);
        }
        is_volume
    }

    /// What was told since the last time.
    pub(super) fn take_fleet(&self) -> Option<f64> {
        if self.fleet.load(Relaxed) == NOTHING_TOLD {
            return None;
        }
        let bits = self.fleet.swap(NOTHING_TOLD, Relaxed);
        (bits != NOTHING_TOLD).then(|| f64::from_bits(bits))
    }
}
