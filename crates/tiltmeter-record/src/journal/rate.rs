//! Changes of sampling rates.

use std::sync::Arc;

use jiff::Timestamp;

/// From when on a model's rows are kept at another rate, and why.
///
/// It is for people and plots: what a row was kept with stands in the row.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateChange {
    /// Its place among the changes of its writer, from 0.
    pub sequence: u64,
    /// From when on the rate holds.
    pub at: Timestamp,
    /// The model.
    pub model_name: Arc<str>,
    /// Which rate: `base`, of rows that neither a rule nor a floor keeps more of, or `thinning`, the factor on all rates.
    pub rate: &'static str,
    /// What it was; `None` when the writer started.
    pub before: Option<f64>,
    /// What it is, in (0, 1].
    pub after: f64,
    /// Why: `start`, `volume` or `budget`.
    pub because: &'static str,
    /// What the fleet was taken to predict in a day; `None` where that was not known.
    pub fleet_predictions_per_day: Option<f64>,
}

impl RateChange {
    /// A change of `rate` to `after`, at a writer's start.
    #[must_use]
    pub fn at_start(
        sequence: u64,
        at: Timestamp,
        model_name: Arc<str>,
        rate: &'static str,
        after: f64,
    ) -> Self {
        Self {
            sequence,
            at,
            model_name,
            rate,
            before: None,
            after,
            because: "start",
            fleet_predictions_per_day: None,
        }
    }
}
