//! What is written as JSON: the figures of the pairs as they are, by name; and all that was found.

use std::collections::BTreeMap;

use serde::Serialize;
use tiltmeter_monitor::Measured;
use tiltmeter_monitor::shadow::{Comparison, LabelledComparison, LatencyFigures, PairFigures};

/// The figures of the pairs as they are, and all that was found. A figure that does not exist is null.
#[derive(Debug, Serialize)]
pub struct Figures<'a> {
    /// Requests that the challenger should have answered, and did not.
    pub unpaired: u64,
    /// How many pairs there are, their decisions and scores.
    #[serde(flatten)]
    pub figures: &'a PairFigures,
    /// The champion's latencies over pairs.
    pub champion_latency_ms: &'a LatencyFigures,
    /// The challenger's latencies over pairs.
    pub challenger_latency_ms: &'a LatencyFigures,
    /// Which of the two is right; null without labels.
    pub labels: Option<&'a LabelledComparison>,
    /// The intervals that cover the truth in 95 of 100 cases, of the figures above.
    pub intervals: BTreeMap<&'static str, Option<(f64, f64)>>,
    /// All that was found, weighted by coverage.
    pub comparison: &'a Comparison,
}

impl<'a> Figures<'a> {
    /// Of a comparison.
    #[must_use]
    pub fn of(comparison: &'a Comparison) -> Self {
        let figures = &comparison.paired;
        let labels = comparison.paired_labelled.as_ref();
        let mut named = vec![
            ("agreement_rate", &figures.agreement_rate),
            ("cohen_kappa", &figures.cohen_kappa),
            ("pearson", &figures.pearson),
            ("spearman", &figures.spearman),
            ("ks", &figures.ks),
            ("psi", &figures.psi),
            ("wasserstein", &figures.wasserstein),
        ];
        named.extend(labels.into_iter().flat_map(|labels| {
            [
                ("roc_auc_difference", &labels.roc_auc_difference),
                ("brier_difference", &labels.brier_difference),
                ("log_loss_difference", &labels.log_loss_difference),
                ("accuracy_difference", &labels.accuracy_difference),
            ]
        }));
        let interval = |(name, figure): (&'static str, &Measured)| {
            (name, figure.estimate().and_then(|estimate| estimate.interval))
        };
        Self {
            unpaired: comparison.unpaired,
            champion_latency_ms: &comparison.paired_latency_ms.champion,
            challenger_latency_ms: &comparison.paired_latency_ms.challenger,
            labels,
            intervals: named.into_iter().map(interval).collect(),
            figures,
            comparison,
        }
    }
}
