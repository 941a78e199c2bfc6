//! A pair: what champion and challenger answered to one instance of one request.

mod bucket;
mod ledger;

use std::sync::Arc;

pub use bucket::PairBucket;
pub use ledger::ShadowLedger;

use crate::{ModelName, ModelSpec, Prediction, Rescued, WriterId};

/// What is recorded of one instance of a request that a challenger was to see as well.
///
/// There is one where no pair came to be, too: it says why, and has what the champion answered, so that it is known of
/// what kind the pairs are that are missing. Both answers have been masked, and what they have of features, raw input,
/// rankings and generated text is not written again: those stand in the table of predictions, under the same request id.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The place of this record among its writer's pairs, of all models and challengers, from 0 and without holes for what was
    /// decoded.
    pub sequence: u64,
    /// Whether there is a pair, or why not.
    pub bucket: PairBucket,
    /// The probability with which the request was to be shown to the challenger, above 0 and up to 1.
    pub inclusion_probability: f64,
    /// What the champion answered. Its times, keys and segments are the pair's.
    pub champion: Prediction,
    /// What the challenger answered; `None` if it was not asked.
    pub challenger: Option<Prediction>,
}

/// A side of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The version whose answer the client gets.
    Champion,
    /// The version that is tried.
    Challenger,
}

/// What the columns of a side are called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SideColumns {
    pub(crate) model_version: &'static str,
    pub(crate) prediction: &'static str,
    pub(crate) score: &'static str,
    pub(crate) class_probabilities: &'static str,
    pub(crate) latency_ms: &'static str,
    pub(crate) status: &'static str,
    pub(crate) error_type: &'static str,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Champion, Self::Challenger];

    pub(crate) const fn columns(self) -> SideColumns {
        match self {
            Self::Champion => SideColumns {
                model_version: "champion_model_version",
                prediction: "champion_prediction",
                score: "champion_score",
                class_probabilities: "champion_class_probabilities",
                latency_ms: "champion_latency_ms",
                status: "champion_status",
                error_type: "champion_error_type",
            },
            Self::Challenger => SideColumns {
                model_version: "challenger_model_version",
                prediction: "challenger_prediction",
                score: "challenger_score",
                class_probabilities: "challenger_class_probabilities",
                latency_ms: "challenger_latency_ms",
                status: "challenger_status",
                error_type: "challenger_error_type",
            },
        }
    }
}

impl Pair {
    /// What that side answered.
    #[must_use]
    pub fn answer(&self, side: Side) -> Option<&Prediction> {
        match side {
            Side::Champion => Some(&self.champion),
            Side::Challenger => self.challenger.as_ref(),
        }
    }

    /// The rescued values of both sides that a pair has columns for, by the names of these.
    pub(crate) fn rescued(&self) -> Vec<Rescued> {
        let of_side = |side: Side| {
            let columns = side.columns();
            let rescued = self.answer(side).map_or(&[][..], |answer| &answer.rescued);
            rescued.iter().filter_map(move |Rescued { column, json }| {
                let column = match (&**column, side) {
                    ("prediction", _) => columns.prediction,
                    ("score", _) => columns.score,
                    ("class_probabilities", _) => columns.class_probabilities,
                    // these are of the request, and those of the challenger would say the same
                    ("event_time", Side::Champion) => "event_time",
                    ("entity_id", Side::Champion) => "entity_id",
                    ("model_version", _) => columns.model_version,
                    _ => return None,
                };
                Some(Rescued { column: column.into(), json: json.clone() })
            })
        };
        Side::ALL.into_iter().flat_map(of_side).collect()
    }

    /// About how much memory it takes, in bytes.
    #[must_use]
    pub fn memory_size(&self) -> usize {
        let texts = |row: &Prediction| row.memory_size() - size_of::<Prediction>();
        size_of::<Self>() + texts(&self.champion) + self.challenger.as_ref().map_or(0, texts)
    }
}

/// Pairs of one model and one challenger, written by one process.
#[derive(Clone, Debug)]
pub struct PairBatch {
    /// The model, as which both answer.
    pub spec: Arc<ModelSpec>,
    /// What the challenger is called.
    pub challenger: ModelName,
    /// Who wrote them.
    pub writer_id: WriterId,
    /// Host or pod of that process.
    pub serving_node: Arc<str>,
    /// The pairs.
    pub rows: Vec<Pair>,
}

impl PairBatch {
    /// A batch without rows.
    #[must_use]
    pub fn new(
        spec: Arc<ModelSpec>,
        challenger: ModelName,
        writer_id: WriterId,
        serving_node: Arc<str>,
    ) -> Self {
        Self { spec, challenger, writer_id, serving_node, rows: Vec::new() }
    }
}
