//! All that is found of a champion and a challenger.

use jiff::Timestamp;
use serde::Serialize;

use super::coverage::Coverage;
use super::density::ScoreDensity;
use super::disagreements::Disagreements;
use super::failures::Failures;
use super::figures::PairFigures;
use super::groups::GroupComparison;
use super::labelled::LabelledComparison;
use super::latency::{LatencyComparison, LatencyHistogram, LatencySla};
use super::noise::NoiseFloor;

/// All that is found of a champion and a challenger: what a report shows, and a verdict rests on.
///
/// It serialises with a number, or null, for each figure; intervals and reasons are in the fields.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// The model.
    pub model: String,
    /// The champion's versions among the requests, in ascending order.
    pub champions: Vec<String>,
    /// The challenger's.
    pub challengers: Vec<String>,
    /// The first and the last event time; `None` when none is known.
    pub seen: Option<(Timestamp, Timestamp)>,
    /// Requests with a pair.
    pub pairs: u64,
    /// Requests that were chosen and have none.
    pub unpaired: u64,
    /// Which requests have a pair, and what the pairs stand for.
    pub coverage: Coverage,
    /// How the two answer. Pairs stand for all chosen requests: these are the figures to judge by.
    pub overall: PairFigures,
    /// The same with the weights of inclusion probabilities alone: what the pairs themselves show.
    pub paired: PairFigures,
    /// How long the two take, to judge by: pairs, and timeouts, which count as the time that the challenger was waited
    /// for, or longer. Errors are no answers, however fast, and have no latency: the pairs and timeouts of their cell stand
    /// for them, and they count among the [`failures`](Self::failures).
    pub latency_ms: LatencyComparison,
    /// How long they take over pairs alone, with the weights of inclusion probabilities alone. It describes, and proves
    /// nothing: a challenger that hangs has no pair.
    pub paired_latency_ms: LatencyComparison,
    /// The latencies to judge by against what is promised; `None` when nothing is.
    pub latency_sla: Option<LatencySla>,
    /// How often the two fail.
    pub failures: Failures,
    /// What the champion's own noise leaves of the disagreement; `None` without a second instance of it.
    pub noise_floor: Option<NoiseFloor>,
    /// Which of the two is right; `None` when labels are not looked at.
    pub labelled: Option<LabelledComparison>,
    /// The same with the weights of inclusion probabilities alone.
    pub paired_labelled: Option<LabelledComparison>,
    /// By stratum of the champion's score, ascending.
    pub strata: Vec<GroupComparison>,
    /// By segment, the values by their number of pairs.
    pub segments: Vec<GroupComparison>,
    /// By UTC day, the latest 800.
    pub days: Vec<GroupComparison>,
    /// Disagreements for a person to look at.
    pub disagreements: Disagreements,
    /// The scores of both together; `None` when no pair has both.
    pub score_density: Option<ScoreDensity>,
    /// The latencies to judge by; `None` when there are none.
    pub latency_histogram: Option<LatencyHistogram>,
    /// What could not be done or was left out, a sentence each.
    pub notes: Vec<String>,
}
